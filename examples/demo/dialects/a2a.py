"""Agent2Agent over JSON-RPC: an agent that repeats what it is told, in version 1.0 of the protocol and in 0.3, which
names methods, roles and parts otherwise. Who says "task" gets a task with an artifact, others a message."""

from .model import CREATED_TEXT, Reply
from .wire import route, server_sent, whole

CONTEXT = "context-demo"
TASK = "task-demo"


class Failed(Exception):
    """A JSON-RPC error."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code
        self.message = message


def error(_status, message):
    return {"jsonrpc": "2.0", "id": None, "error": {"code": -32600, "message": message}}


def post(request):
    asked = request.json()
    start = {"jsonrpc": "2.0", "id": asked.get("id")}
    try:
        made = METHODS.get(asked.get("method"), unknown)(asked.get("params") or {})
    except Failed as failed:
        return whole({**start, "error": {"code": failed.code, "message": failed.message}})
    if isinstance(made, list):
        return server_sent([(None, {**start, "result": result}) for result in made])
    return whole({**start, "result": made})


def unknown(_params):
    raise Failed(-32601, "Method not found")


def card(request):
    """Where to call it is where it was asked."""
    url = f"http://{request.header('host')}/a2a"
    skill = {"id": "echo", "name": "Echo", "description": "Repeats what it is told.", "tags": ["demo"]}
    interfaces = [{"url": url, "protocolBinding": "JSONRPC", "protocolVersion": version} for version in ("1.0", "0.3")]
    about = {"name": "Demo", "description": "Repeats what it is told.", "version": "1", "skills": [skill]}
    modes = {"defaultInputModes": ["text/plain"], "defaultOutputModes": ["text/plain"]}
    older = {"url": url, "protocolVersion": "0.3.0", "preferredTransport": "JSONRPC"}
    return whole({**about, **modes, **older, "supportedInterfaces": interfaces, "capabilities": {"streaming": True}})


class Version:
    """The words of a version of the protocol."""

    def reply(self, params):
        parts = (params.get("message") or {}).get("parts") or []
        return Reply(" ".join(part["text"] for part in parts if isinstance(part.get("text"), str)))

    def send(self, params):
        reply = self.reply(params)
        if "task" in reply.said.lower():
            return self.wrap("task", self.task("completed", reply.text))
        return self.wrap("message", self.message(reply.text))

    def stream(self, params):
        reply = self.reply(params)
        where = {"taskId": TASK, "contextId": CONTEXT}
        pieces = [self.artifact(word) for word in reply.words]
        updates = [
            {**where, "artifact": piece, "append": at > 0, "lastChunk": at == len(pieces) - 1}
            for at, piece in enumerate(pieces)
        ]
        return [
            self.wrap("task", self.task("working")),
            *(self.wrap("artifactUpdate", update) for update in updates),
            self.wrap("statusUpdate", {**where, "status": self.status("completed"), **self.final}),
        ]

    def get(self, params):
        return self.task("completed", f"Demo: you asked for {params.get('id')}")

    def cancel(self, _params):
        return self.task("canceled")

    def message(self, text):
        about = {"messageId": "message-demo", "contextId": CONTEXT, "role": self.role}
        return {**self.kind("message"), **about, "parts": [self.part(text)]}

    def task(self, state, text=None):
        artifacts = {"artifacts": [self.artifact(text)]} if text else {}
        return {**self.kind("task"), "id": TASK, "contextId": CONTEXT, "status": self.status(state), **artifacts}

    def artifact(self, text):
        return {"artifactId": "artifact-demo", "name": "echo", "parts": [self.part(text)]}

    def status(self, state):
        return {"state": self.state(state), "timestamp": CREATED_TEXT}


class One(Version):
    role = "ROLE_AGENT"
    final = {}

    def wrap(self, name, value):
        return {name: value}

    def kind(self, _name):
        return {}

    def part(self, text):
        return {"text": text}

    def state(self, name):
        return "TASK_STATE_" + name.upper()


class Older(Version):
    """Version 0.3: each object says what it is."""

    role = "agent"
    final = {"final": True}
    kinds = {"artifactUpdate": "artifact-update", "statusUpdate": "status-update"}

    def wrap(self, name, value):
        return {**self.kind(self.kinds.get(name, name)), **value}

    def kind(self, name):
        return {"kind": name}

    def part(self, text):
        return {"kind": "text", "text": text}

    def state(self, name):
        return name


one, older = One(), Older()
METHODS = {
    "SendMessage": one.send,
    "SendStreamingMessage": one.stream,
    "SubscribeToTask": one.stream,
    "GetTask": one.get,
    "CancelTask": one.cancel,
    "ListTasks": lambda _: {"tasks": [one.task("completed")], "totalSize": 1, "pageSize": 1, "nextPageToken": ""},
    "message/send": older.send,
    "message/stream": older.stream,
    "tasks/resubscribe": older.stream,
    "tasks/get": older.get,
    "tasks/cancel": older.cancel,
}
ROUTES = [
    route("POST", "/a2a", post),
    route("GET", "/a2a/.well-known/agent-card.json", card),
    route("GET", "/.well-known/agent-card.json", card),
]
