"""Guard: what comes in is from the page that the person opened, or it is refused; what goes out says what it may do.

Loopback is no secret on a machine that others use, too, and any website may send a browser to it. So the address that
is opened holds a token that works once; from then on a cookie says who it is. The Host header is checked against
rebinding, the Origin against other sites, and the size of what is sent against filling the disk.
"""

from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from bulkio.web.templating import templates

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Of one request; a workbook of 100,000 customers has some 60 MB.
MOST_BYTES = 250 * 1024 * 1024

_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_SAFE = ("GET", "HEAD")

_WORDS = {
    HTTPStatus.FORBIDDEN: (
        "This page is not open here",
        "The address that bulkio opened works once. Use the tab that it opened, or start “bulkio review” again.",
    ),
    HTTPStatus.MISDIRECTED_REQUEST: (
        "This is not the address of the page",
        "The page answers under the address that bulkio opened, and under no other name.",
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        "This file is too large",
        f"The page takes files of up to {MOST_BYTES // 1024**2} MB. Use the command line for larger ones.",
    ),
    HTTPStatus.LENGTH_REQUIRED: ("The browser did not say how much it sends", "Please try again."),
}


class Guard:
    """The outermost layer of the page's server. `token` opens it once."""

    def __init__(self, app: ASGIApp, *, port: int, token: str) -> None:
        self._app = app
        self._token = token
        self._secret = secrets.token_urlsafe(32)
        self._cookie = f"bulkio-review-{port}"  # cookies do not tell ports apart
        self._hosts = (f"127.0.0.1:{port}", f"localhost:{port}")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through, or refuse."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
            await send(message)

        request = Request(scope)
        if request.headers.get("host") not in self._hosts:
            await self._refuse(HTTPStatus.MISDIRECTED_REQUEST, scope, receive, send_with_headers)
        elif request.url.path == "/open":
            await self._open(request, scope, receive, send_with_headers)
        elif request.url.path.startswith("/static/") and request.method in _SAFE:
            await self._app(scope, receive, send_with_headers)
        elif status := self._refusal(request):
            await self._refuse(status, scope, receive, send_with_headers)
        else:
            await self._app(scope, receive, send_with_headers)

    def _refusal(self, request: Request) -> HTTPStatus | None:
        """Why a request is not let through, if it is not."""
        if not self._is_known(request):
            return HTTPStatus.FORBIDDEN
        origin = f"http://{request.headers['host']}"
        if request.method not in _SAFE and request.headers.get("origin") != origin:
            return HTTPStatus.FORBIDDEN
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return HTTPStatus.FORBIDDEN
        if request.method in _SAFE:
            return None
        length = request.headers.get("content-length", "")
        if not length.isdecimal():
            return HTTPStatus.LENGTH_REQUIRED
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE if int(length) > MOST_BYTES else None

    def _is_known(self, request: Request) -> bool:
        return secrets.compare_digest(request.cookies.get(self._cookie, "").encode(), self._secret.encode())

    async def _open(self, request: Request, scope: Scope, receive: Receive, send: Send) -> None:
        """Give the cookie for the token, once."""
        given = request.query_params.get("token", "")
        if self._token and secrets.compare_digest(given.encode(), self._token.encode()):
            self._token = ""
            response = RedirectResponse("/", HTTPStatus.SEE_OTHER)
            response.set_cookie(self._cookie, self._secret, httponly=True, samesite="strict")
            await response(scope, receive, send)
        elif self._is_known(request):
            await RedirectResponse("/", HTTPStatus.SEE_OTHER)(scope, receive, send)
        else:
            await self._refuse(HTTPStatus.FORBIDDEN, scope, receive, send)

    @staticmethod
    async def _refuse(status: HTTPStatus, scope: Scope, receive: Receive, send: Send) -> None:
        page = templates().get_template("refused.html").render(status=status.value, words=_WORDS[status])
        await HTMLResponse(page, status)(scope, receive, send)
