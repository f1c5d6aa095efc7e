"""Ollama's API. It streams unless it is told not to, a JSON object a line."""

import json

from .model import CREATED_TEXT, MODEL, Reply, count, name_of, short_embedding
from .wire import Refused, lines, route, whole

DETAILS = {
    "format": "gguf",
    "family": "demo",
    "families": ["demo"],
    "parameter_size": "0B",
    "quantization_level": "Q4_0",
}


def error(_status, message):
    return {"error": message}


def chat(request):
    asked = request.json()
    messages = asked.get("messages") or []
    if not all(isinstance(message, dict) for message in messages):
        raise Refused(400, "messages must be a list of messages")
    said = [message.get("content") or "" for message in messages if message.get("role") == "user"]
    reply = reply_to(
        asked, said[-1] if said else "", tools(asked) if messages and messages[-1].get("role") == "user" else ()
    )
    parts = [{"thinking": reply.thought}] if reply.thought else []
    parts += [{"tool_calls": [{"function": {"name": name, "arguments": arguments}}]} for name, arguments in reply.calls]
    parts += [{"content": word} for word in reply.words]
    return answer(
        asked, reply, [{"message": {"role": "assistant", "content": "", **part}} for part in parts], joined(parts)
    )


def joined(parts):
    """The message that the parts of a stream make."""
    message = {"role": "assistant", "content": "".join(part.get("content", "") for part in parts)}
    thought = "".join(part.get("thinking", "") for part in parts)
    calls = [call for part in parts for call in part.get("tool_calls", [])]
    return {
        "message": {**message, **({"thinking": thought} if thought else {}), **({"tool_calls": calls} if calls else {})}
    }


def generate(request):
    asked = request.json()
    reply = reply_to(asked, asked.get("prompt") or "", ())
    parts = [{"response": "", "thinking": reply.thought}] if reply.thought else []
    parts += [{"response": word} for word in reply.words]
    made = {"response": reply.text, **({"thinking": reply.thought} if reply.thought else {}), "context": [1, 2, 3]}
    return answer(asked, reply, parts, made, last={"response": "", "context": [1, 2, 3]})


def reply_to(asked, said, offered):
    options = asked.get("options") or {}
    wanted = asked.get("format")
    schema = {"properties": {"said": {"type": "string"}}} if wanted == "json" else wanted
    stop = options.get("stop") or ()
    stop = [stop] if isinstance(stop, str) else stop
    return Reply(said, offered, schema, options.get("num_predict"), stop, thinks=bool(asked.get("think")))


def tools(asked):
    functions = [tool.get("function") or {} for tool in asked.get("tools") or []]
    return [(function.get("name"), function.get("parameters") or {}) for function in functions]


def answer(asked, reply, parts, made, last=None):
    start = {"model": asked.get("model", MODEL), "created_at": CREATED_TEXT}
    finish = "length" if reply.finish == "length" else "stop"
    nanoseconds = {"total_duration": 1000, "load_duration": 100, "prompt_eval_duration": 200, "eval_duration": 300}
    end = {"done": True, "done_reason": finish, **nanoseconds}
    end = {**end, "prompt_eval_count": reply.input, "eval_count": reply.output + reply.thinking}
    probable = (
        {"logprobs": [{"token": word, "logprob": -0.25} for word in reply.words]} if asked.get("logprobs") else {}
    )
    if asked.get("stream") is False:
        return whole({**start, **made, **probable, **end})
    last = last or {"message": {"role": "assistant", "content": ""}}
    return lines([*({**start, **part, "done": False} for part in parts), {**start, **last, **end}])


def embed(request):
    asked = request.json()
    texts = [asked["input"]] if isinstance(asked.get("input"), str) else asked.get("input") or []
    vectors = [short_embedding(text, asked.get("dimensions") or 8) for text in texts]
    times = {"total_duration": 1000, "load_duration": 100, "prompt_eval_count": sum(map(count, texts))}
    return whole({"model": asked.get("model", MODEL), "embeddings": vectors, **times})


def embed_one(request):
    return whole({"embedding": short_embedding(request.json().get("prompt") or "")})


def tags(_request):
    return whole({"models": [listed(MODEL)]})


def running(_request):
    return whole({"models": [{**listed(MODEL), "expires_at": CREATED_TEXT, "size_vram": 1, "context_length": 4096}]})


def listed(name):
    start = {"name": name, "model": name, "modified_at": CREATED_TEXT, "size": 1}
    return {**start, "digest": name_of(name.encode(), 64), "details": DETAILS}


def show(request):
    about = {
        "license": "none",
        "modelfile": f"FROM {request.json().get('model')}",
        "parameters": "",
        "template": "{{ .Prompt }}",
    }
    return whole(
        {**about, "details": DETAILS, "model_info": {"general.architecture": "demo"}, "capabilities": ["completion"]}
    )


def progress(request):
    steps = [{"status": "pulling manifest"}, {"status": "success"}]
    return whole(steps[-1]) if request.json().get("stream") is False else lines(steps)


def done(_request):
    return whole({})


def decide(request):
    """What the SDK calls SystemOne: questions about a state, answered with probabilities."""
    asked = request.json()
    answers = {name: decided(question) for name, question in (asked.get("questions") or {}).items()}
    tokens = count(json.dumps(asked.get("state")))
    return whole(
        {
            "model": asked.get("model", MODEL),
            "answers": answers,
            "usage": {"input_tokens": tokens, "output_tokens": len(answers)},
        }
    )


def decided(question):
    kind = question["type"]
    names = list(question.get("criteria") or {})
    probable = {str(name if kind == "choice" else at): float(at == 0) for at, name in enumerate(names)}
    if kind == "choice":
        return {"type": kind, "choice": names[0], "probabilities": probable, "confidence": 1.0}
    if kind == "score":
        legend = {str(at): name for at, name in enumerate(names)}
        return {"type": kind, "score": 0.0, "legend": legend, "probabilities": probable, "confidence": 1.0}
    return {"type": kind, "noul": 1.0}


ROUTES = [
    route("POST", "/api/chat", chat),
    route("POST", "/api/generate", generate),
    route("POST", "/api/embed", embed),
    route("POST", "/api/embeddings", embed_one),
    route("GET", "/api/tags", tags),
    route("GET", "/api/ps", running),
    route("POST", "/api/show", show),
    route("POST", "/api/pull", progress),
    route("POST", "/api/create", progress),
    route("POST", "/api/copy", done),
    route("DELETE", "/api/delete", done),
    route("POST", "/v1/systemone", decide),
]
