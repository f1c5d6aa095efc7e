"""The model that is none: it repeats what the user said, calls the tools it is given, and always does the same.

no tools, or a tool has answered    "Demo: you said: …"
a schema for the answer             JSON that fits the schema
tools                               a call of the first one (of each where the dialect allows calls in parallel)
a limit of tokens, stop sequences   what they leave of the text
"""

import base64
import hashlib
import json
import struct

MODEL = "demo"
CREATED = 1767225600  # 2026-01-01: a clock would make answers differ
CREATED_TEXT = "2026-01-01T00:00:00Z"
DIMENSIONS = 8
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SOUND = (  # a WAV file of one sample
    b"RIFF\x26\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x40\x1f\x00\x00"
    b"\x01\x00\x08\x00data\x02\x00\x00\x00\x80\x80"
)


class Reply:
    """What it says, before a dialect words it. Tokens are words. `finish` is "stop", "length" or "tools"."""

    def __init__(self, said, tools=(), schema=None, limit=None, stop=(), thinks=False, cached=False):
        self.said = said
        self.thought = f"The user said: {said}" if thinks else None
        self.calls = [(name, fill(parameters, said)) for name, parameters in tools]
        text = json.dumps(fill(schema, said), ensure_ascii=False) if schema else f"Demo: you said: {said}"
        self.words, self.finish, self.stopped_at = ([], "tools", None) if self.calls else cut(text, limit, stop)
        self.input = count(said)
        self.cached = (self.input + 1) // 2 if cached else 0
        self.thinking = count(self.thought) if thinks else 0
        arguments = sum(count(json.dumps(arguments)) for _, arguments in self.calls)
        self.output = len(self.words) + len(self.calls) + arguments

    @property
    def text(self):
        return "".join(self.words)


def cut(text, limit, stop):
    """The words of a text, each with the space before it, why it ends, and at which stop sequence."""
    found = min((text.find(end), end) for end in stop if end in text) if any(end in text for end in stop) else None
    if found:
        text = text[: found[0]]
    words = [word if at == 0 else " " + word for at, word in enumerate(text.split(" "))]
    if isinstance(limit, int) and 0 < limit < len(words):
        return words[:limit], "length", None
    return words, "stop", found[1] if found else None


def fill(schema, said):
    """A value that fits a JSON schema: texts are what the user said."""
    if not isinstance(schema, dict):
        return said
    if schema.get("enum"):
        return schema["enum"][0]
    for alternatives in ("anyOf", "any_of", "oneOf"):
        if schema.get(alternatives):
            return fill(schema[alternatives][0], said)
    kind = schema.get("type", "object")
    kind = (kind[0] if isinstance(kind, list) else kind).lower()
    if kind == "object":
        properties = schema.get("properties") or {}
        return {name: fill(inner, said) for name, inner in properties.items()}
    if kind == "array":
        return [fill(schema.get("items") or {"type": "string"}, said)]
    return {"integer": 7, "number": 1.5, "boolean": True, "null": None}.get(kind, said)


def in_pieces(text, size=10):
    """How arguments stream: pieces that end anywhere, in the middle of an escape too."""
    return [text[at : at + size] for at in range(0, len(text), size)]


def embedding(text, dimensions=DIMENSIONS):
    """A unit vector that depends on the text alone."""
    numbers = []
    for block in range((dimensions + 7) // 8):
        numbers += struct.unpack(">8i", digest(b"%d:%b" % (block, text.encode(errors="replace"))))
    numbers = numbers[:dimensions]
    length = sum(number * number for number in numbers) ** 0.5 or 1.0
    return [number / length for number in numbers]


def short_embedding(text, dimensions=DIMENSIONS):
    """The same with four digits, where answers are text."""
    return [round(number, 4) for number in embedding(text, dimensions)]


def texts_of(parts, kinds=("text",)):
    """The text of a content: a text, or those of its parts that have one of these types, or none."""
    if isinstance(parts, str):
        return parts
    if not isinstance(parts, list):
        return ""
    chosen = [part for part in parts if isinstance(part, dict) and part.get("type", "text") in kinds]
    return " ".join(part["text"] for part in chosen if isinstance(part.get("text"), str))


def base64_of(data):
    return base64.b64encode(data).decode()


def count(text):
    """Tokens, for a server without a tokenizer: words."""
    return len(text.split())


def digest(data):
    return hashlib.sha256(data).digest()


def name_of(data, length=24):
    """An identifier that depends on the request alone."""
    return digest(data).hex()[:length]
