"""The file that comes back: what it is, what it knows of its own export, and what is said where that is damaged."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from bulkio import FileError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def shelf(kit: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Exports of five customers, only read."""
    with kit.desk_at(tmp_path_factory.mktemp("shelf"), customers=5) as desk:
        for suffix in kit.SUFFIXES:
            desk.export(f"customers.{suffix}")
        yield desk


def codes(checked: Any) -> list[str]:
    return [issue.code.value for issue in checked.issues]


def copied(shelf: Any, folder: Path, *names: str) -> Path:
    for name in names:
        shutil.copy(shelf.folder / name, folder / name)
    return folder / names[0]


def test_a_workbook_knows_its_export_wherever_it_goes(shelf: Any, tmp_path: Path) -> None:
    path = copied(shelf, tmp_path, "customers.xlsx").rename(tmp_path / "from a mail.xlsx")
    assert codes(shelf.account.check(path)) == []


def test_a_workbook_named_otherwise_is_still_one(shelf: Any, tmp_path: Path) -> None:
    path = copied(shelf, tmp_path, "customers.xlsx").rename(tmp_path / "customers.csv")
    assert codes(shelf.account.check(path)) == []


@pytest.mark.parametrize("name", ["customers.csv", "customers edited.csv", "customers-2.csv"])
def test_a_text_file_finds_its_baseline_beside_it(shelf: Any, tmp_path: Path, name: str) -> None:
    path = copied(shelf, tmp_path, "customers.csv", "customers.baseline.jsonl.gz").rename(tmp_path / name)
    assert codes(shelf.account.check(path)) == []


def test_a_text_file_without_a_baseline_says_so(shelf: Any, tmp_path: Path) -> None:
    path = copied(shelf, tmp_path, "customers.csv")
    (issue,) = shelf.account.check(path).issues
    assert (issue.code.value, issue.severity.value) == ("baseline", "notice")
    assert issue.message.startswith("what was exported is not known")


@pytest.mark.parametrize("base", ["customers.baseline.jsonl.gz", "customers.xlsx"])
def test_the_export_can_be_named(shelf: Any, tmp_path: Path, base: str) -> None:
    path = copied(shelf, tmp_path, "customers.csv")
    checked = shelf.account.check(path, base=shelf.folder / base)
    assert codes(checked) == []


def test_a_base_that_is_none_is_refused(shelf: Any, tmp_path: Path) -> None:
    path = copied(shelf, tmp_path, "customers.csv")
    with pytest.raises(FileError, match="this file does not know what was exported") as refused:
        shelf.account.check(path, base=path)
    assert refused.value.hint == "Name the untouched export, or its .baseline.jsonl.gz."
    (tmp_path / "cut.gz").write_bytes((shelf.folder / "customers.baseline.jsonl.gz").read_bytes()[:-20])
    with pytest.raises(FileError, match="the record of what was exported is damaged"):
        shelf.account.check(path, base=tmp_path / "cut.gz")


def test_a_damaged_baseline_is_not_taken_for_none(shelf: Any, tmp_path: Path) -> None:
    """Without a baseline every difference is a change, and colleagues' edits would be undone."""
    path = copied(shelf, tmp_path, "customers.xlsx")
    book = openpyxl.load_workbook(path)
    hidden = book["_bulkio"]
    hidden["A4"].value = hidden["A4"].value[:-8]
    book.save(path)
    with pytest.raises(FileError, match="the hidden record of what was exported is damaged") as refused:
        shelf.account.check(path)
    assert "--base" in refused.value.hint
    assert codes(shelf.account.check(path, base=shelf.folder / "customers.xlsx")) == []


def test_a_sheet_from_elsewhere_is_found_by_its_header(shelf: Any, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Sheet7"
    for row in (["customer code", "Notes"], ["HURST001", "x"]):
        book.active.append(row)
    book.create_sheet("Remarks").append(["nothing"])
    book.save(tmp_path / "own.xlsx")
    checked = shelf.account.check(tmp_path / "own.xlsx")
    assert {name: sheet.rows.sheet for name, sheet in checked.sheets.items()} == {"Customers": "Sheet7"}


def test_two_sheets_that_could_be_meant_are_none(shelf: Any, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for name in ("North", "South"):
        sheet = book.create_sheet(name)
        sheet.append(["CustomerCode", "Notes"])
        sheet.append(["HURST001", name])
    book.save(tmp_path / "two.xlsx")
    assert "no-sheet" in codes(shelf.account.check(tmp_path / "two.xlsx"))


def test_a_changed_childrens_file_changes_the_files_fingerprint(shelf: Any, kit: Any, tmp_path: Path) -> None:
    names = ("customers.csv", "customers.addresses.csv", "customers.contacts.csv", "customers.baseline.jsonl.gz")
    path = copied(shelf, tmp_path, *names)
    first = shelf.plan(path).origin.file_sha256
    assert shelf.plan(path).origin.file_sha256 == first
    beside = tmp_path / "customers.addresses.csv"
    rows = kit.rows_of(beside)
    rows[0]["City"] = "Elsewhere"
    kit.write_rows(beside, rows)
    assert shelf.plan(path).origin.file_sha256 != first


def test_a_plan_names_its_file_wherever_it_is_applied_from(
    shelf: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = copied(shelf, tmp_path, "customers.xlsx")
    monkeypatch.chdir(tmp_path)
    assert shelf.account.plan("customers.xlsx").origin.file == str(path)
