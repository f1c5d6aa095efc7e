"""Interactions: steps in, steps out, and a stream with an event for each change of a step."""

import json

from ..model import CREATED_TEXT, MODEL, Reply, in_pieces, name_of, texts_of
from ..wire import route, server_sent, whole


def create(request, **_):
    asked = request.json()
    reply = answer_to(asked)
    about = {"id": "interaction-" + name_of(request.body), "object": "interaction", "model": asked.get("model", MODEL)}
    about = {**about, "created": CREATED_TEXT, "updated": CREATED_TEXT}
    done = {"status": "requires_action" if reply.calls else "completed", "usage": usage(reply)}
    if asked.get("stream"):
        return server_sent([*events(about, done, reply), (None, b"[DONE]")])
    return whole({**about, **done, "steps": steps(reply)})


def answer_to(asked):
    given = asked.get("input") or ""
    items = given if isinstance(given, list) else [given]
    last = items[-1] if items and isinstance(items[-1], dict) else {}
    tools = [
        (tool["name"], tool.get("parameters") or {})
        for tool in asked.get("tools") or []
        if tool.get("type") == "function"
    ]
    config = asked.get("generation_config") or {}
    return Reply(
        said_in(given),
        tools=() if last.get("type") == "function_result" else tools,
        limit=config.get("max_output_tokens"),
        stop=config.get("stop_sequences") or (),
        thinks="thinking_summaries" in config,
    )


def said_in(given):
    """What the user said: a text, contents, or the last of the user's steps."""
    if isinstance(given, dict):
        given = [given]
    if isinstance(given, list):
        said = [step.get("content") for step in given if step.get("type") == "user_input"]
        return texts_of(said[-1] if said else given)
    return given


def steps(reply):
    made = [{"type": "thought", "summary": [{"type": "text", "text": reply.thought}]}] if reply.thought else []
    for at, (name, arguments) in enumerate(reply.calls):
        made.append({"type": "function_call", "id": f"call_demo_{at}", "name": name, "arguments": arguments})
    return made if reply.calls else [*made, {"type": "model_output", "content": [{"type": "text", "text": reply.text}]}]


def usage(reply):
    total = reply.input + reply.output + reply.thinking
    counted = {"total_input_tokens": reply.input, "total_output_tokens": reply.output, "total_tokens": total}
    return {**counted, "total_thought_tokens": reply.thinking, "total_cached_tokens": 0}


def events(about, done, reply):
    happened = [("interaction.created", {"interaction": {**about, "status": "in_progress"}})]
    for at, step in enumerate(steps(reply)):
        empty, deltas = in_deltas(step, reply)
        happened.append(("step.start", {"index": at, "step": empty}))
        happened += [("step.delta", {"index": at, "delta": delta}) for delta in deltas]
        happened.append(("step.stop", {"index": at}))
    happened.append(("interaction.completed", {"interaction": {**about, **done}}))
    return [(kind, {"event_type": kind, **data}) for kind, data in happened]


def in_deltas(step, reply):
    """A step as it begins, and what is added to it."""
    if step["type"] == "thought":
        thought = [{"type": "thought_summary", "content": {"type": "text", "text": reply.thought}}]
        return {"type": "thought"}, thought
    if step["type"] == "function_call":
        pieces = in_pieces(json.dumps(step["arguments"]))
        return {**step, "arguments": {}}, [{"type": "arguments_delta", "arguments": piece} for piece in pieces]
    return {"type": "model_output"}, [{"type": "text", "text": word} for word in reply.words]


ROUTES = [route("POST", f"/{version}/interactions", create) for version in ("v1", "v1beta", "v1alpha")]
ROUTES.append(route("POST", "/v1beta1/projects/{project}/locations/{location}/interactions", create))
