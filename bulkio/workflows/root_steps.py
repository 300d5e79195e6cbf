"""A root record's step: its own changes and its embedded children's, in one body."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bulkio.connectors.protocol import ContactScope
from bulkio.core.options import OnConflict
from bulkio.core.plan import Action, Operation, Step
from bulkio.core.records import canonical, identity
from bulkio.core.report import Status
from bulkio.errors import BulkioError, FileError
from bulkio.workflows.run import Verify
from bulkio.workflows.send import send, wait_settled
from bulkio.workflows.verify import (
    Comparison,
    Reading,
    asked_changes,
    compare,
    equal_records,
    find_record,
    is_real_delete,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bulkio.connectors.protocol import Record
    from bulkio.core.catalogue import Entity
    from bulkio.workflows.run import Run

READ_BACKS = 2  # readings, `settle_seconds` apart, before absence is believed
RESENDS = 1


def do_root(run: Run, step: Step) -> None:
    """Send the step if it is still as planned."""
    live = None
    if step.action is not Action.CREATE:
        live = run.live.get(step.root_guid) or fetch(run, step.root_guid)
        if live is None:
            message = "the record is no longer in the ERP"
            run.end_all([(operation, Status.CONFLICT, message, "") for operation in step.operations])
            return
        step = _still_as_planned(run, step, live)
    if step.operations:
        _send_root(run, step, live, resends=RESENDS)


def fetch(run: Run, guid: str) -> Record | None:
    """The root record as it is now (its embedded children with it); None if there is none."""
    return next(iter(run.link.reader.fetch([guid], contacts=ContactScope.NONE)), None)


def _send_root(run: Run, step: Step, live: Record | None, *, resends: int) -> None:
    request = run.link.writer.encode(step, live)
    status = send(run, step.operations, request, before=live)
    run.live.pop(step.root_guid, None)  # whatever it was, it may be something else now
    if status is Status.UNKNOWN:
        settle_root(run, step, resends=resends)
    elif status is Status.ACKED and run.settings.verify is Verify.EACH:
        read_back_root(run, step.operations)
    elif status is Status.ACKED:
        run.await_read_back(step.operations)


def read_back_root(run: Run, operations: Sequence[Operation]) -> None:
    """Read one root record by itself, and conclude; a reading that does not fit yet is repeated once it must."""
    guid = operations[0].root_guid
    left = list(operations)
    try:
        left = _conclude_fitting(run, left, fetch(run, guid))
        if left:  # what is written may take a moment to be read
            run.clock.wait(run.settings.settle_seconds, run.stop)
            conclude_root(run, left, fetch(run, guid))
    except FileError:
        raise
    except BulkioError as exc:
        message = f"done, says the ERP; it could not be read back: {exc}"
        run.end_all([(operation, Status.ACKED, message, "") for operation in left])


def _conclude_fitting(run: Run, operations: Sequence[Operation], record: Record | None) -> list[Operation]:
    """Conclude the operations whose target is there; returns the others."""
    fitting = [o for o in operations if _compare(run, o, record).reading is Reading.TARGET]
    conclude_root(run, fitting, record)
    return [operation for operation in operations if operation not in fitting]


def conclude_read(run: Run, operation: Operation, record: Record) -> bool:
    """Conclude an operation by a record that a sweep brought, if its target is there; tells whether it was."""
    return not _conclude_fitting(run, [operation], record)


def conclude_root(run: Run, operations: Sequence[Operation], record: Record | None) -> None:
    """What each acknowledged operation came to, by a reading that counts."""
    ends = []
    for operation in operations:
        found = locate(run, operation, record)
        guid = "" if found is None else identity(run.connector.catalogue.by_name[operation.entity], found)
        comparison = _compare(run, operation, record)
        if comparison.reading is Reading.TARGET:
            ends.append((operation, Status.VERIFIED, comparison.difference, guid))
        elif comparison.reading is Reading.BEFORE:
            message = f"the ERP accepted it and did not do it: {comparison.difference}"
            ends.append((operation, Status.REJECTED, message, guid))
        else:
            ends.append((operation, Status.ACKED, f"the ERP accepted it, but {comparison.difference}", guid))
    run.end_all(ends)


def locate(run: Run, operation: Operation, record: Record | None) -> Record | None:
    """The operation's own record: the root record, or the embedded child in it."""
    entity = run.connector.catalogue.by_name[operation.entity]
    if record is None:
        return None
    if not entity.parent:
        return record
    children = record.get(entity.record_path) or ()
    found = find_record(entity, operation, children)
    if found is None and operation.action is Action.CREATE:
        found = next(iter(equal_records(entity, operation, children)), None)
    return found


def _compare(run: Run, operation: Operation, record: Record | None) -> Comparison:
    entity = run.connector.catalogue.by_name[operation.entity]
    return compare(entity, operation, locate(run, operation, record))


def settle_root(run: Run, step: Step, *, resends: int) -> None:
    """The answer was lost: wait until it must have taken effect or never will, then look, then decide.

    A create carries our own id, and an update the whole record, so sending either again is harmless; that is done only
    where nothing of it is there.
    """
    record: Record | None = None
    said = ""
    for reading in range(READ_BACKS if step.action is Action.CREATE else 1):
        said = wait_settled(run, step.operations[0], again=reading > 0)
        if run.stop.is_set():
            return  # unsettled; the journal says so, and a resume goes on here
        try:
            record = fetch(run, step.root_guid)
        except BulkioError as exc:  # still unknown, says the journal; a resume goes on here
            run.abort(exc)
            return
        if record is not None or step.action is not Action.CREATE:
            break
    readings = {_compare(run, operation, record).reading for operation in step.operations}
    if readings == {Reading.TARGET}:
        conclude_root(run, step.operations, record)
    elif record is None and step.action is not Action.CREATE:
        _end_step(run, step, Status.CONFLICT, "the answer was lost, and the record is no longer in the ERP")
    elif readings == {Reading.BEFORE} and resends:
        _send_root(run, step, record, resends=resends - 1)
    elif readings == {Reading.BEFORE}:
        _end_step(run, step, Status.REJECTED, f"it was not done: {said}")
    else:
        _end_step(run, step, Status.CONFLICT, f"the answer was lost ({said}), and the record now holds something else")


def _end_step(run: Run, step: Step, status: Status, message: str) -> None:
    run.end_all([(operation, status, message, "") for operation in step.operations])


# --- is it still as planned? ------------------------------------------------------------------------------------------


def _still_as_planned(run: Run, step: Step, live: Record) -> Step:
    """The step without the operations that somebody else overtook; their outcomes are journaled."""
    kept = []
    for operation in step.operations:
        entity = run.connector.catalogue.by_name[operation.entity]
        if operation.action is Action.CREATE:
            kept.append(operation)
            continue
        found = live if not entity.parent else find_record(entity, operation, live.get(entity.record_path) or ())
        if is_still_as_planned(run, entity, operation, found):
            kept.append(operation)
    return replace(step, operations=tuple(kept))


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
