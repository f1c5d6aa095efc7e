"""The Model Context Protocol over streamable HTTP: a server with three tools, two resources and a prompt.

It speaks the protocol with a handshake (until 2025-11-25) and the one without (2026-07-28). Answers are JSON, or one
stream of server-sent events where the caller wants to hear of the progress.
"""

from .model import MODEL, PIXEL, SOUND, base64_of
from .wire import Answer, Refused, route, server_sent, whole

HANDSHAKE = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
MODERN = "2026-07-28"
SESSION = {"mcp-session-id": "demo-session"}
CAPABILITIES = {"tools": {}, "resources": {"subscribe": True}, "prompts": {}, "completions": {}, "logging": {}}
SERVER = {"name": "portcullis-demo", "version": "1"}
TEXT = {
    "type": "object",
    "properties": {"text": {"type": "string", "description": "What to repeat"}},
    "required": ["text"],
}
TOOLS = [
    {
        "name": "echo",
        "title": "Echo",
        "description": "Repeats a text.",
        "inputSchema": TEXT,
        "annotations": {"readOnlyHint": True},
    },
    {"name": "show", "description": "Shows a picture, a sound and documents.", "inputSchema": {"type": "object"}},
    {"name": "fail", "description": "Fails always.", "inputSchema": {"type": "object", "properties": {}}},
]
NOTES = {"uri": "demo://notes", "name": "notes", "description": "Notes of the demo", "mimeType": "text/plain"}
PICTURE = {"uri": "demo://picture", "name": "picture", "mimeType": "image/png"}
PROMPT = {
    "name": "greet",
    "description": "Greets somebody",
    "arguments": [{"name": "who", "description": "Whom", "required": True}],
}
CACHED = {"ttlMs": 0, "cacheScope": "private"}


class Failed(Exception):
    """A JSON-RPC error."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code
        self.message = message


def error(_status, message):
    return {"jsonrpc": "2.0", "id": None, "error": {"code": -32600, "message": message}}


def post(request):
    message = request.json()
    if "id" not in message:
        return Answer([], 202)
    answer = {"jsonrpc": "2.0", "id": message["id"]}
    params = message.get("params") or {}
    try:
        answer["result"] = result(request, message.get("method"), params)
    except Failed as failed:
        answer["error"] = {"code": failed.code, "message": failed.message}
    token = (params.get("_meta") or {}).get("progressToken")
    if token is not None and "result" in answer:
        progress = {"progressToken": token, "progress": 1, "total": 2, "message": "half done"}
        note = {"jsonrpc": "2.0", "method": "notifications/progress", "params": progress}
        return server_sent([("message", note), ("message", answer)])
    return whole(answer, headers=SESSION if message.get("method") == "initialize" else ())


def result(request, method, params):
    make = METHODS.get(method)
    if make is None:
        raise Failed(-32601, f"Method not found: {method}")
    made = make(params)
    if request.header("mcp-protocol-version") != MODERN:
        return made
    return {**made, "resultType": "complete", **(CACHED if method in CACHEABLE else {})}


def initialize(params):
    asked = params.get("protocolVersion")
    version = asked if asked in HANDSHAKE else HANDSHAKE[-1]
    return {
        "protocolVersion": version,
        "capabilities": CAPABILITIES,
        "serverInfo": SERVER,
        "instructions": "Call echo.",
    }


def discover(_params):
    return {
        "supportedVersions": [MODERN],
        "capabilities": CAPABILITIES,
        "serverInfo": SERVER,
        "instructions": "Call echo.",
    }


def call(params):
    name, arguments = params.get("name"), params.get("arguments") or {}
    if name == "echo":
        said = f"Demo: you said: {arguments.get('text', '')}"
        return {"content": [text(said)], "structuredContent": {"said": said}, "isError": False}
    if name == "show":
        return {"content": shown(), "isError": False}
    if name == "fail":
        return {"content": [text("This tool fails always.")], "isError": True}
    raise Failed(-32602, f"Unknown tool: {name}")


def text(said):
    return {"type": "text", "text": said}


def shown():
    return [
        text("Look and listen"),
        {"type": "image", "data": base64_of(PIXEL), "mimeType": "image/png"},
        {"type": "audio", "data": base64_of(SOUND), "mimeType": "audio/wav"},
        {"type": "resource_link", **PICTURE},
        {"type": "resource", "resource": {"uri": NOTES["uri"], "mimeType": "text/plain", "text": "Notes of the demo"}},
    ]


def read(params):
    uri = params.get("uri")
    if uri == PICTURE["uri"]:
        return {"contents": [{"uri": uri, "mimeType": "image/png", "blob": base64_of(PIXEL)}]}
    if uri == NOTES["uri"]:
        return {"contents": [{"uri": uri, "mimeType": "text/plain", "text": "Notes of the demo"}]}
    raise Failed(-32602, f"Unknown resource: {uri}")


def prompt(params):
    if params.get("name") != PROMPT["name"]:
        raise Failed(-32602, f"Unknown prompt: {params.get('name')}")
    said = f"Greet {(params.get('arguments') or {}).get('who', 'everybody')}."
    return {"description": PROMPT["description"], "messages": [{"role": "user", "content": text(said)}]}


def templates(_params):
    return {
        "resourceTemplates": [{"uriTemplate": "demo://notes/{day}", "name": "day", "description": "Notes of a day"}]
    }


METHODS = {
    "initialize": initialize,
    "server/discover": discover,
    "ping": lambda _: {},
    "tools/list": lambda _: {"tools": TOOLS},
    "tools/call": call,
    "resources/list": lambda _: {"resources": [NOTES, PICTURE]},
    "resources/templates/list": templates,
    "resources/read": read,
    "resources/subscribe": lambda _: {},
    "resources/unsubscribe": lambda _: {},
    "prompts/list": lambda _: {"prompts": [PROMPT]},
    "prompts/get": prompt,
    "completion/complete": lambda _: {"completion": {"values": [MODEL], "total": 1, "hasMore": False}},
    "logging/setLevel": lambda _: {},
}
CACHEABLE = {
    "server/discover",
    "tools/list",
    "resources/list",
    "resources/templates/list",
    "resources/read",
    "prompts/list",
}


def listen(_request):
    raise Refused(405, "The demo has nothing to say on its own.")


def end(_request):
    return Answer([], 200)


ROUTES = [
    route("POST", "/mcp", post),
    route("GET", "/mcp", listen),
    route("DELETE", "/mcp", end),
]
