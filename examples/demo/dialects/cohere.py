"""Cohere's API, version 2: chat and its stream, embeddings, the ranking of documents."""

import json

from .model import Reply, count, embedding, in_pieces, name_of, short_embedding, texts_of
from .wire import Refused, route, server_sent, whole

FINISH = {"stop": "COMPLETE", "length": "MAX_TOKENS", "tools": "TOOL_CALL"}
META = {"api_version": {"version": "2"}}


def error(_status, message):
    return {"id": "demo-error", "message": message}


def chat(request):
    asked = request.json()
    reply = answer_to(asked)
    if asked.get("stream"):
        return server_sent([*events(name_of(request.body), reply, asked), (None, b"[DONE]")])
    message = {"role": "assistant", **said(reply)}
    if citations(reply, asked):
        message["citations"] = citations(reply, asked)
    finish = {"finish_reason": finish_of(reply), "usage": usage(reply)}
    probable = {"logprobs": [probability(word) for word in reply.words]} if asked.get("logprobs") else {}
    return whole({"id": name_of(request.body), "message": message, **finish, **probable})


def answer_to(asked):
    messages = asked.get("messages")
    if not isinstance(messages, list) or not messages:
        raise Refused(400, "invalid request: messages must be a list of messages.")
    texts = [texts_of(message.get("content")) for message in messages if message.get("role") == "user"]
    wanted = asked.get("response_format") or {}
    schema = wanted.get("json_schema") or (
        {"properties": {"said": {"type": "string"}}} if wanted.get("type") == "json_object" else None
    )
    return Reply(
        texts[-1] if texts else "",
        tools=tools(asked) if messages[-1].get("role") == "user" else (),
        schema=schema,
        limit=asked.get("max_tokens"),
        stop=asked.get("stop_sequences") or (),
        thinks=(asked.get("thinking") or {}).get("type") == "enabled",
    )


def tools(asked):
    functions = [tool.get("function") or {} for tool in asked.get("tools") or []]
    return (
        []
        if asked.get("tool_choice") == "NONE"
        else [(one.get("name"), one.get("parameters") or {}) for one in functions]
    )


def said(reply):
    content = [{"type": "thinking", "thinking": reply.thought}] if reply.thought else []
    if not reply.calls:
        return {"content": [*content, {"type": "text", "text": reply.text}]}
    calls = [call(at, name, json.dumps(arguments)) for at, (name, arguments) in enumerate(reply.calls)]
    return {**({"content": content} if content else {}), "tool_plan": "I will use the tools.", "tool_calls": calls}


def call(at, name, arguments):
    return {"id": f"{name}_demo_{at}", "type": "function", "function": {"name": name, "arguments": arguments}}


def citations(reply, asked):
    """A source for what was said, where documents were given."""
    documents = asked.get("documents") or []
    if not documents or not reply.words:
        return []
    first = documents[0] if isinstance(documents[0], dict) else {"data": {"text": documents[0]}}
    source = {"type": "document", "id": first.get("id", "doc:0"), "document": first.get("data")}
    return [{"start": 0, "end": 5, "text": reply.text[:5], "sources": [source], "type": "TEXT_CONTENT"}]


def finish_of(reply):
    return "STOP_SEQUENCE" if reply.stopped_at else FINISH[reply.finish]


def usage(reply):
    counted = {"input_tokens": reply.input, "output_tokens": reply.output + reply.thinking}
    return {"billed_units": counted, "tokens": {**counted, "input_tokens": reply.input + 10}, "cached_tokens": 0}


def probability(word):
    return {"text": word, "token_ids": [1], "logprobs": [-0.25]}


def events(name, reply, asked):
    steps = [
        ("message-start", {"id": name, "delta": {"message": {"role": "assistant", "content": [], "tool_calls": []}}})
    ]
    if reply.calls:
        steps += [
            ("tool-plan-delta", {"delta": {"message": {"tool_plan": word}}}) for word in ("I will", " use the tools.")
        ]
    for at, (tool, arguments) in enumerate(reply.calls):
        steps += call_events(at, tool, json.dumps(arguments))
    parts = [("thinking", in_pieces(reply.thought))] if reply.thought else []
    for at, (kind, pieces) in enumerate(parts + ([] if reply.calls else [("text", reply.words)])):
        steps += content_events(at, kind, pieces)
    for at, citation in enumerate(citations(reply, asked)):
        steps += [
            ("citation-start", {"index": at, "delta": {"message": {"citations": citation}}}),
            ("citation-end", {"index": at}),
        ]
    steps.append(("message-end", {"delta": {"finish_reason": finish_of(reply), "usage": usage(reply)}}))
    return [(kind, {"type": kind, **data}) for kind, data in steps]


def content_events(at, kind, pieces):
    return [
        ("content-start", {"index": at, "delta": {"message": {"content": {"type": kind, kind: ""}}}}),
        *(("content-delta", {"index": at, "delta": {"message": {"content": {kind: piece}}}}) for piece in pieces),
        ("content-end", {"index": at}),
    ]


def call_events(at, name, arguments):
    pieces = [{"tool_calls": {"function": {"arguments": piece}}} for piece in in_pieces(arguments)]
    return [
        ("tool-call-start", {"index": at, "delta": {"message": {"tool_calls": call(at, name, "")}}}),
        *(("tool-call-delta", {"index": at, "delta": {"message": piece}}) for piece in pieces),
        ("tool-call-end", {"index": at}),
    ]


def embed(request):
    asked = request.json()
    inputs = [texts_of(one.get("content")) for one in asked.get("inputs") or []]
    texts = (asked.get("texts") or []) + inputs + ["image"] * len(asked.get("images") or [])
    size = asked.get("output_dimension") or 8
    kinds = asked.get("embedding_types") or ["float"]
    vectors = {kind: [vector(kind, text, size) for text in texts] for kind in kinds}
    meta = {**META, "billed_units": {"input_tokens": sum(map(count, texts))}}
    return whole(
        {
            "id": name_of(request.body),
            "embeddings": vectors,
            "texts": texts,
            "meta": meta,
            "response_type": "embeddings_by_type",
        }
    )


def vector(kind, text, size):
    return short_embedding(text, size) if kind == "float" else [int(127 * number) for number in embedding(text, size)]


def rerank(request):
    asked = request.json()
    documents = asked.get("documents") or []
    results = [{"index": at, "relevance_score": round(0.9 / (1 + at), 4)} for at in range(len(documents))]
    meta = {**META, "billed_units": {"search_units": 1}}
    return whole({"id": name_of(request.body), "results": results[: asked.get("top_n") or len(results)], "meta": meta})


ROUTES = [
    route("POST", "/v2/chat", chat),
    route("POST", "/v2/embed", embed),
    route("POST", "/v2/rerank", rerank),
]
