"""Who may call: `Authorization: Bearer sandbox`. Any other is answered with 401 and the word that V1 documents."""

from __future__ import annotations

import hmac
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse

from bulkio.sandbox.options import CREDENTIAL

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


class Authentication:
    """ASGI middleware: lets requests with the token through."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check one request."""
        if scope["type"] == "http" and not _is_allowed(Headers(scope=scope).get("authorization", "")):
            await HTMLResponse("Unauthorized", status_code=HTTPStatus.UNAUTHORIZED)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _is_allowed(authorization: str) -> bool:
    scheme, _, token = authorization.partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(token.encode(), CREDENTIAL.encode())
