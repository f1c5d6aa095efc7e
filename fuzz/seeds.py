#!/usr/bin/env python3
"""Seeds for the fuzz targets, from what SDKs sent and were answered: fuzz/corpus/<dialect>/.

    fuzz/seeds.py

Each is four bytes that say what follows (../benches/input), and the body. The smallest of a dialect are taken, so that the
corpus stays small; what the fuzzer finds beside them is kept after `cargo fuzz cmin`.
"""

import base64
import hashlib
import json
from pathlib import Path

HERE = Path(__file__).resolve().parent
FIXTURES = HERE.parent / "tests" / "fixtures" / "ai"
MOST = 24
STREAMS = {"text/event-stream": 2, "application/x-ndjson": 3, "application/vnd.amazon.eventstream": 5}


def main():
    for folder in sorted(FIXTURES.iterdir()):
        seeds = {seed for file in sorted(folder.rglob("*.json")) for seed in of_fixture(json.loads(file.read_text()))}
        kept = sorted(seeds, key=lambda seed: (len(seed), seed))[:MOST]
        write(HERE / "corpus" / folder.name, kept)
        print(f"{folder.name}: {len(kept)} of {len(seeds)}")


def of_fixture(fixture):
    kind = fixture.get("response_headers", {}).get("content-type", "").partition(";")[0]
    which = number(fixture["method"], fixture["path"].partition("?")[0]).to_bytes(2, "big")
    yield which + bytes([0, 0]) + body(fixture.get("request"))
    yield which + bytes([STREAMS.get(kind, 1), 7]) + body(fixture.get("response"))


def number(method, path):
    """An endpoint's; of a path that names a model it is none's, and means the next."""
    value = 0x811C9DC5
    for byte in f"{method} {path}".encode():
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value >> 16 ^ value & 0xFFFF


def body(value):
    return base64.b64decode(value["base64"]) if isinstance(value, dict) else (value or "").encode()


def write(folder, seeds):
    folder.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        (folder / hashlib.sha1(seed).hexdigest()).write_bytes(seed)


if __name__ == "__main__":
    main()
