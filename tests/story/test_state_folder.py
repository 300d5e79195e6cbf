"""Where runs are kept: on a disk of this machine, for as long as somebody wants them."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest


def test_a_synchronised_state_folder_is_warned_of(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    book = desk.open()
    book.type("Customers", "HURST001", Notes="Edited")
    path = book.save()
    assert "state folder" not in desk.command("doctor").err
    monkeypatch.setenv("BULKIO_STATE_DIR", str(desk.folder / "OneDrive - Acme" / "bulkio"))
    warning = "The state folder is no safe place for a journal: it is synchronised by OneDrive"
    ran = desk.command("doctor")
    assert ran.status == 0
    assert warning in ran.err
    assert desk.command("doctor", "--json").document["state_hazard"] == "it is synchronised by OneDrive"
    for ran in (desk.command("apply", path, "--yes"), desk.command("undo", next(desk.account.runs()).run_id, "--yes")):
        assert ran.status == 0
        assert warning in ran.err
        assert "BULKIO_STATE_DIR" in ran.err


def test_a_run_whose_folder_was_deleted_is_forgotten_and_nothing_else_is(desk: Any) -> None:
    reports = []
    for note in ("first", "second"):
        book = desk.open()
        book.type("Customers", "HURST001", Notes=note)
        reports.append(desk.apply(book))
    forgotten, kept = (report.run_id for report in reports)
    shutil.rmtree(desk.account.run(forgotten).folder)
    assert [record.run_id for record in desk.account.runs()] == [kept]
    for command in ("runs", "resume", "undo"):
        ran = desk.command(command, forgotten)
        assert ran.status == 2
        assert ran.err.startswith(f"bulkio: there is no run {forgotten!r}")
    assert desk.command("undo", kept, "--yes").status == 0
    assert desk.customer("HURST001")["Notes"] == "first"
    assert desk.plan(desk.export("again.xlsx")).operations == ()


def test_a_run_whose_journal_cannot_be_read_is_named_and_not_passed_over(desk: Any) -> None:
    book = desk.open()
    book.type("Customers", "HURST001", Notes="Edited")
    run = desk.account.run(desk.apply(book).run_id)
    (run.folder / "journal.db").write_bytes(b"not a journal any more")
    ran = desk.command("runs")
    assert (ran.status, ran.out) == (0, "")
    assert ran.err == f"{run.run_id}: its journal cannot be read. See: bulkio runs {run.run_id}\n"
    ran = desk.command("runs", run.run_id)
    assert ran.status == 3
    assert str(run.folder) in ran.err
