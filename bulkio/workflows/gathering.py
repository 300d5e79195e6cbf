"""Records as they are listed, flattened and set down some thousand at a time: in memory is only where each one is.

A record that is listed twice (a list that shifts while it is paged) counts once: the later reading, in the place of the
first.
"""

from __future__ import annotations

from array import array
from itertools import compress, pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bulkio.core.flatten import PARENT_ID, flatten_columns
from bulkio.core.places import Places
from bulkio.store.blocks import columns_of
from bulkio.store.extract import Extract

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from bulkio.connectors.protocol import Record
    from bulkio.core.catalogue import Catalogue
    from bulkio.store.extract import Kept

    Tables = dict[str, dict[str, list[str]]]
    Frames = dict[str, pd.DataFrame]

_AT_ONCE = 1_000  # records
_NOWHERE = -1  # the reading of a record that is not wanted, or not set down yet


class Gathering:
    """Grows by pages; `settled` is all of it.

    `wanted` says of the root's columns which records are kept, by their last reading (default: all). Of tables that are
    `left_out` nothing is kept. `folder` is for a temporary file.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        *,
        wanted: Callable[[dict[str, list[str]]], Sequence[bool]] | None = None,
        left_out: Sequence[str] = (),
        folder: Path | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._identity = catalogue.root.by_name[catalogue.root.id_field].path[-1]
        self._wanted = wanted
        self._left_out = left_out
        self._waiting: dict[int, Record] = {}  # by number
        self._numbers = Places()  # of the records, in the order of their first readings
        self._latest = array("q")  # of every record its last reading
        self._blocks: list[Kept] = []
        self._starts = array("q", [0])  # of every block its first reading; and the next one's
        shown = {name: list(frame) for name, frame in flatten_columns(catalogue, ()).items() if name not in left_out}
        self._extract = Extract(shown, folder)

    def __len__(self) -> int:
        """How many records were listed, each counted once, wanted or not."""
        return len(self._numbers)

    def __contains__(self, identifier: str) -> bool:
        """Whether a record of that id was listed."""
        return identifier in self._numbers

    def add(self, records: Iterable[Record]) -> None:
        """Take in a page. Raises FileError if the disk is full."""
        for record in records:
            number = self._numbers.number(str(record.get(self._identity)))
            if number == len(self._latest):
                self._latest.append(_NOWHERE)
            self._waiting[number] = record
        if len(self._waiting) >= _AT_ONCE:
            self._set_down()

    def settled(self) -> Extract:
        """All that is wanted, each record once. Nothing can be added any more."""
        self._set_down()
        latest, starts = np.array(self._latest, dtype=np.int64), np.array(self._starts, dtype=np.int64)
        readings = latest[latest != _NOWHERE]
        # A block that is as it was set down is taken as it is; all else, which is little, is put together anew.
        edges = sorted({0, *np.flatnonzero(np.isin(readings, starts)).tolist(), len(readings)})
        loose: list[np.ndarray] = []
        for begin, end in pairwise(edges):
            number = int(np.searchsorted(starts, readings[begin], side="right")) - 1
            whole = np.arange(starts[number], starts[number + 1])
            rest = begin
            if np.array_equal(readings[begin : min(begin + len(whole), end)], whole):
                self._extract.chosen += [*self._anew(loose), self._blocks[number]]
                loose = []
                rest += len(whole)
            loose.append(readings[rest:end])
        self._extract.chosen += self._anew(loose)
        return self._extract

    def _set_down(self) -> None:
        """Write what is waiting as a block."""
        if not self._waiting:
            return
        tables = flatten_columns(self._catalogue, list(self._waiting.values()))
        numbers = list(self._waiting)
        self._waiting = {}
        for name in self._left_out:
            del tables[name]
        if self._wanted:
            wanted = self._wanted(tables[self._catalogue.root.name])
            for number in numbers:
                self._latest[number] = _NOWHERE
            if not all(wanted):
                numbers = list(compress(numbers, wanted))
                tables = self._of_wanted(tables, wanted)
        for reading, number in enumerate(numbers, start=self._starts[-1]):
            self._latest[number] = reading
        if numbers:
            self._blocks.append(self._extract.add(tables))
            self._starts.append(self._starts[-1] + len(numbers))

    def _of_wanted(self, tables: Tables, wanted: Sequence[bool]) -> Tables:
        """Some of the records, with their children."""
        root = self._catalogue.root
        ids = set(compress(tables[root.name][root.id_field], wanted))
        chosen = {name: [owner in ids for owner in columns.get(PARENT_ID, ())] for name, columns in tables.items()}
        chosen[root.name] = list(wanted)
        return {
            name: {title: list(compress(values, chosen[name])) for title, values in columns.items()}
            for name, columns in tables.items()
        }

    def _picked(self, frames: Frames, rows: np.ndarray) -> Frames:
        """Some of a block's records, in the order of `rows`, with their children."""
        root = self._catalogue.root
        some = frames[root.name].iloc[rows]
        ids = set(some[root.id_field])
        children = {name: frame[frame[PARENT_ID].isin(ids)] for name, frame in frames.items() if name != root.name}
        return {root.name: some, **children}

    def _anew(self, loose: Sequence[np.ndarray]) -> Iterator[Kept]:
        """Blocks of these readings, in this order."""
        readings = np.concatenate(loose) if loose else np.zeros(0, dtype=np.int64)
        for at in range(0, len(readings), _AT_ONCE):
            frames = self._assembled(readings[at : at + _AT_ONCE])
            yield self._extract.add({name: columns_of(frame) for name, frame in frames.items()})

    def _assembled(self, readings: np.ndarray) -> Frames:
        starts = np.array(self._starts, dtype=np.int64)
        numbers = np.searchsorted(starts, readings, side="right") - 1
        places: list[np.ndarray] = []
        pieces: list[Frames] = []
        for number in np.unique(numbers).tolist():
            places.append(np.flatnonzero(numbers == number))
            frames = self._extract.read(self._blocks[number])
            pieces.append(self._picked(frames, readings[places[-1]] - starts[number]))
        joined = {name: pd.concat([piece[name] for piece in pieces]) for name in self._extract.columns}
        root = self._catalogue.root
        ordered = {root.name: joined.pop(root.name).iloc[np.argsort(np.concatenate(places))]}
        place = {identity: at for at, identity in enumerate(ordered[root.name][root.id_field])}
        for name, frame in joined.items():
            owners = np.array([place[owner] for owner in frame[PARENT_ID]], dtype=np.int64)
            ordered[name] = frame.iloc[np.argsort(owners, kind="stable")]
        return ordered
