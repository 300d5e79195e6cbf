"""ASGI middleware that plays faults. Whatever it does to a reply, it first reads the whole request."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, Response

from bulkio.sandbox.connections import drop
from bulkio.sandbox.effects import Effects, with_effects

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from bulkio.sandbox.faults import Fault, Faults

_LOGIN_PAGE = "<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Please sign in</h1></body></html>"


@dataclass(frozen=True, slots=True)
class _Reply:
    """What the application answered, kept back."""

    start: Message
    body: bytes


class FaultLayer:
    """Asks `faults` about every request, and bends the one that a fault is due for."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        """Wrap `app`."""
        self._app = app
        self._faults = faults
        self._late: set[asyncio.Task[None]] = set()

    @property
    def late_requests(self) -> int:
        """How many dropped requests are still to be executed."""
        return len(self._late)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        fault = self._faults.take(scope["method"], scope["path"]) if scope["type"] == "http" else None
        if fault is None:
            await self._app(scope, receive, send)
            return
        match fault.fault:
            case "slow":
                await asyncio.sleep(fault.delay)
                await self._app(scope, receive, send)
            case "ignore_field":
                await self._app(with_effects(scope, Effects(ignored_fields=frozenset({fault.field}))), receive, send)
            case "stale_read":
                await self._app(with_effects(scope, Effects(is_stale=True)), receive, send)
            case _:
                await self._bend(fault, scope, receive, send)

    async def _bend(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _body(receive)
        match fault.fault:
            case "dropped_before":
                await _drop(receive, send)
            case "dropped_after":
                await self._answer(scope, body)
                await _drop(receive, send)
            case "late":
                task = asyncio.create_task(self._answer_late(scope, body, fault.delay))
                self._late.add(task)
                task.add_done_callback(self._late.discard)
                await _drop(receive, send)
            case "truncated":
                await _send_half(await self._answer(scope, body), receive, send)
            case _:
                if fault.is_processed:
                    await self._answer(scope, body)
                await _substitute(fault)(scope, receive, send)

    async def _answer(self, scope: Scope, body: bytes) -> _Reply:
        """Let the application execute the request, and keep its reply back."""
        messages: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, send)
        return _Reply(messages[0], b"".join(message.get("body", b"") for message in messages[1:]))

    async def _answer_late(self, scope: Scope, body: bytes, delay: float) -> None:
        await asyncio.sleep(delay)
        await self._answer(scope, body)


def _substitute(fault: Fault) -> Response:
    status = fault.status
    if status is None:
        return HTMLResponse(_LOGIN_PAGE, status_code=HTTPStatus.OK)
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    return Response(status_code=status, headers=headers)


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def _drop(receive: Receive, send: Send, *, flushes: bool = False) -> None:
    await send(drop(flushes=flushes))
    # Returning before the server has noticed would make it answer with a 500 of its own.
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send_half(reply: _Reply, receive: Receive, send: Send) -> None:
    """Announce the whole length, send half, close: what a dying proxy does. An empty reply is cut before its start."""
    if reply.body:
        await send(reply.start)
        await send({"type": "http.response.body", "body": reply.body[: len(reply.body) // 2], "more_body": True})
    await _drop(receive, send, flushes=True)
