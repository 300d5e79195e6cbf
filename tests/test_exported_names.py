"""The library's public names: pinned, documented, and enough for what the contract's example does."""

from __future__ import annotations

import inspect
import subprocess
import sys
from enum import Enum
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

import bulkio
from bulkio.sandbox import SandboxOptions, running

if TYPE_CHECKING:
    from pathlib import Path

NAMES = [
    "Account",
    "Action",
    "ApplyOptions",
    "Blank",
    "BulkioError",
    "Change",
    "Command",
    "Conflict",
    "Converted",
    "CredentialsError",
    "ExportResult",
    "FileError",
    "ImportOptions",
    "IncompleteError",
    "InvalidFileError",
    "Limit",
    "LockedError",
    "OnConflict",
    "Operation",
    "Outcome",
    "OutdatedError",
    "Plan",
    "RailError",
    "Rails",
    "RateLimitError",
    "Report",
    "RunRecord",
    "Status",
    "UnavailableError",
    "UnknownProfileError",
    "UsageError",
    "check_file",
    "convert",
    "load_plan",
    "open",
    "save_plan",
]


def test_the_public_names() -> None:
    assert bulkio.__all__ == NAMES
    assert sorted(NAMES) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_public_name_is_documented(name: str) -> None:
    found = getattr(bulkio, name)
    assert found.__doc__
    if not inspect.isclass(found) or issubclass(found, Enum):
        return
    for member, value in vars(found).items():
        if not member.startswith("_") and (inspect.isfunction(value) or isinstance(value, property | classmethod)):
            documented = value.__func__ if isinstance(value, classmethod) else value
            assert documented.__doc__, f"{name}.{member}"


def test_errors_are_one_family_and_have_a_hint() -> None:
    errors = [getattr(bulkio, name) for name in NAMES if name.endswith("Error")]
    assert all(issubclass(error, bulkio.BulkioError) for error in errors)
    error = bulkio.UsageError("what is wrong", hint="what to do")
    assert (str(error), error.hint) == ("what is wrong", "what to do")


def test_importing_it_does_nothing_else(tmp_path: Path) -> None:
    """No output, no files, and nothing heavy before it is needed."""
    code = "import sys, bulkio; print(sorted({'pandas', 'openpyxl', 'httpx', 'starlette'} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, encoding="utf-8", cwd=tmp_path)  # noqa: S603
    assert (done.stdout, done.stderr) == ("[]\n", "")
    assert list(tmp_path.iterdir()) == []


def test_the_program_and_the_module_are_the_same() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bulkio", "--version"], capture_output=True, check=True, encoding="utf-8"
    )
    assert done.stdout == f"bulkio, version {bulkio.__version__}\n"


def test_the_contracts_example(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As in section 6: opened by name, exported, planned and applied; nothing printed, nothing asked."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BULKIO_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("BULKIO_ACME_API_ID", "sandbox")
    monkeypatch.setenv("BULKIO_ACME_API_KEY", "sandbox")
    told: list[Any] = []
    with running(SandboxOptions(customers=5)) as sandbox:
        (tmp_path / "bulkio.toml").write_text(
            f'[profiles.acme]\nerp = "unleashed"\nbase_url = "{sandbox.url}"\nsettle_seconds = 0\n', encoding="utf-8"
        )
        with bulkio.open("acme") as account:
            result = account.export("customers.xlsx", modified_since="2016-01-01")
            assert result.is_complete
            book = openpyxl.load_workbook("customers.xlsx")
            headers = {cell.value: cell.column_letter for cell in book["Customers"][1]}
            book["Customers"][f"{headers['Notes']}2"] = "From the library"
            book.save("customers.xlsx")
            plan = account.plan("customers.xlsx")
            frame = plan.changes.to_frame()
            assert list(frame.columns) == ["sheet", "row", "entity", "action", "key", "field", "before", "after"]
            assert frame["after"].tolist() == ["From the library"]
            assert plan.issues == ()
            assert plan.cost.calls > 0
            run = account.apply(plan, on_progress=told.append)
            assert run.is_good
            assert [record.run_id for record in account.runs()] == [run.run_id]
    assert [(step.done, step.total) for step in told] == [(1, 1)]
    assert capsys.readouterr() == ("", "")


def test_plans_are_saved_and_loaded(tmp_path: Path) -> None:
    with pytest.raises(bulkio.FileError, match="there is no such file"):
        bulkio.load_plan(tmp_path / "nowhere.json")
    (tmp_path / "other.json").write_text("{}", encoding="utf-8")
    with pytest.raises(bulkio.OutdatedError, match="not a plan of this version"):
        bulkio.load_plan(tmp_path / "other.json")
