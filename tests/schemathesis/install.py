#!/usr/bin/env python3
"""Puts what tests/schemathesis.rs needs into target/schemathesis: the packages of requirements.txt."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "python"))

from packages import Wanted  # noqa: E402: it is in a folder of its own

if __name__ == "__main__":
    Wanted("schemathesis", "schemathesis", HERE / "requirements.txt", "schemathesis and what it needs, 40 MB").install()
