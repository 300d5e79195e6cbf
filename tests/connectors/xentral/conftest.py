"""A stub of Xentral whose answers a test writes itself: servers that cap, drop, mask and contradict themselves."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import pytest

from bulkio.connectors.protocol import Account
from bulkio.connectors.xentral.auth import headers_for
from bulkio.connectors.xentral.connector import XentralReader, XentralWriter
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


@dataclass(frozen=True)
class Answer:
    """What the stub says; a bare document is the body of a 200."""

    status: int = 200
    body: bytes = b""
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Stub:
    """Answers with what `answer` returns."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    answer: Callable[[Asked], Any] = lambda _asked: {"data": []}

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
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, path, query, body, headers)
            made.asked.append(asked)
            said = made.answer(asked)
            reply = said if isinstance(said, Answer) else Answer(body=json.dumps(said).encode())
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", reply.kind)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        do_GET = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815 the library's names

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
    opened = Session(
        stub.url,
        headers_for({"TOKEN": Secret("test-token")}),
        throttle=Throttle(clock=clock, sleep=clock.sleep),
        patience=Patience(attempts=2, timeout=5),
    )
    yield opened
    opened.close()


@pytest.fixture
def reader(session: Session) -> XentralReader:
    return XentralReader(session, Account(name="127.0.0.1", tenant="t"))


@pytest.fixture
def writer(session: Session, stub: Stub) -> XentralWriter:
    return XentralWriter(session, stub.url)


@pytest.fixture
def answer() -> type[Answer]:
    """What a stub says, for tests that need more than a document."""
    return Answer


@pytest.fixture
def customer() -> Callable[..., dict[str, Any]]:
    """A customer as a list with all includes gives it, with little in it."""

    def make(identifier: int, **more: Any) -> dict[str, Any]:
        return {
            "id": str(identifier),
            "number": f"K-{identifier}",
            "primaryAddress": {"name": f"Customer {identifier}", "city": "Ulm", "country": "DE"},
            "customFields": [],
            "groups": [],
            "tags": [],
            "deliveryAddresses": [],
            "contactPersons": [],
            "updatedAt": "2026-03-01T12:00:00+00:00",
            **more,
        }  # fmt: skip

    return make


@pytest.fixture
def listing() -> Callable[..., dict[str, Any]]:
    """A page of a list, as the paging of a well-behaved server shows it; `size` is the page's real size."""

    def make(records: list[Any], asked: Asked, size: int | None = None, **meta: Any) -> dict[str, Any]:
        real = size or min(int(asked.parameters.get("perPage", "15")), 100)
        number = int(asked.parameters.get("page", "1"))
        last = max(1, -(-len(records) // real))
        stated = {"currentPage": number, "perPage": real, "lastPage": last, "total": len(records), **meta}
        return {
            "data": records[(number - 1) * real : number * real],
            "links": {"next": f"https://elsewhere.example/?page={number + 1}" if number < last else None},
            "meta": {name: value for name, value in stated.items() if value is not None},
        }

    return make
