"""A server of raw bytes on loopback, and a clock that only moves when somebody sleeps."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bulkio.http.retry import Patience
from bulkio.http.session import Session
from bulkio.http.throttle import Throttle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECRET = "c2VjcmV0LXNpZ25hdHVyZQ=="  # noqa: S105 invented


@dataclass
class Clock:
    """Seconds that pass by sleeping only; `slept` are the naps in order."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def reply(status: int = 200, body: bytes = b"{}", **headers: str) -> bytes:
    """A complete reply; `headers` with underscores for hyphens."""
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class RawServer:
    """Answers each connection's only request with the next of its answers, the last one for ever.

    An answer is sent as it stands and the connection closed; b"" closes it without a word, None leaves it hanging.
    """

    def __init__(self, answers: list[bytes | None], context: ssl.SSLContext | None = None) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self.hung_up = threading.Semaphore(0)  # once for every connection that was closed
        self._answers = answers
        self._context = context
        self._hanging: list[socket.socket] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            with contextlib.suppress(OSError):
                if self._context is not None:
                    connection = self._context.wrap_socket(connection, server_side=True)
                self._answer(connection)
            if connection not in self._hanging:
                connection.close()
                self.hung_up.release()

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        data = b""
        while b"\r\n\r\n" not in data:
            piece = connection.recv(65536)
            if not piece:
                return
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        length = next((int(x[15:]) for x in head.split(b"\r\n") if x.lower().startswith(b"content-length:")), 0)
        while len(body) < length:
            body += connection.recv(65536)
        self.requests.append(head + b"\r\n\r\n" + body)
        answer = self._answers[0] if len(self._answers) == 1 else self._answers.pop(0)
        if answer is None:
            self._hanging.append(connection)
        else:
            connection.sendall(answer)

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()
        for connection in self._hanging:
            connection.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def serve() -> Iterator[Callable[..., RawServer]]:
    """Start a server with these answers."""
    servers: list[RawServer] = []

    def start(*answers: bytes | None, context: ssl.SSLContext | None = None) -> RawServer:
        servers.append(RawServer(list(answers), context))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def open_session(clock: Clock) -> Iterator[Callable[..., Session]]:
    """Open a session to a base URL, on the clock that does not really sleep; keywords are those of Patience."""
    sessions: list[Session] = []

    def start(base_url: str, *, on_call: Callable[[str, str, int], None] | None = None, **patience: float) -> Session:
        patience.setdefault("timeout", 5.0)
        sessions.append(
            Session(
                base_url,
                lambda _query: {"api-auth-id": "id", "api-auth-signature": SECRET},
                throttle=Throttle(clock=clock, sleep=clock.sleep),
                patience=Patience(jitter=lambda: 0.0, **patience),  # type: ignore[arg-type]
                on_call=on_call,
            )
        )
        return sessions[-1]

    yield start
    for session in sessions:
        session.close()


@pytest.fixture
def make_reply() -> Callable[..., bytes]:
    return reply


@pytest.fixture
def secret() -> str:
    return SECRET


@pytest.fixture
def untrusted_tls() -> ssl.SSLContext:
    """What a server with a certificate that nobody vouches for uses."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(Path(__file__).with_name("worthless_self_signed.pem"))
    return context
