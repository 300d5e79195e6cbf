"""Each exit status of the contract, once, by what a person does to get it."""

# ruff: noqa: ARG001 a desk is asked for because it is the environment

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import Any

import pytest

from bulkio import errors
from bulkio.cli.exit_status import ExitStatus, status_of
from bulkio.sandbox import Fault


def edited(desk: Any, **values: Any) -> str:
    book = desk.open()
    book.type("Customers", "HURST001", **(values or {"Notes": "Edited"}))
    book.save(desk.folder / "edited.xlsx")
    return "edited.xlsx"


def test_the_statuses_are_those_of_the_contract() -> None:
    assert {status.name: status.value for status in ExitStatus} == {
        "OK": 0,
        "UNEXPECTED": 1,
        "USAGE": 2,
        "INVALID_FILE": 3,
        "CREDENTIALS": 4,
        "CONFLICT": 5,
        "FAILED": 6,
        "UNAVAILABLE": 7,
        "RAIL": 8,
        "INCOMPLETE": 9,
        "CHANGES": 10,
        "INTERRUPTED": 130,
    }


def test_every_error_has_a_status_of_its_own() -> None:
    def all_kinds(kind: type[errors.BulkioError]) -> list[type[errors.BulkioError]]:
        return [kind, *(each for child in kind.__subclasses__() for each in all_kinds(child))]

    unexpected = set()
    for kind in all_kinds(errors.BulkioError):
        more: dict[str, Any] = {}
        if kind is errors.InvalidFileError:
            more = {"issues": ()}
        elif kind is errors.RejectedError:
            more = {"status": 400}
        if status_of(kind("x", **more)) is ExitStatus.UNEXPECTED:
            unexpected.add(kind)
    assert unexpected == {errors.BulkioError}


def test_0_done(desk: Any, kit: Any) -> None:
    assert kit.command("apply", edited(desk), "--yes").status == 0
    assert desk.customer("HURST001")["Notes"] == "Edited"


def test_0_nothing_to_do(desk: Any, kit: Any) -> None:
    desk.export()
    ran = kit.command("plan", "customers.xlsx", "--detailed-exitcode")
    assert ran.status == 0
    assert ran.out.startswith("Nothing to do: ")


def test_1_unexpected_errors_are_one_line_too(desk: Any, kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("bulkio.account.Account.plan", broken)
    ran = kit.command("plan", edited(desk))
    assert ran.status == 1
    assert ran.err.startswith("bulkio: unexpected error: ZeroDivisionError at test_exit_status.py:")


def test_2_usage(desk: Any, kit: Any) -> None:
    assert kit.command("apply", edited(desk)).status == 2
    assert desk.customer("HURST001")["Notes"] != "Edited"


def test_3_the_file_has_errors(desk: Any, kit: Any) -> None:
    assert kit.command("apply", edited(desk, PaymentTerm="never"), "--yes").status == 3


def test_4_credentials(desk: Any, kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BULKIO_API_KEY", "wrong")
    assert kit.command("doctor").status == 4


def test_5_conflict(desk: Any, kit: Any) -> None:
    name = edited(desk)
    desk.sandbox.store.edit("HURST001", Notes="Colleague's")
    assert kit.command("plan", name).status == 5
    ran = kit.command("apply", name, "--yes")
    assert (ran.status, desk.customer("HURST001")["Notes"]) == (5, "Colleague's")


def test_5_a_stale_plan(desk: Any, kit: Any) -> None:
    name = edited(desk)
    assert kit.command("plan", name, "-o", "plan.json").status == 0
    book = kit.Book(desk.folder / name)
    book.type("Customers", "HURST001", Notes="Changed my mind")
    book.save()
    ran = kit.command("apply", "plan.json")
    assert ran.status == 5
    assert "was changed after the plan was made" in ran.err


def test_5_a_plan_that_was_applied_before(desk: Any, kit: Any) -> None:
    kit.command("plan", edited(desk), "-o", "plan.json")
    assert kit.command("apply", "plan.json").status == 0
    ran = kit.command("apply", "plan.json")
    assert ran.status == 5
    assert "this plan was applied before, by run " in ran.err


def test_5_another_run_holds_the_lock(desk: Any, kit: Any) -> None:
    kit.command("plan", edited(desk), "-o", "plan.json")
    lock = desk.account.state.lock()
    try:
        ran = kit.command("apply", "plan.json")
    finally:
        lock.release()
    assert ran.status == 5
    assert "another run is writing to this account" in ran.err


def test_5_a_plan_that_is_being_applied_right_now(desk: Any, kit: Any) -> None:
    kit.command("plan", edited(desk), "-o", "plan.json")
    assert kit.command("apply", "plan.json").status == 0
    (run_id,) = [record.run_id for record in desk.account.runs()][:1]
    lock = desk.account.state.lock(run_id)
    try:
        again, resumed = kit.command("apply", "plan.json"), kit.command("resume", run_id)
    finally:
        lock.release()
    assert (again.status, resumed.status) == (5, 5)
    assert f"this plan is being applied right now, by run {run_id}" in again.err
    assert f"run {run_id} is at work right now" in resumed.err


def test_5_another_accounts_plan(desk: Any, kit: Any, tmp_path: Any) -> None:
    kit.command("plan", edited(desk), "-o", "plan.json")
    plan = desk.folder / "plan.json"
    (tmp_path / "elsewhere").mkdir()
    with kit.desk_at(tmp_path / "elsewhere", seed=2):
        ran = kit.command("apply", plan)
        sheet = kit.command("plan", desk.folder / "edited.xlsx")
    assert (ran.status, sheet.status) == (5, 5)
    assert "the plan was made for another account" in ran.err
    assert "was exported from another account (Sandbox Wholesale Ltd)" in sheet.err


def test_6_the_erp_refused_an_operation(desk: Any, kit: Any) -> None:
    book = desk.open()
    book.type("Customers", "LEGACY15", Notes="Whatever")
    book.save(desk.folder / "edited.xlsx")
    ran = kit.command("apply", "edited.xlsx", "--yes")
    assert ran.status == 6
    assert "requires primary contact details" in ran.out
    assert "failed: " in ran.out


def test_7_the_erp_is_unreachable(desk: Any, kit: Any) -> None:
    name = edited(desk)
    desk.sandbox.faults.add(Fault("429", count=None, retry_after=3600))
    ran = kit.command("plan", name)
    assert ran.status == 7


def test_8_a_rail(desk: Any, kit: Any) -> None:
    ran = kit.command("apply", edited(desk), "--yes", "--max-calls", "1")
    assert ran.status == 8
    assert desk.customer("HURST001")["Notes"] != "Edited"


def test_10_changes_pending(desk: Any, kit: Any) -> None:
    name = edited(desk)
    assert kit.command("plan", name).status == 0
    assert kit.command("plan", name, "--detailed-exitcode").status == 10


@pytest.mark.skipif(os.name == "nt", reason="signals as POSIX has them")
def test_130_interrupted_and_then_resumed(desk: Any, kit: Any) -> None:
    """The first Ctrl-C finishes what is in flight; the run can be finished later."""
    book = desk.open()
    names = [
        each["CustomerCode"]
        for each in desk.sandbox.store.customers()
        if each["CustomerCode"] not in ("LEGACY15", "007/A&B #2")
    ]
    for at, code in enumerate(names[:6]):
        book.type("Customers", code, BankBranch=f"Branch {at}")
    book.save(desk.folder / "edited.xlsx")
    desk.sandbox.faults.add(Fault("slow", method="POST", path="/Customers/", delay=1.0, count=None))
    running = subprocess.Popen(
        [sys.executable, "-m", "bulkio", "apply", "edited.xlsx", "--yes", "--workers", "1", "--max-changes", "100%"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        _wait_for_a_write(desk)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=30)
    finally:
        running.kill()
    assert running.returncode == 130, (out, err)
    assert "bulkio resume " in err
    done = sum(
        bool(each["BankBranch"] or "").__and__(str(each["BankBranch"]).startswith("Branch "))
        for each in desk.sandbox.store.customers()
    )
    assert 1 <= done < 6
    desk.sandbox.faults.clear()
    assert kit.command("resume").status == 0
    assert all(desk.customer(code)["BankBranch"] == f"Branch {at}" for at, code in enumerate(names[:6]))


def _wait_for_a_write(desk: Any) -> None:
    arrived = threading.Event()
    for _ in range(600):
        if any(each["BankBranch"] == "Branch 0" for each in desk.sandbox.store.customers()):
            return
        arrived.wait(0.02)
    pytest.fail("nothing was ever sent")
