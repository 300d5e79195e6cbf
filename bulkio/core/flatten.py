"""Records to frames: one canonical frame per entity, one column per field of the catalogue.

A frame's values are canonical text (core/kinds.py), dtype object, blank "". Frames of children carry two more columns
in front: the parent's human key under the child's `parent_key`, and the parent's id under `PARENT_ID`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from bulkio.core.kinds import from_wire

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bulkio.core.catalogue import Catalogue, Entity

#: The parent's id in a child's frame; never a column of a sheet.
PARENT_ID = "@parent"

_NOTHING: Mapping[str, Any] = {}


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
    columns = {field.name: from_wire(field.kind, _values(field.path, records)) for field in entity.fields}
    return pd.DataFrame(columns, index=pd.RangeIndex(len(records)), dtype=object)


def _values(path: tuple[str, ...], records: Sequence[Mapping[str, Any]]) -> list[Any]:
    """One property of all records; a missing one, or one below null, is None."""
    if len(path) == 1:
        name = path[0]
        return [record.get(name) for record in records]
    outer: list[Any] = list(records)
    for name in path[:-1]:
        outer = [(value.get(name) if isinstance(value, dict) else None) or _NOTHING for value in outer]
    last = path[-1]
    return [value.get(last) if isinstance(value, dict) else None for value in outer]
