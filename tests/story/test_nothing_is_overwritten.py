"""An export or a template never writes over what somebody typed, nor does a plan skip its approval."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import openpyxl
import pytest

from bulkio.account import Account, open_sandbox
from bulkio.errors import RailError, UsageError
from bulkio.sandbox import SandboxOptions, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    options = SandboxOptions(customers=8, seed=3)
    with running(options) as sandbox, open_sandbox(sandbox.url, state_dir=tmp_path / "state") as opened:
        yield opened


def type_in(path: Path, cell: str, text: str) -> None:
    book = openpyxl.load_workbook(path)
    book["Customers"][cell] = text
    book.save(path)


def test_an_edited_file_in_the_way_of_an_export_is_kept_under_another_name(account: Account, tmp_path: Path) -> None:
    path = tmp_path / "customers.xlsx"
    account.export(path)
    type_in(path, "C2", "typed, and not yet applied")
    result = account.export(path)
    kept = openpyxl.load_workbook(tmp_path / "customers.earlier.xlsx")
    assert kept["Customers"]["C2"].value == "typed, and not yet applied"
    assert openpyxl.load_workbook(path)["Customers"]["C2"].value != "typed, and not yet applied"
    assert "customers.earlier.xlsx" in " ".join(result.notes)
    type_in(path, "C2", "typed again")
    account.export(path)
    assert openpyxl.load_workbook(tmp_path / "customers.earlier-2.xlsx")["Customers"]["C2"].value == "typed again"


@pytest.mark.parametrize("name", ["customers.xlsx", "customers.csv", "customers.jsonl"])
def test_an_untouched_export_is_simply_replaced(account: Account, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    account.export(folder / name)
    before = sorted(file.name for file in folder.iterdir())
    assert account.export(folder / name).notes == ()
    assert sorted(file.name for file in folder.iterdir()) == before


def test_a_file_from_elsewhere_is_not_overwritten_either(account: Account, tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_text("mine", encoding="utf-8")
    account.export(path)
    assert (tmp_path / "customers.earlier.csv").read_text(encoding="utf-8") == "mine"


def test_a_template_refuses_a_name_that_is_taken(account: Account, tmp_path: Path) -> None:
    path = tmp_path / "new.xlsx"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="there is such a file already"):
        account.template(path, live_lists=False)
    assert path.read_text(encoding="utf-8") == "mine"


def test_a_profile_that_wants_an_approval_applies_nothing_without_one(account: Account, tmp_path: Path) -> None:
    path = tmp_path / "customers.xlsx"
    account.export(path)
    type_in(path, "C2", "Another name")
    plan = account.plan(path)
    account.profile = replace(account.profile, approval=True)
    with pytest.raises(RailError, match="requires an approval"):
        account.apply(plan)
