"""Puts packages of a requirements.txt into a folder under target, by their checksums. pip fetches them, from wherever
pip is configured to look; what is there already is not fetched again. Tests that drive programs of others use it."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

TARGET = Path(__file__).resolve().parents[2] / "target"


class Wanted:
    """Packages that a purpose needs: `name` begins each line that is printed, `what` is what is fetched."""

    def __init__(self, name, folder, requirements, what):
        self.name = name
        self.folder = TARGET / folder
        self.requirements = requirements
        self.what = what
        self.packages = self.folder / "packages"
        self.stamp_file = self.folder / "stamp"

    def install(self):
        if self.stamp_file.is_file() and self.stamp_file.read_text() == self.stamp():
            self.say("the packages are there already")
            return
        if sys.version_info < (3, 11):
            self.fail(
                f"expected Python 3.11 or later, this is {sys.version.split()[0]}: put a later python3 first in PATH"
            )
        self.fetch()

    def fetch(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self.say(f"fetching {self.what}")
        draft = self.folder / f"packages.{os.getpid()}"
        command = [*self.find_pip(), "install", "--quiet", "--disable-pip-version-check", "--no-warn-conflicts"]
        command += [
            "--require-hashes",
            "--only-binary",
            ":all:",
            "--no-deps",
            "--target",
            draft,
            "-r",
            self.requirements,
        ]
        if subprocess.run(command, check=False, env=environment()).returncode != 0:
            shutil.rmtree(draft, ignore_errors=True)
            self.fail(
                "pip could not install them, see above: expected a network, or an index that has them (pip config)"
            )
        self.stamp_file.unlink(missing_ok=True)
        shutil.rmtree(self.packages, ignore_errors=True)
        draft.replace(self.packages)
        self.stamp_file.write_text(self.stamp())
        self.say(f"the packages are in {self.packages.relative_to(TARGET.parent)}")

    def stamp(self):
        """What was asked for, and by which Python: compiled packages fit one alone."""
        asked = hashlib.sha256(self.requirements.read_bytes()).hexdigest()
        return f"{asked} {sys.version_info.major}.{sys.version_info.minor}\n"

    def find_pip(self):
        """pip as a module of this Python, or in an environment made for it."""
        if succeeds([sys.executable, "-m", "pip", "--version"]):
            return [sys.executable, "-m", "pip"]
        home = self.folder / "pip"
        inside = home / "bin" / "python"
        if succeeds([inside, "-m", "pip", "--version"]) or succeeds([sys.executable, "-m", "venv", home]):
            return [inside, "-m", "pip"]
        shutil.rmtree(home, ignore_errors=True)
        return self.fail(
            f"expected pip for {sys.executable}, found none: install it (Debian: apt-get install python3-pip)"
        )

    def say(self, line):
        print(f"{self.name}: {line}", flush=True)

    def fail(self, line):
        raise SystemExit(f"{self.name}: {line}")


def environment():
    """Root may run this, on a machine of its own."""
    return {**os.environ, "PIP_ROOT_USER_ACTION": "ignore", "PIP_BREAK_SYSTEM_PACKAGES": "1"}


def succeeds(command):
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False
