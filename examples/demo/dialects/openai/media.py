"""Embeddings, images, sound, moderations and decisions."""

import struct

from ..model import CREATED, MODEL, PIXEL, SOUND, DIMENSIONS, base64_of, count, embedding, texts_of
from ..wire import File, Refused, raw, route, server_sent, whole
from .shape import both

CATEGORIES = [
    "harassment", "harassment/threatening", "hate", "hate/threatening", "illicit", "illicit/violent", "self-harm",
    "self-harm/instructions", "self-harm/intent", "sexual", "sexual/minors", "violence", "violence/graphic",
]  # fmt: skip
HEARD = "The demo heard a sound."


# Embeddings.


def embed(request, deployment=None):
    asked = request.json()
    texts = texts_to_embed(asked.get("input"))
    dimensions = asked.get("dimensions", DIMENSIONS)
    if not isinstance(dimensions, int) or not 1 <= dimensions <= 1024:
        raise Refused(400, "'dimensions' must be 1 to 1024.")
    write = as_floats if asked.get("encoding_format") == "base64" else list
    data = [
        {"object": "embedding", "index": at, "embedding": write(embedding(text, dimensions))}
        for at, text in enumerate(texts)
    ]
    tokens = sum(map(count, texts))
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return whole({"object": "list", "data": data, "model": deployment or MODEL, "usage": usage})


def texts_to_embed(given):
    """A text, texts, the numbers of tokens, or lists of such numbers: each as a text."""
    if isinstance(given, str):
        return [given]
    if isinstance(given, list) and given:
        if all(isinstance(one, int) for one in given):
            return [" ".join(map(str, given))]
        if all(isinstance(one, (str, list)) for one in given):
            return [text for one in given for text in texts_to_embed(one)]
    raise Refused(400, "'input' must be a text or a list of texts.")


def as_floats(numbers):
    return base64_of(struct.pack(f"<{len(numbers)}f", *numbers))


# Images: one pixel, whatever is asked for.


def generate(request, deployment=None):
    return picture(request.json(), "image_generation")


def edit(request, deployment=None):
    asked = request.form() if "multipart" in request.header("content-type") else request.json()
    return picture(asked, "image_edit")


def picture(asked, kind):
    prompt = count(str(asked.get("prompt", "")))
    usage = {
        "input_tokens": prompt,
        "input_tokens_details": {"text_tokens": prompt, "image_tokens": 0},
        "output_tokens": 1,
        "total_tokens": prompt + 1,
    }
    if asked.get("stream") in (True, "true"):
        return server_sent(picture_events(kind, usage))
    of = (
        {"url": "https://images.invalid/demo.png"}
        if asked.get("response_format") == "url"
        else {"b64_json": base64_of(PIXEL)}
    )
    return whole({"created": CREATED, "data": [of] * int(asked.get("n") or 1), "usage": usage})


def picture_events(kind, usage):
    seen = {"b64_json": base64_of(PIXEL), "created_at": CREATED, "size": "1024x1024", "quality": "low"}
    seen = {**seen, "background": "opaque", "output_format": "png"}
    partial = {"type": kind + ".partial_image", **seen, "partial_image_index": 0}
    completed = {"type": kind + ".completed", **seen, "usage": usage}
    return [(event["type"], event) for event in (partial, completed)]


# Sound.


def speak(request, deployment=None):
    asked = request.json()
    if asked.get("stream_format") == "sse":
        said = count(asked.get("input", ""))
        usage = {"input_tokens": said, "output_tokens": 1, "total_tokens": said + 1}
        events = [
            {"type": "speech.audio.delta", "audio": base64_of(SOUND)},
            {"type": "speech.audio.done", "usage": usage},
        ]
        return server_sent([(None, event) for event in events])
    return raw(SOUND, "audio/wav" if asked.get("response_format") == "wav" else "audio/mpeg")


def transcribe(request, deployment=None):
    return heard(request, "transcribe")


def translate(request, deployment=None):
    return heard(request, "translate")


def heard(request, task):
    asked = request.form()
    if not isinstance(asked.get("file"), File):
        raise Refused(400, "'file' must be a file.")
    words = count(HEARD)
    usage = {"type": "tokens", "input_tokens": 2, "output_tokens": words, "total_tokens": 2 + words}
    if asked.get("stream") == "true":
        pieces = [{"type": "transcript.text.delta", "delta": word} for word in ("The demo", " heard", " a sound.")]
        return server_sent(
            [(None, event) for event in [*pieces, {"type": "transcript.text.done", "text": HEARD, "usage": usage}]]
        )
    form = asked.get("response_format", "json")
    if form in ("text", "srt", "vtt"):
        return raw(
            b"".join([b"1\n00:00:00,000 --> 00:00:01,000\n" if form == "srt" else b"", HEARD.encode(), b"\n"]),
            "text/plain",
        )
    if form == "verbose_json":
        segment = {"id": 0, "seek": 0, "start": 0.0, "end": 1.0, "text": HEARD, "tokens": [1, 2], "temperature": 0.0}
        segment = {**segment, "avg_logprob": -0.25, "compression_ratio": 1.0, "no_speech_prob": 0.0}
        about = {"task": task, "language": "english", "duration": 1.0, "text": HEARD, "segments": [segment]}
        return whole({**about, "usage": {"type": "duration", "seconds": 1}})
    return whole({"text": HEARD, "usage": usage})


# Moderations and decisions.


def moderate(request):
    asked = request.json()
    given = asked.get("input", "")
    given = [given] if isinstance(given, str) or (given and isinstance(given[0], dict)) else given
    results = [verdict("violence" if "kill" in texts_of(one) else None) for one in given]
    return whole({"id": "modr-demo", "model": asked.get("model", MODEL), "results": results})


def verdict(found):
    return {
        "flagged": found is not None,
        "categories": {name: name == found for name in CATEGORIES},
        "category_scores": {name: 0.9 if name == found else 0.01 for name in CATEGORIES},
        "category_applied_input_types": {name: ["text"] for name in CATEGORIES},
    }


def decide(request):
    asked = request.json()
    said = asked.get("input", "")
    tokens = count(
        said if isinstance(said, str) else " ".join(texts_of(item.get("content"), ("input_text",)) for item in said)
    )
    usage = {
        "input_tokens": tokens,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": len(asked.get("questions") or []),
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": tokens + len(asked.get("questions") or []),
    }
    return whole(
        {"model": MODEL, "answers": [decided(question) for question in asked.get("questions") or []], "usage": usage}
    )


def decided(question):
    """The first of what can be answered, for sure."""
    start = {"type": question["type"], "name": question.get("name")}
    if question["type"] == "choice":
        first = question["choices"][0]["value"]
        probable = [{"value": one["value"], "probability": float(one["value"] == first)} for one in question["choices"]]
        return {**start, "choice": first, "confidence": 1.0, "probabilities": probable}
    if question["type"] == "score":
        levels = enumerate(question["levels"])
        probable = [{"label": one["label"], "value": at, "probability": float(at == 0)} for at, one in levels]
        return {**start, "score": 0.0, "confidence": 1.0, "probabilities": probable}
    return {**start, "probability": 1.0}


ROUTES = [
    *both("/embeddings", embed),
    *both("/images/generations", generate),
    *both("/images/edits", edit),
    route("POST", "/v1/images/variations", edit),
    *both("/audio/speech", speak),
    *both("/audio/transcriptions", transcribe),
    *both("/audio/translations", translate),
    route("POST", "/v1/moderations", moderate),
    route("POST", "/v1/decisions", decide),
]
