"""Issue: a data problem that the user can fix, and the table of their codes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


class Severity(Enum):
    """What an issue stops."""

    ERROR = "error"  # nothing is sent until it is fixed
    WARNING = "warning"  # shown; goes on
    NOTICE = "notice"  # what was done on the user's behalf (restored cells, formulas read by their cached value)


class IssueCode(Enum):
    """Stable codes that scripts may rely on; the comment says when each is raised."""

    # the file
    NO_SHEET = "no-sheet"  # none of the expected sheets is in the file
    NO_KEY = "no-key"  # a sheet without any column that identifies its rows
    UNKNOWN_SHEET = "unknown-sheet"  # a sheet that is none of ours; left alone
    UNKNOWN_COLUMN = "unknown-column"  # a header that names no field; left alone
    READ_AS = "read-as"  # a header of another file, of which we know which field it means
    DUPLICATE_COLUMN = "duplicate-column"  # a header that stands twice
    MIXED_LAYOUT = "mixed-layout"  # addresses or contacts both beside their customer and in a sheet of their own
    HIDDEN_ROWS = "hidden-rows"  # rows that the reader of the sheet does not see, but we do
    BASELINE = "baseline"  # what was exported is not known, or belongs to another account
    # a cell
    ERROR_CELL = "error-cell"  # #N/A and friends
    UNCACHED_FORMULA = "uncached-formula"  # a formula that was never calculated
    FORMULA = "formula"  # a formula whose cached value is used
    NOT_TEXT = "not-text"  # a number or a date in a text column
    NOT_DECIMAL = "not-decimal"
    NOT_INTEGER = "not-integer"
    NOT_BOOLEAN = "not-boolean"
    NOT_GUID = "not-guid"
    NOT_TIMESTAMP = "not-timestamp"
    NOT_DATE = "not-date"
    NOT_LIST = "not-list"
    NOT_COMMAND = "not-command"
    TOO_LONG = "too-long"
    CONTROL_CHARACTER = "control-character"
    UNSEEN_CHARACTER = "unseen-character"  # one that nobody can see, or tell from another
    NOT_A_CHOICE = "not-a-choice"
    BAD_FORMAT = "bad-format"
    UNKNOWN_VALUE = "unknown-value"  # not in the ERP's own list
    CANNOT_CLEAR = "cannot-clear"
    REQUIRED = "required"
    READ_ONLY = "read-only"  # a read-only cell was edited; left alone
    CREATE_ONLY = "create-only"  # a value that is fixed once the record exists
    DAMAGED = "damaged"  # a spreadsheet program changed the cell, and we cannot tell what it held
    RESTORED = "restored"  # ... and we can
    MOVED = "moved"  # a column's values stand in other rows than they did: it slipped, or was sorted by itself
    SET_BACK = "set-back"  # a cell is as it was exported, but an earlier run of the file changed it; left alone
    EMPTIED = "emptied"  # the cell was emptied since the export; left alone
    # a row
    NO_MATCH = "no-match"  # the row names no record
    AMBIGUOUS = "ambiguous"  # the row could be more than one record
    DUPLICATE_ROW = "duplicate-row"  # two rows for one record
    EXISTS = "exists"  # NEW for a record that exists
    NO_PARENT = "no-parent"  # a child whose customer is nowhere
    DELETE_NOT_ALLOWED = "delete-not-allowed"
    SOFT_DELETE = "soft-delete"  # DELETE sets a flag instead
    HARD_DELETE = "hard-delete"  # DELETE of a root record that an undo can only make anew
    NEW_ID = "new-id"  # an undo creates a deleted record anew, and its id is another
    RULE = "rule"  # a rule over several fields
    # csv
    RAGGED_ROW = "ragged-row"  # a line with more or fewer cells than the header
    BAD_QUOTING = "bad-quoting"  # a quote that is never closed, or text after a closing quote
    NUL_CHARACTER = "nul-character"  # a NUL: the file is damaged, or it is no text
    # jsonl
    BAD_LINE = "bad-line"  # a line that is not the one JSON object it should be


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One problem: where, what was found, and how to fix it.

    `row` is the sheet's row number (0: the whole sheet), `column` the header as the file writes it, `cell` its
    address in the sheet (`D17`), blank where the file has no such cell. `line` is the line of a JSON lines file on
    which the record stands, and `column` its property (0: another kind of file).
    """

    code: IssueCode
    severity: Severity
    message: str
    sheet: str = ""
    row: int = 0
    column: str = ""
    cell: str = ""
    found: str = ""
    hint: str = ""
    line: int = 0

    def __str__(self) -> str:
        """One line: where, what was found, what to do."""
        return "  ".join(part for part in (self.place, self.column, self.message, self.hint) if part)

    @property
    def place(self) -> str:
        """Where it is, in words: the cell, the line, the row or the sheet."""
        if self.cell:
            return f"{self.sheet}!{self.cell}"
        if self.line:
            return f"{self.sheet} line {self.line}"
        return f"{self.sheet} row {self.row}" if self.row else self.sheet

    def to_dict(self) -> dict[str, object]:
        """The JSON form that the contract fixes (section 5)."""
        return {
            "code": self.code.value,
            "severity": self.severity.value,
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "cell": self.cell,
            "found": self.found,
            "message": self.message,
            "hint": self.hint,
            **({"line": self.line} if self.line else {}),
        }

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> Issue:
        """The inverse of `to_dict`."""
        return cls(
            code=IssueCode(document["code"]),
            severity=Severity(document["severity"]),
            message=document["message"],
            sheet=document["sheet"],
            row=int(document["row"]),
            column=document["column"],
            cell=document["cell"],
            found=document["found"],
            hint=document["hint"],
            line=int(document.get("line", 0)),
        )


def count_by_severity(issues: Iterable[Issue]) -> dict[Severity, int]:
    """How many of each severity, zeros included."""
    counts = Counter(issue.severity for issue in issues)
    return {severity: counts[severity] for severity in Severity}
