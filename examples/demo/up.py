#!/usr/bin/env python3
"""The gateway in containers, with a demo model server, an OAuth 2.0 server, Redis and Prometheus.

    make up             # builds what is missing, starts, prints what to try
    make up CHECK=1     # makes the calls itself and fails if an answer is not as promised
    make down           # ends it

Envoy runs with envoy/gateway.yaml: TLS on either side, certificates of an authority that is made for this, in target/compose.
Changed are the example key, for a random one; who signs tokens, whose keys are discovered; and who counts calls, which is a
Rate Limit Service with a Redis. Images are those of envoy/docker-compose.yaml; what no registry gives is built from what is on
this machine (`make image`).
"""

import argparse
import base64
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
import urllib.parse
from pathlib import Path

import render
from calls import COMPLETIONS, Call, Fault, Gateway, check, printed, tour

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "envoy" / "compose"))

import images  # noqa: E402: it is in a folder of its own

FOLDER = ROOT / "target" / "compose"
COMPOSE = ROOT / "envoy" / "docker-compose.yaml"
NOBODY = 65534
PATIENCE = 60  # seconds until the gateway must answer: Envoy compiles the modules first
CROWD = 150  # more calls than the service grants in a minute
PULL = 120  # seconds that a registry may take
PORTS = {"PORT": "8443", "IDP_PORT": "8444", "PROMETHEUS_PORT": "9090"}
# By variable: what it is without one, and which of our images does the same. Without a first, ours it is.
IMAGES = {
    "ENVOY_IMAGE": ("envoyproxy/envoy:v1.40.0", "envoy"),
    "REDIS_IMAGE": ("redis:8-alpine", "redis"),
    "PROMETHEUS_IMAGE": ("prom/prometheus:v3.5.0", "prometheus"),
    "DEMO_IMAGE": (None, "demo"),
    "RATELIMIT_IMAGE": (None, "ratelimit"),
}


def main():
    options = argparse.ArgumentParser(description="The gateway in containers.")
    options.add_argument("--check", action="store_true", help="make the calls and compare the answers")
    options.add_argument("--down", action="store_true", help="end it, and the engine if it was started for it")
    given = options.parse_args()
    if given.down:
        down()
    else:
        up(given.check)


def up(is_checked):
    engine = start_engine()
    key = "pk-" + secrets.token_urlsafe(24)
    FOLDER.mkdir(parents=True, exist_ok=True)
    remember(engine)
    write_files(key)
    settings = {**PORTS, **{name: os.environ[name] for name in PORTS if name in os.environ}}
    settings |= {variable: chosen(variable) for variable in IMAGES} | {"PORTCULLIS_USER": owner()}
    (FOLDER / "env").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    print("starting the containers", flush=True)
    compose("up", "--detach", "--remove-orphans", "--force-recreate")  # what is mounted is new
    authority = shown(FOLDER / "tls" / "providers-ca.crt")
    gateway = Gateway(f"localhost:{settings['PORT']}", authority)
    idp = Gateway(f"localhost:{settings['IDP_PORT']}", authority)
    prometheus = Gateway(f"localhost:{settings['PROMETHEUS_PORT']}")
    until("the gateway answers", lambda: answers(gateway, "/healthz"))
    until("the authorization server answers", lambda: answers(idp, "/jwks"))
    with_token = by_token(token(idp))
    until("the gateway has the keys of the authorization server", lambda: with_token.faults(gateway))
    if is_checked:
        *calls, crowd = tour(key, CROWD)
        check([*calls, with_token, crowd], gateway)
        check_what_stands_around(prometheus, settings["DEMO_IMAGE"])
    else:
        introduce(key, gateway, idp, prometheus)


def down():
    if not FOLDER.is_dir():
        print("nothing is up")
        return
    if (FOLDER / "env").is_file():
        compose("down", "--volumes", "--remove-orphans")
    stop_engine()  # also where `make up` came no further
    shutil.rmtree(FOLDER)


def stop_engine():
    """The engine that was started for this, if it still runs: its number may be somebody else's by now."""
    remembered = FOLDER / "dockerd.pid"
    pid = remembered.read_text() if remembered.is_file() else ""
    name = Path("/proc") / pid / "comm"
    if pid and name.is_file() and name.read_text().strip() == "dockerd":
        subprocess.run(["kill", pid], check=False)


def start_engine():
    """The process id of the engine that was started because none answered, else nothing."""
    done = subprocess.run([ROOT / "envoy" / "compose" / "start-docker.sh"], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise Fault("no Docker engine answers, see above")
    return done.stdout.strip()


def remember(engine):
    if engine:
        (FOLDER / "dockerd.pid").write_text(engine)


# What is mounted.


def write_files(key):
    subprocess.run(["cargo", "run", "-q", "-p", "portcullis-harness", "--bin", "gateway-files", FOLDER], cwd=ROOT, check=True)
    text = render.with_key((ROOT / "envoy" / "gateway.yaml").read_text(), key)
    for place, new in changes():
        text = render.replace(text, place, lambda _, new=new: new)
    (FOLDER / "envoy.yaml").write_text(text)
    if os.getuid() == 0:
        for path in [FOLDER, *FOLDER.rglob("*")]:
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)


def changes():
    """What the reference says, and what stands there in its place."""
    discovery = {"clusters": {"idp.example": "idp"}, "fetch": {"refresh": "60s"}}
    backend = {"rls": {"cluster": "ratelimit", "on_unavailable": "local"}}
    clusters = (ROOT / "envoy" / "compose" / "clusters.yaml").read_text()
    return [
        (r'"jwks_inline": (?s:.*?)\n {26}\}', f'"oidc_discovery": {json.dumps(discovery)}'),
        (r'"algorithms": \["ES256"\]', '"algorithms": ["RS256"]'),
        (r'"name": "callers",\n', f'"name": "callers",\n                      "backend": {json.dumps(backend)},\n'),
        (r"(?m)^  clusters:\n", f"  clusters:\n{clusters}"),
    ]


def owner():
    """Who may read what is mounted: whoever runs this, or nobody in root's place."""
    return f"{NOBODY}:{NOBODY}" if os.getuid() == 0 else f"{os.getuid()}:{os.getgid()}"


# Images.


def chosen(variable):
    """The image that the operator names; else the usual one, if it is here or a registry has it; else ours."""
    usual, ours = IMAGES[variable]
    named = os.environ.get(variable)
    if named:
        return named
    if usual and (is_here(usual) or is_pulled(usual)):
        return usual
    return images.build(ours)


def is_here(image):
    return subprocess.run(["docker", "image", "inspect", image], capture_output=True, check=False).returncode == 0


def is_pulled(image):
    print(f"pulling {image}", flush=True)
    try:
        done = subprocess.run(["docker", "pull", "--quiet", image], capture_output=True, text=True, timeout=PULL, check=False)
    except subprocess.TimeoutExpired:
        print(f"no answer within {PULL} s; it is built from what is here", flush=True)
        return False
    if done.returncode != 0:
        print(f"{done.stderr.strip().splitlines()[-1]}; it is built from what is here", flush=True)
    return done.returncode == 0


# Containers.


def compose(*arguments):
    has_plugin = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode == 0
    command = ["docker", "compose"] if has_plugin else ["docker-compose"]
    command += ["--project-name", "portcullis", "--file", COMPOSE, "--env-file", FOLDER / "env", *arguments]
    if subprocess.run(command, check=False).returncode != 0:
        raise Fault(f"{' '.join(map(str, command))} failed, see above")


def until(what, faults):
    """Waits until nothing is said against it."""
    deadline = time.monotonic() + PATIENCE
    while told := said(faults):
        if time.monotonic() > deadline:
            compose("logs", "--tail", "5")
            raise Fault(f"waited {PATIENCE} s until {what}; what the containers said last stands above; last: {told}")
        time.sleep(0.2)


def said(faults):
    try:
        return "; ".join(faults())
    except OSError as error:
        return str(error)  # it does not listen yet


def answers(gateway, path):
    """What stands against that it does."""
    status = gateway.ask("GET", path).status
    return [] if status == 200 else [f"{path} is answered {status}"]


# What is tried.


def token(idp):
    """An access token of the tenant globex (RFC 6749 section 4.4)."""
    basic = base64.b64encode(b"globex:globex-secret").decode()
    form = urllib.parse.urlencode({"grant_type": "client_credentials", "scope": "chat"})
    headers = {"authorization": f"Basic {basic}", "content-type": "application/x-www-form-urlencoded"}
    return json.loads(idp.ask("POST", "/token", headers, form).text)["access_token"]


def by_token(bearer):
    body = {"model": "demo", "messages": [{"role": "user", "content": "Hello"}]}
    headers = {"authorization": f"Bearer {bearer}", "content-type": "application/json"}
    has = ['"content":"Demo: you said: Hello"']
    return Call("With a token of the authorization server", "POST", COMPLETIONS, 200, has, headers, body)


def check_what_stands_around(prometheus, image):
    query = "/api/v1/query?query=" + urllib.parse.quote('sum(portcullis_authn_requests_total{code="ok"})')
    uncounted = lambda: [] if json.loads(prometheus.ask("GET", query).text)["data"]["result"] else ["it has seen nothing"]
    until("Prometheus has seen what authn let pass", uncounted)
    print("Prometheus has seen what authn let pass: as promised", flush=True)
    keys = redis_keys(image)
    if not keys:
        raise Fault("Redis holds no counter: the Rate Limit Service was not asked")
    print(f"Redis holds {keys} counters: as promised", flush=True)


def redis_keys(image):
    """How many keys Redis has, asked by a Python beside it: it stands in a network without a way in."""
    asking = "import socket; s = socket.create_connection(('redis', 6379), 5); s.sendall(b'DBSIZE\\r\\n'); print(s.recv(64).decode())"
    done = subprocess.run(
        ["docker", "run", "--rm", "--network", "portcullis_back", image, "-c", asking],
        capture_output=True,
        text=True,
        check=False,
    )
    return int(done.stdout.strip().removeprefix(":") or 0) if done.returncode == 0 else 0


def introduce(key, gateway, idp, prometheus):
    print(f"\nEnvoy listens on {gateway.address}, with TLS. All five filters decide; a demo model server answers.\n")
    print(printed(tour(key, CROWD), gateway), end="")
    basic = f"{idp.curl()} -s -u globex:globex-secret -d grant_type=client_credentials {idp.url}/token"
    print(f"A token of the tenant globex, good for five minutes:\n   {basic}\n")
    print(f"Prometheus: {prometheus.url}   Envoy's lines: docker logs -f portcullis-envoy-1 (portcullis_envoy_1)")
    print("`make down` ends it.", flush=True)


def shown(path):
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except (Fault, images.Fault) as fault:
        sys.exit(f"up: {fault}")
    except subprocess.CalledProcessError as error:
        sys.exit(f"up: {' '.join(map(str, error.cmd))} ended with {error.returncode}, see above")
    except OSError as error:
        sys.exit(f"up: {error}")
