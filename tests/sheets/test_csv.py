"""CSV as Excel and people write it: encodings, delimiters, quoting, line numbers, formula guards."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulkio.core.grid import CellType, ColumnSpec, Fact, RawSheet, SheetSpec, TextFormat
from bulkio.core.issues import IssueCode
from bulkio.errors import FileError, InvalidFileError
from bulkio.sheets import CsvWriter, read_csv, write_csv, write_csv_file
from bulkio.sheets.csv import guard, unguard

if TYPE_CHECKING:
    from pathlib import Path


def read(content: bytes, **options: str) -> RawSheet:
    return read_csv(io.BytesIO(content), "customers", **options)


def texts(sheet: RawSheet) -> list[list[str]]:
    return [column.text for column in sheet.columns]


# --- written ---------------------------------------------------------------------------------------------------------


def test_what_is_written_is_what_excel_opens() -> None:
    columns = [
        ColumnSpec(header="Code", values=["00123", "+49", "a\nb"]),
        ColumnSpec(header="Rate", values=["-5", "1.50", ""], cell_type=CellType.NUMBER),
        ColumnSpec(header="Flag", values=["true", "false", ""], cell_type=CellType.BOOLEAN),
    ]
    stream = io.BytesIO()
    write_csv(SheetSpec(name="S", columns=columns), stream)
    expected = 'Code,Rate,Flag\r\n00123,-5,TRUE\r\n\'+49,1.50,FALSE\r\n"a\nb",,\r\n'
    assert stream.getvalue() == b"\xef\xbb\xbf" + expected.encode()
    assert not stream.closed


@given(
    st.lists(st.text(st.sampled_from("a=+-@'\t\r\n,\"1.＝é"), max_size=3), max_size=12),  # noqa: RUF001
    st.sampled_from(CellType),
    st.integers(1, 13),
)
def test_rows_that_come_in_parts_are_written_as_if_at_once(values: list[str], cell_type: CellType, size: int) -> None:
    def part(rows: list[str]) -> SheetSpec:
        columns = [ColumnSpec(header="=H", values=rows, cell_type=cell_type), ColumnSpec(header="K", values=rows)]
        return SheetSpec(name="S", columns=columns)

    whole, stream = io.BytesIO(), io.BytesIO()
    write_csv(part(values), whole)
    writer = CsvWriter(stream)
    for start in range(0, max(len(values), 1), size):
        writer.write(part(values[start : start + size]))
    assert stream.getvalue() == whole.getvalue()
    numerals = {"1", "-1", "+1", "1.1", "-1.1", "+1.1", "1,1", "-1,1", "+1,1", "-11", "+11"}
    rows = list(csv.reader(io.StringIO(whole.getvalue().decode("utf-8-sig"), newline="")))
    is_number = cell_type is CellType.NUMBER
    assert rows == [
        ["'=H", "K"],
        *([each if is_number and each in numerals else guard(each), guard(each)] for each in values),
    ]


def test_a_cell_that_no_file_holds_is_named_by_its_row_in_the_file() -> None:
    writer = CsvWriter(io.BytesIO())
    writer.write(SheetSpec(name="S", columns=[ColumnSpec(header="A", values=["x"] * 1500)]))
    for broken in ("a\0b", "a\ud800"):
        with pytest.raises(FileError, match=r"S!B2103: a character that no text file holds"):
            writer.write(
                SheetSpec(
                    name="S",
                    columns=[
                        ColumnSpec(header="A", values=["x"] * 1200),
                        ColumnSpec(header="B", values=[*["y"] * 601, broken, *["z"] * 598]),
                    ],
                )
            )
    with pytest.raises(FileError, match=r"S!A1: a character that no text file holds"):
        write_csv(SheetSpec(name="S", columns=[ColumnSpec(header="A\0", values=["x"])]), io.BytesIO())


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")
    with pytest.raises(FileError, match=r"S!A3: a character that no text file holds"):
        write_csv_file(SheetSpec(name="S", columns=[ColumnSpec(header="A", values=["x", "a\0b"])]), path)
    assert path.read_text() == "old"
    write_csv_file(SheetSpec(name="S", columns=[ColumnSpec(header="A", values=["x"])]), path)
    assert texts(read_csv(path)) == [["x"]]
    assert read_csv(path).name == "a"


@given(st.text("'=+-@\t\r\n＝＋－＠ax1", max_size=6))  # noqa: RUF001
def test_the_guard_comes_off_exactly_as_it_went_on(value: str) -> None:
    assert unguard(guard(value)) == value
    assert not guard(value).startswith(tuple("=+-@\t\r\n＝＋－＠"))  # noqa: RUF001


def test_numerals_in_number_columns_are_no_formulas_and_other_text_there_is_guarded() -> None:
    values = ["-5", "-1+2", "=1"]
    stream = io.BytesIO()
    write_csv(SheetSpec(name="S", columns=[ColumnSpec(header="N", values=values, cell_type=CellType.NUMBER)]), stream)
    assert stream.getvalue().decode("utf-8-sig").split() == ["N", "-5", "'-1+2", "'=1"]
    assert texts(read(stream.getvalue())) == [values]


# --- encodings -------------------------------------------------------------------------------------------------------

GERMAN = "Code;Name\nA1;Müller & Söhne\nA2;Straße 5 €\n"


@pytest.mark.parametrize(
    ("encoding", "detected"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("cp1252", "cp1252"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_are_found_and_told(encoding: str, detected: str, delimiter: str) -> None:
    sheet = read(GERMAN.replace(";", delimiter).encode(encoding))
    assert texts(sheet) == [["A1", "A2"], ["Müller & Söhne", "Straße 5 €"]]
    assert sheet.columns[0].header == "Code"
    assert sheet.text_format == TextFormat(detected, delimiter)


def test_the_users_encoding_overrides_and_fails_strictly_by_line() -> None:
    assert texts(read("Code\nMüller\n".encode("cp850"), encoding="cp850")) == [["Müller"]]
    with pytest.raises(FileError, match=r"line 3: byte 0xFC is not utf-8") as caught:
        read("Code\nx\nMüller\n".encode("cp1252"), encoding="utf-8")
    assert "--encoding" in caught.value.hint
    with pytest.raises(FileError, match="no encoding 'nope'"):
        read(b"Code\n", encoding="nope")
    with pytest.raises(FileError, match="no encoding 'zip'"):
        read(b"Code\n", encoding="zip")


def test_bytes_that_are_no_text_in_any_of_them_are_refused_not_replaced() -> None:
    with pytest.raises(FileError, match=r"line 2: byte 0x81 is not cp1252"):
        read(b"Code\nM\xfcller \x81\n")


@given(st.binary(max_size=200))
def test_no_bytes_end_in_anything_but_a_sheet_or_one_line(content: bytes) -> None:
    try:
        sheet = read(content)
    except FileError as refused:
        error: FileError | None = refused
    else:
        error = None
        replaced = any("\ufffd" in text for column in texts(sheet) for text in column)
        assert not replaced or "\ufffd".encode() in content or b"\xfd" in content  # it was there before
    assert error is None or "\n" not in str(error)


# --- delimiters ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "header", "delimiter"),
    [
        (b"sep=;\r\nA,B;C\r\n1;2\r\n", ["A,B", "C"], ";"),
        (b"\xef\xbb\xbfsep=|\nA|B\n1|2\n", ["A", "B"], "|"),
        (b'"A;x;y","B;z",C\n1,2,3\n', ["A;x;y", "B;z", "C"], ","),
        (b"Code\nA1\n", ["Code"], ","),
        (b'"A\nB";C\n1;2\n', ["A\nB", "C"], ";"),
        (b"\n\nA;B\n1;2\n", ["A", "B"], ";"),
    ],
)
def test_the_delimiter_is_that_of_the_header(content: bytes, header: list[str], delimiter: str) -> None:
    sheet = read(content)
    assert [column.header for column in sheet.columns] == header
    assert sheet.text_format is not None
    assert sheet.text_format.delimiter == delimiter


def test_the_users_delimiter_overrides() -> None:
    assert [column.header for column in read(b"A;B,C\n1;2,3\n", delimiter=",").columns] == ["A;B", "C"]
    with pytest.raises(FileError, match="cannot be a delimiter"):
        read(b"A\n", delimiter=";;")


# --- rows ------------------------------------------------------------------------------------------------------------


def test_a_row_is_the_line_on_which_its_record_starts() -> None:
    sheet = read(b'sep=,\r\n\r\nA,B\r\n1,"x\r\ny\nz"\r\n\r\n2,q\r,\r\n3,r')
    assert (sheet.header_row, sheet.rows) == (3, [4, 8, 10])
    assert texts(sheet) == [["1", "2", "3"], ["x\r\ny\nz", "q", "r"]]
    assert [list(column.facts) for column in sheet.columns] == [[Fact.TEXT] * 3] * 2


def test_columns_keep_their_letters_and_blank_ones_without_header_are_dropped() -> None:
    sheet = read(b"A,,B,,\n1,,2,x,\n")
    assert [(column.header, column.letter) for column in sheet.columns] == [("A", "A"), ("B", "C"), ("", "D")]


def test_ragged_rows_are_issues_with_their_lines() -> None:
    with pytest.raises(InvalidFileError, match=r"line 3 and 1 more lines: 1 cell, but the header has 2") as caught:
        read(b"A,B\n1,2\n3\n4,5,6\n7,8,,\n")
    assert [(issue.code, issue.row, issue.sheet) for issue in caught.value.issues] == [
        (IssueCode.RAGGED_ROW, 3, "customers"),
        (IssueCode.RAGGED_ROW, 4, "customers"),
    ]


@pytest.mark.parametrize(
    ("content", "code", "row"),
    [
        (b'A,B\n1,2\n3,"4\n5,6\n', IssueCode.BAD_QUOTING, 3),
        (b'A,B\n1,"2"x\n', IssueCode.BAD_QUOTING, 2),
        (b'A,B\n"1\n2"3,4\n', IssueCode.BAD_QUOTING, 2),
        (b'A,B\n1,"' + b"x" * (1 << 20) + b'x"\n', IssueCode.BAD_QUOTING, 2),
        (b"A,B\n1,2\n3,4\0\n", IssueCode.NUL_CHARACTER, 3),
    ],
)
def test_broken_quotes_and_nuls_are_issues_with_their_lines(content: bytes, code: IssueCode, row: int) -> None:
    with pytest.raises(InvalidFileError, match=f"line {row}") as caught:
        read(content)
    assert [(issue.code, issue.row) for issue in caught.value.issues] == [(code, row)]
    assert caught.value.hint


def test_a_cell_may_be_long() -> None:
    assert len(texts(read(b'A,B\n1,"' + b"x" * (1 << 20) + b'"\n'))[1][0]) == 1 << 20


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b"sep=;\n"])
def test_a_file_without_a_header_is_empty(content: bytes) -> None:
    with pytest.raises(FileError, match="the file is empty"):
        read(content)


def test_a_missing_file_and_a_folder_are_said_to_be_that(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no such file"):
        read_csv(tmp_path / "none.csv")
    with pytest.raises(FileError, match="is a folder"):
        read_csv(tmp_path)


def test_twenty_thousand_rows_come_back() -> None:
    columns = [ColumnSpec(header=f"C{number}", values=["Wellington"] * 20_000) for number in range(60)]
    stream = io.BytesIO()
    write_csv(SheetSpec(name="S", columns=columns), stream)
    assert len(read(stream.getvalue()).rows) == 20_000
