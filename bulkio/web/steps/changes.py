"""Changes: what will happen, record by record; what to leave out, and whose value stands where two collide."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from bulkio import account as accounts
from bulkio.core.options import Blank, Decision, Winner
from bulkio.core.overview import count_by_group, field_totals, group_of, restored_issues
from bulkio.core.selection import LeftOut, can_lack, is_left_out
from bulkio.errors import UsageError
from bulkio.web.pages import back_to, chosen, page, session_of, table_page, to_step
from bulkio.web.plan_page import plan_page
from bulkio.web.templating import templates

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.requests import Request

    from bulkio.core.issues import Issue
    from bulkio.core.plan import Conflict, Operation, Plan
    from bulkio.web.session import Session

CONFLICTS, RESTORED = "conflict", "restored"


async def show(request: Request) -> Response:
    """The page."""
    session = session_of(request)
    context = _summary(session) if session.planned else {}
    return page(request, "changes", **context)


async def summary(request: Request) -> Response:
    """The part of the page that says what the whole plan does, for a page that just left something out."""
    session = session_of(request)
    if session.planned is None:
        return HTMLResponse("")
    return HTMLResponse(templates().get_template("_summary.html").render(session=session, **_summary(session)))


def _summary(session: Session) -> dict[str, Any]:
    planned, plan = session.planned, session.known_plan
    assert planned is not None  # noqa: S101 whoever calls has looked
    catalogue = session.account.connector.catalogue
    undecided = [each for each in planned.conflicts if _place(each) not in session.options.decisions]
    return {
        "planned": planned,
        "plan": plan,
        "counts": {group.value: count for group, count in count_by_group(plan).items()},
        "planned_counts": {group.value: count for group, count in count_by_group(planned).items()},
        "totals": plan.summary(),
        "restored": planned.restored,
        "field_totals": field_totals(planned, catalogue),
        "kept_totals": {(each.entity, each.field): each for each in field_totals(plan, catalogue)},
        "singulars": {entity.name: entity.singular for entity in catalogue.entities},
        "left_fields": session.left.fields,
        "left_records": len(planned.operations) - len(plan.operations),
        "undecided": len(undecided),
        "clears_emptied": session.options.blank is Blank.CLEAR,
        "can_plan": session.file is not None,
        "spent": session.spent_by,
    }


# --- the table --------------------------------------------------------------------------------------------------------


async def rows(request: Request) -> JSONResponse:
    """A page of the table: operations, or conflicts, or what was restored."""
    session, asked = session_of(request), request.query_params
    if session.planned is None:
        return table_page(request, [], dict)
    group, field = asked.get("group", ""), asked.get("field", "")
    words = asked.get("search", "").casefold().split()
    if group == CONFLICTS:
        return table_page(request, _matching(session.planned.conflicts, words, _conflict_text), _conflict_row(session))
    if group == RESTORED:
        return table_page(request, _matching(restored_issues(session.planned), words, _issue_text), _restored_row)
    found = [
        each
        for each in session.planned.operations
        if (not group or group_of(each).value == group)
        and (not field or any(f"{each.entity}/{change.field}" == field for change in each.changes))
    ]
    return table_page(request, _matching(found, words, _operation_text), _operation_row(session))


def _matching(found: Sequence[Any], words: list[str], text: Callable[[Any], str]) -> Sequence[Any]:
    """Those whose text holds all the words."""
    return [each for each in found if all(word in text(each) for word in words)] if words else found


def _operation_text(operation: Operation) -> str:
    values = " ".join(f"{change.field} {change.before} {change.after}" for change in operation.changes)
    return f"{operation.key} {operation.sheet} {values}".casefold()


def _conflict_text(conflict: Conflict) -> str:
    return f"{conflict.key} {conflict.field} {conflict.base} {conflict.sheet_value} {conflict.live}".casefold()


def _issue_text(issue: Issue) -> str:
    return f"{issue.sheet} {issue.cell} {issue.column} {issue.found} {issue.message}".casefold()


def _operation_row(session: Session) -> Callable[[Operation], dict[str, Any]]:
    shown: Any = templates().get_template("_rows.html").module
    catalogue, left = session.account.connector.catalogue, session.left
    kept = {each.id for each in session.known_plan.operations}
    is_open = not session.spent_by

    def row(operation: Operation) -> dict[str, Any]:
        is_in = (operation.part, operation.row) not in left.rows
        lacking = {c.field for c in operation.changes if is_left_out(catalogue, left, operation, c.field)}
        choosable = is_open and is_in and can_lack(operation) and len(operation.changes) > 1
        return {
            "take": shown.take(operation, is_in, is_open),
            "record": shown.record(operation, group_of(operation).value),
            "what": shown.what(operation, lacking, choosable),
            "is_out": operation.id not in kept,
        }

    return row


def _conflict_row(session: Session) -> Callable[[Conflict], dict[str, Any]]:
    shown: Any = templates().get_template("_rows.html").module
    can_choose = session.file is not None and not session.spent_by

    def row(conflict: Conflict) -> dict[str, Any]:
        decision = session.options.decisions.get(_place(conflict))
        chosen = decision.winner.value if decision else ""
        return {
            "take": "",
            "record": shown.conflict_record(conflict),
            "what": shown.conflict(conflict, chosen, can_choose, _is_gone(session, conflict)),
            "is_out": False,
        }

    return row


def _is_gone(session: Session, conflict: Conflict) -> bool:
    """Whether the record itself is no more: then there is nothing that the sheet's value could be written to."""
    catalogue = session.account.connector.catalogue
    return conflict.live == "" and any(conflict.field == entity.id_field for entity in catalogue.entities)


def _restored_row(issue: Issue) -> dict[str, Any]:
    shown: Any = templates().get_template("_rows.html").module
    return {"take": "", "record": shown.restored_record(issue), "what": shown.restored(issue), "is_out": False}


# --- choices ----------------------------------------------------------------------------------------------------------


async def leave_out(request: Request) -> Response:
    """Leave rows or fields out, or take them in again: `{"out": true, "rows": [], "cells": [], "fields": []}`."""
    session = session_of(request)
    try:
        asked = await request.json()
        is_out = bool(asked["out"])
        chosen = LeftOut(
            frozenset((str(sheet), int(row)) for sheet, row in asked.get("rows", ())),
            frozenset((str(sheet), int(row), str(name)) for sheet, row, name in asked.get("cells", ())),
            frozenset((str(entity), str(name)) for entity, name in asked.get("fields", ())),
        )
    except (ValueError, KeyError, TypeError):
        return JSONResponse({"message": "the page sent something that is no choice"}, 400)
    if session.planned is None or session.jobs.is_busy:
        return JSONResponse({"message": "there is no plan to choose from"}, 409)
    old = session.left
    session.leave_out(
        LeftOut(
            old.rows | chosen.rows if is_out else old.rows - chosen.rows,
            old.cells | chosen.cells if is_out else old.cells - chosen.cells,
            old.fields | chosen.fields if is_out else old.fields - chosen.fields,
        )
    )
    return await summary(request)


@to_step("changes")
async def take_all(request: Request) -> Response:
    """Leave nothing out."""
    session = session_of(request)
    _refuse_busy(session)
    session.leave_out(LeftOut())
    return back_to("changes")


async def decide(request: Request) -> Response:
    """Whose value stands in one conflict: `{"place": [sheet, row, field], "winner": "sheet"}`."""
    session = session_of(request)
    try:
        asked = await request.json()
        sheet, row, name = asked["place"]
        place, winner = (str(sheet), int(row), str(name)), Winner(asked["winner"])
    except (ValueError, KeyError, TypeError):
        return JSONResponse({"message": "the page sent something that is no choice"}, 400)
    found = [each for each in (session.planned.conflicts if session.planned else ()) if _place(each) == place]
    if not found or session.jobs.is_busy:
        return JSONResponse({"message": "there is no such conflict any more"}, 409)
    _decide(session, found, winner)
    return await summary(request)


@to_step("changes")
async def decide_all(request: Request) -> Response:
    """The same for all conflicts."""
    session = session_of(request)
    _refuse_busy(session)
    async with request.form() as form:
        winner = chosen(form, "winner", Winner, Winner.ERP)
    _decide(session, session.planned.conflicts if session.planned else (), winner)
    return back_to("changes")


def _decide(session: Session, conflicts: Sequence[Conflict], winner: Winner) -> None:
    made = {
        _place(each): Decision(each.live, Winner.ERP if _is_gone(session, each) else winner) for each in conflicts
    }  # fmt: skip
    session.options = replace(session.options, decisions={**session.options.decisions, **made})
    session.save()


@to_step("changes")
async def plan_again(request: Request) -> Response:
    """Plan anew, with what was decided; or with emptied cells cleared, or left alone again."""
    session = session_of(request)
    _refuse_busy(session)
    async with request.form() as form:
        session.options = replace(session.options, blank=chosen(form, "blank", Blank, session.options.blank))
        if form.get("undecide"):
            session.options = replace(session.options, decisions={})
    session.jobs.start("changes", "Reading the ERP and comparing", session.make_plan)
    return back_to("changes")


@to_step("changes")
async def download_page(request: Request) -> Response:
    """The plan as it stands, as one self-contained page to mail."""
    session = session_of(request)
    plan = session.known_plan
    page_text = await run_in_threadpool(plan_page, plan, session.account.connector.catalogue, session.approval)
    return _attachment(page_text.encode(), "plan.html", "text/html")


@to_step("changes")
async def download_plan(request: Request) -> Response:
    """The plan as it stands, to be approved or applied elsewhere."""
    plan: Plan = session_of(request).known_plan
    return _attachment(await run_in_threadpool(accounts.dump_plan, plan), "plan.json", "application/json")


def _attachment(content: bytes, name: str, kind: str) -> Response:
    return Response(content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _place(conflict: Conflict) -> tuple[str, int, str]:
    return conflict.part, conflict.row, conflict.field


def _refuse_busy(session: Session) -> None:
    if session.jobs.is_busy:
        msg = "something is still under way"
        raise UsageError(msg, hint="Wait until it has finished.")


routes = [
    Route("/changes", show),
    Route("/changes/summary", summary),
    Route("/changes/rows", rows),
    Route("/changes/left", leave_out, methods=["POST"]),
    Route("/changes/all", take_all, methods=["POST"]),
    Route("/changes/decide", decide, methods=["POST"]),
    Route("/changes/decide-all", decide_all, methods=["POST"]),
    Route("/changes/again", plan_again, methods=["POST"]),
    Route("/changes/plan.html", download_page),
    Route("/changes/plan.json", download_plan),
]
