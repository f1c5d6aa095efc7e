"""Sends the prompts of garak's probes through the gateway, with garak's own code. `measure.py` starts it, with garak's
packages in PYTHONPATH and the API key in REST_API_KEY.

Each request says in a header whose prompt it is. garak's detectors are not asked: they judge what a model answers, and
there is none. `report.jsonl` is garak's record of each prompt and its answer; `plan.json` says what was chosen.
"""

import argparse
import contextlib
import json
import os
import random
import sys
import time
import types
from pathlib import Path

import choice

HEADER = "x-garak-probe"
SEED = 20240501
MODEL = "demo"
REFUSED = [400, 403]


def main() -> None:
    options = read_options()
    stay_on_this_machine()
    do_without_languages()
    with (options.folder / "report.jsonl").open("w", encoding="utf-8") as report:
        configure(report, options.cap)
        classes = choice.classes()
        left_out = {name: why for name in classes if (why := choice.why_left_out(name, classes))}
        chosen = [name for name in classes if name not in left_out]
        generator = load_generator(options.url)
        probes = [attack(name, classes[name], generator, options.cap, f"{at}/{len(chosen)}")
                  for at, name in enumerate(chosen, 1)]
    plan = {"garak": version(), "seed": SEED, "cap": options.cap, "probes": probes, "left_out": left_out}
    (options.folder / "plan.json").write_text(json.dumps(plan, indent=2) + "\n")


def read_options() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--url", required=True, help="where chat completions are asked for")
    options.add_argument("--folder", required=True, type=Path, help="where report.jsonl and plan.json go")
    options.add_argument("--cap", required=True, type=int, help="at most so many prompts of each probe")
    return options.parse_args()


def attack(name: str, probe_class: type, generator: object, cap: int, at: str) -> dict:
    """Sends the prompts of one probe, one after the other."""
    probe = load(probe_class)
    has = choice.cut(probe, cap, SEED)
    generator.headers[HEADER] = name
    started = time.monotonic()
    sent = len(probe.probe(generator))
    of = f" of {has}" if has > sent else ""
    print(f"{at} {name}: {sent}{of} prompts in {time.monotonic() - started:.1f} s", flush=True)
    return {"probe": name, "active": bool(probe_class.active), "has": has, "sent": sent}


def load(probe_class: type) -> object:
    """The same prompts at every run: those that are put together at random begin with the same seed."""
    if hasattr(probe_class, "payload_triggers"):
        # garak adds to this list in place, and probes that share it would send each other's prompts.
        probe_class.payload_triggers = list(probe_class.payload_triggers)
    random.seed(SEED)
    return probe_class()


def load_generator(url: str) -> object:
    """garak's generator for any JSON over HTTP. What the gateway refuses has no answer, and garak goes on."""
    from garak.generators.rest import RestGenerator

    message = {"role": "user", "content": "$INPUT"}
    settings = {
        "uri": url,
        "name": MODEL,
        "headers": {"authorization": "Bearer $KEY", "content-type": "application/json"},
        "req_template_json_object": {"model": MODEL, "messages": [message]},
        "response_json": True,
        "response_json_field": "$.choices[0].message.content",
        "skip_codes": REFUSED,
        "ratelimit_codes": [],
    }
    with contextlib.redirect_stdout(None):
        generator = RestGenerator(config_root={"generators": {"rest": {"RestGenerator": settings}}})
    generator.retry_5xx = False  # a filter that trapped ends the run: it is worse than a bypass
    return generator


def configure(report: object, cap: int) -> None:
    """What garak's command line would have read."""
    from garak import _config

    _config.load_base_config()
    _config.transient.reportfile = report
    _config.run.seed = SEED
    _config.run.generations = 1
    _config.run.soft_probe_prompt_cap = cap  # so many are made by probes that put them together at random
    for module in choice.MODULES:
        _config.plugins.probes[module]["follow_prompt_cap"] = False  # else garak cuts, and not all in the same way


def version() -> str:
    import garak

    return garak.__version__


def do_without_languages() -> None:
    """garak imports langdetect for translations, which nobody asks for; it comes as no wheel."""
    sys.modules["langdetect"] = types.SimpleNamespace(detect=None, DetectorFactory=None, LangDetectException=None)


def stay_on_this_machine() -> None:
    """A probe that asks for a download fails here, and says so: it belongs on the list of what is left out."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]
    sys.addaudithook(refuse_the_network)


def refuse_the_network(event: str, arguments: tuple) -> None:
    if event == "socket.getaddrinfo" and arguments[0] not in ("127.0.0.1", "localhost"):
        raise PermissionError(f"expected calls to 127.0.0.1 alone; this probe calls {arguments[0]}: leave it out")


if __name__ == "__main__":
    # Some probes order files as the disk does: then a seed alone makes not the same prompts everywhere.
    unordered = Path.iterdir
    Path.iterdir = lambda folder: iter(sorted(unordered(folder)))
    main()
