"""What all steps share: the frame of a page, what is said once, and the ways out of a form."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar, cast

from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from bulkio.errors import BulkioError, UsageError
from bulkio.web.templating import templates
from bulkio.web.wording import on_page

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from starlette.datastructures import FormData
    from starlette.requests import Request

    from bulkio.web.session import Session

    Endpoint = Callable[[Request], Awaitable[Response]]

Row = TypeVar("Row")
Choice = TypeVar("Choice", bound=Enum)

STEPS = ("file", "check", "changes", "apply", "results")
_LARGEST_PAGE = 200  # rows of a table


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to say once, on the next page. `kind` is bad, warn or good."""

    kind: str
    message: str
    hint: str = ""


def session_of(request: Request) -> Session:
    """The one session of the server."""
    return cast("Session", request.app.state.session)


def say(request: Request, notice: Notice) -> None:
    """Say it on the next page."""
    request.app.state.notices.append(notice)


def page(request: Request, step: str, **context: Any) -> HTMLResponse:
    """A step's page in its frame."""
    session = session_of(request)
    notices: list[Notice] = list(request.app.state.notices)
    request.app.state.notices.clear()
    error = session.jobs.error_of(step)
    if error is not None:
        notices.append(Notice("bad", str(error), error.hint))
    folder = session.folder.folder
    notices = [Notice(each.kind, on_page(each.message, folder), on_page(each.hint, folder)) for each in notices]
    job = session.jobs.current
    frame = {
        "step": step,
        "steps": _steps(session),
        "session": session,
        "notices": notices,
        "job": job.snapshot() if job and job.is_under_way else None,
        "instance": request.app.state.instance,
    }
    return HTMLResponse(templates().get_template(f"{step}.html").render(**frame, **context))


def _steps(session: Session) -> list[dict[str, Any]]:
    """The five steps: which can be gone to, and which are behind."""
    has_file = session.file is not None
    is_sound = session.checked is not None and not session.checked.has_errors
    has_plan = session.planned is not None
    has_run = session.run_id != "" or session.has_runs
    reach = {"file": True, "check": has_file, "changes": has_plan, "apply": has_plan or has_run, "results": has_run}
    done = {
        "file": has_file,
        "check": is_sound or has_plan,
        "changes": session.run_id != "",
        "apply": session.run_id != "",
        "results": False,
    }
    return [{"name": each, "can_go": reach[each], "is_done": done[each] and reach[each]} for each in STEPS]


def back_to(step: str) -> RedirectResponse:
    """The way out of a form."""
    return RedirectResponse(f"/{step}", HTTPStatus.SEE_OTHER)


def to_step(step: str) -> Callable[[Endpoint], Endpoint]:
    """A form's endpoint whose errors are shown on the page of that step."""

    def decorate(endpoint: Endpoint) -> Endpoint:
        @wraps(endpoint)
        async def caught(request: Request) -> Response:
            try:
                return await endpoint(request)
            except BulkioError as exc:
                say(request, Notice("bad", str(exc), exc.hint))
                return back_to(step)

        return caught

    return decorate


def table_page(request: Request, rows: Sequence[Row], show: Callable[[Row], dict[str, Any]]) -> JSONResponse:
    """A page of a table, as Tabulator asks for it; only the rows of the page are rendered."""
    size = min(_whole(request, "size", 50), _LARGEST_PAGE) or 1
    pages = max(1, math.ceil(len(rows) / size))
    number = min(max(_whole(request, "page", 1), 1), pages)
    shown = rows[(number - 1) * size : number * size]
    return JSONResponse({"last_page": pages, "last_row": len(rows), "data": [show(row) for row in shown]})


def chosen(form: FormData, name: str, choices: type[Choice], default: Choice) -> Choice:
    """One of an enum's values by its name or its value, as a select of a form sends it. Raises UsageError."""
    text = str(form.get(name, ""))
    found = [each for each in choices if text in (each.name, each.value)]
    if text and not found:
        msg = f"{text!r} is no choice of {name}"
        raise UsageError(msg)
    return found[0] if found else default


def _whole(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 9 else default  # noqa: PLR2004 digits
