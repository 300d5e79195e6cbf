"""The copy that the user gets back: their workbook, with marks."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
import xlsxwriter
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import PatternFill
from openpyxl.worksheet.table import Table

from bulkio.core.grid import BookSpec, ColumnSpec, SheetSpec
from bulkio.core.issues import Issue, IssueCode, Severity
from bulkio.errors import FileError
from bulkio.sheets import Mark, ResultColumn, annotate_csv, annotate_xlsx, read_csv, read_xlsx, write_xlsx
from bulkio.sheets._marks import Wanted
from bulkio.sheets._patch import patch_xlsx
from bulkio.sheets._rewrite import rewrite_xlsx

if TYPE_CHECKING:
    from pathlib import Path

YELLOW = PatternFill("solid", fgColor="FFFFFF00")


def mark(
    row: int, letter: str = "", severity: Severity = Severity.ERROR, message: str = "Bad.", hint: str = ""
) -> Mark:
    return Mark(sheet="Customers", row=row, letter=letter, severity=severity, message=message, hint=hint)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A user's own workbook: a title, formulas, colours, notes, an extra sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Customers"
    rows: list[list[Any]] = [["Code", "Name", "Sum", "Own column"]]
    rows += [[f"A{row}", f"Name {row}", f"=LEN(B{row})+1", "mine"] for row in range(2, 8)]
    for row in rows:
        sheet.append(row)
    sheet["B3"].fill = YELLOW
    sheet["B3"].comment = Comment("Ask Jane.", "Jane")
    sheet["B1"].comment = Comment("The name.", "bulkio")
    sheet.row_dimensions[4].height = 40
    sheet.row_dimensions[5].hidden = True
    sheet.column_dimensions["B"].width = 33
    sheet.auto_filter.ref = "A1:D7"
    sheet.conditional_formatting.add("A2:A7", CellIsRule("equal", ['"x"'], fill=YELLOW))
    sheet.merge_cells("C7:D7")
    book.create_sheet("Other")["A1"] = "=1+1"
    path = tmp_path / "mine.xlsx"
    book.save(path)
    return path


def respelled(source: Path, part: str, old: bytes, new: bytes) -> Path:
    """The same workbook with other bytes in one of its parts."""
    target = source.with_name("respelled.xlsx")
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            content = before.read(name)
            assert name != part or old in content
            after.writestr(name, content.replace(old, new) if name == part else content)
    return target


def annotated(source: Path, **options: Any) -> Any:
    target = source.with_name("copy.xlsx")
    before = source.read_bytes()
    assert annotate_xlsx(source, target, **options) == ()
    assert source.read_bytes() == before
    return openpyxl.load_workbook(target)


def test_every_mark_is_on_its_own_cell(source: Path) -> None:
    marks = [
        mark(2, "A", message="No such code.", hint="Did you mean A9?"),
        mark(4, "B", Severity.WARNING, "Long."),
        mark(4, "B", Severity.NOTICE, "Restored."),
        mark(6, "", Severity.NOTICE, "A row."),
        mark(7, "D", message="In a merged cell."),
        Mark(sheet="Nowhere", row=1, severity=Severity.ERROR, message="x"),
    ]
    sheet = annotated(source, marks=marks)["Customers"]
    assert "Error: No such code. Did you mean A9?" in sheet["A2"].comment.text
    assert sheet["B4"].comment.text.endswith("Warning: Long.\nNotice: Restored.")
    assert "A row." in sheet["A6"].comment.text
    assert "In a merged cell." in sheet["C7"].comment.text
    filled = {
        cell.coordinate: cell.fill.fgColor.rgb for row in sheet.iter_rows() for cell in row if cell.fill.fill_type
    }
    assert filled.pop("B3") == "FFFFFF00"
    assert set(filled) == {"A2", "B4", "A6", "C7"}
    assert len(set(filled.values())) == 3


def test_a_persons_note_stays_above_ours(source: Path) -> None:
    sheet = annotated(source, marks=[mark(3, "B")])["Customers"]
    text = sheet["B3"].comment.text
    assert text.startswith("Ask Jane.\n")
    assert text.endswith("Error: Bad.")
    assert sheet["B1"].comment.text == "The name."


def test_marks_of_an_earlier_copy_are_taken_off(source: Path) -> None:
    annotated(source, marks=[mark(2, "A"), mark(3, "B")])
    again = source.with_name("again.xlsx")
    annotate_xlsx(source.with_name("copy.xlsx"), again, marks=[mark(4, "A")])
    sheet = openpyxl.load_workbook(again)["Customers"]
    assert sheet["A2"].comment is None
    assert sheet["A2"].fill.fill_type is None
    assert sheet["B3"].comment.text == "Ask Jane."
    assert sheet["A4"].comment is not None


def test_everything_else_stays_as_it_was(source: Path) -> None:
    sheet = annotated(source, marks=[mark(2, "A")], columns={"Customers": [ResultColumn(header="Import Result")]})
    other, sheet = sheet["Other"], sheet["Customers"]
    assert [cell.value for cell in sheet[3]][:4] == ["A3", "Name 3", "=LEN(B3)+1", "mine"]
    assert (sheet.row_dimensions[4].height, sheet.row_dimensions[5].hidden) == (40, True)
    assert sheet.column_dimensions["B"].width == 33
    assert [str(area.sqref) for area in sheet.conditional_formatting] == ["A2:A7"]
    assert [str(area) for area in sheet.merged_cells.ranges] == ["C7:D7"]
    assert other["A1"].value == "=1+1"


def test_results_are_appended_as_text_with_a_filter_and_then_refilled(source: Path) -> None:
    columns = [
        ResultColumn(header="Import Result", values={2: "failed", 4: "=1+1"}),
        ResultColumn(header="Import Id", values={2: "00123", 3: "#N/A"}),
    ]
    sheet = annotated(source, columns={"Customers": columns})["Customers"]
    assert [sheet["E1"].value, sheet["F1"].value] == ["Import Result", "Import Id"]
    cells = {name: (sheet[name].value, sheet[name].data_type) for name in ("E2", "E4", "F2", "F3")}
    assert cells == {"E2": ("failed", "s"), "E4": ("=1+1", "s"), "F2": ("00123", "s"), "F3": ("#N/A", "s")}
    assert sheet.auto_filter.ref == "A1:F7"
    again = source.with_name("again.xlsx")
    refilled = [ResultColumn(header="Import Result", values={3: "ok"})]
    annotate_xlsx(source.with_name("copy.xlsx"), again, columns={"Customers": refilled})
    raw = {column.header: column.text for column in read_xlsx(again).sheets["Customers"].columns}
    assert raw["Import Result"] == ["", "ok", "", "", "", ""]
    assert raw["Import Id"][0] == "00123"


def test_the_failed_rows_alone_keep_their_marks_notes_and_formulas(source: Path) -> None:
    sheet = annotated(
        source,
        marks=[mark(3, "B"), mark(5, "A"), mark(6, "A")],
        columns={"Customers": [ResultColumn(header="Result", values={3: "r3", 5: "r5", 6: "r6"})]},
        keep_rows={"Customers": {3, 5}},
    )["Customers"]
    values = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert values == [["A3", "Name 3", "=LEN(B2)+1", "mine", "r3"], ["A5", "Name 5", "=LEN(B3)+1", "mine", "r5"]]
    assert sheet["B2"].comment.text.startswith("Ask Jane.")
    assert sheet["A3"].comment.text.endswith("Error: Bad.")
    assert sheet.auto_filter.ref == "A1:E3"
    assert not sheet.row_dimensions[3].hidden
    assert sheet.merged_cells.ranges == set()


def test_no_row_kept_leaves_the_header(source: Path) -> None:
    sheet = annotated(source, keep_rows={"Customers": set()})["Customers"]
    assert (sheet.max_row, sheet["A1"].value) == (1, "Code")


def test_a_table_shrinks_with_its_rows(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Customers"
    for row in (["Code", "Name"], *([f"A{row}", "x"] for row in range(9))):
        sheet.append(row)
    sheet.add_table(Table(displayName="T", ref="A1:B10"))
    book.save(tmp_path / "a.xlsx")
    results = {"Customers": [ResultColumn(header="Result", values={4: "x"})]}
    copy = annotated(tmp_path / "a.xlsx", columns=results, keep_rows={"Customers": {4, 9}})["Customers"]
    assert copy.tables["T"].ref == "A1:B3"
    assert copy.auto_filter.ref is None
    assert [cell.value for cell in copy["C"]] == ["Result", "x", None]


def test_our_own_workbook_keeps_what_travels_hidden_and_how_it_looks(tmp_path: Path) -> None:
    columns = [
        ColumnSpec(header="Code", values=["00123", "x"], tint="key", note="Required."),
        ColumnSpec(header="Name", values=["=1+1", "_x0041_"], options="names"),
        ColumnSpec(header="Guid", values=["a\r\nb", "ITEMx005F_1"], locked=True),
    ]
    sheet = SheetSpec(name="Customers", columns=columns, frozen_columns=1)
    spec = BookSpec(sheets=[sheet], lists={"names": ["x"]}, attachments={"base": bytes(range(256)) * 99})
    path = tmp_path / "ours.xlsx"
    write_xlsx(spec, path)
    copy = annotated(
        path, marks=[mark(2, "A")], columns={"Customers": [ResultColumn(header="R", values={2: "\x01_x0041_"})]}
    )
    assert copy["_bulkio"].sheet_state == "veryHidden"
    shown = copy["Customers"]
    assert (shown.freeze_panes, shown.protection.sheet, shown.auto_filter.ref) == ("B2", True, "A1:D3")
    assert (shown["A2"].number_format, shown["B2"].data_type) == ("@", "s")
    assert len(shown.data_validations.dataValidation) == 1
    read = read_xlsx(path.with_name("copy.xlsx"))
    assert read.attachments == spec.attachments
    assert [column.text for column in read.sheets["Customers"].columns] == [
        *(list(column.values) for column in columns),
        ["\x01_x0041_", ""],
    ]


def test_shared_strings_of_excel_survive_the_copy(tmp_path: Path) -> None:
    """openpyxl alone would give back ITEM1, and turn a literal _x0041_ into A."""
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("Customers")
    values = ["Code", "ITEMx005F_1", "_x0041_", "a\rb", "_x005F_"]
    for row, value in enumerate(values):
        sheet.write_string(row, 0, value)
        sheet.write_string(row, 1, "x")
    book.close()
    annotated(path, marks=[mark(2, "A")])
    assert read_xlsx(path.with_name("copy.xlsx")).sheets["Customers"].columns[0].text == values[1:]


def test_what_the_copy_lost_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("Customers")
    sheet.write_row(0, 0, ["Code", "Name"])
    sheet.insert_textbox("D1", "Note")
    book.close()
    unusual = respelled(path, "xl/worksheets/sheet1.xml", b"<row ", b"<!-- here --><row ")
    assert annotate_xlsx(unusual, tmp_path / "b.xlsx", marks=[mark(1, "A")]) == ("shapes and pictures",)
    assert openpyxl.load_workbook(tmp_path / "b.xlsx")["Customers"]["A1"].comment is not None


def test_a_mark_is_made_of_an_issue() -> None:
    issue = Issue(
        code=IssueCode.REQUIRED, severity=Severity.ERROR, sheet="Customers", row=17, cell="AB17", message="m", hint="h"
    )
    assert Mark.of(issue) == mark(17, "AB", message="m", hint="h")


def test_what_cannot_be_read_or_written_is_one_line(source: Path, tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no such file"):
        annotate_xlsx(tmp_path / "none.xlsx", tmp_path / "b.xlsx")
    with pytest.raises(FileError, match="folder does not exist"):
        annotate_xlsx(source, tmp_path / "none" / "b.xlsx")


# --- CSV -------------------------------------------------------------------------------------------------------------


def test_a_csv_copy_keeps_every_byte_of_form(tmp_path: Path) -> None:
    source, target = tmp_path / "a.csv", tmp_path / "b.csv"
    source.write_bytes('sep=;\r\nCode;Name\r\nA1;Müller\r\n\r\nA2;"x\r\ny"\r\n\'=1;z\r\n'.encode("cp1252"))
    columns = [ResultColumn(header="Import Result", values={3: "ok", 5: "=bad"})]
    annotate_csv(source, target, columns=columns, marks=[mark(5, "B", hint="Fix it."), mark(7)])
    assert target.read_bytes() == (
        "sep=;\r\nCode;Name;Import Result;Issues\r\nA1;Müller;ok;\r\n"
        "A2;\"x\r\ny\";'=bad;B5: Error: Bad. Fix it.\r\n'=1;z;;Error: Bad.\r\n"
    ).encode("cp1252")
    again = tmp_path / "c.csv"
    annotate_csv(target, again, columns=[ResultColumn(header="Import Result", values={3: "new"})], keep_rows={3, 6})
    sheet = read_csv(again)
    assert [(column.header, column.text) for column in sheet.columns][2] == ("Import Result", ["new", ""])


def test_a_csv_copy_is_utf_8_where_the_encoding_cannot_hold_a_result(tmp_path: Path) -> None:
    source, target = tmp_path / "a.csv", tmp_path / "b.csv"
    source.write_bytes("Code,Name\nA1,Müller\n".encode("cp1252"))
    annotate_csv(source, target, columns=[ResultColumn(header="Result", values={2: "✓ 完"})])
    sheet = read_csv(target)
    assert [column.text for column in sheet.columns] == [["A1"], ["Müller"], ["✓ 完"]]


def test_a_partial_column_leaves_the_other_cells_as_they_are(source: Path, tmp_path: Path) -> None:
    column = ResultColumn(header="Own column", values={3: "ours"}, is_partial=True)
    sheet = annotated(source, columns={"Customers": [column]})["Customers"]
    assert [sheet[f"D{row}"].value for row in range(2, 7)] == ["mine", "ours", "mine", "mine", "mine"]
    text = tmp_path / "a.csv"
    text.write_text("Code,Command\nA,NEW\nB,IGNORE\n")
    spent = ResultColumn(header="Command", values={2: "UPDATE"}, is_partial=True)
    annotate_csv(text, tmp_path / "b.csv", columns=[spent])
    assert (tmp_path / "b.csv").read_text() == "Code,Command\nA,UPDATE\nB,IGNORE\n"


@pytest.mark.parametrize("way", [patch_xlsx, rewrite_xlsx])
def test_what_travels_in_the_workbook_is_replaced(tmp_path: Path, way: Any) -> None:
    spec = SheetSpec(name="Customers", columns=[ColumnSpec(header="Code", values=["A1"])])
    book = BookSpec(sheets=[spec], attachments={"base": b"old" * 50_000, "other": b"stays"})
    write_xlsx(book, tmp_path / "a.xlsx")
    wanted = Wanted(attachments={"base": b"new", "more": bytes(range(256)) * 200})
    way(tmp_path / "a.xlsx", tmp_path / "b.xlsx", read_xlsx(tmp_path / "a.xlsx"), wanted)
    read = read_xlsx(tmp_path / "b.xlsx")
    assert read.attachments == {"base": b"new", "other": b"stays", "more": bytes(range(256)) * 200}
    assert read.damaged_attachments == ()
    assert openpyxl.load_workbook(tmp_path / "b.xlsx")["_bulkio"].sheet_state == "veryHidden"


def test_a_workbook_that_carries_nothing_stays_without(source: Path) -> None:
    assert annotated(source, attachments={"base": b"new"}).sheetnames == ["Customers", "Other"]
