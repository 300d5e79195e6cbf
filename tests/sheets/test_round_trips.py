"""Whatever text a record holds comes back from every format exactly as it was."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import TYPE_CHECKING

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bulkio.core.grid import BookSpec, CellType, ColumnSpec, Fact, SheetSpec
from bulkio.errors import FileError
from bulkio.sheets import read_csv, read_jsonl, read_xlsx, write_csv, write_jsonl, write_xlsx

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

HOSTILE = [
    "00123", "1E5", "1e10", "=1+1", "@cmd", "+49 89 1", "-5", "-", "=", "'", "''", "'=1", "''@x", "'a",
    "NA", "N/A", "n/a", "#N/A", "null", "NULL", "None", "nan", "NaN", "-nan", "<NA>", "1.#IND", "True", "FALSE", "inf",
    "12345678901234567890", "0.1234567890123456789", "1.10", "2024-03-01", "MAR1", "1/2",
    "a\r\nb", "a\rb", "a\nb", "\n", "\r", "\t", "\ttab", "tab\t", " lead", "trail ", "  ", "\u00a0", "\u00a0x\u00a0",
    "a\u200bb", "\u200f\u05d0\u05d1", "\u202eabc", "😀", "e\u0301", "\ufeff", "\ufeffx", "\u2028", "\x85", "\x7f",
    "\x01", "\x0b", "\x1f", "_x0041_", "_x0041_x0042_", "_x005F_", "x005F_", "ITEMx005F_1", "_x0041\x01", "\x01x0041_",
    "_xD800_", "_x000D_", "\ufffe", "\uffff",
    "a,b", "a;b", 'say "hi"', '"', '""', "a|b", "<r>x</r>", "<b>&amp;</b>", "]]>", "&#10;", "&", "<!--", "{}", "%PDF",
    "http://example.com", "mailto:a@example.com", "\uff1d1", "sep=;", "[CLEAR]",
]  # fmt: skip
"""Values that some library on the way is known to change; none has a NUL, which a CSV file cannot hold."""

ANY_TEXT = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=40
) | st.sampled_from(HOSTILE) | st.text("_x0145F\x01\r\n='\"@, ", max_size=14)  # fmt: skip
PLAIN_TEXT = st.text(
    st.characters(min_codepoint=32, exclude_categories=("Cs",), exclude_characters="_\ufffe\uffff"), max_size=30
)
TABLES = st.lists(st.tuples(ANY_TEXT, ANY_TEXT), max_size=8)
SETTINGS = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def sheet_of(rows: Sequence[tuple[str, str]]) -> SheetSpec:
    """A table with a key, so that no row is blank, and two columns of the values."""
    columns = [
        ColumnSpec(header="Code", values=[f"C{row}" for row in range(len(rows))]),
        ColumnSpec(header="One", values=[one for one, _ in rows]),
        ColumnSpec(header="Two", values=[two for _, two in rows]),
    ]
    return SheetSpec(name="Customers", columns=columns)


def columns_of(sheet: SheetSpec) -> list[tuple[str, list[str]]]:
    return [(column.header, list(column.values)) for column in sheet.columns]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("round_trips")


def xlsx_back(sheet: SheetSpec, folder: Path) -> list[tuple[str, list[str]]]:
    path = folder / "book.xlsx"
    write_xlsx(BookSpec(sheets=[sheet]), path)
    raw = read_xlsx(path).sheets[sheet.name]
    assert raw.rows == list(range(2, sheet.row_count + 2))
    for column in raw.columns:
        assert column.facts == bytes(Fact.TEXT if text else Fact.BLANK for text in column.text)
    return [(column.header, column.text) for column in raw.columns]


def csv_back(sheet: SheetSpec) -> list[tuple[str, list[str]]]:
    stream = io.BytesIO()
    write_csv(sheet, stream)
    raw = read_csv(io.BytesIO(stream.getvalue()), sheet.name)
    return [(column.header, column.text) for column in raw.columns]


def jsonl_back(sheet: SheetSpec) -> list[tuple[str, list[str]]]:
    stream = io.BytesIO()
    write_jsonl([sheet], sheet.name, {}, stream)
    raw = read_jsonl(io.BytesIO(stream.getvalue()), root=sheet.name, children={}).sheets[sheet.name]
    return [(column.header, column.text) for column in raw.columns]


def test_every_hostile_value_survives_a_workbook(folder: Path) -> None:
    sheet = sheet_of([(value, value[::-1]) for value in HOSTILE])
    assert xlsx_back(sheet, folder) == columns_of(sheet)


def test_every_hostile_value_survives_csv() -> None:
    sheet = sheet_of([(value, value[::-1]) for value in HOSTILE])
    assert csv_back(sheet) == columns_of(sheet)


def test_every_hostile_value_survives_jsonl() -> None:
    sheet = sheet_of([(value, value[::-1]) for value in HOSTILE])
    assert jsonl_back(sheet) == columns_of(sheet)


@SETTINGS
@given(rows=TABLES)
def test_any_text_survives_a_workbook(rows: list[tuple[str, str]], folder: Path) -> None:
    sheet = sheet_of(rows)
    assert xlsx_back(sheet, folder) == columns_of(sheet)


@SETTINGS
@given(rows=TABLES)
def test_any_text_survives_csv(rows: list[tuple[str, str]]) -> None:
    sheet = sheet_of(rows)
    assert csv_back(sheet) == columns_of(sheet)


@SETTINGS
@given(rows=TABLES.filter(bool))
def test_any_text_survives_jsonl(rows: list[tuple[str, str]]) -> None:
    sheet = sheet_of(rows)
    assert jsonl_back(sheet) == columns_of(sheet)


@settings(max_examples=40, deadline=None)
@given(rows=st.lists(st.tuples(PLAIN_TEXT, st.sampled_from(HOSTILE)), max_size=6))
def test_openpyxl_reads_what_we_wrote(rows: list[tuple[str, str]], folder: Path) -> None:
    """Another program sees the same text, as text; only `_xHHHH_` is left to it to decode."""
    sheet = sheet_of(rows)
    path = folder / "judge.xlsx"
    write_xlsx(BookSpec(sheets=[sheet]), path)
    judge = openpyxl.load_workbook(path)["Customers"]
    for row, (text, hostile) in enumerate(rows, start=2):
        cells = (judge.cell(row=row, column=2), text), (judge.cell(row=row, column=3), hostile)
        for cell, expected in cells:
            assert cell.data_type == "s" or not expected
            assert cell.hyperlink is None
            if "_" not in expected and expected.isprintable():
                assert (cell.value or "") == expected


@settings(max_examples=100, deadline=None)
@given(
    numbers=st.lists(
        st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**14), max_value=10**14)
        | st.decimals(allow_nan=False, allow_infinity=False),
        max_size=8,
    )
)
def test_any_decimal_survives_a_number_column(numbers: list[Decimal], folder: Path) -> None:
    texts = [format(number, "f") for number in numbers]
    texts = [text for text in texts if len(text) < 400]
    key = ColumnSpec(header="Code", values=["x"] * len(texts))
    column = ColumnSpec(header="Rate", values=texts, cell_type=CellType.NUMBER)
    path = folder / "numbers.xlsx"
    write_xlsx(BookSpec(sheets=[SheetSpec(name="S", columns=[key, column])]), path)
    raw = read_xlsx(path).sheets["S"].columns[1]
    assert [Decimal(text) for text in raw.text] == [Decimal(text) for text in texts]
    assert all("E" not in text for text in raw.text)


@pytest.mark.parametrize("value", ["x" * 32_767, "é" * 32_767, "😀" * 16_383, "\n" * 32_767])
def test_the_longest_cell_survives(value: str, folder: Path) -> None:
    sheet = sheet_of([(value, "")])
    assert xlsx_back(sheet, folder) == [("Code", ["C0"]), ("One", [value]), ("Two", [""])]


@pytest.mark.parametrize("value", ["x" * 32_768, "😀" * 16_384])
def test_one_character_more_is_refused_by_name_and_leaves_the_old_file(value: str, tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(b"old")
    with pytest.raises(FileError, match=r"Customers!B3: 32,768 characters; a cell holds 32,767"):
        write_xlsx(BookSpec(sheets=[sheet_of([("a", ""), (value, "")])]), path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_half_a_character_is_refused_everywhere(tmp_path: Path) -> None:
    sheet = sheet_of([("a", "b"), ("c", "x\ud800y")])
    with pytest.raises(FileError, match="Customers!C3"):
        write_xlsx(BookSpec(sheets=[sheet]), tmp_path / "book.xlsx")
    with pytest.raises(FileError, match="Customers!C3"):
        write_csv(sheet, io.BytesIO())
    with pytest.raises(FileError, match="row 3"):
        write_jsonl([sheet], "Customers", {}, io.BytesIO())
