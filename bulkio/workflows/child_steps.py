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
from bulkio.workflows.freshness import is_still_as_planned
from bulkio.workflows.root_steps import could_not_read_back
from bulkio.workflows.send import NO_ANSWER, READ_BACKS, RESENDS, send, wait_settled
from bulkio.workflows.verify import Comparison, Reading, compare, equal_records, find_record, same_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bulkio.connectors.protocol import Record
    from bulkio.core.catalogue import Entity
    from bulkio.store.journal import Attempt
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
            if not _is_to_be_sent(run, entity, operation, children):
                continue
            step = Step(name, root_guid, (operation,))
            status = _send_child(run, entity, step, children, resends=RESENDS, is_again=False)
            if status is Status.ACKED:
                acknowledged.append(operation)
                run.await_read_back([operation])
            elif status is Status.UNKNOWN:
                children = None  # settled by reading, and possibly by sending again: look again before the next
        if acknowledged and not run.stopped_by:
            read_back_children(run, entity, root_guid, acknowledged)


def _is_to_be_sent(run: Run, entity: Entity, operation: Operation, children: Sequence[Record]) -> bool:
    """Whether it is still as planned; if not, the outcome is journaled.

    A create is not, where somebody made the child meanwhile: a colleague, another machine with the same plan, or this
    run itself if the end of its journal was lost. Children that the plan itself means are no such news.
    """
    if operation.action is not Action.CREATE:
        return is_still_as_planned(run, entity, operation, find_record(entity, operation, children))
    there = run.unclaimed(entity, operation, same_key(entity, operation, children), run.targets)
    if not there:
        return True
    if equal := equal_records(entity, operation, there):
        run.end(operation, Status.VERIFIED, "the ERP held it already", identity(entity, equal[0]))
    else:
        run.end(operation, Status.CONFLICT, f"somebody made such a {entity.singular} since the plan")
    return False


def _send_child(  # noqa: PLR0913 what is sent, and what is known before it
    run: Run, entity: Entity, step: Step, children: list[Record], *, resends: int, is_again: bool
) -> Status:
    """Send one child's request; what is unknown is settled here. Returns the status of the send."""
    before = {entity.record_path: children}
    try:
        request = run.link.writer.encode(step, before)
    except KeyError as exc:
        run.end(step.operations[0], Status.CONFLICT, f"it can no longer be told which record is meant: {exc}")
        return Status.CONFLICT
    there = [identity(entity, child) for child in children]
    status = send(run, step, request, before=before, children_before=there, is_again=is_again)
    run.forget(step.root_guid)  # it may show something of its children, and then it is another now
    if status is Status.UNKNOWN:
        settle_child(run, entity, step, lost_at=run.clock.now(), resends=resends)
    return status


def read_back_children(run: Run, entity: Entity, root_guid: str, operations: Sequence[Operation]) -> None:
    """List the children again, and conclude; what does not fit yet is looked at once more when it must.

    What a stop or an error keeps from being concluded stays as it is, and a resume reads it back.
    """
    left = list(operations)
    try:
        for reading in range(2):
            if reading:
                run.clock.wait(run.settings.settle_seconds, run.stop)
                if run.stop.is_set():
                    return
            children = run.link.reader.children(entity.name, root_guid)
            left = _conclude(run, entity, left, children, is_last=reading > 0)
            if not left:
                return
    except FileError:
        raise
    except BulkioError as exc:
        could_not_read_back(run, left, exc)


def _conclude(
    run: Run, entity: Entity, operations: Sequence[Operation], children: list[Record], *, is_last: bool
) -> list[Operation]:
    """The ends of those whose target is there (with `is_last`: of all); returns the others."""
    ends = []
    left = []
    taken: set[str] = set()
    for operation in operations:
        known = replace(operation, guid=operation.guid or run.journal.outcome(operation.id).guid)
        found = find_record(entity, known, children)
        if found is None and operation.action is Action.CREATE and not known.guid:  # the answer did not state its id
            attempt = run.journal.last_attempt(operation.id)
            before = set(attempt.children_before) if attempt else set()
            equal = equal_records(entity, operation, children)
            found = next(iter(run.unclaimed(entity, operation, equal, before | taken)), None)
        comparison = compare(entity, operation, found)
        guid = identity(entity, found) if found else ""
        taken.add(guid)
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


def settle_child(run: Run, entity: Entity, step: Step, *, lost_at: float, resends: int) -> None:
    """The answer was lost: wait, look, decide; what cannot be told is IN_DOUBT, and never sent again."""
    attempt = wait_settled(run, step, lost_at=lost_at)
    if run.stop.is_set():
        return  # unsettled; the journal says so, and a resume goes on here
    try:
        if step.action is Action.CREATE:
            _settle_create(run, entity, step, attempt, resends=resends)
        else:
            _settle_change(run, entity, step, attempt, resends=resends)
    except FileError:
        raise
    except BulkioError as exc:  # while reading: still unknown, says the journal
        run.abort(exc)


def _settle_create(run: Run, entity: Entity, step: Step, attempt: Attempt, *, resends: int) -> None:
    """Absence is believed after two readings only: what is sent again would be there twice."""
    (operation,) = step.operations
    children: list[Record] = []
    for reading in range(READ_BACKS):
        if reading:
            run.clock.wait(run.settings.settle_seconds, run.stop)
            if run.stop.is_set():
                return
        children = run.link.reader.children(entity.name, step.root_guid)
        equal = equal_records(entity, operation, children)
        new = run.unclaimed(entity, operation, equal, attempt.children_before)
        if len(new) == 1:
            run.end(operation, Status.VERIFIED, "the answer was lost; it was done", identity(entity, new[0]))
            return
        if new:
            several = ", ".join(identity(entity, child) for child in new)
            run.end(operation, Status.IN_DOUBT, f"the answer was lost, and several may be it: {several}")
            return
    if resends:
        _send_again(run, entity, step, children, resends=resends - 1)
    elif attempt.status:
        run.end(operation, Status.REJECTED, attempt.message)
    else:
        run.end(
            operation,
            Status.IN_DOUBT,
            f"no answer came twice, and it is not there (yet): {attempt.message or NO_ANSWER}",
        )


def _settle_change(run: Run, entity: Entity, step: Step, attempt: Attempt, *, resends: int) -> None:
    (operation,) = step.operations
    for reading in range(1 if resends else READ_BACKS):  # that it was not done is said after two readings only
        if reading:
            run.clock.wait(run.settings.settle_seconds, run.stop)
            if run.stop.is_set():
                return
        children = run.link.reader.children(entity.name, step.root_guid)
        comparison = compare(entity, operation, find_record(entity, operation, children))
        if comparison.reading is Reading.TARGET:
            run.end(operation, Status.VERIFIED, "the answer was lost; it was done")
            return
        if comparison.reading is Reading.OTHER:
            message = f"{attempt.message or NO_ANSWER}, and {comparison.difference}"
            run.end(operation, Status.CONFLICT, message)
            return
    if resends:
        _send_again(run, entity, step, children, resends=resends - 1)
    else:
        run.end(operation, Status.REJECTED, f"it was not done: {attempt.message or NO_ANSWER}")


def _send_again(run: Run, entity: Entity, step: Step, children: list[Record], *, resends: int) -> None:
    status = _send_child(run, entity, step, children, resends=resends, is_again=True)
    if status is Status.ACKED:
        run.await_read_back(step.operations)
        read_back_children(run, entity, step.root_guid, step.operations)
