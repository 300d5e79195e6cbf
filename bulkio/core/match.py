"""Which record a sheet's row is: by id, or else by the key that people know (for a child, within its parent)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from unicodedata import category, normalize

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from bulkio.core.catalogue import Entity


@dataclass(frozen=True, slots=True)
class Match:
    """Sheet row -> label in the reference frame, and the rows whose key fits several records there."""

    labels: dict[int, int]
    ambiguous: frozenset[int]


def match_rows(entity: Entity, sheet: pd.DataFrame, reference: pd.DataFrame, *, ids_may_change: bool = False) -> Match:
    """Find each sheet row's record in `reference` (its index is 0..n-1).

    A row with an id is matched by that alone, unless `ids_may_change`: then an id that is not found falls back to the
    key (an ERP that takes a collection as a whole may number its members anew).
    """
    by_id = {value: label for label, value in enumerate(reference[entity.id_field].tolist()) if value}
    rows = sheet.index.tolist()
    ids = sheet[entity.id_field].tolist() if entity.id_field in sheet.columns else [""] * len(rows)
    known = list(map(by_id.get, ids))  # a blank is none of them
    if None not in known:
        return Match(dict(zip(rows, known, strict=True)), frozenset())  # type: ignore[arg-type] # none is None
    by_key = _labels_by_key(entity, sheet, reference)
    labels: dict[int, int] = {}
    ambiguous: set[int] = set()
    for row, identity, label, key in zip(rows, ids, known, _row_keys(entity, sheet), strict=True):
        if label is not None:
            labels[row] = label
        elif (not identity or ids_may_change) and any(key[-len(entity.key_fields) :]):
            found = by_key.get(key, [])
            if len(found) == 1:
                labels[row] = found[0]
            elif found:
                ambiguous.add(row)
    return Match(labels, frozenset(ambiguous))


def _labels_by_key(entity: Entity, sheet: pd.DataFrame, reference: pd.DataFrame) -> dict[tuple[str, ...], list[int]]:
    """The reference's labels by key; none if the sheet has no key to look for."""
    columns = set(sheet.columns)
    has_key = not columns.isdisjoint(entity.key_fields) and (not entity.parent_key or entity.parent_key in columns)
    by_key: dict[tuple[str, ...], list[int]] = {}
    if has_key:
        for label, key in enumerate(_row_keys(entity, reference)):
            by_key.setdefault(key, []).append(label)
    return by_key


def alike(key: str) -> str:
    """The key as it looks and sounds: two keys of which this is the same are hardly meant to be two.

    Without regard to case, to blanks at the ends or doubled, to how accents are put together, and to what nobody sees.
    """
    if not key.isascii():
        key = "".join(each for each in normalize("NFC", key) if category(each) != "Cf")
    return " ".join(key.casefold().split())


def key_columns(entity: Entity) -> list[str]:
    """The columns of the human key, the parent's in front."""
    return ([entity.parent_key] if entity.parent_key else []) + list(entity.key_fields)


def row_keys(entity: Entity, frame: pd.DataFrame) -> list[tuple[int, str, tuple[str, ...]]]:
    """(row, id, human key) of every row; what the frame has no column for is blank."""
    ids = frame[entity.id_field].tolist() if entity.id_field in frame.columns else [""] * len(frame)
    return list(zip(frame.index.tolist(), ids, _row_keys(entity, frame), strict=True))


def _row_keys(entity: Entity, frame: pd.DataFrame) -> Iterator[tuple[str, ...]]:
    blank = [""] * len(frame)
    columns = [frame[name].tolist() if name in frame.columns else blank for name in key_columns(entity)]
    return zip(*columns, strict=True)
