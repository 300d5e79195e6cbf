"""Apply: execute a saved plan, journal first, and prove it.

    for every chain (the steps of one customer), several at a time:
        read live -> is it still as planned? -> encode -> journal INTENT -> send -> journal the answer -> read back

    creates and changes first; deletes last, and only if nothing went wrong before

What a request did whose answer was lost is not guessed: see settle.py.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bulkio.connectors.protocol import ContactScope, rejected_fields
from bulkio.core.flatten import flatten, flatten_children
from bulkio.core.options import OnConflict
from bulkio.core.plan import Action, Chain, Operation, Plan, Step, chains
from bulkio.core.report import Outcome, Status
from bulkio.errors import (
    BulkioError,
    CredentialsError,
    NotExecutedError,
    RateLimitError,
    RejectedError,
    UnavailableError,
)
from bulkio.workflows.clock import Clock, SystemClock, iso
from bulkio.workflows.dispatch import dispatch
from bulkio.workflows.verify import Reading, asked_changes, compare, equal_labels, find_label

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from bulkio.connectors.protocol import Connector, Link, Record
    from bulkio.core.catalogue import Entity
    from bulkio.core.request import WriteRequest
    from bulkio.store.journal import Journal

_READ_BACKS = 2  # readings, `settle_seconds` apart, before absence is believed
_RESENDS = 1


@dataclass(frozen=True, slots=True)
class Progress:
    """Told after every operation: how many of the plan's are at an end, and what became of this one."""

    done: int
    total: int
    operation: Operation
    outcome: Outcome


@dataclass(slots=True, kw_only=True)
class Run:
    """One execution of a plan: what it works with. `request_timeout` and `settle_seconds` are in seconds."""

    plan: Plan
    connector: Connector
    link: Link
    journal: Journal
    settle_seconds: float
    request_timeout: float
    workers: int = 4
    clock: Clock = field(default_factory=SystemClock)
    stop: threading.Event = field(default_factory=threading.Event)
    on_progress: Callable[[Progress], None] | None = None
    stopped_by: BulkioError | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _ended: set[str] = field(default_factory=set)
    _failed: bool = False

    def ended(self, operation: Operation, status: Status, message: str = "", guid: str = "") -> None:
        """Journal an operation's end, and tell of it."""
        outcome = Outcome(operation_id=operation.id, status=status, guid=guid or operation.guid, message=message)
        self.journal.settle([outcome])
        with self._lock:
            self._ended.add(operation.id)
            self._failed = self._failed or status is not Status.VERIFIED
            if self.on_progress:
                self.on_progress(Progress(len(self._ended), len(self.plan.operations), operation, outcome))

    @property
    def has_failed(self) -> bool:
        """Whether any operation so far did not end well."""
        return self._failed

    def abort(self, cause: BulkioError) -> None:
        """Begin nothing new; what is in flight finishes."""
        with self._lock:
            self.stopped_by = self.stopped_by or cause
        self.stop.set()


def apply(run: Run) -> None:
    """Execute the plan; what became of every operation is in the run's journal.

    Raises only what makes going on pointless before anything was sent; what stops a run on the way is in
    `run.stopped_by`, and the operations that it left out are NOT_SENT.
    """
    first, last = chains(run.connector.catalogue, run.plan.operations)
    dispatch(first, lambda chain: _do_chain(run, chain), workers=run.workers, stop=run.stop)
    if run.has_failed and not run.stop.is_set():
        for chain in last:
            for step in chain.steps:
                _end_all(run, step.operations, Status.SKIPPED, "not deleted, because something failed before")
    else:
        dispatch(last, lambda chain: _do_chain(run, chain), workers=run.workers, stop=run.stop)
    left = [o for o in run.journal.outcomes() if o.status is Status.PLANNED]
    reason = str(run.stopped_by) if run.stopped_by else "the run was stopped before it"
    run.journal.settle([replace(outcome, status=Status.NOT_SENT, message=reason) for outcome in left])


def _end_all(run: Run, operations: Sequence[Operation], status: Status, message: str = "") -> None:
    for operation in operations:
        run.ended(operation, status, message)


def _do_chain(run: Run, chain: Chain) -> None:
    """The steps of one root record, in order. A failed create takes its children with it."""
    root = run.connector.catalogue.root.name
    body = [step for step in chain.steps if step.entity == root]
    children = [step for step in chain.steps if step.entity != root]
    ordered: list[list[Step]] = [body, children] if not chain.steps or chain.steps[0].entity == root else [children, body]
    for part in ordered:
        if not part or run.stop.is_set():
            continue
        try:
            if part is body:
                created = _do_root(run, part[0])
                if not created:
                    for step in children:
                        _end_all(run, step.operations, Status.SKIPPED, f"{chain.root_key!r} was not created")
                    return
            else:
                _do_children(run, chain, part)
        except (CredentialsError, RateLimitError, NotExecutedError) as exc:
            run.abort(exc)
        except UnavailableError as exc:  # while reading: nothing of this part was sent
            run.abort(exc)


# --- the root record and its embedded children ------------------------------------------------------------------------


def _do_root(run: Run, step: Step) -> bool:
    """One body. Returns False if it was to create the record and did not."""
    creates = step.action is Action.CREATE
    live = None if creates else _fetch(run, step.root_guid)
    if not creates and live is None:
        _end_all(run, step.operations, Status.CONFLICT, "the record is no longer in the ERP")
        return True
    todo = step if live is None else _still_as_planned(run, step, live)
    if todo.operations:
        _send_root(run, todo, live, resends=_RESENDS)
    return not creates or _status_of(run, step.operations[0]) in (Status.VERIFIED, Status.ACKED)


def _send_root(run: Run, step: Step, live: Record | None, *, resends: int) -> None:
    request = run.link.writer.encode(step, live)
    if not _send(run, step.operations, request, before=live, children_before=()):
        return
    attempt_status = _status_of(run, step.operations[0])
    if attempt_status is Status.UNKNOWN:
        _settle_root(run, step, resends=resends)
    else:
        _verify_root(run, step)


def _verify_root(run: Run, step: Step) -> None:
    """Read back after an answer that said yes."""
    try:
        record = _fetch(run, step.root_guid)
    except BulkioError as exc:
        _end_all(run, step.operations, Status.ACKED, f"done, says the ERP; it could not be read back: {exc}")
        return
    frames = flatten(run.connector.catalogue, [record] if record else [])
    for operation in step.operations:
        _conclude(run, operation, frames)


def _conclude(run: Run, operation: Operation, frames: dict[str, pd.DataFrame]) -> None:
    """VERIFIED, or what an accepted request did not do."""
    entity = run.connector.catalogue.by_name[operation.entity]
    frame = frames[entity.name]
    label = find_label(entity, operation, frame)
    if label is None and operation.action is Action.CREATE and not operation.guid:
        equal = equal_labels(entity, operation, frame)
        label = equal[0] if equal else None
    comparison = compare(entity, operation, frame, label)
    guid = "" if label is None else str(frame.at[label, entity.id_field])
    if comparison.reading is Reading.TARGET:
        run.ended(operation, Status.VERIFIED, comparison.difference, guid)
    elif comparison.reading is Reading.BEFORE:
        run.ended(operation, Status.REJECTED, f"the ERP accepted it and did not do it: {comparison.difference}", guid)
    else:
        run.ended(operation, Status.ACKED, f"the ERP accepted it, but {comparison.difference}", guid)


def _settle_root(run: Run, step: Step, *, resends: int) -> None:
    """The answer was lost: wait until it must have taken effect or never will, then look."""
    lead = step.operations[0]
    for reading in range(_READ_BACKS if step.action is Action.CREATE else 1):
        _wait_settled(run, lead, again=reading > 0)
        try:
            record = _fetch(run, step.root_guid)
        except BulkioError as exc:
            _end_all(run, step.operations, Status.IN_DOUBT, f"no answer came, and it could not be looked up: {exc}")
            return
        if record is not None or step.action is not Action.CREATE:
            break
    frames = flatten(run.connector.catalogue, [record] if record else [])
    readings = {}
    for operation in step.operations:
        entity = run.connector.catalogue.by_name[operation.entity]
        frame = frames[entity.name]
        label = find_label(entity, operation, frame)
        readings[operation.id] = compare(entity, operation, frame, label).reading
    if all(reading is Reading.TARGET for reading in readings.values()):
        for operation in step.operations:
            _conclude(run, operation, frames)
    elif all(reading is Reading.BEFORE for reading in readings.values()) and resends and not run.stop.is_set():
        _send_root(run, step, record, resends=resends - 1)
    elif all(reading is Reading.BEFORE for reading in readings.values()):
        _end_all(run, step.operations, Status.REJECTED, "no answer came, and it was not done")
    else:
        _end_all(run, step.operations, Status.CONFLICT, "no answer came, and somebody else changed the record meanwhile")


# --- children with requests of their own ------------------------------------------------------------------------------


def _do_children(run: Run, chain: Chain, steps: Sequence[Step]) -> None:
    """One list before, the writes, one list after."""
    catalogue = run.connector.catalogue
    by_entity: dict[str, list[Operation]] = {}
    for step in steps:
        by_entity.setdefault(step.entity, []).extend(step.operations)
    for name, operations in by_entity.items():
        entity = catalogue.by_name[name]
        children = run.link.reader.children(name, chain.root_guid)
        sent = []
        for operation in operations:
            if run.stop.is_set():
                break
            frame = _children_frame(entity, children, chain)
            step = Step(name, chain.root_guid, (operation,))
            if operation.action is not Action.CREATE and not _child_as_planned(run, entity, operation, frame):
                continue
            status = _send_child(run, entity, step, children, resends=_RESENDS)
            if status is Status.UNKNOWN:  # settled by reading, so the list is fresh again
                children = run.link.reader.children(name, chain.root_guid)
            elif status is Status.ACKED:
                sent.append(operation)
        if sent:
            _verify_children(run, entity, chain, sent)


def _children_frame(entity: Entity, children: Sequence[Record], chain: Chain) -> pd.DataFrame:
    return flatten_children(entity, children, parent_id=chain.root_guid, parent_key=chain.root_key)


def _child_as_planned(run: Run, entity: Entity, operation: Operation, frame: pd.DataFrame) -> bool:
    """Whether the child is still what the plan saw; if not, its outcome is journaled."""
    label = find_label(entity, operation, frame)
    if label is None:
        if operation.action is Action.DELETE:
            run.ended(operation, Status.VERIFIED, "it was gone already")
        else:
            run.ended(operation, Status.CONFLICT, f"the {entity.singular} is no longer in the ERP")
        return False
    return _is_fresh(run, entity, operation, frame, label)


def _send_child(run: Run, entity: Entity, step: Step, children: list[Record], *, resends: int) -> Status:
    """Send one child's request. Returns ACKED (to be verified), UNKNOWN (settled here), or its end."""
    operation = step.operations[0]
    identity = entity.by_name[entity.id_field].path[-1]
    before = {entity.record_path: children}
    request = run.link.writer.encode(step, before)
    ids = [str(child.get(identity)).lower() for child in children]
    if not _send(run, step.operations, request, before=before, children_before=ids):
        return _status_of(run, operation)
    status = _status_of(run, operation)
    if status is Status.UNKNOWN:
        _settle_child(run, entity, step, set(ids), resends=resends)
    return status


def _verify_children(run: Run, entity: Entity, chain: Chain, operations: Sequence[Operation]) -> None:
    try:
        children = run.link.reader.children(entity.name, chain.root_guid)
    except BulkioError as exc:
        _end_all(run, operations, Status.ACKED, f"done, says the ERP; it could not be read back: {exc}")
        return
    frame = _children_frame(entity, children, chain)
    for operation in operations:
        guid = operation.guid or run.journal.outcome(operation.id).guid
        _conclude(run, replace(operation, guid=guid), {entity.name: frame})


def _settle_child(run: Run, entity: Entity, step: Step, before: set[str], *, resends: int) -> None:
    """The answer was lost: a create without an id of ours is found by the difference of the parent's children."""
    operation = step.operations[0]
    claimed = {outcome.guid for outcome in run.journal.outcomes() if outcome.guid}
    creates = operation.action is Action.CREATE
    children: list[Record] = []
    for reading in range(_READ_BACKS if creates else 1):
        _wait_settled(run, operation, again=reading > 0)
        try:
            children = run.link.reader.children(entity.name, step.root_guid)
        except BulkioError as exc:
            run.ended(operation, Status.IN_DOUBT, f"no answer came, and it could not be looked up: {exc}")
            return
        frame = flatten_children(entity, children, parent_id=step.root_guid, parent_key=operation.parent_key)
        if creates:
            new = [at for at in equal_labels(entity, operation, frame) if frame.at[at, entity.id_field] not in before | claimed]
            if len(new) == 1:
                run.ended(operation, Status.VERIFIED, "the answer was lost; it was done", str(frame.at[new[0], entity.id_field]))
                return
            if new:
                several = ", ".join(str(frame.at[at, entity.id_field]) for at in new)
                run.ended(operation, Status.IN_DOUBT, f"no answer came, and several records may be it: {several}")
                return
    if not creates:
        comparison = compare(entity, operation, frame, find_label(entity, operation, frame))
        if comparison.reading is Reading.TARGET:
            run.ended(operation, Status.VERIFIED, "the answer was lost; it was done")
            return
        if comparison.reading is Reading.OTHER:
            run.ended(operation, Status.CONFLICT, f"no answer came, and {comparison.difference}")
            return
    if resends and not run.stop.is_set():
        status = _send_child(run, entity, step, children, resends=resends - 1)
        if status is Status.ACKED:
            chain = Chain(step.root_guid, operation.parent_key, (step,))
            _verify_children(run, entity, chain, [operation])
    elif creates:
        run.ended(operation, Status.IN_DOUBT, "no answer came twice, and it is not there (yet)")
    else:
        run.ended(operation, Status.REJECTED, "no answer came, and it was not done")


# --- shared -----------------------------------------------------------------------------------------------------------


def _fetch(run: Run, guid: str) -> Record | None:
    return next(iter(run.link.reader.fetch([guid], contacts=ContactScope.NONE)), None)


def _status_of(run: Run, operation: Operation) -> Status:
    return run.journal.outcome(operation.id).status


def _still_as_planned(run: Run, step: Step, live: Record) -> Step:
    """The step without the operations that somebody else overtook; their outcomes are journaled."""
    catalogue = run.connector.catalogue
    frames = flatten(catalogue, [live])
    kept = []
    for operation in step.operations:
        entity = catalogue.by_name[operation.entity]
        if operation.action is Action.CREATE:
            kept.append(operation)
            continue
        label = find_label(entity, operation, frames[entity.name])
        if label is None:
            run.ended(operation, Status.CONFLICT, f"the {entity.singular} is no longer in the ERP")
        elif _is_fresh(run, entity, operation, frames[entity.name], label):
            kept.append(operation)
    return replace(step, operations=tuple(kept))


def _is_fresh(run: Run, entity: Entity, operation: Operation, frame: pd.DataFrame, label: int) -> bool:
    """Whether every field that would be changed still holds what the plan saw."""
    if operation.action is Action.DELETE and not entity.soft_delete_field:
        moved = [c for c in operation.changes if frame.at[label, c.field] != c.before]
    else:
        asked = asked_changes(entity, operation)
        if all(frame.at[label, change.field] == change.after for change in asked):
            run.ended(operation, Status.VERIFIED, "the ERP held it already", str(frame.at[label, entity.id_field]))
            return False
        moved = [c for c in asked if frame.at[label, c.field] not in (c.before, c.after)]
    if moved and run.plan.options.get("on_conflict") != OnConflict.OVERWRITE.value:
        words = "; ".join(f"{c.field} was {c.before!r} when planned and is {frame.at[label, c.field]!r} now" for c in moved)
        run.ended(operation, Status.CONFLICT, f"somebody changed it since the plan: {words}")
        return False
    return True


def _send(
    run: Run,
    operations: Sequence[Operation],
    request: WriteRequest,
    *,
    before: Record | None,
    children_before: Sequence[str],
) -> bool:
    """Journal, send, journal. True if the ERP acknowledged it, or may have executed it (UNKNOWN)."""
    now = run.clock.now()
    number = run.journal.intent(
        [operation.id for operation in operations],
        request,
        before=before,
        children_before=children_before,
        sent_at=iso(now),
        deadline=now + run.request_timeout,
    )
    try:
        reply = run.link.writer.send(request)
    except RejectedError as exc:
        words = rejected_fields(exc.messages) or str(exc)
        run.journal.answered(number, Status.REJECTED, http_status=exc.status, guid="", message=words)
        _end_all(run, operations, Status.REJECTED, words)
        return False
    except (NotExecutedError, RateLimitError, CredentialsError) as exc:
        run.journal.answered(number, Status.NOT_SENT, http_status=0, guid="", message=str(exc))
        _end_all(run, operations, Status.NOT_SENT, str(exc))
        run.abort(exc)
        return False
    except UnavailableError as exc:
        run.journal.answered(number, Status.UNKNOWN, http_status=0, guid="", message=str(exc))
        return True
    # The reply's id is the root record's where only embedded children were changed.
    embedded = run.connector.catalogue.by_name[operations[0].entity].embedded
    guid = "" if embedded else reply.id
    run.journal.answered(number, Status.ACKED, http_status=reply.status, guid=guid, message="")
    return True


def _wait_settled(run: Run, operation: Operation, *, again: bool) -> None:
    """Wait until a lost request must have taken effect or never will: its own deadline, and `settle_seconds` more."""
    if again:
        run.clock.wait(run.settle_seconds, run.stop)
        return
    attempt = next(a for a in reversed(run.journal.attempts()) if operation.id in a.operations)
    until = min(attempt.deadline, run.clock.now()) + run.settle_seconds
    run.clock.wait(until - run.clock.now(), run.stop)
