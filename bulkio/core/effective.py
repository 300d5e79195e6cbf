"""What the records would hold after the import, as frames for the rules: the sheet laid over what was known before.

A blank cell leaves the known value (the blank rule), `[CLEAR]` blanks it. Records that are known but not in the sheet
are added under negative row labels, so that rules over a whole group (unique contacts, named addresses) see them all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import repeat
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bulkio.core.kinds import CLEAR

if TYPE_CHECKING:
    from bulkio.core.catalogue import Entity


def effective_frame(
    entity: Entity, sheet: pd.DataFrame, known: pd.DataFrame, labels: dict[int, int], dropped: set[int]
) -> pd.DataFrame:
    """One entity's frame (index = sheet row, or -1 - label for records that only `known` has).

    `labels` are the matched rows (sheet row -> label in known), `dropped` the rows that are deleted or ignored.
    """
    return effective_rows(entity, sheet, known, labels, dropped).frame()


def effective_rows(
    entity: Entity, sheet: pd.DataFrame, known: pd.DataFrame, labels: dict[int, int], dropped: set[int]
) -> EffectiveRows:
    """The same, not yet laid out."""
    rows = sheet.index.tolist()
    at = np.array(list(map(labels.get, rows, repeat(-1))), dtype=np.intp)
    kept = np.arange(len(rows))
    if dropped:
        kept = np.array([place for place, row in enumerate(rows) if row not in dropped], dtype=np.intp)
    is_left = np.ones(len(known), dtype=bool)
    is_left[list(labels.values())] = False
    return EffectiveRows(entity, sheet, known, kept, at[kept], np.flatnonzero(is_left))


@dataclass(frozen=True, slots=True)
class EffectiveRows:
    """The rows of such a frame, of which only as much is laid out as is looked at.

    `kept` are positions in the sheet and `at` their labels in `known` (-1: none); `rest` are labels of the others.
    """

    entity: Entity
    sheet: pd.DataFrame
    known: pd.DataFrame
    kept: np.ndarray
    at: np.ndarray
    rest: np.ndarray

    @property
    def index(self) -> np.ndarray:
        """The labels of all rows."""
        rows = self.sheet.index.to_numpy(dtype=np.int64)[self.kept]
        return np.concatenate([rows, -1 - self.rest])

    @property
    def owners(self) -> list[str]:
        """Whose record each row is: the human key of its root record."""
        owners: list[str] = self._column(self.entity.parent_key or self.entity.key_fields[0]).tolist()
        return owners

    def where(self, is_wanted: np.ndarray) -> EffectiveRows:
        """Some of the rows."""
        of_sheet, of_rest = is_wanted[: len(self.kept)], is_wanted[len(self.kept) :]
        return replace(self, kept=self.kept[of_sheet], at=self.at[of_sheet], rest=self.rest[of_rest])

    def frame(self) -> pd.DataFrame:
        """All fields of the rows."""
        parent = [self.entity.parent_key] if self.entity.parent_key else []
        columns = {name: self._column(name) for name in dict.fromkeys([*parent, *self.entity.by_name])}
        return pd.DataFrame(columns, index=pd.Index(self.index, dtype="int64"), dtype=object)

    def _column(self, name: str) -> np.ndarray:
        blank = np.full(len(self.known), "", dtype=object)
        before = self.known[name].to_numpy(dtype=object) if name in self.known.columns else blank
        cells = np.full(len(self.kept), "", dtype=object)
        if len(before):
            cells = np.where(self.at >= 0, before[self.at], "")
        if name in self.sheet.columns:
            typed = self.sheet[name].to_numpy(dtype=object)[self.kept]
            cells = np.where(typed == "", cells, typed)
            cells[cells == CLEAR] = ""
        return np.concatenate([cells, before[self.rest]])
