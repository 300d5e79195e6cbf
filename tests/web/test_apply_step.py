"""The steps Apply and Results in a browser: what must be said first, the run, its pauses and its ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from web_kit import serving

from bulkio.sandbox import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def many_edits(desk: Any, count: int = 8) -> Path:
    book = desk.open()
    for row in sound_rows(book)[:count]:
        book.type("Customers", row, Notes=f"Edited in row {row}")
    path: Path = book.save(desk.folder / "edited.xlsx")
    return path


def sound_rows(book: Any) -> list[int]:
    """All customers but those that the ERP itself refuses to write as they are."""
    awkward = ("007/A&B #2", "LEGACY15")
    return [row for row in range(2, 22) if book.cell("Customers", row, "CustomerCode").value not in awkward]


def edited(desk: Any) -> int:
    return sum(str(each["Notes"]).startswith("Edited in row") for each in desk.sandbox.store.customers())


def begin(opened: Any) -> None:
    """From the changes into the run."""
    opened.press("Go on to Apply")
    opened.page.locator("form[action='/apply/start'] button.first").click()


# --- before -----------------------------------------------------------------------------------------------------------


def test_what_looks_unusual_must_be_said_to_be_meant(desk: Any, opened: Any) -> None:
    book = desk.open()
    for row in sound_rows(book)[:14]:
        book.type("Customers", row, Notes="The same in most rows")
    opened.changes(book.save())
    opened.press("Go on to Apply")
    opened.see("as if pasted down the column")
    opened.judge()
    opened.page.locator("form[action='/apply/start'] button.first").click()
    assert opened.page.url.endswith("/apply")  # the browser asks for the tick
    assert desk.writes() == []
    opened.page.get_by_label("That is meant").check()
    opened.page.locator("form[action='/apply/start'] button.first").click()
    opened.see("All of it is in the ERP")


def test_a_live_account_wants_its_name(desk: Any, visit: Any) -> None:
    desk.account.profile = replace(desk.account.profile, environment="live")
    with serving(desk.account) as url:
        visit.open(url)
        visit.changes(many_edits(desk))
        visit.press("Go on to Apply")
        visit.see("This writes to a live account")
        visit.judge()
        assert visit.page.get_by_label("Try a few first").is_checked()
        visit.page.get_by_label("Try a few first").uncheck()
        confirm = visit.page.get_by_label("This writes to a live account")
        confirm.fill("Another Ltd")
        visit.press("Apply 8 records")
        visit.see("was not typed as it is, so nothing was sent")
        assert desk.writes() == []
        confirm.fill("Sandbox Wholesale Ltd")
        visit.page.get_by_label("Try a few first").uncheck()
        visit.press("Apply 8 records")
        visit.see("All of it is in the ERP")
        visit.page.close()


def test_an_approval_is_given_here_or_elsewhere(desk: Any, visit: Any, kit: Any) -> None:
    desk.account.profile = replace(desk.account.profile, approval=True)
    with serving(desk.account) as url:
        visit.open(url)
        visit.changes(many_edits(desk))
        visit.press("Go on to Apply")
        visit.see("This account requires an approval")
        visit.judge()
        assert visit.page.get_by_role("button", name="Apply 8 records").is_disabled()
        visit.page.get_by_label("Name", exact=True).fill("Ada Lovelace")
        visit.press("Approve")
        visit.see("Approved by Ada Lovelace")
        visit.go("Changes")
        visit.page.get_by_label("Include 00123").click()  # it is another plan now
        visit.see("1 record left out altogether")
        plan = visit.download("Plan to keep")
        visit.press("Go on to Apply")
        visit.see("This account requires an approval")
        assert kit.command("approve", plan, "--name", "Grace Hopper").status == 0
        approval = plan.with_name("plan.approval.json")
        other = json.loads(approval.read_text(encoding="utf-8"))
        forged = approval.with_name("forged.json")
        forged.write_text(json.dumps({**other, "name": "Eve"}), encoding="utf-8")
        visit.page.set_input_files("#approval-file", str(forged))
        visit.press("Use it")
        visit.see("the approval was altered")
        visit.page.set_input_files("#approval-file", str(approval))
        visit.press("Use it")
        visit.see("Approved by Grace Hopper")
        visit.judge()
        visit.page.locator("form[action='/apply/start'] button.first").click()
        visit.see("All of it is in the ERP")
        assert edited(desk) == 7
        visit.page.close()


def test_a_file_that_was_changed_meanwhile_is_not_applied(desk: Any, visit: Any) -> None:
    path = many_edits(desk)
    with serving(desk.account, path) as url:
        visit.open(url)
        visit.press("Go on to Check")
        visit.press("See the changes")
        visit.see("What it takes")
        book = openpyxl.load_workbook(path)
        book["Customers"]["A1"].comment = None
        book.save(path)
        visit.press("Go on to Apply")
        visit.see("was changed after the plan was made")
        visit.judge()
        visit.page.close()
    assert desk.writes() == []


# --- the run ----------------------------------------------------------------------------------------------------------


def test_the_canary_asks_before_the_rest(desk: Any, opened: Any) -> None:
    opened.changes(many_edits(desk))
    opened.press("Go on to Apply")
    opened.page.get_by_label("Try a few first").check()
    opened.page.get_by_label("How many customers").fill("2")
    opened.press("Apply 8 records")
    opened.see("Go on with the rest?")
    assert edited(desk) == 2
    opened.page.reload()
    opened.see("Go on with the rest?")
    opened.judge()
    opened.press("Go on")
    opened.see("All of it is in the ERP")
    assert edited(desk) == 8


def test_a_no_after_the_canary_leaves_the_rest(desk: Any, opened: Any) -> None:
    opened.changes(many_edits(desk))
    opened.press("Go on to Apply")
    opened.page.get_by_label("Try a few first").check()
    opened.page.get_by_label("How many customers").fill("3")
    opened.press("Apply 8 records")
    opened.see("Go on with the rest?")
    opened.press("Stop here")
    opened.see("3 of 8 done so far")
    opened.judge()
    assert edited(desk) == 3
    opened.press("Go on with the rest")
    opened.see("All of it is in the ERP")
    assert edited(desk) == 8
    assert len([each for each in desk.writes() if each[0] != "GET"]) == 8


def slow_down(desk: Any) -> None:
    """One customer at a time, and every write takes its time: there is something to see of the run."""
    desk.account.profile = replace(desk.account.profile, workers=1)
    desk.sandbox.faults.add(Fault(fault="slow", method="POST", count=None, delay=0.7))


def test_a_run_is_paused_reloaded_closed_and_finished(desk: Any, opened: Any) -> None:
    opened.changes(many_edits(desk, 16))
    slow_down(desk)
    begin(opened)
    opened.see("Applying to Sandbox Wholesale Ltd")
    assert opened.page.get_by_role("progressbar").count() == 1
    opened.page.reload()
    opened.see("Applying to Sandbox Wholesale Ltd", "of 16")
    opened.page.locator("#job-recent li").first.wait_for()
    opened.judge()
    opened.page.goto("about:blank")
    opened.page.go_back()
    opened.see("Applying to Sandbox Wholesale Ltd")
    opened.press("Pause")
    opened.see("Paused", "Go on with the rest")
    opened.judge()
    done = edited(desk)
    assert 0 < done < 16
    desk.sandbox.faults.clear()
    opened.press("Go on with the rest")
    opened.see("All of it is in the ERP")
    assert edited(desk) == 16
    assert len(desk.writes()) == 16


def test_a_stop_leads_to_the_results(desk: Any, opened: Any) -> None:
    opened.changes(many_edits(desk, 16))
    slow_down(desk)
    begin(opened)
    opened.page.locator("#job-recent li").first.wait_for()
    opened.press("Stop")
    opened.page.wait_for_url("**/results")
    opened.see("done so far", "Not sent")
    opened.judge()
    assert 0 < edited(desk) < 16
    assert opened.page.get_by_role("button", name="Take it back").count() == 1


def test_what_the_erp_refuses_is_told_in_its_own_words(desk: Any, opened: Any) -> None:
    opened.changes(many_edits(desk, 3))
    desk.sandbox.faults.add(Fault(fault="400", method="POST"))
    begin(opened)
    opened.see("1 record needs you")
    opened.judge()
    opened.page.get_by_role("button", name="Refused 1").click()
    opened.wait_for_rows(1)
    assert opened.rows()[0].startswith("refused")
    failed = openpyxl.load_workbook(opened.download("Download failed rows"))
    assert failed["Customers"].max_row == 2
    assert edited(desk) == 2


def test_an_erp_that_is_not_there_is_said_so(desk: Any, opened: Any) -> None:
    path = many_edits(desk)
    desk.sandbox.faults.add(Fault(fault="403", count=None))
    opened.drop(path)
    opened.press("Go on to Check")
    opened.press("See the changes")
    opened.page.get_by_role("alert").first.wait_for()
    assert "No changes to look at yet" in opened.heading()
    opened.judge()
    desk.sandbox.faults.clear()
    opened.go("Check")
    opened.press("See the changes")
    opened.see("8 records to change")


# --- a server that dies -----------------------------------------------------------------------------------------------


class Process:
    """`bulkio review` as a program of its own, which can be killed."""

    def __init__(self, *arguments: object) -> None:
        self.process = subprocess.Popen(  # noqa: S603 our own program
            [sys.executable, "-m", "bulkio", "review", "--no-browser", *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env=os.environ,
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().removeprefix("READY ").strip()

    def end(self, number: signal.Signals) -> tuple[int, str]:
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=60)
        return self.process.returncode, said


@pytest.fixture
def processes() -> Iterator[list[Process]]:
    started: list[Process] = []
    yield started
    for each in started:
        if each.process.poll() is None:
            each.end(signal.SIGKILL)


@pytest.mark.skipif(os.name != "posix", reason="needs a process that can be killed")
def test_a_killed_server_is_started_again_and_finishes_the_run(
    desk: Any, visit: Any, processes: list[Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    visit.expected = ("ERR_", "Failed to load")
    monkeypatch.setenv("BULKIO_WORKERS", "1")
    path = many_edits(desk, 16)
    processes.append(Process(path))
    visit.open(processes[0].url)
    visit.press("Go on to Check")
    visit.press("See the changes")
    visit.see("16 records to change")
    slow_down(desk)
    begin(visit)
    visit.page.locator("#job-recent li").first.wait_for()
    processes[0].end(signal.SIGKILL)
    visit.see("bulkio has stopped.", "Start bulkio review again")
    visit.judge()
    desk.sandbox.faults.clear()

    processes.append(Process())
    visit.open(processes[1].url)
    visit.go("Apply")
    visit.see("A run was interrupted", "Nothing is lost")
    visit.judge()
    visit.press("Go on with the rest")
    visit.see("All of it is in the ERP")
    assert edited(desk) == 16
    writes = [path for method, path in desk.writes()]
    assert len(set(writes)) == 16
    assert len(writes) <= 17  # what was under way is sent again, if it is seen that it was not executed
    visit.page.close()
    status, said = processes[1].end(signal.SIGINT)
    assert status == 0
    assert "Traceback" not in said


@pytest.mark.skipif(os.name != "posix", reason="needs a process that can be killed")
def test_what_the_page_was_about_survives_its_server(desk: Any, visit: Any, processes: list[Process]) -> None:
    path = many_edits(desk)
    processes.append(Process(path))
    visit.open(processes[0].url)
    visit.press("Go on to Check")
    visit.press("See the changes")
    visit.see("8 records to change")
    visit.page.get_by_label("Include 00123").click()
    visit.see("1 record left out altogether")
    visit.page.goto("about:blank")
    assert processes[0].end(signal.SIGTERM)[0] == 0
    processes.append(Process())
    visit.open(processes[1].url)
    visit.see("8 records to change", "1 record left out altogether")
    visit.apply()
    visit.see("All of it is in the ERP")
    assert edited(desk) == 7
    visit.page.close()
