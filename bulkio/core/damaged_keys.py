"""Rows whose key a program changed: which record they are, if only one can have become what the sheet says.

A wrong record is worse than none: a row that could be several is doubtful, also if one of them has just that key.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Context, Decimal
from typing import TYPE_CHECKING
from unicodedata import normalize

from bulkio.core import date_readings, readings
from bulkio.core.damage import Cell, recognise
from bulkio.core.damaged_texts import letters
from bulkio.core.match import Match, key_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    import pandas as pd

    from bulkio.core.catalogue import Entity

_LONG = 10  # digits; shorter numbers are not put into scientific notation
_MOST_DIGITS = 17
_MOST_ALIKE = 200  # keys that look alike without their damaged letters; beyond, nothing is told from them
_SUM = re.compile(r"=?[+-]?[0-9]{1,15}(?:[+-][0-9]{1,15})+")


@dataclass(frozen=True, slots=True)
class Found:
    """What the damage of keys hid.

    `labels` are the rows that are certainly one record, `doubtful` rows with the keys that they may have had, `parents`
    rows of new children with the parent's key as it was exported.
    """

    labels: dict[int, int] = field(default_factory=dict)
    doubtful: dict[int, tuple[str, ...]] = field(default_factory=dict)
    parents: dict[int, str] = field(default_factory=dict)


class KeyIndex:
    """Exported keys by what programs may make of them."""

    def __init__(self, keys: Iterable[str]) -> None:
        """Index keys; each stands once."""
        self._keys = frozenset(keys)
        self._alike: dict[Hashable, list[str]] = defaultdict(list)
        for key in self._keys:
            for mark in set(_marks(key, is_base=True)):
                self._alike[mark].append(key)

    def origins(self, found: str, cell: Cell) -> list[str]:
        """The exported keys that a program may have made `found` of, the same key among them; in order."""
        origins = {found} & self._keys
        if cell is not Cell.TEXT or not found.isascii():
            for mark in set(_marks(found, is_base=False)):
                alike = self._alike.get(mark, [])
                if len(alike) <= _MOST_ALIKE:
                    origins |= {key for key in alike if recognise(key, found, cell=cell)}
        return sorted(origins)


def _marks(key: str, *, is_base: bool) -> list[Hashable]:
    """Marks of a key: a key and what a program makes of it have one in common."""
    if len(key) <= _LONG and key.isascii() and key.isalnum() and key[0].isalpha() and not key[-1].isdecimal():
        truth = readings.truth(key)
        return [("letters", key), *([] if truth is None else [("truth", truth)])]  # a word: nothing else is made of it
    marks: list[Hashable] = []
    for numeral in readings.numerals(key)[:3]:
        marks.append(("number", numeral.value.normalize()))
        if is_base:
            marks += [("number", each) for each in _rounded(key, numeral.value)]
    if is_base and _SUM.fullmatch(key):
        marks.append(("number", Decimal(sum(map(int, re.findall("[+-]?[0-9]+", key)))).normalize()))
    is_plain = key.isascii() and key.isdecimal()
    for day in (set() if is_plain else date_readings.days(key)) | (set() if is_base else date_readings.serial(key)):
        if day.day:
            marks.append(("day", day.month, day.day))
        if day.year:
            marks.append(("month", day.year, day.month))
    seconds = date_readings.seconds(key)
    if seconds is not None:
        marks.append(("time", seconds))
    if (truth := readings.truth(key)) is not None:
        marks.append(("truth", truth))
    return [*marks, ("letters", letters(key)), ("letters", letters(normalize("NFKD", key)))]


def _rounded(key: str, value: Decimal) -> list[Decimal]:
    if len(value.as_tuple().digits) <= _LONG and "E" not in key.upper():
        return []
    return [Context(prec=digits).plus(value).normalize() for digits in range(1, _MOST_DIGITS + 1)]


def find_damaged(  # noqa: PLR0913 both sides of the match, and what is known of each row
    entity: Entity,
    sheet: pd.DataFrame,
    reference: pd.DataFrame,
    match: Match,
    *,
    roots: Iterable[str] | None,
    cell_of: Callable[[int, str], Cell],
    is_new: Callable[[int], bool],
) -> Found:
    """Look for the records of rows without an id that matched nothing, or that matched what another may have become.

    `cell_of` says what the file knows of a row's cell, `is_new` which rows are to be new records; `roots` are the keys
    of all records that a child's parent may be, exported or new in the same file.
    """
    found = Found()
    names = [name for name in key_columns(entity) if name in sheet.columns]
    ids = sheet[entity.id_field].tolist() if entity.id_field in sheet.columns else [""] * len(sheet)
    if len(match.labels) == len(ids) and all(ids):
        return found
    rows = [
        row
        for row, identity in zip(sheet.index.tolist(), ids, strict=True)
        if row not in match.ambiguous
        and not (identity and row in match.labels)
        and (row not in match.labels or any(cell_of(row, name) is not Cell.TEXT for name in names))
        and (not identity or entity.parent)
    ]
    if not rows or not names or reference.empty:
        return found
    keys = dict(zip(sheet.index.tolist(), zip(*(sheet[name].tolist() for name in names), strict=True), strict=True))
    identified = {row for row, identity in zip(sheet.index.tolist(), ids, strict=True) if identity}
    taken = {label: row for row, label in match.labels.items()}
    candidates = _Candidates(names, reference, entity.parent_key)
    index = KeyIndex(roots) if roots is not None else None
    for row in rows:
        known = match.labels.get(row)
        if not is_new(row) and row not in identified:
            cells = [cell_of(row, name) for name in names]
            labels = [label for label in candidates.of(keys[row], cells) if taken.get(label, row) == row]
            if known is None and len(labels) == 1:
                found.labels[row] = labels[0]
            elif len(labels) > 1 and (
                known is None or not _fits_best(sheet.loc[row].to_dict(), reference, known, labels, names)
            ):
                found.doubtful[row] = tuple(candidates.name_of(label) for label in labels)
            if labels:
                continue
        if known is None and index is not None and entity.parent_key in names:
            _find_parent(row, keys[row][names.index(entity.parent_key)], cell_of(row, entity.parent_key), index, found)
    return found


def _find_parent(row: int, key: str, cell: Cell, index: KeyIndex, found: Found) -> None:
    """The parent of a child that is not in the export."""
    origins = index.origins(key, cell) if key else []
    if len(origins) > 1:
        found.doubtful[row] = tuple(origins)
    elif origins and origins[0] != key:
        found.parents[row] = origins[0]


class _Candidates:
    """The exported records that a row may be, by its key alone."""

    def __init__(self, names: list[str], reference: pd.DataFrame, parent_key: str) -> None:
        self._keys = list(zip(*(reference[name].tolist() for name in names), strict=True))
        self._is_child = names[0] == parent_key
        self._index = KeyIndex({key[0] for key in self._keys})
        self._by_first: dict[str, list[int]] = defaultdict(list)
        for label, key in enumerate(self._keys):
            self._by_first[key[0]].append(label)

    def of(self, key: tuple[str, ...], cells: list[Cell]) -> list[int]:
        if not any(key[1:] if self._is_child else key):
            return []
        return [
            label
            for first in self._index.origins(key[0], cells[0])
            for label in self._by_first[first]
            if all(map(_may_be, self._keys[label][1:], key[1:], cells[1:]))
        ]

    def name_of(self, label: int) -> str:
        return " / ".join(part for part in self._keys[label] if part)


def _may_be(base: str, found: str, cell: Cell) -> bool:
    return base == found or recognise(base, found, cell=cell) is not None


def _fits_best(row: dict[str, str], reference: pd.DataFrame, known: int, labels: list[int], names: list[str]) -> bool:
    """Whether the record with just this key has more in common with the row than any that may have become it."""
    shared = [name for name in row if name in reference.columns and name not in names]
    typed = [row[name] for name in shared]

    def common(label: int) -> int:
        values = [reference.at[label, name] for name in shared]
        return sum(bool(value == other and other) for value, other in zip(values, typed, strict=True))

    return all(common(known) > common(label) for label in labels if label != known)
