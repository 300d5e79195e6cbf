"""The cells of a sheet that hold the very text that was exported: nearly all of them, in nearly every file.

What was exported is canonical as far as it ever will be, so these cells need not be read: they are taken from the
export as they are. That also makes the file and the export share one set of strings. Rows are found by their ids alone;
a row without one, or with one that the export does not know, has no such cells.
"""

from __future__ import annotations

from itertools import compress
from operator import ne
from typing import TYPE_CHECKING

import numpy as np

from bulkio.core.cells import cells_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from bulkio.core.catalogue import Entity

#: A column of which more than one cell in so many differs from the export is read as a whole: that is cheaper.
_ONE_IN = 10


class ExportedRows:
    """What was exported in the rows of a sheet, column by column."""

    def __init__(self, frame: pd.DataFrame, positions: Sequence[int] | None) -> None:
        """`positions` are the sheet's rows in the frame (-1: not exported); None: the same rows in the same order.

        `unknown` are the places in the sheet of the rows that were not exported.
        """
        self._frame = frame
        self._positions = None if positions is None else np.array(positions, dtype=np.intp)
        self.unknown: list[int] = [] if self._positions is None else np.flatnonzero(self._positions < 0).tolist()

    def column(self, name: str) -> ExportedColumn | None:
        """What was exported in a column; None where it was not."""
        if name not in self._frame.columns:
            return None
        cells = self._frame[name].to_numpy(dtype=object)
        if self._positions is not None:
            cells = cells.take(self._positions)
            cells[self.unknown] = None
        return ExportedColumn(cells)


class ExportedColumn:
    """One column as it was exported, in the order of the sheet; None in rows that were not."""

    def __init__(self, cells: np.ndarray) -> None:
        """`cells` are the export's own strings. They may be the export's own array, too, and are never written to."""
        self.cells = cells
        self.texts: list[str] = cells.tolist()

    def differing(self, texts: list[str]) -> list[int] | None:
        """Where the sheet says something else; None if that is so in too many cells to read them one by one."""
        if texts == self.texts:
            return []
        found = list(compress(range(len(texts)), map(ne, texts, self.texts)))
        return found if len(found) * _ONE_IN <= len(texts) else None

    def laid_under(self, texts: list[str], values: list[str]) -> np.ndarray:
        """A column that was read as a whole: `values`, but for the cells whose text is what was exported."""
        if values == self.texts:
            return self.cells
        cells: np.ndarray = np.where(cells_of(texts) == self.cells, self.cells, cells_of(values))
        return cells

    def with_cells(self, cells: dict[int, str]) -> np.ndarray:
        """The column with other texts in some rows."""
        changed = self.cells.copy()
        for at, text in cells.items():
            changed[at] = text
        return changed


def exported_rows(entity: Entity, ids: list[str], base: pd.DataFrame | None) -> ExportedRows | None:
    """Find the rows with these ids, as typed, in what was exported; None if there is none of them."""
    if base is None or entity.id_field not in base.columns:
        return None
    known: list[str] = base[entity.id_field].tolist()
    labels = {identity: label for label, identity in enumerate(known) if identity}
    if ids == known and len(labels) == len(known):
        return ExportedRows(base, None)
    positions = [labels.get(identity, -1) for identity in ids]
    return ExportedRows(base, positions) if max(positions, default=-1) >= 0 else None
