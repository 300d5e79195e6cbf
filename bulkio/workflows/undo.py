"""Undo: a plan that restores what a run changed; shown, checked for conflicts and applied like any other.

It comes from the journal, not from the old plan: what was really sent, and what was really there before. Only our own
fields are put back, and only where nobody edited them since: with B what we wrote, S what was there before and L what
is there now, it is the same three-way comparison as for a sheet.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bulkio.connectors.protocol import ContactScope
from bulkio.core.diff import Verdict, judge
from bulkio.core.issues import IssueCode
from bulkio.core.plan import Action, Change, Operation, Origin, Plan, operation_id
from bulkio.core.provisional import grounded, provisional_id
from bulkio.core.records import canonical, identity, pack_records, wire_value
from bulkio.core.report import Status
from bulkio.workflows.account_now import AccountNow, account_now
from bulkio.workflows.cost import forecast
from bulkio.workflows.undoing import Undoing, UndoRequest, child_in
from bulkio.workflows.verify import asked_changes, equal_records, is_real_delete, reached

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bulkio.connectors.protocol import Connector, Reader, Record
    from bulkio.core.catalogue import Entity
    from bulkio.store.journal import Journal

_NOT_EXECUTED = {Status.NOT_SENT.value, Status.REJECTED.value}


def plan_undo(request: UndoRequest, journal: Journal, connector: Connector, reader: Reader) -> Plan:
    """Make the plan. Reads only."""
    outcomes = {outcome.operation_id: outcome for outcome in journal.outcomes()}
    done = {each: outcome for each, outcome in outcomes.items() if outcome.status in (Status.VERIFIED, Status.ACKED)}
    # What was refused or never left changed nothing: if the target was there all the same, it was somebody else's.
    sent = [attempt for attempt in journal.attempts() if attempt.result not in _NOT_EXECUTED]
    attempts = {each: attempt for attempt in sent for each in attempt.operations}
    mine = [o for o in grounded(request.plan.operations, outcomes.values()) if o.id in done and o.id in attempts]
    now = account_now(connector, reader) if mine else AccountNow()
    roots = list(dict.fromkeys(operation.root_guid for operation in mine))
    root = connector.catalogue.root
    needs_children = any(o.is_child or (o.action is Action.CREATE and not root.soft_delete_field) for o in mine)
    scope = ContactScope.ALL if needs_children else ContactScope.NONE
    live = {identity(root, record): record for record in reader.fetch(roots, contacts=scope)}
    work = Undoing(request, connector, done, attempts, mine, live)
    # What becomes of a root record decides on its children.
    for operation in sorted(reversed(mine), key=lambda each: each.is_child):  # noqa: C414 sorting keeps ties in order
        if operation.id not in work.settled:
            _undo(work, operation)
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
            live_at=now.live_at,
            population=now.population,
        ),
        operations=operations,
        conflicts=tuple(work.conflicts),
        issues=tuple(work.issues),
        cost=forecast(
            connector,
            operations,
            workers=request.workers,
            requests_per_minute=request.requests_per_minute,
            modified_today=now.modified_today,
        ),
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


def _undo(work: Undoing, operation: Operation) -> None:
    entity = work.connector.catalogue.by_name[operation.entity]
    before = work.pre_image(entity, operation)
    known = work.known(operation)
    root = work.live.get(known.root_guid)
    now = child_in(entity, known, root) if entity.parent else root
    if operation.action is Action.CREATE:
        _undo_create(work, entity, known, now)
    elif is_real_delete(entity, operation):
        _undo_delete(work, entity, known, now, before)
    else:
        _undo_update(work, entity, known, now, before)


def _undo_update(
    work: Undoing, entity: Entity, operation: Operation, now: Record | None, before: Record | None
) -> None:
    if now is None or before is None:
        work.conflict(operation, entity.id_field, operation.guid, operation.guid, "")
        return
    changes: list[Change] = []
    wire: dict[str, str | None] = {}
    asked = asked_changes(entity, operation)  # what else was sent blank, the ERP filled in by itself
    for change in operation.changes:
        was = canonical(entity, before, change.field)
        held = canonical(entity, now, change.field)
        ours = held if reached(entity, held, change) else change.after  # what servers trim is still ours
        verdict = judge(ours, was, held)
        if verdict is Verdict.CONFLICT and change in asked:
            work.conflict(operation, change.field, change.after, was, held)
        elif verdict is not Verdict.NOTHING:
            changes.append(Change(change.field, held, was))
            exact = wire_value(before, entity.by_name[change.field].path)
            if exact is None or isinstance(exact, str):
                wire[change.field] = exact
    if changes:
        work.add(operation, Action.UPDATE, changes, now=now, wire=wire)
    else:
        work.unchanged += 1


def _undo_create(work: Undoing, entity: Entity, operation: Operation, now: Record | None) -> None:
    """What we created goes, by the soft flag where there is no delete; only if it is still as we made it."""
    if now is None:
        work.unchanged += 1
        return
    edited = [c for c in operation.changes if c.after and not reached(entity, canonical(entity, now, c.field), c)]
    if edited:
        for change in edited:
            work.conflict(operation, change.field, change.after, "", canonical(entity, now, change.field))
        return
    flag = entity.soft_delete_field
    if flag:
        held = canonical(entity, now, flag)
        if held == "true":
            work.unchanged += 1
            return
        work.add(operation, Action.DELETE, [Change(flag, held, "true")], now=now)
        text = f"the {entity.singular} cannot be deleted again: {flag} is set instead"
        work.warn(operation, IssueCode.SOFT_DELETE, text)
        return
    if not entity.parent and (strange := _strangers(work, operation, now)):
        work.conflict(operation, strange, "", "", "added or changed since")
        return
    gone = [
        Change(f.name, held, "") for f in entity.fields if f.is_writable and (held := canonical(entity, now, f.name))
    ]
    work.add(operation, Action.DELETE, gone, now=now)
    if not entity.parent:
        work.settled |= {each.id for each in work.inside(operation.guid)}  # it takes them with it


def _strangers(work: Undoing, operation: Operation, root: Record) -> str:
    """The kind of children in a root record that the run did not put there, or not as they are ("": there are none)."""
    for entity in work.connector.catalogue.children:
        mine = {work.known(o).guid: o for o in work.inside(operation.guid) if o.entity == entity.name}
        for child in root.get(entity.record_path) or ():
            made = mine.get(identity(entity, child))
            if made is None or not equal_records(entity, made, [child]):
                return entity.name
    return ""


def _undo_delete(
    work: Undoing, entity: Entity, operation: Operation, now: Record | None, before: Record | None
) -> None:
    """What we deleted is made anew; a root record with all that had belonged to it."""
    if now is not None:
        work.unchanged += 1
        return
    if before is None or (entity.parent and operation.parent_guid not in work.live):
        work.conflict(operation, entity.id_field, "", operation.guid, "")
        return
    again = replace(operation, guid="")
    what = f"the {entity.singular} is created anew"
    if not entity.parent:
        guid = operation.guid if entity.client_ids else provisional_id(work.request.plan_id, operation.id)
        again = replace(operation, guid=guid)
        count = _add_children_again(work, again, operation, before)
        what += f" with {count} {'record' if count == 1 else 'records'} that belonged to it" if count else ""
    hidden = work.add_again(again, before)
    if not entity.client_ids:
        what += f", under a new {entity.id_field}; what refers to the old one is lost"
    if hidden:
        what += f"; the ERP showed only a mask of what stays blank: {', '.join(hidden)}"
    if hidden or not entity.client_ids:
        work.warn(operation, IssueCode.NEW_ID, what)


def _add_children_again(work: Undoing, root: Operation, operation: Operation, before: Record) -> int:
    """What a root record had when the run began is made anew in it: how many. `operation` is what deleted it.

    The pre-image has them as the run left them, so what the run had done to them before is taken back first.
    """
    work.settled |= {each.id for each in work.inside(operation.guid)}
    catalogue = work.connector.catalogue
    parent_key = canonical(catalogue.root, before, catalogue.root.key_fields[0])
    count = 0
    for entity in catalogue.children:
        members = {identity(entity, child): child for child in before.get(entity.record_path) or ()}
        for each in work.inside(operation.guid):
            if each.entity != entity.name:
                continue
            was = work.pre_image(entity, each)
            if each.action is Action.CREATE:
                members.pop(work.known(each).guid, None)
            elif was is not None:
                members[each.guid] = was
        for guid, child in members.items():
            names = (canonical(entity, child, name) for name in entity.key_fields)
            key = " / ".join(part for part in (parent_key, *names) if part)
            new = replace(
                operation,
                id=operation_id(operation.id, entity.name, guid),  # ids need not differ between kinds of records
                entity=entity.name,
                key=key,
                guid="",
                parent_guid=root.guid,
                parent_key=parent_key,
            )
            work.add_again(new, child)
            count += 1
    return count
