"""Children with requests of their own (contacts): one list before, the writes, one list after.

Such a child may have no id of ours. Whether a lost create took effect is then told by the difference: children that
equal it, that were not there before, and that no other operation of this run has claimed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bulkio.core.plan import Action, Operation, Step
from bulkio.core.records import identity
from bulkio.core.report import Status
from bulkio.errors import BulkioError, FileError
from bulkio.workflows.root_steps import READ_BACKS, RESENDS, is_still_as_planned
from bulkio.workflows.send import send, wait_settled
from bulkio.workflows.verify import Comparison, Reading, compare, equal_records, find_record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bulkio.connectors.protocol import Record
    from bulkio.core.catalogue import Entity
    from bulkio.workflows.run import Run


def do_children(run: Run, root_guid: str, steps: Sequence[Step]) -> None:
    """All children's steps of one root record, one after the other."""
    by_entity: dict[str, list[Operation]] = {}
    for step in steps:
        by_entity.setdefault(step.entity, []).extend(step.operations)
    for name, operations in by_entity.items():
        entity = run.connector.catalogue.by_name[name]
        children: list[Record] | None = None
        acknowledged = []
        for operation in operations:
            if run.stop.is_set():
                break
            if children is None:
                children = run.link.reader.children(name, root_guid)
            if operation.action is not Action.CREATE:
                found = find_record(entity, operation, children)
                if not is_still_as_planned(run, entity, operation, found):
                    continue
            step = Step(name, root_guid, (operation,))
            status = _send_child(run, entity, step, children, resends=RESENDS)
            if status is Status.ACKED:
                acknowledged.append(operation)
            elif status is Status.UNKNOWN:
                children = None  # settled by reading, and possibly by sending again: look again before the next
        if acknowledged:
            read_back_children(run, entity, root_guid, acknowledged)


def _send_child(run: Run, entity: Entity, step: Step, children: list[Record], *, resends: int) -> Status:
    """Send one child's request; what is unknown is settled here. Returns the status of the send."""
    before = {entity.record_path: children}
    request = run.link.writer.encode(step, before)
    there = [identity(entity, child) for child in children]
    status = send(run, step.operations, request, before=before, children_before=there)
    if status is Status.UNKNOWN:
        settle_child(run, entity, step, set(there), resends=resends)
    return status


def read_back_children(run: Run, entity: Entity, root_guid: str, operations: Sequence[Operation]) -> None:
    """List the children again, and conclude; what does not fit yet is looked at once more when it must."""
    left = list(operations)
    try:
        for reading in range(2):
            if reading:
                run.clock.wait(run.settings.settle_seconds, run.stop)
            children = run.link.reader.children(entity.name, root_guid)
            left = _conclude(run, entity, left, children, is_last=reading > 0)
            if not left:
                return
    except FileError:
        raise
    except BulkioError as exc:
        message = f"done, says the ERP; it could not be read back: {exc}"
        run.end_all([(operation, Status.ACKED, message, "") for operation in left])


def _conclude(
    run: Run, entity: Entity, operations: Sequence[Operation], children: list[Record], *, is_last: bool
) -> list[Operation]:
    """The ends of those whose target is there (with `is_last`: of all); returns the others."""
    ends = []
    left = []
    for operation in operations:
        known = replace(operation, guid=operation.guid or run.journal.outcome(operation.id).guid)
        found = find_record(entity, known, children)
        if found is None and operation.action is Action.CREATE and not known.guid:
            found = next(iter(_unclaimed(run, entity, operation, children, set())), None)
        comparison = compare(entity, operation, found)
        guid = identity(entity, found) if found else ""
        if comparison.reading is Reading.TARGET:
            ends.append((operation, Status.VERIFIED, comparison.difference, guid))
        elif is_last:
            ends.append((operation, *_disappointment(comparison), guid))
        else:
            left.append(operation)
    run.end_all(ends)
    return left


def _disappointment(comparison: Comparison) -> tuple[Status, str]:
    if comparison.reading is Reading.BEFORE:
        return Status.REJECTED, f"the ERP accepted it and did not do it: {comparison.difference}"
    return Status.ACKED, f"the ERP accepted it, but {comparison.difference}"


def _unclaimed(
    run: Run, entity: Entity, operation: Operation, children: list[Record], before: set[str]
) -> list[Record]:
    """Children that may be what the operation created: equal, not there before, nobody else's."""
    claimed = {o.guid for o in run.journal.outcomes() if o.guid and o.operation_id != operation.id}
    equal = equal_records(entity, operation, children)
    return [child for child in equal if identity(entity, child) not in before | claimed]


def settle_child(run: Run, entity: Entity, step: Step, before: set[str], *, resends: int) -> None:
    """The answer was lost: wait, look, decide; what cannot be told is IN_DOUBT, and never sent again."""
    operation = step.operations[0]
    creates = operation.action is Action.CREATE
    children: list[Record] = []
    said = ""
    for reading in range(READ_BACKS if creates else 1):
        said = wait_settled(run, operation, again=reading > 0)
        if run.stop.is_set():
            return
        try:
            children = run.link.reader.children(entity.name, step.root_guid)
        except BulkioError as exc:
            run.abort(exc)
            return
        if creates:
            new = _unclaimed(run, entity, operation, children, before)
            if len(new) == 1:
                run.end(operation, Status.VERIFIED, "the answer was lost; it was done", identity(entity, new[0]))
                return
            if new:
                several = ", ".join(identity(entity, child) for child in new)
                run.end(operation, Status.IN_DOUBT, f"the answer was lost, and several may be it: {several}")
                return
    if not creates:
        comparison = compare(entity, operation, find_record(entity, operation, children))
        if comparison.reading is Reading.TARGET:
            run.end(operation, Status.VERIFIED, "the answer was lost; it was done")
            return
        if comparison.reading is Reading.OTHER:
            run.end(operation, Status.CONFLICT, f"the answer was lost ({said}), and {comparison.difference}")
            return
    if resends:
        status = _send_child(run, entity, step, children, resends=resends - 1)
        if status is Status.ACKED:
            read_back_children(run, entity, step.root_guid, [operation])
    elif creates:
        run.end(operation, Status.IN_DOUBT, f"no answer came twice, and it is not there (yet): {said}")
    else:
        run.end(operation, Status.REJECTED, f"it was not done: {said}")
