"""The page's application: its routes, step by step, and the stream that tells how far a job is."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bulkio.web.guard import Guard
from bulkio.web.pages import session_of
from bulkio.web.steps import apply, changes, check, file, results
from bulkio.web.templating import templates

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.exceptions import HTTPException
    from starlette.requests import Request

    from bulkio.web.session import Session

_log = logging.getLogger(__name__)

_PULSE = 0.25  # seconds between two looks at a job
_SILENCE = 60  # pulses without news after which a sign of life is sent


def build(session: Session, *, port: int, token: str, is_closing: Callable[[], bool]) -> Guard:
    """The application behind its guard. `token` opens it once; `is_closing` tells streams to end."""
    app = Starlette(
        routes=[
            Route("/", home),
            Route("/events", events),
            *file.routes,
            *check.routes,
            *changes.routes,
            *apply.routes,
            *results.routes,
            Mount("/static", StaticFiles(packages=[("bulkio.web", "static")])),
        ],
        exception_handlers={404: not_found, 405: not_found, 500: broken},  # type: ignore[dict-item]  # by status
    )
    app.state.session = session
    app.state.notices = []
    app.state.is_closing = is_closing
    app.state.instance = secrets.token_hex(8)
    return Guard(app, port=port, token=token)


async def home(request: Request) -> Response:
    """Where the person left off."""
    session = session_of(request)
    job = session.jobs.current
    if job and job.is_under_way:
        step = job.step
    elif session.run_id:
        step = "results"
    elif session.planned:
        step = "changes"
    else:
        step = "file"
    return RedirectResponse(f"/{step}", HTTPStatus.SEE_OTHER)


async def events(request: Request) -> Response:
    """How far the job is, as it goes on. A page that was away gets where it is now, and nothing of before."""
    session, instance = session_of(request), request.app.state.instance

    async def stream() -> AsyncIterator[str]:
        last, silence = "", 0
        while not request.app.state.is_closing():
            job = session.jobs.current
            news = json.dumps({"instance": instance, "job": job.snapshot() if job else None})
            silence += 1
            if news != last:
                yield f"data: {news}\n\n"
                last, silence = news, 0
            elif silence > _SILENCE:
                yield ": still here\n\n"
                silence = 0
            await asyncio.sleep(_PULSE)

    return StreamingResponse(stream(), media_type="text/event-stream")


async def not_found(_request: Request, _exc: HTTPException) -> Response:
    """An address that is none."""
    words = ("There is no such page", "Go back to the page, and use its steps.")
    return HTMLResponse(templates().get_template("refused.html").render(status=404, words=words), 404)


async def broken(_request: Request, exc: Exception) -> Response:
    """Something that should not happen; what it was is for the log."""
    _log.error("the review page failed", exc_info=exc)
    words = ("This should not happen", "Nothing more was sent than the page shows. Go back, and try again.")
    return HTMLResponse(templates().get_template("refused.html").render(status=500, words=words), 500)
