"""A root record's step: its own changes and its embedded children's, in one body."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from bulkio.connectors.protocol import ContactScope
from bulkio.core.options import OnConflict
from bulkio.core.plan import Action, Operation, Step
from bulkio.core.records import canonical, identity
from bulkio.core.report import Status
from bulkio.errors import BulkioError, FileError, NotExecutedError, RateLimitError, UnavailableError
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
    same_key,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bulkio.connectors.protocol import Record
    from bulkio.core.catalogue import Entity
    from bulkio.store.journal import Attempt
    from bulkio.workflows.run import Run

READ_BACKS = 2  # readings, `settle_seconds` apart, before absence is believed for good
RESENDS = 1
NO_ANSWER = "the run ended before there was an answer"


def do_root(run: Run, step: Step) -> None:
    """Send the step if it is still as planned."""
    live = run.live.get(step.root_guid)
    if step.action is Action.CREATE:
        if live is not None:  # it has our own id: somebody sent this very plan before
            _decide(run, step, live, said="the ERP held it already")
            return
    else:
        live = live or fetch(run, step.root_guid)
        if live is None:
            _end_step(run, step, Status.CONFLICT, "the record is no longer in the ERP")
            return
        if _was_retired(run, step, live):
            _end_step(run, step, Status.CONFLICT, "somebody took the record out of use since the plan")
            return
        step = _still_as_planned(run, step, live)
    if step.operations:
        _send_root(run, step, live, resends=RESENDS, is_again=False)


def fetch(run: Run, guid: str) -> Record | None:
    """The root record as it is now (its embedded children with it); None if there is none."""
    return next(iter(run.link.reader.fetch([guid], contacts=ContactScope.NONE)), None)


def _send_root(run: Run, step: Step, live: Record | None, *, resends: int, is_again: bool) -> None:
    try:
        request = run.link.writer.encode(step, live)
    except KeyError as exc:
        _end_step(run, step, Status.CONFLICT, f"it can no longer be told which record is meant: {exc}")
        return
    status = send(run, step, request, before=live, is_again=is_again)
    run.forget(step.root_guid)
    if status is Status.UNKNOWN:
        settle_root(run, step, lost_at=run.clock.now(), resends=resends)
    elif status is Status.ACKED and run.settings.verify is Verify.EACH:
        read_back_root(run, step.operations)
    elif status is Status.ACKED:
        run.await_read_back(step.operations)


def read_back_root(run: Run, operations: Sequence[Operation]) -> None:
    """Read one root record by itself, and conclude; a reading that does not fit yet is repeated once it must.

    What a stop or an error keeps from being concluded stays as it is, and a resume reads it back.
    """
    guid = operations[0].root_guid
    left = list(operations)
    try:
        record = fetch(run, guid)
        left = conclude_fitting(run, [(operation, record) for operation in left])
        if left:  # what is written may take a moment to be read
            run.clock.wait(run.settings.settle_seconds, run.stop)
            if not run.stop.is_set():
                conclude_root(run, left, fetch(run, guid))
    except FileError:
        raise
    except BulkioError as exc:
        could_not_read_back(run, left, exc)


def could_not_read_back(run: Run, operations: Sequence[Operation], cause: BulkioError) -> None:
    """One record that cannot be read is an end of its own; an account that cannot be read stops the run."""
    if isinstance(cause, UnavailableError) and not isinstance(cause, RateLimitError | NotExecutedError):
        message = f"done, says the ERP; it could not be read back: {cause}"
        run.end_all([(operation, Status.ACKED, message, "") for operation in operations])
    else:
        run.abort(cause)


def conclude_fitting(run: Run, readings: Sequence[tuple[Operation, Record | None]]) -> list[Operation]:
    """Conclude, in one commit, the operations whose target is in the root record that was read; returns the others."""
    ends = []
    left = []
    for operation, record in readings:
        comparison = _compare(run, operation, record)
        if comparison.reading is Reading.TARGET:
            ends.append((operation, Status.VERIFIED, comparison.difference, _guid(run, operation, record)))
        else:
            left.append(operation)
    run.end_all(ends)
    return left


def conclude_root(run: Run, operations: Sequence[Operation], record: Record | None) -> None:
    """What each acknowledged operation came to, by a reading that counts."""
    ends = []
    for operation in conclude_fitting(run, [(operation, record) for operation in operations]):
        comparison = _compare(run, operation, record)
        status, words = Status.ACKED, f"the ERP accepted it, but {comparison.difference}"
        if comparison.reading is Reading.BEFORE:
            status, words = Status.REJECTED, f"the ERP accepted it and did not do it: {comparison.difference}"
        ends.append((operation, status, words, _guid(run, operation, record)))
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


def _guid(run: Run, operation: Operation, record: Record | None) -> str:
    found = locate(run, operation, record)
    return "" if found is None else identity(run.connector.catalogue.by_name[operation.entity], found)


def _compare(run: Run, operation: Operation, record: Record | None) -> Comparison:
    entity = run.connector.catalogue.by_name[operation.entity]
    return compare(entity, operation, locate(run, operation, record))


def settle_root(run: Run, step: Step, *, lost_at: float, resends: int) -> None:
    """The answer was lost: wait until it must have taken effect or never will, then look, then decide.

    A create carries our own id, and an update the whole record, so sending either again is harmless; that is done only
    where nothing of it is there, and where nobody wrote to the record since.
    """
    attempt = wait_settled(run, step, lost_at=lost_at)
    for reading in range(1 if resends else READ_BACKS):  # that it was not done is said after two readings only
        if reading:
            run.clock.wait(run.settings.settle_seconds, run.stop)
        if run.stop.is_set():
            return  # unsettled; the journal says so, and a resume goes on here
        try:
            record = fetch(run, step.root_guid)
        except BulkioError as exc:  # still unknown, says the journal; a resume goes on here
            run.abort(exc)
            return
        if not _is_pre_image(run, step, attempt, record):
            _decide(run, step, record, said=attempt.message or NO_ANSWER)
            return
    if resends:
        _send_root(run, step, record, resends=resends - 1, is_again=True)
    else:
        _end_step(run, step, Status.REJECTED, f"it was not done: {attempt.message or NO_ANSWER}")


def _is_pre_image(run: Run, step: Step, attempt: Attempt, record: Record | None) -> bool:
    """Whether nothing of the step is there, and nobody wrote to the record since it was sent: not even to undo it."""
    if record is None:
        return step.action is Action.CREATE
    if any(_compare(run, operation, record).reading is not Reading.BEFORE for operation in step.operations):
        return False
    root = run.connector.catalogue.root
    if not root.modified_field or not attempt.before:
        return True
    before: Record = json.loads(attempt.before)
    return canonical(root, before, root.modified_field) == canonical(root, record, root.modified_field)


def _decide(run: Run, step: Step, record: Record | None, *, said: str) -> None:
    """By a reading that counts, and without sending anything again: what is there is done, the rest is for a person."""
    left = conclude_fitting(run, [(operation, record) for operation in step.operations])
    what = "the record is no longer in the ERP" if record is None else "the record now holds something else"
    run.end_all([(operation, Status.CONFLICT, f"{said}, and {what}", "") for operation in left])


def _end_step(run: Run, step: Step, status: Status, message: str) -> None:
    run.end_all([(operation, status, message, "") for operation in step.operations])


# --- is it still as planned? ------------------------------------------------------------------------------------------


def _was_retired(run: Run, step: Step, live: Record) -> bool:
    """Whether somebody set the flag that stands in for a delete, and the step is not about that flag."""
    root = run.connector.catalogue.root
    flag = root.soft_delete_field
    planned = run.planned.get(step.root_guid)
    if not flag or planned is None or run.plan.options.get("on_conflict") == OnConflict.OVERWRITE.value:
        return False
    is_new = canonical(root, live, flag) == "true" != canonical(root, planned, flag)
    return is_new and all(change.field != flag for operation in step.operations for change in operation.changes)


def _still_as_planned(run: Run, step: Step, live: Record) -> Step:
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
