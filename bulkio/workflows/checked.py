"""What a check comes to, by sheet and for the whole file; and what its steps fill in on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bulkio.core.catalogue import Kind
from bulkio.core.damage import Cell
from bulkio.core.diff import Edits
from bulkio.core.grid import Fact
from bulkio.core.headers import Command
from bulkio.core.issues import Issue, IssueCode, Severity, count_by_severity
from bulkio.core.kinds import CLEAR
from bulkio.core.match import Match

if TYPE_CHECKING:
    import pandas as pd

    from bulkio.core.catalogue import Entity
    from bulkio.core.rows import SheetRows
    from bulkio.workflows.user_file import UserFile


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedSheet:
    """One entity's rows after the check.

    `base` is the exported frame (empty without a baseline), `match` sheet row -> label in it, `edits` what the person
    changed of exported records (emptied cells included where they clear), `unmatched` the rows that are in no export,
    `commands` every row's command with the default filled in, `followers` the fields that change with an edit.
    """

    entity: Entity
    rows: SheetRows
    base: pd.DataFrame
    match: Match
    edits: Edits
    unmatched: tuple[int, ...]
    commands: dict[int, Command]
    followers: dict[int, dict[str, str]]
    restored: int
    emptied_left: int

    def touched(self, row: int) -> dict[str, str]:
        """The fields that the person gave a value (or cleared: ""), by name; all filled cells of a row not exported."""
        if row in self.edits.cells:
            return {name: after for name, (_, after) in self.edits.cells[row].items()}
        if row in self.match.labels:
            return {}
        frame = self.rows.frame
        cells: Any = frame.loc[row]  # one look at the row, and not one a cell
        typed = zip(frame.columns, cells.tolist(), strict=True)
        return {
            name: ("" if value == CLEAR else value) for name, value in typed if value and name in self.entity.by_name
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The whole file after the check."""

    file: UserFile
    sheets: dict[str, CheckedSheet]
    issues: list[Issue]

    @property
    def has_errors(self) -> bool:
        """Whether anything must be fixed first."""
        return any(issue.severity is Severity.ERROR for issue in self.issues)

    def to_dict(self) -> dict[str, object]:
        """The JSON document `bulkio.check/1` that the contract fixes (section 5)."""
        severities = count_by_severity(self.issues)
        return {
            "schema": "bulkio.check/1",
            "file": str(self.file.path),
            "summary": {
                "rows": sum(len(sheet.rows.frame) for sheet in self.sheets.values()),
                "error": severities[Severity.ERROR],
                "warning": severities[Severity.WARNING],
                "restored": sum(sheet.restored for sheet in self.sheets.values()),
            },
            "issues": [issue.to_dict() for issue in self.issues],
        }


@dataclass(slots=True)
class CheckWork:
    """What the steps below fill in for one entity; frozen into a CheckedSheet at the end."""

    entity: Entity
    rows: SheetRows
    base: pd.DataFrame
    commands: dict[int, Command]
    match: Match = field(default_factory=lambda: Match({}, frozenset()))
    edits: Edits = field(default_factory=Edits)
    followers: dict[int, dict[str, str]] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    restored: int = 0
    emptied_left: int = 0
    other_export: dict[int, str] = field(default_factory=dict)

    def say(  # noqa: PLR0913, PLR0917 a cell and what to say of it
        self, code: IssueCode, severity: Severity, row: int, name: str, message: str, hint: str = ""
    ) -> None:
        """Note an issue about a cell."""
        self.issues.append(self.rows.issue(code, severity, row, name, message, hint))

    @property
    def live_rows(self) -> list[int]:
        """The rows that are not ignored."""
        rows: list[int] = self.rows.frame.index.tolist()
        if Command.IGNORE not in self.commands.values():
            return rows
        return [row for row in rows if self.commands.get(row) is not Command.IGNORE]

    @property
    def live_frame(self) -> pd.DataFrame:
        """The rows that are not ignored, as they are now: what is restored later is not seen in it."""
        if Command.IGNORE not in self.commands.values():
            return self.rows.frame.copy(deep=False)
        return self.rows.frame.loc[self.live_rows]

    @property
    def unknown_rows(self) -> list[int]:
        """The rows that are neither ignored nor of an exported record."""
        if len(self.match.labels) == len(self.rows.frame):
            return []
        return [row for row in self.live_rows if row not in self.match.labels]


def freeze(work: CheckWork) -> CheckedSheet:
    """What the check of one sheet came to."""
    unmatched = [row for row in work.unknown_rows if row not in work.match.ambiguous]
    return CheckedSheet(
        entity=work.entity,
        rows=work.rows,
        base=work.base,
        match=work.match,
        edits=work.edits,
        unmatched=tuple(unmatched),
        commands=work.commands,
        followers=work.followers,
        restored=work.restored,
        emptied_left=work.emptied_left,
    )


def cell_of(work: CheckWork, row: int, name: str, *, typed: bool) -> Cell:
    """What the file says about a cell; of a typed file, text columns hold nothing but text, or it was a failure."""
    if work.rows.slots and name == work.entity.parent_key:
        return Cell.TEXT  # not from a cell, but from what was found out about the row's own record
    if not typed:
        return Cell.UNTYPED
    failure = work.rows.failures.get((row, name))
    if failure is not None:
        fact = work.rows.columns[name].facts[failure.position]
        return Cell.TEXT if fact == Fact.TEXT else Cell.VALUE
    declared = work.entity.by_name.get(name)
    return Cell.TEXT if declared is None or declared.kind in (Kind.TEXT, Kind.LIST) else Cell.VALUE


def base_value(work: CheckWork, row: int, name: str) -> str:
    """What was exported in a cell; "" for a row or a column that was not."""
    label = work.match.labels.get(row)
    if label is None or name not in work.base.columns:
        return ""
    return str(work.base.at[label, name])


def same_record(rows: SheetRows, first: int, second: int) -> tuple[str, str]:
    """What is said of two rows (or slots) for one record, and what to do about it."""
    both = f"{rows.place_of(first)} and {rows.place_of(second)}"
    message = f"rows {both} are the same {rows.entity.singular} ({rows.key_of(second)!r})"
    if rows.slots:
        return message, f"Empty one of the two with its {rows.entity.id_field}, or change its name."
    return message, "Keep one of the two rows, or write IGNORE in the column Command of the other."
