"""Requests and answers as the dialects see them, and the framings that more than one dialect streams in."""

import email
import email.policy
import json
import re

JSON = "application/json"


class Refused(Exception):
    """A request that gets an error, as its dialect words it."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status
        self.message = message


class Request:
    """One request: `path` without the query, `headers` a mapping that ignores case, `body` the bytes, once they
    are read."""

    def __init__(self, method, target, headers, body=None):
        self.method = method
        self.target = target
        self.path, _, self.query = target.partition("?")
        self.headers = headers
        self.body = body

    def header(self, name):
        return self.headers.get(name, "")

    def json(self):
        try:
            value = json.loads(self.body)
        except ValueError:
            raise Refused(400, "The body is not JSON.") from None
        if not isinstance(value, dict):
            raise Refused(400, "The body is not a JSON object.")
        return value

    def form(self):
        """The fields of a multipart form: a text each, or bytes where there is a file name."""
        head = b"content-type: " + self.header("content-type").encode("latin-1") + b"\r\n\r\n"
        message = email.message_from_bytes(head + self.body, policy=email.policy.HTTP)
        if not message.is_multipart():
            raise Refused(400, "The body is not a multipart form.")
        fields = {}
        for part in message.iter_parts():
            content = part.get_payload(decode=True) or b""
            name = part.get_param("name", header="content-disposition")
            fields[name] = (
                File(part.get_filename(), content) if part.get_filename() else content.decode(errors="replace")
            )
        return fields


class File:
    """A file of a multipart form."""

    def __init__(self, name, content):
        self.name = name
        self.content = content


class Answer:
    """A status, a media type and the pieces of a body; a body of one piece is sent with its length."""

    def __init__(self, pieces, status=200, content_type=JSON, streamed=False, headers=()):
        self.pieces = pieces
        self.status = status
        self.content_type = content_type
        self.streamed = streamed
        self.headers = dict(headers)


def whole(value, status=200, headers=()):
    return Answer([compact(value)], status, headers=headers)


def raw(body, content_type, status=200):
    return Answer([body], status, content_type)


def server_sent(events, content_type="text/event-stream"):
    """`events`: pairs of an event name or None, and data: a value for JSON, or bytes."""
    pieces = [
        (b"event: %b\n" % name.encode() if name else b"")
        + b"data: %b\n\n" % (data if isinstance(data, bytes) else compact(data))
        for name, data in events
    ]
    return Answer(pieces, content_type=content_type, streamed=True)


def lines(values):
    """A JSON value a line, as Ollama streams."""
    return Answer([compact(value) + b"\n" for value in values], content_type="application/x-ndjson", streamed=True)


def compact(value):
    return json.dumps(value, separators=(",", ":")).encode()


def route(method, template, answer, only=None):
    """`/v1/files/{id}` matches one segment there and hands it on by name, `{id*}` the rest of the path. `only`: a
    question to the request where a path is not enough."""
    pattern = re.escape(template).replace(r"\{", "{").replace(r"\}", "}").replace(r"\*", "*")
    pattern = re.sub(r"\{(\w+)\*\}", r"(?P<\1>.+)", pattern)
    pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern)
    return method, re.compile(pattern + r"\Z"), answer, only
