"""How a program harmed a cell, and what the file says about the cell."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Cell(Enum):
    """What the file says about a cell."""

    UNTYPED = "untyped"  # a CSV file cannot say anything: every exported text may be damaged
    TEXT = "text"  # a text cell: what a person typed, or what was exported
    VALUE = "value"  # a number, date or truth value, as a program understood what was typed or pasted


class Harm(Enum):
    """How a program changed a cell."""

    LEADING_ZEROS = "lost its leading zeros"
    RESPELLED = "was respelled as a number or a truth value"
    SCIENTIFIC = "was turned into scientific notation"
    ROUNDED = "was rounded, as programs keep 15 digits and show fewer"
    DATE = "was turned into a date or a time"
    SWAPPED = "had its day and month swapped"
    TIME_LOST = "lost a part of its time"
    GROUPED = "had its point taken for a group mark, or the other way round"
    TRUTH = "was translated as a truth value"
    CALCULATED = "was run as a formula"
    HASHES = "was too wide for its column"
    ENCODING = "was read or saved in another encoding"
    ESCAPED = "was escaped as for a web page"
    BLANKS = "had its blanks or line breaks changed"
    TYPOGRAPHY = "had its quotes or dashes replaced"
    APOSTROPHE = "had something put around it to keep it a text"
    CUT = "was cut off"


@dataclass(frozen=True, slots=True)
class Damage:
    """What happened to one cell, and whether it is certain that a program did it."""

    harm: Harm
    is_certain: bool = True
