"""What earlier runs of a file wrote, out of their folders."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bulkio.core.own_writes import OwnWrites, own_writes
from bulkio.core.plan import Plan
from bulkio.errors import FileError
from bulkio.store.journal import Journal
from bulkio.store.state import JOURNAL_FILE, PLAN_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bulkio.core.plan import Operation
    from bulkio.core.report import Outcome
    from bulkio.store.state import AccountState


def earlier_writes(state: AccountState, file: Path, base_id: str) -> OwnWrites:
    """What runs of this very file wrote and proved: the same path, compared with the same export.

    A copy of the export that somebody else edited has the export's base, too, but another path: what was applied from
    there is a colleague's edit here.
    """
    return own_writes(_runs(state, file, base_id))


def _runs(state: AccountState, file: Path, base_id: str) -> Iterator[tuple[Sequence[Operation], Sequence[Outcome]]]:
    """The oldest first. A run whose folder is gone or damaged proves nothing, and is passed over."""
    for run_id in state.runs_of_file(file, base_id):
        folder = state.folder / "runs" / run_id
        try:
            plan = Plan.from_dict(json.loads((folder / PLAN_FILE).read_text(encoding="utf-8")))
            journal = Journal.open(folder / JOURNAL_FILE)
        except (FileError, OSError, ValueError):
            continue
        try:
            yield plan.operations, journal.outcomes()
        except FileError:
            continue
        finally:
            journal.close()
