"""What is said about a user's cells, in what colours, and how our words are told from a person's."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final

from bulkio.core.issues import Severity
from bulkio.sheets._cells import escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bulkio.core.issues import Issue

AUTHOR: Final = "bulkio"  # of our notes
RULE: Final = "―― bulkio ――"  # a line between a person's note and ours
FILLS: Final = {Severity.ERROR: "FFF8D0D0", Severity.WARNING: "FFFFE9B3", Severity.NOTICE: "FFD9E8F7"}
STRONGEST_FIRST: Final = (Severity.ERROR, Severity.WARNING, Severity.NOTICE)
LONGEST_TEXT: Final = 4_000  # characters of a note or a result; escaped, they must still fit a cell


class Tone(Enum):
    """How a result reads at a glance; the value is the paper it stands on, ARGB."""

    GOOD = "FFD6EFDA"
    BAD = "FFF5C9C9"
    OPEN = "FFFCE8B8"


TONES: Final = frozenset(tone.value for tone in Tone)

_WORDS = {Severity.ERROR: "Error", Severity.WARNING: "Warning", Severity.NOTICE: "Notice"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something to say about one cell; `letter` "" means the whole row, and the note goes to its first cell."""

    sheet: str
    row: int
    letter: str = ""
    severity: Severity
    message: str
    hint: str = ""

    @classmethod
    def of(cls, issue: Issue) -> Mark:
        """The mark of an issue, where the issue is."""
        return cls(
            sheet=issue.sheet,
            row=issue.row,
            letter=issue.cell.rstrip("0123456789"),
            severity=issue.severity,
            message=issue.message,
            hint=issue.hint,
        )

    @property
    def text(self) -> str:
        """What the note says."""
        return f"{_WORDS[self.severity]}: {' '.join(part for part in (self.message, self.hint) if part)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultColumn:
    """A column to add, or to fill anew if the sheet has one with this header; `values` by row, missing ones blank.

    `tones` colour its cells by row. `is_partial`: cells of rows that `values` does not name stay as they are.
    """

    header: str
    values: Mapping[int, str] = field(default_factory=dict)
    width: int = 18
    is_partial: bool = False
    tones: Mapping[int, Tone] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """All that a copy gets: marks, result columns by sheet, and the data rows that stay, by sheet.

    `attachments` replace those that travel in the workbook, by name.
    """

    marks: Sequence[Mark] = ()
    columns: Mapping[str, Sequence[ResultColumn]] = field(default_factory=dict)
    keep_rows: Mapping[str, set[int]] = field(default_factory=dict)
    attachments: Mapping[str, bytes] = field(default_factory=dict)


def strongest_first(marks: Iterable[Mark]) -> list[Mark]:
    """Errors, then warnings, then notices; else in their own order."""
    return sorted(marks, key=lambda mark: STRONGEST_FIRST.index(mark.severity))


def note_of(marks: Iterable[Mark]) -> str:
    """Our part of a cell's note, as it is written: the strongest first, nothing twice."""
    return escape("\n".join(dict.fromkeys(mark.text for mark in strongest_first(marks)))[:LONGEST_TEXT])


def shown_result(text: str) -> str:
    """A result as it is written to its cell."""
    return escape(text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]} …")
