"""A stub of Unleashed whose answers a test writes itself, for what a well-behaved sandbox never does."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl
from uuid import UUID

import pytest

from bulkio.connectors.protocol import Account
from bulkio.connectors.unleashed.auth import headers_for
from bulkio.connectors.unleashed.connector import UnleashedReader, UnleashedWriter
from bulkio.core.secret import Secret
from bulkio.http.retry import Patience
from bulkio.http.session import Session
from bulkio.http.throttle import Throttle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True)
class Asked:
    """One request as the stub saw it; `query` is the raw text."""

    method: str
    path: str
    query: str
    body: str
    headers: dict[str, str]

    @property
    def parameters(self) -> dict[str, str]:
        return dict(parse_qsl(self.query))


@dataclass
class Stub:
    """Answers with what `answer` returns: a document, or (status, body bytes, content type)."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    answer: Callable[[Asked], Any] = lambda _asked: {"Pagination": None, "Items": []}

    @property
    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]


@pytest.fixture
def stub() -> Iterator[Stub]:
    made = Stub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            path, _, query = self.path.partition("?")
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, path, query, body, headers)
            made.asked.append(asked)
            reply = made.answer(asked)
            status, content, kind = (
                reply if isinstance(reply, tuple) else (200, json.dumps(reply).encode(), "application/json")
            )
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 the library's names

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


class Clock:
    """Seconds that pass by sleeping only."""

    now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def session(stub: Stub) -> Iterator[Session]:
    """A session to the stub that never really sleeps."""
    clock = Clock()
    credentials = {"API_ID": Secret("test-id"), "API_KEY": Secret("test-key")}
    opened = Session(
        stub.url,
        headers_for(credentials, "test/bulkio"),
        throttle=Throttle(clock=clock, sleep=clock.sleep),
        patience=Patience(attempts=2, timeout=5),
    )
    yield opened
    opened.close()


@pytest.fixture
def reader(session: Session) -> UnleashedReader:
    return UnleashedReader(session, Account(name="127.0.0.1", tenant="t"))


@pytest.fixture
def writer(session: Session) -> UnleashedWriter:
    return UnleashedWriter(session)


def _guid(number: int) -> str:
    return str(UUID(int=number))


@pytest.fixture
def guid() -> Callable[[int], str]:
    """The Guid of that number."""
    return _guid


@pytest.fixture
def customer() -> Callable[..., dict[str, Any]]:
    """A customer with little in it."""

    def make(number: int, **more: Any) -> dict[str, Any]:
        return {"Guid": _guid(number), "CustomerCode": f"C{number:05}", "CustomerName": f"Customer {number}", **more}

    return make


@pytest.fixture
def envelope() -> Callable[..., dict[str, Any]]:
    """A page of a list, as a server that clamps would send it."""

    def make(records: list[Any], number: int, size: int) -> dict[str, Any]:
        pages = -(-len(records) // size)
        number = max(1, min(number, pages))
        return {
            "Pagination": {
                "NumberOfItems": len(records), "PageSize": size, "PageNumber": number, "NumberOfPages": pages,
            },
            "Items": records[(number - 1) * size : number * size],
        }  # fmt: skip

    return make
