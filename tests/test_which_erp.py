"""Which ERP a file is of, and which one is meant, where nobody says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import bulkio
from bulkio.account import connector_for
from bulkio.connectors.registry import known

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without any profile."""
    for name in ("BULKIO_ERP", "BULKIO_CONFIG", "BULKIO_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("header", "key_column"),
    [
        ("CustomerCode,CustomerName", "CustomerName"),
        ("number,primaryAddress.name", "primaryAddress.name"),
        ("number,primaryAddress.name,My own column", "primaryAddress.name"),
    ],
)
def test_a_file_from_elsewhere_is_of_the_erp_whose_columns_it_has(tmp_path: Path, header: str, key_column: str) -> None:
    path = tmp_path / "customers.csv"
    path.write_text(f"Command,{header}\nNEW,A1{',' * header.count(',')}\n", encoding="utf-8")
    required = {issue.column for issue in bulkio.check_file(path).issues if issue.code.value == "required"}
    assert key_column in required


def test_a_file_of_no_erp_at_all_is_said_to_have_no_customers(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    assert bulkio.check_file(path).has_errors


def test_without_a_profile_the_first_erp_is_meant() -> None:
    assert connector_for().name == known()[0]
    assert connector_for(erp=known()[-1]).name == known()[-1]
