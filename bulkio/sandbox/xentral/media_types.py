"""Which formats are spoken: JSON in and out, nothing else. V1 documents 406 and 415, both without a body."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_ACCEPTED = {"", "*/*", "application/*", "application/json"}
_WRITES = ("POST", "PATCH")


class MediaTypes:
    """ASGI middleware: refuses requests that send, or ask for, anything but JSON.

    A DELETE has neither a body nor an answer, so its headers are not looked at.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check one request."""
        status = _objection(scope["method"], Headers(scope=scope)) if scope["type"] == "http" else None
        if status is not None:
            await Response(status_code=status)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _objection(method: str, headers: Headers) -> HTTPStatus | None:
    if method == "DELETE":
        return None
    if not any(_media_type(part) in _ACCEPTED for part in headers.get("accept", "").split(",")):
        return HTTPStatus.NOT_ACCEPTABLE
    if method in _WRITES and _media_type(headers.get("content-type", "")) != "application/json":
        return HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    return None


def _media_type(text: str) -> str:
    return text.partition(";")[0].strip().lower()
