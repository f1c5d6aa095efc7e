#!/usr/bin/env python3
"""Puts what `tests/oauth/authorization_server.py` needs into target/oauth: the packages of requirements.txt.

make oauth-server
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "python"))

from packages import Wanted  # noqa: E402: it is in a folder of its own

if __name__ == "__main__":
    Wanted("oauth-server", "oauth", HERE / "requirements.txt", "Authlib, Flask and what they need, 10 MB").install()
