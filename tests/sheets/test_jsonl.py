"""JSON lines: one line a customer, with its children."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest

from bulkio.core.grid import CellType, ColumnSpec, Fact, RawBook, SheetSpec
from bulkio.core.issues import IssueCode
from bulkio.errors import FileError, InvalidFileError
from bulkio.sheets import JsonlWriter, read_jsonl, write_jsonl, write_jsonl_file

if TYPE_CHECKING:
    from pathlib import Path

CHILDREN = {"Addresses": "Code", "Contacts": "Code"}


def sheets(owners: tuple[str, ...] = ("A1", "A2", "A1")) -> list[SheetSpec]:
    customers = [
        ColumnSpec(header="Code", values=["A1", "A2", "A3"]),
        ColumnSpec(header="Rate", values=["1.50", "", "12345678901234567890.5"], cell_type=CellType.NUMBER),
        ColumnSpec(header="Obsolete", values=["true", "false", ""], cell_type=CellType.BOOLEAN),
    ]
    addresses = [
        ColumnSpec(header="Code", values=owners),
        ColumnSpec(header="City", values=["Leeds", "", "Zürich"]),
        ColumnSpec(header="Default", values=["true", "true", "false"], cell_type=CellType.BOOLEAN),
    ]
    return [SheetSpec(name="Customers", columns=customers), SheetSpec(name="Addresses", columns=addresses)]


def written() -> bytes:
    stream = io.BytesIO()
    write_jsonl(sheets(), "Customers", CHILDREN, stream)
    return stream.getvalue()


def read(content: bytes) -> RawBook:
    return read_jsonl(io.BytesIO(content), root="Customers", children=CHILDREN)


def test_a_line_is_a_record_with_its_children() -> None:
    lines = [json.loads(line) for line in written().splitlines()]
    assert lines[0] == {
        "Code": "A1",
        "Rate": "1.50",
        "Obsolete": True,
        "Addresses": [{"City": "Leeds", "Default": True}, {"City": "Zürich", "Default": False}],
    }
    assert lines[1] == {"Code": "A2", "Rate": None, "Obsolete": False, "Addresses": [{"City": None, "Default": True}]}
    assert lines[2]["Addresses"] == []


def test_what_was_written_is_read() -> None:
    book = read(written())
    customers, addresses = book.sheets["Customers"], book.sheets["Addresses"]
    assert customers.rows == [1, 2, 3]
    assert {column.header: column.text for column in customers.columns} == {
        "Code": ["A1", "A2", "A3"],
        "Rate": ["1.50", "", "12345678901234567890.5"],
        "Obsolete": ["TRUE", "FALSE", ""],
    }
    assert list(customers.columns[2].facts) == [Fact.BOOLEAN, Fact.BOOLEAN, Fact.BLANK]
    assert addresses.rows == [1, 2, 3]
    assert {column.header: column.text for column in addresses.columns} == {
        "Code": ["A1", "A1", "A2"],
        "City": ["Leeds", "Zürich", ""],
        "Default": ["TRUE", "FALSE", "TRUE"],
    }
    assert "Contacts" not in book.sheets


@pytest.mark.parametrize(
    ("owners", "words"),
    [(("A1", "A9", "A1"), "'A9' names no Customers"), (("A1", "", "A1"), "'' names no Customers")],
)
def test_a_child_without_a_parent_is_refused_not_dropped(owners: tuple[str, ...], words: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with pytest.raises(FileError, match=f"Addresses row 3: Code {words}"):
        write_jsonl_file(sheets(owners), "Customers", CHILDREN, path)
    assert not path.exists()


def part(keys: list[str], owners: list[str]) -> list[SheetSpec]:
    return [
        SheetSpec(name="Customers", columns=[ColumnSpec(header="Code", values=keys)]),
        SheetSpec(name="Addresses", columns=[ColumnSpec(header="Code", values=owners)]),
        SheetSpec(name="Contacts", columns=[ColumnSpec(header="Code", values=owners)]),
    ]


def in_parts(*parts: list[SheetSpec]) -> bytes:
    stream = io.BytesIO()
    writer = JsonlWriter(stream, "Customers", CHILDREN)
    for each in parts:
        writer.write(each)
    return stream.getvalue()


def test_records_that_come_in_parts_are_written_as_if_at_once() -> None:
    whole = in_parts(part(["A1", "A2", "A3", "A4"], ["A1", "A3", "A3"]))
    assert in_parts(part(["A1", "A2"], ["A1"]), part([], []), part(["A3", "A4"], ["A3", "A3"])) == whole
    assert len(whole.splitlines()) == 4


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (part(["A1", "A2"], ["A1"]), part(["A1"], []), "Addresses row 3: Code 'A1' names 2 Customers"),
        (part(["A1", "A2"], ["A2"]), part(["A1"], ["A1"]), "row 3: Code 'A1' names 2 Customers"),
        (part(["A1", "A2"], ["A2"]), part(["A3"], ["A3", "A1"]), "row 4: Code 'A1' names no Customers"),
        (part(["A1", ""], []), part(["A3", ""], ["A3", ""]), "row 3: Code '' names no Customers"),
        (part(["A1"], []), part(["A3", "A3"], ["A3"]), "row 2: Code 'A3' names 2 Customers"),
    ],
)
def test_a_child_with_two_parents_or_none_is_refused_in_whatever_part_they_are(
    first: list[SheetSpec], second: list[SheetSpec], words: str
) -> None:
    with pytest.raises(FileError, match=words):
        in_parts(first, second)


def test_parents_without_children_may_share_a_key() -> None:
    assert len(in_parts(part(["A1", "A1", ""], []), part(["A1", ""], [])).splitlines()) == 5


def test_half_a_character_is_named_by_its_row_in_the_file() -> None:
    with pytest.raises(FileError, match="Customers row 4: half a character"):
        in_parts(part(["A1"], []), part(["A2", "x\ud800"], []))


def test_numbers_stay_the_digits_they_are() -> None:
    book = read(b'{"a":12345678901234567890.10,"b":1E5,"c":-0.0000001}\n')
    columns = book.sheets["Customers"].columns
    assert [column.text[0] for column in columns] == ["12345678901234567890.10", "100000", "-0.0000001"]
    assert {column.facts for column in columns} == {bytes([Fact.NUMBER])}


def test_missing_keys_are_blank_and_columns_come_in_the_order_of_their_first_line() -> None:
    book = read(b'{"b":"1"}\n\n{"a":"2","b":null}\n{}\n{"c":""}\n')
    sheet = book.sheets["Customers"]
    assert sheet.rows == [1, 3]
    assert [(column.header, column.text) for column in sheet.columns] == [
        ("b", ["1", ""]),
        ("a", ["", "2"]),
        ("c", ["", ""]),
    ]


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        (b"[1]", "", "not a JSON object"),
        (b"{", "", "not JSON"),
        (b'{"a":1} x', "", "not JSON"),
        (b'{"a":1,"a":2}', "a", "stands twice"),
        (b'{"a":NaN}', "", "NaN is no number"),
        (b'{"a":1e999}', "", "out of range"),
        (b'{"a":{"b":1}}', "a", "is an object"),
        (b'{"a":[1]}', "a", "is a list"),
        (b'{"Code":"A1","Addresses":{"City":"x"}}', "Addresses", "is a list of objects"),
        (b'{"Code":"A1","Addresses":[{"City":["x"]}]}', "Addresses.City", "is a list"),
        (b'{"Addresses":[{"City":"x"}]}', "Addresses", "no Code"),
        (b'{"Code":"A1","Addresses":[{"Code":"A2"}]}', "Addresses", "not its parent's"),
        (b'{"a":"\\ud800"}', "a", "half a character"),
        (b"[" * 100_000, "", "too deeply"),
        (b'{"a":' + b"1" * 5_000 + b"}", None, ""),
    ],
)
def test_a_bad_line_is_an_issue_with_its_number(line: bytes, column: str | None, words: str) -> None:
    if column is None:
        assert len(read(line).sheets["Customers"].columns[0].text[0]) == 5_000
        return
    with pytest.raises(InvalidFileError, match="line 2") as caught:
        read(b'{"Code":"A0"}\n' + line + b"\n")
    (issue,) = caught.value.issues
    assert (issue.code, issue.row, issue.column) == (IssueCode.BAD_LINE, 2, column)
    assert words in issue.message


def test_bytes_that_are_no_utf_8_are_named_by_line() -> None:
    with pytest.raises(FileError, match=r"line 2: byte 0xFC is not utf-8"):
        read_jsonl(io.BytesIO(b'{"a":"x"}\n{"a":"\xfc"}\n'), root="Customers", children={}, encoding="utf-8")
