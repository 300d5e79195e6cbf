"""A root record's step: its own changes and its embedded children's, in one body."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

from bulkio.connectors.protocol import ContactScope
from bulkio.core.plan import Action, Operation, Step
from bulkio.core.records import canonical, identity
from bulkio.core.report import Status
from bulkio.errors import BulkioError, FileError, NotExecutedError, RateLimitError, UnavailableError
from bulkio.workflows.freshness import differing_part, moved_part, still_as_planned, was_retired
from bulkio.workflows.run import Verify
from bulkio.workflows.send import NO_ANSWER, READ_BACKS, RESENDS, send, wait_settled
from bulkio.workflows.verify import Comparison, Reading, compare, equal_records, find_record, is_real_delete

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bulkio.connectors.protocol import Record
    from bulkio.store.journal import Attempt
    from bulkio.workflows.run import Run


def do_root(run: Run, step: Step) -> None:
    """Send the step if it is still as planned."""
    live = run.live.get(step.root_guid)
    if step.action is Action.CREATE:
        if live is not None:  # it has our own id: somebody sent this very plan before
            decide(run, step.operations, live, said="the ERP held it already")
            return
        if _is_taken(run, step):
            end_step(run, step, Status.CONFLICT, f"somebody made {step.operations[0].key!r} since the plan")
            return
    else:
        live = live or fetch(run, step.root_guid)
        if live is None:
            end_step(run, step, Status.CONFLICT, "the record is no longer in the ERP")
            return
        if was_retired(run, step, live):
            end_step(run, step, Status.CONFLICT, "somebody took the record out of use since the plan")
            return
        step = still_as_planned(run, step, live)
    if step.operations:
        _send_root(run, step, live, resends=RESENDS, is_again=False)


def _is_taken(run: Run, step: Step) -> bool:
    """Whether another record has the human key of the one that is to be created, as far as the sweeps showed."""
    key = step.operations[0].target.get(run.connector.catalogue.root.key_fields[0], "")
    return bool(key) and key.casefold() in run.others_keys


def is_root_delete(run: Run, step: Step) -> bool:
    """Whether the step deletes a root record for good."""
    root, lead = run.connector.catalogue.root, step.operations[0]
    return lead.entity == root.name and is_real_delete(root, lead)


def delete_root(run: Run, step: Step) -> None:
    """Delete the record for good, if it and all that belongs to it are as they were planned.

    It is read once more for that, with all its children: the journal then has what an undo would have to make anew.
    """
    live = fetch(run, step.root_guid, scope=ContactScope.ALL)
    if live is None:
        end_step(run, step, Status.VERIFIED, "it was gone already")
    elif still_as_planned(run, step, live).operations:
        if moved := moved_part(run, step, live):
            end_step(run, step, Status.CONFLICT, f"somebody changed {moved} since the plan")
        else:
            _send_root(run, step, live, resends=RESENDS, is_again=False)


def fetch(run: Run, guid: str, *, scope: ContactScope = ContactScope.NONE) -> Record | None:
    """The root record as it is now (its embedded children with it); None if there is none."""
    return next(iter(run.link.reader.fetch([guid], contacts=scope)), None)


def _send_root(run: Run, step: Step, live: Record | None, *, resends: int, is_again: bool) -> None:
    try:
        request = run.link.writer.encode(step, live)
    except KeyError as exc:
        end_step(run, step, Status.CONFLICT, f"it can no longer be told which record is meant: {exc}")
        return
    status = send(run, step, request, before=live, is_again=is_again)
    run.forget(step.root_guid)
    if status is Status.UNKNOWN:
        settle_root(run, step, lost_at=run.clock.now(), resends=resends)
    elif status is Status.ACKED:
        acknowledge(run, step.operations)


def acknowledge(run: Run, operations: Sequence[Operation]) -> None:
    """The ERP said that it was done: read it back now, or with all others of the batch."""
    if run.settings.verify is Verify.EACH:
        read_back_root(run, [run.grounded(operation) for operation in operations])
    else:
        run.await_read_back(operations)


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

    A create carries our own id (new_roots.py has the others), and an update says what is to be there, so sending either
    again is harmless; that is done only where nothing of it is there, and where nobody wrote to the record since.
    """
    attempt = wait_settled(run, step, lost_at=lost_at)
    # What is to be deleted for good is journaled with all its children, should it be sent again.
    scope = ContactScope.ALL if is_root_delete(run, step) else ContactScope.NONE
    for reading in range(1 if resends else READ_BACKS):  # that it was not done is said after two readings only
        if reading:
            run.clock.wait(run.settings.settle_seconds, run.stop)
        if run.stop.is_set():
            return  # unsettled; the journal says so, and a resume goes on here
        try:
            record = fetch(run, step.root_guid, scope=scope)
        except BulkioError as exc:  # still unknown, says the journal; a resume goes on here
            run.abort(exc)
            return
        if not _is_pre_image(run, step, attempt, record):
            decide(run, step.operations, record, said=attempt.message or NO_ANSWER)
            return
    if resends:
        _send_root(run, step, record, resends=resends - 1, is_again=True)
    else:
        end_step(run, step, Status.REJECTED, f"it was not done: {attempt.message or NO_ANSWER}")


def _is_pre_image(run: Run, step: Step, attempt: Attempt, record: Record | None) -> bool:
    """Whether nothing of the step is there, and nobody wrote to the record since it was sent: not even to undo it."""
    if record is None:
        return step.action is Action.CREATE
    if any(_compare(run, operation, record).reading is not Reading.BEFORE for operation in step.operations):
        return False
    root = run.connector.catalogue.root
    if not attempt.before:
        return True
    before: Record = json.loads(attempt.before, parse_float=Decimal)
    if is_root_delete(run, step) and differing_part(run.connector.catalogue, before, record):
        return False
    return not root.modified_field or canonical(root, before, root.modified_field) == canonical(
        root, record, root.modified_field
    )


def decide(run: Run, operations: Sequence[Operation], record: Record | None, *, said: str) -> None:
    """By a reading that counts, and without sending anything again: what is there is done, the rest is for a person."""
    left = conclude_fitting(run, [(operation, record) for operation in operations])
    what = "the record is no longer in the ERP" if record is None else "the record now holds something else"
    run.end_all([(operation, Status.CONFLICT, f"{said}, and {what}", "") for operation in left])


def end_step(run: Run, step: Step, status: Status, message: str) -> None:
    """All of the step's operations come to the same."""
    run.end_all([(operation, status, message, "") for operation in step.operations])
