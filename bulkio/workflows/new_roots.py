"""Root records to which the ERP gives the id: created once, and found again by their human key.

No request can name such a record before it is there, and the ERP knows no request twice. So its key is looked up before
it is sent, and again where the answer was lost: what is there then, and was not before, is what was sent. A plan has no
such record without a key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bulkio.connectors.protocol import ContactScope, Query
from bulkio.core.kinds import as_datetime
from bulkio.core.records import canonical, identity
from bulkio.core.report import Status
from bulkio.errors import BulkioError, FileError
from bulkio.workflows.root_steps import acknowledge, decide, end_step
from bulkio.workflows.send import NO_ANSWER, READ_BACKS, RESENDS, send, wait_settled
from bulkio.workflows.verify import asked_changes, equal_records, reached

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bulkio.connectors.protocol import Record
    from bulkio.core.plan import Operation, Step
    from bulkio.store.journal import Attempt
    from bulkio.workflows.run import Run


def create_root(run: Run, step: Step) -> None:
    """Create the record, unless there is one with its key: just as it is to be, or another."""
    root, lead = run.connector.catalogue.root, step.operations[0]
    there = _with_its_key(run, lead)
    if not there:
        _send_new(run, step, resends=RESENDS, is_again=False)
        return
    equal = equal_records(root, lead, run.unclaimed(root, lead, there))
    if len(there) == len(equal) == 1:
        _adopt(run, step, equal[0], "the ERP held it already")
    else:
        words = f"somebody made such a {root.singular} since the plan ({root.id_field} {_ids(run, there)})"
        end_step(run, step, Status.CONFLICT, words)


def _send_new(run: Run, step: Step, *, resends: int, is_again: bool) -> None:
    request = run.link.writer.encode(step, None)
    status = send(run, step, request, before=None, is_again=is_again)
    if status is Status.UNKNOWN:
        settle_new_root(run, step, lost_at=run.clock.now(), resends=resends)
    elif status is Status.ACKED:
        acknowledge(run, step.operations)


def settle_new_root(run: Run, step: Step, *, lost_at: float, resends: int) -> None:
    """The answer was lost: wait, look by the key, decide; what cannot be told is IN_DOUBT, and never sent again."""
    attempt = wait_settled(run, step, lost_at=lost_at)
    if run.stop.is_set():
        return  # unsettled; the journal says so, and a resume goes on here
    try:
        _settle(run, step, attempt, resends=resends)
    except FileError:
        raise
    except BulkioError as exc:  # while reading: still unknown, says the journal
        run.abort(exc)


def _settle(run: Run, step: Step, attempt: Attempt, *, resends: int) -> None:
    """Absence is believed after two readings only: what is sent again would be there twice."""
    root, lead = run.connector.catalogue.root, step.operations[0]
    said = attempt.message or NO_ANSWER
    for reading in range(READ_BACKS):
        if reading:
            run.clock.wait(run.settings.settle_seconds, run.stop)
            if run.stop.is_set():
                return
        new = run.unclaimed(root, lead, _with_its_key(run, lead))
        equal = equal_records(root, lead, new)
        if len(new) == len(equal) == 1:
            _adopt(run, step, equal[0], "the answer was lost; it was done")
            return
        if len(new) > 1:
            end_step(run, step, Status.IN_DOUBT, f"the answer was lost, and several may be it: {_ids(run, new)}")
            return
        if new:
            words = f"{said}, and there is one with its {root.key_fields[0]} that holds something else: "
            end_step(run, step, Status.CONFLICT, words + _ids(run, new))
            return
    if alike := _but_for_its_key(run, lead):
        words = f"the answer was lost, and it may have got another {root.key_fields[0]}: {_ids(run, alike)}"
        end_step(run, step, Status.IN_DOUBT, words)
    elif resends:
        _send_new(run, step, resends=resends - 1, is_again=True)
    elif attempt.status:
        end_step(run, step, Status.REJECTED, attempt.message)
    else:
        end_step(run, step, Status.IN_DOUBT, f"no answer came twice, and it is not there (yet): {said}")


def _adopt(run: Run, step: Step, record: Record, message: str) -> None:
    """The record is there: its id is known now, and its embedded children are in it or are not."""
    root, (lead, *embedded) = run.connector.catalogue.root, step.operations
    run.end(lead, Status.VERIFIED, message, identity(root, record))
    decide(run, [run.grounded(operation) for operation in embedded], record, said=message)


def _with_its_key(run: Run, operation: Operation) -> list[Record]:
    """All records with the key of the one that is to be created, in any case: ERPs take `acme` and `ACME` for one."""
    root = run.connector.catalogue.root
    name = root.key_fields[0]
    key = operation.target[name]
    found: Iterable[Record] | None = run.link.reader.find([key])
    if found is None:  # only a full listing can tell
        found = _listed(run, Query(contacts=ContactScope.NONE))
    fitting = [each for each in found if canonical(root, each, name).strip().casefold() == key.strip().casefold()]
    return list({identity(root, each): each for each in fitting}.values())


def _but_for_its_key(run: Run, operation: Operation) -> list[Record]:
    """Records since the plan that hold all of the target but its key: ERPs were seen to give out keys of their own."""
    since = as_datetime(run.plan.origin.live_at)
    if since is None or not run.connector.capabilities.incremental:
        return []
    root = run.connector.catalogue.root
    asked = [each for each in asked_changes(root, operation) if each.field not in root.key_fields]
    listed = _listed(run, Query(contacts=ContactScope.NONE, modified_since=since))
    known = run.planned.keys()
    alike = [each for each in listed if all(reached(root, canonical(root, each, c.field), c) for c in asked)]
    return run.unclaimed(root, operation, alike, known)


def _listed(run: Run, query: Query) -> Iterable[Record]:
    return (record for page in run.link.reader.pages(query) for record in page.records)


def _ids(run: Run, records: Iterable[Record]) -> str:
    return ", ".join(identity(run.connector.catalogue.root, record) for record in records)
