"""The workbook that a person opens: formats, locks, dropdowns, notes, and what travels hidden."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulkio.core.grid import BookSpec, CellType, ColumnSpec, Fact, SheetSpec
from bulkio.errors import FileError
from bulkio.sheets import read_xlsx, write_xlsx
from bulkio.sheets._cells import fits_number_cell, plain_numeral


def column(header: str, *values: str, **options: Any) -> ColumnSpec:
    return ColumnSpec(header=header, values=list(values), **options)


@pytest.fixture
def book(tmp_path: Path) -> Any:
    """A written workbook, as openpyxl sees it."""
    columns = [
        column("Command", "", "UPDATE", options="commands", strict=True, tint="command"),
        column("Code", "00123", "1E5", tint="key", note="Required.\nAt most 100 characters.", width=21),
        column("Guid", "g1", "g2", locked=True),
        column("Rate", "12.5", "0.1234567890123456789", cell_type=CellType.NUMBER),
        column("Obsolete", "true", "false", cell_type=CellType.BOOLEAN),
        column("Currency", "NZD", "", options="currencies"),
    ]
    spec = BookSpec(
        sheets=[
            SheetSpec(name="Customers", columns=columns, frozen_columns=2, blank_rows=50),
            SheetSpec(name="Free", columns=[column("A", "x")], protected=False),
        ],
        readme=[
            ("title", "Customers"),
            ("heading", "How"),
            ("bullet", "Edit."),
            ("code", "bulkio plan"),
            ("text", "x"),
        ],
        lists={"commands": ["NEW", "UPDATE"], "currencies": [f"C{number:03d}" for number in range(400)]},
        attachments={"base": os.urandom(100_000), "meta": b"{}", "none": b""},
        title="Customers of Acme",
    )
    path = tmp_path / "book.xlsx"
    write_xlsx(spec, path)
    return openpyxl.load_workbook(path)


def test_sheets_are_shown_hidden_and_very_hidden(book: Any) -> None:
    states = {sheet.title: sheet.sheet_state for sheet in book.worksheets}
    assert states == {
        "Customers": "visible",
        "Free": "visible",
        "Read me": "visible",
        "_lists": "hidden",
        "_bulkio": "veryHidden",
    }
    assert book.active.title == "Customers"
    assert book.properties.title == "Customers of Acme"


def test_text_is_text_also_where_a_person_types_next(book: Any) -> None:
    sheet = book["Customers"]
    assert (sheet["B2"].value, sheet["B2"].data_type, sheet["B2"].number_format) == ("00123", "s", "@")
    assert sheet.column_dimensions["B"].number_format == "@"
    assert sheet.column_dimensions["B"].width == pytest.approx(21, abs=1)


def test_numbers_are_numbers_where_a_cell_can_hold_them(book: Any) -> None:
    sheet = book["Customers"]
    assert (sheet["D2"].value, sheet["D2"].data_type) == (12.5, "n")
    assert (sheet["D3"].value, sheet["D3"].data_type, sheet["D3"].number_format) == ("0.1234567890123456789", "s", "@")
    assert (sheet["E2"].value, sheet["E3"].value) == (True, False)


def test_header_and_key_stay_in_view_and_all_can_be_filtered(book: Any) -> None:
    sheet = book["Customers"]
    assert sheet.freeze_panes == "C2"
    assert sheet.auto_filter.ref == "A1:F53"


def test_only_read_only_cells_and_headers_are_locked_and_without_a_password(book: Any) -> None:
    sheet = book["Customers"]
    protection = sheet.protection
    assert protection.sheet
    assert protection.password is None
    allowed = ("sort", "autoFilter", "formatCells", "formatColumns", "formatRows", "insertRows", "deleteRows")
    assert not any(getattr(protection, name) for name in allowed)  # in the file, 0 means allowed
    locks = {letter: sheet.column_dimensions[letter].protection.locked for letter in "ABCDEF"}
    assert locks == {"A": False, "B": False, "C": True, "D": False, "E": False, "F": False}
    assert sheet["B1"].protection.locked
    assert not book["Free"].protection.sheet


def test_dropdowns_take_lists_of_any_length_and_reach_new_rows(book: Any) -> None:
    validations = {str(rule.sqref): rule for rule in book["Customers"].data_validations.dataValidation}
    commands, currencies = validations["A2:A1048576"], validations["F2:F1048576"]
    assert (commands.formula1, commands.errorStyle or "stop") == ("list_commands", "stop")
    assert (currencies.formula1, currencies.errorStyle) == ("list_currencies", "warning")
    assert book.defined_names["list_currencies"].attr_text == "_lists!$B$2:$B$401"
    assert [book["_lists"].cell(row=row, column=2).value for row in (1, 2, 401)] == ["currencies", "C000", "C399"]


def test_notes_hang_on_headers(book: Any) -> None:
    assert book["Customers"]["B1"].comment.text == "Required.\nAt most 100 characters."
    assert book["Customers"]["A1"].comment is None


def test_readme_says_what_it_was_given(book: Any) -> None:
    texts = [cell.value for row in book["Read me"].iter_rows() for cell in row if cell.value]
    assert texts == ["Customers", "How", "•", "Edit.", "bulkio plan", "x"]


def test_nothing_in_the_file_is_a_formula_a_link_or_a_macro(tmp_path: Path) -> None:
    values = ["=1+1", "http://example.com", "mailto:a@example.com", "@SUM(A1)", "+1", "<r>x</r>", "internal:Sheet2!A1"]
    specs = [column(value, value, note=value, options="all") for value in values]
    text = [(style, value) for style in ("title", "text", "bullet", "code") for value in values]
    sheet = SheetSpec(name="S", columns=specs)
    path = tmp_path / "a.xlsx"
    write_xlsx(BookSpec(sheets=[sheet], readme=text, lists={"all": values}), path)
    with zipfile.ZipFile(path) as archive:
        sheets = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/")]
    assert not any(b"<f>" in sheet or b"<hyperlink" in sheet for sheet in sheets)
    assert [column.header for column in read_xlsx(path).sheets["S"].columns] == values
    assert openpyxl.load_workbook(path)["_lists"]["A2"].value == "=1+1"


def test_attachments_come_back_byte_by_byte(tmp_path: Path) -> None:
    attachments = {"base": os.urandom(200_001), "empty": b"", "näme": b"x"}
    write_xlsx(
        BookSpec(sheets=[SheetSpec(name="S", columns=[column("A")])], attachments=attachments), tmp_path / "a.xlsx"
    )
    read = read_xlsx(tmp_path / "a.xlsx")
    assert (read.attachments, read.damaged_attachments) == (attachments, ())
    assert list(read.sheets) == ["S"]


def test_attachments_survive_another_program(book: Any, tmp_path: Path) -> None:
    book.save(tmp_path / "saved.xlsx")
    again = read_xlsx(tmp_path / "saved.xlsx")
    assert len(again.attachments["base"]) == 100_000
    assert again.attachments["none"] == b""


@pytest.mark.parametrize("cell", ["A2", "A3", "A4", "A5", "A1"])
def test_a_damaged_attachment_is_named_and_never_used(cell: str, book: Any, tmp_path: Path) -> None:
    sheet = book["_bulkio"]
    sheet[cell] = "AAAA" if cell != "A1" else None
    book.save(tmp_path / "damaged.xlsx")
    read = read_xlsx(tmp_path / "damaged.xlsx")
    assert set(read.attachments) == {"meta", "none"}
    assert read.damaged_attachments == ("base" if cell != "A1" else "column 1",)


def test_a_sheet_without_rows_has_its_header(tmp_path: Path) -> None:
    columns = [column("Code", options="none"), column("Name")]
    spec = BookSpec(sheets=[SheetSpec(name="S", columns=columns, blank_rows=10)], lists={"none": []})
    write_xlsx(spec, tmp_path / "a.xlsx")
    raw = read_xlsx(tmp_path / "a.xlsx").sheets["S"]
    assert ([column.header for column in raw.columns], raw.rows) == (["Code", "Name"], [])


def test_number_cells_hold_what_a_double_gives_back() -> None:
    fits = ["0", "1", "-1", "12.50", "123456789012345", "0.000000000000123456789012345", "1" + "0" * 200, "0.1", "-0.5"]
    does_not = ["", "-0", "-0.0", "1E5", "01", "1.", ".5", "+1", " 1", "1,5", "1234567890123456", "0.1234567890123456"]
    assert [text for text in fits if not fits_number_cell(text)] == []
    assert [text for text in [*does_not, "NaN", "Infinity", "٣", "1" * 400] if fits_number_cell(text)] == []


@given(st.from_regex(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,17})?", fullmatch=True))
def test_a_number_that_fits_is_the_same_number_after_a_double(text: str) -> None:
    if fits_number_cell(text):
        shortened = text.rstrip("0").rstrip(".") if "." in text else text
        assert plain_numeral(repr(float(text))) == shortened


def test_values_of_unexpected_form_are_written_as_the_text_they_are(tmp_path: Path) -> None:
    columns = [
        column("Rate", "n/a", "1,5", cell_type=CellType.NUMBER),
        column("Flag", "maybe", "TRUE", cell_type=CellType.BOOLEAN),
    ]
    write_xlsx(BookSpec(sheets=[SheetSpec(name="S", columns=columns)]), tmp_path / "a.xlsx")
    first, second = read_xlsx(tmp_path / "a.xlsx").sheets["S"].columns
    assert (first.text, second.text) == (["n/a", "1,5"], ["maybe", "TRUE"])
    assert set(first.facts + second.facts) == {Fact.TEXT}


def test_more_rows_than_a_sheet_has_are_refused_by_name(tmp_path: Path) -> None:
    spec = SheetSpec(name="Customers", columns=[ColumnSpec(header="A", values=["x"] * 1_048_576)])
    with pytest.raises(FileError, match=r"Customers!A1048577: 1,048,576 rows"):
        write_xlsx(BookSpec(sheets=[spec]), tmp_path / "a.xlsx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a/b", "x" * 32, "_bulkio", "[x]"])
def test_a_sheet_name_that_excel_refuses_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot make a workbook"):
        write_xlsx(BookSpec(sheets=[SheetSpec(name=name, columns=[column("A", "x")])]), tmp_path / "a.xlsx")


SMALL = BookSpec(sheets=[SheetSpec(name="S", columns=[column("A", "x")])])


def test_a_missing_folder_a_folder_and_a_read_only_file_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="its folder does not exist") as caught:
        write_xlsx(SMALL, tmp_path / "none" / "a.xlsx")
    assert caught.value.hint
    with pytest.raises(FileError, match="is a folder"):
        write_xlsx(SMALL, tmp_path)
    with pytest.raises(FileError, match="its folder does not exist"):
        write_xlsx(SMALL, tmp_path / ("x" * 10) / "a.xlsx")


def test_the_file_is_replaced_whole_and_keeps_its_rights_and_its_links(tmp_path: Path) -> None:
    real = tmp_path / "real.xlsx"
    real.write_bytes(b"old")
    real.chmod(0o640)
    link = tmp_path / "link.xlsx"
    link.symlink_to(real)
    write_xlsx(SMALL, link)
    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert read_xlsx(real).sheets["S"].rows == [2]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.xlsx", "real.xlsx"]


def test_a_full_disk_leaves_the_old_file_and_no_rubbish(tmp_path: Path) -> None:
    pytest.importorskip("resource", reason="POSIX only")
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"old")
    program = f"""
import os, pathlib, resource, signal
from bulkio.core.grid import BookSpec, ColumnSpec, SheetSpec
from bulkio.errors import FileError
from bulkio.sheets import write_xlsx
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
column = ColumnSpec(header="A", values=[os.urandom(20).hex() for _ in range(5000)])
try:
    write_xlsx(BookSpec(sheets=[SheetSpec(name="S", columns=[column])]), pathlib.Path({str(path)!r}))
except FileError as error:
    print(error, "|", error.hint)
"""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-B", "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert re.search("cannot write: it exceeds the size", done.stdout), done.stderr
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_importing_the_package_does_not_import_the_heavy_libraries() -> None:
    program = "import sys, bulkio.sheets; print({'openpyxl', 'xlsxwriter', 'pandas'} & set(sys.modules))"
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert done.stdout.strip() == "set()"
