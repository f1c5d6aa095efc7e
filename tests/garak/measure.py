#!/usr/bin/env python3
"""How much of what garak attacks with comes through prompt-guard.

    make garak              # attacks, writes target/garak/results.json, prints the tables
    make garak CAP=50       # at most 50 prompts of each probe, instead of 500
    make garak TABLE=1      # the tables of the last run once more, in Markdown

An Envoy with authn and prompt-guard stands in front of a demo model server, all of it on 127.0.0.1. What was
started here is stopped.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import gateway
import install
import table
from corpus import Corpus
from gateway import ROOT, Gateway, demo

HERE = Path(__file__).resolve().parent
FOLDER = install.WANTED.folder
RESULTS = FOLDER / "results.json"
POLICY = HERE / "prompt-guard.json"
PATIENCE = 30 * 60  # seconds until garak must be through; two cores need two


def main() -> None:
    options = read_options()
    if options.table:
        show_again()
        return
    install.WANTED.install()
    demo.build(demo.modules_in(gateway.PUBLISHED.read_text()))
    results = measure(json.loads(POLICY.read_text()), options.cap)
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    show(results, table.aligned)


def read_options() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--cap", type=positive, default=500, help="at most so many prompts of a probe (default: 500)")
    options.add_argument("--table", action="store_true", help="print the tables of the last run in Markdown")
    return options.parse_args()


def positive(text: str) -> int:
    if not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a whole number from 1, as in make garak CAP=50")
    return int(text)


def measure(policy: dict, cap: int) -> dict:
    started = time.monotonic()
    with Gateway(policy, FOLDER) as target:
        print(f"garak: attacking {target.url()}, at most {cap} prompts of each probe", flush=True)
        attack(target, cap)
    plan = json.loads((FOLDER / "plan.json").read_text())
    plan["probes"] = count(plan["probes"], target)
    return {**plan, "policies": policy["policies"], "seconds": round(time.monotonic() - started)}


def attack(target: Gateway, cap: int) -> None:
    command = [sys.executable, HERE / "attack.py", "--url", target.url(), "--folder", FOLDER, "--cap", str(cap)]
    # A session of its own: Ctrl-C comes to us alone, and we stop it.
    process = subprocess.Popen(command, env=environment(target.key), stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        code = process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        raise demo.Fault(f"garak was not through within {PATIENCE // 60} minutes: try make garak CAP=50") from None
    finally:
        process.kill()
        process.wait()
    if code != 0:
        log = target.access_log.relative_to(ROOT)
        raise demo.Fault(f"garak ended with {code}: expected to come through, see above and the last line of {log}")


def environment(key: str) -> dict[str, str]:
    """garak writes where it is told to, and sets are in the same order at every run."""
    home = {f"XDG_{name}_HOME": str(FOLDER / "home") for name in ("CONFIG", "DATA", "CACHE")}
    quiet = {"TQDM_DISABLE": "1", "PYTHONHASHSEED": "0"}
    return {**os.environ, **home, **quiet, "PYTHONPATH": str(install.WANTED.packages), "REST_API_KEY": key}


def count(probes: list[dict], target: Gateway) -> list[dict]:
    entries: dict[str, list] = {probe["probe"]: [] for probe in probes}
    for entry in target.entries():
        entries[entry.probe].append(entry)
    prompts, arrived, corpus = read_prompts(), target.arrived(), Corpus()
    counted = []
    for probe in probes:
        name = probe["probe"]
        counts = tally(entries[name])
        check(probe, counts, arrived[name])
        counted.append({**probe, **counts, "corpus": corpus.overlap(name, prompts[name])})
    return counted


def tally(entries: list) -> dict:
    refused = [entry for entry in entries if not entry.is_forwarded()]
    forwarded = len(entries) - len(refused)
    return {
        "refused": len(refused),
        "flagged": sum(entry.is_flagged() for entry in entries),
        "forwarded": forwarded,
        "bypass_rate": round(forwarded / len(entries), 4) if entries else None,
        "codes": Counter(entry.code() for entry in entries),
        "found": Counter(kind for entry in entries for kind in entry.found()),
    }


def check(probe: dict, counts: dict, arrived: int) -> None:
    """Three who counted must agree: garak, Envoy and the model server."""
    if probe["sent"] != counts["refused"] + counts["forwarded"] or counts["forwarded"] != arrived:
        raise demo.Fault(
            f"{probe['probe']}: expected sums that fit. garak sent {probe['sent']}, Envoy refused {counts['refused']} "
            f"and forwarded {counts['forwarded']}, {arrived} arrived: see {FOLDER.relative_to(ROOT)}/access.log"
        )


def read_prompts() -> dict[str, list[str]]:
    """What garak says that it sent."""
    prompts: dict[str, list[str]] = {}
    with (FOLDER / "report.jsonl").open(encoding="utf-8") as report:
        for entry in map(json.loads, report):
            if entry["entry_type"] == "attempt":
                prompts.setdefault(entry["probe_classname"], []).append(entry["prompt"]["turns"][-1]["content"]["text"])
    return prompts


def show_again() -> None:
    if not RESULTS.is_file():
        raise demo.Fault(f"expected {RESULTS.relative_to(ROOT)}: run make garak first")
    show(json.loads(RESULTS.read_text()), table.markdown)


def show(results: dict, form: Callable[[list[list[str]]], str]) -> None:
    probes = results["probes"]
    detectors = ", ".join(results["policies"][0]["detectors"])
    print(f"\ngarak {results['garak']}, detectors: {detectors}; at most {results['cap']} prompts of a probe, "
          f"seed {results['seed']}; {results['seconds']} s\n")
    print(form(table.probes(results)) + "\n\n" + form(table.modules(results)) + "\n")
    codes = sum((Counter(probe["codes"]) for probe in probes), Counter())
    print("By code: " + listed(f"{code} {number:,}" for code, number in codes.most_common()))
    found = sum((Counter(probe["found"]) for probe in probes), Counter())
    print("Found in prompts: " + listed(f"{kind} {number:,}" for kind, number in found.most_common()))
    cut = [probe for probe in probes if probe["has"] > probe["sent"]]
    print("Cut by chance: " + listed(f"{probe['probe']} of {probe['has']:,}" for probe in cut))
    print("Left out:")
    for why, names in table.reasons(results["left_out"]).items():
        print(f"  {why}: {listed(names)}")


def listed(parts: Iterable[str]) -> str:
    return ", ".join(parts) or "none"


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, demo.on_terminate)
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\ngarak: stopped")
    except demo.Fault as fault:
        sys.exit(f"garak: {fault}")
