"""Every request that was served, for tests to look at."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from bulkio.sandbox.connections import DROP

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


#: Old ones are forgotten, since a sandbox may run for days.
_REMEMBERED = 100_000


class Served(NamedTuple):
    """One request and the status of its reply; 0 if the connection was closed without one."""

    method: str
    path: str
    query: str
    status: int


class RequestLog:
    """ASGI middleware, outermost, so that faults show as the client saw them. Safe to read from any thread."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self._app = app
        self._served: deque[Served] = deque(maxlen=_REMEMBERED)
        self._lock = threading.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, and write it down when its reply starts, or when there is none."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_written = False

        async def watch(message: Message) -> None:
            nonlocal is_written
            # Before the client can know of it: whoever has its reply finds the request here.
            if not is_written and message["type"] in ("http.response.start", DROP):
                is_written = True
                self._write(scope, int(message.get("status", 0)))
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            if not is_written:
                self._write(scope, 0)

    @property
    def served(self) -> list[Served]:
        """All requests so far, in the order of their replies."""
        with self._lock:
            return list(self._served)

    def _write(self, scope: Scope, status: int) -> None:
        query = scope["query_string"].decode("latin-1")
        with self._lock:
            self._served.append(Served(scope["method"], scope["path"], query, status))
