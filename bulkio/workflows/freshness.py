"""Is it still as planned? What somebody else changed since the plan is not sent over it.

Of a record that is to be written, the fields that the plan would change; of one that is to go for good, all of it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bulkio.core.options import OnConflict
from bulkio.core.plan import Action, Operation, Step
from bulkio.core.records import canonical, identity
from bulkio.core.report import Status
from bulkio.workflows.verify import asked_changes, equal_records, find_record, is_real_delete, same_key

if TYPE_CHECKING:
    from collections.abc import Collection

    from bulkio.connectors.protocol import Record
    from bulkio.core.catalogue import Catalogue, Entity
    from bulkio.workflows.run import Run


def was_retired(run: Run, step: Step, live: Record) -> bool:
    """Whether somebody set the flag that stands in for a delete, and the step is not about that flag."""
    root = run.connector.catalogue.root
    flag = root.soft_delete_field
    planned = run.planned.get(step.root_guid)
    if not flag or planned is None or run.plan.options.get("on_conflict") == OnConflict.OVERWRITE.value:
        return False
    is_new = canonical(root, live, flag) == "true" != canonical(root, planned, flag)
    return is_new and all(change.field != flag for operation in step.operations for change in operation.changes)


def still_as_planned(run: Run, step: Step, live: Record) -> Step:
    """The step without the operations that somebody else overtook; their outcomes are journaled."""
    kept = []
    for operation in step.operations:
        entity = run.connector.catalogue.by_name[operation.entity]
        if operation.action is Action.CREATE:
            if _is_still_free(run, entity, operation, live):
                kept.append(operation)
            continue
        found = live if not entity.parent else find_record(entity, operation, live.get(entity.record_path) or ())
        if is_still_as_planned(run, entity, operation, found):
            kept.append(operation)
    return replace(step, operations=tuple(kept))


def _is_still_free(run: Run, entity: Entity, operation: Operation, live: Record) -> bool:
    """Whether nobody made such an embedded child since the plan; if somebody did, the outcome is journaled."""
    planned = run.planned.get(operation.root_guid, {})
    now = same_key(entity, operation, live.get(entity.record_path) or ())
    if len(now) <= len(same_key(entity, operation, planned.get(entity.record_path) or ())):
        return True
    if equal := equal_records(entity, operation, now):
        run.end(operation, Status.VERIFIED, "the ERP held it already", identity(entity, equal[0]))
    else:
        run.end(operation, Status.CONFLICT, f"somebody made such a {entity.singular} since the plan")
    return False


def is_still_as_planned(run: Run, entity: Entity, operation: Operation, record: Record | None) -> bool:
    """Whether every field that would be changed still holds what the plan saw; if not, the outcome is journaled."""
    if record is None:
        if is_real_delete(entity, operation):
            run.end(operation, Status.VERIFIED, "it was gone already")
        else:
            run.end(operation, Status.CONFLICT, f"the {entity.singular} is no longer in the ERP")
        return False
    held = {change.field: canonical(entity, record, change.field) for change in operation.changes}
    if is_real_delete(entity, operation):
        moved = [change for change in operation.changes if held[change.field] != change.before]
    else:
        asked = asked_changes(entity, operation)
        if all(held[change.field] == change.after for change in asked):
            run.end(operation, Status.VERIFIED, "the ERP held it already", identity(entity, record))
            return False
        moved = [change for change in asked if held[change.field] not in (change.before, change.after)]
    if moved and run.plan.options.get("on_conflict") != OnConflict.OVERWRITE.value:
        words = "; ".join(f"{c.field} was {c.before!r} when planned and is {held[c.field]!r} now" for c in moved)
        run.end(operation, Status.CONFLICT, f"somebody changed it since the plan: {words}")
        return False
    return True


def moved_part(run: Run, step: Step, live: Record) -> str:
    """What of a root record and its children is not as the plan saw it ("": nothing), but for what the plan changes."""
    planned = run.planned.get(step.root_guid)
    if planned is None or run.plan.options.get("on_conflict") == OnConflict.OVERWRITE.value:
        return ""
    mine = [o for o in run.plan.operations if o.is_child and run.real_id(o.parent_guid) == step.root_guid]
    touched = {guid for o in mine for guid in (o.guid, run.journal.outcome(o.id).guid)}
    return differing_part(run.connector.catalogue, planned, live, touched)


def differing_part(catalogue: Catalogue, one: Record, other: Record, touched: Collection[str] = ()) -> str:
    """Where two readings of a complete record differ in what can be sent; children whose ids are `touched` aside."""
    if _sendable(catalogue.root, one) != _sendable(catalogue.root, other):
        return f"the {catalogue.root.singular}"
    for entity in catalogue.children:
        before, now = (
            {
                guid: _sendable(entity, child)
                for child in record.get(entity.record_path) or ()
                if (guid := identity(entity, child)) not in touched
            }
            for record in (one, other)
        )
        if before != now:
            return f"its {entity.name.lower()}"
    return ""


def _sendable(entity: Entity, record: Record) -> list[str]:
    return [canonical(entity, record, field.name) for field in entity.sendable]
