"""What an interrupted run left behind: requests that may have been sent, and operations that lost their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bulkio.core.plan import Action, Operation, Step
from bulkio.core.provisional import is_provisional
from bulkio.core.report import FINAL, GOOD, Status
from bulkio.workflows.child_steps import settle_child
from bulkio.workflows.dispatch import dispatch
from bulkio.workflows.new_roots import settle_new_root
from bulkio.workflows.root_steps import settle_root
from bulkio.workflows.send import RESENDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bulkio.workflows.run import Run

_NOT_CREATED = FINAL - GOOD


def settle_interrupted(run: Run, operations: Sequence[Operation]) -> None:
    """Every request that may have been under way when the run ended is settled like one whose answer was lost.

    Whoever sent it is gone, so that it cannot have left later than now.
    """
    lost_at = run.clock.now()
    by_attempt: dict[int, list[Operation]] = {}
    for operation in operations:
        attempt = run.journal.last_attempt(operation.id)
        if attempt is not None:
            by_attempt.setdefault(attempt.number, []).append(operation)

    def settle(mine: list[Operation]) -> None:
        entity = run.connector.catalogue.by_name[mine[0].entity]
        root = run.connector.catalogue.root
        is_body = not entity.parent or entity.embedded
        step = Step(root.name if is_body else entity.name, mine[0].root_guid, tuple(mine))
        if not is_body:
            settle_child(run, entity, run.grounded_step(step), lost_at=lost_at, resends=RESENDS)
        elif is_provisional(step.root_guid):
            settle_new_root(run, step, lost_at=lost_at, resends=RESENDS)
        else:
            settle_root(run, step, lost_at=lost_at, resends=RESENDS)

    dispatch(list(by_attempt.values()), settle, workers=run.settings.workers, stop=run.stop)


def skip_orphans(run: Run) -> None:
    """What was to be done inside a root record that was not created cannot be done any more."""
    standing = {outcome.operation_id: outcome.status for outcome in run.journal.outcomes()}
    gone = {
        operation.root_guid: operation
        for operation in run.plan.operations
        if operation.action is Action.CREATE and not operation.is_child and standing[operation.id] in _NOT_CREATED
    }
    run.end_all(
        [
            (operation, Status.SKIPPED, why_not(maker := gone[operation.root_guid], standing[maker.id]), "")
            for operation in run.plan.operations
            if operation.is_child and operation.root_guid in gone and standing[operation.id] not in FINAL
        ]
    )


def why_not(create: Operation, status: Status) -> str:
    """Why nothing is done inside a record that was to be created."""
    return f"{create.key!r} {'is in doubt' if status is Status.IN_DOUBT else 'was not created'}"
