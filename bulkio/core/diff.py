"""base x sheet x live -> what the person changed, what is already so, and what collides.

| sheet vs base | live vs base | result |
|---|---|---|
| same | any | nothing: a colleague's newer value stays |
| differs | same | CHANGE |
| differs | equals sheet | nothing: already so |
| differs | differs | CONFLICT |

Whole sheets are compared by column (`edited_cells`); only cells that differ are looked at one by one (`judge`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bulkio.core.kinds import CLEAR

if TYPE_CHECKING:
    from collections.abc import Iterable


class Verdict(Enum):
    """What becomes of one edited cell."""

    NOTHING = "nothing"
    CHANGE = "change"
    CONFLICT = "conflict"


def judge(base: str, sheet: str, live: str) -> Verdict:
    """The truth table above, for a cell of canonical texts; a cleared cell's `sheet` is ""."""
    if sheet in (base, live):
        return Verdict.NOTHING
    return Verdict.CHANGE if live == base else Verdict.CONFLICT


@dataclass(frozen=True, slots=True)
class Edits:
    """What differs between a sheet and its reference, by row and field.

    `cells[row][field]` is (reference, sheet) with `CLEAR` already turned into ""; `emptied[row]` the fields whose cell
    is blank although the reference holds a value.
    """

    cells: dict[int, dict[str, tuple[str, str]]] = field(default_factory=dict)
    emptied: dict[int, dict[str, str]] = field(default_factory=dict)

    def drop(self, row: int, name: str) -> None:
        """Forget one edit (it turned out to be no edit of the person)."""
        cells = self.cells.get(row, {})
        cells.pop(name, None)
        if not cells:
            self.cells.pop(row, None)


def edited_cells(sheet: pd.DataFrame, reference: pd.DataFrame, labels: dict[int, int], fields: Iterable[str]) -> Edits:
    """Compare the matched rows (sheet row -> label in reference, whose index is 0..n-1), column by column."""
    edits = Edits()
    if not labels:
        return edits
    rows = list(labels)
    places = _unless_all(sheet.index.get_indexer(pd.Index(rows)), len(sheet))
    at = _unless_all(np.fromiter(labels.values(), dtype=np.intp, count=len(rows)), len(reference))
    for name in fields:
        if name not in sheet.columns or name not in reference.columns:
            continue
        typed: np.ndarray = sheet[name].to_numpy(dtype=object)
        known: np.ndarray = reference[name].to_numpy(dtype=object)
        if places is None and at is None and _is_the_same(typed, known):
            continue
        typed = typed if places is None else typed[places]
        known = known if at is None else known[at]
        for found in (typed != known).nonzero()[0].tolist():
            row, before, after = rows[found], known[found], typed[found]
            if after == "":
                edits.emptied.setdefault(row, {})[name] = before
            elif after != CLEAR:
                edits.cells.setdefault(row, {})[name] = (before, after)
            elif before != "":
                edits.cells.setdefault(row, {})[name] = (before, "")
    return edits


def _unless_all(positions: np.ndarray, count: int) -> np.ndarray | None:
    """None for all positions in their order, so that nothing has to be picked."""
    is_all = len(positions) == count and bool((positions == np.arange(count)).all())
    return None if is_all else positions


def _is_the_same(typed: np.ndarray, known: np.ndarray) -> bool:
    """Whether both are one array: a column that is as it was exported (core/exported.py)."""
    one, other = typed.__array_interface__, known.__array_interface__
    return one["data"][0] == other["data"][0] and (one["shape"], one["strides"]) == (other["shape"], other["strides"])
