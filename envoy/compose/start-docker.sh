#!/bin/sh
# Makes a Docker engine answer, where none does.
#
# Prints nothing but the process id of the engine it started (nothing at all if one answered already),
# so that the caller can stop exactly that one: kill "$(envoy/compose/start-docker.sh)".
# Progress and faults go to standard error. Log: $DOCKERD_LOG, by default /tmp/portcullis-dockerd.log.
set -eu

say() { echo "start-docker: $*" >&2; }
answers() { docker info >/dev/null 2>&1; }
has_compose() { docker compose version >/dev/null 2>&1 || command -v docker-compose >/dev/null 2>&1; }

log=${DOCKERD_LOG:-/tmp/portcullis-dockerd.log}

if ! command -v dockerd >/dev/null 2>&1 || ! command -v docker >/dev/null 2>&1 || ! has_compose; then
    if answers && has_compose; then
        say "an engine answers already"
        exit 0
    fi
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        say "docker, dockerd or compose is missing and only root on Debian can install it here:"
        say "  apt-get install docker.io docker-compose"
        exit 1
    fi
    say "installing docker.io and docker-compose"
    DEBIAN_FRONTEND=noninteractive
    export DEBIAN_FRONTEND
    { apt-get update && apt-get install --yes --no-install-recommends docker.io docker-compose iptables; } >"$log" 2>&1 ||
        { tail -n 20 "$log" >&2; say "apt-get failed, see $log"; exit 1; }
fi

if answers; then
    say "an engine answers already"
    exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
    say "no engine answers (DOCKER_HOST=${DOCKER_HOST:-default}), and only root can start one"
    exit 1
fi

say "starting dockerd, log in $log"
nohup dockerd >"$log" 2>&1 </dev/null &
pid=$!

tries=0
until answers; do
    tries=$((tries + 1))
    if ! kill -0 "$pid" 2>/dev/null || [ "$tries" -gt 60 ]; then
        kill "$pid" 2>/dev/null || true
        tail -n 20 "$log" >&2
        say "dockerd does not answer within 30 s, see $log"
        exit 1
    fi
    sleep 0.5
done
say "dockerd answers"
echo "$pid"
