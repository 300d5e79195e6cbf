"""How a file is to be understood: the choices that a person makes for a whole run."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from bulkio.core.headers import Command
from bulkio.core.locale import LOCALES, NEUTRAL, Locale

if TYPE_CHECKING:
    from collections.abc import Mapping


class Blank(Enum):
    """What a cell means that was emptied since the export."""

    KEEP = "keep"  # leave the ERP's value alone, and say so
    CLEAR = "clear"  # clear the field


class OnConflict(Enum):
    """What becomes of a row whose field a colleague changed as well."""

    STOP = "stop"  # apply nothing
    SKIP = "skip"  # leave the row out
    OVERWRITE = "overwrite"  # the sheet wins


class Winner(Enum):
    """Whose value stands where the person and somebody else both changed a field."""

    SHEET = "sheet"
    ERP = "erp"


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided about one conflict, in view of what the ERP held then: `live`, a canonical text.

    Where it holds something else by now, the decision is about a conflict that is no more, and there is a new one.
    """

    live: str
    winner: Winner


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """The choices; each has the flag of the same name.

    `decisions` are about single conflicts, by `Conflict.part`, row and field.
    """

    blank: Blank = Blank.KEEP
    default_command: Command = Command.UPDATE
    on_conflict: OnConflict = OnConflict.STOP
    allow_delete: bool = False
    locale: Locale = NEUTRAL
    decisions: Mapping[tuple[str, int, str], Decision] = field(default_factory=dict)

    def to_dict(self) -> dict[str, str]:
        """What a plan records of them."""
        return {
            "blank": self.blank.value,
            "default_command": self.default_command.value.lower(),
            "on_conflict": self.on_conflict.value,
            "allow_delete": "true" if self.allow_delete else "false",
            "locale": self.locale.name,
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, str]) -> ImportOptions:
        """What `to_dict` recorded; decisions are not. Raises ValueError or KeyError if it is not one."""
        return cls(
            blank=Blank(document["blank"]),
            default_command=Command(document["default_command"].upper()),
            on_conflict=OnConflict(document["on_conflict"]),
            allow_delete=document["allow_delete"] == "true",
            locale=LOCALES[document["locale"]],
        )
