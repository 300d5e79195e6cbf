"""How our workbooks look: one restrained palette, and the xlsxwriter formats made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bulkio.core.grid import CellType, ColumnSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

FONT = "Calibri"
INK = "#1F2933"
RULE = "#DDE3E9"
QUIET = "#6B7682"
ACCENT = "#1D5C6B"
TEXT_FORMAT = "@"

#: Excel shows a boolean cell as TRUE whatever its format; LibreOffice takes it for the number 1 unless told otherwise.
BOOLEAN_FORMAT = '"TRUE";"TRUE";"FALSE"'


@dataclass(frozen=True, slots=True)
class Tint:
    """The colours of a group of columns: the header's fill, the cells' fill and ink ("" leaves the paper)."""

    header: str
    fill: str = ""
    ink: str = INK
    bold: bool = False


TINTS: Mapping[str, Tint] = {
    "": Tint("#3C5163"),
    "key": Tint(ACCENT, fill="#EFF6F7", ink="#123C47", bold=True),
    "readonly": Tint("#87929D", fill="#F3F4F6", ink=QUIET),
    "command": Tint("#A8691B", fill="#FFF9EC", ink="#6B4210", bold=True),
    "reference": Tint("#4A6FA5"),
    "slot": Tint("#4F6B8A"),
    "other slot": Tint("#5D7A6E"),
    "result": Tint("#63558F", fill="#F7F5FB"),
}


def tint_of(column: ColumnSpec) -> Tint:
    """A locked column without a tint of its own looks read-only; an unknown tint looks like none."""
    return TINTS.get(column.tint or ("readonly" if column.locked else ""), TINTS[""])


def header_format(column: ColumnSpec) -> dict[str, Any]:
    """The header cell: filled, always locked (a changed header is a column that is not found)."""
    return {
        "font_name": FONT,
        "font_size": 11,
        "bold": True,
        "font_color": "#FFFFFF",
        "bg_color": tint_of(column).header,
        "border": 1,
        "border_color": "#FFFFFF",
        "valign": "vcenter",
        "num_format": TEXT_FORMAT,
        "locked": True,
    }


def cell_format(column: ColumnSpec, *, is_text: bool) -> dict[str, Any]:
    """A cell of the column, also of its empty ones down to the end of the sheet."""
    tint = tint_of(column)
    properties: dict[str, Any] = {
        "font_name": FONT,
        "font_size": 11,
        "font_color": tint.ink,
        "border": 1,
        "border_color": RULE,
        "valign": "top",
        "locked": column.locked,
    }
    if tint.fill:
        properties["bg_color"] = tint.fill
    if tint.bold:
        properties["bold"] = True
    if column.wrap:
        properties["text_wrap"] = True
    if is_text:
        properties["num_format"] = TEXT_FORMAT
    if column.cell_type is CellType.NUMBER:
        properties["align"] = "right"
    if column.cell_type is CellType.BOOLEAN:
        properties["align"] = "center"
        if not is_text:
            properties["num_format"] = BOOLEAN_FORMAT
    return properties


#: What is laid over cells as a person types, by the tint of a `Highlight`.
HIGHLIGHTS: Mapping[str, dict[str, Any]] = {
    "new": {"bg_color": "#DFF2E1"},
    "change": {"bg_color": "#FFF1CC"},
    "delete": {"bg_color": "#FADCDC", "font_strikeout": True},
    "ignore": {"font_color": "#A5AEB7", "italic": True},
    "clear": {"bg_color": "#F9D9B0", "bold": True},
}

README: Mapping[str, dict[str, Any]] = {
    "title": {"font_size": 22, "bold": True, "font_color": ACCENT, "valign": "vcenter"},
    "heading": {
        "font_size": 13,
        "bold": True,
        "font_color": ACCENT,
        "valign": "bottom",
        "bottom": 1,
        "bottom_color": RULE,
    },
    "text": {"font_size": 11, "font_color": INK, "text_wrap": True, "valign": "top"},
    "bullet": {"font_size": 11, "font_color": INK, "text_wrap": True, "valign": "top"},
    "code": {
        "font_name": "Consolas",
        "font_size": 10,
        "font_color": "#30404F",
        "bg_color": "#F3F5F7",
        "text_wrap": True,
        "valign": "vcenter",
        "indent": 1,
    },
}
README_WIDTH = 94  # characters
LINE_HEIGHT = 15.0  # points of a line of 11 point text
_README_HEIGHTS: Mapping[str, float] = {"title": 44, "heading": 36, "code": 20}
_MOST_LINES = 10  # a row shows no more of a long text: the table must stay a table


def readme_height(style: str, text: str) -> float:
    """The height of a line of the page of text, in points, with some air below."""
    return _README_HEIGHTS.get(style) or line_count(text, README_WIDTH, most=40) * LINE_HEIGHT + 4


def line_count(text: str, width: int, *, most: int = _MOST_LINES) -> int:
    """How many lines a text takes in a cell of `width` characters, roughly."""
    lines = sum(1 + max(0, len(line) - 1) // max(1, width) for line in text.split("\n"))
    return min(lines, most)


NOTE_WIDTH = 290  # pixels
_NOTE_CHARACTERS = 44  # a line of that width holds, in the note's font
_NOTE_LINE = 17  # pixels


def note_height(text: str) -> int:
    """The height of a note in pixels, for all of its text up to a screen's height."""
    return 14 + line_count(text, _NOTE_CHARACTERS, most=34) * _NOTE_LINE
