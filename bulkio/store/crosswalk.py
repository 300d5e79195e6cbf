"""The crosswalk between two accounts, read from the journals of the runs that carried records over.

Nothing is written for it but what every run writes before it sends anything: so it is right after a power cut as well,
and a run that was undone is out of it again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bulkio.core.crosswalk import Carried, Crosswalk
from bulkio.core.plan import Action, Plan
from bulkio.core.report import Status
from bulkio.errors import FileError
from bulkio.store.journal import Journal
from bulkio.store.state import JOURNAL_FILE, PLAN_FILE

if TYPE_CHECKING:
    from pathlib import Path

    from bulkio.core.plan import Operation
    from bulkio.core.report import Outcome
    from bulkio.store.state import AccountState

#: Facts of a journal: the account that the run carried records over from, and how many records it was to delete.
CARRIED_FROM, DELETES = "carried_from", "deletes"

_DONE = frozenset({Status.VERIFIED, Status.ACKED})
_UNSETTLED = frozenset({Status.INTENT, Status.UNKNOWN, Status.IN_DOUBT})


def facts_of(plan: Plan) -> dict[str, str]:
    """What a run's journal has to say, so that `read_crosswalk` finds it without reading its plan."""
    deletes = sum(operation.action is Action.DELETE for operation in plan.operations)
    return {CARRIED_FROM: _name(plan.carried.erp, plan.carried.tenant) if plan.carried else "", DELETES: str(deletes)}


def read_crosswalk(state: AccountState, erp: str, tenant: str) -> Crosswalk:
    """What runs on this account made of another account's records.

    Raises FileError if the plan or the journal of such a run is damaged: to pass it over would create records twice.
    """
    found = _Found()
    for folder in reversed(state.runs()):  # the oldest first
        journal = Journal.open(folder / JOURNAL_FILE)
        try:
            is_ours = journal.meta(CARRIED_FROM) == _name(erp, tenant)
            if is_ours or (found.ids and journal.meta(DELETES) not in ("", "0")):
                plan = _load(folder / PLAN_FILE)
                outcomes = {outcome.operation_id: outcome for outcome in journal.outcomes()}
                found.add(plan, outcomes, plan.carried if is_ours else None)
        finally:
            journal.close()
    return Crosswalk(found.ids)


def _name(erp: str, tenant: str) -> str:
    return f"{erp}:{tenant}"


@dataclass(slots=True)
class _Found:
    """The crosswalk in the making; `roots` are the human keys of the root records that the entries belong to."""

    ids: dict[tuple[str, str], str] = field(default_factory=dict)
    roots: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, plan: Plan, outcomes: dict[str, Outcome], carried: Carried | None) -> None:
        """Lay one more run over those before it."""
        for operation in plan.operations:
            outcome = outcomes[operation.id]
            source_id = carried.ids.get(operation.id, "") if carried else ""
            entry = operation.entity, source_id
            if operation.action is Action.DELETE:
                if outcome.status is Status.VERIFIED and not _is_flagged(operation):
                    self._forget(operation)
            elif source_id and outcome.status in _DONE:
                self.ids[entry] = outcome.guid or operation.guid
                self.roots[entry] = operation.parent_key or operation.key
            elif source_id and outcome.status in _UNSETTLED and operation.action is Action.CREATE:
                self.ids.setdefault(entry, "")
                self.roots[entry] = operation.parent_key or operation.key

    def _forget(self, deleted: Operation) -> None:
        """A deleted record, and whatever belonged to it."""
        gone = [
            entry
            for entry, there in self.ids.items()
            if (entry[0], there) == (deleted.entity, deleted.guid)
            or (not deleted.is_child and self.roots[entry] == deleted.key)
        ]
        for entry in gone:
            del self.ids[entry]


def _is_flagged(operation: Operation) -> bool:
    """Whether the record is still there, with a flag that stands in for its delete."""
    return len(operation.changes) == 1 and operation.changes[0].after == "true"


def _load(path: Path) -> Plan:
    try:
        return Plan.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as exc:
        msg = f"{path}: the plan of a run that carried records over cannot be read"
        raise FileError(msg, hint="Without it, records would be created twice.") from exc
