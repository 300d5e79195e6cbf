"""The sheet of a converted workbook that names what was not carried over, and what was and should be looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bulkio.core.grid import ColumnSpec, SheetSpec
from bulkio.core.headers import NOT_CARRIED_OVER
from bulkio.core.slots import sheet_row

if TYPE_CHECKING:
    from bulkio.core.convert import Conversion
    from bulkio.core.ledger import Left
    from bulkio.core.rows import SheetRows
    from bulkio.workflows.checked import Checked

    Line = tuple[str, ...]

#: Header and width of each column.
_COLUMNS = (
    ("Sheet", 12),
    ("Cell", 10),
    ("Record", 30),
    ("Column", 34),
    ("Value", 40),
    ("Carried as", 40),
    ("Reason", 16),
    ("Why", 90),
)

_MOST = 1_000_000  # lines: a sheet has 1,048,576 rows


def not_carried_over(checked: Checked, made: Conversion) -> list[SheetSpec]:
    """The sheet; several where one is too small. Columns that are named as a whole come first, then cell by cell."""
    lines = _lines(checked, made)
    parts = [lines[start : start + _MOST] for start in range(0, len(lines), _MOST)] or [[]]
    return [
        SheetSpec(
            name=NOT_CARRIED_OVER if number == 1 else f"{NOT_CARRIED_OVER} {number}",
            columns=[
                ColumnSpec(header=header, values=[line[at] for line in part], width=width)
                for at, (header, width) in enumerate(_COLUMNS)
            ],
            protected=False,
        )
        for number, part in enumerate(parts, start=1)
    ]


def _lines(checked: Checked, made: Conversion) -> list[Line]:
    wholes: list[Line] = []
    cells: list[tuple[int, int, int, Line]] = []
    ranks = {name: rank for rank, name in enumerate(checked.sheets)}
    keys: dict[str, dict[int, str]] = {}
    for order, left in enumerate(made.left):
        rank = ranks.get(left.entity, len(ranks))
        if left.of_target:
            for row, text in zip(left.rows, left.texts, strict=True):
                line = _line(left.entity, f"row {row}", "new row", left.field, text, left)
                cells.append((rank, row, order, line))
            continue
        sheet = checked.sheets[left.entity].rows
        if left.once:
            column = sheet.columns.get(left.field)
            letter = column.letter if column and not sheet.slots else ""
            wholes.append(_line(sheet.sheet, letter, "", left.field, f"{len(left.rows)} cells", left))
            continue
        known = keys.setdefault(left.entity, _keys(sheet))
        for row, text in zip(left.rows, left.texts, strict=True):
            column = sheet.column_at(row, left.field) if left.field else None
            cell = f"{column.letter}{sheet_row(row)}" if column and column.letter else f"row {sheet_row(row)}"
            header = sheet.header_at(row, left.field) if left.field else "(the whole row)"
            cells.append((rank, row, order, _line(sheet.sheet, cell, known[row], header, text, left)))
    cells.sort(key=lambda cell: cell[:3])
    return [*wholes, *(line for *_, line in cells)]


def _line(sheet: str, cell: str, record: str, column: str, value: str, left: Left) -> Line:  # noqa: PLR0913, PLR0917 a line's parts
    return (sheet, cell, record, column, value, left.carried_as, left.reason.value, left.why)


def _keys(sheet: SheetRows) -> dict[int, str]:
    """What a person calls each row's record, by row."""
    entity, frame = sheet.entity, sheet.frame
    names = [name for name in (entity.parent_key, *entity.key_fields) if name and name in frame]
    columns = [frame[name].tolist() for name in names]
    parts = zip(*columns, strict=True) if columns else [()] * len(frame)
    return {
        row: " / ".join(part for part in mine if part) for row, mine in zip(frame.index.tolist(), parts, strict=True)
    }
