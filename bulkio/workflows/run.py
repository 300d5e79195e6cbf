"""Run: one execution of a plan, with everything that it works with and everything that it knows so far."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from bulkio.core.packed import PackedRecords
from bulkio.core.plan import Step
from bulkio.core.provisional import ground, is_provisional, makers
from bulkio.core.records import canonical, identity, newer
from bulkio.core.report import GOOD, Outcome, Status
from bulkio.workflows.clock import Clock, SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from bulkio.connectors.protocol import Connector, Link, Record
    from bulkio.core.catalogue import Entity
    from bulkio.core.plan import Operation, Plan
    from bulkio.errors import BulkioError
    from bulkio.store.journal import Journal

#: Chains of one batch per worker. Between the beginning of the look at what others changed and the last send of the
#: batch after it lie about so many requests, and those of `AHEAD`: the window in which a colleague's edit can still go
#: unseen.
CHAINS_PER_WORKER = 22

#: Chains per worker that are still to be sent when the look for the next batch begins, so that nobody waits for it.
AHEAD = 3


class Verify(Enum):
    """How what was written is read back."""

    SWEEP = "sweep"  # one listing of what was modified, per batch
    EACH = "each"  # every record by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """How to go about it. Times in seconds.

    `settle_seconds` is how long a lost request may still take effect before its absence is believed, `request_timeout`
    how long a request may be under way at most, its waits for its turn included. `canary` chains are done and verified
    first (0: none), `max_calls` bounds the calls of the run (0: no bound).
    """

    settle_seconds: float
    request_timeout: float
    workers: int = 4
    batch_size: int = 0
    verify: Verify = Verify.SWEEP
    canary: int = 0
    max_calls: int = 0

    @property
    def chains_per_batch(self) -> int:
        """How many chains are sent between two sweeps."""
        return self.batch_size or CHAINS_PER_WORKER * self.workers

    @property
    def chains_ahead(self) -> int:
        """How many chains before a batch's end the look for the next one begins; 0: it begins when all are sent.

        So it does where a bound of calls is to be held, which what is in flight would go over, and where a person
        wants small batches.
        """
        ahead = AHEAD * self.workers
        return ahead if self.workers > 1 and not self.max_calls and self.chains_per_batch > 2 * ahead else 0


@dataclass(frozen=True, slots=True)
class Progress:
    """Told after every operation: how many of the plan's are at an end, and what became of this one."""

    done: int
    total: int
    operation: Operation
    outcome: Outcome


@dataclass(slots=True, kw_only=True)
class Run:
    """One execution of a plan.

    `live` are the root records as last read, by id; one that was written, or whose children were, is taken out.
    `planned` are those that the plan read, as it read them. `pending` are the operations that the ERP acknowledged and
    that are still to be read back, each of which `on_sent` was told of. `may_go_on` is asked after the canary,
    `on_batch` is told about the end of every batch. `targets` are the ids that the plan names, `others_keys` the human
    keys (in lower case) of records that somebody else made or changed since the plan.
    """

    plan: Plan
    connector: Connector
    link: Link
    journal: Journal
    settings: RunSettings
    clock: Clock = field(default_factory=SystemClock)
    stop: threading.Event = field(default_factory=threading.Event)
    on_progress: Callable[[Progress], None] | None = None
    on_sent: Callable[[Operation], None] | None = None
    may_go_on: Callable[[Sequence[Outcome]], bool] | None = None
    calls_made: Callable[[], int] = int
    on_batch: Callable[[], None] | None = None
    stopped_by: BulkioError | None = None
    live: PackedRecords = field(default_factory=PackedRecords)
    planned: PackedRecords = field(default_factory=PackedRecords)
    pending: dict[str, Operation] = field(default_factory=dict)
    targets: frozenset[str] = frozenset()
    others_keys: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _makers: dict[str, str] = field(default_factory=dict)
    _ended: set[str] = field(default_factory=set)
    _failed: bool = False

    def __post_init__(self) -> None:
        """Take from the plan what the steps need of it as a whole."""
        root = self.connector.catalogue.root
        self.planned = PackedRecords.unpacked(root, self.plan.live)
        self.targets = frozenset(operation.guid for operation in self.plan.operations if operation.guid)
        self._makers = makers(self.plan.operations)

    def real_id(self, guid: str) -> str:
        """The id that the ERP gave to what the plan calls by a provisional one; as it is where there is none (yet)."""
        maker = self._makers.get(guid)
        return (self.journal.outcome(maker).guid or guid) if maker else guid

    def grounded(self, operation: Operation) -> Operation:
        """The operation with the ids that its records have by now."""
        return ground(operation, self.real_id)

    def grounded_step(self, step: Step) -> Step:
        """The step with the ids that its records have by now."""
        return Step(step.entity, self.real_id(step.root_guid), tuple(map(self.grounded, step.operations)))

    def end(self, operation: Operation, status: Status, message: str = "", guid: str = "") -> None:
        """One operation is at its end."""
        self.end_all([(operation, status, message, guid)])

    def end_all(self, ends: Sequence[tuple[Operation, Status, str, str]]) -> None:
        """Journal the ends of some operations in one commit, and tell of them."""
        if not ends:
            return
        outcomes = [
            Outcome(operation_id=operation.id, status=status, guid=guid or _known(operation), message=message)
            for operation, status, message, guid in ends
        ]
        self.journal.settle(outcomes)
        with self._lock:
            for (operation, status, _, _), outcome in zip(ends, outcomes, strict=True):
                self._ended.add(operation.id)
                self.pending.pop(operation.id, None)
                self._failed = self._failed or status not in GOOD
                if self.on_progress:
                    self.on_progress(Progress(len(self._ended), len(self.plan.operations), operation, outcome))

    def renew(self, found: Mapping[str, Record]) -> None:
        """Newer readings of records that are still to be written, and what others are called."""
        root = self.connector.catalogue.root
        others = [record for guid, record in found.items() if guid not in self.targets]
        keys = {canonical(root, record, root.key_fields[0]).casefold() for record in others}
        with self._lock:
            self.others_keys |= keys
            for guid in [guid for guid in found if guid in self.live]:
                self.live[guid] = newer(root, self.live[guid], found[guid])

    def forget(self, guid: str) -> None:
        """Whatever the record was, it may be something else now."""
        with self._lock:
            self.live.pop(guid, None)

    def await_read_back(self, operations: Sequence[Operation]) -> None:
        """The ERP acknowledged these; they are to be read back."""
        known = [self.grounded(operation) for operation in operations]
        with self._lock:
            self.pending |= {operation.id: operation for operation in known}
            if self.on_sent:
                for operation in known:
                    self.on_sent(operation)

    def unclaimed(
        self, entity: Entity, operation: Operation, records: Sequence[Record], known: Collection[str] = ()
    ) -> list[Record]:
        """Those of the records that are none of the known ones, and that no other operation of this run claims."""
        if not records:
            return []
        claimed = {o.guid for o in self.journal.outcomes() if o.guid and o.operation_id != operation.id}
        return [each for each in records if (guid := identity(entity, each)) not in known and guid not in claimed]

    @property
    def has_failed(self) -> bool:
        """Whether any operation so far did not end well."""
        return self._failed

    def mark_failed(self) -> None:
        """An earlier sitting of this run had a failure."""
        self._failed = True

    def abort(self, cause: BulkioError) -> None:
        """Begin nothing new; what is in flight finishes."""
        with self._lock:
            self.stopped_by = self.stopped_by or cause
        self.stop.set()

    def status_of(self, operation: Operation) -> Status:
        """As the journal has it."""
        return self.journal.outcome(operation.id).status


def _known(operation: Operation) -> str:
    """The id that the plan gives the record, if it is one."""
    return "" if is_provisional(operation.guid) else operation.guid
