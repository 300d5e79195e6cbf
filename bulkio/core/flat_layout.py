"""Catalogue and frames to one flat sheet: the root's columns, then those of each slot (core/flat.py)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bulkio.core.catalogue import Access
from bulkio.core.flat import spread
from bulkio.core.grid import ColumnSpec, SheetSpec
from bulkio.core.headers import BEYOND_COLUMN
from bulkio.core.layout import column_of, is_shown, sheet_spec
from bulkio.core.slots import titles

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from bulkio.core.catalogue import Catalogue, Entity, Field
    from bulkio.core.flat import Spread
    from bulkio.core.slots import Slot

_TINTS = ("slot", "other slot")  # neighbouring slots can be told apart


@dataclass(frozen=True, slots=True)
class FlatSheet:
    """The sheet, its slots in words, and what has none: of a root record's key how many by kind of slot."""

    spec: SheetSpec
    slots: tuple[str, ...]
    beyond: dict[str, str]


def flat_sheet(  # noqa: PLR0913 as sheet_specs, and the number of slots
    catalogue: Catalogue,
    frames: Mapping[str, pd.DataFrame],
    *,
    columns: Sequence[str] = (),
    slots: int = 0,
    blank_rows: int = 0,
    for_new_records: bool = False,
) -> FlatSheet:
    """One row per root record. `columns` and `for_new_records` as for `sheet_specs`, `slots` as for `spread`."""
    root = catalogue.root
    frame = frames[root.name]
    spec = sheet_spec(root, frame, columns=columns, blank_rows=blank_rows, for_new_records=for_new_records)
    shown = list(spec.columns)
    in_words: list[str] = []
    counts: dict[int, Counter[str]] = {}
    number = 0
    for child in catalogue.children:
        if child.name not in frames:
            continue
        children = spread(child, frames[child.name], frame[root.id_field].tolist(), slots=slots)
        for slot in children.slots:
            shown += _columns(root, child, children, slot, _TINTS[number % 2], for_new_records=for_new_records)
            number += 1
        in_words.append(titles(children.slots))
        for at, more in children.beyond.items():
            counts.setdefault(at, Counter()).update(more)
    keys = frame[root.key_fields[0]].tolist()
    texts = {at: ", ".join(f"{title} +{count}" for title, count in more.items()) for at, more in counts.items()}
    if texts:
        shown.insert(spec.frozen_columns, _beyond_column(root, [texts.get(at, "") for at in range(len(frame))]))
    return FlatSheet(
        replace(spec, columns=shown),
        tuple(in_words),
        {keys[at]: texts[at] for at in sorted(texts)},
    )


def _columns(  # noqa: PLR0913 a slot and where it stands
    root: Entity, child: Entity, children: Spread, slot: Slot, tint: str, *, for_new_records: bool
) -> list[ColumnSpec]:
    """A slot's columns. What identifies the child and what is read-only is hidden: it is there to be read back."""
    specs = []
    for field in child.fields:
        if (slot, field.name) not in children.columns or not is_shown(
            child, field, (), for_new_records=for_new_records
        ):
            continue
        column = column_of(child, field, children.columns[slot, field.name], slot.header(field.name))
        is_hidden = _is_hidden(child, field)
        specs.append(
            replace(
                column,
                note=f"{slot.title}: {child.singular} of the {root.singular}.\n{column.note}",
                hidden=is_hidden,
                tint=column.tint if is_hidden else tint,
            )
        )
    return specs


def _is_hidden(child: Entity, field: Field) -> bool:
    return field.access is Access.READ_ONLY or field.name == child.id_field


def _beyond_column(root: Entity, values: list[str]) -> ColumnSpec:
    note = (
        f"What else the ERP has of the {root.singular}, and has no slot in this sheet. No edit here touches it.\n"
        "Export with more --slots, or without --layout flat, to see it."
    )
    return ColumnSpec(header=BEYOND_COLUMN, values=values, width=24, locked=True, note=note)
