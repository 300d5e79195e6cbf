"""An export that nobody edited changes nothing, whatever a program or a person did to its form."""

# ruff: noqa: S311 rows are shuffled, nothing is kept secret

from __future__ import annotations

import csv
import random
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOTHING = {"create": 0, "update": 0, "delete": 0, "conflict": 0, "error": 0, "warning": 0, "emptied_left": 0}


@pytest.fixture(scope="module")
def library(kit: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """500 awkward customers that are only read, exported as everything."""
    with kit.desk_at(tmp_path_factory.mktemp("library"), customers=500) as desk:
        for suffix in kit.SUFFIXES:
            desk.export(f"customers.{suffix}")
        before = desk.state()
        yield desk
        assert desk.state() == before
        assert desk.writes() == []


@pytest.fixture(scope="module")
def shelf(kit: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Thirty of them, for what is done to workbooks by hand."""
    with kit.desk_at(tmp_path_factory.mktemp("shelf"), customers=30) as desk:
        desk.export()
        yield desk
        assert desk.writes() == []


def totals(plan: Any) -> dict[str, int]:
    return {name: count for name, count in plan.summary().items() if name in NOTHING}


@pytest.mark.parametrize("suffix", ["xlsx", "csv", "jsonl"])
def test_an_untouched_export_of_500_customers_plans_nothing(library: Any, suffix: str) -> None:
    plan = library.plan(library.folder / f"customers.{suffix}")
    assert totals(plan) == NOTHING
    assert plan.issues == ()
    assert plan.unchanged == 500 + sum(
        len(each["Addresses"]) + len(each["Contacts"]) for each in library.state().values()
    )


def copied(library: Any, kit: Any, name: str) -> Any:
    book = kit.Book(library.folder / "customers.xlsx")
    book.path = library.folder / name
    return book


def test_a_workbook_that_openpyxl_loaded_and_saved_plans_nothing(library: Any, kit: Any) -> None:
    plan = library.plan(copied(library, kit, "saved.xlsx"))
    assert totals(plan) == NOTHING
    assert plan.origin.base_id, "the baseline was lost"


def reshaped(book: Any, *, order: Any = None, rows: Any = None, rename: Any = str) -> None:
    """Put the columns and rows of all three sheets into another order, and spell the headers in another way."""
    for name in ("Customers", "Addresses", "Contacts"):
        cells = book.book[name]
        table = [[(cell.value, cell.data_type) for cell in row] for row in cells.iter_rows()]
        head, body = table[0], table[1:]
        columns = list(range(len(head)))
        if order:
            order(columns)
        if rows:
            rows(body)
        for at, row in enumerate([[(rename(header), kind) for header, kind in head], *body], start=1):
            for to, origin in enumerate(columns, start=1):
                cell = cells.cell(row=at, column=to)
                cell.value, cell.data_type = row[origin]  # `=SUM(1)` is a text here, and stays one


def test_shuffled_rows_plan_nothing(shelf: Any, kit: Any) -> None:
    book = copied(shelf, kit, "shuffled.xlsx")
    reshaped(book, rows=random.Random(1).shuffle)
    assert totals(shelf.plan(book)) == NOTHING


def test_reordered_columns_plan_nothing(shelf: Any, kit: Any) -> None:
    book = copied(shelf, kit, "reordered.xlsx")
    reshaped(book, order=random.Random(2).shuffle)
    assert totals(shelf.plan(book)) == NOTHING


@pytest.mark.parametrize("rename", [str.upper, str.lower, lambda text: f" {text.replace('C', ' C')} "])
def test_headers_in_another_case_or_with_blanks_plan_nothing(shelf: Any, kit: Any, rename: Any) -> None:
    book = copied(shelf, kit, "renamed.xlsx")
    reshaped(book, rename=rename)
    assert totals(shelf.plan(book)) == NOTHING


def test_deleted_columns_plan_nothing(shelf: Any, kit: Any) -> None:
    book = copied(shelf, kit, "narrow.xlsx")
    for sheet, keep in (("Customers", {"CustomerCode", "Notes"}), ("Contacts", {"Guid", "MobilePhone"})):
        cells = book.book[sheet]
        for column in range(cells.max_column, 0, -1):
            if cells.cell(row=1, column=column).value not in keep:
                cells.delete_cols(column)
    plan = shelf.plan(book)
    assert totals(plan) == NOTHING


def test_deleted_rows_and_sheets_plan_nothing(shelf: Any, kit: Any) -> None:
    book = copied(shelf, kit, "short.xlsx")
    book.book["Customers"].delete_rows(10, 15)
    del book.book["Contacts"]
    plan = shelf.plan(book)
    assert totals(plan) == NOTHING


def test_extra_columns_and_sheets_are_named_and_left_alone(shelf: Any, kit: Any) -> None:
    book = copied(shelf, kit, "extra.xlsx")
    cells = book.book["Customers"]
    cells.insert_cols(3)
    cells.cell(row=1, column=3).value = "Our remarks"
    cells.cell(row=2, column=3).value = "ask Jane"
    book.book.create_sheet("Pivot").append(["mine"])
    book.book["Pivot"].append([1])
    plan = shelf.plan(book)
    assert totals(plan) == {**NOTHING, "warning": 1}
    assert kit.problems(plan) == [
        (
            "unknown-column",
            "Customers!C1",
            "no field is called 'Our remarks' It is left alone. `bulkio fields` lists the columns there are.",
        )
    ]
    assert [issue.sheet for issue in plan.issues if issue.code.value == "unknown-sheet"] == ["Pivot"]


def test_a_filtered_sheet_is_read_whole_and_says_so(shelf: Any, kit: Any) -> None:
    book = copied(shelf, kit, "filtered.xlsx")
    for row in range(5, 9):
        book.book["Customers"].row_dimensions[row].hidden = True
    plan = shelf.plan(book)
    assert totals(plan) == NOTHING
    assert [str(issue.message) for issue in plan.issues] == [
        "4 rows are hidden or filtered out; they are read like all others"
    ]


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_text_files_saved_by_other_programs_plan_nothing(library: Any, suffix: str, tmp_path: Path) -> None:
    """With a byte order mark or without, with CRLF or LF, semicolons, in another order."""
    for source in library.folder.glob("customers*"):
        (tmp_path / source.name).write_bytes(source.read_bytes())
    path = tmp_path / f"customers.{suffix}"
    content = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    path.write_bytes(content)
    assert totals(library.plan(path)) == NOTHING
    lines = content.decode()
    if suffix == "jsonl":
        shuffled = lines.splitlines()
        random.Random(3).shuffle(shuffled)
        path.write_text("\n".join(shuffled) + "\n", encoding="utf-8")
    else:
        with (library.folder / path.name).open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.reader(stream))
        with path.open("w", encoding="utf-16", newline="") as stream:
            csv.writer(stream, delimiter="\t").writerows(rows)
    assert totals(library.plan(path)) == NOTHING


def test_codes_that_a_spreadsheet_program_turned_into_numbers_are_restored(
    library: Any, kit: Any, tmp_path: Path
) -> None:
    """What Excel does to a CSV file that is opened with a double click and saved."""
    for source in library.folder.glob("customers*"):
        (tmp_path / source.name).write_bytes(source.read_bytes())
    path = tmp_path / "customers.csv"
    rows = kit.rows_of(path)
    damaged = 0
    damaged_accounts = sum(row["XeroSalesAccount"].startswith("0") for row in rows)
    for row in rows:
        for name, value in row.items():
            if value.isdigit() and value.startswith("0") and len(value) > 1:
                row[name] = value.lstrip("0") or "0"
                damaged += 1
            elif value == "1E5":
                row[name] = "1.00E+05"
                damaged += 1
    kit.write_rows(path, rows)
    checked = library.account.check(path)
    plan = library.plan(path)
    assert damaged > 20
    assert totals(plan) == NOTHING
    assert checked.to_dict()["summary"]["restored"] == damaged
    said = [issue.message for issue in plan.issues if issue.code.value == "restored" and not issue.row]
    assert f"{damaged_accounts} cells that the spreadsheet changed, not you" in " ".join(said)


def test_an_untouched_export_costs_few_calls(library: Any) -> None:
    before = library.account.calls
    library.plan(library.folder / "customers.xlsx")
    assert library.account.calls == before


def test_the_workbook_has_the_sheets_of_the_contract(library: Any) -> None:
    book = openpyxl.load_workbook(library.folder / "customers.xlsx", read_only=False)
    states = {sheet.title: sheet.sheet_state for sheet in book.worksheets}
    assert states == {
        "Customers": "visible",
        "Addresses": "visible",
        "Contacts": "visible",
        "Read me": "visible",
        "_lists": "hidden",
        "_bulkio": "veryHidden",
    }
    assert book["Customers"]["A1"].value == "Command"
