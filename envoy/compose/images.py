#!/usr/bin/env python3
"""Builds the images of envoy/docker-compose.yaml, and one for each filter, out of what is on this machine.

    make image                       # all of them
    make image ONLY="envoy redis"    # some

Each is FROM scratch: a program, the libraries that it names and nothing else, so that they also build where no registry
answers. The image of a filter is its module as /plugin.wasm, as Istio and Envoy Gateway pull it.
"""

import argparse
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "python"))

from debian import PROMETHEUS, REDIS  # noqa: E402: it is in a folder of its own

VERSION = re.search(r'(?m)^version = "(.+)"', (ROOT / "Cargo.toml").read_text()).group(1)
FILTERS = sorted(path.name for path in (ROOT / "filters").iterdir() if path.is_dir())
# What Python's library holds and a server needs nothing of.
NOT_NEEDED = ["site-packages", "dist-packages", "test", "idlelib", "tkinter", "ensurepip", "lib2to3", "config-*", "__pycache__"]
ENVOY_TAG = os.environ.get("IMAGE") or "portcullis-envoy:1.40.0"


class Fault(Exception):
    """Why an image cannot be built, in one sentence for who asked for it."""


class Image:
    """What will stand in an image: a folder that is staged, and what is run in it."""

    def __init__(self, folder):
        self.root = folder / "root"
        self.root.mkdir()
        self.lines = []

    def program(self, source, place, search=()):
        """A program and the libraries that it names; those of this project's folders go where every loader looks."""
        self.file(source, place, 0o755)
        for library in libraries(source, search):
            inside = f"/usr/lib/{library.name}" if library.is_relative_to(ROOT) else str(library)
            self.file(library, inside)

    def file(self, source, place, mode=0o644):
        target = self.root / place.lstrip("/")
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            target.chmod(mode if not os.access(source, os.X_OK) else 0o755)

    def tree(self, source, place, without=()):
        shutil.copytree(source, self.root / place.lstrip("/"), ignore=shutil.ignore_patterns(*without), dirs_exist_ok=True)

    def empty(self, place):
        folder = self.root / place.lstrip("/")
        folder.mkdir(parents=True)
        folder.chmod(0o1777)

    def run(self, *words):
        self.lines += ["USER 65534:65534", f"ENTRYPOINT [{', '.join(f'{chr(34)}{word}{chr(34)}' for word in words)}]"]

    def dockerfile(self):
        return "\n".join(["FROM scratch", "COPY root/ /", *self.lines, ""])


def libraries(program, search=()):
    """What the loader would load, itself included: `libm.so.6 => /lib/…/libm.so.6 (0x…)`, `/lib64/… (0x…)`."""
    environment = {**os.environ, "LD_LIBRARY_PATH": ":".join(search)} if search else os.environ
    told = subprocess.run(["ldd", program], capture_output=True, text=True, check=False, env=environment)
    return [Path(path) for path in re.findall(r"(?m)(?:=> |^\s+)(/\S+) \(0x", told.stdout)]


def envoy(image):
    """The pinned Envoy, or the one that ENVOY names."""
    binary = Path(os.environ.get("ENVOY") or ROOT / "target" / "envoy" / "envoy")
    if not os.access(binary, os.X_OK):
        raise Fault(f"{binary}: expected an executable file: run `make envoy`")
    image.program(binary, "/envoy")
    image.empty("/tmp")
    image.run("/envoy")


def redis(image):
    REDIS.provide()
    image.program(binary_of(REDIS), "/redis-server", REDIS.libraries())
    image.empty("/tmp")
    image.run("/redis-server")


def prometheus(image):
    PROMETHEUS.provide()
    image.program(binary_of(PROMETHEUS), "/prometheus", PROMETHEUS.libraries())
    image.empty("/tmp")
    image.run("/prometheus")


def ratelimit(image):
    """The Rate Limit Service of the tests."""
    make(["cargo", "build", "-q", "-p", "portcullis-rls", "--bin", "rls-server"])
    build = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target")
    image.program(build / "debug" / "rls-server", "/rls-server")
    image.run("/rls-server")


def demo(image):
    """The demo model server and the authorization server, with the Python that runs this."""
    make([sys.executable, ROOT / "tests" / "oauth" / "install.py"])
    python = Path(sys.executable).resolve()
    image.program(python, "/python/bin/python3")
    library = Path(sysconfig.get_path("stdlib"))
    image.tree(library, f"/python/lib/{library.name}", NOT_NEEDED)
    image.tree(ROOT / "target" / "oauth" / "packages", "/packages", ["__pycache__"])
    for extension in image.root.rglob("*.so"):
        for needed in libraries(extension):
            image.file(needed, str(needed))
    image.tree(ROOT / "examples" / "demo", "/demo", ["__pycache__"])
    image.file(ROOT / "tests" / "oauth" / "authorization_server.py", "/demo/authorization_server.py")
    image.empty("/tmp")
    image.lines.append("ENV PYTHONHOME=/python PYTHONPATH=/packages PYTHONUNBUFFERED=1")
    image.run("/python/bin/python3")


def module(name):
    """An image that holds a filter, and nothing that runs."""

    def stage(image):
        file = ROOT / "target" / "wasm" / f"{name}.wasm"
        if not file.is_file():
            raise Fault(f"{file.relative_to(ROOT)}: expected a module: run `make wasm`")
        image.file(file, "/plugin.wasm")

    return stage


# By name: what stages it, and what it is called.
IMAGES = {
    "envoy": (envoy, ENVOY_TAG),
    "redis": (redis, f"portcullis-redis:{VERSION}"),
    "prometheus": (prometheus, f"portcullis-prometheus:{VERSION}"),
    "ratelimit": (ratelimit, f"portcullis-ratelimit:{VERSION}"),
    "demo": (demo, f"portcullis-demo:{VERSION}"),
    **{name: (module(name), f"portcullis/{name}:{VERSION}") for name in FILTERS},
}


def binary_of(program):
    """Not the wrapper that finds libraries outside of an image."""
    inside = program.folder / "files" / "usr" / "bin" / program.program
    return inside if inside.is_file() else program.found()


def make(command):
    if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
        raise Fault(f"{' '.join(map(str, command))} failed, see above")


def build(name):
    """Builds an image, and says what it is called."""
    stage, tag = IMAGES[name]
    with tempfile.TemporaryDirectory(prefix="portcullis-image-") as folder:
        image = Image(Path(folder))
        stage(image)
        (Path(folder) / "Dockerfile").write_text(image.dockerfile())
        command = ["docker", "build", "--quiet", "--tag", tag, folder]
        environment = {**os.environ, "DOCKER_BUILDKIT": "0"}  # the other builder is a plugin, which Debian has not
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode != 0:
        raise Fault(f"docker build of {tag}: {done.stderr.strip()}")
    print(f"image: {tag}{told_of(name, tag)}", flush=True)
    return tag


def told_of(name, tag):
    """Of a filter the checksum that a WasmPlugin wants, of what can be pulled out of its image again."""
    if name not in FILTERS:
        return ""
    held = hashlib.sha256(pulled(tag, "/plugin.wasm")).hexdigest()
    built = hashlib.sha256((ROOT / "target" / "wasm" / f"{name}.wasm").read_bytes()).hexdigest()
    if held != built:
        raise Fault(f"{tag}: expected /plugin.wasm with SHA-256 {built}, found {held}")
    return f", /plugin.wasm with SHA-256 {held}"


def pulled(tag, place):
    """A file of an image, without running it."""
    container = output("docker", "create", tag, "-").decode().strip()
    try:
        with tarfile.open(fileobj=io.BytesIO(output("docker", "cp", f"{container}:{place}", "-"))) as archive:
            return archive.extractfile(place.lstrip("/")).read()
    finally:
        output("docker", "rm", container)


def output(*command):
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode != 0:
        raise Fault(f"{' '.join(command)}: {done.stderr.decode().strip()}")
    return done.stdout


def main():
    options = argparse.ArgumentParser(description="Images of what is on this machine.")
    options.add_argument("names", nargs="*", default=list(IMAGES), help=f"some of {', '.join(IMAGES)} (default: all)")
    for name in options.parse_args().names:
        if name not in IMAGES:
            raise Fault(f"{name}: expected one of {', '.join(IMAGES)}")
        build(name)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except (Fault, OSError) as fault:
        sys.exit(f"image: {fault}")
