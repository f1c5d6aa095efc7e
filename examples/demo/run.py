#!/usr/bin/env python3
"""A real Envoy with Portcullis, in front of a demo model server, until Ctrl-C.

    make run                # builds what is missing, starts, prints eight calls to try
    make run PORT=10001     # listens there instead of on 10000; PORT=0 takes a free port
    make run CHECK=1        # makes the calls itself and fails if an answer is not as promised
    make run FILTER=authn   # one filter instead of all five

Envoy runs with envoy/gateway.yaml, or envoy/authn.yaml and so on. Its ports are replaced, and the hash of the example key by
that of a random key which is made at every start, printed, and written nowhere. What stands between `# make run: not` and
`# make run: on` (TLS) is left out. Only what was started here is stopped.
"""

import argparse
import http.client
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import model_server
import render
from calls import Fault, Gateway, check, printed, three_calls, tour

ROOT = Path(__file__).resolve().parents[2]
GATEWAY = "gateway"
PATIENCE = 120  # seconds until Envoy must answer: it compiles the modules first
LAST_LINES = 15


def main():
    options = read_options()
    config = ROOT / "envoy" / f"{options.filter}.yaml"
    if not config.is_file():
        raise Fault(f"FILTER={options.filter}: expected a filter with a configuration of its own: {known_filters()}")
    check_port(options.port)
    if not options.no_build:
        build(modules_in(config.read_text()))
    key = "pk-" + secrets.token_urlsafe(24)
    server = model_server.start()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory(prefix="portcullis-run-") as folder:
        written = rendered(config.read_text(), key, options.port, server.server_address[1], Path(folder))
        print("starting Envoy, which compiles the modules first", flush=True)
        with Envoy(written, Path(folder), quiet=options.check) as envoy:
            calls = tour(key) if options.filter == GATEWAY else three_calls(key)
            if options.check:
                check(calls, Gateway(envoy.address))
            else:
                introduce(calls, envoy, options.filter)
                envoy.wait()


def read_options():
    options = argparse.ArgumentParser(description="Envoy with Portcullis, and a demo model server.")
    options.add_argument("--filter", default=GATEWAY, help=f"which filter alone (default: {GATEWAY}, all of them)")
    options.add_argument("--port", type=int, default=10000, help="where Envoy listens on 127.0.0.1; 0: a free port")
    options.add_argument("--check", action="store_true", help="make the calls and compare the answers")
    options.add_argument("--no-build", action="store_true", help="the module and Envoy are there already")
    return options.parse_args()


def known_filters():
    filters = sorted(path.name for path in (ROOT / "filters").iterdir() if path.is_dir())
    return ", ".join(name for name in filters if (ROOT / "envoy" / f"{name}.yaml").is_file())


def check_port(port):
    """Envoys share a port with each other silently, so this asks first."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            raise Fault(f"127.0.0.1:{port} cannot be listened on ({error}): choose another port, make run PORT=10001") from None


def modules_in(text):
    """The filters that a configuration loads."""
    return sorted(set(re.findall(r"filename: target/wasm/([a-z-]+)\.wasm", text)))


def build(names):
    """The Makefile knows how; what is there already is not made again."""
    targets = ["wasm", f"FILTER={' '.join(names)}"] + ([] if os.environ.get("ENVOY") else ["envoy"])
    environment = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS")}
    command = ["make", "--no-print-directory", "--directory", str(ROOT), *targets]
    if subprocess.run(command, env=environment, check=False).returncode != 0:
        raise Fault("the build failed, see above")


def rendered(text, key, port, model_port, folder):
    """The published configuration with this start's ports, key and files."""
    text = render.on_loopback(render.without_tls(text), port, model_port)
    return render.with_secrets_in(render.with_key(text, key), folder)


class Envoy:
    """A running Envoy. Leaving the `with` stops it."""

    def __init__(self, config, folder, quiet):
        self.binary = os.environ.get("ENVOY") or str(ROOT / "target" / "envoy" / "envoy")
        self.log = folder / "envoy.log"
        self.admin_file = folder / "admin"
        self.config = folder / "envoy.yaml"
        self.config.write_text(config)
        self.quiet = quiet
        self.address = None
        self.admin = None
        self.process = None

    def __enter__(self):
        command = [self.binary, "-c", self.config, "--log-path", self.log, "--admin-address-path", self.admin_file]
        command += ["--disable-hot-restart", "--concurrency", "2", "--file-flush-interval-msec", "100"]
        try:
            # A session of its own: Ctrl-C comes to us alone, and we stop it. From the root, where target/wasm is.
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL if self.quiet else None,
            )
        except OSError as error:
            raise Fault(f"{self.binary} does not start: {error} (run `make envoy`)") from None
        try:
            self.wait_until_serving()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def wait_until_serving(self):
        deadline = time.monotonic() + PATIENCE
        while not self.serves():
            if self.process.poll() is not None:
                raise Fault(f"Envoy ended while it started:\n{self.last_lines()}")
            if time.monotonic() > deadline:
                raise Fault(f"Envoy did not answer within {PATIENCE} s:\n{self.last_lines()}")
            time.sleep(0.05)

    def serves(self):
        """Whether it is ready and takes connections. No request is sent: it would stand in the access log."""
        try:
            self.admin = self.admin or self.admin_file.read_text().strip() or None
            if not self.admin or Gateway(self.admin).ask("GET", "/ready").status != 200:
                return False
            self.address = self.address or self.listener()
            return bool(self.address) and connects(self.address)
        except (OSError, http.client.HTTPException, ValueError):
            return False

    def listener(self):
        listeners = json.loads(Gateway(self.admin).ask("GET", "/listeners?format=json").text)["listener_statuses"]
        addresses = [listener["local_address"]["socket_address"] for listener in listeners]
        return next((f"{at['address']}:{at['port_value']}" for at in addresses), None)

    def version(self):
        return json.loads(Gateway(self.admin).ask("GET", "/server_info").text)["version"].split("/")[1]

    def wait(self):
        code = self.process.wait()
        raise Fault(f"Envoy ended with {code}:\n{self.last_lines()}")

    def stop(self):
        # A second Ctrl-C would leave Envoy behind.
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, signal.SIG_IGN)
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def last_lines(self):
        """The last of what went wrong; if nothing says so, the last of everything."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.is_file() else []
        wrong = [line for line in lines if any(f"[{level}]" in line for level in ("error", "critical"))]
        return "\n".join("    " + line[:300] for line in (wrong or lines)[-LAST_LINES:])


def introduce(calls, envoy, name):
    who = "All five filters decide" if name == GATEWAY else f"The filter {name} decides"
    print(f"\nEnvoy {envoy.version()} listens on {envoy.address}. {who}; a demo model server answers.\n")
    print(printed(calls, Gateway(envoy.address)), end="")
    print(f"Metrics: http://{envoy.admin}/stats/prometheus   Envoy's log: {envoy.log}")
    print("Ctrl-C stops everything. Each call's line of the access log appears here:", flush=True)


def connects(address):
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=1):
        return True


def on_terminate(*_):
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, on_terminate)
    try:
        main()
    except KeyboardInterrupt:
        print("\nstopped")
    except Fault as fault:
        sys.exit(f"run: {fault}")
