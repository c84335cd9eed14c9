"""Serves one model over HTTP, with nothing but Python's standard library."""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def serve(model):
    """POST gives its input as JSON to `model`, and answers what that gives; None: 204."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            self.answer(200, "text/plain", b"ok")

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            try:
                result = model(json.loads(body))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                return self.answer(400, "text/plain", repr(error).encode())
            if result is None:
                self.answer(204, None, b"")
            else:
                self.answer(200, "application/json", json.dumps(result).encode())

        def answer(self, status, content_type, body):
            self.send_response(status)
            if content_type is not None:
                self.send_header("content-type", content_type)
                self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    ThreadingHTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Handler).serve_forever()
