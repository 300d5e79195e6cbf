"""Results: what became of every row, in a copy of the user's own file; the failed ones alone in another."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from bulkio.core.headers import RESULT_COLUMNS
from bulkio.core.report import GOOD, Outcome, Status
from bulkio.sheets.annotate import ResultColumn, annotate_csv, annotate_xlsx

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bulkio.core.plan import Operation, Plan

_WORDS = {
    Status.VERIFIED: "OK",
    Status.ACKED: "DONE, NOT CONFIRMED",
    Status.REJECTED: "FAILED",
    Status.CONFLICT: "CONFLICT",
    Status.IN_DOUBT: "IN DOUBT",
    Status.SKIPPED: "SKIPPED",
    Status.NOT_SENT: "NOT SENT",
}


def write_results(source: Path, plan: Plan, outcomes: Sequence[Outcome], folder: Path) -> dict[str, str]:
    """Write `NAME.results.xlsx`, and `NAME.failed.xlsx` if anything failed, beside the user's file.

    Where the file is gone (or is none that can be written back), a plain table goes into the run's folder instead.
    Returns the files by purpose. Raises FileError if they cannot be written.
    """
    by_id = {outcome.operation_id: outcome for outcome in outcomes}
    rows = [(operation, by_id[operation.id]) for operation in plan.operations if operation.id in by_id]
    columns = _columns(rows)
    failed: dict[str, set[int]] = {}
    for operation, outcome in rows:
        if outcome.status not in GOOD:
            failed.setdefault(operation.sheet, set()).add(operation.row)
    if source.suffix.lower() == ".xlsx" and source.is_file():
        results = source.with_name(f"{source.stem}.results.xlsx")
        annotate_xlsx(source, results, marks=(), columns=columns, keep_rows=None)
        files = {"results": str(results)}
        if failed:
            rest = source.with_name(f"{source.stem}.failed.xlsx")
            kept = {sheet: failed.get(sheet, set()) for sheet in columns}
            annotate_xlsx(source, rest, marks=(), columns=columns, keep_rows=kept)
            files["failed"] = str(rest)
        return files
    table = folder / "results.csv"
    _write_table(table, rows)
    return {"results": str(table)}


def _columns(rows: Sequence[tuple[Operation, Outcome]]) -> Mapping[str, Sequence[ResultColumn]]:
    """Per sheet the three result columns, filled where a row had an operation."""
    filled: dict[str, list[dict[int, str]]] = {}
    for operation, outcome in rows:
        result, comment, identity = filled.setdefault(operation.sheet, [{}, {}, {}])
        result[operation.row] = _WORDS.get(outcome.status, outcome.status.value)
        comment[operation.row] = outcome.message or f"{operation.action.value}d".replace("ee", "e")
        identity[operation.row] = outcome.guid
    return {
        sheet: [ResultColumn(header, values) for header, values in zip(RESULT_COLUMNS, columns, strict=True)]
        for sheet, columns in filled.items()
    }


def _write_table(path: Path, rows: Sequence[tuple[Operation, Outcome]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["Sheet", "Row", "Key", *RESULT_COLUMNS])
        for operation, outcome in rows:
            word = _WORDS.get(outcome.status, outcome.status.value)
            writer.writerow([operation.sheet, operation.row, operation.key, word, outcome.message, outcome.guid])

