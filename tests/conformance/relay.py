"""A relay between a connector and its server: it sees what really leaves, and bends what comes back."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: What belongs to one connection, and what the relay says itself.
_HOP_BY_HOP = {"connection", "content-length", "date", "host", "keep-alive", "server", "transfer-encoding"}


@dataclass(frozen=True)
class Asked:
    """One request as it left the connector; `at` is when it came, in seconds of a clock without a meaning."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def document(self) -> Any:
        """The body, decoded; numbers as text, so that their digits can be seen."""
        return json.loads(self.body, parse_float=str, parse_int=str)


@dataclass(frozen=True)
class Answer:
    """A reply; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def is_json(self) -> bool:
        """Whether there is a document in it."""
        return "json" in self.headers.get("content-type", "") and bool(self.body)


def unbent(_asked: Asked, answer: Answer) -> Answer:
    """Give the answer as it came."""
    return answer


@dataclass
class Relay:
    """`bend` may be replaced at any time; `asked` holds every request so far."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    bend: Callable[[Asked, Answer], Answer] = unbent

    @property
    def writes(self) -> list[Asked]:
        """The requests that are no reads."""
        return [each for each in self.asked if each.method != "GET"]


@contextmanager
def relaying(target: str) -> Iterator[Relay]:
    """Relay to the server at `target` meanwhile; without one ("") every request is answered with an empty 200."""
    relay = Relay()
    handler = type("Handler", (_Handler,), {"relay": relay, "target": urlsplit(target).netloc})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    relay.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield relay
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """One connection of the connector, with one of its own to the server."""

    relay: Relay
    target: str
    protocol_version = "HTTP/1.1"
    wbufsize = 2**16  # one packet an answer
    _upstream: HTTPConnection | None = None

    def relayed(self) -> None:
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        asked = Asked(self.command, path, query, headers, body, time.monotonic())
        self.relay.asked.append(asked)
        answer = self._ask(asked)
        if answer is None:  # the server hung up, and so do we
            self.close_connection = True
            return
        answer = self.relay.bend(asked, answer)
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = relayed  # noqa: N815 the library's names

    def _ask(self, asked: Asked) -> Answer | None:
        if not self.target:
            return Answer(200, {}, b"")
        if self._upstream is None:
            self._upstream = HTTPConnection(self.target, timeout=10)
        passed = {name: value for name, value in asked.headers.items() if name not in _HOP_BY_HOP}
        passed["accept-encoding"] = "identity"
        try:
            self._upstream.request(asked.method, self.path, asked.body or None, passed)
            reply = self._upstream.getresponse()
            body = reply.read()
        except (HTTPException, OSError):
            self._upstream.close()
            return None
        received = {name.lower(): value for name, value in reply.getheaders()}
        kept = {name: value for name, value in received.items() if name not in _HOP_BY_HOP - {"date"}}
        return Answer(reply.status, kept, body)

    def finish(self) -> None:
        if self._upstream is not None:
            self._upstream.close()
        super().finish()

    def log_message(self, *_: object) -> None:
        pass
