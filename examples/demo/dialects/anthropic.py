"""Anthropic's API: messages, their stream, the count of their tokens, batches, models and files.

OpenAI has /v1/models and /v1/files too: there the header `anthropic-version` says who is asked.
"""

import json

from .model import CREATED_TEXT, MODEL, Reply, count, in_pieces, name_of, texts_of
from .wire import File, Refused, raw, route, server_sent, whole

FINISH = {"stop": "end_turn", "length": "max_tokens", "tools": "tool_use"}
TYPES = {404: "not_found_error", 413: "request_too_large"}


def error(status, message):
    return {"type": "error", "error": {"type": TYPES.get(status, "invalid_request_error"), "message": message}}


def messages(request, model=None):
    """`model` is what a path names, where another cloud sells the model."""
    asked = {**request.json(), **({"model": model} if model else {})}
    return server_sent(events(asked, request.body)) if asked.get("stream") else whole(message(asked, request.body))


def message(asked, body):
    reply = answer_to(asked)
    finish = {"stop_reason": stop_reason(reply), "stop_sequence": reply.stopped_at}
    return {**start_of(asked, body), "content": blocks(reply), **finish, "usage": usage(reply, reply.output)}


def start_of(asked, body):
    start = {"id": "msg_" + name_of(body), "type": "message", "role": "assistant"}
    return {**start, "model": asked.get("model", MODEL)}


def answer_to(asked):
    said = asked.get("messages")
    if not isinstance(said, list) or not said or not all(isinstance(message, dict) for message in said):
        raise Refused(400, "messages: expected a list of messages.")
    return Reply(
        last_user_text(said),
        tools=tools(asked) if not has_result(said[-1]) else (),
        schema=((asked.get("output_config") or {}).get("format") or {}).get("schema"),
        limit=asked.get("max_tokens"),
        stop=asked.get("stop_sequences") or (),
        thinks=(asked.get("thinking") or {}).get("type") in ("enabled", "adaptive"),
        cached='"cache_control"' in json.dumps(asked),
    )


def last_user_text(messages):
    said = [texts_of(message.get("content")) for message in messages if message.get("role") == "user"]
    return next((text for text in reversed(said) if text), "")


def has_result(message):
    content = message.get("content")
    return isinstance(content, list) and any(block.get("type") == "tool_result" for block in content)


def tools(asked):
    """Tools of one's own: what the API would run itself has no schema."""
    choice = asked.get("tool_choice") or {}
    own = [tool for tool in asked.get("tools") or [] if "input_schema" in tool]
    calls = [(tool["name"], tool["input_schema"]) for tool in own if choice.get("name") in (None, tool["name"])]
    if choice.get("type") == "none":
        return []
    return calls[:1] if choice.get("disable_parallel_tool_use") else calls


def stop_reason(reply):
    if reply.said.startswith("Refuse"):
        return "refusal"
    return "stop_sequence" if reply.stopped_at else FINISH[reply.finish]


def blocks(reply):
    content = []
    if reply.thought:
        content.append({"type": "thinking", "thinking": reply.thought, "signature": "ZGVtbw=="})
    if reply.calls:
        uses = enumerate(reply.calls)
        return content + [
            {"type": "tool_use", "id": f"toolu_demo_{at}", "name": name, "input": arguments}
            for at, (name, arguments) in uses
        ]
    return content + ([] if reply.said.startswith("Refuse") else [{"type": "text", "text": reply.text}])


def usage(reply, output):
    """Input is what was neither read from the cache nor written to it; thinking is a part of the output."""
    counted = {
        "input_tokens": reply.input - reply.cached,
        "cache_creation_input_tokens": 2 if reply.cached else 0,
        "cache_read_input_tokens": reply.cached,
        "output_tokens": output + reply.thinking,
    }
    return {**counted, "output_tokens_details": {"thinking_tokens": reply.thinking}} if reply.thinking else counted


def events(asked, body):
    reply = answer_to(asked)
    begun = {
        **start_of(asked, body),
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": usage(reply, 1),
    }
    steps = [("message_start", {"message": begun}), ("ping", {})]
    for at, block in enumerate(blocks(reply)):
        empty, deltas = in_deltas(block, reply)
        steps.append(("content_block_start", {"index": at, "content_block": empty}))
        steps += [("content_block_delta", {"index": at, "delta": delta}) for delta in deltas]
        steps.append(("content_block_stop", {"index": at}))
    end = {"stop_reason": stop_reason(reply), "stop_sequence": reply.stopped_at}
    steps.append(
        ("message_delta", {"delta": end, "usage": {"output_tokens": usage(reply, reply.output)["output_tokens"]}})
    )
    steps.append(("message_stop", {}))
    return [(name, {"type": name, **data}) for name, data in steps]


def in_deltas(block, reply):
    """A block as it begins, and what is added to it."""
    if block["type"] == "thinking":
        pieces = [{"type": "thinking_delta", "thinking": piece} for piece in in_pieces(block["thinking"])]
        return {**block, "thinking": "", "signature": ""}, [
            *pieces,
            {"type": "signature_delta", "signature": block["signature"]},
        ]
    if block["type"] == "tool_use":
        pieces = ["", *in_pieces(json.dumps(block["input"]))]
        return {**block, "input": {}}, [{"type": "input_json_delta", "partial_json": piece} for piece in pieces]
    return {**block, "text": ""}, [{"type": "text_delta", "text": word} for word in reply.words]


def count_tokens(request):
    asked = request.json()
    return whole(
        {"input_tokens": count(last_user_text(asked.get("messages") or [])) + count(texts_of(asked.get("system")))}
    )


# What is kept on the server. The demo keeps nothing: every id is known.


def batch_of(name, status, total=1):
    counts = {"processing": total, "succeeded": 0, "errored": 0, "canceled": 0, "expired": 0}
    times = {"created_at": CREATED_TEXT, "expires_at": "2026-01-02T00:00:00Z", "ended_at": None, "archived_at": None}
    cancelled = CREATED_TEXT if status == "canceling" else None
    start = {"id": name, "type": "message_batch", "processing_status": status, "request_counts": counts}
    return {**start, **times, "cancel_initiated_at": cancelled, "results_url": None}


def create_batch(request):
    return whole(
        batch_of("msgbatch_" + name_of(request.body), "in_progress", len(request.json().get("requests") or []))
    )


def batch(_request, name):
    return whole(batch_of(name, "in_progress"))


def cancel_batch(_request, name):
    return whole(batch_of(name, "canceling"))


def batches(_request):
    return whole(page([batch_of("msgbatch_demo", "in_progress")]))


def page(data):
    return {"data": data, "has_more": False, "first_id": data[0]["id"], "last_id": data[-1]["id"]}


def model_of(name):
    return {"id": name, "type": "model", "display_name": "Demo", "created_at": CREATED_TEXT, "lifecycle": "active"}


def models(_request):
    return whole(page([model_of(MODEL)]))


def model(_request, name):
    return whole(model_of(name))


def upload(request):
    file = request.form().get("file")
    if not isinstance(file, File):
        raise Refused(400, "file: expected a file.")
    return whole(file_of("file_" + name_of(file.content), file.name, len(file.content)))


def file_of(name, filename="demo.txt", size=4):
    start = {"id": name, "type": "file", "filename": filename, "mime_type": "text/plain", "size_bytes": size}
    return {**start, "created_at": CREATED_TEXT, "downloadable": False}


def files(_request):
    return whole(page([file_of("file_demo")]))


def file(_request, name):
    return whole(file_of(name))


def content(_request, name):
    return raw(b"demo", "application/octet-stream")


def delete_file(_request, name):
    return whole({"id": name, "type": "file_deleted"})


def is_ours(request):
    return bool(request.header("anthropic-version"))


ROUTES = [
    route("POST", "/v1/messages", messages),
    route("POST", "/v1/messages/count_tokens", count_tokens),
    route("POST", "/v1/messages/batches", create_batch),
    route("GET", "/v1/messages/batches", batches),
    route("GET", "/v1/messages/batches/{name}", batch),
    route("POST", "/v1/messages/batches/{name}/cancel", cancel_batch),
    route("GET", "/v1/models", models, is_ours),
    route("GET", "/v1/models/{name}", model, is_ours),
    route("POST", "/v1/files", upload, is_ours),
    route("GET", "/v1/files", files, is_ours),
    route("GET", "/v1/files/{name}", file, is_ours),
    route("GET", "/v1/files/{name}/content", content, is_ours),
    route("DELETE", "/v1/files/{name}", delete_file, is_ours),
]
