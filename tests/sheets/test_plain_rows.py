"""Rows in the plain form are read in bulk, by arrays. The event parser is the judge: it finds the same or fails alike.

A comment in front of the rows is what makes the event parser read all of a sheet.
"""

from __future__ import annotations

import random
import re
import zipfile
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bulkio.core.grid import BookSpec, CellType, ColumnSpec, SheetSpec
from bulkio.errors import FileError
from bulkio.sheets import read_xlsx, write_xlsx

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="a"'
    f' Type="{OFFICE}/officeDocument" Target="/xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="s" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="t" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    f'<Relationship Id="u" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="S" sheetId="1"'
    ' r:id="s"/></sheets></workbook>',
    "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}" count="4"><si><t>one</t></si><si><t/></si>'
    "<si><r><t>t</t></r><r><t>wo</t></r></si><si><t>_x000D_ &amp; \u00fc</t></si></sst>",
    "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/>'
    '<xf numFmtId="46"/><xf numFmtId="49"/></cellXfs></styleSheet>',
}
HEAD = f'<worksheet xmlns="{MAIN}" xmlns:x14ac="urn:x"><sheetViews><sheetView/></sheetViews><sheetData>'
TAIL = "</sheetData><pageMargins/></worksheet>"


def with_sheet(path: Path, sheet: str | bytes, parts: dict[str, Any]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in {**parts, "xl/worksheets/sheet1.xml": sheet}.items():
            archive.writestr(name, content)
    return path


def outcome(path: Path) -> Any:
    """What is found, or why nothing is: where in the part is another matter."""
    try:
        return read_xlsx(path).sheets
    except FileError as error:
        return re.sub(r": line [0-9]+, column [0-9]+", "", str(error))


def both(folder: Path, rows: str | bytes, parts: dict[str, Any] | None = None) -> tuple[Any, Any]:
    """The outcome in bulk, and event by event."""
    text = rows.encode() if isinstance(rows, str) else rows
    head, tail = HEAD.encode(), TAIL.encode()
    return tuple(
        outcome(with_sheet(folder / "a.xlsx", head + comment + text + tail, parts or PARTS))
        for comment in (b"", b"<!-- -->")
    )  # type: ignore[return-value]


INLINE = '<c r="{0}" s="3" t="inlineStr"><is><t>{1}</t></is></c>'
KEPT = '<c r="{0}" t="inlineStr"><is><t xml:space="preserve">{1}</t></is></c>'
TEXTS = (
    "a", "", " ", "x > y", "&lt;&amp;&gt;", "&#x41;&#10;", "_x000D_\n", "a_x0041_&quot;", "_x", "\u00fc",
    "\u4f60\u597d", "\U0001f600", "\u00e9" * 30, "a" * 40, "a" * 41, "b" * 200, "\t", "_xD83D__xDE00_",
    "2024-01-01T00:00:00Z",
)  # fmt: skip
PLAIN_CELLS = [INLINE.replace("{1}", text) for text in TEXTS] + [KEPT.replace("{1}", text) for text in TEXTS] + [
    '<c r="{0}" s="1"/>', '<c r="{0}"/>', '<c r="{0}" s="1" />',
    '<c r="{0}" s="3" t="s"><v>0</v></c>', '<c r="{0}" t="s"><v>3</v></c>', '<c r="{0}" t="s"><v>00002</v></c>',
    '<c r="{0}" t="s"><v>1</v></c>', '<c r="{0}" t="s" s="2"><v>0</v></c>', '<c r="{0}" t="s"><v></v></c>',
    '<c r="{0}"><v>1</v></c>', '<c r="{0}" s="3"><v>1.10</v></c>', '<c r="{0}" t="n"><v>-0</v></c>',
    '<c r="{0}"><v>1E5</v></c>', '<c r="{0}"><v> 7 </v></c>', '<c r="{0}"><v>x</v></c>', '<c r="{0}"><v></v></c>',
    '<c r="{0}" s="1"><v>45352</v></c>', '<c r="{0}" s="1"><v>45352.5</v></c>', '<c r="{0}" s="2"><v>1.5</v></c>',
    '<c r="{0}" t="b"><v>1</v></c>', '<c r="{0}" t="b"><v>0</v></c>', '<c r="{0}" t="e"><v>#N/A</v></c>',
    '<c r="{0}" t="str"><v>a&amp;_x0041_</v></c>', '<c r="{0}" t="d"><v>2024-01-01</v></c>',
    '<c r="{0}" s="3" t="n"><f aca="false">TRUE()</f><v>1</v></c>',
    '<c r="{0}" t="b"><f aca="false">FALSE()</f><v>0</v></c>',
    '<c r="{0}" cm="1" t="str"><v>\u00e9</v></c>', '<c r="{0}" x14ac:a="1"><v>5</v></c>',
]  # fmt: skip
STRANGE_CELLS = [
    '<c r="{0}" t="b"><f aca="false">TRUE()</f><v>0</v></c>', '<c r="{0}" t="b"><f>FALSE()</f><v>0</v></c>',
    '<c r="{0}"><f>1+1</f><v>2</v></c>', '<c r="{0}" t="str"><f>A1</f></c>', "<c><v>9</v></c>",
    '<c r="{0}" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c>', "<c r='{0}'><v>3</v></c>",
    '\n  <c r="{0}">\n    <v>4</v>\n  </c>\n', '<c r="{0}" t="inlineStr"><is><t><![CDATA[<row>]]></t></is></c>',
    '<c r="{0}"><v>5</v><!-- <row r="1"> --></c>', '<c r="{0}"></c>', '<c r="{0}" t="inlineStr"><is/></c>',
    '<c r="{0}" t="inlineStr"><v>7</v></c>', '<c r="{0}" t="s"><is><t>a</t></is></c>', "<extLst><x/></extLst>",
]  # fmt: skip
WRONG_CELLS = [
    '<c r="A0"><v>1</v></c>', '<c r="a1"><v>1</v></c>', '<c r="XFE1"><v>1</v></c>', '<c r="B"><v>1</v></c>',
    '<c r="{0}" t="s"><v>4</v></c>', '<c r="{0}" t="s"><v>-1</v></c>', '<c r="{0}" t="s"><v>1.0</v></c>',
    '<c r="{0}" y:a="1"><v>1</v></c>', '<c r="{0}" s="1" s="2"><v>1</v></c>', '<c r="{0}" r="A1"><v>1</v></c>',
    '<c r="{0}"><v>1</v>', '<c r="{0}"><v>1</c></v>', "</row><row>", '<row r="9"></row>', "stray", "&amp;", "&nope;",
    '<c r="{0}"><v>1</v></c><c r="{0}"><v>2</v></c>', '<c r="{0}"><v>&#0;</v></c>', '<c r="{0}"><v>&x;</v></c>',
    INLINE.replace("{1}", "a & b"), INLINE.replace("{1}", "]]>"), INLINE.replace("{1}", "\x01"),
    INLINE.replace("{1}", "\x00"), INLINE.replace("{1}", "\uffff"), INLINE.replace("{1}", "&#xD800;"),
    INLINE.replace("<is>", "\x00<is>"), INLINE.replace("<t>", "\x00<t>"), INLINE.replace("</c>", "\x00</c>"),
    INLINE.replace("{1}", "&#x110000;"), INLINE.replace("{1}", "a\x00"), INLINE.replace("{1}", "\r\n\r"),
]  # fmt: skip
ROW_TAILS = ["", ' spans="1:3"', ' hidden="1"', ' ht="0"', ' customFormat="false" ht="12.8" hidden="false"',
             ' s="1" x14ac:dyDescent="0.25"']  # fmt: skip
WRONG_ROW_TAILS = [' ht=">"', ' y:a="1"', ' s="1" s="2"', " hidden='1'", ' a="&amp;"', ' a="&x;"', " a", ' a="1"b="2"']


def row_of(number: int, tail: str, cells: list[str]) -> str:
    if not cells:
        return f'<row r="{number}"{tail}/>'
    named = "".join(cell.replace("{0}", f"{letters}{number}") for letters, cell in zip(LETTERS, cells, strict=False))
    return f'<row r="{number}"{tail}>{named}</row>'


LETTERS = ("A", "B", "D", "Z", "AA", "AZ", "ZZ", "AAA", "XFD")


def rows_of(cells: st.SearchStrategy[str], tails: list[str]) -> st.SearchStrategy[list[tuple[str, list[str]]]]:
    return st.lists(st.tuples(st.sampled_from(tails), st.lists(cells, max_size=len(LETTERS))), min_size=1, max_size=6)


def sheet_of(rows: list[tuple[str, list[str]]], *, repeats: int = 1, step: int = 1) -> str:
    return "".join(row_of(1 + step * at, *row) for at, row in enumerate(rows * repeats))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=rows_of(st.sampled_from(PLAIN_CELLS), ROW_TAILS), step=st.sampled_from([1, 1, 7]))
def test_plain_rows_are_read_in_bulk_as_event_by_event(
    rows: list[tuple[str, list[str]]], step: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    bulk, events = both(tmp_path_factory.mktemp("plain"), sheet_of(rows, step=step))
    assert bulk == events
    assert not isinstance(bulk, str)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=rows_of(st.sampled_from(PLAIN_CELLS * 2 + STRANGE_CELLS * 3 + WRONG_CELLS), ROW_TAILS * 9 + WRONG_ROW_TAILS)
)
def test_whatever_a_sheet_holds_is_the_same_or_the_same_error(
    rows: list[tuple[str, list[str]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    bulk, events = both(tmp_path_factory.mktemp("any"), sheet_of(rows))
    assert bulk == events


@pytest.mark.parametrize("cell", WRONG_CELLS)
def test_one_wrong_cell_among_plain_ones_is_what_the_event_parser_says(cell: str, tmp_path: Path) -> None:
    rows: list[tuple[str, list[str]]] = [("", [INLINE.replace("{1}", "a")] * 3)] * 4
    bulk, events = both(tmp_path, sheet_of([*rows, ("", [PLAIN_CELLS[0], cell]), *rows]))
    assert bulk == events


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=rows_of(st.sampled_from(PLAIN_CELLS), ROW_TAILS),
    strange=rows_of(st.sampled_from(PLAIN_CELLS + STRANGE_CELLS * 2), ROW_TAILS),
    at=st.floats(0, 1),
)
def test_a_strange_row_among_thousands_is_read_like_all_others(
    rows: list[tuple[str, list[str]]],
    strange: list[tuple[str, list[str]]],
    at: float,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Several blocks, of which one goes through the event parser."""
    filler = ("", [INLINE.replace("{1}", "filler" * 60)])
    many = [*rows, filler] * (1_500_000 // len(sheet_of([*rows, filler])))
    cut = int(at * len(many))
    bulk, events = both(tmp_path_factory.mktemp("many"), sheet_of([*many[:cut], *strange, *many[cut:]]))
    assert bulk == events
    if not isinstance(bulk, str):
        assert len(bulk["S"].rows) > len(many) // 20


def by_bulkio(path: Path) -> None:
    texts = ["x & y", "_x0041_", "", "\u00fc", "a\nb", "x" * 50]
    columns = [ColumnSpec(header=name, values=texts * 4) for name in ("Code", "Name")]
    columns.append(ColumnSpec(header="Rate", values=["1", "0.5", "", "x", "1", "2"] * 4, cell_type=CellType.NUMBER))
    write_xlsx(BookSpec(sheets=[SheetSpec(name="S", columns=columns)]), path)


def by_openpyxl(path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in range(20):
        sheet.append([f"v{row}", row, row % 2 == 0, None, "\u00e9 <&>"])
    book.save(path)


def by_xlsxwriter(path: Path) -> None:
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("S")
    for row in range(20):
        sheet.write_row(row, 0, [f"v{row}", row, row % 2 == 0, None, "\u00e9 <&>"])
    sheet.set_row(7, None, None, {"hidden": True})
    book.close()


FRAGMENTS = [b"<", b">", b'"', b"&", b"&amp;", b"<row ", b"</row>", b'<c r="A1"/>', b"<v>", b"</v>", b"<f>", b"-1",
             b"\0", b"\xff", b"\xc3", b"1", b"9" * 9, b" ", b"\n", b"_x0041_", b"]]>", b"<!--", b"/", b"s", b"A", b"=",
             b"", b' t="s"', b"xml:space", b"</sheetData>", b"\xef\xbf\xbe"]  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("make", [by_bulkio, by_openpyxl, by_xlsxwriter])
def test_damage_anywhere_in_the_rows_is_the_same_or_the_same_error(
    make: Callable[[Path], None], seed: int, tmp_path: Path
) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    make(tmp_path / "whole.xlsx")
    with zipfile.ZipFile(tmp_path / "whole.xlsx") as archive:
        parts: dict[str, Any] = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts.pop("xl/worksheets/sheet1.xml")
    start, end = sheet.index(b"<sheetData>") + len(b"<sheetData>"), sheet.index(b"</sheetData>")
    for _ in range(80):
        rows = bytearray(sheet[start:end])
        at = chance.randrange(len(rows))
        rows[at : at + chance.choice([0, 0, 1, 1, 2, 30])] = chance.choice(FRAGMENTS)
        found = [
            outcome(with_sheet(tmp_path / "a.xlsx", sheet[:start] + comment + bytes(rows) + sheet[end:], parts))
            for comment in (b"", b"<!-- -->")
        ]
        assert found[0] == found[1], bytes(rows[max(0, at - 60) : at + 60])


@pytest.mark.parametrize("cells", [PLAIN_CELLS[:5], ['<c r="{0}" t="s"><v>0</v></c>'], ['<c r="{0}"><v>1.50</v></c>']])
def test_equal_texts_of_a_column_are_one_object(cells: list[str], tmp_path: Path) -> None:
    rows = sheet_of([("", [cells[0]]), ("", cells)], repeats=10_000)
    column = read_xlsx(with_sheet(tmp_path / "a.xlsx", HEAD + rows + TAIL, PARTS)).sheets["S"].columns[0]
    assert len(column.text) > 19_000
    assert len({id(text) for text in column.text}) < len(column.text) // 2
