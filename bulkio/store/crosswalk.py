"""The crosswalk between two accounts, read from the journals of the runs that carried records over.

Nothing is written for it but what every run writes before it sends anything: so it is right after a power cut as well,
and a run that was undone is out of it again.
"""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bulkio.core.crosswalk import Crosswalk
from bulkio.core.plan import Action, Plan
from bulkio.core.report import Status
from bulkio.errors import FileError
from bulkio.store.journal import Journal
from bulkio.store.state import JOURNAL_FILE, PLAN_FILE

if TYPE_CHECKING:
    from pathlib import Path

    from bulkio.core.plan import Operation
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
    found: list[_Carrying] = []
    deleting = []
    for folder in reversed(state.runs()):  # the oldest first; of the same second, in any order
        with closing(Journal.open(folder / JOURNAL_FILE)) as journal:
            if journal.meta(CARRIED_FROM) == _name(erp, tenant):
                found += _carried(_load(folder / PLAN_FILE), journal, folder.name)
            if journal.meta(DELETES) not in ("", "0"):
                deleting.append(folder)
    gone: dict[tuple[str, str], bool] = {}
    for folder in deleting if found else ():
        with closing(Journal.open(folder / JOURNAL_FILE)) as journal:
            gone |= _deleted(_load(folder / PLAN_FILE), journal)
    ids: dict[tuple[str, str], str] = {}
    for each in _without(found, gone):
        ids[each.entity, each.source_id] = each.there or ids.get((each.entity, each.source_id), "")
    return Crosswalk(ids)


def _name(erp: str, tenant: str) -> str:
    return f"{erp}:{tenant}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Carrying:
    """One record that a run carried over; `there` is blank where nobody knows whether it arrived.

    `root` is the human key of the root record that it is or belongs to, `parent` that one's id, if it was there before.
    """

    run: str
    entity: str
    source_id: str
    there: str
    root: str
    parent: str
    is_child: bool


def _carried(plan: Plan, journal: Journal, run: str) -> list[_Carrying]:
    outcomes = {outcome.operation_id: outcome for outcome in journal.outcomes()}
    ids = plan.carried.ids if plan.carried else {}
    found = []
    for operation in plan.operations:
        outcome = outcomes[operation.id]
        is_unsettled = outcome.status in _UNSETTLED and operation.action is Action.CREATE
        is_done = outcome.status in _DONE and operation.action is not Action.DELETE
        if operation.id in ids and (is_done or is_unsettled):
            found.append(
                _Carrying(
                    run=run,
                    entity=operation.entity,
                    source_id=ids[operation.id],
                    there=(outcome.guid or operation.guid) if is_done else "",
                    root=operation.parent_key or operation.key,
                    parent=operation.parent_guid,
                    is_child=operation.is_child,
                )
            )
    return found


def _deleted(plan: Plan, journal: Journal) -> dict[tuple[str, str], bool]:
    """The records that a run deleted for good, by entity and id, and whether each is a child."""
    verified = {outcome.operation_id for outcome in journal.outcomes() if outcome.status is Status.VERIFIED}
    return {
        (operation.entity, operation.guid): operation.is_child
        for operation in plan.operations
        if operation.action is Action.DELETE and operation.id in verified and not _is_flagged(operation)
    }


def _without(found: list[_Carrying], gone: dict[tuple[str, str], bool]) -> list[_Carrying]:
    """Those that are still there: neither deleted themselves nor with the record that they belonged to."""
    roots = {(each.run, each.root) for each in found if not each.is_child and (each.entity, each.there) in gone}
    root_ids = {identity for (_, identity), is_child in gone.items() if not is_child}
    return [
        each
        for each in found
        if (each.entity, each.there) not in gone
        and not (each.is_child and ((each.run, each.root) in roots or each.parent in root_ids))
    ]


def _is_flagged(operation: Operation) -> bool:
    """Whether the record is still there, with a flag that stands in for its delete."""
    return len(operation.changes) == 1 and operation.changes[0].after == "true"


def _load(path: Path) -> Plan:
    try:
        return Plan.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as exc:
        msg = f"{path}: the plan of a run that carried records over cannot be read"
        raise FileError(msg, hint="Without it, records would be created twice.") from exc
