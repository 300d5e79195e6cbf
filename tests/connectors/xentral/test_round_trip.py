"""The whole way with Xentral: export, edit, plan, apply, undo; and nothing else moves."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import openpyxl

from bulkio.account import Account, ImportOptions
from bulkio.core.secret import Secret
from bulkio.profiles import sandbox_profile
from bulkio.sandbox import CREDENTIAL, SandboxOptions, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NEW = {
    "Command": "NEW",
    "number": "N-1",
    "primaryAddress.name": "Neu GmbH",
    "primaryAddress.street": "Fuggerstraße 15",
    "primaryAddress.zipCode": "86150",
    "primaryAddress.city": "Augsburg",
    "primaryAddress.country": "DE",
    "tags.title": "VIP; Neu",
    "financials.primaryBankAccount.iban": "DE89370400440532013000",
}
MOVED = ("createdAt", "updatedAt", "id")


@contextmanager
def opened(tmp_path: Path, *faults: dict[str, Any]) -> Iterator[Account]:
    played = tmp_path / "faults.json"
    played.write_text(json.dumps(faults))
    with running(SandboxOptions(customers=12, seed=3, faults=played if faults else None)) as sandbox:
        # At Xentral's own pace every test would take half a minute.
        profile = replace(sandbox_profile("xentral", sandbox.url), requests_per_minute=100_000, settle_seconds=0)
        with Account(profile, credentials={"TOKEN": Secret(CREDENTIAL)}, state_dir=tmp_path / "state") as account:
            yield account


class Book:
    """An exported workbook, opened for editing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.book = openpyxl.load_workbook(path)

    def edit(self, sheet: str, row: int, **cells: Any) -> None:
        """Cells by header; a double underscore is a dot."""
        self.put(sheet, row, {name.replace("__", "."): value for name, value in cells.items()})

    def put(self, sheet: str, row: int, cells: dict[str, Any]) -> None:
        columns = {cell.value: cell.column for cell in self.book[sheet][1]}
        for name, value in cells.items():
            self.book[sheet].cell(row, columns[name]).value = value

    def append(self, sheet: str, cells: dict[str, Any]) -> None:
        self.put(sheet, self.book[sheet].max_row + 1, cells)

    def value(self, sheet: str, row: int, name: str) -> str:
        columns = {cell.value: cell.column for cell in self.book[sheet][1]}
        return str(self.book[sheet].cell(row, columns[name]).value)

    def save(self) -> Path:
        self.book.save(self.path)
        return self.path


def exported(account: Account, path: Path) -> Book:
    account.export(path)
    return Book(path)


def content(account: Account, path: Path) -> list[Any]:
    """All that the account holds, in any order of children, without ids and times."""
    account.export(path)
    return [_bare(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def _bare(record: dict[str, Any]) -> dict[str, Any]:
    """A record without what every write moves."""
    return {
        name: sorted(map(_bare, value), key=str) if isinstance(value, list) else value
        for name, value in record.items()
        if name not in MOVED
    }


def test_edits_of_every_kind_arrive_and_an_undo_puts_all_back(tmp_path: Path) -> None:
    with opened(tmp_path) as account:
        before = content(account, tmp_path / "before.jsonl")
        book = exported(account, tmp_path / "customers.xlsx")
        number = book.value("Customers", 2, "number")
        book.edit("Customers", 2, primaryAddress__phone="+49 1", tags__title="VIP; a", notes="Neu\nzwei")
        book.edit("Customers", 3, financials__creditLimit=1234.5, groups__id="1; 2", financials__tax__vatId="[CLEAR]")
        book.edit("Customers", 4, fulfillment__deliveryBlockDate="2026-12-24", customFields__customField1="x")
        book.append("Customers", NEW)
        book.edit("Addresses", 2, city="Ulm", deliveryDetails__note="Tor 9")
        book.edit("Addresses", 3, Command="DELETE")
        book.edit("Contacts", 2, contactPersonDetails__birthday="1980-05-17")
        book.append("Contacts", {"Command": "NEW", "number": "N-1", "name": "Ann", "email": "ann@example.com"})
        book.append("Addresses", {"Command": "NEW", "number": number, "name": "Lager", "street": "S 1", "zipCode": "1",
                                  "city": "Ulm", "country": "DE"})  # fmt: skip
        options = ImportOptions(allow_delete=True)
        plan = account.plan(book.save(), options=options)
        assert not plan.errors, plan.errors
        report = account.apply(plan)
        assert report.is_good, report.outcomes

        changed = content(account, tmp_path / "changed.jsonl")
        assert [one == other for one, other in zip(before, changed, strict=False)] == [False] * 3 + [True] * 9
        undo = account.undo(report.run_id)
        assert not undo.conflicts
        assert account.apply(undo).is_good
        assert content(account, tmp_path / "undone.jsonl") == before


def test_a_deleted_customer_is_made_anew_with_its_children_and_without_its_masked_account(tmp_path: Path) -> None:
    with opened(tmp_path) as account:
        book = exported(account, tmp_path / "customers.xlsx")
        numbers = [book.value("Addresses", row, "number") for row in range(2, book.book["Addresses"].max_row + 1)]
        number = numbers[0]
        row = next(r for r in range(2, 14) if book.value("Customers", r, "number") == number)
        book.edit("Customers", row, Command="DELETE")
        report = account.apply(account.plan(book.save(), options=ImportOptions(allow_delete=True)))
        assert report.is_good, report.outcomes
        assert number not in [record["number"] for record in content(account, tmp_path / "gone.jsonl")]
        undo = account.undo(report.run_id)
        assert "*" not in "".join(change.after for operation in undo.operations for change in operation.changes)
        assert account.apply(undo).is_good
        (back,) = (r for r in content(account, tmp_path / "back.jsonl") if r["number"] == number)
        assert len(back["Addresses"]) == numbers.count(number)


def test_a_field_that_the_server_swallows_is_said_to_be_missing(tmp_path: Path) -> None:
    fault = {"fault": "ignore_field", "method": "PATCH", "field": "primaryAddress.phone"}
    with opened(tmp_path, fault) as account:
        book = exported(account, tmp_path / "customers.xlsx")
        book.edit("Customers", 2, primaryAddress__phone="+49 1")
        report = account.apply(account.plan(book.save()))
        (outcome,) = report.outcomes
        assert outcome.status.value == "rejected"
        assert "primaryAddress.phone" in outcome.message
