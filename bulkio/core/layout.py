"""Catalogue and frames to sheets: columns, order, widths, dropdowns, locks and notes; all derived, nothing typed.

One sheet a kind of record is here; one for all of them, a row a root record, is in core/flat_layout.py.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from bulkio.core.catalogue import Access, ClearAs, Field, Kind
from bulkio.core.grid import CellType, ColumnSpec, Highlight, SheetSpec
from bulkio.core.headers import COMMAND, Command
from bulkio.core.kinds import CLEAR

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from bulkio.core.catalogue import Catalogue, Entity
    from bulkio.core.lookup import LookupTable

_CELL_TYPES = {Kind.DECIMAL: CellType.NUMBER, Kind.INTEGER: CellType.NUMBER, Kind.BOOLEAN: CellType.BOOLEAN}
_WIDTHS = {Kind.DECIMAL: 12, Kind.INTEGER: 10, Kind.BOOLEAN: 10, Kind.GUID: 38, Kind.TIMESTAMP: 26, Kind.DATE: 12}
_KIND_WORDS = {Kind.LIST: "list: values separated by semicolons, in any order"}
_NARROWEST, _WIDEST = 10, 42
_WRAPPED_FROM = 1000  # a field that holds this much is a note, and gets lines
_SAMPLE = 200  # rows that decide a column's width
_BOOLEANS = ("TRUE", "FALSE")

# Not every edited cell: that takes a second, uncompressed copy of the export for a formula to compare with. Measured on
# 20,000 customers it doubles the file and the time to write it, and it is wrong as soon as the sheet is
# sorted. What a row is to become, and what is to be cleared, the sheet itself says.
_HIGHLIGHTS = (
    Highlight(text=CLEAR, tint="clear"),
    Highlight(text=Command.NEW.value, tint="new", column=COMMAND),
    Highlight(text=Command.UPDATE.value, tint="change", column=COMMAND),
    Highlight(text=Command.MERGE.value, tint="change", column=COMMAND),
    Highlight(text=Command.DELETE.value, tint="delete", column=COMMAND),
    Highlight(text=Command.IGNORE.value, tint="ignore", column=COMMAND),
)

_COMMAND_NOTE = (
    "What to do with the row.\n"
    "blank: change the record, if anything in the row was edited\n"
    "NEW: create it; fails if it exists\n"
    "UPDATE: change it; fails if it does not exist\n"
    "MERGE: create or change it\n"
    "DELETE: delete it (needs --allow-delete)\n"
    "IGNORE: leave the row alone"
)


class Layout(Enum):
    """How records are laid out in a file."""

    SHEETS = "sheets"  # a sheet (in CSV a file) for each kind of record
    FLAT = "flat"  # one sheet, one row a root record, its children beside it


def sheet_specs(
    catalogue: Catalogue,
    frames: Mapping[str, pd.DataFrame],
    *,
    columns: Sequence[str] = (),
    blank_rows: int = 0,
    for_new_records: bool = False,
) -> list[SheetSpec]:
    """One sheet per entity that `frames` has. `columns` limits the root's (its keys and ids always stay).

    What a frame has no column for has none in the sheet. A template `for_new_records` has no read-only columns: there
    is nothing in them.
    """
    specs = []
    for entity in catalogue.entities:
        if entity.name not in frames:
            continue
        specs.append(
            sheet_spec(
                entity, frames[entity.name], columns=columns, blank_rows=blank_rows, for_new_records=for_new_records
            )
        )
    return specs


def is_shown(entity: Entity, field: Field, columns: Sequence[str], *, for_new_records: bool) -> bool:
    """Whether a field has a column; see `sheet_specs`."""
    if for_new_records:
        return field.is_sendable and (field.name != entity.id_field)
    always = field.name == entity.id_field or field.name in entity.key_fields
    return always or not columns or bool(entity.parent) or field.name in columns


def sheet_spec(
    entity: Entity, frame: pd.DataFrame, *, columns: Sequence[str], blank_rows: int, for_new_records: bool
) -> SheetSpec:
    """One entity's sheet; see `sheet_specs`."""
    fields = [
        field
        for field in entity.fields
        if field.name in frame.columns and is_shown(entity, field, columns, for_new_records=for_new_records)
    ]
    count = len(frame)
    specs = [
        ColumnSpec(
            header=COMMAND,
            values=[""] * count,
            width=11,
            note=_COMMAND_NOTE,
            options=COMMAND,
            strict=True,
            tint="command",
        )
    ]
    if entity.parent_key:
        values = frame[entity.parent_key].tolist()
        note = f"The {entity.parent_key} of the record that the {entity.singular} belongs to. Fixed for existing rows."
        specs.append(
            ColumnSpec(header=entity.parent_key, values=values, width=_width(entity.parent_key, values), note=note,
                       tint="key")
        )  # fmt: skip
    specs += [column_of(entity, field, frame[field.name].tolist()) for field in fields]
    frozen = 2 if not entity.parent_key else 3
    return SheetSpec(name=entity.name, columns=specs, frozen_columns=frozen, blank_rows=blank_rows,
                     highlights=_HIGHLIGHTS)  # fmt: skip


def column_of(entity: Entity, field: Field, values: list[str], header: str = "") -> ColumnSpec:
    """One field's column, under its own name unless a header is given."""
    locked = field.access is Access.READ_ONLY or field.name == entity.id_field
    tint = "readonly" if locked else "key" if field.name in entity.key_fields else ""
    return ColumnSpec(
        header=header or field.name,
        values=values,
        cell_type=_CELL_TYPES.get(field.kind, CellType.TEXT),
        width=_width(header or field.name, values, field),
        locked=locked,
        wrap=False,
        note=note_of(entity, field),
        options="" if locked else options_of(entity, field),
        strict=bool(field.choices) or field.kind is Kind.BOOLEAN,
        tint=tint,
    )


def _width(header: str, values: Sequence[str], field: Field | None = None) -> int:
    if field is not None and field.kind in _WIDTHS:
        return max(_WIDTHS[field.kind], len(header) + 3)
    longest = max((len(value) for value in values[:_SAMPLE]), default=0)
    return max(_NARROWEST, min(max(longest + 2, len(header) + 4), _WIDEST))


def note_of(entity: Entity, field: Field) -> str:
    """The header's note: type, length, who may write it, how to clear it, rule, example."""
    kind = _KIND_WORDS.get(field.kind, field.kind.value)
    lines = [f"{kind}, at most {field.max_length} characters" if field.max_length else kind]
    if field.access is Access.READ_ONLY:
        lines.append("Read-only: exported for you to see, never sent.")
    elif field.access is Access.CREATE_ONLY:
        lines.append(f"Set when the {entity.singular} is created, never changed afterwards.")
    if field in entity.needed:
        lines.append(f"Required for a new {entity.singular}.")
    if field.choices:
        lines.append(f"One of {', '.join(field.choices)}.")
    if field.lookup:
        lines.append(f"One of the ERP's own {field.lookup.resource}.")
    if field.format:
        lines.append(f"Spelled as {field.format.value}.")
    if field.note and field.note not in lines:
        lines.append(field.note)
    if field.is_writable and field.clear_as is not ClearAs.NEVER:
        lines.append(f"Blank leaves it alone, {CLEAR} clears it.")
    if field.example:
        lines.append(f"Example: {field.example}")
    return "\n".join(lines)


def options_of(entity: Entity, field: Field) -> str:
    """The name of the list that feeds a field's dropdown, or ""."""
    if field.choices:
        return f"{entity.name}.{field.name}"
    if field.kind is Kind.BOOLEAN:
        return "Booleans" if field.clear_as is ClearAs.NEVER else "NullableBooleans"
    return f"{field.lookup.resource}.{field.lookup.attribute}" if field.lookup else ""


def dropdown_lists(catalogue: Catalogue, tables: Mapping[str, LookupTable | None]) -> dict[str, Sequence[str]]:
    """The lists behind the dropdowns, by name; one that could not be read is empty, and its columns have none.

    A strict list refuses everything else, so what clears the field is in it.
    """
    lists: dict[str, Sequence[str]] = {
        COMMAND: tuple(Command.__members__),
        "Booleans": _BOOLEANS,
        "NullableBooleans": (*_BOOLEANS, CLEAR),
    }
    for entity in catalogue.entities:
        for field in entity.fields:
            name = options_of(entity, field)
            if field.choices:
                lists[name] = (*field.choices, CLEAR) if field.clear_as is not ClearAs.NEVER else field.choices
            elif field.lookup:
                table = tables.get(field.lookup.resource)
                lists[name] = table.values(field.lookup.attribute) if table else ()
    return lists


def lookup_resources(catalogue: Catalogue) -> list[str]:
    """All of the ERP's lists that any dropdown or reference needs."""
    needed = {field.lookup.resource for entity in catalogue.entities for field in entity.fields if field.lookup}
    needed |= {reference.resource for entity in catalogue.entities for reference in entity.references}
    return sorted(needed)
