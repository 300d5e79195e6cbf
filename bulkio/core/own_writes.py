"""What earlier runs of the same file wrote: it is no colleague's edit when the ERP still holds it.

The base of a file stays what was exported, also when the file was applied. Edited and planned again, its own first
write would look like somebody else's: `held_by_us` tells the two apart. Only a value that was read back counts, only
the last one of each field, and only while the ERP holds exactly that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bulkio.core.plan import Action
from bulkio.core.report import GOOD

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bulkio.core.plan import Operation
    from bulkio.core.report import Outcome


@dataclass(frozen=True, slots=True)
class OwnWrites:
    """The last values written, canonical, by (entity, id) and field; `created` are the records that stem from it."""

    written: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    created: frozenset[tuple[str, str]] = frozenset()

    def held_by_us(self, entity: str, guid: str, name: str, live: str) -> bool:
        """Whether the live value is what we wrote there ourselves; servers trim blanks at the ends."""
        ours = self.written.get((entity, guid), {}).get(name)
        return ours is not None and live in (ours, ours.strip())


def own_writes(runs: Iterable[tuple[Sequence[Operation], Sequence[Outcome]]]) -> OwnWrites:
    """Lay runs (operations and what became of them, the oldest first) over each other."""
    written: dict[tuple[str, str], dict[str, str]] = {}
    created: set[tuple[str, str]] = set()
    for operations, outcomes in runs:
        good = {outcome.operation_id: outcome for outcome in outcomes if outcome.status in GOOD}
        for operation in operations:
            if operation.id not in good:
                continue
            record = operation.entity, good[operation.id].guid or operation.guid
            written.setdefault(record, {}).update(operation.target)
            if operation.action is Action.CREATE:
                created.add(record)
            elif operation.action is Action.DELETE:
                created.discard(record)
    return OwnWrites(written, frozenset(created))
