"""Apply: execute a saved plan, journal first, and prove it; resume: finish one that was interrupted.

    sweep: what changed since the plan?
    for every batch of chains (a chain is the steps of one customer; several are worked on at a time):
        still as planned? -> encode -> journal INTENT -> send -> journal the answer
        sweep: what did the batch do, and what did others do meanwhile? (while the last of the batch are sent)
    what no sweep could prove is read by itself

Creates and changes come first; deletes last, and only if nothing went wrong before. What a request did whose answer was
lost is not guessed: root_steps.py, new_roots.py and child_steps.py wait, look and decide.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from bulkio.connectors.protocol import ContactScope, Query
from bulkio.core.plan import Action, Chain, Operation, Step, chains
from bulkio.core.provisional import is_provisional
from bulkio.core.report import FINAL, GOOD, Status
from bulkio.errors import BulkioError, FileError, RailError
from bulkio.workflows.child_steps import do_children, read_back_children
from bulkio.workflows.cost import calls_of
from bulkio.workflows.dispatch import dispatch
from bulkio.workflows.interrupted import settle_interrupted, skip_orphans, why_not
from bulkio.workflows.new_roots import create_root
from bulkio.workflows.root_steps import (
    conclude_fitting,
    delete_root,
    do_root,
    is_root_delete,
    read_back_root,
)
from bulkio.workflows.sweep import Sweep
from bulkio.workflows.verify import is_real_delete

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bulkio.connectors.protocol import Record
    from bulkio.workflows.run import Run

_POLL = 0.2  # seconds, between two looks at whether to stop
_DONE = (Status.VERIFIED, Status.ACKED)


def apply(run: Run) -> None:
    """Execute the plan; what became of every operation is in the run's journal.

    What stops a run on the way is in `run.stopped_by`, and the operations that it left out are NOT_SENT. Raises
    FileError if the journal cannot be written: then nothing more was sent.
    """
    _execute(run, run.plan.operations, canary=run.settings.canary)


def resume(run: Run) -> None:
    """Finish a run that was interrupted: settle what is unknown, read back what was acknowledged, do the rest."""
    standing = {outcome.operation_id: outcome for outcome in run.journal.outcomes()}
    if standing.keys() != {operation.id for operation in run.plan.operations}:
        msg = "the run's journal and its plan do not belong together"
        raise FileError(msg, hint="Nothing was sent. Export and plan again.")
    operations = [o for o in run.plan.operations if standing[o.id].status not in FINAL]
    if any(outcome.status in FINAL - GOOD for outcome in standing.values()):
        run.mark_failed()
    by_status: dict[Status, list[Operation]] = {}
    for operation in operations:
        by_status.setdefault(standing[operation.id].status, []).append(operation)
    run.await_read_back(by_status.get(Status.ACKED, ()))
    try:
        settle_interrupted(run, [*by_status.get(Status.INTENT, ()), *by_status.get(Status.UNKNOWN, ())])
    except BulkioError as exc:
        run.abort(exc)
    skip_orphans(run)
    unsent = {o.operation_id for o in run.journal.outcomes() if o.status in (Status.PLANNED, Status.NOT_SENT)}
    _execute(run, [o for o in operations if o.id in unsent], canary=0)


def _execute(run: Run, operations: Sequence[Operation], *, canary: int) -> None:
    first, last = chains(run.connector.catalogue, operations)
    sweep = Sweep(run)
    try:
        _recall(run, sweep)
        _do_chains(run, first, sweep, canary=canary)
        _prove(run, sweep)
        if canary and first and last and len(first) <= canary and not run.stop.is_set():
            _ask_after_canary(run)  # the canary was all but the deletes
        if last and run.has_failed and not run.stop.is_set():
            message = "not deleted, because something failed before"
            run.end_all([(o, Status.SKIPPED, message, "") for c in last for s in c.steps for o in s.operations])
        else:
            _do_chains(run, last, sweep, canary=0 if first else canary)
            _prove(run, sweep)
    except FileError:
        raise
    except BulkioError as exc:
        run.abort(exc)
    _close(run)


def _close(run: Run) -> None:
    """Say of every operation that was not begun why it was not."""
    reason = str(run.stopped_by) if run.stopped_by else "the run was stopped before it"
    left = [outcome for outcome in run.journal.outcomes() if outcome.status is Status.PLANNED]
    run.journal.settle([replace(outcome, status=Status.NOT_SENT, message=reason) for outcome in left])


# --- reading ----------------------------------------------------------------------------------------------------------


def _recall(run: Run, sweep: Sweep) -> None:
    """The records as the plan read them, brought up to date by one sweep.

    A sweep does not show what was deleted. Where the account has fewer records than when it was planned, nothing that
    the plan remembers is trusted, and every record is read by itself.
    """
    if run.stop.is_set() or not sweep.is_possible or not run.plan.origin.population:
        return
    page = next(iter(run.link.reader.pages(Query(contacts=ContactScope.NONE, page_size=1))), None)
    if page is None or page.total is None or page.total < run.plan.origin.population:
        return
    run.live.add(run.planned)
    found = _look(run, sweep)
    made = [guid for guid in found if guid in run.targets and guid not in run.live]  # by who applied this very plan
    run.live.update({guid: found[guid] for guid in made})


def _look(run: Run, sweep: Sweep) -> dict[str, Record]:
    """One sweep: newer readings of what is still to be sent, and proofs of what was. Returns what it found.

    It proves what was acknowledged before it began.
    """
    acknowledged = list(run.pending.values())
    found = sweep.look()
    run.renew(found)
    by_name = run.connector.catalogue.by_name
    shown = [o for o in acknowledged if not by_name[o.entity].parent or by_name[o.entity].embedded]
    conclude_fitting(run, [(o, found[o.root_guid]) for o in shown if o.root_guid in found and o.id in run.pending])
    return found


def _prove(run: Run, sweep: Sweep) -> None:
    """Read back everything that is acknowledged and not yet proved."""
    if run.stopped_by:
        return  # the ERP is not to be asked; a resume does it
    entities = run.connector.catalogue.by_name
    if sweep.is_possible and any(not is_real_delete(entities[o.entity], o) for o in list(run.pending.values())):
        _look(run, sweep)
    if run.stop.is_set():
        return  # one sweep is little to wait for; reading record by record is left to a resume
    groups: dict[tuple[str, str], list[Operation]] = {}
    for operation in list(run.pending.values()):
        entity = run.connector.catalogue.by_name[operation.entity]
        own = entity.name if entity.parent and not entity.embedded else ""
        groups.setdefault((own, operation.root_guid), []).append(operation)

    def prove(group: tuple[tuple[str, str], list[Operation]]) -> None:
        (name, guid), operations = group
        if name:
            read_back_children(run, run.connector.catalogue.by_name[name], guid, operations)
        else:
            read_back_root(run, operations)

    dispatch(list(groups.items()), prove, workers=run.settings.workers, stop=run.stop)


# --- doing ------------------------------------------------------------------------------------------------------------


def _do_chains(run: Run, work: Sequence[Chain], sweep: Sweep, *, canary: int) -> None:
    """Batch by batch; between two of them a sweep. The canary is a batch of its own, proved before the next begins."""
    for number, batch in enumerate(_batches(run, work, sweep, canary)):
        if run.stop.is_set():
            return
        if number and sweep.is_possible:
            _look(run, sweep)
        if number == 1 and canary:
            _prove(run, sweep)
            _ask_after_canary(run)
        _refuse_spending(run, batch)
        dispatch(_tasks(run, batch, sweep), _do, workers=run.settings.workers, stop=run.stop)
        if run.on_batch:
            run.on_batch()


def _batches(run: Run, work: Sequence[Chain], sweep: Sweep, canary: int) -> Iterator[Sequence[Chain]]:
    """The canary, and the rest: batch by batch where all is to be sent before the next look, else as one."""
    if canary:
        yield work[:canary]
    rest = work[canary:]
    size = len(rest) if sweep.is_possible and run.settings.chains_ahead else run.settings.chains_per_batch
    for start in range(0, len(rest), size or 1):
        yield rest[start : start + size]


def _tasks(run: Run, work: Sequence[Chain], sweep: Sweep) -> Iterator[Callable[[], None]]:
    """The chains; where they are several batches, with a look before the end of each.

    One worker looks, while the others go on with what is left of the batch. The next one begins after that.
    """
    size, ahead = run.settings.chains_per_batch, run.settings.chains_ahead
    looked = threading.Event()
    for number, chain in enumerate(work):
        if ahead and number + ahead < len(work) and (number + ahead) % size == 0:
            looked.clear()
            yield partial(_look_meanwhile, run, sweep, looked)
        if number and number % size == 0 and not _waited(looked, run.stop):
            return
        yield partial(_do_chain, run, chain, sweep)


def _do(task: Callable[[], None]) -> None:
    task()


def _look_meanwhile(run: Run, sweep: Sweep, looked: threading.Event) -> None:
    _look(run, sweep)
    if run.on_batch:
        run.on_batch()
    looked.set()  # not if it failed: then nothing more is begun


def _waited(looked: threading.Event, stop: threading.Event) -> bool:
    """Whether the look has ended; if it failed, the run stops."""
    while not looked.wait(_POLL):
        if stop.is_set():
            return False
    return True


def _ask_after_canary(run: Run) -> None:
    if run.has_failed:
        msg = "the canary did not come through; nothing more was sent"
        run.abort(RailError(msg, hint="Look at its results, then plan again."))
    elif run.may_go_on and not run.may_go_on(run.journal.outcomes()):
        msg = "stopped after the canary"
        run.abort(RailError(msg, hint="Go on with: bulkio resume"))


def _refuse_spending(run: Run, batch: Sequence[Chain]) -> None:
    """Stop before a batch that would go over the bound of calls."""
    limit = run.settings.max_calls
    if limit and run.calls_made() + sum(calls_of(run.connector, chain) for chain in batch) > limit:
        msg = f"--max-calls {limit} is reached"
        run.abort(RailError(msg, hint="Go on with: bulkio resume"))


def _do_chain(run: Run, chain: Chain, sweep: Sweep) -> None:
    """The steps of one root record, in order. A failed create takes its children with it."""
    root = run.connector.catalogue.root.name
    body = next((step for step in chain.steps if step.entity == root), None)
    children = [step for step in chain.steps if step.entity != root]
    try:
        if chain.root_guid in run.live and body and not is_root_delete(run, body):
            with sweep.freshening() as is_stale:
                if is_stale and sweep.is_cheap:
                    _look(run, sweep)
                elif is_stale:
                    run.forget(chain.root_guid)
        if body and chain.steps[0] is body:
            _do_body(run, body, children)
            if not _exists_now(run, body, children):
                return
            body = None
        if children:
            guid = run.real_id(chain.root_guid)
            do_children(run, guid, [run.grounded_step(step) for step in children])
        if body and not run.stop.is_set():
            _do_body(run, body, children)
    except FileError:
        raise
    except BulkioError as exc:  # while reading: nothing of this part was sent
        run.abort(exc)


def _do_body(run: Run, body: Step, children: Sequence[Step]) -> None:
    if is_provisional(body.root_guid):
        create_root(run, body)
    elif not is_root_delete(run, body):
        do_root(run, body)
    elif any(run.status_of(o) not in _DONE for step in children for o in step.operations):
        message = "not deleted, because something that belongs to it failed before"
        run.end_all([(operation, Status.SKIPPED, message, "") for operation in body.operations])
    else:
        delete_root(run, body)


def _exists_now(run: Run, body: Step, children: Sequence[Step]) -> bool:
    """Whether the root record that the step was to create is there; if not, its children are skipped."""
    if body.action is not Action.CREATE:
        return True
    status = run.status_of(body.operations[0])
    if status in _DONE:
        return True
    if status in FINAL:
        message = why_not(body.operations[0], status)
        run.end_all([(o, Status.SKIPPED, message, "") for step in children for o in step.operations])
    return False
