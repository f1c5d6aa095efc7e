"""Which probes have texts in the corpus on which prompt-guard is tuned: their rates say less than those of the others.

A row of the corpus names its source: `NVIDIA/garak:probes/MODULE.CLASS`, or a folder of garak's data, or others who
collected the same texts. So a probe is known by its name in a source, and its texts by what they say.
"""

import json
import tarfile
from pathlib import Path

from attack import MODEL

ARCHIVE = Path(__file__).resolve().parents[3] / "shared" / "corpus.tar.xz"
SPLITS = {"train": "corpus/train.jsonl", "dev": "corpus/dev.jsonl"}
BY_NAME = "NVIDIA/garak:probes/"


class Corpus:
    def __init__(self, archive: Path = ARCHIVE) -> None:
        self.names: set[str] = set()
        self.texts: dict[str, set[str]] = {}
        self.is_there = archive.is_file()
        if self.is_there:
            with tarfile.open(archive) as files:
                for split, member in SPLITS.items():
                    self.read(split, [json.loads(line) for line in files.extractfile(member)])

    def read(self, split: str, rows: list[dict]) -> None:
        attacks = [row for row in rows if row["label"] == "attack"]
        self.texts[split] = {plain(row["text"]) for row in attacks}
        self.names |= {row["source"].removeprefix(BY_NAME) for row in attacks if row["source"].startswith(BY_NAME)}

    def overlap(self, probe: str, prompts: list[str]) -> dict | None:
        """How many of the prompts stand in each split; `None` if there is no corpus."""
        if not self.is_there:
            return None
        counts = {split: sum(plain(prompt) in texts for prompt in prompts) for split, texts in self.texts.items()}
        return {"by_name": probe in self.names, **counts}


def plain(text: str) -> str:
    """garak puts the model's name where a template has a place for it."""
    return " ".join(text.replace("{generator.name}", MODEL).split())
