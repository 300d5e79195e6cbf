"""How a file is to be understood: the choices that a person makes for a whole run."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from bulkio.core.headers import Command
from bulkio.core.locale import NEUTRAL, Locale


class Blank(Enum):
    """What a cell means that was emptied since the export."""

    KEEP = "keep"  # leave the ERP's value alone, and say so
    CLEAR = "clear"  # clear the field


class OnConflict(Enum):
    """What becomes of a row whose field a colleague changed as well."""

    STOP = "stop"  # apply nothing
    SKIP = "skip"  # leave the row out
    OVERWRITE = "overwrite"  # the sheet wins


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """The choices; each has the flag of the same name."""

    blank: Blank = Blank.KEEP
    default_command: Command = Command.UPDATE
    on_conflict: OnConflict = OnConflict.STOP
    allow_delete: bool = False
    locale: Locale = NEUTRAL

    def to_dict(self) -> dict[str, str]:
        """What a plan records of them."""
        return {
            "blank": self.blank.value,
            "default_command": self.default_command.value.lower(),
            "on_conflict": self.on_conflict.value,
            "allow_delete": "true" if self.allow_delete else "false",
            "locale": self.locale.name,
        }
