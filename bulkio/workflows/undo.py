"""Undo: a plan that restores what a run changed; shown, checked for conflicts and applied like any other.

It comes from the journal, not from the old plan: what was really sent, and what was really there before. Only our own
fields are put back, and only where nobody edited them since: with B what we wrote, S what was there before and L what
is there now, it is the same three-way comparison as for a sheet.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bulkio.connectors.protocol import ContactScope, Query
from bulkio.core.catalogue import Kind
from bulkio.core.diff import Verdict, judge
from bulkio.core.issues import Issue, IssueCode, Severity
from bulkio.core.kinds import canonical_timestamp
from bulkio.core.plan import Action, Change, Conflict, Operation, Origin, Plan, operation_id
from bulkio.core.records import canonical, identity, pack_records
from bulkio.core.report import Outcome, Status
from bulkio.workflows.cost import forecast
from bulkio.workflows.verify import asked_changes, find_record, holds, is_real_delete

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bulkio.connectors.protocol import Connector, Reader, Record
    from bulkio.core.catalogue import Entity
    from bulkio.store.journal import Attempt, Journal

_NOT_EXECUTED = {Status.NOT_SENT.value, Status.REJECTED.value}


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoRequest:
    """What to undo. `created_at` is a canonical timestamp."""

    run_id: str
    plan: Plan
    plan_id: str
    created_at: str
    workers: int = 4
    requests_per_minute: int | None = None


@dataclass(slots=True)
class _Undoing:
    request: UndoRequest
    connector: Connector
    live: dict[str, Record]
    operations: list[Operation]
    conflicts: list[Conflict]
    issues: list[Issue]
    unchanged: int = 0


def plan_undo(request: UndoRequest, journal: Journal, connector: Connector, reader: Reader) -> Plan:
    """Make the plan. Reads only."""
    done = {o.operation_id: o for o in journal.outcomes() if o.status in (Status.VERIFIED, Status.ACKED)}
    # What was refused or never left changed nothing: if the target was there all the same, it was somebody else's.
    sent = [attempt for attempt in journal.attempts() if attempt.result not in _NOT_EXECUTED]
    attempts = {each: attempt for attempt in sent for each in attempt.operations}
    mine = [o for o in request.plan.operations if o.id in done and o.id in attempts]
    page = next(iter(reader.pages(Query(contacts=ContactScope.NONE, page_size=1))), None) if mine else None
    roots = list(dict.fromkeys(operation.root_guid for operation in mine))
    root = connector.catalogue.root
    has_children = any(connector.catalogue.by_name[o.entity].parent for o in mine)
    scope = ContactScope.ALL if has_children else ContactScope.NONE
    live = {identity(root, record): record for record in reader.fetch(roots, contacts=scope)}
    work = _Undoing(request, connector, live, [], [], [])
    for operation in reversed(mine):
        _undo(work, operation, done[operation.id], attempts[operation.id])
    operations = tuple(_in_safe_order(connector, work.operations))
    bodies = {o.root_guid for o in operations if not o.parent_guid or connector.catalogue.by_name[o.entity].embedded}
    origin = request.plan.origin
    return Plan(
        plan_id=request.plan_id,
        origin=Origin(
            profile=origin.profile,
            erp=origin.erp,
            tenant=origin.tenant,
            file=origin.file,
            file_sha256=origin.file_sha256,
            created_at=request.created_at,
            base_id=origin.base_id,
            exported_at=origin.exported_at,
            live_at=canonical_timestamp(page.server_time.isoformat()) if page and page.server_time else "",
            population=(page.total or 0) if page else 0,
        ),
        operations=operations,
        conflicts=tuple(work.conflicts),
        issues=tuple(work.issues),
        cost=forecast(connector, operations, workers=request.workers, requests_per_minute=request.requests_per_minute),
        unchanged=work.unchanged,
        # What somebody edited since is named, and stays as it is.
        options={"undo_of": request.run_id, "on_conflict": "skip", "allow_delete": "true"},
        rows=request.plan.rows,
        live=pack_records([record for guid, record in live.items() if guid in bodies]) if bodies else "",
    )


def _in_safe_order(connector: Connector, operations: Sequence[Operation]) -> list[Operation]:
    """Root records first, so that children that are created again find them."""
    names = [entity.name for entity in connector.catalogue.entities]
    return sorted(operations, key=lambda operation: names.index(operation.entity))


def _undo(work: _Undoing, operation: Operation, outcome: Outcome, attempt: Attempt) -> None:
    entity = work.connector.catalogue.by_name[operation.entity]
    before = _pre_image(entity, operation, attempt)
    root = work.live.get(operation.root_guid)
    known = replace(operation, guid=outcome.guid or operation.guid)
    now = _child(entity, known, root) if entity.parent else root
    if operation.action is Action.CREATE:
        _undo_create(work, entity, known, now)
    elif is_real_delete(entity, operation):
        _undo_delete(work, entity, known, now, before, root)
    else:
        _undo_update(work, entity, known, now, before)


def _undo_update(
    work: _Undoing, entity: Entity, operation: Operation, now: Record | None, before: Record | None
) -> None:
    if now is None or before is None:
        _conflict(work, operation, entity.id_field, operation.guid, operation.guid, "")
        return
    changes: list[Change] = []
    wire: dict[str, str | None] = {}
    asked = asked_changes(entity, operation)  # what else was sent blank, the ERP filled in by itself
    for change in operation.changes:
        was = canonical(entity, before, change.field)
        held = canonical(entity, now, change.field)
        ours = held if holds(held, change) else change.after  # what servers trim is still ours
        verdict = judge(ours, was, held)
        if verdict is Verdict.CONFLICT and change in asked:
            _conflict(work, operation, change.field, change.after, was, held)
        elif verdict is not Verdict.NOTHING:
            changes.append(Change(change.field, held, was))
            exact = _wire_value(before, change.field)
            if entity.by_name[change.field].kind is Kind.TEXT and (exact is None or isinstance(exact, str)):
                wire[change.field] = exact
    if changes:
        _add(work, operation, entity, Action.UPDATE, changes, now, wire=wire)
    else:
        work.unchanged += 1


def _undo_create(work: _Undoing, entity: Entity, operation: Operation, now: Record | None) -> None:
    """What we created goes, by the soft flag where there is no delete; only if it is still as we made it."""
    if now is None:
        work.unchanged += 1
        return
    edited = [c for c in operation.changes if c.after and not holds(canonical(entity, now, c.field), c)]
    if edited:
        for change in edited:
            _conflict(work, operation, change.field, change.after, "", canonical(entity, now, change.field))
        return
    flag = entity.soft_delete_field
    if flag:
        held = canonical(entity, now, flag)
        if held == "true":
            work.unchanged += 1
            return
        _add(work, operation, entity, Action.DELETE, [Change(flag, held, "true")], now)
        text = f"the {entity.singular} cannot be deleted again: {flag} is set instead"
        _say(work, operation, IssueCode.SOFT_DELETE, text)
        return
    gone = [
        Change(f.name, held, "") for f in entity.fields if f.is_writable and (held := canonical(entity, now, f.name))
    ]
    _add(work, operation, entity, Action.DELETE, gone, now)


def _undo_delete(  # noqa: PLR0913, PLR0917 what was, what is, and where
    work: _Undoing,
    entity: Entity,
    operation: Operation,
    now: Record | None,
    before: Record | None,
    root: Record | None,
) -> None:
    if now is not None:
        work.unchanged += 1
        return
    if before is None or (entity.parent and root is None):
        _conflict(work, operation, entity.id_field, "", operation.guid, "")
        return
    values = {f.name: canonical(entity, before, f.name) for f in entity.fields if f.is_writable}
    changes = [Change(name, "", value) for name, value in values.items() if value]
    wire: dict[str, str | None] = {
        name: exact
        for name in values
        if entity.by_name[name].kind is Kind.TEXT and isinstance(exact := _wire_value(before, name), str)
    }
    _add(work, replace(operation, guid=""), entity, Action.CREATE, changes, None, wire=wire)
    text = f"the {entity.singular} is created anew, with a new {entity.id_field}; what refers to the old one is lost"
    _say(work, operation, IssueCode.NEW_ID, text)


def _add(  # noqa: PLR0913, PLR0917 an operation has that many parts
    work: _Undoing,
    operation: Operation,
    entity: Entity,
    action: Action,
    changes: Sequence[Change],
    now: Record | None,
    *,
    wire: dict[str, str | None] | None = None,
) -> None:
    names = entity.key_fields
    work.operations.append(
        Operation(
            id=operation_id(work.request.plan_id, operation.id, action.value),
            action=action,
            entity=operation.entity,
            key=operation.key,
            guid=operation.guid if now is None else identity(entity, now),
            parent_guid=operation.parent_guid,
            parent_key=operation.parent_key,
            natural_key=() if now is None else tuple(canonical(entity, now, name) for name in names),
            sheet=operation.sheet,
            row=operation.row,
            changes=tuple(changes),
            wire=wire or {},
        )
    )


def _conflict(work: _Undoing, operation: Operation, name: str, ours: str, before: str, now: str) -> None:  # noqa: PLR0913, PLR0917
    work.conflicts.append(
        Conflict(sheet=operation.sheet, row=operation.row, key=operation.key, field=name,
                 base=ours, sheet_value=before, live=now)
    )  # fmt: skip


def _say(work: _Undoing, operation: Operation, code: IssueCode, message: str) -> None:
    work.issues.append(
        Issue(code=code, severity=Severity.WARNING, sheet=operation.sheet, row=operation.row, found=operation.key,
              message=message)
    )  # fmt: skip


# --- what was there before --------------------------------------------------------------------------------------------


def _pre_image(entity: Entity, operation: Operation, attempt: Attempt) -> Record | None:
    """The record as the journal has it from just before the request; None for a create."""
    if not attempt.before:
        return None
    holder: Record = json.loads(attempt.before, parse_float=Decimal)
    return _child(entity, operation, holder) if entity.parent else holder


def _child(entity: Entity, operation: Operation, holder: Record | None) -> Record | None:
    members = (holder or {}).get(entity.record_path) or ()
    return find_record(entity, operation, members)


def _wire_value(record: Record, name: str) -> Any:
    value: Any = record
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value
