"""A profile may require that somebody says yes to a plan; what was said yes to is what is applied, or nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from bulkio import schemas
from bulkio.core.plan import fingerprint

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def saved(desk: Any, kit: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A saved plan, and a profile that requires an approval."""
    monkeypatch.setenv("BULKIO_APPROVAL", "true")
    book = desk.open()
    book.type("Customers", "HURST001", Notes="To be approved")
    book.save(desk.folder / "edited.xlsx")
    assert kit.command("plan", "edited.xlsx", "-o", "plan.json").status == 0
    path: Path = desk.folder / "plan.json"
    return path


def test_without_an_approval_nothing_is_sent(desk: Any, kit: Any, saved: Path) -> None:
    for arguments in (("apply", saved), ("apply", "edited.xlsx", "--yes")):
        ran = kit.command(*arguments)
        assert ran.status == 8
        assert "requires an approval" in ran.err
        assert "bulkio approve PLAN" in ran.err
    assert desk.writes() == []


def test_an_approved_plan_is_applied_and_the_approval_stays_with_the_run(desk: Any, kit: Any, saved: Path) -> None:
    approved = kit.command("approve", saved, "--name", "Ada Lovelace", "--json").document
    Draft202012Validator(schemas.load("bulkio.approval/1")).validate(approved)
    plan = json.loads(saved.read_text(encoding="utf-8"))
    assert (approved["name"], approved["plan_sha256"]) == ("Ada Lovelace", plan["sha256"])
    assert json.loads((desk.folder / "plan.approval.json").read_text(encoding="utf-8")) == approved
    assert "Approved by Ada Lovelace" in kit.command("show", saved).out
    assert kit.command("apply", saved).status == 0
    assert desk.customer("HURST001")["Notes"] == "To be approved"
    (run,) = desk.account.runs()
    assert json.loads((run.folder / "plan.approval.json").read_text(encoding="utf-8")) == approved


def test_the_name_is_the_machines_user_unless_it_is_given(
    kit: Any, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "grace")
    assert kit.command("approve", saved, "--json").document["name"] == "grace"
    for name in ("", "  ", "a\x1b[2J"):
        ran = kit.command("approve", saved, "--name", name)
        assert (ran.status, ran.out) == (2, "")


def resealed(document: dict[str, Any]) -> str:
    """As somebody would who knows how the fingerprint is made."""
    rest = {name: value for name, value in document.items() if name != "sha256"}
    return json.dumps({**rest, "sha256": fingerprint(rest)})


def test_a_plan_that_was_altered_after_its_approval_is_refused(desk: Any, kit: Any, saved: Path) -> None:
    assert kit.command("approve", saved).status == 0
    plan = json.loads(saved.read_text(encoding="utf-8"))
    plan["operations"][0]["changes"][0]["after"] = "Something else"
    for text, words in ((json.dumps(plan), "altered"), (resealed(plan), "is not this plan")):
        saved.write_text(text, encoding="utf-8")
        ran = kit.command("apply", saved)
        assert (ran.status, words in ran.err) == (5, True)
        assert kit.command("show", saved, "--html", "page.html").status == 5
    assert desk.writes() == []


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": "bulkio.approval/1"}'])
def test_what_is_no_approval_is_refused(desk: Any, kit: Any, saved: Path, text: str) -> None:
    (desk.folder / "plan.approval.json").write_text(text, encoding="utf-8")
    ran = kit.command("apply", saved)
    assert ran.status == 5
    assert "bulkio approve PLAN" in ran.err
    assert desk.writes() == []


def test_an_approval_that_was_altered_is_refused(desk: Any, kit: Any, saved: Path) -> None:
    approval = kit.command("approve", saved, "--name", "Ada", "--json").document
    (desk.folder / "plan.approval.json").write_text(json.dumps({**approval, "name": "Eve"}), encoding="utf-8")
    ran = kit.command("apply", saved)
    assert (ran.status, "altered" in ran.err) == (5, True)
    incomplete = {name: value for name, value in approval.items() if name != "name"}
    (desk.folder / "plan.approval.json").write_text(resealed(incomplete), encoding="utf-8")
    assert kit.command("apply", saved).status == 5
    assert desk.writes() == []


def test_an_approval_of_another_plan_is_refused_even_where_none_is_required(
    desk: Any, kit: Any, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kit.command("approve", saved).status == 0
    monkeypatch.setenv("BULKIO_APPROVAL", "false")
    assert kit.command("plan", "edited.xlsx", "-o", saved).status == 0
    assert kit.command("apply", saved).status == 5
    (desk.folder / "plan.approval.json").unlink()
    assert kit.command("apply", saved).status == 0


def test_an_undo_needs_an_approval_as_well(desk: Any, kit: Any, saved: Path) -> None:
    assert kit.command("approve", saved).status == 0
    run = kit.command("apply", saved, "--json").document["run_id"]
    assert kit.command("undo", run, "--yes").status == 8
    assert kit.command("undo", run, "-o", "back.json").status == 0
    assert kit.command("approve", "back.json").status == 0
    assert kit.command("apply", "back.json").status == 0
    assert desk.customer("HURST001")["Notes"] != "To be approved"


def test_a_plan_with_errors_is_not_approved(desk: Any, kit: Any, saved: Path) -> None:
    book = desk.open()
    book.type("Customers", "HURST001", PaymentTerm="never")
    plan = desk.plan(book)
    assert plan.errors
    saved.write_text(json.dumps(plan.to_dict()), encoding="utf-8")
    ran = kit.command("approve", saved)
    assert (ran.status, "can never be applied" in ran.err) == (2, True)
