#!/usr/bin/env python3
"""Puts what `tests/oauth/authorization_server.py` needs into target/oauth: the packages of requirements.txt, by their
checksums. pip fetches them, from wherever pip is configured to look; what is there already is not fetched again.

    make oauth-server
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
WANTED = HERE / "requirements.txt"
FOLDER = HERE.parent.parent / "target" / "oauth"
PACKAGES = FOLDER / "packages"
STAMP = FOLDER / "stamp"


def main():
    if STAMP.is_file() and STAMP.read_text() == stamp():
        say("the packages are there already")
        return
    if sys.version_info < (3, 11):
        fail(f"expected Python 3.11 or later, this is {sys.version.split()[0]}: put a later python3 first in PATH")
    fetch()


def fetch():
    FOLDER.mkdir(parents=True, exist_ok=True)
    say("fetching Authlib, Flask and what they need, 10 MB")
    draft = FOLDER / f"packages.{os.getpid()}"
    command = [*find_pip(), "install", "--quiet", "--disable-pip-version-check", "--no-warn-conflicts"]
    command += ["--require-hashes", "--only-binary", ":all:", "--no-deps", "--target", draft, "-r", WANTED]
    if subprocess.run(command, check=False, env=environment()).returncode != 0:
        shutil.rmtree(draft, ignore_errors=True)
        fail("pip could not install them, see above: expected a network, or an index that has them (pip config)")
    STAMP.unlink(missing_ok=True)
    shutil.rmtree(PACKAGES, ignore_errors=True)
    draft.replace(PACKAGES)
    STAMP.write_text(stamp())
    say("the packages are in target/oauth/packages")


def environment():
    """Root may run this, on a machine of its own."""
    return {**os.environ, "PIP_ROOT_USER_ACTION": "ignore", "PIP_BREAK_SYSTEM_PACKAGES": "1"}


def stamp():
    """What was asked for, and by which Python: compiled packages fit one alone."""
    return f"{hashlib.sha256(WANTED.read_bytes()).hexdigest()} {sys.version_info.major}.{sys.version_info.minor}\n"


def find_pip():
    """pip as a module of this Python, or in an environment made for it."""
    if succeeds([sys.executable, "-m", "pip", "--version"]):
        return [sys.executable, "-m", "pip"]
    home = FOLDER / "pip"
    inside = home / "bin" / "python"
    if succeeds([inside, "-m", "pip", "--version"]) or succeeds([sys.executable, "-m", "venv", home]):
        return [inside, "-m", "pip"]
    shutil.rmtree(home, ignore_errors=True)
    return fail(f"expected pip for {sys.executable}, found none: install it (Debian: apt-get install python3-pip)")


def succeeds(command):
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def say(line):
    print(f"oauth-server: {line}", flush=True)


def fail(line):
    raise SystemExit(f"oauth-server: {line}")


if __name__ == "__main__":
    main()
