#!/usr/bin/env python3
"""Sees to it that there are the programs that tests and containers need: on PATH, else under target, out of Debian's and
Ubuntu's packages.

    make redis

apt-get downloads packages and checks their signatures; nothing is installed, no service is started, and root is not
needed: the lists of packages are fetched to a folder of ours and thrown away.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Program:
    """A program and the packages it comes in, to target/<name>/<binary>. A release older than `oldest` is none."""

    def __init__(self, name, binary, packages, oldest, why):
        self.name = name
        self.packages = packages
        self.oldest = oldest
        self.why = why  # what needs one that is so new
        self.folder = ROOT / "target" / name
        self.program = binary
        self.binary = self.folder / binary

    def provide(self):
        """The one that was fetched, else the one on PATH, else it is fetched."""
        on_path = shutil.which(self.program)
        if self.binary.is_file() and self.version(self.binary):
            self.say(f"{self.binary.relative_to(ROOT)} is there already ({self.version(self.binary)})")
        elif on_path and self.is_new_enough(self.version(on_path)):
            self.say(f"{on_path} is there ({self.version(on_path)})")
        elif shutil.which("apt-get") and shutil.which("dpkg-deb"):
            self.fetch()
        else:
            self.fail(f"expected release {self.oldest} or later ({self.why}): install {self.program}, there is no apt-get here to fetch it")

    def found(self):
        """Where it is, once it was provided."""
        return self.binary if self.binary.is_file() else Path(shutil.which(self.program) or self.binary)

    def fetch(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="fetch-", dir=self.folder) as scratch:
            self.say(f"fetching {', '.join(self.packages)}, and the lists of packages")
            files = Path(scratch) / "files"
            for package in self.download(Path(scratch)):
                self.run(["dpkg-deb", "--extract", package, files], f"could not unpack {package.name}")
            shutil.rmtree(self.folder / "files", ignore_errors=True)
            files.replace(self.folder / "files")
        self.write_wrapper()
        found = self.version(self.binary)
        if not self.is_new_enough(found):
            self.binary.unlink()
            self.fail(f"what apt-get brought does not run or is older than {self.oldest} ({found}): install {self.program} yourself")
        self.say(f"{self.binary.relative_to(ROOT)} is ready ({found})")

    def download(self, scratch):
        """The packages, by lists and caches of our own: the machine's may be empty, and only root may renew them."""
        for folder in ["state/lists/partial", "cache/archives/partial", "packages"]:
            (scratch / folder).mkdir(parents=True)
        options = ["-o", f"Dir::State={scratch}/state", "-o", f"Dir::Cache={scratch}/cache", "-o", "APT::Sandbox::User="]
        command = ["apt-get", "-qq", *options]
        why = f"apt-get could not fetch it, see above: expected a network and a Debian or Ubuntu mirror; or install {self.program}"
        self.run([*command, "update"], why)
        self.run([*command, "download", *self.packages], why, cwd=scratch / "packages")
        return sorted((scratch / "packages").glob("*.deb"))

    def write_wrapper(self):
        """Becomes the program, under the same process id, with the libraries that came along."""
        program = self.folder / "files" / "usr" / "bin" / self.program
        draft = self.folder / f"{self.program}.{os.getpid()}"
        draft.write_text(f'#!/bin/sh\nLD_LIBRARY_PATH="{":".join(self.libraries())}" exec "{program}" "$@"\n')
        draft.chmod(0o755)
        draft.replace(self.binary)

    def libraries(self):
        """The folders of libraries that came along."""
        return sorted({str(file.parent) for file in (self.folder / "files" / "usr" / "lib").glob("*/*.so.*")})

    def version(self, binary):
        """`7.0.15`, out of `Redis server v=7.0.15 sha=…` or `prometheus, version 2.42.0…`; nothing when it does not run."""
        try:
            told = subprocess.run([binary, "--version"], capture_output=True, text=True, timeout=30, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return None
        found = re.search(r"\b(?:v=|version )(\d[^\s,]*)", told.stdout + told.stderr)
        return found.group(1) if told.returncode == 0 and found else None

    def is_new_enough(self, found):
        return found is not None and int(found.split(".")[0]) >= self.oldest

    def run(self, command, why, cwd=None):
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            print(done.stdout + done.stderr, end="", flush=True)
            self.fail(why)

    def say(self, line):
        print(f"{self.name}: {line}", flush=True)

    def fail(self, line):
        raise SystemExit(f"{self.name}: {line}")


REDIS = Program(
    "redis",
    "redis-server",
    ["redis-server", "redis-tools", "libatomic1", "libjemalloc2", "liblzf1"],
    7,
    "limitador's scripts say EXPIRE … NX",
)
PROMETHEUS = Program("prometheus", "prometheus", ["prometheus"], 2, "its API is v1")

if __name__ == "__main__":
    known = {program.name: program for program in (REDIS, PROMETHEUS)}
    try:
        for name in sys.argv[1:]:
            known[name].provide()
    except KeyError as name:
        raise SystemExit(f"{name}: expected one of {', '.join(known)}") from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
