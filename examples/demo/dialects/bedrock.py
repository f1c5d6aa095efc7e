"""The Bedrock runtime: converse, which is the same for all models, and invoke, which is not. Streams are AWS event
streams: binary messages, each with its lengths, headers and two checksums."""

import json
import struct
import urllib.parse
import zlib

from . import anthropic
from .model import Reply, base64_of, count, in_pieces, short_embedding
from .openai.chat import chat as openai_chat
from .wire import Answer, Refused, compact, route, whole

FINISH = {"stop": "end_turn", "length": "max_tokens", "tools": "tool_use"}
EVENTS = "application/vnd.amazon.eventstream"
STRING = 7  # the type of a header's value


def error(_status, message):
    return {"message": message}


# Event streams.


def event_stream(events):
    return Answer([message(kind, data) for kind, data in events], content_type=EVENTS, streamed=True)


def message(kind, data):
    """Total length, length of the headers, checksum of both; headers, payload, checksum of everything before it."""
    headers = {":event-type": kind, ":content-type": "application/json", ":message-type": "event"}
    fields = b"".join(header(name.encode(), value.encode()) for name, value in headers.items())
    payload = compact(data)
    prelude = struct.pack(">II", 4 + 4 + 4 + len(fields) + len(payload) + 4, len(fields))
    checked = prelude + struct.pack(">I", zlib.crc32(prelude)) + fields + payload
    return checked + struct.pack(">I", zlib.crc32(checked))


def header(name, value):
    return struct.pack(">B", len(name)) + name + struct.pack(">BH", STRING, len(value)) + value


# Converse.


def converse(request, model):
    reply = answer_to(request.json())
    said = {"role": "assistant", "content": blocks(reply)}
    return whole({"output": {"message": said}, "stopReason": stop_reason(reply), **ended(reply)})


def answer_to(asked):
    config = asked.get("inferenceConfig") or {}
    messages = asked.get("messages") or []
    said = [text_of(message.get("content")) for message in messages if message.get("role") == "user"]
    more = asked.get("additionalModelRequestFields") or {}
    return Reply(
        next((text for text in reversed(said) if text), ""),
        tools=() if has_result(messages) else tools(asked),
        limit=config.get("maxTokens"),
        stop=config.get("stopSequences") or (),
        thinks="thinking" in more,
        cached='"cachePoint"' in json.dumps(asked),
    )


def text_of(content):
    return " ".join(block["text"] for block in content or [] if "text" in block)


def has_result(messages):
    return bool(messages) and any("toolResult" in block for block in messages[-1].get("content") or [])


def tools(asked):
    config = asked.get("toolConfig") or {}
    specs = [tool["toolSpec"] for tool in config.get("tools") or [] if "toolSpec" in tool]
    chosen = ((config.get("toolChoice") or {}).get("tool") or {}).get("name")
    return [(spec["name"], spec["inputSchema"]["json"]) for spec in specs if chosen in (None, spec["name"])]


def blocks(reply):
    thought = {"reasoningContent": {"reasoningText": {"text": reply.thought, "signature": "ZGVtbw=="}}}
    uses = [
        {"toolUse": {"toolUseId": f"tooluse_demo_{at}", "name": name, "input": arguments}}
        for at, (name, arguments) in enumerate(reply.calls)
    ]
    return ([thought] if reply.thought else []) + (uses or [{"text": reply.text}])


def stop_reason(reply):
    return "stop_sequence" if reply.stopped_at else FINISH[reply.finish]


def ended(reply):
    output = reply.output + reply.thinking
    usage = {"inputTokens": reply.input, "outputTokens": output, "totalTokens": reply.input + output}
    if reply.cached:
        usage = {**usage, "cacheReadInputTokens": reply.cached, "cacheWriteInputTokens": 0}
    return {"usage": usage, "metrics": {"latencyMs": 1}}


def converse_stream(request, model):
    reply = answer_to(request.json())
    events = [("messageStart", {"role": "assistant"})]
    for at, block in enumerate(blocks(reply)):
        where = {"contentBlockIndex": at}
        if "toolUse" in block:
            start = {name: block["toolUse"][name] for name in ("toolUseId", "name")}
            events.append(("contentBlockStart", {"start": {"toolUse": start}, **where}))
        events += [("contentBlockDelta", {"delta": delta, **where}) for delta in deltas(block, reply)]
        events.append(("contentBlockStop", where))
    events += [("messageStop", {"stopReason": stop_reason(reply)}), ("metadata", ended(reply))]
    return event_stream(events)


def deltas(block, reply):
    if "toolUse" in block:
        return [{"toolUse": {"input": piece}} for piece in in_pieces(json.dumps(block["toolUse"]["input"]))]
    if "reasoningContent" in block:
        thought = block["reasoningContent"]["reasoningText"]
        pieces = [{"reasoningContent": {"text": piece}} for piece in in_pieces(thought["text"])]
        return [*pieces, {"reasoningContent": {"signature": thought["signature"]}}]
    return [{"text": word} for word in reply.words]


def count_tokens(request, model):
    asked = (request.json().get("input") or {}).get("converse") or {}
    return whole(
        {"inputTokens": sum(count(text_of(message.get("content"))) for message in asked.get("messages") or [])}
    )


# Invoke: each maker of models has a shape of its own.


def invoke(request, model):
    name = urllib.parse.unquote(model)
    if "anthropic." in name:
        return anthropic.messages(request, name)
    if "openai." in name:
        return openai_chat(request, name)
    return whole(own_shape(name, request.json()))


def own_shape(name, asked):
    if "titan-embed" in name:
        text = asked.get("inputText", "")
        return {"embedding": short_embedding(text, asked.get("dimensions") or 8), "inputTextTokenCount": count(text)}
    if "titan" in name:
        reply = Reply(asked.get("inputText", ""), limit=(asked.get("textGenerationConfig") or {}).get("maxTokenCount"))
        result = {
            "tokenCount": reply.output,
            "outputText": reply.text,
            "completionReason": finish_of(reply, "FINISH", "LENGTH"),
        }
        return {"inputTextTokenCount": reply.input, "results": [result]}
    if "llama" in name:
        reply = Reply(asked.get("prompt", ""), limit=asked.get("max_gen_len"))
        counts = {"prompt_token_count": reply.input, "generation_token_count": reply.output}
        return {"generation": reply.text, **counts, "stop_reason": finish_of(reply, "stop", "length")}
    if "mistral" in name:
        reply = Reply(asked.get("prompt", ""), limit=asked.get("max_tokens"))
        return {"outputs": [{"text": reply.text, "stop_reason": finish_of(reply, "stop", "length")}]}
    if "nova" in name:
        reply = answer_to(asked)
        said = {"role": "assistant", "content": blocks(reply)}
        return {"output": {"message": said}, "stopReason": stop_reason(reply), "usage": ended(reply)["usage"]}
    raise Refused(400, "The provided model identifier is invalid.")


def finish_of(reply, stop, length):
    return length if reply.finish == "length" else stop


def invoke_stream(request, model):
    """Each chunk holds an event of the model's own stream, in base64; the last one what was counted too."""
    name = urllib.parse.unquote(model)
    if "anthropic." not in name:
        pieces = [own_shape(name, request.json())]
    else:
        pieces = [
            data for kind, data in anthropic.events({**request.json(), "model": name}, request.body) if kind != "ping"
        ]
    metrics = {"inputTokenCount": 1, "outputTokenCount": 1, "invocationLatency": 1, "firstByteLatency": 1}
    pieces[-1] = {**pieces[-1], "amazon-bedrock-invocationMetrics": metrics}
    return event_stream([("chunk", {"bytes": base64_of(compact(piece)), "p": "abcd"}) for piece in pieces])


ROUTES = [
    route("POST", "/model/{model}/converse", converse),
    route("POST", "/model/{model}/converse-stream", converse_stream),
    route("POST", "/model/{model}/count-tokens", count_tokens),
    route("POST", "/model/{model}/invoke", invoke),
    route("POST", "/model/{model}/invoke-with-response-stream", invoke_stream),
]
