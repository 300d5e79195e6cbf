"""A file is what is in it, whatever it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import bulkio.sheets
from bulkio.core.grid import BookSpec, ColumnSpec, SheetSpec
from bulkio.errors import FileError
from bulkio.sheets import read_book, write_xlsx

if TYPE_CHECKING:
    from pathlib import Path

BOOK = BookSpec(sheets=[SheetSpec(name="Customers", columns=[ColumnSpec(header="Code", values=["A1"])])])


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv", "a", "a.jsonl"])
def test_a_workbook_is_a_workbook_under_any_name(name: str, tmp_path: Path) -> None:
    write_xlsx(BOOK, tmp_path / name)
    assert read_book(tmp_path / name).sheets["Customers"].columns[0].text == ["A1"]


@pytest.mark.parametrize("name", ["customers.csv", "customers.txt", "customers.tsv", "customers"])
def test_text_is_csv(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"Code\tName\nA1\tx\n")
    assert read_book(tmp_path / name).sheets["customers"].rows == [2]
    assert list(read_book(tmp_path / name, root="Customers").sheets) == ["Customers"]


@pytest.mark.parametrize("name", ["customers.jsonl", "customers.ndjson", "customers.txt"])
def test_objects_are_json_lines(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b'{"Code":"A1","Addresses":[{"City":"x"}]}\n')
    book = read_book(tmp_path / name, root="Customers", children={"Addresses": "Code"})
    assert list(book.sheets) == ["Customers", "Addresses"]


def test_text_that_is_called_a_workbook_is_refused_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"Code,Name\n")
    with pytest.raises(FileError, match=r"not an \.xlsx workbook") as caught:
        read_book(tmp_path / "a.xlsx")
    assert ".csv" in caught.value.hint


def test_a_missing_file_and_a_folder_are_said_to_be_that(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no such file"):
        read_book(tmp_path / "none.xlsx")
    with pytest.raises(FileError, match="is a folder"):
        read_book(tmp_path)


def test_the_public_names_are_these() -> None:
    assert bulkio.sheets.__all__ == sorted(bulkio.sheets.__all__)
    assert all(hasattr(bulkio.sheets, name) for name in bulkio.sheets.__all__)
