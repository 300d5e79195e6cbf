"""Where rows go when others are deleted, and what that makes of ranges and formulas.

A formula goes with its row where it looks only at its own row, at rows above the data, or at other sheets. Where it
looks elsewhere, what it would find is gone: the value that was last calculated stays in its place.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from bulkio.sheets._cells import column_letter, column_number
from bulkio.sheets._nodes import UnpatchableError

if TYPE_CHECKING:
    from collections.abc import Iterable

_CELL = re.compile(r"(\$?[A-Za-z]{1,3}\$?)([0-9]{1,7})")
_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})(?::\$?([A-Z]{1,3})\$?([0-9]{1,7}))?")


class Trim:
    """A sheet of which only `kept` data rows stay, right below its header."""

    def __init__(self, header_row: int, last_row: int, kept: Iterable[int], sheets: Iterable[str]) -> None:
        """`last_row` is the last one with data; `sheets` are the names of all sheets that are trimmed."""
        self.header_row = header_row
        self.last_row = max(last_row, header_row)
        self._kept = sorted(kept)
        self._moved = {row: at for at, row in enumerate(self._kept, start=header_row + 1)}
        self._sheets = {name.casefold() for name in sheets}

    @property
    def new_last_row(self) -> int:
        """The last row with data of the copy; one below the header where there is none."""
        return self.header_row + max(1, len(self._kept))

    def row_of(self, row: int) -> int | None:
        """Where a row goes; None if it is gone."""
        return row if row <= self.header_row else self._moved.get(row)

    def range_of(self, reference: str) -> str | None:
        """What is left of a range (`A2:B9`); None if nothing is. One of whole columns stays."""
        found = _RANGE.fullmatch(reference)
        if found is None:
            return reference
        left, top, right, bottom = found[1], int(found[2]), found[3] or found[1], int(found[4] or found[2])
        header = self.header_row
        new_top = top if top <= header else header + 1 + bisect_left(self._kept, top)
        stays = bottom <= header or bottom > self.last_row
        new_bottom = bottom if stays else header + bisect_right(self._kept, bottom)
        if new_bottom < new_top:
            return None
        return f"{left}{new_top}:{right}{new_bottom}" if found[3] else f"{left}{new_top}"

    def ranges_of(self, references: str) -> str:
        """What is left of several ranges, separated by blanks."""
        return " ".join(filter(None, map(self.range_of, references.split())))

    def formula_of(self, formula: str, row: int) -> str | None:
        """The formula in its new row; None if it has to give way to its value."""
        from openpyxl.formula import Tokenizer  # noqa: PLC0415 - heavy, and hardly ever needed

        tokens = Tokenizer(f"={formula}").items
        for token in tokens:
            if token.type == "OPERAND" and token.subtype == "RANGE":
                moved = self._operand_of(token.value, row)
                if moved is None:
                    return None
                token.value = moved
        return "".join(token.value for token in tokens)

    def _operand_of(self, operand: str, row: int) -> str | None:
        sheet, mark, _ = operand.rpartition("!")
        if mark:
            name = sheet.strip("'").replace("''", "'").casefold()
            return None if name in self._sheets or "[" in name or ":" in name else operand
        moved = []
        for part in operand.split(":"):
            cell = _CELL.fullmatch(part)
            if cell is None or not (int(cell[2]) == row or int(cell[2]) <= self.header_row):
                return None
            to = self.row_of(int(cell[2]))
            moved.append(f"{cell[1]}{to}")
        return ":".join(moved)


def bounds(reference: str) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of a range of cells. Raises UnpatchableError for anything else."""
    found = _RANGE.fullmatch(reference)
    if found is None:
        raise UnpatchableError
    left, top = column_number(found[1]), int(found[2])
    return left, top, column_number(found[3] or found[1]), int(found[4] or top)


def spelled(left: int, top: int, right: int, bottom: int) -> str:
    """The inverse of `bounds`."""
    return f"{column_letter(left)}{top}:{column_letter(right)}{bottom}"


def shrunk(reference: str, last_row: int) -> str:
    """A range that ends at `last_row` at most, and holds two rows at least; one that lies below stays."""
    left, top, right, bottom = bounds(reference)
    return reference if top > last_row else spelled(left, top, right, max(top + 1, min(bottom, last_row)))
