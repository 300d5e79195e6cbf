"""LibreOffice itself opens and saves exports of 300 awkward customers."""

from __future__ import annotations

import csv
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from bulkio.account import open_sandbox
from bulkio.connectors.registry import connector
from bulkio.core.locale import LOCALES, NEUTRAL
from bulkio.core.options import ImportOptions
from bulkio.sandbox import SandboxOptions, running
from bulkio.workflows.check import check
from bulkio.workflows.user_file import open_user_file

if TYPE_CHECKING:
    from pathlib import Path

SOFFICE = shutil.which("soffice")
pytestmark = pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) is not installed")

CSV_OUT = "csv:Text - txt - csv (StarCalc):44,34,76,1"
AS_TEXT = "/".join(f"{column}/2" for column in range(1, 80))
NAMES = ("customers.csv", "customers.addresses.csv", "customers.contacts.csv")


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both exports, of a sandbox that is gone."""
    folder = tmp_path_factory.mktemp("exports")
    with (
        running(SandboxOptions(customers=300)) as sandbox,
        open_sandbox(sandbox.url, state_dir=folder / "state") as account,
    ):
        for name in ("customers.xlsx", "customers.csv"):
            assert account.export(folder / name).is_complete
    return folder


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("profile")


def saved(exports: Path, profile: Path, target: Path, names: tuple[str, ...], *options: str) -> Path:
    """What LibreOffice makes of the files; the baseline stands beside."""
    done = subprocess.run(  # noqa: S603 a program that the test looked up
        [str(SOFFICE), f"-env:UserInstallation={profile.as_uri()}", "--headless", *options, "--outdir", str(target),
         *(str(exports / name) for name in names)],
        capture_output=True, check=False, text=True, timeout=120,
    )  # fmt: skip
    path = target / names[0]
    if not path.is_file():
        pytest.skip(f"LibreOffice saved nothing: {done.stderr.strip()[-200:]}")
    for baseline in exports.glob("*.baseline.jsonl.gz"):
        shutil.copy(baseline, target)
    return path


def checked(path: Path, locale: str = "") -> Any:
    erp = connector("unleashed")
    declared = LOCALES[locale] if locale else NEUTRAL
    return check(open_user_file(path, erp.catalogue, locale=declared), erp, ImportOptions(locale=declared))


def edits(found: Any) -> dict[str, Any]:
    return {name: sheet.edits.cells for name, sheet in found.sheets.items() if sheet.edits.cells or sheet.unmatched}


def test_a_workbook_that_it_saved_plans_nothing_and_needs_no_word(exports: Path, profile: Path, tmp_path: Path) -> None:
    path = saved(exports, profile, tmp_path, ("customers.xlsx",), "--convert-to", "xlsx")
    found = checked(path)
    assert found.issues == []
    assert edits(found) == {}
    assert found.file.baseline is not None


def test_a_csv_file_that_it_read_as_text_plans_nothing(exports: Path, profile: Path, tmp_path: Path) -> None:
    reading = f"--infilter=CSV:44,34,76,1,{AS_TEXT},0,false,false"
    found = checked(saved(exports, profile, tmp_path, NAMES, reading, "--convert-to", CSV_OUT))
    assert found.issues == []
    assert edits(found) == {}


@pytest.mark.parametrize("language", [0, 1031, 1036], ids=["default", "German", "French"])
def test_no_damage_of_a_csv_file_is_taken_for_an_edit(
    exports: Path, profile: Path, tmp_path: Path, language: int
) -> None:
    reading = f"--infilter=CSV:44,34,76,1,,{language},false,true"
    path = saved(exports, profile, tmp_path, NAMES, reading, "--convert-to", CSV_OUT)
    found = checked(path)
    assert edits(found) == {}
    assert found.to_dict()["summary"]["restored"] > 200
    assert {issue.code.value for issue in found.issues} <= {"restored", "damaged"}
    errors = [issue for issue in found.issues if issue.severity.value == "error"]
    assert len(errors) <= 2, errors


def test_its_damage_is_seen_through_without_guids(exports: Path, profile: Path, tmp_path: Path) -> None:
    """The codes are all that is left to find the records by."""
    reading = "--infilter=CSV:44,34,76,1,,0,false,true"
    path = saved(exports, profile, tmp_path, NAMES, reading, "--convert-to", CSV_OUT)
    for name in NAMES:
        with (tmp_path / name).open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        kept = [header for header in rows[0] if header != "Guid"]
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, kept, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
    found = checked(path)
    assert {name: cells for name, cells in edits(found).items() if cells} == {}
    for name, sheet in found.sheets.items():
        keys = sheet.base["CustomerCode"]
        assert set(sheet.rows.frame["CustomerCode"]) == set(keys), name
        assert all(sheet.rows.value(row, "CustomerCode") == keys[label] for row, label in sheet.match.labels.items())
    # Two addresses of one name, and a contact without any, are nobody's damage.
    assert {issue.code.value for issue in found.issues} <= {"restored", "ambiguous", "duplicate-row"}
    assert sum(len(sheet.unmatched) for sheet in found.sheets.values()) <= 1
