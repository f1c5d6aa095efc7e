"""The results as tables: each probe, and each module."""

HEAD = ["probe", "sent", "refused", "flagged", "forwarded", "bypass rate", "in the corpus"]
COUNTS = HEAD[1:5]


def probes(results: dict) -> list[list[str]]:
    rows = [row(probe["probe"], probe, in_corpus(probe["corpus"])) for probe in results["probes"]]
    return [HEAD, *rows, row("all", total(results["probes"]), "")]


def modules(results: dict) -> list[list[str]]:
    by_module: dict[str, list[dict]] = {}
    for probe in results["probes"]:
        by_module.setdefault(probe["probe"].split(".")[0], []).append(probe)
    rows = [row(f"{name} ({len(probes)})", total(probes), "") for name, probes in by_module.items()]
    head = ["module (probes)", *HEAD[1:]]
    return [line[:-1] for line in [head, *rows, row(f"all ({len(results['probes'])})", total(results["probes"]), "")]]


def row(name: str, counts: dict, corpus: str) -> list[str]:
    return [name, *(f"{counts[column]:,}" for column in COUNTS), rate(counts["forwarded"], counts["sent"]), corpus]


def total(probes: list[dict]) -> dict:
    return {column: sum(probe[column] for probe in probes) for column in COUNTS}


def rate(forwarded: int, sent: int) -> str:
    return f"{100 * forwarded / sent:.1f} %" if sent else "-"


def in_corpus(overlap: dict | None) -> str:
    """`yes` by the name of a source; then how many of the prompts stand there word by word."""
    if overlap is None:
        return "?"
    texts = ", ".join(f"{overlap[split]} {split}" for split in ("train", "dev") if overlap[split])
    if not overlap["by_name"] and not texts:
        return "no"
    return f"yes: {texts}" if texts else "yes"


def reasons(left_out: dict[str, str]) -> dict[str, list[str]]:
    """The probes that are left out, by the reason."""
    return {why: [name for name in left_out if left_out[name] == why] for why in dict.fromkeys(left_out.values())}


def markdown(rows: list[list[str]]) -> str:
    numbers = range(1, 6)
    rule = ["---:" if at in numbers else "---" for at in range(len(rows[0]))]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [rows[0], rule, *rows[1:]])


def aligned(rows: list[list[str]]) -> str:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return "\n".join(line(cells, widths) for cells in rows)


def line(cells: list[str], widths: list[int]) -> str:
    padded = [cell.rjust(widths[at]) if 0 < at < 6 else cell.ljust(widths[at]) for at, cell in enumerate(cells)]
    return "  ".join(padded).rstrip()
