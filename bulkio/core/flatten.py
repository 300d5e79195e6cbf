"""Records to frames: one canonical frame per entity, one column per field of the catalogue.

A frame's values are canonical text (core/kinds.py), dtype object, blank "". Frames of children carry two more columns
in front: the parent's human key under the child's `parent_key`, and the parent's id under `PARENT_ID`.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from bulkio.core.kinds import from_wire

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bulkio.core.catalogue import Catalogue, Entity

#: The parent's id in a child's frame; never a column of a sheet.
PARENT_ID = "@parent"

_NOTHING: Mapping[str, Any] = {}
_AT_ONCE = 500  # records


def flatten(catalogue: Catalogue, records: Sequence[Mapping[str, Any]]) -> dict[str, pd.DataFrame]:
    """All entities' frames of complete root records, by entity name; index 0..n-1 in the order of the records."""
    root = catalogue.root
    frames = {root.name: _frame(root, records)}
    ids = frames[root.name][root.id_field].tolist()
    for child in catalogue.children:
        keys = frames[root.name][root.key_fields[0]].tolist()
        nested = [record.get(child.record_path) or () for record in records]
        rows = [row for group in nested for row in group]
        frame = _frame(child, rows)
        frame.insert(0, PARENT_ID, _repeat(ids, nested))
        frame.insert(0, child.parent_key, _repeat(keys, nested))
        frames[child.name] = frame
    return frames


def flatten_children(
    entity: Entity, rows: Sequence[Mapping[str, Any]], *, parent_id: str, parent_key: str
) -> pd.DataFrame:
    """The frame of the children of one root record."""
    frame = _frame(entity, rows)
    frame.insert(0, PARENT_ID, [parent_id] * len(rows))
    frame.insert(0, entity.parent_key, [parent_key] * len(rows))
    return frame


def empty_frames(catalogue: Catalogue) -> dict[str, pd.DataFrame]:
    """Frames of no records at all."""
    return flatten(catalogue, ())


def _repeat(values: Sequence[str], groups: Sequence[Sequence[Any]]) -> list[str]:
    return [value for value, group in zip(values, groups, strict=True) for _ in group]


def _frame(entity: Entity, records: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    values = _values([field.path for field in entity.fields], records)
    return frame_of({field.name: from_wire(field.kind, values[field.path]) for field in entity.fields}, len(records))


def frame_of(columns: Mapping[str, Sequence[str]], count: int) -> pd.DataFrame:
    """A canonical frame of so many rows, index 0..n-1; all columns are filled into one block, without another copy."""
    block = np.empty((len(columns), count), dtype=object)
    for row, values in zip(block, columns.values(), strict=True):
        row[:] = values
    return pd.DataFrame(block.T, columns=list(columns), index=pd.RangeIndex(count), dtype=object, copy=False)


def _values(paths: Sequence[tuple[str, ...]], records: Sequence[Mapping[str, Any]]) -> dict[tuple[str, ...], list[Any]]:
    """Several properties of all records, by path; a missing one, or one below null, is None."""
    below: dict[str, list[tuple[str, ...]]] = {}
    for path in paths:
        below.setdefault(path[0], []).append(path[1:])
    values: dict[tuple[str, ...], list[Any]] = {}
    for (name, rests), column in zip(below.items(), _columns(list(below), records), strict=True):
        if () in rests:
            values[name,] = column
        if deeper := [rest for rest in rests if rest]:
            inner = [value if isinstance(value, dict) else _NOTHING for value in column]
            values |= {(name, *rest): found for rest, found in _values(deeper, inner).items()}
    return values


def _columns(names: list[str], records: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    """One list per name. Some records at a time: a hundred thousand tuples at once keep the garbage collector busy."""
    if len(names) == 1:
        return [[record.get(names[0]) for record in records]]
    pick = itemgetter(*names)
    columns: list[list[Any]] = [[] for _ in names]
    for start in range(0, len(records), _AT_ONCE):
        some = records[start : start + _AT_ONCE]
        try:
            rows = [pick(record) for record in some]
        except KeyError:  # a property is missing somewhere
            rows = [tuple(map(record.get, names)) for record in some]
        for column, values in zip(columns, zip(*rows, strict=True), strict=True):
            column.extend(values)
    return columns
