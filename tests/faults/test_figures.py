"""How many calls it takes: the run's, the forecast's, and a resume's."""

from __future__ import annotations

import random
import threading
from typing import TYPE_CHECKING

import pytest
from hand_made import HandMade, account_of

from bulkio.core.rails import Limit, Rails
from bulkio.core.report import Status
from bulkio.errors import CredentialsError
from bulkio.runs import ApplyOptions
from bulkio.sandbox import Fault, SandboxOptions, running

if TYPE_CHECKING:
    from pathlib import Path

    from bulkio.workflows.run import Progress

ALL = Rails(max_changes=Limit(100_000), max_deletes=Limit(100_000), max_clears=Limit(100_000), allow_pasted=True)
ANYTHING = ApplyOptions(rails=ALL)


@pytest.mark.parametrize("changed", [1, 10, 100, 1000])
def test_a_run_takes_little_more_than_a_call_a_customer(tmp_path: Path, changed: int) -> None:
    with running(SandboxOptions(customers=changed * 2 + 5)) as sandbox, account_of(sandbox.url, tmp_path) as account:
        made = HandMade(account)
        for code in made.sound()[:changed]:
            made.update(code, Notes="by hand")
        plan = made.plan()
        report = account.apply(plan, options=ANYTHING)
    print(f"{changed} customers: {report.calls} calls, {plan.cost.calls} forecast")
    assert report.is_good
    assert report.calls <= 1.1 * changed + 10
    assert abs(plan.cost.calls - report.calls) <= max(1, 0.02 * report.calls)


@pytest.mark.parametrize("seed", range(4))
def test_the_forecast_is_what_a_mixed_run_takes(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 no secret
    with running(SandboxOptions(customers=150, seed=seed)) as sandbox, account_of(sandbox.url, tmp_path) as account:
        made = HandMade(account, f"mixed {seed}")
        for code in made.sound():
            record = made.records[code]
            if chance.random() < 0.4:
                made.update(code, Notes=f"note {code}")
            if record["Addresses"] and chance.random() < 0.2:
                made.change_child("Addresses", code, 0, StreetAddress2="by hand")
            if len(record["Contacts"]) > 1 and chance.random() < 0.5:
                made.change_child("Contacts", code, 0, OfficePhone="0123456")
                if chance.random() < 0.5:
                    made.delete_child("Contacts", code, 1)
            if chance.random() < 0.1:
                made.create_child("Contacts", code, FirstName="Eve", LastName="Hand")
        for code in chance.sample([c for c in made.sound() if not made.records[c].get("Obsolete")], 8):
            if not any(o.root_guid == made.records[code]["Guid"] for o in made.operations):
                made.obsolete(code)
        for number in range(10):
            made.create(f"NEW{number}", CustomerName="New")
        plan = made.plan()
        report = account.apply(plan, options=ANYTHING)
    print(f"{len(plan.operations)} operations: {report.calls} calls, {plan.cost.calls} forecast")
    assert report.is_good, [each for each in report.outcomes if each.status is not Status.VERIFIED]
    assert abs(plan.cost.calls - report.calls) <= max(1, 0.02 * report.calls)


def test_a_resume_reads_at_most_once_more_for_every_unfinished_row(tmp_path: Path) -> None:
    with running(SandboxOptions(customers=90)) as sandbox, account_of(sandbox.url, tmp_path) as account:
        made = HandMade(account)
        for code in made.sound()[:40]:
            made.update(code, Notes="by hand")
        plan = made.plan()
        sandbox.faults.add(Fault(fault="403", method="POST", after=15, count=1))
        report = account.apply(plan, options=ANYTHING)
        assert isinstance(report.cause, CredentialsError)
        before = len(sandbox.requests)
        unfinished = [each for each in report.outcomes if each.status is not Status.VERIFIED]
        report = account.resume(report.run_id)
        served = sandbox.requests[before:]
    reads = sum(each.method == "GET" for each in served)
    print(f"{len(unfinished)} unfinished rows: {reads} reads, {len(served) - reads} writes")
    assert report.is_good
    assert reads <= len(unfinished)
    assert sum(each.method == "POST" and each.status == 200 for each in sandbox.requests) == 40


class Killed(BaseException):
    """The process is no more."""


def test_the_calls_of_a_sitting_that_was_killed_are_counted(tmp_path: Path) -> None:
    with running(SandboxOptions(customers=12)) as sandbox, account_of(sandbox.url, tmp_path) as account:
        made = HandMade(account)
        for code in made.sound()[:6]:
            made.update(code, Notes="by hand")
        plan = made.plan()
        before = len(sandbox.requests)

        def die(step: Progress) -> None:
            if step.done > 4:
                raise Killed

        with pytest.raises(Killed):
            account.apply(plan, options=ApplyOptions(rails=ALL, workers=1, batch_size=1), on_progress=die)
        served = len(sandbox.requests) - before
        (record,) = account.runs()
        assert served - 3 <= record.report.calls <= served
        assert account.state.calls_this_month() >= record.report.calls


def test_a_canary_is_asked_about_and_what_came_after_is_read_again(tmp_path: Path) -> None:
    with running(SandboxOptions(customers=12)) as sandbox, account_of(sandbox.url, tmp_path) as account:
        made = HandMade(account, on_conflict="stop")
        codes = sorted(made.records)
        for code in codes[:6]:
            made.update(code, Notes="by hand")
        asked = threading.Event()

        def may_go_on(outcomes: object) -> bool:
            del outcomes
            asked.set()
            return False

        report = account.apply(made.plan(), options=ApplyOptions(canary=2, rails=ALL), may_go_on=may_go_on)
        assert asked.is_set()
        done = [each.status for each in report.outcomes]
        assert done.count(Status.VERIFIED) == 2
        assert done.count(Status.NOT_SENT) == 4
        sandbox.store.edit(codes[5], Notes="a colleague's")
        report = account.resume(report.run_id)
        assert [each.status for each in report.outcomes].count(Status.CONFLICT) == 1
        assert sandbox.store.customer(codes[5])["Notes"] == "a colleague's"
