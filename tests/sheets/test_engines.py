"""Two engines behind workbooks: whatever one writes or reads, the other does, too."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bulkio.core.grid import BookSpec, CellType, ColumnSpec, Highlight, RawBook, SheetSpec
from bulkio.errors import FileError, UsageError
from bulkio.sheets import read_xlsx, write_xlsx
from bulkio.sheets.engine import VARIABLE, Engine, reading_engine, writing_engine

ENGINES = ("fast", "openpyxl")
HOSTILE = [
    "00123", "1E5", "=1+1", "@cmd", "+49 89 1", "'", "'=1", "NA", "#N/A", "null", "True", "FALSE", "2024-03-01", "MAR1",
    "a\r\nb", "a\rb", "a\nb", "\n", "\t", " lead", "trail ", "  ", "\u00a0x", "a\u200bb", "😀", "\ufeffx", "\u2028",
    "\x85", "\x01", "\x1f", "_x0041_", "_x0041_x0042_", "_x005F_", "x005F_", "ITEMx005F_1", "_xD800_", "_x000D_",
    "<r>x</r>", "<b>&amp;</b>", "]]>", "&#10;", "[CLEAR]", "x" * 32_767, "\x01" * 20_000, "\ufffe",
    "\ue0f0\ue0f1",
]  # fmt: skip
NUMBERS = ["0", "1", "-5", "12.5", "0.1", "100000000000000", "0.00001", "123456789012345", "12345678901234567890",
           "1E5", "-0", "1.10", "", "abc", "0.1234567890123456789"]  # fmt: skip


HIGHLIGHTS = [
    Highlight(text="[CLEAR]", tint="clear"),
    Highlight(text="NEW", tint="new", column="Command"),
    Highlight(text='a "b"', tint="delete", column="Text"),
    Highlight(text="x", tint="ignore", column="There is none"),
]


def column(header: str, *values: str, **options: Any) -> ColumnSpec:
    return ColumnSpec(header=header, values=list(values), **options)


def written(book: BookSpec, path: Path, engine: str) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, engine)
        write_xlsx(book, path)
    return path


def read(path: Path, engine: str) -> RawBook:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, engine)
        return read_xlsx(path)


def book_of(texts: list[str]) -> BookSpec:
    count = len(texts)
    numbers = (NUMBERS * count)[:count]
    columns = [
        column("Command", *([""] * count), options="commands", strict=True, tint="command"),
        column("Code", *(f"C{row}" for row in range(count)), tint="key", note="Required.\nAt most 100.", width=21),
        column("Text", *texts, options="currencies", wrap=True),
        column("Guid", *texts[::-1], locked=True),
        column("Rate", *numbers, cell_type=CellType.NUMBER),
        column("Obsolete", *(["true", "false", "", "maybe"] * count)[:count], cell_type=CellType.BOOLEAN),
    ]
    return BookSpec(
        sheets=[
            SheetSpec(name="Customers", columns=columns, frozen_columns=2, blank_rows=50, highlights=HIGHLIGHTS),
            SheetSpec(name="Empty", columns=[column("A"), column("B", width=9)], protected=False),
        ],
        readme=[
            ("title", "Customers"),
            ("heading", "How"),
            ("bullet", "=Edit."),
            ("code", "bulkio plan"),
            ("text", "x"),
        ],
        lists={"commands": ["NEW", "UPDATE"], "currencies": [f"C{number:03d}" for number in range(400)]},
        attachments={"base": bytes(range(256)) * 400, "none": b""},
        title="Customers of Acme",
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_a_hidden_column_is_in_the_file_and_read_like_all_others(tmp_path: Path, engine: str) -> None:
    columns = [column("Code", "A"), column("Guid", "g", hidden=True), column("City", "Bonn")]
    path = written(BookSpec(sheets=[SheetSpec(name="Customers", columns=columns)]), tmp_path / "book.xlsx", engine)
    shown = openpyxl.load_workbook(path)["Customers"].column_dimensions
    assert [shown[letter].hidden for letter in "ABC"] == [False, True, False]
    assert [each.text for each in read(path, engine).sheets["Customers"].columns] == [["A"], ["g"], ["Bonn"]]


@pytest.mark.parametrize("reader", ENGINES)
@pytest.mark.parametrize("writer", ENGINES)
def test_every_hostile_value_survives_any_pair_of_engines(writer: str, reader: str, tmp_path: Path) -> None:
    book = book_of(HOSTILE)
    back = read(written(book, tmp_path / "book.xlsx", writer), reader)
    text, guid = back.sheets["Customers"].columns[2:4]
    assert text.text == list(book.sheets[0].columns[2].values)
    assert guid.text == list(book.sheets[0].columns[3].values)
    assert back == read(written(book, tmp_path / "judge.xlsx", "fast"), "fast")
    assert back.attachments == book.attachments


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    texts=st.lists(
        st.text(st.characters(exclude_categories=("Cs",)), max_size=30) | st.sampled_from(HOSTILE), max_size=5
    )
)
def test_any_text_survives_any_pair_of_engines(texts: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("engines", numbered=True)
    columns = [column("Code", *(f"C{at}" for at in range(len(texts)))), column("Text", *texts)]
    book = BookSpec(sheets=[SheetSpec(name="Customers", columns=columns)])
    found = [read(written(book, folder / f"{writer}.xlsx", writer), reader) for writer in ENGINES for reader in ENGINES]
    assert all(each == found[0] for each in found)
    columns_back = {each.header: each.text for each in found[0].sheets["Customers"].columns}
    assert columns_back.get("Text", []) == texts


def by_openpyxl(path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["A title of one cell"])
    sheet.append(["Code", "Date", "Time", "Both", "Sum", "Truth", "Error"])
    moment = dt.datetime(2026, 1, 31, 9, 5, 0, 250_000)  # noqa: DTZ001 a spreadsheet knows no zones
    sheet.append(["A1", moment.date(), moment.time(), moment, "=1+1", True, "#N/A"])
    sheet.append(["A2", None, dt.timedelta(hours=26), None, "=TRUE()", False, "#REF!"])
    sheet["C4"].number_format = "[h]:mm:ss"
    sheet.row_dimensions[4].hidden = True
    sheet["H9"] = "without a header"
    hidden = book.create_sheet("Hidden & <more>")
    hidden.sheet_state = "hidden"
    hidden.append(["x", "y"])
    book.save(path)


def by_xlsxwriter(path: Path) -> None:
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("S")
    sheet.write_row(0, 0, ["A", "B", "x005F_", "_x0041_"])
    for row, value in enumerate((0, 2, "", "a", True, "#N/A", 0.5), start=1):
        sheet.write_formula(row, 0, "=1+1", None, value)
        sheet.write_string(row, 1, f"ITEMx005F_{row}")
    sheet.set_row(3, None, None, {"hidden": True})
    sheet.set_row(20, None, None, {"hidden": True})
    sheet.write_rich_string(9, 2, "a", book.add_format({"bold": True}), "b")
    book.close()


@pytest.mark.parametrize("make", [by_openpyxl, by_xlsxwriter])
def test_both_read_other_programs_files_the_same(make: Any, tmp_path: Path) -> None:
    path = tmp_path / "other.xlsx"
    make(path)
    fast, other = (read(path, engine) for engine in ENGINES)
    assert fast == other
    assert any(sheet.rows for sheet in fast.sheets.values())


def look(cell: Any) -> tuple[Any, ...]:
    border = cell.border.left.style if cell.border.left else None
    fill = cell.fill.fgColor.rgb if cell.fill.fill_type else ""
    font = (cell.font.name, cell.font.size, cell.font.b or False)
    place = (cell.alignment.vertical or "bottom", cell.alignment.horizontal)
    note = cell.comment.text if cell.comment else ""
    return cell.value, cell.data_type, cell.number_format, cell.protection.locked, font, fill, border, place, note


def seen(path: Path) -> dict[str, Any]:
    """What a person sees of a workbook, as far as openpyxl knows."""
    book = openpyxl.load_workbook(path)
    looks: dict[str, Any] = {"names": {name: each.attr_text for name, each in book.defined_names.items()}}
    for sheet in book.worksheets:
        looks[sheet.title] = {
            "state": sheet.sheet_state,
            "frozen": sheet.freeze_panes,
            "filter": sheet.auto_filter.ref,
            "protected": (sheet.protection.sheet, sheet.protection.sort, sheet.protection.formatCells),
            "page": (sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.sheet_properties.pageSetUpPr),
            "merged": sorted(map(str, sheet.merged_cells.ranges)),
            "dropdowns": sorted(
                (str(each.sqref), each.formula1.lstrip("="), each.errorStyle or "stop", each.error)
                for each in sheet.data_validations.dataValidation
            ),
            "highlights": [
                (str(area.sqref), rule.formula, rule.dxf.fill.bgColor.rgb if rule.dxf.fill else "", rule.stopIfTrue)
                for area, rules in sheet.conditional_formatting._cf_rules.items()  # noqa: SLF001
                for rule in rules
            ],
            "widths": [
                round(each.width) for each in sheet.column_dimensions.values() for _ in range(each.min, each.max + 1)
            ],
            "cells": {
                cell.coordinate: look(cell) for row in sheet.iter_rows() for cell in row if cell.value is not None
            },
        }
    return looks


def test_both_write_a_workbook_that_looks_the_same(tmp_path: Path) -> None:
    book = book_of(["one", "two lines\nof text", "=1+1", ""])
    fast, other = (seen(written(book, tmp_path / f"{engine}.xlsx", engine)) for engine in ENGINES)
    assert fast.keys() == other.keys()
    assert [formula for _, formula, _, _ in fast["Customers"]["highlights"]] == [
        ['A2="[CLEAR]"'],
        ['$A2="NEW"'],
        ['$C2="a ""b"""'],
    ]
    for sheet, look in fast.items():
        assert other[sheet] == look, sheet


@pytest.mark.parametrize("name", ["a/b", "x" * 32, "_bulkio", "[x]", ""])
@pytest.mark.parametrize("engine", ENGINES)
def test_a_sheet_name_that_excel_refuses_is_refused_by_both(engine: str, name: str, tmp_path: Path) -> None:
    book = BookSpec(sheets=[SheetSpec(name=name, columns=[column("A", "1")])])
    if engine == "fast" and not name:
        pytest.skip("xlsxwriter gives a sheet without a name one of its own")
    with pytest.raises(FileError):
        written(book, tmp_path / "a.xlsx", engine)
    assert not (tmp_path / "a.xlsx").exists()


@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"]
)
def test_a_damaged_workbook_ends_in_one_line_whoever_reads_it(part: str, tmp_path: Path) -> None:
    whole = written(book_of(["x"]), tmp_path / "a.xlsx", "fast")
    with zipfile.ZipFile(whole) as before, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as after:
        for name in before.namelist():
            content = before.read(name)
            after.writestr(name, content[: len(content) // 2] if name == part else content)
    for engine in ENGINES:
        if engine == "fast" and part == "[Content_Types].xml":
            continue  # it has no need of that part
        with pytest.raises(FileError) as refused:
            read(tmp_path / "b.xlsx", engine)
        assert "\n" not in str(refused.value)


def test_an_engine_that_there_is_not_is_a_mistake_in_the_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "calamine")
    for asked in (reading_engine, writing_engine):
        with pytest.raises(UsageError, match="BULKIO_XLSX_ENGINE is 'calamine'"):
            asked()
    monkeypatch.setenv(VARIABLE, " OpenPyXL ")
    assert (reading_engine(), writing_engine()) == (Engine.OPENPYXL, Engine.OPENPYXL)
    monkeypatch.delenv(VARIABLE)
    assert (reading_engine(), writing_engine()) == (Engine.FAST, Engine.FAST)


@pytest.mark.parametrize(("declared", "said"), [("", "Engine.FAST Engine.OPENPYXL written"), ("fast", "UsageError")])
def test_where_xlsxwriter_cannot_be_imported_openpyxl_writes(declared: str, said: str, tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['xlsxwriter'] = None\n"
        "from pathlib import Path\n"
        "from bulkio.core.grid import BookSpec, ColumnSpec, SheetSpec\n"
        "from bulkio.sheets import write_xlsx\n"
        "from bulkio.sheets.engine import reading_engine, writing_engine\n"
        "spec = SheetSpec(name='S', columns=[ColumnSpec(header='A', values=['1'])])\n"
        "try:\n"
        "    write_xlsx(BookSpec(sheets=[spec]), Path('a.xlsx'))\n"
        "    print(reading_engine(), writing_engine(), 'written')\n"
        "except Exception as exc:\n"
        "    print(type(exc).__name__)\n"
    )
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, VARIABLE: declared, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert done.stdout.strip() == said, done.stderr
