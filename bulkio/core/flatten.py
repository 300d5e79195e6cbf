"""Records to frames: one canonical frame per entity, one column per field of the catalogue.

A frame's values are canonical text (core/kinds.py), dtype object, blank "". Frames of children carry two more columns
in front: the parent's human key under the child's `parent_key`, and the parent's id under `PARENT_ID`.
"""

from __future__ import annotations

import contextlib
from itertools import chain, repeat
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from bulkio.core.kinds import from_wire

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bulkio.core.catalogue import Catalogue, Entity

    Path = tuple[str, ...]

#: The parent's id in a child's frame; never a column of a sheet.
PARENT_ID = "@parent"

_AT_ONCE = 500  # records


def flatten(catalogue: Catalogue, records: Sequence[Mapping[str, Any]]) -> dict[str, pd.DataFrame]:
    """All entities' frames of complete root records, by entity name; index 0..n-1 in the order of the records."""
    return {
        name: frame_of(columns, len(next(iter(columns.values()))))
        for name, columns in flatten_columns(catalogue, records).items()
    }


def flatten_columns(catalogue: Catalogue, records: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, list[str]]]:
    """The columns of those frames, by entity name and title."""
    root = catalogue.root
    tables = {root.name: _table(root, records)}
    ids, keys = tables[root.name][root.id_field], tables[root.name][root.key_fields[0]]
    for child in catalogue.children:
        nested = [record.get(child.record_path) or () for record in records]
        parents = {child.parent_key: _repeat(keys, nested), PARENT_ID: _repeat(ids, nested)}
        tables[child.name] = parents | _table(child, list(chain.from_iterable(nested)))
    return tables


def flatten_children(
    entity: Entity, rows: Sequence[Mapping[str, Any]], *, parent_id: str, parent_key: str
) -> pd.DataFrame:
    """The frame of the children of one root record."""
    parents = {entity.parent_key: [parent_key] * len(rows), PARENT_ID: [parent_id] * len(rows)}
    return frame_of(parents | _table(entity, rows), len(rows))


def empty_frames(catalogue: Catalogue) -> dict[str, pd.DataFrame]:
    """Frames of no records at all."""
    return flatten(catalogue, ())


def frame_of(columns: Mapping[str, Sequence[str]], count: int) -> pd.DataFrame:
    """A canonical frame of so many rows, index 0..n-1."""
    block = np.empty((len(columns), count), dtype=object)
    for row, values in zip(block, columns.values(), strict=True):
        row[:] = values
    return framed(block, columns)


def framed(block: np.ndarray, names: Iterable[str]) -> pd.DataFrame:
    """The rows of a block as the columns of a canonical frame, without another copy."""
    return pd.DataFrame(block.T, columns=list(names), index=pd.RangeIndex(block.shape[1]), dtype=object, copy=False)


def _repeat(values: Sequence[str], groups: Sequence[Sequence[Any]]) -> list[str]:
    return list(chain.from_iterable(map(repeat, values, map(len, groups))))


def _table(entity: Entity, records: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Some records at a time, from their properties to their cells: what is in the processor's cache costs a third."""
    paths = [field.path for field in entity.fields]
    table: dict[str, list[str]] = {field.name: [] for field in entity.fields}
    for start in range(0, len(records), _AT_ONCE):
        values = _values(paths, records[start : start + _AT_ONCE])
        for field in entity.fields:
            table[field.name] += from_wire(field.kind, values[field.path])
    return table


def _values(paths: Sequence[Path], records: Sequence[Mapping[str, Any]]) -> dict[Path, Sequence[Any]]:
    """Several properties of all records, by path; a missing one, or one below null, is None."""
    below: dict[str, list[Path]] = {}
    for path in paths:
        below.setdefault(path[0], []).append(path[1:])
    values: dict[Path, Sequence[Any]] = {}
    for (name, rests), column in zip(below.items(), _columns(list(below), records), strict=True):
        if () in rests:
            values[name,] = column
        if deeper := [rest for rest in rests if rest]:
            nothing = dict.fromkeys(rest[0] for rest in deeper)
            inner = [value if isinstance(value, dict) else nothing for value in column]
            values |= {(name, *rest): found for rest, found in _values(deeper, inner).items()}
    return values


def _columns(names: list[str], records: Sequence[Mapping[str, Any]]) -> list[Sequence[Any]]:
    """One column per name; None where a property is missing."""
    if len(names) > 1:
        with contextlib.suppress(KeyError):
            return list(zip(*map(itemgetter(*names), records), strict=True))
    return [[record.get(name) for record in records] for name in names]
