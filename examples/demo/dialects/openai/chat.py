"""Chat: tools, several choices, probabilities, pieces that are not text, and the stream of it all."""

import json

from ..model import CREATED, SOUND, Reply, base64_of, in_pieces, texts_of
from ..wire import Refused, server_sent, whole
from .shape import both, head, logprobs, stops, usage

FINISH = {"stop": "stop", "length": "length", "tools": "tool_calls"}


def chat(request, deployment=None):
    asked = request.json()
    reply = answer_to(asked)
    times = asked.get("n") or 1
    start = head("chatcmpl-", request, "chat.completion", deployment)
    if asked.get("stream"):
        options = asked.get("stream_options") or {}
        return stream(start, reply, asked, times, with_usage=bool(options.get("include_usage")))
    choices = [{"index": at, **choice(reply, asked)} for at in range(times)]
    return whole({**start, "choices": choices, "usage": usage(reply, times)})


def answer_to(asked):
    messages = asked.get("messages")
    return Reply(
        last_user_text(messages),
        tools=tools(asked) if messages and messages[-1].get("role") == "user" else (),
        schema=schema(asked.get("response_format") or {}),
        limit=asked.get("max_completion_tokens") or asked.get("max_tokens"),
        stop=stops(asked),
        thinks="reasoning_effort" in asked,
        cached="prompt_cache_key" in asked,
    )


def last_user_text(messages):
    """What the user said last: a text, or the text parts of a list of parts."""
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        raise Refused(400, "'messages' must be a list of messages.")
    said = [message.get("content") for message in messages if message.get("role") == "user"]
    return texts_of(said[-1]) if said else ""


def tools(asked):
    """What it is to call: all, or the first where calls are not to be made in parallel."""
    if asked.get("tool_choice") == "none":
        return []
    offered = [tool.get(tool.get("type")) or {} for tool in asked.get("tools") or []] or asked.get("functions") or []
    calls = [(tool.get("name", ""), tool.get("parameters") or {}) for tool in offered]
    return calls[:1] if asked.get("parallel_tool_calls") is False or asked.get("functions") else calls


def schema(wanted):
    if wanted.get("type") == "json_object":
        return {"type": "object", "properties": {"said": {"type": "string"}}}
    return (wanted.get("json_schema") or {}).get("schema")


def choice(reply, asked):
    probable = {"content": logprobs(reply.words, asked.get("top_logprobs")), "refusal": None}
    return {
        "message": message(reply, asked),
        "logprobs": probable if asked.get("logprobs") else None,
        "finish_reason": "function_call" if is_legacy(reply, asked) else FINISH[reply.finish],
    }


def message(reply, asked):
    said = {"role": "assistant", "content": reply.text, "refusal": None}
    if reply.said.startswith("Refuse"):
        return {**said, "content": None, "refusal": "The demo does not do that."}
    if "audio" in (asked.get("modalities") or []):
        sound = {"id": "audio_demo", "data": base64_of(SOUND), "expires_at": CREATED + 3600, "transcript": reply.text}
        return {**said, "content": None, "audio": sound}
    if is_legacy(reply, asked):
        name, arguments = reply.calls[0]
        return {**said, "content": None, "function_call": {"name": name, "arguments": json.dumps(arguments)}}
    if reply.calls:
        return {**said, "content": None, "tool_calls": [call for call in calls(reply, asked)]}
    return said


def is_legacy(reply, asked):
    """Whether the answer is a function call of the kind that was there before tools."""
    return bool(reply.calls and asked.get("functions"))


def calls(reply, asked):
    kinds = {(tool.get(tool["type"]) or {}).get("name"): tool["type"] for tool in asked.get("tools") or []}
    for at, (name, arguments) in enumerate(reply.calls):
        kind = kinds.get(name, "function")
        what = (
            {"name": name, "input": reply.said}
            if kind == "custom"
            else {"name": name, "arguments": json.dumps(arguments)}
        )
        yield {"id": f"call_demo_{at}", "type": kind, kind: what}


def stream(start, reply, asked, times, with_usage):
    start = {**start, "object": "chat.completion.chunk", **({"usage": None} if with_usage else {})}
    events = []
    for at in range(times):
        for delta in deltas(message(reply, asked), reply):
            probable = asked.get("logprobs") and delta.get("content")
            content = {"content": logprobs([delta["content"]], asked.get("top_logprobs"))} if probable else None
            known = {"logprobs": content} if asked.get("logprobs") else {}
            events.append({**start, "choices": [{"index": at, "delta": delta, **known, "finish_reason": None}]})
        last = choice(reply, asked)["finish_reason"]
        events.append({**start, "choices": [{"index": at, "delta": {}, "finish_reason": last}]})
    if with_usage:
        events.append({**start, "choices": [], "usage": usage(reply, times)})
    return server_sent([*((None, event) for event in events), (None, b"[DONE]")])


def deltas(said, reply):
    """The pieces that a message arrives in."""
    if said["refusal"]:
        return [{"role": "assistant", "content": None}, *({"refusal": piece} for piece in in_pieces(said["refusal"]))]
    if "function_call" in said:
        call = said["function_call"]
        pieces = [{"function_call": {"arguments": piece}} for piece in in_pieces(call["arguments"])]
        return [{"role": "assistant", "content": None, "function_call": {**call, "arguments": ""}}, *pieces]
    if "tool_calls" in said:
        return [{"role": "assistant", "content": None}, *tool_deltas(said["tool_calls"])]
    return [{"role": "assistant", "content": ""}, *({"content": word} for word in reply.words)]


def tool_deltas(made):
    for at, call in enumerate(made):
        kind = call["type"]
        field = "input" if kind == "custom" else "arguments"
        yield {"tool_calls": [{"index": at, **call, kind: {**call[kind], field: ""}}]}
        for piece in in_pieces(call[kind][field]):
            yield {"tool_calls": [{"index": at, kind: {field: piece}}]}


ROUTES = both("/chat/completions", chat)
