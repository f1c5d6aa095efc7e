"""Which probes attack, with which of their prompts, and why the others do not."""

import importlib
import inspect
import random

MODULES = ("dan", "promptinject", "latentinjection", "encoding", "goodside", "smuggling", "web_injection")

ASKS = "ask and attack nothing"
LEFT_OUT = {
    "dan.AutoDAN": "needs a second model, which writes the prompts",
    "encoding.InjectEcoji": "its encoder comes as no wheel",
    "goodside.Davidjl": ASKS,
    "goodside.ThreatenJSON": ASKS,
    "goodside.WhoIsRiley": ASKS,
}


def classes() -> dict[str, type]:
    """Every probe of the modules, active or not, by its name."""
    found = {}
    for module in MODULES:
        members = inspect.getmembers(importlib.import_module(f"garak.probes.{module}"), inspect.isclass)
        found.update({f"{module}.{name}": member for name, member in members if is_probe(member)})
    return found


def is_probe(member: type) -> bool:
    from garak.probes.base import Probe

    return issubclass(member, Probe) and member is not Probe


def why_left_out(name: str, known: dict[str, type]) -> str | None:
    """`None` for a probe that attacks."""
    if f"{name}Full" in known:
        return "their prompts are among those of the probe with Full behind its name"
    return LEFT_OUT.get(name)


def cut(probe: object, cap: int, seed: int) -> int:
    """Leaves each prompt once, and at most `cap` of them by chance. How many there were."""
    prompts = list(probe.prompts)
    first = sorted({str(prompt): at for at, prompt in reversed(list(enumerate(prompts)))}.values())
    kept = first if len(first) <= cap else sorted(random.Random(seed).sample(first, cap))
    for name, value in vars(probe).copy().items():
        # What goes along with the prompts: their triggers, their settings.
        if isinstance(value, list) and len(value) == len(prompts):
            setattr(probe, name, [value[at] for at in kept])
    return len(first)
