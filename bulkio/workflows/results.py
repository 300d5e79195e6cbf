"""Results: what became of every row, in a copy of the user's own file; the failed ones alone in another.

CSV copies are named so that they belong together like the files they are copies of: `customers.failed.csv` with
`customers.failed.addresses.csv`.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from bulkio.core.headers import COMMAND, RESULT_COLUMNS, Command
from bulkio.core.plan import Action
from bulkio.core.report import GOOD, Outcome, Status
from bulkio.sheets.annotate import ResultColumn, annotate_csv, annotate_xlsx
from bulkio.sheets.xlsx_read import read_xlsx

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bulkio.core.plan import Conflict, Operation, Plan

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
    sheets = list(dict.fromkeys((*(o.sheet for o, _ in rows), *(conflict.sheet for conflict in plan.conflicts))))
    failed = [(operation, outcome) for operation, outcome in rows if outcome.status not in GOOD]
    suffix = source.suffix.lower()
    if suffix == ".xlsx" and source.is_file():
        results = _beside(source, "results")
        annotate_xlsx(source, results, columns={sheet: _columns(rows, sheet, plan.conflicts) for sheet in sheets})
        written = {"results": str(results)}
        if failed:
            rest = _beside(source, "failed")
            columns = {sheet: [_commands(failed, sheet), *_columns(failed, sheet)] for sheet in sheets}
            # Sheets without any operation have nothing to be done again, either.
            known = {name.casefold() for name in files}
            ours = {name for name in read_xlsx(source).sheets if name.strip().casefold() in known}
            kept = {sheet: {o.row for o, _ in failed if o.sheet == sheet} for sheet in {*ours, *sheets}}
            annotate_xlsx(source, rest, columns=columns, keep_rows=kept)
            written["failed"] = str(rest)
        return written
    if suffix == ".csv" and source.is_file():
        return _csv_results(source, plan, rows, failed, files)
    table = folder / "results.csv"
    _write_table(table, rows)
    return {"results": str(table)}


def _beside(path: Path, purpose: str) -> Path:
    return path.with_name(f"{path.stem}.{purpose}{path.suffix}")


def _csv_results(
    source: Path,
    plan: Plan,
    rows: Sequence[tuple[Operation, Outcome]],
    failed: Sequence[tuple[Operation, Outcome]],
    files: dict[str, Path],
) -> dict[str, str]:
    """CSV: a results file per sheet that has something to tell, and the failed rows likewise.

    The failed file of the source itself is there whenever any row failed: its name is the one to apply again, and a
    child's file beside it is found by it.
    """
    written: dict[str, str] = {}
    stem = source.stem
    if len(files) == 1 and (child := "." + next(iter(files)).lower()) and stem.lower().endswith(child):
        stem = stem[: -len(child)]  # a child's file on its own
    told = {operation.sheet for operation, _ in rows} | {conflict.sheet for conflict in plan.conflicts}
    for sheet, path in files.items():
        if path == source or sheet in told:
            results = _csv_beside(stem, path, "results")
            annotate_csv(path, results, columns=_columns(rows, sheet, plan.conflicts))
            written.setdefault("results", str(results))
            written[f"results {sheet}"] = str(results)
    for sheet, path in files.items():
        kept = {operation.row for operation, _ in failed if operation.sheet == sheet}
        if kept or (failed and path == source):
            rest = _csv_beside(stem, path, "failed")
            annotate_csv(path, rest, columns=[_commands(failed, sheet), *_columns(failed, sheet)], keep_rows=kept)
            written.setdefault("failed", str(rest))
            written[f"failed {sheet}"] = str(rest)
    return written


def _csv_beside(stem: str, path: Path, purpose: str) -> Path:
    """`a.csv` -> `a.failed.csv`, and `a.addresses.csv` -> `a.failed.addresses.csv`; `stem` is `a` for both."""
    return path.with_name(f"{path.stem[: len(stem)]}.{purpose}{path.stem[len(stem) :]}{path.suffix}")


def _columns(
    rows: Sequence[tuple[Operation, Outcome]], sheet: str, conflicts: Sequence[Conflict] = ()
) -> list[ResultColumn]:
    """The three result columns of a sheet, filled where a row had an operation, or was left out for a conflict."""
    result: dict[int, str] = {}
    comment: dict[int, str] = {}
    identity: dict[int, str] = {}
    for operation, outcome in rows:
        if operation.sheet == sheet:
            result[operation.row] = _WORDS.get(outcome.status, outcome.status.value)
            done = _DONE[operation.action] if outcome.status in GOOD else ""
            comment[operation.row] = "; ".join(part for part in (done, outcome.message) if part)
            identity[operation.row] = outcome.guid
    for conflict in conflicts:
        if conflict.sheet == sheet:
            result[conflict.row] = _WORDS[Status.CONFLICT]
            values = f"exported {conflict.base!r}, your sheet {conflict.sheet_value!r}, ERP now {conflict.live!r}"
            words = f"{conflict.field}: {values}"
            comment[conflict.row] = "; ".join((comment.get(conflict.row, "left out"), words))
    widths = (14, 50, 38)
    return [
        ResultColumn(header=header, values=values, width=width)
        for header, values, width in zip(RESULT_COLUMNS, (result, comment, identity), widths, strict=True)
    ]


def _command(operation: Operation, outcome: Outcome) -> Command:
    """What would do the rest: a record that may be there already is not simply new."""
    if operation.action is Action.CREATE and outcome.status in (Status.ACKED, Status.IN_DOUBT):
        return Command.MERGE
    return _COMMANDS[operation.action]


def _commands(failed: Sequence[tuple[Operation, Outcome]], sheet: str) -> ResultColumn:
    """What each row asked for, spelled out: on its own, a child of a new record would no longer be new."""
    words = {
        operation.row: _command(operation, outcome).value for operation, outcome in failed if operation.sheet == sheet
    }
    return ResultColumn(header=COMMAND, values=words)


def _write_table(path: Path, rows: Sequence[tuple[Operation, Outcome]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["Sheet", "Row", "Key", *RESULT_COLUMNS])
        for operation, outcome in rows:
            word = _WORDS.get(outcome.status, outcome.status.value)
            writer.writerow([operation.sheet, operation.row, operation.key, word, outcome.message, outcome.guid])
