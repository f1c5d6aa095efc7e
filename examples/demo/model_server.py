#!/usr/bin/env python3
"""A demo of a model server: the shapes of the AI APIs, and no model behind them.

    python3 examples/demo/model_server.py --port 8000

It answers the same to the same request, always: a chat repeats what the user said, an embedding is made from a hash
of its text. It listens on 127.0.0.1, unless --host says otherwise, and asks for no credentials; that is what stands in front of it.
--certificate and --key make it speak TLS. What it answers
is in `dialects/`, a file for each API:

    GET  /healthz
    OpenAI      /v1/chat/completions, /v1/responses, /v1/embeddings, /v1/models, … (Azure: /openai/deployments/…)
    Anthropic   /v1/messages, /v1/messages/count_tokens
    Google      /v1beta/models/{model}:generateContent, … (Vertex: /v1/projects/…)
    Bedrock     /model/{model}/converse, /invoke, and their streams
    Cohere      /v2/chat, /v2/embed, /v2/rerank
    Ollama      /api/chat, /api/generate, /api/embed, /api/tags
    MCP         /mcp
    A2A         /a2a
"""

import argparse
import ssl
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import dialects
from dialects.model import MODEL
from dialects.wire import Refused, Request, route, whole

__all__ = ["MODEL", "Handler", "Server", "start"]

MAX_BODY = 16 * 1024 * 1024
HEALTH = route("GET", "/healthz", lambda _: whole({"status": "ok"}))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # keep-alive: an Envoy in front reuses connections
    timeout = 300
    disable_nagle_algorithm = True  # headers and body are two writes: without it each answer waits 40 ms for an ACK

    def do_GET(self):
        request = Request(self.command, self.path, self.headers)
        try:
            request.body = self.read_body()
            answer = find(request)
        except Refused as refused:
            self.close_connection = self.close_connection or request.body is None
            answer = whole(dialect_of(request).error(refused.status, refused.message), refused.status)
        self.respond(request, answer)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def respond(self, _request, answer):
        """Writes an answer. What records answers overrides it."""
        self.send_response(answer.status)
        if answer.pieces or answer.streamed:
            self.send_header("content-type", answer.content_type)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.streamed:
            self.send_header("cache-control", "no-cache")
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            for piece in [*answer.pieces, b""]:
                self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        else:
            body = b"".join(answer.pieces)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

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

    def log_message(self, *_):
        pass  # the Envoy in front writes the access log


def find(request):
    """The answer of the first route that knows the request."""
    for method, pattern, answer, only in [HEALTH, *(known for dialect in dialects.ALL for known in dialect.ROUTES)]:
        match = pattern.match(request.path)
        if match and method == request.method and (only is None or only(request)):
            return answer(request, **match.groupdict())
    raise Refused(404, f"The demo does not know {request.method} on this path.")


def dialect_of(request):
    """Who words an error on this path."""
    knows = lambda pattern, only: pattern.match(request.path) and (only is None or only(request))
    known = (dialect for dialect in dialects.ALL if any(knows(pattern, only) for _, pattern, _, only in dialect.ROUTES))
    return next(known, dialects.OTHERWISE)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that goes away in the middle is no fault of ours."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def start(port=0, handler=Handler, host="127.0.0.1", tls=None):
    """A server; port 0 is a free one. `serve_forever` it, in a thread or not."""
    server = Server((host, port), handler)
    if tls:
        # The handshake waits for the first read, which is in the connection's own thread: a slow client holds nobody up.
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    return server


def main():
    options = argparse.ArgumentParser(description="A demo of a model server; not a model.")
    options.add_argument("--host", default="127.0.0.1", help="where it listens (default: 127.0.0.1)")
    options.add_argument("--port", type=int, default=8000)
    options.add_argument("--certificate", help="chain in PEM, with --key: it speaks TLS")
    options.add_argument("--key", help="the certificate's key in PEM")
    given = options.parse_args()
    try:
        server = start(given.port, host=given.host, tls=tls_of(given))
    except OSError as error:
        raise SystemExit(f"model_server: {given.host}:{given.port}: {error.strerror}") from None
    print("demo model server on %s:%d, Ctrl-C stops it" % server.server_address[:2], flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


def tls_of(given):
    if not given.certificate:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(given.certificate, given.key)
    return context


if __name__ == "__main__":
    main()
