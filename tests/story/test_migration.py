"""A migration: customers of one ERP become customers of the other, once, whatever happens on the way, and come back."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

import bulkio
from bulkio import ApplyOptions, Limit, Rails
from bulkio.core.headers import NOT_CARRIED_OVER, SOURCE_ID
from bulkio.sandbox import SandboxOptions, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bulkio.workflows.run import Progress

FEW = 6
CUSTOMERS = 24  # twenty of them awkward

#: What Xentral insists on and some customers do not have.
FILL = [(f"primaryAddress.{name}", value) for name, value in
        (("street", "unknown"), ("zipCode", "0000"), ("city", "unknown"), ("country", "NZ"))]  # fmt: skip

EVERYTHING = ApplyOptions(rails=Rails(max_changes=Limit(count=10_000), max_deletes=Limit(count=10_000)))


@dataclass(frozen=True)
class Move:
    """Two accounts, a third one to come back to, and a folder."""

    folder: Path
    old: bulkio.Account
    new: bulkio.Account
    fresh: bulkio.Account
    sandbox: Any

    def there(self, name: str = "there.xlsx", source: str = "old.xlsx") -> bulkio.Converted:
        return bulkio.convert(self.folder / source, to="xentral", output=self.folder / name, profile="new", fill=FILL)

    def back(self, name: str = "back.xlsx") -> bulkio.Converted:
        return bulkio.convert(self.folder / "new.xlsx", to="unleashed", output=self.folder / name, profile="fresh")


def profile(name: str, erp: str, url: str) -> str:
    return f'[profiles.{name}]\nerp = "{erp}"\nbase_url = "{url}"\nrequests_per_minute = 1000000\n'


@contextmanager
def moving(kit: Any, folder: Path, customers: int) -> Iterator[Move]:
    with (
        pytest.MonkeyPatch.context() as patch,
        running(SandboxOptions(customers=customers)) as old,
        running(SandboxOptions(customers=0)) as new,
        running(SandboxOptions(customers=0)) as fresh,
    ):
        kit.settle(patch, folder)
        profiles = profile("old", "unleashed", old.url), profile("new", "xentral", new.url)
        (folder / "bulkio.toml").write_text("".join((*profiles, profile("fresh", "unleashed", fresh.url))))
        for name in ("OLD_API_ID", "OLD_API_KEY", "NEW_TOKEN", "FRESH_API_ID", "FRESH_API_KEY"):
            patch.setenv(f"BULKIO_{name}", "sandbox")
        with bulkio.open("old") as one, bulkio.open("new") as two, bulkio.open("fresh") as three:
            one.export(folder / "old.xlsx", contacts="primary")
            yield Move(folder, one, two, three, new)


@pytest.fixture
def move(kit: Any, tmp_path: Path) -> Iterator[Move]:
    """A few customers."""
    with moving(kit, tmp_path, FEW) as made:
        yield made


@pytest.fixture
def awkward(kit: Any, tmp_path: Path) -> Iterator[Move]:
    """Those that tend to break, too."""
    with moving(kit, tmp_path, CUSTOMERS) as made:
        yield made


def table(path: Path, sheet: str) -> list[dict[str, Any]]:
    header, *rows = openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def totals(plan: bulkio.Plan) -> tuple[int, int, int]:
    summary = plan.summary()
    assert plan.errors == ()
    return summary["create"], summary["update"], summary["delete"]


def applied(account: bulkio.Account, plan: bulkio.Plan) -> bulkio.Report:
    assert plan.errors == ()
    report = account.apply(plan, options=EVERYTHING)
    assert report.is_good, [outcome for outcome in report.outcomes if outcome.status.value != "verified"][:5]
    return report


def test_customers_move_once_and_come_back_as_they_were(awkward: Move) -> None:
    move = awkward
    made = move.there()
    plan = move.new.plan(move.folder / "there.xlsx")
    assert totals(plan) == (made.commands["NEW"], 0, 0)
    assert made.records["Customers"] == CUSTOMERS
    applied(move.new, plan)

    again = move.there("again.xlsx")
    assert again.commands.get("NEW", 0) == 0
    assert totals(move.new.plan(move.folder / "again.xlsx")) == (0, 0, 0)

    move.new.export(move.folder / "new.xlsx")
    back = move.back()
    plan = move.fresh.plan(move.folder / "back.xlsx")
    assert totals(plan) == (back.commands["NEW"], 0, 0)
    applied(move.fresh, plan)
    assert move.back("back again.xlsx").commands.get("NEW", 0) == 0
    assert totals(move.fresh.plan(move.folder / "back again.xlsx")) == (0, 0, 0)

    move.fresh.export(move.folder / "fresh.xlsx", contacts="primary")
    for sheet, keys in (("Customers", ("CustomerCode",)), ("Addresses", ("CustomerCode", "AddressType", "City"))):
        compare(move, sheet, keys)


def compare(move: Move, sheet: str, keys: tuple[str, ...]) -> None:
    """Every cell that no conversion named has come back as it was."""
    refused = {
        line["Record"] for line in table(move.folder / "back.xlsx", NOT_CARRIED_OVER) if line["Reason"] == "invalid"
    }
    lines = table(move.folder / "there.xlsx", NOT_CARRIED_OVER)
    wholes = {
        line["Column"] for line in lines if line["Sheet"] == sheet and not line["Record"] and not line["Carried as"]
    }
    named = {line["Cell"] for line in lines if line["Sheet"] == sheet and line["Record"]}
    after: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in table(move.folder / "fresh.xlsx", sheet):
        after.setdefault(tuple(row[key] for key in keys), []).append(row)
    source = openpyxl.load_workbook(move.folder / "old.xlsx")[sheet]
    header = [cell.value for cell in source[1]]
    compared = 0
    for cells in source.iter_rows(min_row=2):
        row = dict(zip(header, (cell.value for cell in cells), strict=True))
        if f"row {cells[0].row}" in named or row[keys[0]] in refused:
            continue
        (twin,) = (
            each for each in after[tuple(row[key] for key in keys)]
            if sheet == "Customers" or each["StreetAddress"] == row["StreetAddress"]
        )  # fmt: skip
        for name, cell in zip(header, cells, strict=True):
            if cell.value not in (None, False, 0) and name not in wholes and cell.coordinate not in named:
                assert twin[name] == cell.value, (cell.coordinate, name)
                compared += 1
    assert compared > CUSTOMERS


def test_a_migration_that_was_stopped_goes_on_without_making_anything_twice(move: Move) -> None:
    move.there()
    plan = move.new.plan(move.folder / "there.xlsx")
    stop = Event()

    def stop_after_some(progress: Progress) -> None:
        if progress.done > len(plan.operations) // 3:
            stop.set()

    report = move.new.apply(plan, options=EVERYTHING, on_progress=stop_after_some, stop=stop)
    assert not report.is_complete

    made = move.there("again.xlsx")
    assert made.commands[""] > 0
    plan = move.new.plan(move.folder / "again.xlsx")
    assert totals(plan) == (made.commands["NEW"], 0, 0)
    applied(move.new, plan)
    numbers = [record["number"] for record in move.sandbox.xentral.store.customers()]
    assert len(numbers) == len(set(numbers)) == FEW


def test_without_the_state_folder_records_are_found_by_their_keys_if_that_is_meant(
    move: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    move.there()
    applied(move.new, move.new.plan(move.folder / "there.xlsx"))
    monkeypatch.setenv("BULKIO_STATE_DIR", str(move.folder / "another"))
    move.there("again.xlsx")
    refused = move.new.plan(move.folder / "again.xlsx")
    assert {issue.code.value for issue in refused.errors} == {"exists"}
    bulkio.convert(move.folder / "old.xlsx", to="xentral", output=move.folder / "by key.xlsx", profile="new", fill=FILL,
                   by_key=True)  # fmt: skip
    assert totals(move.new.plan(move.folder / "by key.xlsx")) == (0, 0, 0)


def test_what_was_edited_at_the_source_since_is_an_update_of_the_same_record(kit: Any, move: Move) -> None:
    move.there()
    applied(move.new, move.new.plan(move.folder / "there.xlsx"))
    book = kit.Book(move.folder / "old.xlsx")
    book.type("Customers", "HURST001", CustomerName="Renamed Ltd")
    book.save(move.folder / "edited.xlsx")
    move.there("again.xlsx", source="edited.xlsx")
    plan = move.new.plan(move.folder / "again.xlsx")
    assert totals(plan) == (0, 1, 0)
    (operation,) = plan.operations
    assert operation.target == {"primaryAddress.name": "Renamed Ltd"}


def test_what_was_taken_back_can_be_carried_over_once_more(move: Move) -> None:
    made = move.there()
    report = applied(move.new, move.new.plan(move.folder / "there.xlsx"))
    undo = move.new.undo(report.run_id)
    move.new.apply(undo, options=EVERYTHING)
    again = move.there("again.xlsx")
    assert again.commands["NEW"] == made.commands["NEW"]
    assert totals(move.new.plan(move.folder / "again.xlsx")) == (made.commands["NEW"], 0, 0)


def test_rows_may_be_sorted_and_taken_out_before_they_are_applied(kit: Any, move: Move) -> None:
    move.there()
    rows = table(move.folder / "there.xlsx", "Customers")
    book = kit.Book(move.folder / "there.xlsx")
    sheet = book.book["Customers"]
    for at, row in enumerate(reversed(rows[:3]), start=2):
        for column, value in enumerate(row.values(), start=1):
            sheet.cell(at, column).value = value
            if isinstance(value, str):
                sheet.cell(at, column).data_type = "s"  # `=x` is a text
    sheet.delete_rows(5, sheet.max_row)
    for name in ("Addresses", "Contacts"):
        del book.book[name]
    book.save(move.folder / "few.xlsx")
    applied(move.new, move.new.plan(move.folder / "few.xlsx"))
    made = move.there("again.xlsx")
    assert made.commands[""] == 3
    known = [row for row in table(move.folder / "again.xlsx", "Customers") if not row["Command"]]
    assert {row[SOURCE_ID] for row in known} == {row[SOURCE_ID] for row in rows[:3]}
