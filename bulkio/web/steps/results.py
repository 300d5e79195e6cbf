"""Results: what became of every row, in the server's words; the files; and the way back."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from bulkio import account as accounts
from bulkio.account import PLAN_FILE
from bulkio.core.report import Status
from bulkio.errors import BulkioError
from bulkio.web.pages import Notice, back_to, page, say, session_of, table_page, to_step
from bulkio.web.templating import templates

if TYPE_CHECKING:
    from starlette.requests import Request

    from bulkio.account import RunRecord
    from bulkio.core.plan import Operation
    from bulkio.core.report import Outcome
    from bulkio.web.jobs import Job
    from bulkio.web.session import Session

_MOST_RUNS = 20
_FILES = ("results", "failed")
_CHANGED = (Status.VERIFIED, Status.ACKED, Status.IN_DOUBT, Status.UNKNOWN, Status.INTENT)


async def show(request: Request) -> Response:
    """The page, of the run that was made here or of another."""
    session = session_of(request)
    if run := request.query_params.get("run"):
        session.run_id = run
    record = await run_in_threadpool(_record, session)
    return page(
        request,
        "results",
        record=record,
        files=_files(record) if record else [],
        problem=record.report.files.get("results_problem", "") if record else "",
        can_undo=bool(record and any(each.status in _CHANGED for each in record.report.outcomes)),
        undo_of=_undo_of(record) if record else "",
        runs=list(islice(session.account.runs(), _MOST_RUNS)),
    )


def _record(session: Session) -> RunRecord | None:
    return session.shown_run


def _files(record: RunRecord) -> list[str]:
    """The files that there are to download."""
    return [name for name in _FILES if Path(record.report.files.get(name, "")).is_file()]


def _undo_of(record: RunRecord) -> str:
    """The run that this one took back, if it did."""
    try:
        return accounts.load_plan(record.folder / PLAN_FILE).options.get("undo_of", "")
    except BulkioError:
        return ""


async def rows(request: Request) -> JSONResponse:
    """A page of the table."""
    session, asked = session_of(request), request.query_params
    found = await run_in_threadpool(_outcomes, session, asked.get("status", ""), asked.get("search", ""))
    return table_page(request, found, _row)


def _outcomes(session: Session, status: str, search: str) -> list[tuple[Operation, Outcome]]:
    record = session.shown_run
    if record is None:
        return []
    by_id = {operation.id: operation for operation in accounts.load_plan(record.folder / PLAN_FILE).operations}
    words = search.casefold().split()
    pairs = [(by_id[each.operation_id], each) for each in record.report.outcomes if each.operation_id in by_id]
    return [
        (operation, outcome)
        for operation, outcome in pairs
        if (not status or outcome.status.value == status)
        and all(word in f"{operation.key} {operation.sheet} {outcome.message}".casefold() for word in words)
    ]


def _row(pair: tuple[Operation, Outcome]) -> dict[str, Any]:
    operation, outcome = pair
    shown: Any = templates().get_template("_rows.html").module
    return {
        "status": shown.status(outcome.status.value),
        "record": shown.record(operation, operation.action.value),
        "fields": shown.text(", ".join(change.field for change in operation.changes)),
        "message": shown.text(outcome.message),
    }


@to_step("results")
async def download(request: Request) -> Response:
    """The results, or the failed rows alone."""
    record = await run_in_threadpool(_record, session_of(request))
    path = Path(record.report.files.get(request.path_params["name"], "")) if record else Path()
    if request.path_params["name"] not in _FILES or not path.is_file():
        say(request, Notice("warn", "There is no such file any more."))
        return back_to("results")
    return FileResponse(path, filename=path.name)


@to_step("results")
async def undo(request: Request) -> Response:
    """Make the plan that takes the run back."""
    session = session_of(request)
    async with request.form() as form:
        run_id = str(form.get("run", ""))

    def work(job: Job) -> None:
        session.undo(job, run_id)

    session.jobs.start("changes", "Reading what is there now", work)
    return back_to("changes")


routes = [
    Route("/results", show),
    Route("/results/rows", rows),
    Route("/results/undo", undo, methods=["POST"]),
    Route("/results/{name}.file", download),
]
