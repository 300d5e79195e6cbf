"""sample_data/ is what the tool exports, finds and plans today."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from make_samples import EDITS, MISTAKES, OPTIONS, SAMPLES, cells_of, sample_plan, write_edited, write_exports

from bulkio.account import check_file, dump_plan, load_plan, open_sandbox, write_check_report
from bulkio.sandbox import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bulkio.account import Account


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    """The account that the samples were exported from, again."""
    with running(OPTIONS) as sandbox, open_sandbox(sandbox.url, state_dir=tmp_path / "state") as opened:
        yield opened


def test_the_exports_are_fresh(account: Account, clean: Path) -> None:
    (clean / "csv").mkdir()
    write_exports(account, clean)
    assert cells_of(SAMPLES / "customers.xlsx") == cells_of(clean / "customers.xlsx")
    for file in (clean / "csv").glob("*.csv"):
        assert (SAMPLES / "csv" / file.name).read_bytes() == file.read_bytes()


def test_the_copies_differ_by_nothing_but_the_listed_edits(clean: Path) -> None:
    write_edited(SAMPLES / "customers.xlsx", clean)
    for name in ("customers-edited.xlsx", "customers-mistakes.xlsx"):
        assert cells_of(SAMPLES / name) == cells_of(clean / name)


@pytest.mark.parametrize("name", ["customers.xlsx", "customers-edited.xlsx", "csv/customers.csv"])
def test_good_files_are_found_good(name: str) -> None:
    assert check_file(SAMPLES / name).issues == []


def test_the_check_finds_all_ten_mistakes_and_nothing_else() -> None:
    found = {
        (issue.sheet, issue.cell, issue.code.value) for issue in check_file(SAMPLES / "customers-mistakes.xlsx").issues
    }
    assert found == {(sheet, cell, code) for sheet, cell, _, code in MISTAKES}
    assert len({code for *_, code in MISTAKES}) == 10


def test_all_ten_are_marked_and_explained_on_their_own_cells_of_the_copy(tmp_path: Path) -> None:
    write_check_report(check_file(SAMPLES / "customers-mistakes.xlsx"), tmp_path / "marked.xlsx")
    before, after = (
        openpyxl.load_workbook(path) for path in (SAMPLES / "customers-mistakes.xlsx", tmp_path / "marked.xlsx")
    )
    for sheet, place, value, _ in MISTAKES:
        cell = after[sheet][place]
        assert cell.comment is not None, f"{sheet}!{place} has no note"
        assert cell.fill.fgColor.rgb != before[sheet][place].fill.fgColor.rgb, f"{sheet}!{place} has no colour"
        assert str(cell.value or "") == value


def test_the_plan_is_that_of_the_edited_copy(account: Account) -> None:
    made: dict[str, Any] = json.loads(dump_plan(sample_plan(account, SAMPLES)))
    kept = json.loads((SAMPLES / "plan.json").read_bytes())
    assert made == kept, "python tests/docs/py"
    changed = {(each["sheet"], each["row"]) for each in kept["operations"]}
    assert changed == {(sheet, int(cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))) for sheet, cell, _ in EDITS}


def test_the_stored_plan_is_whole() -> None:
    assert len(load_plan(SAMPLES / "plan.json").operations) == 7


def test_the_folder_says_what_each_file_is() -> None:
    page = (SAMPLES / "README.md").read_text(encoding="utf-8")
    files = [path for path in SAMPLES.rglob("*") if path.is_file() and path.name != "README.md"]
    assert {path.name for path in files if f"`{path.relative_to(SAMPLES).as_posix()}`" not in page} == set()
    for sheet, cell, value, _ in MISTAKES:
        assert f"| `{sheet}!{cell}` | `{value}` |" in page
