"""Results: what became of every row, in a copy of the user's own file; the failed ones alone in another."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from bulkio.core.headers import COMMAND, RESULT_COLUMNS, Command
from bulkio.core.plan import Action
from bulkio.core.report import GOOD, Outcome, Status
from bulkio.sheets.annotate import ResultColumn, annotate_csv, annotate_xlsx

if TYPE_CHECKING:
    from collections.abc import Sequence
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
_DONE = {Action.CREATE: "created", Action.UPDATE: "updated", Action.DELETE: "deleted"}
_COMMANDS = {Action.CREATE: Command.NEW, Action.UPDATE: Command.UPDATE, Action.DELETE: Command.DELETE}


def write_results(
    source: Path, plan: Plan, outcomes: Sequence[Outcome], folder: Path, files: dict[str, Path]
) -> dict[str, str]:
    """Write `NAME.results.xlsx`, and `NAME.failed.xlsx` if anything failed, beside the user's file.

    `files` are the user's files by sheet (all the same for a workbook). Where they are gone, or are none that can be
    written back, a plain table goes into the run's folder instead. Returns what was written by purpose; raises
    FileError if it cannot be.
    """
    by_id = {outcome.operation_id: outcome for outcome in outcomes}
    rows = [(operation, by_id[operation.id]) for operation in plan.operations if operation.id in by_id]
    sheets = list(dict.fromkeys(operation.sheet for operation, _ in rows))
    failed = [(operation, outcome) for operation, outcome in rows if outcome.status not in GOOD]
    suffix = source.suffix.lower()
    if suffix == ".xlsx" and source.is_file():
        results = _beside(source, "results")
        annotate_xlsx(source, results, columns={sheet: _columns(rows, sheet) for sheet in sheets})
        written = {"results": str(results)}
        if failed:
            rest = _beside(source, "failed")
            columns = {sheet: [_commands(failed, sheet), *_columns(failed, sheet)] for sheet in sheets}
            # Sheets without any operation have nothing to be done again, either.
            kept = {sheet: {o.row for o, _ in failed if o.sheet == sheet} for sheet in files}
            annotate_xlsx(source, rest, columns=columns, keep_rows=kept)
            written["failed"] = str(rest)
        return written
    if suffix == ".csv" and source.is_file():
        return _csv_results(rows, failed, files)
    table = folder / "results.csv"
    _write_table(table, rows)
    return {"results": str(table)}


def _beside(path: Path, purpose: str) -> Path:
    return path.with_name(f"{path.stem}.{purpose}{path.suffix}")


def _csv_results(
    rows: Sequence[tuple[Operation, Outcome]], failed: Sequence[tuple[Operation, Outcome]], files: dict[str, Path]
) -> dict[str, str]:
    """CSV: a results file per sheet that had an operation."""
    written: dict[str, str] = {}
    for sheet, path in files.items():
        if any(operation.sheet == sheet for operation, _ in rows):
            results = _beside(path, "results")
            annotate_csv(path, results, columns=_columns(rows, sheet))
            written.setdefault("results", str(results))
            written[f"results {sheet}"] = str(results)
        kept = {operation.row for operation, _ in failed if operation.sheet == sheet}
        if kept:
            rest = _beside(path, "failed")
            annotate_csv(path, rest, columns=[_commands(failed, sheet), *_columns(failed, sheet)], keep_rows=kept)
            written.setdefault("failed", str(rest))
            written[f"failed {sheet}"] = str(rest)
    return written


def _columns(rows: Sequence[tuple[Operation, Outcome]], sheet: str) -> list[ResultColumn]:
    """The three result columns of a sheet, filled where a row had an operation."""
    result: dict[int, str] = {}
    comment: dict[int, str] = {}
    identity: dict[int, str] = {}
    for operation, outcome in rows:
        if operation.sheet == sheet:
            result[operation.row] = _WORDS.get(outcome.status, outcome.status.value)
            done = _DONE[operation.action] if outcome.status in GOOD else ""
            comment[operation.row] = "; ".join(part for part in (done, outcome.message) if part)
            identity[operation.row] = outcome.guid
    widths = (14, 50, 38)
    return [
        ResultColumn(header=header, values=values, width=width)
        for header, values, width in zip(RESULT_COLUMNS, (result, comment, identity), widths, strict=True)
    ]


def _commands(failed: Sequence[tuple[Operation, Outcome]], sheet: str) -> ResultColumn:
    """What each row asked for, spelled out: on its own, a child of a new record would no longer be new."""
    words = {operation.row: _COMMANDS[operation.action].value for operation, _ in failed if operation.sheet == sheet}
    return ResultColumn(header=COMMAND, values=words)


def _write_table(path: Path, rows: Sequence[tuple[Operation, Outcome]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["Sheet", "Row", "Key", *RESULT_COLUMNS])
        for operation, outcome in rows:
            word = _WORDS.get(outcome.status, outcome.status.value)
            writer.writerow([operation.sheet, operation.row, operation.key, word, outcome.message, outcome.guid])
