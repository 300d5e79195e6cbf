"""Closing a client's connection from inside an application, which ASGI has no word for.

An application sends a message of type `DROP`; the middleware here, outermost, then closes the socket. uvicorn does not
hand out its sockets, so its protocol class is told to note them as they come and go, by the client's address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

DROP = "bulkio.sandbox.drop"


def drop(*, flushes: bool = False) -> Message:
    """Make the message that closes the connection; with `flushes` what was sent so far still arrives."""
    return {"type": DROP, "flushes": flushes}


class Connections:
    """All open connections of one server."""

    def __init__(self) -> None:
        """Start with none."""
        self._transports: dict[tuple[str, int], asyncio.Transport] = {}

    def protocol(self) -> type[asyncio.Protocol]:
        """Make the protocol class for uvicorn's `http` setting."""
        transports = self._transports

        class NotingProtocol(H11Protocol):
            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
                transports[_address(transport)] = transport
                super().connection_made(transport)

            def connection_lost(self, exc: Exception | None) -> None:
                transports.pop(_address(self.transport), None)
                super().connection_lost(exc)

        return NotingProtocol

    def closing(self, app: ASGIApp) -> ASGIApp:
        """Wrap an application so that it may send `drop()`."""

        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            async def watch(message: Message) -> None:
                if message["type"] == DROP:
                    self._close(scope, flushes=message["flushes"])
                else:
                    await send(message)

            await app(scope, receive, watch)

        return wrapped

    def _close(self, scope: Scope, *, flushes: bool) -> None:
        transport = self._transports.get(tuple(scope["client"]))
        if transport is None:  # the client was faster
            return
        if flushes:
            transport.close()
        else:
            transport.abort()


def _address(transport: Any) -> tuple[str, int]:
    host, port, *_ = transport.get_extra_info("peername")
    return host, port
