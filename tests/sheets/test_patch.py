"""The copy changes only what marks and results touch; whatever else a workbook holds comes back byte for byte."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
import xlsxwriter
from openpyxl.comments import Comment
from openpyxl.worksheet.datavalidation import DataValidation

from bulkio.core.issues import Severity
from bulkio.sheets import Mark, ResultColumn, annotate_xlsx, read_xlsx
from bulkio.sheets._marks import Wanted
from bulkio.sheets._nodes import Document, UnpatchableError
from bulkio.sheets._rewrite import rewrite_xlsx
from bulkio.sheets._trim import Trim

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SHEET = "xl/worksheets/sheet1.xml"
RESULTS = {"Customers": [ResultColumn(header="Import Result", values={2: "FAILED", 5: "=1+1"}, width=14)]}


def mark(row: int, letter: str, message: str = "Bad.") -> Mark:
    return Mark(sheet="Customers", row=row, letter=letter, severity=Severity.ERROR, message=message)


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def changed(path: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """The workbook with other parts."""
    target = path.with_name(f"changed {path.name}")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts(path).items():
            if (new := change(name, content)) is not None:
                archive.writestr(name, new)
    return target


@pytest.fixture
def rich(tmp_path: Path) -> Path:
    """What a person makes of a workbook: formulas with values, a chart, a shape, a picture's worth of rules."""
    path = tmp_path / "rich.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("Customers")
    bold = book.add_format({"bold": True, "num_format": "0.00", "bg_color": "#00FF00"})
    sheet.write_row(0, 0, ["Code", "Name", "Sum", "Total", "Rate"])
    for row in range(1, 9):
        sheet.write_row(row, 0, [f"A{row + 1}", f"Name {row + 1}"])
        sheet.write_formula(row, 2, f"=LEN(B{row + 1})+1", None, 7)
        sheet.write_formula(row, 3, "=SUM(C$2:C$9)", bold, 56)
        sheet.write_number(row, 4, row / 4, bold)
    sheet.write_comment("B3", "Ask Jane.", {"author": "Jane", "color": "#AABBCC"})
    sheet.write_url("A4", "https://example.org/", string="A4")
    sheet.data_validation("B2:B9", {"validate": "list", "source": ["x", "y"]})
    sheet.data_validation("E5", {"validate": "decimal", "criteria": ">", "value": 0})
    sheet.conditional_format("E2:E9", {"type": "cell", "criteria": ">", "value": 1, "format": bold})
    sheet.autofilter("A1:E9")
    sheet.freeze_panes(1, 2)
    sheet.set_column("A:J", 12)
    sheet.insert_textbox("H1", "A note")
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=Other!$A$1:$A$2"})
    sheet.insert_chart("H5", chart)
    other = book.add_worksheet("Other")
    other.write_column(0, 0, [1, 2])
    book.close()
    return path


def test_only_the_parts_that_are_touched_change(rich: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.xlsx"
    assert annotate_xlsx(rich, target, marks=[mark(3, "B"), mark(2, "E")], columns=RESULTS) == ()
    before, after = parts(rich), parts(target)
    assert set(before) == set(after)
    touched = {SHEET, "xl/styles.xml", "xl/comments1.xml", "xl/drawings/vmlDrawing1.vml", "xl/workbook.xml"}
    touched |= {"xl/worksheets/_rels/sheet1.xml.rels", "[Content_Types].xml"}
    assert {name for name in before if before[name] != after[name]} <= touched
    assert after[SHEET].count(b"<f>") == before[SHEET].count(b"<f>") == 16
    assert b"<f>LEN(B3)+1</f><v>7</v>" in after[SHEET]
    untouched = re.findall(rb'<row r="[46789]".*?</row>', before[SHEET])
    assert len(untouched) == 5
    assert all(row in after[SHEET] for row in untouched)


def test_a_marked_cell_keeps_all_of_its_own_format_but_the_paper(rich: Path, tmp_path: Path) -> None:
    annotate_xlsx(rich, tmp_path / "copy.xlsx", marks=[mark(2, "E")])
    cell = openpyxl.load_workbook(tmp_path / "copy.xlsx")["Customers"]["E2"]
    assert (cell.value, cell.font.b, cell.number_format, cell.fill.fgColor.rgb) == (0.25, True, "0.00", "FFF8D0D0")
    annotate_xlsx(tmp_path / "copy.xlsx", tmp_path / "again.xlsx")
    cell = openpyxl.load_workbook(tmp_path / "again.xlsx")["Customers"]["E2"]
    assert (cell.font.b, cell.number_format, cell.fill.fill_type, cell.comment) == (True, "0.00", None, None)


def test_both_ways_of_writing_read_back_the_same(rich: Path, tmp_path: Path) -> None:
    marks = [mark(3, "B"), mark(2, "E"), mark(9, "A"), mark(1, "A"), mark(12, "G", "Below the table.")]
    wanted = Wanted(marks=marks, columns=RESULTS)
    annotate_xlsx(rich, tmp_path / "patched.xlsx", marks=marks, columns=RESULTS)
    rewrite_xlsx(rich, tmp_path / "rewritten.xlsx", read_xlsx(rich), wanted)
    assert seen(tmp_path / "patched.xlsx") == seen(tmp_path / "rewritten.xlsx")


def seen(path: Path) -> dict[str, Any]:
    """What openpyxl reads of the Customers sheet."""
    sheet = openpyxl.load_workbook(path)["Customers"]
    cells = {}
    for row in sheet.iter_rows():
        for cell in row:
            looks = (cell.fill.fgColor.rgb if cell.fill.fill_type else "", cell.number_format, cell.font.b or False)
            note = cell.comment.text if cell.comment else ""
            if cell.value is not None or note or looks[0]:
                cells[cell.coordinate] = (cell.value, cell.data_type, looks, note)
    return {
        "cells": cells,
        "filter": sheet.auto_filter.ref,
        "freeze": sheet.freeze_panes,
        "validations": sorted(str(each.sqref) for each in sheet.data_validations.dataValidation),
        "rules": [str(each.sqref) for each in sheet.conditional_formatting],
        "widths": {letter: sheet.column_dimensions[letter].width for letter in ("F",)},
    }


def test_rows_that_go_take_their_rules_along_and_leave_values_where_formulas_looked_at_them(
    rich: Path, tmp_path: Path
) -> None:
    target = tmp_path / "failed.xlsx"
    marks = [mark(5, "B", "Still wrong.")]
    assert annotate_xlsx(rich, target, marks=marks, columns=RESULTS, keep_rows={"Customers": {3, 5}}) == ()
    part = parts(target)[SHEET].decode()
    assert "<f>LEN(B2)+1</f><v>7</v>" in part
    assert "<f>LEN(B3)+1</f><v>7</v>" in part
    assert "SUM" not in part
    assert re.search(r'<c r="D3" s="\d+"><v>56</v></c>', part)
    sheet = openpyxl.load_workbook(target)["Customers"]
    assert [cell.value for cell in sheet["A"]] == ["Code", "A3", "A5"]
    assert sheet["B2"].comment.text == "Ask Jane."
    assert sheet["B3"].comment.text.endswith("Error: Still wrong.")
    assert (sheet.dimensions, sheet.auto_filter.ref) == ("A1:F3", "A1:F3")
    rules = {str(each.sqref): each.type for each in sheet.data_validations.dataValidation}
    assert rules == {"B2:B3": "list", "E3": "decimal"}
    assert [str(each.sqref) for each in sheet.conditional_formatting] == ["E2:E3"]
    assert sheet["A2"].hyperlink is None
    assert [sheet["F2"].value, sheet["F3"].value] == [None, "=1+1"]
    raw = read_xlsx(target).sheets["Customers"]
    assert [column.text for column in raw.columns][:2] == [["A3", "A5"], ["Name 3", "Name 5"]]


def test_the_order_of_calculation_goes_with_the_cells_that_it_lists(rich: Path, tmp_path: Path) -> None:
    def with_chain(name: str, content: bytes) -> bytes:
        if name == "[Content_Types].xml":
            new = b'<Override PartName="/xl/calcChain.xml" ContentType="application/vnd.x.calcChain+xml"/></Types>'
            return content.replace(b"</Types>", new)
        if name == "xl/_rels/workbook.xml.rels":
            kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain"
            new = b'<Relationship Id="c" Type="' + kind + b'" Target="calcChain.xml"/></Relationships>'
            return content.replace(b"</Relationships>", new)
        return content

    source = changed(rich, with_chain)
    with zipfile.ZipFile(source, "a") as archive:
        archive.writestr("xl/calcChain.xml", b"<calcChain/>")
    annotate_xlsx(source, tmp_path / "marked.xlsx", marks=[mark(2, "A")])
    assert "xl/calcChain.xml" in parts(tmp_path / "marked.xlsx")
    annotate_xlsx(source, tmp_path / "failed.xlsx", keep_rows={"Customers": {3}})
    left = parts(tmp_path / "failed.xlsx")
    assert "xl/calcChain.xml" not in left
    assert b"calcChain" not in left["[Content_Types].xml"] + left["xl/_rels/workbook.xml.rels"]


def test_shared_formulas_are_written_out_where_their_first_cell_goes(rich: Path, tmp_path: Path) -> None:
    def shared(name: str, content: bytes) -> bytes:
        if name != SHEET:
            return content
        content = content.replace(b"<f>LEN(B2)+1</f>", b'<f t="shared" ref="C2:C9" si="0">LEN(B2)+1</f>')
        return re.sub(rb"<f>LEN\(B\d\)\+1</f>", b'<f t="shared" si="0"/>', content)

    annotate_xlsx(changed(rich, shared), tmp_path / "failed.xlsx", keep_rows={"Customers": {7}})
    assert "<f>LEN(B2)+1</f><v>7</v>" in parts(tmp_path / "failed.xlsx")[SHEET].decode()


def test_what_looks_at_a_sheet_whose_rows_go_is_calculated_anew(rich: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(rich)
    book["Other"]["B1"] = "=SUM(Customers!E:E)"
    book.save(tmp_path / "linked.xlsx")
    with pytest.raises(UnpatchableError):
        patched(tmp_path / "linked.xlsx", keep_rows={"Customers": {3}})
    annotate_xlsx(tmp_path / "linked.xlsx", tmp_path / "copy.xlsx", keep_rows={"Customers": {3}})
    assert openpyxl.load_workbook(tmp_path / "copy.xlsx")["Other"]["B1"].value == "=SUM(Customers!E:E)"


def patched(source: Path, **wanted: Any) -> None:
    from bulkio.sheets._patch import patch_xlsx  # noqa: PLC0415 - one of two ways

    patch_xlsx(source, source.with_name("patched.xlsx"), read_xlsx(source), Wanted(**wanted))


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        (SHEET, b"<row ", b"<!-- --><row "),
        (SHEET, b'<c r="A3"', b"<c"),
        (SHEET, b'<row r="3"', b"<row"),
        (SHEET, b"<sheetData>", b'<scenarios/><sheetData a="1">'),
        ("xl/styles.xml", b"cellXfs", b"cellXfz"),
        ("xl/comments1.xml", b"<author>Jane</author>", b"<author>tc={1}</author>"),
    ],
)
def test_an_unusual_spelling_is_left_to_openpyxl_or_understood(rich: Path, part: str, old: bytes, new: bytes) -> None:
    source = changed(rich, lambda name, content: content.replace(old, new) if name == part else content)
    try:
        patched(source, marks=[mark(3, "B")])
    except UnpatchableError:
        return
    assert seen(source.with_name("patched.xlsx"))["cells"]["B3"][3].endswith("Error: Bad.")


def test_a_note_below_a_conversation_is_not_hidden_by_it(rich: Path) -> None:
    source = changed(rich, lambda _, content: content.replace(b"<author>Jane</author>", b"<author>tc={1}</author>"))
    with pytest.raises(UnpatchableError):
        patched(source, marks=[mark(3, "B")])
    patched(source, marks=[mark(4, "B")])


def test_copies_of_copies_do_not_grow(rich: Path, tmp_path: Path) -> None:
    source = rich
    sizes = []
    for number in range(6):
        target = tmp_path / f"copy {number}.xlsx"
        annotate_xlsx(source, target, marks=[mark(3, "B"), mark(4, "B")], columns=RESULTS)
        sizes.append(len(parts(target)["xl/comments1.xml"]))
        source = target
    assert len(set(sizes)) == 1
    assert seen(source)["cells"]["B3"][3].count("bulkio") == 1


def test_notes_of_other_programs_keep_their_letters(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Customers"
    for row in (["Code", "Name"], ["a", "b"], ["c", "d"]):
        sheet.append(row)
    sheet["A2"].comment = Comment("Bold & <plain>", "Jane")
    sheet.add_data_validation(DataValidation(type="list", formula1='"x,y"', sqref="A2:A1048576"))
    book.save(tmp_path / "a.xlsx")
    runs = b"<text><r><rPr><b/></rPr><t>Bold</t></r><r><t> &amp; &lt;plain&gt;</t></r></text>"
    source = changed(
        tmp_path / "a.xlsx", lambda _, content: re.sub(rb"<text><t>Bold.*?</text>", lambda _: runs, content)
    )
    annotate_xlsx(source, tmp_path / "b.xlsx", marks=[mark(2, "A", "Über <1> & mehr")])
    comments = next(content for name, content in parts(tmp_path / "b.xlsx").items() if "comments/" in name)
    assert b"<rPr><b/></rPr><t>Bold</t>" in comments
    annotate_xlsx(tmp_path / "b.xlsx", tmp_path / "c.xlsx", keep_rows={"Customers": {3, 2}})
    copy = openpyxl.load_workbook(tmp_path / "c.xlsx")["Customers"]
    assert copy["A2"].comment.text == "Bold & <plain>"
    assert str(copy.data_validations.dataValidation[0].sqref) == "A2:A1048576"


@pytest.mark.parametrize(
    ("formula", "moved"),
    [
        ("B7*2", "B3*2"),
        ("$B$7&B$1", "$B$3&B$1"),
        ("SUM(B7:D7)", "SUM(B3:D3)"),
        ("VLOOKUP(A7,Prices!A:B,2,0)", "VLOOKUP(A3,Prices!A:B,2,0)"),
        ('"B7"&TEXT(B7,"0")', '"B7"&TEXT(B3,"0")'),
        ("B6", None),
        ("SUM(B:B)", None),
        ("SUM(B2:B7)", None),
        ("Customers!B7", None),
        ("Rate*B7", None),
        ("Table1[[#This Row],[x]]", None),
    ],
)
def test_a_formula_goes_along_where_it_looks_at_its_own_row(formula: str, moved: str | None) -> None:
    assert Trim(1, 9, {5, 7}, ["Customers"]).formula_of(formula, 7) == moved


def test_an_element_is_changed_where_it_stands() -> None:
    document = Document("<a x='>' y = \"ü\"><b/><c:d k='1'>t</c:d><!-- <b/> --></a>".encode())
    b, d = document.root.children
    document.append(b, "1")
    document.set(d, k="2", n="3")
    document.append(d, "!")
    document.append(document.root, "<e/>")
    assert document.changed().decode() == ('<a x=\'>\' y = "ü"><b>1</b><c:d k="2" n="3">t!</c:d><!-- <b/> --><e/></a>')


@pytest.mark.skipif(not shutil.which("soffice"), reason="needs LibreOffice")
def test_libreoffice_opens_the_copies(rich: Path, tmp_path: Path) -> None:
    annotate_xlsx(rich, tmp_path / "results.xlsx", marks=[mark(3, "B"), mark(2, "E")], columns=RESULTS)
    annotate_xlsx(rich, tmp_path / "failed.xlsx", marks=[mark(3, "B")], columns=RESULTS, keep_rows={"Customers": {3}})
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(tmp_path / "out")]
    subprocess.run(  # noqa: S603 - our own files
        [*command, str(tmp_path / "results.xlsx"), str(tmp_path / "failed.xlsx")],
        check=True,
        capture_output=True,
        timeout=120,
    )
    for name in ("results", "failed"):
        ours, theirs = seen(tmp_path / f"{name}.xlsx"), seen(tmp_path / "out" / f"{name}.xlsx")
        assert {cell: value[0] for cell, value in theirs["cells"].items()} == {
            cell: value[0] for cell, value in ours["cells"].items()
        }
        assert {cell: value[3] for cell, value in theirs["cells"].items()} == {
            cell: value[3] for cell, value in ours["cells"].items()
        }
        assert theirs["filter"] == ours["filter"]
