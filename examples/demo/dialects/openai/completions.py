"""Completions, the API before chat: a prompt is a text, texts, or the numbers of tokens."""

from ..model import Reply
from ..wire import server_sent, whole
from .shape import both, head, stops, usage


def complete(request, deployment=None):
    asked = request.json()
    prompts = prompts_of(asked.get("prompt", ""))
    replies = [Reply(said, limit=asked.get("max_tokens"), stop=stops(asked)) for said in prompts]
    replies = [reply for reply in replies for _ in range(asked.get("n") or 1)]
    start = head("cmpl-", request, "text_completion", deployment)
    if asked.get("stream"):
        return stream(start, replies, asked)
    choices = [
        {"text": text_of(reply, asked), "index": at, "logprobs": logprobs(reply, asked), "finish_reason": reply.finish}
        for at, reply in enumerate(replies)
    ]
    return whole({**start, "choices": choices, "usage": total(replies)})


def prompts_of(prompt):
    """Each prompt as a text."""
    if isinstance(prompt, list) and prompt and not isinstance(prompt[0], int):
        return [text for inner in prompt for text in prompts_of(inner)]
    return [" ".join(map(str, prompt)) if isinstance(prompt, list) else str(prompt)]


def text_of(reply, asked):
    return (reply.said if asked.get("echo") else "") + reply.text + (asked.get("suffix") or "")


def logprobs(reply, asked):
    if not asked.get("logprobs"):
        return None
    offsets = [len("".join(reply.words[:at])) for at in range(len(reply.words))]
    likely = [-0.25] * len(reply.words)
    top = [{word: -0.25} for word in reply.words]
    return {"tokens": reply.words, "token_logprobs": likely, "top_logprobs": top, "text_offset": offsets}


def stream(start, replies, asked):
    events = []
    for at, reply in enumerate(replies):
        for word in ([reply.said] if asked.get("echo") else []) + reply.words:
            events.append({**start, "choices": [{"text": word, "index": at, "logprobs": None, "finish_reason": None}]})
        events.append(
            {**start, "choices": [{"text": "", "index": at, "logprobs": None, "finish_reason": reply.finish}]}
        )
    if (asked.get("stream_options") or {}).get("include_usage"):
        events.append({**start, "choices": [], "usage": total(replies)})
    return server_sent([*((None, event) for event in events), (None, b"[DONE]")])


def total(replies):
    all_of_them = [usage(reply) for reply in replies]
    return {name: sum(one[name] for one in all_of_them) for name in all_of_them[0]}


ROUTES = both("/completions", complete)
