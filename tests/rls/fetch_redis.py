#!/usr/bin/env python3
"""Sees to it that there is a Redis for the tests that count in one: `redis-server` on PATH if it is 7 or later, else
target/redis/redis-server.

    make redis

Debian's and Ubuntu's packages have it. apt-get downloads them and checks their signatures; nothing is installed, no
service is started, and root is not needed: the lists of packages are fetched to a folder of ours and thrown away.
"""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

PACKAGES = ["redis-server", "redis-tools", "libatomic1", "libjemalloc2", "liblzf1"]
OLDEST = 7  # limitador's scripts say EXPIRE … NX

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "target" / "redis"
BINARY = FOLDER / "redis-server"


def main():
    on_path = shutil.which("redis-server")
    if BINARY.is_file() and version(BINARY):
        say(f"{BINARY.relative_to(ROOT)} is there already ({version(BINARY)})")
    elif on_path and is_new_enough(version(on_path)):
        say(f"{on_path} is there ({version(on_path)})")
    elif shutil.which("apt-get") and shutil.which("dpkg-deb"):
        fetch()
    else:
        fail(f"expected Redis {OLDEST} or later: install redis-server, there is no apt-get here to fetch it")


def fetch():
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fetch-", dir=FOLDER) as scratch:
        say(f"fetching {', '.join(PACKAGES)}, 2 MB, and the lists of packages")
        packages = download(Path(scratch))
        files = Path(scratch) / "files"
        for package in packages:
            run(["dpkg-deb", "--extract", package, files], f"could not unpack {package.name}")
        shutil.rmtree(FOLDER / "files", ignore_errors=True)
        files.replace(FOLDER / "files")
    write_wrapper()
    found = version(BINARY)
    if not is_new_enough(found):
        BINARY.unlink()
        fail(f"what apt-get brought does not run or is older than {OLDEST} ({found}): install redis-server yourself")
    say(f"{BINARY.relative_to(ROOT)} is ready ({found})")


def download(scratch):
    """The packages, by lists and caches of our own: the machine's may be empty, and only root may renew them."""
    for folder in ["state/lists/partial", "cache/archives/partial", "packages"]:
        (scratch / folder).mkdir(parents=True)
    options = ["-o", f"Dir::State={scratch}/state", "-o", f"Dir::Cache={scratch}/cache", "-o", "APT::Sandbox::User="]
    command = ["apt-get", "-qq", *options]
    why = "apt-get could not fetch Redis, see above: expected a network and a Debian or Ubuntu mirror; or install redis-server"
    run([*command, "update"], why)
    run([*command, "download", *PACKAGES], why, cwd=scratch / "packages")
    return sorted((scratch / "packages").glob("*.deb"))


def write_wrapper():
    """Becomes the server, under the same process id, with the libraries that came along."""
    libraries = sorted({str(file.parent) for file in (FOLDER / "files" / "usr" / "lib").glob("*/*.so.*")})
    server = FOLDER / "files" / "usr" / "bin" / "redis-server"
    draft = FOLDER / f"redis-server.{os.getpid()}"
    draft.write_text(f'#!/bin/sh\nLD_LIBRARY_PATH="{":".join(libraries)}" exec "{server}" "$@"\n')
    draft.chmod(0o755)
    draft.replace(BINARY)


def version(binary):
    """`7.0.15`, out of `Redis server v=7.0.15 sha=…`; nothing when it does not run."""
    try:
        told = subprocess.run([binary, "--version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"\bv=(\S+)", told.stdout)
    return found.group(1) if told.returncode == 0 and found else None


def is_new_enough(found):
    return found is not None and int(found.split(".")[0]) >= OLDEST


def run(command, why, cwd=None):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(done.stdout + done.stderr, end="", flush=True)
        fail(why)


def say(line):
    print(f"redis: {line}", flush=True)


def fail(line):
    raise SystemExit(f"redis: {line}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
