"""An ERP that gives every record its id, and really deletes: a customer's whole life, with the answers lost."""

from __future__ import annotations

import csv
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

import bulkio
from bulkio.core.issues import IssueCode
from bulkio.core.options import ImportOptions
from bulkio.core.plan import Action
from bulkio.core.rails import Limit, Rails
from bulkio.core.report import Status
from bulkio.core.secret import Secret
from bulkio.errors import RailError
from bulkio.profiles import sandbox_profile
from bulkio.runs import ApplyOptions
from bulkio.sandbox import CREDENTIAL, Fault, Sandbox, SandboxOptions, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bulkio.connectors.protocol import Record
    from bulkio.core.plan import Plan
    from bulkio.core.report import Report

CUSTOMER = {
    "number": "N-1",
    "primaryAddress.name": "Neu GmbH",
    "primaryAddress.street": "Fuggerstraße 15",
    "primaryAddress.zipCode": "86150",
    "primaryAddress.city": "Augsburg",
    "primaryAddress.country": "DE",
    "financials.primaryBankAccount.iban": "DE89370400440532013000",
}
ADDRESS = {
    "number": "N-1", "name": "Lager", "street": "Hafenstraße 2", "zipCode": "86150", "city": "Augsburg",
    "country": "DE",
}  # fmt: skip
CONTACT = {"number": "N-1", "name": "Eva Neu", "email": "eva@example.com"}
MAY_DELETE = ImportOptions(allow_delete=True)
ANYTHING = ApplyOptions(rails=Rails(max_changes=Limit(100), max_deletes=Limit(100)))


class Shop:
    """A sandbox and an account of it, edited by CSV files."""

    def __init__(self, sandbox: Sandbox, account: bulkio.Account, folder: Path) -> None:
        self.sandbox = sandbox
        self.account = account
        self.folder = folder
        self.files = 0

    def plan(self, command: str, *, options: ImportOptions | None = None, **sheets: dict[str, str]) -> Plan:
        """The plan of a file with one row a sheet."""
        self.files += 1
        rows = {"customers": CUSTOMER, **sheets}
        for sheet, row in rows.items():
            path = self.folder / f"file{self.files}{'' if sheet == 'customers' else '.' + sheet}.csv"
            with path.open("w", encoding="utf-8", newline="") as stream:
                writer = csv.writer(stream)
                writer.writerow(["Command", *row])
                writer.writerow([command, *row.values()])
        return self.account.plan(self.folder / f"file{self.files}.csv", options=options)

    def add(self, sheet: str, row: dict[str, str]) -> None:
        """What a colleague adds to a customer."""
        self.files += 1
        with (self.folder / f"file{self.files}.{sheet}.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([["Command", *row], ["NEW", *row.values()]])
        assert self.apply(self.account.plan(self.folder / f"file{self.files}.{sheet}.csv")).is_good

    def everything(self) -> Plan:
        return self.plan("NEW", addresses=ADDRESS, contacts=CONTACT)

    def apply(self, plan: Plan) -> Report:
        """Apply and resume until there is nothing open."""
        report = self.account.apply(plan, options=ANYTHING)
        for _ in range(4):
            if report.is_complete:
                break
            report = self.account.resume(report.run_id, options=ANYTHING)
        return report

    def held(self, number: str = "N-1") -> list[Record]:
        return list(self.account.link.reader.find([number]) or ())

    def writes(self) -> list[str]:
        return [f"{each.method} {each.path}" for each in self.sandbox.requests if each.method != "GET"]


@contextmanager
def opened(folder: Path) -> Iterator[Shop]:
    with running(SandboxOptions(customers=8, seed=3)) as sandbox:
        profile = replace(
            sandbox_profile("xentral", sandbox.url), requests_per_minute=100_000, settle_seconds=0.1, timeout=5  # type: ignore[arg-type] tests are in a hurry
        )  # fmt: skip
        with bulkio.Account(profile, credentials={"TOKEN": Secret(CREDENTIAL)}, state_dir=folder / "state") as account:
            yield Shop(sandbox, account, folder)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with opened(tmp_path) as shop:
        yield shop


def plain(record: Any) -> Any:
    """The record without what is another when it is made anew."""
    if isinstance(record, dict):
        return {k: plain(v) for k, v in record.items() if k not in ("id", "createdAt", "updatedAt")}
    return [plain(each) for each in record] if isinstance(record, list) else record


LOSSES = {
    "nothing": [],
    "the customer's answer": [Fault(fault="dropped_after", method="POST", path=r"/customers$")],
    "the customer": [Fault(fault="dropped_before", method="POST", path=r"/customers$")],
    "every first answer": [
        Fault(fault="dropped_after", method="POST", path=path)
        for path in (r"/customers$", r"/deliveryAddresses$", r"/contactPersons$")
    ],
    "every first request": [
        Fault(fault="dropped_before", method="POST", path=path)
        for path in (r"/customers$", r"/deliveryAddresses$", r"/contactPersons$")
    ],
    "a late customer": [Fault(fault="late", method="POST", path=r"/customers$", delay=0.05)],
    "a wrong page": [Fault(fault="html", method="POST", path=r"/customers$", is_processed=True)],
    "the permission, once": [Fault(fault="401", method="POST", path=r"/deliveryAddresses$")],
}


@pytest.mark.parametrize("lost", list(LOSSES))
def test_a_new_customer_is_there_once_with_all_that_belongs_to_it(shop: Shop, lost: str) -> None:
    plan = shop.everything()
    assert not plan.errors
    for fault in LOSSES[lost]:
        shop.sandbox.faults.add(fault)
    report = shop.apply(plan)
    assert report.is_good, report.outcomes
    (customer,) = shop.held()
    assert [each["name"] for each in customer["deliveryAddresses"]] == ["Lager"]
    assert [each["name"] for each in customer["contactPersons"]] == ["Eva Neu"]
    ids = [customer["id"], customer["deliveryAddresses"][0]["id"], customer["contactPersons"][0]["id"]]
    assert [outcome.guid for outcome in report.outcomes] == [str(each) for each in ids]
    if lost == "nothing":
        assert report.calls == plan.cost.calls


def test_two_lost_answers_leave_the_customer_in_doubt_and_skip_what_belongs_to_it(shop: Shop) -> None:
    plan = shop.everything()
    shop.sandbox.faults.add(Fault(fault="dropped_before", method="POST", path=r"/customers$", count=2))
    report = shop.apply(plan)
    assert [outcome.status for outcome in report.outcomes] == [Status.IN_DOUBT, Status.SKIPPED, Status.SKIPPED]
    assert shop.held() == []


def test_a_customer_that_somebody_made_meanwhile_is_not_made_twice(shop: Shop) -> None:
    just_so, another = shop.plan("NEW"), shop.plan("NEW", customers={**CUSTOMER, "primaryAddress.city": "Ulm"})
    assert shop.apply(shop.plan("NEW")).is_good
    assert [issue.code for issue in shop.plan("NEW").errors] == [IssueCode.EXISTS]
    assert shop.apply(just_so).outcomes[0].status is Status.VERIFIED
    assert shop.apply(another).outcomes[0].status is Status.CONFLICT
    assert len(shop.held()) == 1


def test_a_customer_without_a_number_is_refused_by_the_plan(shop: Shop) -> None:
    plan = shop.plan("NEW", customers={**CUSTOMER, "number": ""})
    assert IssueCode.REQUIRED in {issue.code for issue in plan.errors}


@pytest.mark.parametrize("fault", ["", "dropped_after", "dropped_before", "late"])
def test_a_deleted_customer_is_gone_and_made_anew_by_an_undo(shop: Shop, fault: str) -> None:
    assert shop.apply(shop.everything()).is_good
    (before,) = shop.held()
    plan = shop.plan("DELETE", options=MAY_DELETE)
    assert IssueCode.HARD_DELETE in {issue.code for issue in plan.issues}
    with pytest.raises(RailError):
        shop.account.apply(plan, options=ApplyOptions(rails=Rails(max_deletes=Limit(0))))
    if fault:
        shop.sandbox.faults.add(Fault(fault=fault, method="DELETE", delay=0.05 if fault == "late" else 0.0))
    report = shop.apply(plan)
    assert report.is_good, report.outcomes
    assert shop.held() == []
    if not fault:
        assert report.calls == plan.cost.calls
    undo = shop.account.undo(report.run_id)
    assert [operation.action for operation in undo.operations] == [Action.CREATE] * 3
    assert [issue.code for issue in undo.issues] == [IssueCode.NEW_ID]
    report = shop.apply(undo)
    assert report.is_good, report.outcomes
    (after,) = shop.held()
    assert after["id"] != before["id"]
    assert "iban" in undo.issues[0].message  # only a mask of it could be read
    bank = {"financials": {**plain(before)["financials"], "primaryBankAccount": None}}
    assert {**plain(after), "financials": {**plain(after)["financials"], "primaryBankAccount": None}} == {
        **plain(before),
        **bank,
    }


def test_a_customer_that_somebody_added_to_since_the_plan_is_not_deleted(shop: Shop) -> None:
    assert shop.apply(shop.everything()).is_good
    plan = shop.plan("DELETE", options=MAY_DELETE)
    shop.add("addresses", {**ADDRESS, "name": "Zweites Lager"})
    (outcome,) = shop.apply(plan).outcomes
    assert outcome.status is Status.CONFLICT
    assert len(shop.held()) == 1


def test_undoing_a_create_deletes_the_customer_unless_somebody_touched_it(shop: Shop) -> None:
    report = shop.apply(shop.everything())
    undo = shop.account.undo(report.run_id)
    assert [(o.action, o.entity) for o in undo.operations] == [(Action.DELETE, "Customers")]
    (customer,) = shop.held()
    shop.add("contacts", {**CONTACT, "name": "Udo Fremd", "email": "udo@example.com"})
    (late,) = [outcome for outcome in shop.apply(undo).outcomes if outcome.guid == str(customer["id"])]
    assert late.status is Status.CONFLICT
    again = shop.account.undo(report.run_id)
    assert [conflict.field for conflict in again.conflicts] == ["Contacts"]
    assert all(operation.entity != "Customers" for operation in again.operations)
