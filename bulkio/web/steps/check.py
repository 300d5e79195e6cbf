"""Check: everything that is wrong or remarkable, by kind, with its cell and how to fix it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from bulkio import account as accounts
from bulkio.core.issues import IssueCode, Severity, count_by_severity
from bulkio.errors import UsageError
from bulkio.web.pages import back_to, page, session_of, table_page, to_step
from bulkio.web.steps.file import start_check
from bulkio.web.templating import templates, visible
from bulkio.web.wording import on_page

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from starlette.requests import Request

    from bulkio.core.issues import Issue


async def show(request: Request) -> Response:
    """The page."""
    session = session_of(request)
    start_check(session, "check")
    issues = session.issues
    kinds = Counter((issue.severity, issue.code) for issue in issues)
    severities = list(Severity)
    return page(
        request,
        "check",
        issues=issues,
        severities={each.value: count for each, count in count_by_severity(issues).items()},
        kinds=sorted(
            ((code.value, severity.value, count) for (severity, code), count in kinds.items()),
            key=lambda kind: (severities.index(Severity(kind[1])), -kind[2]),
        ),
        forbidden=sum(issue.code is IssueCode.DELETE_NOT_ALLOWED for issue in issues),
        can_annotate=session.file is not None and session.file.suffix.lower() in (".xlsx", ".csv"),
    )


async def rows(request: Request) -> JSONResponse:
    """A page of the table."""
    asked = request.query_params
    found = _filtered(session_of(request).issues, asked.get("code", ""), asked.get("search", ""))
    folder = session_of(request).folder.folder
    return table_page(request, found, lambda issue: _row(issue, folder))


def _filtered(issues: Sequence[Issue], code: str, search: str) -> list[Issue]:
    words = search.casefold().split()
    return [
        issue
        for issue in issues
        if (not code or issue.code.value == code)
        and (not words or all(word in _text(issue) for word in words))
    ]  # fmt: skip


def _text(issue: Issue) -> str:
    return f"{issue.sheet} {issue.cell} {issue.column} {issue.found} {issue.message} {issue.hint}".casefold()


def _row(issue: Issue, folder: Path) -> dict[str, Any]:
    shown: Any = templates().get_template("_issue.html").module
    issue = replace(issue, message=on_page(issue.message, folder), hint=on_page(issue.hint, folder))
    return {
        "kind": shown.kind(issue),
        "where": shown.where(issue),
        "found": shown.text(visible(issue.found)),
        "problem": shown.problem(issue),
    }


@to_step("check")
async def annotated(request: Request) -> Response:
    """The user's own file again, with a mark and a note on every cell that has an issue."""
    session = session_of(request)
    if session.checked is None or session.file is None:
        msg = "the file is not read yet"
        raise UsageError(msg)
    target = session.folder.new("exports") / f"{session.file.stem}.checked{session.file.suffix}"
    marked = replace(session.checked, issues=list(session.issues))
    await run_in_threadpool(accounts.write_check_report, marked, target)
    return FileResponse(target, filename=target.name)


@to_step("check")
async def allow_delete(request: Request) -> Response:
    """Let rows with DELETE delete, or not; the file is judged again."""
    session = session_of(request)
    async with request.form() as form:
        session.options = replace(session.options, allow_delete=form.get("allow") == "yes")
    if session.file:
        session.jobs.start("check", "Checking the file", session.check)
    return back_to("check")


@to_step("check")
async def make_plan(request: Request) -> Response:
    """Read the ERP, and say what would change."""
    session = session_of(request)
    if session.checked and session.checked.has_errors:
        msg = "the file has errors"
        raise UsageError(msg, hint="Fix them in the file, and upload it again.")
    session.jobs.start("changes", "Reading the ERP and comparing", session.make_plan)
    return back_to("changes")


routes = [
    Route("/check", show),
    Route("/check/rows", rows),
    Route("/check/annotated", annotated),
    Route("/check/deletes", allow_delete, methods=["POST"]),
    Route("/plan", make_plan, methods=["POST"]),
]
