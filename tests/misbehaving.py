"""A local server that has one file and gives it in every way that a server can, wrong ones too."""

import gzip
import hashlib
import http.server
import random
import socket
import time
from collections.abc import Callable
from typing import Any

from stages.sourcing.fetching import Remote

CONTENT = gzip.compress(random.Random(0).randbytes(300_000), mtime=0)
MD5 = hashlib.md5(CONTENT).hexdigest()
HALF = 2 * 2**16  # whole chunks: what arrives of another is lost with the connection
NAME = "images.gz"

Handler = http.server.BaseHTTPRequestHandler
Behaviour = Callable[[Handler], None]


def reply(
    handler: Handler, body: bytes, *, status: int = 200, length: int | None = None, **more: str
) -> None:
    handler.send_response(status)
    if length is not None:
        handler.send_header("Content-Length", str(length))
    for name, value in more.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def good(handler: Handler) -> None:
    reply(handler, CONTENT, length=len(CONTENT))


def resumable(handler: Handler) -> None:
    start = int(handler.headers.get("Range", "bytes=0-")[len("bytes=") : -1])
    if start >= len(CONTENT):
        return reply(handler, b"", status=416, length=0)
    reply(handler, CONTENT[start:], status=206 if start else 200, length=len(CONTENT) - start)


def labelled_as_compressed(handler: Handler) -> None:
    reply(handler, CONTENT, length=len(CONTENT), Content_Encoding="gzip")


def redirecting(handler: Handler) -> None:
    reply(handler, b"", status=302, length=0, Location="/moved")


def wrong(handler: Handler) -> None:
    reply(handler, b"x" * len(CONTENT), length=len(CONTENT))


def truncated(handler: Handler) -> None:
    reply(handler, CONTENT[:HALF], length=len(CONTENT))


def truncated_unannounced(handler: Handler) -> None:
    reply(handler, CONTENT[:HALF])


def page(handler: Handler) -> None:
    body = b"\n<!DOCTYPE html><html>Please log in to the hotel's network</html>"
    reply(handler, body, length=len(body), Content_Type="text/html")


def missing(handler: Handler) -> None:
    handler.send_error(404)


def failing(handler: Handler) -> None:
    handler.send_error(500)


def busy(handler: Handler) -> None:
    handler.send_error(429)


def silent(handler: Handler) -> None:
    time.sleep(0.6)


def hanging_up(handler: Handler) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


class Server(http.server.ThreadingHTTPServer):
    """Answers each request by the next behaviour, and for ever by the last; keeps what was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        self.behaviours: list[Behaviour] = [good]
        self.asked: list[str | None] = []
        server = self

        class Answer(Handler):
            def do_GET(self) -> None:  # noqa: N802  the library's name
                server.asked.append(self.headers.get("Range"))
                behaviours = server.behaviours
                (behaviours.pop(0) if len(behaviours) > 1 else behaviours[0])(self)

            def do_HEAD(self) -> None:  # noqa: N802
                self.send_response(200 if self.path.endswith(NAME) else 404)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.remote = Remote(NAME, MD5, (f"{self.url}/{NAME}",))

    def handle_error(self, *_: Any) -> None:
        """A client that hangs up is part of the play."""
