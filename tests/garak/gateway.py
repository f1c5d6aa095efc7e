"""The gateway that is attacked: a real Envoy with envoy/prompt-guard.yaml, a policy of ours, and a demo model server
behind it that counts what comes through."""

import json
import re
import secrets
import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path

from attack import HEADER

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "examples" / "demo"))

import model_server  # noqa: E402: they are in a folder of their own
import run as demo  # noqa: E402

PUBLISHED = ROOT / "envoy" / "prompt-guard.yaml"
FORMAT = f"%REQ({HEADER})% %RESPONSE_CODE% %RESPONSE_CODE_DETAILS% %FILTER_STATE(wasm.portcullis.prompt_guard:PLAIN)%"


class Gateway:
    """Leaving the `with` stops it. The access log is complete then."""

    def __init__(self, policy: dict, folder: Path) -> None:
        self.key = "pk-" + secrets.token_urlsafe(24)
        self.access_log = folder / "access.log"
        self.access_log.unlink(missing_ok=True)
        self.server = Counting(("127.0.0.1", 0), Arrivals)
        # New for each Envoy, and gone with it: its configuration holds the hash of the key.
        self.folder = tempfile.TemporaryDirectory(prefix="portcullis-garak-")
        config = demo.render(render(policy, self.access_log), self.key, 0, self.server.server_address[1])
        self.envoy = demo.Envoy(config, Path(self.folder.name), quiet=True)

    def __enter__(self) -> "Gateway":
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.envoy.__enter__()
        return self

    def __exit__(self, *why: object) -> None:
        self.envoy.__exit__(*why)
        self.server.shutdown()
        self.server.server_close()
        self.folder.cleanup()

    def url(self) -> str:
        return f"http://{self.envoy.address}/v1/chat/completions"

    def arrived(self) -> Counter:
        """How many prompts of each probe came to the model server."""
        return Counter(self.server.arrived)

    def entries(self) -> list["Entry"]:
        return [Entry(line) for line in self.access_log.read_text().splitlines()]


class Counting(model_server.Server):
    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)
        self.arrived: list[str | None] = []  # appending is atomic, counting is not


class Arrivals(model_server.Handler):
    def respond(self, request: object, answer: object) -> None:
        self.server.arrived.append(request.headers.get(HEADER))
        super().respond(request, answer)


class Entry:
    """One line of the access log."""

    def __init__(self, line: str) -> None:
        self.probe, self.status, self.details, verdict = line.split(" ", 3)
        self.verdict = json.loads(verdict) if verdict.startswith("{") else {}

    def is_forwarded(self) -> bool:
        return self.details == "via_upstream"

    def is_flagged(self) -> bool:
        """Something was found, and the request went on."""
        return self.is_forwarded() and bool(self.found())

    def code(self) -> str:
        """Why it was refused, or under what name it went on."""
        return self.verdict.get("code", f"{self.status} {self.details}")

    def found(self) -> set[str]:
        return {f"{found['detector']}: {found['kind']}" for found in self.verdict.get("found", [])}


# What is exchanged in the published configuration, with its indentation in front.
POLICIES = r"( +)\{\n\1  \"policies\": (?s:.*?)\n\1\}\n"
LOG_FORMAT = r"( +)inline_string: >\n(?:\1 +.*\n)+"
LOG = r"( +)- name: envoy\.access_loggers\.stdout\n"
LOG_TYPE = r"( +)\"@type\": type\.googleapis\.com/\S+\.StdoutAccessLog\"?\n"


def render(policy: dict, access_log: Path) -> str:
    """The published configuration, with this policy and with an access log that says whose prompt it was."""
    text = PUBLISHED.read_text()
    text = exchange(text, POLICIES, json.dumps(policy, indent=2).splitlines())
    text = exchange(text, LOG_FORMAT, [f'inline_string: "{FORMAT}\\n"'])
    text = exchange(text, LOG, ["- name: envoy.access_loggers.file"])
    kind = "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog"
    return exchange(text, LOG_TYPE, [f'"@type": {kind}', f"path: {json.dumps(str(access_log))}"])


def exchange(text: str, pattern: str, lines: list[str]) -> str:
    """These lines instead of the one place that the pattern fits, as far indented."""
    places = re.findall(pattern, text)
    if len(places) != 1:
        raise demo.Fault(
            f"expected one place like {pattern} in {PUBLISHED.relative_to(ROOT)}, there are {len(places)}: adapt the "
            "patterns in tests/garak/gateway.py"
        )
    return re.sub(pattern, lambda place: "".join(f"{place[1]}{line}\n" for line in lines), text)
