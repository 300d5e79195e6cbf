"""Who may call: the `api-auth-*` headers, checked before anything else is looked at.

Source: the vendor's AuthenticationHelp page, and what was observed of the live system. The signature covers the query
string only; a wrong one is answered with 403 and an empty body.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import unquote, unquote_to_bytes

from starlette.datastructures import Headers
from starlette.responses import Response

from bulkio.sandbox.options import CREDENTIAL

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from bulkio.sandbox.options import SandboxOptions


def signature(text: bytes, key: str) -> str:
    """Base64 of the HMAC-SHA256 of `text`, the query string without its question mark; no query signs as blank."""
    return base64.b64encode(hmac.new(key.encode(), text, hashlib.sha256).digest()).decode()


class Authentication:
    """ASGI middleware: lets signed requests through, answers all others with a bare 403."""

    def __init__(self, app: ASGIApp, options: SandboxOptions) -> None:
        """Wrap `app`."""
        self._app = app
        self._options = options

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check one request."""
        if scope["type"] == "http" and not self._is_allowed(Headers(scope=scope), scope["query_string"]):
            await Response(status_code=HTTPStatus.FORBIDDEN)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_allowed(self, headers: Headers, query: bytes) -> bool:
        if self._options.requires_client_type and not headers.get("client-type"):
            return False
        if has_duplicates(query):  # observed: a duplicated parameter is answered with 403 as well
            return False
        if headers.get("api-auth-id") != CREDENTIAL:
            return False
        given = headers.get("api-auth-signature", "").encode()
        return any(
            hmac.compare_digest(given, signature(text, CREDENTIAL).encode()) for text in self._signed_texts(query)
        )

    def _signed_texts(self, query: bytes) -> tuple[bytes, ...]:
        decoded = unquote_to_bytes(query)  # a "+" stays a "+": only %XX is decoded (observed)
        match self._options.signature:
            case "decoded":
                return (decoded,)
            case "raw":
                return (query,)
            case "either":
                return (decoded, query)


def has_duplicates(query: bytes) -> bool:
    """Whether a parameter's name stands in the query twice."""
    names = [unquote(part.partition("=")[0]) for part in query.decode("latin-1").split("&") if part]
    return len(set(names)) != len(names)
