"""One sheet of an invented export, checked as a person brings it back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bulkio.connectors.registry import connector
from bulkio.core.flatten import PARENT_ID, empty_frames, frame_of
from bulkio.core.grid import Fact, RawColumn, RawSheet
from bulkio.core.locale import NEUTRAL, Locale
from bulkio.core.options import ImportOptions
from bulkio.core.rows import read_rows
from bulkio.sheets._cells import column_letter
from bulkio.store.baseline import Baseline, BaselineHeader
from bulkio.workflows.check import check
from bulkio.workflows.user_file import UserFile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bulkio.workflows.checked import Checked

UNLEASHED = connector("unleashed")
HEADER = BaselineHeader(
    base_id="base", erp="unleashed", tenant="tenant", account="Account", profile="p", exported_at="", complete=True
)


@dataclass(frozen=True)
class Value:
    """A number, date or boolean cell of a workbook; with a `formula`, the value that was last calculated."""

    text: str
    fact: Fact = Fact.NUMBER
    formula: str = ""


def guid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


def raw_sheet(name: str, rows: Sequence[Mapping[str, str | Value]]) -> RawSheet:
    headers = list(dict.fromkeys(header for row in rows for header in row))
    columns = []
    for number, header in enumerate(headers, start=1):
        cells = [row.get(header, "") for row in rows]
        facts = [each.fact if isinstance(each, Value) else Fact.TEXT if each else Fact.BLANK for each in cells]
        text = [each.text if isinstance(each, Value) else each for each in cells]
        columns.append(RawColumn(header, column_letter(number), text, bytes(facts)))
    formulas = {
        (at, column_letter(headers.index(header) + 1)): cell.formula
        for at, row in enumerate(rows, start=2)
        for header, cell in row.items()
        if isinstance(cell, Value) and cell.formula
    }
    return RawSheet(name, 1, list(range(2, 2 + len(rows))), tuple(columns), formulas=formulas)


def brought_back(
    exported: Mapping[str, Sequence[Mapping[str, str]]],
    sheets: Mapping[str, Sequence[Mapping[str, str | Value]]],
    *,
    typed: bool = False,
    locale: Locale = NEUTRAL,
) -> Checked:
    """Check `sheets` against what was `exported`, both by entity; `typed` for a workbook, else a CSV file."""
    catalogue = UNLEASHED.catalogue
    frames = dict(empty_frames(catalogue))
    for name, records in exported.items():
        names = list(frames[name].columns)
        frames[name] = frame_of({each: [record.get(each, "") for record in records] for each in names}, len(records))
    file = UserFile(
        path=Path("customers.xlsx" if typed else "customers.csv"),
        sha256="",
        typed=typed,
        rows={name: read_rows(catalogue.by_name[name], raw_sheet(name, rows), locale) for name, rows in sheets.items()},
        baseline=Baseline(HEADER, frames),
    )
    return check(file, UNLEASHED, ImportOptions(locale=locale))


def one_cell(name: str, base: str, found: str | Value, *, typed: bool = False, locale: Locale = NEUTRAL) -> Checked:
    """One customer, one cell of whom is not as it was exported."""
    kept = {"Guid": guid(1), "CustomerCode": "CODE", "CustomerName": "Name"}
    return brought_back(
        {"Customers": [{**kept, name: base}]}, {"Customers": [{**kept, name: found}]}, typed=typed, locale=locale
    )


def edits(checked: Checked, name: str = "Customers") -> dict[int, dict[str, tuple[str, str]]]:
    return checked.sheets[name].edits.cells


def codes(checked: Checked) -> list[str]:
    """The codes of issues about single rows, worst first within a row."""
    return [issue.code.value for issue in checked.issues if issue.row]


@dataclass(frozen=True)
class Bench:
    """What tests use of this module, which cannot be imported."""

    brought_back: Callable[..., Checked] = brought_back
    one_cell: Callable[..., Checked] = one_cell
    edits: Callable[..., dict[int, dict[str, tuple[str, str]]]] = edits
    codes: Callable[[Checked], list[str]] = codes
    guid: Callable[[int], str] = guid
    Value: Any = Value
    parent_id: str = PARENT_ID


@pytest.fixture(scope="session")
def bench() -> Bench:
    return Bench()
