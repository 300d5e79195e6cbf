"""Records as they are listed, flattened some thousands at a time: the ERP's own objects take five times the memory.

A record that is listed twice (a list that shifts while it is paged) counts once: the later reading, in the place of the
first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bulkio.core.flatten import flatten, frame_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from bulkio.connectors.protocol import Record
    from bulkio.core.catalogue import Catalogue

_AT_ONCE = 5_000  # records
_MOST_SHARED = 20_000  # distinct values of a column that are kept once for all its cells


class Gathering:
    """Grows by pages; `frames` gives it all."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._identity = catalogue.root.by_name[catalogue.root.id_field].path[-1]
        self._waiting: dict[str, Record] = {}
        self._columns: dict[str, dict[str, list[str]]] = {}  # entity -> column -> cells
        self._owners: dict[str, list[int]] = {}  # child -> of every child record the row of its root record
        self._latest: dict[str, int] = {}  # id -> row; in the order of the first readings
        self._rows = 0
        self._shared: dict[tuple[str, str], dict[str, str]] = {}

    def __len__(self) -> int:
        """How many records there are, each counted once."""
        return len(self._latest) + sum(1 for key in self._waiting if key not in self._latest)

    def __contains__(self, identifier: str) -> bool:
        """Whether there is a record of that id."""
        return identifier in self._latest or identifier in self._waiting

    def add(self, records: Iterable[Record]) -> None:
        """Take in a page."""
        for record in records:
            self._waiting[str(record.get(self._identity))] = record
        if len(self._waiting) >= _AT_ONCE:
            self._flatten()

    def frames(self) -> dict[str, pd.DataFrame]:
        """All entities' frames, as `flatten` of all records would give them. What was gathered is given away."""
        self._flatten()
        if not self._columns:
            return flatten(self._catalogue, ())
        root = self._catalogue.root
        kept = list(self._latest.values())
        has_repeats = len(kept) != self._rows
        frames = {}
        for entity in self._catalogue.entities:
            columns = self._columns.pop(entity.name)
            frame = frame_of(columns, len(next(iter(columns.values()))))
            if has_repeats:
                frame = _reordered(frame, kept, self._owners.get(entity.name) if entity is not root else None)
            frames[entity.name] = frame
        return frames

    def _flatten(self) -> None:
        if not self._waiting:
            return
        frames = flatten(self._catalogue, list(self._waiting.values()))
        self._latest |= {key: row for row, key in enumerate(self._waiting, start=self._rows)}
        for child in self._catalogue.children:
            counts = [len(record.get(child.record_path) or ()) for record in self._waiting.values()]
            rows = range(self._rows, self._rows + len(counts))
            self._owners.setdefault(child.name, []).extend(
                row for row, count in zip(rows, counts, strict=True) for _ in range(count)
            )
        self._rows += len(self._waiting)
        self._waiting = {}
        for name, frame in frames.items():
            columns = self._columns.setdefault(name, {str(column): [] for column in frame.columns})
            for column, values in columns.items():
                values.extend(self._shared_values(name, column, frame[column].tolist()))

    def _shared_values(self, entity: str, column: str, values: list[str]) -> list[str]:
        """The values, equal ones as one object, where a column repeats itself."""
        known = self._shared.setdefault((entity, column), {})
        if len(known) > _MOST_SHARED or len(set(values)) * 2 > len(values):
            return values
        return [known.setdefault(value, value) for value in values]


def _reordered(frame: pd.DataFrame, kept: list[int], owners: list[int] | None) -> pd.DataFrame:
    """The rows `kept`, in that order; of children those whose owners are kept."""
    if owners is None:
        return frame.iloc[kept].reset_index(drop=True)
    place = {row: at for at, row in enumerate(kept)}
    placed = np.array([place.get(owner, -1) for owner in owners], dtype=int)
    chosen = np.flatnonzero(placed >= 0)
    chosen = chosen[np.argsort(placed[chosen], kind="stable")]
    return frame.iloc[chosen].reset_index(drop=True)
