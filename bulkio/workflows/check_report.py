"""The check's answer in the user's own file: every issue as a mark and a note on its cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bulkio.core.issues import Severity
from bulkio.errors import UsageError
from bulkio.sheets.annotate import Mark, ResultColumn, annotate_csv, annotate_xlsx

if TYPE_CHECKING:
    from pathlib import Path

    from bulkio.core.issues import Issue
    from bulkio.workflows.checked import Checked

_HEADER = "Import Result"
_WORDS = {Severity.ERROR: "FIX", Severity.WARNING: "LOOK", Severity.NOTICE: "NOTE"}


def write_report(checked: Checked, target: Path) -> None:
    """Write a copy of the checked file with marks, and a column to filter by.

    Raises UsageError if the target's format is not the file's own, FileError if it cannot be written.
    """
    source = checked.file.path
    if source.suffix.lower() != target.suffix.lower() or source.suffix.lower() not in (".xlsx", ".csv"):
        msg = f"the report of {source.name} is a copy of it, so it cannot be {target.name}"
        raise UsageError(msg, hint=f"Give it the suffix {source.suffix}, or use --json.")
    if target.absolute() == source.absolute():
        msg = "the report would overwrite the file itself"
        raise UsageError(msg, hint="Give it another name.")
    placed = [issue for issue in checked.issues if issue.row]
    marks = [Mark.of(issue) for issue in placed]
    columns = {sheet: [_summary([i for i in placed if i.sheet == sheet])] for sheet in {i.sheet for i in placed}}
    if source.suffix.lower() == ".xlsx":
        annotate_xlsx(source, target, marks=marks, columns=columns)
        return
    first = next(iter(checked.file.rows.values()))
    mine = [mark for mark in marks if mark.sheet == first.sheet]
    annotate_csv(source, target, marks=mine, columns=columns.get(first.sheet, []),
                 text_format=checked.file.declared)  # fmt: skip


def _summary(issues: list[Issue]) -> ResultColumn:
    """The worst that each row has, in a word."""
    rank = list(Severity)
    worst: dict[int, Severity] = {}
    for issue in issues:
        known = worst.get(issue.row, issue.severity)
        worst[issue.row] = min(known, issue.severity, key=rank.index)
    return ResultColumn(header=_HEADER, values={row: _WORDS[severity] for row, severity in worst.items()})
