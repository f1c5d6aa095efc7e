"""Responses: items in, items out, and a stream with an event for each step."""

import json

from ..model import CREATED, MODEL, Reply, count, in_pieces, name_of, texts_of
from ..wire import route, server_sent, whole
from .chat import tools as offered_tools
from .shape import listed


def create(request, deployment=None):
    asked = request.json()
    reply = answer_to(asked)
    response = {**described(asked), "id": "resp_" + name_of(request.body), "model": deployment or MODEL}
    finished = finish(response, reply, output(reply, asked))
    return server_sent(events(response, finished, reply)) if asked.get("stream") else whole(finished)


def answer_to(asked):
    items = asked.get("input") or ""
    return Reply(
        said_in(items),
        tools=tools(asked) if isinstance(items, str) or items[-1].get("role") == "user" else (),
        schema=((asked.get("text") or {}).get("format") or {}).get("schema"),
        limit=asked.get("max_output_tokens"),
        thinks=bool(asked.get("reasoning")),
        cached="prompt_cache_key" in asked,
    )


def said_in(items):
    """What the user said last; items of a list are messages and other things."""
    if isinstance(items, str):
        return items
    said = [item.get("content") for item in items if item.get("role") == "user"]
    return texts_of(said[-1], ("input_text", "text")) if said else ""


def tools(asked):
    """Functions and tools of one's own; what the API would run itself is not called."""
    own = [tool for tool in asked.get("tools") or [] if tool.get("type") in ("function", "custom")]
    return offered_tools({**asked, "tools": [{"type": "function", "function": tool} for tool in own]})


def described(asked):
    """What a response says of the request it answers."""
    kept = ("instructions", "max_output_tokens", "previous_response_id", "prompt", "metadata", "temperature", "top_p")
    return {
        "object": "response",
        "created_at": CREATED,
        "error": None,
        "incomplete_details": None,
        "parallel_tool_calls": asked.get("parallel_tool_calls", True),
        "reasoning": asked.get("reasoning") or {"effort": None, "summary": None},
        "store": asked.get("store", True),
        "text": asked.get("text") or {"format": {"type": "text"}},
        "tool_choice": asked.get("tool_choice", "auto"),
        "tools": asked.get("tools") or [],
        "truncation": "disabled",
        **{name: asked.get(name) for name in kept},
    }


def output(reply, asked):
    """The items: what it thought, then what it says or calls."""
    items = []
    if reply.thought:
        summary = [{"type": "summary_text", "text": reply.thought}]
        items.append({"id": "rs_demo", "type": "reasoning", "status": "completed", "summary": summary})
    custom = {tool.get("name") for tool in asked.get("tools") or [] if tool.get("type") == "custom"}
    for at, (name, arguments) in enumerate(reply.calls):
        start = {"id": f"fc_demo_{at}", "call_id": f"call_demo_{at}", "name": name, "status": "completed"}
        if name in custom:
            items.append({**start, "type": "custom_tool_call", "input": reply.said})
        else:
            items.append({**start, "type": "function_call", "arguments": json.dumps(arguments)})
    if not reply.calls:
        part = {"type": "output_text", "text": reply.text, "annotations": [], "logprobs": []}
        if reply.said.startswith("Refuse"):
            part = {"type": "refusal", "refusal": "The demo does not do that."}
        items.append(
            {"id": "msg_demo", "type": "message", "status": "completed", "role": "assistant", "content": [part]}
        )
    return items


def finish(response, reply, items):
    cut_off = reply.finish == "length"
    output_tokens = reply.output + reply.thinking
    return {
        **response,
        "status": "incomplete" if cut_off else "completed",
        "incomplete_details": {"reason": "max_output_tokens"} if cut_off else None,
        "output": items,
        "usage": {
            "input_tokens": reply.input,
            "input_tokens_details": {"cached_tokens": reply.cached, "cache_write_tokens": 0},
            "output_tokens": output_tokens,
            "output_tokens_details": {"reasoning_tokens": reply.thinking},
            "total_tokens": reply.input + output_tokens,
        },
    }


def events(response, finished, reply):
    """Every event carries its number and its own name."""
    begun = {**response, "status": "in_progress", "output": [], "usage": None}
    steps = [("response.created", {"response": begun}), ("response.in_progress", {"response": begun})]
    for at, item in enumerate(finished["output"]):
        steps += item_events(at, item, reply)
    steps.append((f"response.{finished['status']}", {"response": finished}))
    return [(name, {"type": name, "sequence_number": at, **data}) for at, (name, data) in enumerate(steps)]


def item_events(at, item, reply):
    inside = {"message": message_events, "reasoning": reasoning_events, "function_call": call_events}
    empty = {"message": {"content": []}, "reasoning": {"summary": []}, "function_call": {"arguments": ""}}
    start = {**item, **empty.get(item["type"], {"input": ""}), "status": "in_progress"}
    where = {"item_id": item["id"], "output_index": at}
    return [
        ("response.output_item.added", {"output_index": at, "item": start}),
        *inside.get(item["type"], custom_events)(where, item, reply),
        ("response.output_item.done", {"output_index": at, "item": item}),
    ]


def message_events(where, item, reply):
    where = {**where, "content_index": 0}
    part = item["content"][0]
    if part["type"] == "refusal":
        kind, field, pieces, more = "response.refusal", "refusal", in_pieces(part["refusal"]), {}
    else:
        kind, field, pieces, more = "response.output_text", "text", reply.words, {"logprobs": []}
    return [
        ("response.content_part.added", {**where, "part": {**part, field: ""}}),
        *((kind + ".delta", {**where, "delta": piece, **more}) for piece in pieces),
        (kind + ".done", {**where, field: part[field], **more}),
        ("response.content_part.done", {**where, "part": part}),
    ]


def reasoning_events(where, item, _reply):
    where = {**where, "summary_index": 0}
    part = item["summary"][0]
    kind = "response.reasoning_summary"
    return [
        (kind + "_part.added", {**where, "part": {**part, "text": ""}}),
        *((kind + "_text.delta", {**where, "delta": piece}) for piece in in_pieces(part["text"])),
        (kind + "_text.done", {**where, "text": part["text"]}),
        (kind + "_part.done", {**where, "part": part}),
    ]


def call_events(where, item, _reply):
    kind = "response.function_call_arguments"
    return [
        *((kind + ".delta", {**where, "delta": piece}) for piece in in_pieces(item["arguments"])),
        (kind + ".done", {**where, "name": item["name"], "arguments": item["arguments"]}),
    ]


def custom_events(where, item, _reply):
    kind = "response.custom_tool_call_input"
    return [
        *((kind + ".delta", {**where, "delta": piece}) for piece in in_pieces(item["input"])),
        (kind + ".done", {**where, "input": item["input"]}),
    ]


# What was answered before: nothing is kept, so every id is known and its response is the same.


def retrieve(_request, response):
    reply = Reply("before")
    return whole(finish({**described({}), "id": response, "model": MODEL}, reply, output(reply, {})))


def delete(_request, response):
    return whole({"id": response, "object": "response", "deleted": True})


def input_items(_request, **_):
    content = [{"type": "input_text", "text": "before"}]
    return whole(
        listed([{"id": "msg_before", "type": "message", "role": "user", "status": "completed", "content": content}])
    )


def count_input(request):
    return whole({"object": "response.input_tokens", "input_tokens": count(said_in(request.json().get("input") or ""))})


ROUTES = [
    route("POST", "/v1/responses", create),
    route("POST", "/openai/responses", create),
    route("POST", "/openai/v1/responses", create),
    route("POST", "/v1/responses/input_tokens", count_input),
    route("GET", "/v1/responses/{response}", retrieve),
    route("DELETE", "/v1/responses/{response}", delete),
    route("POST", "/v1/responses/{response}/cancel", retrieve),
    route("GET", "/v1/responses/{response}/input_items", input_items),
]
