"""Traps that the protocol once fell into, or that a careless change would step into again."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hand_made import HandMade, account_of
from simulated_erp import CONNECTOR, SimulatedClock, SimulatedLink
from simulation import FIRST, SETTLE, A, C, Protocol, make_plan, world

from bulkio.core.kinds import canonical_timestamp
from bulkio.core.plan import Action, Change, Operation
from bulkio.core.report import Status
from bulkio.errors import BulkioError, CredentialsError, NotExecutedError, OutdatedError, RateLimitError
from bulkio.sandbox import Fault, SandboxOptions, running
from bulkio.store.journal import Journal
from bulkio.workflows.apply import apply, resume
from bulkio.workflows.run import Run, RunSettings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bulkio import Account
    from bulkio.sandbox import Sandbox


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[tuple[Sandbox, Account]]:
    with (
        running(SandboxOptions(customers=20)) as sandbox,
        account_of(sandbox.url, tmp_path, settle_seconds=0) as account,
    ):
        yield sandbox, account


def statuses(report: Any) -> list[Status]:
    return [outcome.status for outcome in report.outcomes]


# --- plans ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "is_refused"), [(6.99, False), (7.01, True)])
def test_a_plan_is_good_for_seven_days(desk: tuple[Sandbox, Account], days: float, *, is_refused: bool) -> None:
    sandbox, account = desk
    made = HandMade(account)
    made.update(made.sound()[0], Notes="by hand")
    plan = made.plan()
    created = canonical_timestamp((datetime.now(UTC) - timedelta(days=days)).isoformat())
    aged = replace(plan, origin=replace(plan.origin, created_at=created))
    if not is_refused:
        assert account.apply(aged).is_good
        return
    with pytest.raises(OutdatedError, match="too old"):
        account.apply(aged)
    assert all(served.method == "GET" for served in sandbox.requests)


# --- undo -------------------------------------------------------------------------------------------------------------


def test_undoing_a_created_customer_leaves_none_of_its_contacts_behind(desk: tuple[Sandbox, Account]) -> None:
    """A customer's body shows its primary contact: sent as it was before that went, it would make it anew."""
    sandbox, account = desk
    made = HandMade(account)
    made.create("NEW1", CustomerName="New")
    made.create_child("Contacts", "NEW1", FirstName="Ada", EmailAddress="ada@example.com")
    made.create_child("Contacts", "NEW1", FirstName="Bob", EmailAddress="bob@example.com")
    report = account.apply(made.plan())
    assert report.is_good
    undone = account.apply(account.undo(report.run_id))
    assert undone.is_good, undone.outcomes
    customer = sandbox.store.customer("NEW1")
    assert customer["Obsolete"] is True
    assert customer["Contacts"] == []
    again = account.apply(account.undo(undone.run_id))
    assert again.is_good, again.outcomes
    customer = sandbox.store.customer("NEW1")
    assert customer["Obsolete"] is False
    assert sorted(each["FirstName"] for each in customer["Contacts"]) == ["Ada", "Bob"]


def test_an_undo_leaves_alone_what_a_colleague_wrote_where_we_cleared(desk: tuple[Sandbox, Account]) -> None:
    sandbox, account = desk
    code = HandMade(account).sound()[0]
    sandbox.store.edit(code, Notes="first")
    made = HandMade(account)
    made.update(code, Notes="", BankName="ours")
    report = account.apply(made.plan())
    assert report.is_good
    sandbox.store.edit(code, Notes="a colleague's")
    plan = account.undo(report.run_id)
    assert [conflict.field for conflict in plan.conflicts] == ["Notes"]
    assert account.apply(plan).is_good
    assert sandbox.store.customer(code)["Notes"] == "a colleague's"
    assert (sandbox.store.customer(code)["BankName"] or "") != "ours"


def test_an_undo_leaves_alone_what_we_asked_for_and_somebody_else_did(desk: tuple[Sandbox, Account]) -> None:
    sandbox, account = desk
    made = HandMade(account)
    code = made.sound()[0]
    made.update(code, Notes="the same")
    sandbox.faults.add(Fault(fault="403", method="POST"))
    report = account.apply(made.plan())
    assert statuses(report) == [Status.NOT_SENT]
    sandbox.store.edit(code, Notes="the same")
    report = account.resume(report.run_id)
    assert statuses(report) == [Status.VERIFIED]
    assert not account.undo(report.run_id).has_changes


# --- stale bodies -----------------------------------------------------------------------------------------------------


def test_a_contact_changed_and_its_customer_obsoleted_in_one_plan_both_come_about(
    desk: tuple[Sandbox, Account],
) -> None:
    sandbox, account = desk
    made = HandMade(account)
    code = next(c for c in made.sound() if made.records[c]["Contacts"] and not made.records[c]["Obsolete"])
    at = next(at for at, each in enumerate(made.records[code]["Contacts"]) if each["IsDefault"])
    made.change_child("Contacts", code, at, LastName="Newname")
    made.obsolete(code)
    report = account.apply(made.plan())
    assert report.is_good, report.outcomes
    customer = sandbox.store.customer(code)
    assert customer["Obsolete"] is True
    assert [each["LastName"] for each in customer["Contacts"] if each["IsDefault"]] == ["Newname"]


# --- what the server makes of it --------------------------------------------------------------------------------------


def test_an_address_that_the_server_keeps_is_not_said_to_be_deleted(tmp_path: Path) -> None:
    options = SandboxOptions(customers=20, keep_omitted_addresses=True)
    with running(options) as sandbox, account_of(sandbox.url, tmp_path, settle_seconds=0) as account:
        made = HandMade(account)
        code = next(code for code in made.sound() if made.records[code]["Addresses"])
        made.delete_child("Addresses", code, 0)
        report = account.apply(made.plan())
    assert statuses(report) == [Status.REJECTED]
    assert "still there" in report.outcomes[0].message


def test_a_customer_taken_out_of_use_since_the_plan_is_a_conflict(desk: tuple[Sandbox, Account]) -> None:
    sandbox, account = desk
    made = HandMade(account)
    code = next(code for code in made.sound() if not made.records[code]["Obsolete"])
    made.update(code, Notes="by hand")
    sandbox.store.edit(code, Obsolete=True)
    report = account.apply(made.plan())
    assert statuses(report) == [Status.CONFLICT]
    assert sandbox.store.customer(code)["Notes"] != "by hand"


def test_an_address_that_somebody_made_meanwhile_is_not_made_twice(desk: tuple[Sandbox, Account]) -> None:
    """Two machines with the same list, each with a plan of its own."""
    sandbox, account = desk
    plans = []
    for name in ("one", "two"):
        made = HandMade(account, name)
        code = made.sound()[0]
        made.create_child("Addresses", code, AddressType="Shipping", AddressName="Shop", StreetAddress="1 Hill")
        made.create_child("Contacts", code, FirstName="Eve", EmailAddress="eve@example.com")
        plans.append(made.plan())
    before = len(sandbox.store.customer(code)["Addresses"]), len(sandbox.store.customer(code)["Contacts"])
    assert all(account.apply(plan).is_good for plan in plans)
    after = len(sandbox.store.customer(code)["Addresses"]), len(sandbox.store.customer(code)["Contacts"])
    assert after == (before[0] + 1, before[1] + 1)


@pytest.mark.parametrize("code", ["TAKEN1", "taken1"])
def test_a_code_that_somebody_took_since_the_plan_is_a_conflict_and_nothing_is_sent(
    desk: tuple[Sandbox, Account], code: str
) -> None:
    sandbox, account = desk
    mine, theirs = HandMade(account, "mine"), HandMade(account, "theirs")
    mine.create("TAKEN1", CustomerName="Mine")
    mine.create_child("Contacts", "TAKEN1", FirstName="Eve", EmailAddress="eve@example.com")
    theirs.create(code, CustomerName="Theirs")
    assert account.apply(theirs.plan()).is_good
    writes = sum(served.method != "GET" for served in sandbox.requests)
    report = account.apply(mine.plan())
    assert statuses(report) == [Status.CONFLICT, Status.SKIPPED]
    assert "somebody made 'TAKEN1' since the plan" in report.outcomes[0].message
    assert sum(served.method != "GET" for served in sandbox.requests) == writes


def test_credentials_that_expire_while_reading_back_stop_the_run_and_a_resume_proves_it(
    desk: tuple[Sandbox, Account],
) -> None:
    sandbox, account = desk
    made = HandMade(account)
    for code in made.sound()[:8]:
        made.update(code, Notes="by hand")
    sandbox.faults.add(Fault(fault="401", method="GET", path="Customers/1", after=2, count=None))
    report = account.apply(made.plan())
    assert isinstance(report.cause, CredentialsError)
    assert set(statuses(report)) == {Status.ACKED}
    assert account.run(report.run_id).is_unfinished
    sandbox.faults.clear()
    writes = sum(served.method == "POST" for served in sandbox.requests)
    assert account.resume().is_good
    assert sum(served.method == "POST" for served in sandbox.requests) == writes


# --- in the simulation ------------------------------------------------------------------------------------------------


def simulated(faults: dict[int, str]) -> tuple[Any, Any]:
    """A run of the plan for one customer, and how to begin a sitting of it."""
    erp = world()
    erp.faults = faults
    plan = make_plan(FIRST, "one customer")
    journal = Protocol(FIRST).journal.in_memory({}, [operation.id for operation in plan.operations])
    journal.between = lambda: None

    def sitting(**more: Any) -> Run:
        return Run(
            plan=plan,
            connector=CONNECTOR,
            link=SimulatedLink(erp),  # type: ignore[arg-type]
            journal=journal,
            settings=RunSettings(settle_seconds=SETTLE, request_timeout=5.0, workers=1),
            **{"stop": threading.Event(), "clock": SimulatedClock(erp), **more},
        )

    return erp, sitting


class Ending(SimulatedLink):
    """Access that ends after so many calls: the credentials expire, the quota is spent, the network is gone."""

    def __init__(self, erp: Any, calls: int, error: BulkioError) -> None:
        super().__init__(erp)
        self.left = calls
        self.error = error

    def _call(self) -> None:
        if not self.left:
            raise self.error
        self.left -= 1

    def pages(self, query: Any) -> Any:
        self._call()
        return super().pages(query)

    def fetch(self, ids: Any, **options: Any) -> Any:
        self._call()
        return super().fetch(ids, **options)

    def children(self, entity: str, root_id: str) -> Any:
        self._call()
        return super().children(entity, root_id)

    def send(self, request: Any) -> Any:
        self._call()
        return super().send(request)


@pytest.mark.parametrize("error", [CredentialsError("401"), RateLimitError("429"), NotExecutedError("no network")])
def test_access_that_ends_at_any_call_stops_the_run_and_a_resume_finishes_it(error: BulkioError) -> None:
    erp, sitting = simulated({})
    apply(sitting())
    writes = erp.writes
    for calls in range(100):
        erp, sitting = simulated({})
        run = sitting()
        run.link = Ending(erp, calls, error)  # type: ignore[assignment]
        apply(run)
        if run.stopped_by is None:
            break
        assert run.stopped_by is error
        resumed = sitting()
        resume(resumed)
        assert {outcome.status for outcome in resumed.journal.outcomes()} == {Status.VERIFIED}, calls
        assert erp.writes == writes, calls
    assert calls > writes


@pytest.mark.parametrize(("field", "end"), [("City", Status.VERIFIED), ("Name", Status.CONFLICT)])
def test_a_machine_that_slept_between_two_writes_looks_again_before_it_goes_on(field: str, end: Status) -> None:
    """An hour passes after the first of two customers, and a colleague edits the second."""
    erp = world()
    operations = tuple(
        Operation(
            id=code, action=Action.UPDATE, entity="Customers", key=code, guid=root, natural_key=(code,),
            sheet="Customers", row=row, changes=(Change("Name", f"{code} old", "ours"),),
        )
        for row, (root, code) in enumerate(((A, "A"), (C, "C")), start=2)
    )  # fmt: skip

    def sleep() -> None:
        if erp.writes == 1:
            erp.pass_time(3600.0)
            erp.edit(C, **{field: "a colleague's"})

    run = Run(
        plan=replace(make_plan(FIRST, "one customer"), operations=operations),
        connector=CONNECTOR,
        link=SimulatedLink(erp, sleep),  # type: ignore[arg-type]
        journal=Journal.in_memory({}, ["A", "C"]),
        settings=RunSettings(settle_seconds=SETTLE, request_timeout=5.0, workers=1),
        clock=SimulatedClock(erp),
    )
    apply(run)
    assert [outcome.status for outcome in run.journal.outcomes()] == [Status.VERIFIED, end]
    assert erp.customers[C][field] == "a colleague's"


def test_a_record_deleted_since_the_plan_and_made_anew_by_the_server_is_a_conflict() -> None:
    erp, sitting = simulated({})
    run = sitting()
    gone = erp.customers.pop(A)
    erp.put({**gone, "Guid": "00000000-0000-4000-8000-000000000099"})  # as many records as before
    apply(run)
    found = {outcome.operation_id: outcome for outcome in run.journal.outcomes()}
    assert found["name"].status is Status.CONFLICT
    assert "made it anew" in found["name"].message


@pytest.mark.parametrize("number", [1, 2, 4])
def test_an_interrupt_while_waiting_decides_nothing_and_a_resume_does(number: int) -> None:
    erp, sitting = simulated({number: "late"})
    stop = threading.Event()
    run = sitting(stop=stop, clock=SimulatedClock(erp, stop.set))
    apply(run)
    standing = {outcome.status for outcome in run.journal.outcomes()}
    assert Status.UNKNOWN in standing
    assert not standing & {Status.REJECTED, Status.CONFLICT, Status.IN_DOUBT}
    resumed = sitting()
    resume(resumed)
    assert {outcome.status for outcome in resumed.journal.outcomes()} == {Status.VERIFIED}


def test_an_interrupt_while_a_write_is_still_hidden_does_not_call_it_rejected() -> None:
    erp, sitting = simulated({2: "hidden"})
    stop = threading.Event()
    run = sitting(stop=stop, clock=SimulatedClock(erp, stop.set))
    apply(run)
    assert Status.REJECTED not in {outcome.status for outcome in run.journal.outcomes()}
    resumed = sitting()
    resume(resumed)
    assert {outcome.status for outcome in resumed.journal.outcomes()} == {Status.VERIFIED}
