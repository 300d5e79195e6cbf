"""What the sandbox and the review page have in common: a port taken first, a silent server, and a clean stop."""

from __future__ import annotations

import signal
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import uvicorn

from bulkio.errors import UsageError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterator
    from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket bound to the address. UsageError at once if it is taken, before anything else is done."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            msg = f"port {port} of {host} cannot be used: {error.strerror}"
            raise UsageError(msg) from error
        yield listener


class QuietServer(uvicorn.Server):
    """uvicorn, silent, which says when it is ready and leaves signals to its caller. `should_exit` ends it."""

    def __init__(
        self, app: Any, on_ready: Callable[[], None], *, protocol: type[asyncio.Protocol] | Literal["auto"] = "auto"
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=protocol,
                ws="none",
                lifespan="off",
                interface="asgi3",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=1,
            )
        )
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none: uvicorn would raise them again at the end, and so turn a clean stop into a kill."""
        yield


@contextmanager
def stopped_by_signals(server: uvicorn.Server) -> Iterator[None]:
    """End the server at SIGINT or SIGTERM; a second one does not wait for what is in flight (KeyboardInterrupt)."""

    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        if server.should_exit:
            raise KeyboardInterrupt
        server.should_exit = True

    before = {each: signal.signal(each, stop) for each in _SIGNALS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
