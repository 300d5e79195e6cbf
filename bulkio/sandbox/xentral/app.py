"""Xentral as a whole: the limit, the token, and behind them the operations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import Response

from bulkio.sandbox.xentral.auth import Authentication
from bulkio.sandbox.xentral.child_routes import CONTACT_PERSONS, DELIVERY_ADDRESSES, ChildRoutes
from bulkio.sandbox.xentral.limits import RateLimit, Window
from bulkio.sandbox.xentral.problems import Refusal, refused
from bulkio.sandbox.xentral.routes import CustomerRoutes

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp

    from bulkio.sandbox.options import SandboxOptions
    from bulkio.sandbox.xentral.store import Store

#: All its paths begin with this.
PREFIX = "/api/"


def xentral_app(store: Store, options: SandboxOptions) -> ASGIApp:
    """Put the whole of Xentral together, for the paths that begin with `PREFIX`."""
    children = [ChildRoutes(kind, store, options) for kind in (DELIVERY_ADDRESSES, CONTACT_PERSONS)]
    routes = CustomerRoutes(store, options).routes()
    starlette = Starlette(
        routes=[*routes, *(route for each in children for route in each.routes())],
        exception_handlers={Refusal: refused, HTTPException: _without_body},
    )
    starlette.router.redirect_slashes = False
    app: ASGIApp = Authentication(starlette)
    return RateLimit(app, Window(options.limit_per_minute)) if options.limit_per_minute else app


async def _without_body(request: Request, error: Exception) -> Response:
    """Answer Starlette's own 404 and 405 as all others of this server: without a body."""
    del request
    assert isinstance(error, HTTPException)  # noqa: S101  Starlette hands over what it was registered for
    return Response(status_code=error.status_code, headers=error.headers)
