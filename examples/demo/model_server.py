#!/usr/bin/env python3
"""A demo of a model server: the shape of OpenAI's API, and no model behind it.

    python3 examples/demo/model_server.py --port 8000

It answers the same to the same request, always: a chat repeats what the user said, an embedding is made from a hash
of its text. It listens on 127.0.0.1 and asks for no credentials; that is what stands in front of it.

    GET  /healthz
    GET  /v1/models
    POST /v1/chat/completions   plain, or as server-sent events with "stream": true ("stream_options" too)
    POST /v1/embeddings         "encoding_format": float or base64, "dimensions": 1 to 1024
"""

import argparse
import base64
import hashlib
import json
import struct
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MODEL = "demo"
CREATED = 1767225600  # 2026-01-01: a clock would make answers differ
DIMENSIONS = 8
MAX_BODY = 16 * 1024 * 1024


class Refused(Exception):
    """A request that gets an error, as OpenAI's API words it."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status
        self.message = message


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # keep-alive: an Envoy in front reuses connections
    timeout = 300
    disable_nagle_algorithm = True  # headers and body are two writes: without it each answer waits 40 ms for an ACK

    def do_GET(self):
        self.answer({"/healthz": self.health, "/v1/models": self.models})

    def do_POST(self):
        self.answer({"/v1/chat/completions": self.chat, "/v1/embeddings": self.embeddings})

    def answer(self, routes):
        body = None
        try:
            body = self.read_body()
            route = routes.get(self.path.partition("?")[0])
            if route is None:
                raise Refused(404, f"The demo does not know {self.command} on this path.")
            route(body)
        except Refused as refused:
            self.close_connection = self.close_connection or body is None
            error = {"message": refused.message, "type": "invalid_request_error", "param": None, "code": None}
            self.send_json(refused.status, {"error": error})

    # What it can do.

    def health(self, _body):
        self.send_json(200, {"status": "ok"})

    def models(self, _body):
        model = {"id": MODEL, "object": "model", "created": CREATED, "owned_by": "portcullis-demo"}
        self.send_json(200, {"object": "list", "data": [model]})

    def chat(self, body):
        request = parse(body)
        said = last_user_text(request.get("messages"))
        words = f"Demo: you said: {said}".split(" ")
        usage = {"prompt_tokens": count(said), "completion_tokens": len(words)}
        usage["total_tokens"] = usage["prompt_tokens"] + usage["completion_tokens"]
        head = {"id": "chatcmpl-" + digest(body).hex()[:24], "created": CREATED, "model": MODEL}
        if request.get("stream"):
            options = request.get("stream_options") or {}
            self.stream_chat(head, words, usage if options.get("include_usage") else None)
        else:
            message = {"role": "assistant", "content": " ".join(words), "refusal": None}
            choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
            self.send_json(200, {**head, "object": "chat.completion", "choices": [choice], "usage": usage})

    def stream_chat(self, head, words, usage):
        head = {**head, "object": "chat.completion.chunk", **({"usage": None} if usage else {})}
        deltas = [{"role": "assistant", "content": ""}]
        deltas += [{"content": word if at == 0 else " " + word} for at, word in enumerate(words)]
        choices = [{"index": 0, "delta": delta, "finish_reason": None} for delta in deltas]
        choices.append({"index": 0, "delta": {}, "finish_reason": "stop"})
        events = [{**head, "choices": [choice]} for choice in choices]
        if usage:
            events.append({**head, "choices": [], "usage": usage})
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("cache-control", "no-cache")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for data in [*map(compact, events), b"[DONE]"]:
            self.send_chunk(b"data: " + data + b"\n\n")
        self.send_chunk(b"")

    def embeddings(self, body):
        request = parse(body)
        texts = request.get("input")
        texts = [texts] if isinstance(texts, str) else texts
        if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
            raise Refused(400, "'input' must be a text or a list of texts.")
        dimensions = request.get("dimensions", DIMENSIONS)
        if not isinstance(dimensions, int) or not 1 <= dimensions <= 1024:
            raise Refused(400, "'dimensions' must be 1 to 1024.")
        write = encode_base64 if request.get("encoding_format") == "base64" else list
        data = [
            {"object": "embedding", "index": at, "embedding": write(embedding(text, dimensions))}
            for at, text in enumerate(texts)
        ]
        tokens = sum(map(count, texts))
        usage = {"prompt_tokens": tokens, "total_tokens": tokens}
        self.send_json(200, {"object": "list", "data": data, "model": MODEL, "usage": usage})

    # HTTP.

    def read_body(self):
        """The whole body, by its length or in chunks; what is too long is not read at all."""
        if "chunked" in self.headers.get("transfer-encoding", "").lower():
            return self.read_chunks()
        try:
            length = int(self.headers.get("content-length", "0"))
        except ValueError:
            raise Refused(400, "The content-length is not a number.") from None
        if not 0 <= length <= MAX_BODY:
            raise Refused(413, "The body is too large for the demo.")
        return self.rfile.read(length)

    def read_chunks(self):
        body = b""
        while True:
            try:
                size = int(self.rfile.readline(64).split(b";")[0], 16)
            except ValueError:
                raise Refused(400, "A chunk has no size.") from None
            if size == 0:
                break
            if size < 0 or len(body) + size > MAX_BODY:
                raise Refused(413, "The body is too large for the demo.")
            body += self.rfile.read(size)
            self.rfile.readline(64)
        while self.rfile.readline(65536).strip():
            pass  # trailers
        return body

    def send_json(self, status, value):
        body = compact(value)
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def send_chunk(self, data):
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))

    def log_message(self, *_):
        pass  # the Envoy in front writes the access log


def parse(body):
    try:
        request = json.loads(body)
    except ValueError:
        raise Refused(400, "The body is not JSON.") from None
    if not isinstance(request, dict):
        raise Refused(400, "The body is not a JSON object.")
    return request


def last_user_text(messages):
    """What the user said last: a text, or the text parts of a list of parts."""
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        raise Refused(400, "'messages' must be a list of messages.")
    said = [message.get("content") for message in messages if message.get("role") == "user"]
    content = said[-1] if said else ""
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        content = " ".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""


def embedding(text, dimensions):
    """A unit vector that depends on the text alone."""
    numbers = []
    for block in range((dimensions + 7) // 8):
        numbers += struct.unpack(">8i", digest(b"%d:%b" % (block, text.encode(errors="replace"))))
    numbers = numbers[:dimensions]
    length = sum(number * number for number in numbers) ** 0.5 or 1.0
    return [number / length for number in numbers]


def encode_base64(numbers):
    return base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()


def count(text):
    """Tokens, for a server without a tokenizer: words."""
    return len(text.split())


def digest(data):
    return hashlib.sha256(data).digest()


def compact(value):
    return json.dumps(value, separators=(",", ":")).encode()


class Server(ThreadingHTTPServer):
    daemon_threads = True


def start(port=0):
    """A server on 127.0.0.1; port 0 is a free one. `serve_forever` it, in a thread or not."""
    return Server(("127.0.0.1", port), Handler)


def main():
    options = argparse.ArgumentParser(description="A demo of a model server; not a model.")
    options.add_argument("--port", type=int, default=8000)
    port = options.parse_args().port
    try:
        server = start(port)
    except OSError as error:
        raise SystemExit(f"model_server: 127.0.0.1:{port}: {error.strerror}") from None
    print("demo model server on 127.0.0.1:%d, Ctrl-C stops it" % server.server_address[1], flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
