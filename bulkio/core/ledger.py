"""The books of a conversion: every filled cell of the source is carried or named, and nothing is both or neither.

Cells are counted by column on whole frames. What is named is kept by column and reason (`Left`), not cell by cell: a
hundred thousand customers name millions of cells.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from bulkio.core.converters import Reason

    Cells = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """Cells of one column that are named for one reason.

    `field` is blank where whole rows are meant; then the texts say how many cells each has. `rows` are the sheet's row
    numbers, `once` means that they are named together, in one line. `carried_as` are the columns in which the value
    stands now, where it is carried all the same. `cells` counts those that are not carried. What is said `of_target` is
    of rows and columns of the new workbook.
    """

    entity: str
    field: str
    reason: Reason
    why: str
    rows: tuple[int, ...]
    texts: tuple[str, ...]
    cells: int
    carried_as: str = ""
    once: bool = False
    of_target: bool = False


class Ledger:
    """What became of each filled cell; rows are given as positions in the source's frames."""

    def __init__(self, frames: Mapping[str, pd.DataFrame]) -> None:
        self._columns = {name: {column: at for at, column in enumerate(frame)} for name, frame in frames.items()}
        self._rows = {name: frame.index.to_numpy() for name, frame in frames.items()}
        self._texts = {name: frame.to_numpy(dtype=object) for name, frame in frames.items()}
        self._open = {name: np.asarray(texts != "", dtype=bool) for name, texts in self._texts.items()}
        self._carried = {name: np.zeros_like(filled) for name, filled in self._open.items()}
        self.filled = sum(int(filled.sum()) for filled in self._open.values())
        self.left: list[Left] = []

    @property
    def carried(self) -> int:
        """How many cells are carried."""
        return sum(int(cells.sum()) for cells in self._carried.values())

    @property
    def named(self) -> Counter[Reason]:
        """How many cells are not carried, by reason."""
        counts: Counter[Reason] = Counter()
        for left in self.left:
            if left.cells:
                counts[left.reason] += left.cells
        return counts

    def carry(self, entity: str, fields: Iterable[str], rows: Sequence[int] | Cells) -> None:
        """Their filled cells are carried, as far as nothing else is said of them afterwards."""
        for field in fields:
            at = self._columns[entity].get(field)
            if at is not None:
                self._carried[entity][rows, at] |= self._open[entity][rows, at]
                self._open[entity][rows, at] = False

    def leave(  # noqa: PLR0913 cells and what to say
        self, entity: str, field: str, rows: Sequence[int], reason: Reason, why: str, *, once: bool = False
    ) -> None:
        """Their filled cells are not carried."""
        at = self._columns[entity].get(field)
        if at is None:
            return
        there = self._open[entity][:, at] | self._carried[entity][:, at]
        mine = [row for row in rows if there[row]]
        if mine:
            self._open[entity][mine, at] = self._carried[entity][mine, at] = False
            self._say(entity, field, mine, reason, why, cells=len(mine), once=once)

    def leave_row(self, entity: str, row: int, reason: Reason, why: str) -> None:
        """None of the row's cells is carried."""
        self._name_row(entity, row, self._open[entity][row] | self._carried[entity][row], reason, why)

    def withdraw_row(self, entity: str, row: int, reason: Reason, why: str) -> None:
        """What would have been carried of the row is not carried after all."""
        self._name_row(entity, row, self._carried[entity][row].copy(), reason, why)

    def _name_row(self, entity: str, row: int, cells: Cells, reason: Reason, why: str) -> None:
        count = int(cells.sum())
        if count:
            self._open[entity][row, cells] = self._carried[entity][row, cells] = False
            rows, words = (int(self._rows[entity][row]),), (_cells(count),)
            self.left.append(Left(entity=entity, field="", reason=reason, why=why, rows=rows, texts=words, cells=count))

    def remark(  # noqa: PLR0913 a cell and what to say
        self,
        entity: str,
        field: str,
        rows: Sequence[int],
        reason: Reason,
        why: str,
        *,
        carried_as: str,
        once: bool = False,
    ) -> None:
        """Their filled cells are carried, and should be looked at."""
        at = self._columns[entity].get(field)
        mine = [row for row in rows if at is not None and self._carried[entity][row, at]]
        if mine:
            self._say(entity, field, mine, reason, why, cells=0, once=once, carried_as=carried_as)

    def still_open(self, entity: str, field: str) -> list[int]:
        """The rows of which nothing was said yet."""
        found: list[int] = np.flatnonzero(self._open[entity][:, self._columns[entity][field]]).tolist()
        return found

    def _say(  # noqa: PLR0913 a cell and what to say
        self,
        entity: str,
        field: str,
        rows: list[int],
        reason: Reason,
        why: str,
        *,
        cells: int,
        once: bool,
        carried_as: str = "",
    ) -> None:
        at = self._columns[entity][field]
        self.left.append(
            Left(
                entity=entity,
                field=field,
                reason=reason,
                why=why,
                rows=tuple(self._rows[entity][rows].tolist()),
                texts=tuple(self._texts[entity][rows, at].tolist()),
                cells=cells,
                carried_as=carried_as,
                once=once,
            )
        )


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"
