"""The columns that are ours rather than the ERP's, the words they hold, and what counts as the same header."""

from __future__ import annotations

import re
from enum import Enum

COMMAND = "Command"
SOURCE_ID = "Source Id"  # of a converted workbook: which record of the other ERP the row was
NOT_CARRIED_OVER = "Not carried over"  # the sheet of a converted workbook that names it
RESULT_COLUMNS = ("Import Result", "Import Comment", "Import Id")
BEYOND_COLUMN = "Not Shown"  # of a flat sheet: how many of the record's children have no slot


class Command(Enum):
    """What the person wants of a row; a blank cell means the run's default command."""

    NEW = "NEW"  # fails if it exists
    UPDATE = "UPDATE"  # fails if it does not
    MERGE = "MERGE"  # either
    DELETE = "DELETE"  # needs --allow-delete
    IGNORE = "IGNORE"  # the row is left alone


def normalise_header(header: str) -> str:
    """`*Customer code ` and `CustomerCode` are one header: any case, with or without blanks."""
    return re.sub(r"[\s_*]+", "", header).casefold()
