"""Outcome and Report: what became of each operation of a run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bulkio.errors import BulkioError


class Status(Enum):
    """The states of an operation; the first group are states on the way, the second are ends.

    PLANNED -> INTENT -> ACKED -> VERIFIED is the good way.
    """

    PLANNED = "planned"  # not begun
    INTENT = "intent"  # journaled; it may or may not have been sent
    UNKNOWN = "unknown"  # sent; whether it was executed is not known yet

    VERIFIED = "verified"  # done, and read back
    ACKED = "acked"  # the ERP said it was done; reading back could not confirm it (yet)
    REJECTED = "rejected"  # the ERP refused it, or accepted it and did not store it
    CONFLICT = "conflict"  # somebody else changed the record meanwhile; not sent
    SKIPPED = "skipped"  # not sent, because of what became of another operation
    NOT_SENT = "not_sent"  # the run stopped before it
    IN_DOUBT = "in_doubt"  # sent, and it cannot be told whether it was executed; never sent again


#: Ends that leave nothing to be looked at.
GOOD = frozenset({Status.VERIFIED})

#: Ends that a resume leaves as they are.
FINAL = GOOD | {Status.REJECTED, Status.CONFLICT, Status.IN_DOUBT, Status.SKIPPED}

#: What a resume goes on with.
_OPEN = frozenset({Status.PLANNED, Status.INTENT, Status.UNKNOWN, Status.NOT_SENT})

_COUNTED = (
    Status.VERIFIED,
    Status.ACKED,
    Status.REJECTED,
    Status.CONFLICT,
    Status.IN_DOUBT,
    Status.SKIPPED,
    Status.NOT_SENT,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one operation: `guid` is the record's id, `message` the ERP's words or ours."""

    operation_id: str
    status: Status
    guid: str = ""
    message: str = ""

    @property
    def is_open(self) -> bool:
        """Whether a resume would go on with it; one that was acknowledged and never read back says nothing yet."""
        return self.status in _OPEN or (self.status is Status.ACKED and not self.message)

    def to_dict(self) -> dict[str, str]:
        """The JSON form that the contract fixes (section 5)."""
        return {
            "operation_id": self.operation_id,
            "status": self.status.value,
            "guid": self.guid,
            "message": self.message,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A run as a whole: one outcome per operation of the plan, in its order. `files` are by purpose.

    `stopped_by` says in words what stopped the run before its end, `cause` is the error itself (blank: nothing did).
    """

    run_id: str
    plan_id: str
    outcomes: tuple[Outcome, ...]
    calls: int
    files: dict[str, str]
    stopped_by: str = ""
    cause: BulkioError | None = None

    def summary(self) -> dict[str, int]:
        """The totals that the contract fixes (section 5); without `calls` they add up to the plan's operations."""
        counts = Counter(outcome.status for outcome in self.outcomes)
        return {**{status.value: counts[status] for status in _COUNTED}, "calls": self.calls}

    @property
    def is_complete(self) -> bool:
        """Whether every operation is at an end, good or bad: there is nothing that a resume could do."""
        return not any(outcome.is_open for outcome in self.outcomes)

    @property
    def is_good(self) -> bool:
        """Whether everything was done and proved."""
        return all(outcome.status in GOOD for outcome in self.outcomes)

    def failed(self) -> Sequence[Outcome]:
        """The outcomes that somebody has to look at."""
        return [outcome for outcome in self.outcomes if outcome.status not in GOOD]

    def to_dict(self) -> dict[str, object]:
        """The JSON document `bulkio.run/1`."""
        return {
            "schema": "bulkio.run/1",
            "run_id": self.run_id,
            "plan_id": self.plan_id,
            "summary": self.summary(),
            "outcomes": [outcome.to_dict() for outcome in self.outcomes],
            "files": self.files,
        }
