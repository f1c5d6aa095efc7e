"""What the answers of OpenAI's API have in common."""

from ..model import CREATED, MODEL, name_of
from ..wire import route


def error(_status, message):
    return {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None}}


def both(path, answer):
    """A POST under /v1 and under Azure's paths, where the deployment names the model."""
    return [
        route("POST", "/v1" + path, answer),
        route("POST", "/openai/v1" + path, answer),
        route("POST", "/openai/deployments/{deployment}" + path, answer),
    ]


def head(prefix, request, kind, deployment=None):
    return {"id": prefix + name_of(request.body), "created": CREATED, "model": deployment or MODEL, "object": kind}


def listed(data):
    """A page with everything on it."""
    ids = {"first_id": data[0]["id"], "last_id": data[-1]["id"]} if data and "id" in data[0] else {}
    return {"object": "list", "data": data, **ids, "has_more": False}


def usage(reply, times=1):
    """Tokens as chat and completions count them: reasoning is a part of the output, what was cached of the input."""
    output = reply.output * times + reply.thinking
    counted = {"prompt_tokens": reply.input, "completion_tokens": output, "total_tokens": reply.input + output}
    if reply.cached:
        counted["prompt_tokens_details"] = {"cached_tokens": reply.cached, "audio_tokens": 0}
    if reply.thinking:
        counted["completion_tokens_details"] = {"reasoning_tokens": reply.thinking, "audio_tokens": 0}
    return counted


def stops(request):
    stop = request.get("stop") or []
    return [stop] if isinstance(stop, str) else stop


def logprobs(words, top):
    """A probability for each word: the same for all, and that of as many others as were asked for."""
    return [{**likely(word), "top_logprobs": [likely(word)] * min(top or 0, 1)} for word in words]


def likely(word):
    return {"token": word, "logprob": -0.25, "bytes": list(word.encode())}
