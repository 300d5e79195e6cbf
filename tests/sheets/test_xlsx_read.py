"""Workbooks of other programs: what they hold, and what is refused."""

from __future__ import annotations

import datetime as dt
import random
import tracemalloc
import zipfile
from typing import TYPE_CHECKING

import openpyxl
import pytest
import xlsxwriter
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from bulkio.core.grid import BookSpec, ColumnSpec, Fact, SheetSpec
from bulkio.errors import FileError
from bulkio.sheets import read_xlsx, write_xlsx

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def make_package(path: Path, rows: str, *, strings: str = "", styles: str = "", root: str = "") -> Path:
    """A workbook from bare XML, as some other program might write it."""
    kinds = {"sheet1": "worksheet", "strings": "sharedStrings", "styles": "styles"}
    targets = {"sheet1": "worksheets/sheet1.xml", "strings": "sharedStrings.xml", "styles": "styles.xml"}
    relations = "".join(
        f'<Relationship Id="{key}" Type="{OFFICE}/{kind}" Target="{targets[key]}"/>' for key, kind in kinds.items()
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="a"'
        f' Type="{OFFICE}/officeDocument" Target="/xl/workbook.xml"/></Relationships>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{relations}</Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="S" sheetId="1"'
        ' r:id="sheet1"/></sheets></workbook>',
        "xl/worksheets/sheet1.xml": root or f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>',
    }
    if strings:
        parts["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}" count="1">{strings}</sst>'
    if styles:
        parts["xl/styles.xml"] = f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return path


def cells_of(path: Path, sheet: str = "S") -> list[tuple[list[str], list[Fact]]]:
    return [(column.text, [Fact(fact) for fact in column.facts]) for column in read_xlsx(path).sheets[sheet].columns]


HEADER = '<row r="1"><c r="A1" t="inlineStr"><is><t>A</t></is></c><c r="B1" t="inlineStr"><is><t>B</t></is></c></row>'


@pytest.mark.parametrize(
    ("cell", "text", "fact"),
    [
        ("<v>123</v>", "123", Fact.NUMBER),
        ("<v>123.0</v>", "123", Fact.NUMBER),
        ("<v>1.1000000000000001</v>", "1.1", Fact.NUMBER),
        ("<v>1E-7</v>", "0.0000001", Fact.NUMBER),
        ("<v>1.5E+20</v>", "150000000000000000000", Fact.NUMBER),
        ("<v>-0</v>", "0", Fact.NUMBER),
        ("<v>0.10</v>", "0.1", Fact.NUMBER),
        ("<v>12345678901234567890</v>", "12345678901234567890", Fact.NUMBER),
        ("<v>1_000</v>", "1_000", Fact.ERROR),
        ("<v>nan</v>", "nan", Fact.ERROR),
        ("<v>1e999</v>", "1e999", Fact.ERROR),
        ("<v></v>", "", Fact.BLANK),
    ],
)
def test_a_number_becomes_its_shortest_plain_numeral(cell: str, text: str, fact: Fact, tmp_path: Path) -> None:
    rows = f'{HEADER}<row r="2"><c r="A2">{cell}</c><c r="B2"><v>1</v></c></row>'
    assert cells_of(make_package(tmp_path / "a.xlsx", rows))[0] == ([text], [fact])


def test_errors_booleans_and_formulas_are_told_apart(tmp_path: Path) -> None:
    rows = (
        f'{HEADER}<row r="2"><c r="A2" t="e"><v>#N/A</v></c><c r="B2" t="b"><v>1</v></c></row>'
        '<row r="3"><c r="A3"><f>B2+1</f><v>2</v></c><c r="B3" t="str"><f>"a"&amp;"b"</f><v>ab</v></c></row>'
        '<row r="4"><c r="A4"><f>B2+1</f></c><c r="B4" t="str"><f>""</f><v></v></c></row>'
        '<row r="5"><c r="A5"><f>1+1</f><v/></c><c r="B5" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
    )
    sheet = read_xlsx(make_package(tmp_path / "a.xlsx", rows)).sheets["S"]
    first, second = sheet.columns
    assert (first.text, list(first.facts)) == (
        ["#N/A", "2", "=B2+1", "=1+1"],
        [Fact.ERROR, Fact.NUMBER, Fact.UNCACHED, Fact.UNCACHED],
    )
    assert (second.text, list(second.facts)) == (
        ["TRUE", "ab", "", "#DIV/0!"],
        [Fact.BOOLEAN, Fact.TEXT, Fact.BLANK, Fact.ERROR],
    )
    assert sheet.formulas == {(3, "A"): "=B2+1", (3, "B"): '="a"&"b"', (4, "B"): '=""', (5, "B"): "=1/0"}


def test_a_shared_formula_without_value_is_shown_as_the_user_sees_it(tmp_path: Path) -> None:
    rows = (
        f'{HEADER}<row r="2"><c r="A2"><f t="shared" ref="A2:A3" si="0">B2*2</f></c></row>'
        '<row r="3"><c r="A3"><f t="shared" si="0"/></c></row>'
    )
    assert cells_of(make_package(tmp_path / "a.xlsx", rows))[0][0] == ["=B2*2", "=B3*2"]


def test_the_zero_of_a_program_that_does_not_calculate_is_no_value_and_others_are(tmp_path: Path) -> None:
    """xlsxwriter stores 0 for a formula whose value it was not told, and lets all be calculated on opening."""
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("S")
    sheet.write_row(0, 0, ["A", "B"])
    sheet.write_formula("A2", "=1+1")
    sheet.write_formula("A3", "=1+1", None, 2)
    sheet.write_formula("A4", '="a"', None, "a")
    sheet.write_formula("A5", "=1=1", None, True)  # noqa: FBT003 a value
    sheet.write_formula("A6", "=1-1", None, 0)
    book.close()
    assert cells_of(path)[0] == (
        ["=1+1", "2", "a", "TRUE", "=1-1"],
        [Fact.UNCACHED, Fact.NUMBER, Fact.TEXT, Fact.BOOLEAN, Fact.UNCACHED],
    )


def test_dates_are_iso_and_1904_workbooks_are_not_four_years_off(tmp_path: Path) -> None:
    for epoch in (None, CALENDAR_MAC_1904):
        path = tmp_path / "dates.xlsx"
        book = openpyxl.Workbook()
        if epoch is not None:
            book.epoch = epoch
        sheet = book.active
        assert sheet is not None
        sheet.title = "S"
        sheet.append(["A", "B"])
        values = [dt.date(2024, 3, 1), dt.datetime(2024, 3, 1, 12, 30, 5), dt.time(7, 5), dt.timedelta(hours=26)]  # noqa: DTZ001
        for value in values:
            sheet.append(["x", value])
        book.save(path)
        text, facts = cells_of(path)[1]
        assert text == ["2024-03-01", "2024-03-01T12:30:05", "07:05:00", "PT26H0M0S"]
        assert set(facts) == {Fact.DATE}


def test_a_date_that_is_none_stays_the_number_it_is(tmp_path: Path) -> None:
    styles = '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'
    rows = f'{HEADER}<row r="2"><c r="A2" s="1"><v>99999999</v></c><c r="B2" s="1"><v>45352</v></c></row>'
    first, second = cells_of(make_package(tmp_path / "a.xlsx", rows, styles=styles))
    assert first == (["99999999"], [Fact.NUMBER])
    assert second == (["2024-03-01"], [Fact.DATE])


def test_rich_text_is_plain_and_phonetic_hints_are_no_text(tmp_path: Path) -> None:
    strings = (
        "<si><r><t>ab</t></r><r><rPr><b/></rPr><t> cd</t></r><rPh sb='0' eb='1'><t>xx</t></rPh></si><si><t>e</t></si>"
    )
    rows = (
        f'{HEADER}<row r="2"><c r="A2" t="s"><v>0</v></c>'
        '<c r="B2" t="inlineStr"><is><r><t>x</t></r><r><t>y</t></r><rPh sb="0" eb="1"><t>z</t></rPh></is></c></row>'
        '<row r="3"><c r="A3" t="s"><v>1</v></c></row>'
    )
    first, second = cells_of(make_package(tmp_path / "a.xlsx", rows, strings=strings))
    assert first[0] == ["ab cd", "e"]
    assert second[0] == ["xy", ""]


def test_escapes_are_decoded_once_and_never_deleted(tmp_path: Path) -> None:
    """openpyxl gives back ITEM1 for the last one."""
    texts = ["_x0041_", "_x005F_x0041_", "a_x000D_\nb", "_xD83D__xDE00_", "_xD800_", "&#10;&lt;&#x41;", "ITEMx005F_1"]
    expected = ["A", "_x0041_", "a\r\nb", "😀", "_xD800_", "\n<A", "ITEMx005F_1"]
    for shared in (True, False):
        strings = "".join(f"<si><t>{text}</t></si>" for text in texts)
        rows = HEADER + "".join(
            f'<row r="{row}"><c r="A{row}" t="s"><v>{row - 2}</v></c></row>'
            if shared
            else f'<row r="{row}"><c r="A{row}" t="inlineStr"><is><t>{text}</t></is></c></row>'
            for row, text in enumerate(texts, start=2)
        )
        assert cells_of(make_package(tmp_path / "a.xlsx", rows, strings=strings))[0][0] == expected


@pytest.mark.parametrize(
    "spelling",
    [
        lambda xml: xml,
        lambda xml: xml.replace("<c ", "\n    <c ").replace("<row", "\n  <row"),
        lambda xml: xml.replace('"', "'"),
        lambda xml: xml.replace("<v>7</v>", "<v>7</v><!-- seven -->"),
        lambda xml: xml.replace("<t>x &amp; y</t>", "<t><![CDATA[x & y]]></t>"),
        lambda xml: xml.replace("<", "<x:").replace("<x:/", "</x:"),
    ],
    ids=["plain", "pretty", "apostrophes", "comments", "cdata", "prefixed"],
)
def test_however_a_program_spells_its_xml_the_cells_are_the_same(
    spelling: Callable[[str], str], tmp_path: Path
) -> None:
    rows = '<row r="2"><c r="A2" t="inlineStr"><is><t>x &amp; y</t></is></c><c r="B2"><v>7</v></c></row>'
    rows += '<row r="9" hidden="1"><c r="B9"><v>8</v></c></row>'
    xml = spelling(f'<worksheet xmlns="{MAIN}"><sheetData>{HEADER}{rows}</sheetData></worksheet>')
    if xml.startswith("<x:"):
        xml = xml.replace("xmlns=", "xmlns:x=")
    sheet = read_xlsx(make_package(tmp_path / "a.xlsx", "", root=xml)).sheets["S"]
    assert sheet.rows == [2, 9]
    assert sheet.hidden_rows == {9}
    assert [column.text for column in sheet.columns] == [["x & y", ""], ["7", "8"]]


def test_cells_and_rows_without_addresses_are_counted(tmp_path: Path) -> None:
    rows = "<row><c><v>1</v></c><c t='str'><v>H</v></c></row><row><c/><c><v>2</v></c></row>"
    sheet = read_xlsx(make_package(tmp_path / "a.xlsx", rows)).sheets["S"]
    assert (sheet.header_row, sheet.rows) == (1, [2])
    assert [(column.header, column.letter, column.text) for column in sheet.columns] == [
        ("1", "A", [""]),
        ("H", "B", ["2"]),
    ]


def test_a_title_above_the_header_is_passed_over(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "S"
    for row in (["Customers of Acme"], [], [None, dt.date(2024, 1, 1)], ["Code", "Name"], ["A1", "x"], ["A2", "y"]):
        sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    raw = read_xlsx(tmp_path / "a.xlsx").sheets["S"]
    assert (raw.header_row, raw.rows) == (4, [5, 6])
    assert [column.header for column in raw.columns] == ["Code", "Name"]


def test_a_sheet_of_one_column_has_its_header_in_its_first_row(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "S"
    for value in ("Code", "A1", "A2"):
        sheet.append([value])
    book.save(tmp_path / "a.xlsx")
    raw = read_xlsx(tmp_path / "a.xlsx").sheets["S"]
    assert (raw.header_row, raw.rows, raw.columns[0].text) == (1, [2, 3], ["A1", "A2"])


def test_hidden_sheets_hidden_rows_and_headerless_columns_are_told(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "S"
    for row in (["Code", "Name", None, None], ["A1", "x", None, "stray"], [None], ["A2", "y"]):
        sheet.append(row)
    sheet.row_dimensions[4].hidden = True
    sheet["Z1000"].number_format = "@"
    book.create_sheet("H").sheet_state = "hidden"
    book.create_sheet("V").sheet_state = "veryHidden"
    book.create_chartsheet("Chart")
    book.save(tmp_path / "a.xlsx")
    read = read_xlsx(tmp_path / "a.xlsx")
    assert {name: sheet.hidden for name, sheet in read.sheets.items()} == {"S": False, "H": True, "V": True}
    raw = read.sheets["S"]
    assert (raw.rows, raw.hidden_rows) == ([2, 4], {4})
    assert [(column.header, column.letter) for column in raw.columns] == [("Code", "A"), ("Name", "B"), ("", "D")]


def with_blank_rows(path: Path, count: int) -> Path:
    blank = '<row r="{0}" s="1"><c r="A{0}" s="1"/><c r="B{0}" s="2"/></row>'
    rows = "".join(map(blank.format, range(3, 3 + count)))
    return make_package(path, f'{HEADER}<row r="2"><c r="A2"><v>1</v></c></row>{rows}')


def test_a_million_formatted_blank_rows_are_no_rows(tmp_path: Path) -> None:
    path = with_blank_rows(tmp_path / "a.xlsx", 1_048_573)
    assert read_xlsx(path).sheets["S"].rows == [2]


def test_formatted_blank_rows_cost_no_memory(tmp_path: Path) -> None:
    path = with_blank_rows(tmp_path / "a.xlsx", 50_000)
    tracemalloc.start()
    try:
        assert read_xlsx(path).sheets["S"].rows == [2]
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()


def test_a_few_cells_at_the_corners_cost_nothing(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "S"
    sheet["A1"], sheet["B1"], sheet["XFD1048576"] = "Code", "Name", "far"
    book.save(tmp_path / "a.xlsx")
    raw = read_xlsx(tmp_path / "a.xlsx").sheets["S"]
    assert (raw.rows, raw.columns[-1].letter, raw.columns[-1].text) == ([1_048_576], "XFD", ["far"])


def test_a_sparse_bomb_is_refused(tmp_path: Path) -> None:
    cells = "".join(f'<row r="{row}"><c r="A{row}"><v>1</v></c></row>' for row in range(2, 9_000))
    wide = "".join(f"<c><v>{column}</v></c>" for column in range(1, 16_385))
    path = make_package(tmp_path / "a.xlsx", f'{HEADER}{cells}<row r="9000">{wide}</row>')
    with pytest.raises(FileError, match="more than 40,000,000 cells"):
        read_xlsx(path)


def test_a_large_workbook_may_unpack_to_more_than_a_small_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An export of 400,000 customers is read back; a small file that grows as much is refused."""
    monkeypatch.setattr("bulkio.sheets._package.MAX_BYTES", 100_000)
    texts = random.Random(4)  # noqa: S311 - so that it hardly packs
    cell = '<row r="{0}"><c r="A{0}" t="inlineStr"><is><t>{1}</t></is></c></row>'
    varied = "".join(cell.format(row, texts.randbytes(40).hex()) for row in range(2, 2_000))
    book = read_xlsx(make_package(tmp_path / "large.xlsx", HEADER + varied))
    assert len(book.sheets["S"].rows) == 1_998

    alike = "".join(cell.format(row, "0" * 80) for row in range(2, 2_000))
    with pytest.raises(FileError, match="unpacks to"):
        read_xlsx(make_package(tmp_path / "small.xlsx", HEADER + alike))


# --- refused ---------------------------------------------------------------------------------------------------------


def bomb(path: Path) -> None:
    make_package(path, HEADER)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/bomb.xml", b"<a>" + b" " * 40_000_000)


def many_names(path: Path) -> None:
    make_package(path, HEADER)
    with zipfile.ZipFile(path, "a") as archive:
        for number in range(20_001):
            archive.writestr(f"xl/{number}", b"")


def overlapping(path: Path) -> None:
    """Two entries of the directory over one body."""
    make_package(path, HEADER)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        first = archive.getinfo("xl/workbook.xml")
        second = zipfile.ZipInfo("xl/copy.xml")
        for name in ("header_offset", "compress_size", "file_size", "CRC", "compress_type"):
            setattr(second, name, getattr(first, name))
        archive.filelist.append(second)
        archive.NameToInfo[second.filename] = second
        archive.writestr("xl/last.xml", "<a/>")


def with_part(name: str, content: str = "x") -> Callable[[Path], None]:
    def make(path: Path) -> None:
        make_package(path, HEADER)
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(name, content)

    return make


def open_document(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<a/>")


def plain_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("customers.xlsx", "x")


def cut_off(path: Path) -> None:
    make_package(path, HEADER)
    path.write_bytes(path.read_bytes()[:-200])


def bit_flipped(path: Path) -> None:
    make_package(path, HEADER * 1 + f'<row r="2"><c r="A2" t="inlineStr"><is><t>{"abc" * 999}</t></is></c></row>')
    content = bytearray(path.read_bytes())
    at = content.find(b"xl/worksheets/sheet1.xml") + 60
    content[at] ^= 0xFF
    path.write_bytes(bytes(content))


def billion_laughs(path: Path) -> None:
    entities = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
    root = f'<?xml version="1.0"?>{entities}<worksheet xmlns="{MAIN}"><sheetData>{HEADER}</sheetData></worksheet>'
    make_package(path, "", root=root)


def wide_billion_laughs(path: Path) -> None:
    billion_laughs(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].decode().replace('version="1.0"', 'version="1.0" encoding="UTF-16"').encode("utf-16")
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def bytes_of(content: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(content) and None


REFUSED: dict[str, tuple[Callable[[Path], None], str]] = {
    "empty": (bytes_of(b""), "the file is empty"),
    "text": (bytes_of(b"Code,Name\nA1,x\n"), "not an .xlsx workbook"),
    "web page": (bytes_of(b"  <html><table>"), "a web page"),
    "xls": (bytes_of(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600), "old .xls workbook, or one that is encrypted"),
    "unknown encoding": (
        lambda path: (
            make_package(path, "", root=f'<?xml version="1.0" encoding="UTF-88"?><worksheet xmlns="{MAIN}"/>') and None
        ),
        "unknown encoding",
    ),
    "half a zip": (bytes_of(b"PK\x03\x04" + b"\0" * 600), "damaged"),
    "cut off": (cut_off, "damaged"),
    "bit flipped": (bit_flipped, "damaged|cannot be read"),
    "ods": (open_document, "OpenDocument"),
    "zip": (plain_zip, "a zip archive"),
    "xlsb": (with_part("xl/workbook.bin"), "binary workbook"),
    "macros": (with_part("xl/vbaProject.bin"), "macros"),
    "document": (with_part("word/document.xml", "<a/>"), "Word document"),
    "bomb": (bomb, "times its size"),
    "many names": (many_names, "20,0"),
    "overlapping": (overlapping, "overlap"),
    "entities": (billion_laughs, "document type"),
    "entities in UTF-16": (wide_billion_laughs, "document type"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_workbook_is_refused_in_one_line_with_a_hint(kind: str, tmp_path: Path) -> None:
    make, words = REFUSED[kind]
    path = tmp_path / "customers.xlsx"
    make(path)
    with pytest.raises(FileError, match=words) as caught:
        read_xlsx(path)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(str(path))
    assert caught.value.hint


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="0"><c r="A0"><v>1</v></c></row>',
        '<row r="1048577"><c r="A1"><v>1</v></c></row>',
        '<row r="3"><c r="A3"><v>1</v></c></row><row r="2"><c r="A2"><v>1</v></c></row>',
        '<row r="2"><c r="XFE2"><v>1</v></c></row>',
        '<row r="2"><c r="A2"><v>1</v></c><c r="A2"><v>2</v></c></row>',
        '<row r="2"><c r="A2" t="s"><v>5</v></c></row>',
        '<row r="2"><c r="A2" t="s"><v>-1</v></c></row>',
        '<row r="2"><c r="A2" t="s"><v>x</v></c></row>',
        '<row r="2"><c r="A2" t="inlineStr"><is><t>&nope;</t></is></c></row>',
        '<row r="2"><c r="A2" t="inlineStr"><is><t>a & b</t></is></c></row>',
        '<row r="2"><c r="A2"><v>1</v></row>',
        '<row r="2">',
    ],
)
def test_a_sheet_that_contradicts_itself_is_damaged_not_guessed(rows: str, tmp_path: Path) -> None:
    path = make_package(tmp_path / "a.xlsx", HEADER + rows, strings="<si><t>x</t></si>")
    with pytest.raises(FileError, match="damaged"):
        read_xlsx(path)


def test_a_missing_file_and_a_folder_are_said_to_be_that(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no such file"):
        read_xlsx(tmp_path / "none.xlsx")
    with pytest.raises(FileError, match="is a folder"):
        read_xlsx(tmp_path)


@pytest.mark.parametrize("cut", range(0, 6_000, 97))
def test_a_file_cut_anywhere_ends_in_one_line(cut: int, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    column = ColumnSpec(header="Code", values=["A1", "A2"])
    write_xlsx(BookSpec(sheets=[SheetSpec(name="S", columns=[column])], attachments={"base": b"x" * 100}), path)
    content = path.read_bytes()
    path.write_bytes(content[:cut])
    with pytest.raises(FileError):
        read_xlsx(path)


FRAGMENTS = [
    b"<",
    b">",
    b'"',
    b"&",
    b"<row ",
    b"</row>",
    b'<c r="A1"/>',
    b"<v>",
    b"<f>",
    b"-1",
    b"\0",
    b"\xff",
    b"1e400",
]


@pytest.mark.parametrize("seed", range(8))
def test_damage_within_the_parts_ends_in_a_book_or_in_one_line(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    columns = [ColumnSpec(header=name, values=["x & y", "_x0041_", ""], options="all") for name in ("Code", "Name")]
    sheet = SheetSpec(name="S", columns=columns)
    write_xlsx(BookSpec(sheets=[sheet], lists={"all": ["x"]}, attachments={"a": b"x"}), tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    names = [name for name in parts if "sheet" in name or "styles" in name or "workbook" in name]
    for _ in range(60):
        damaged = dict(parts)
        for name in chance.sample(names, 2):
            content = bytearray(parts[name])
            at = chance.randrange(len(content))
            content[at : at + chance.choice([0, 0, 1, 30])] = chance.choice(FRAGMENTS)
            damaged[name] = bytes(content)
        path = tmp_path / "damaged.xlsx"
        with zipfile.ZipFile(path, "w") as archive:
            for name, part in damaged.items():
                archive.writestr(name, part)
        try:
            read_xlsx(path)
        except FileError as error:
            message = str(error)
        else:
            message = ""
        assert "\n" not in message


# --- the same as openpyxl --------------------------------------------------------------------------------------------


def test_a_workbook_by_openpyxl_reads_as_openpyxl_reads_it(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "S"
    sheet.append(["text", "number", "flag", "rich"])
    rich = CellRichText("a", TextBlock(InlineFont(b=True), "b"), " c ")
    for row in range(200):
        sheet.append([f" v{row}\n<&> ", row * 1.1 if row % 3 else row, row % 2 == 0, rich])
    path = tmp_path / "a.xlsx"
    book.save(path)
    raw = read_xlsx(path).sheets["S"]
    judge = openpyxl.load_workbook(path)
    expected = list(judge["S"].iter_rows(min_row=2, values_only=True))
    text, number, flag, _ = raw.columns
    assert text.text == [row[0] for row in expected]
    assert [float(value) for value in number.text] == [row[1] for row in expected]
    assert [value == "TRUE" for value in flag.text] == [row[2] for row in expected]
    assert set(raw.columns[3].text) == {"ab c "}
