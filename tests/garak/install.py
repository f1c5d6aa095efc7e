#!/usr/bin/env python3
"""Puts garak and what its probes need into target/garak: the packages of requirements.txt."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "python"))

from packages import Wanted  # noqa: E402: it is in a folder of its own

WANTED = Wanted("garak", "garak", HERE / "requirements.txt", "garak and what its probes need, 50 MB")

if __name__ == "__main__":
    WANTED.install()
