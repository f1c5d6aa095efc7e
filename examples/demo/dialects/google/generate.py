"""Google's API: generateContent and its two streams, embeddings, the count of tokens, and Vertex AI's paths of it all,
with Anthropic's models among them.

OpenAI has /v1/models too: there the header `x-goog-api-key` says who is asked.
"""

import re

from .. import anthropic
from ..model import PIXEL, Reply, base64_of, count, name_of, short_embedding, texts_of
from ..wire import JSON, Answer, compact, route, server_sent, whole

FINISH = {"stop": "STOP", "length": "MAX_TOKENS", "tools": "STOP"}
STATUSES = {400: "INVALID_ARGUMENT", 404: "NOT_FOUND"}


def error(status, message):
    return {"error": {"code": status, "message": message, "status": STATUSES.get(status, "INVALID_ARGUMENT")}}


def generate(request, model, **_):
    asked = request.json()
    reply = answer_to(asked)
    return whole(response(request, model, reply, parts(reply), FINISH[reply.finish], times(asked)))


def stream(request, model, **_):
    """Server-sent events with `alt=sse`, the elements of a JSON array otherwise."""
    asked = request.json()
    reply = answer_to(asked)
    pieces = [[{"text": word}] for word in reply.words] or [parts(reply)]
    pieces = [[{"text": reply.thought, "thought": True}], *pieces] if reply.thought and reply.words else pieces
    finishes = [None] * (len(pieces) - 1) + [FINISH[reply.finish]]
    events = [response(request, model, reply, piece, finish) for piece, finish in zip(pieces, finishes, strict=True)]
    if "alt=sse" in request.query.split("&"):
        return server_sent([(None, event) for event in events])
    begins = [b"["] + [b",\r\n"] * (len(events) - 1)
    array = [begin + compact(event) for begin, event in zip(begins, events, strict=True)]
    return Answer([*array, b"]"], content_type=JSON, streamed=True)


def answer_to(asked):
    config = field(asked, "generationConfig") or {}
    contents = field(asked, "contents") or []
    said = [texts_of(content.get("parts")) for content in contents if content.get("role", "user") == "user"]
    wants_json = field(config, "responseMimeType") == JSON
    schema = field(config, "responseJsonSchema") or field(config, "responseSchema")
    return Reply(
        next((text for text in reversed(said) if text), ""),
        tools=() if has_result(contents) else tools(asked),
        schema=schema or ({"properties": {"said": {"type": "string"}}} if wants_json else None),
        limit=field(config, "maxOutputTokens"),
        stop=field(config, "stopSequences") or (),
        thinks=bool(field(field(config, "thinkingConfig") or {}, "includeThoughts")),
        cached=bool(field(asked, "cachedContent")),
    )


def field(value, name):
    """A field by its name in camelCase or snake_case: the API takes both, and its SDK sends both."""
    return value.get(name, value.get(re.sub("[A-Z]", lambda upper: "_" + upper[0].lower(), name)))


def has_result(contents):
    return bool(contents) and any(field(part, "functionResponse") for part in contents[-1].get("parts") or [])


def tools(asked):
    choice = field(field(asked, "toolConfig") or {}, "functionCallingConfig") or {}
    declared = [function for tool in asked.get("tools") or [] for function in field(tool, "functionDeclarations") or []]
    names = field(choice, "allowedFunctionNames") or [function["name"] for function in declared]
    calls = [(one["name"], field(one, "parametersJsonSchema") or one.get("parameters") or {}) for one in declared]
    return [] if choice.get("mode") == "NONE" else [call for call in calls if call[0] in names]


def times(asked):
    return field(field(asked, "generationConfig") or {}, "candidateCount") or 1


def parts(reply):
    thought = [{"text": reply.thought, "thought": True, "thoughtSignature": "ZGVtbw=="}] if reply.thought else []
    calls = [{"functionCall": {"name": name, "args": arguments}} for name, arguments in reply.calls]
    return thought + (calls or [{"text": reply.text}])


def response(request, model, reply, made, finish, candidates=1):
    about = {
        "usageMetadata": usage(reply, candidates, finish),
        "modelVersion": model,
        "responseId": name_of(request.body),
    }
    if reply.said.startswith("Refuse"):
        return {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, **about}
    candidate = {"content": {"parts": made, "role": "model"}, **({"finishReason": finish} if finish else {})}
    return {"candidates": [{**candidate, "index": at} for at in range(candidates)], **about}


def usage(reply, candidates, finish):
    """Thoughts are counted beside the candidates; a stream tells all with its last piece."""
    if finish is None:
        return {"promptTokenCount": reply.input, "totalTokenCount": reply.input}
    output = reply.output * candidates
    counted = {"promptTokenCount": reply.input, "candidatesTokenCount": output}
    counted["totalTokenCount"] = reply.input + output + reply.thinking
    if reply.cached:
        counted["cachedContentTokenCount"] = reply.cached
    return {**counted, **({"thoughtsTokenCount": reply.thinking} if reply.thinking else {})}


def embed(request, model, **_):
    asked = request.json()
    values = short_embedding(texts_of(asked.get("content", {}).get("parts")), asked.get("outputDimensionality") or 8)
    return whole({"embedding": {"values": values}})


def embed_all(request, model, **_):
    asked = request.json().get("requests") or []
    texts = [(texts_of(one["content"].get("parts")), one.get("outputDimensionality") or 8) for one in asked]
    return whole({"embeddings": [{"values": short_embedding(text, size)} for text, size in texts]})


def predict(request, model, **_):
    """Vertex AI's older call: embeddings of texts, pictures of prompts."""
    asked = request.json()
    size = (asked.get("parameters") or {}).get("outputDimensionality") or 8
    return whole({"predictions": [predicted(one, size) for one in asked.get("instances") or []]})


def predicted(instance, size):
    if "prompt" in instance:
        return {"bytesBase64Encoded": base64_of(PIXEL), "mimeType": "image/png"}
    text = instance.get("content", "")
    statistics = {"token_count": count(text), "truncated": False}
    return {"embeddings": {"values": short_embedding(text, size), "statistics": statistics}}


def count_tokens(request, model, **_):
    asked = request.json()
    contents = asked.get("contents") or (asked.get("generateContentRequest") or {}).get("contents") or []
    return whole({"totalTokens": sum(count(texts_of(content.get("parts"))) for content in contents)})


def models(_request, **_):
    return whole({"models": [model_of("demo")]})


def model(_request, model, **_):
    return whole(model_of(model))


def model_of(name):
    about = {"name": "models/" + name, "version": "1", "displayName": "Demo", "inputTokenLimit": 4096}
    return {**about, "outputTokenLimit": 4096, "supportedGenerationMethods": ["generateContent", "countTokens"]}


def raw_predict(request, model, **_):
    """An Anthropic model on Vertex AI: the path names the model, the body the version."""
    return anthropic.messages(request, model)


def is_ours(request):
    return bool(request.header("x-goog-api-key")) or "key=" in request.query


def everywhere(action, answer):
    """A model's action under each version of the API, and under Vertex AI's projects."""
    places = [f"/{version}/models/{{model}}" for version in ("v1", "v1beta", "v1alpha")]
    for version in ("v1", "v1beta1"):
        places.append(f"/{version}/projects/{{project}}/locations/{{location}}/publishers/google/models/{{model}}")
        places.append(f"/{version}/publishers/google/models/{{model}}")
    return [route("POST", place + ":" + action, answer) for place in places]


CLAUDE = "/v1/projects/{project}/locations/{location}/publishers/anthropic/models/{model}:"
ROUTES = [
    *everywhere("generateContent", generate),
    *everywhere("streamGenerateContent", stream),
    *everywhere("embedContent", embed),
    *everywhere("batchEmbedContents", embed_all),
    *everywhere("predict", predict),
    *everywhere("countTokens", count_tokens),
    route("POST", CLAUDE + "rawPredict", raw_predict),
    route("POST", CLAUDE + "streamRawPredict", raw_predict),
    route("GET", "/v1/models", models, is_ours),
    route("GET", "/v1/models/{model}", model, is_ours),
    route("GET", "/v1beta/models", models),
    route("GET", "/v1beta/models/{model}", model),
]
