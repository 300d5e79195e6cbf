"""A check of the column Command: what a row may be told to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bulkio.core.headers import Command
from bulkio.core.issues import IssueCode, Severity
from bulkio.core.kinds import CLEAR

if TYPE_CHECKING:
    from bulkio.core.options import ImportOptions
    from bulkio.workflows.checked import CheckWork


def check_commands(work: CheckWork, options: ImportOptions) -> None:
    """Refuse what may not be done without a flag, and new records without what the ERP requires."""
    for row, command in work.commands.items():
        if command is Command.DELETE:
            work.edits.cells.pop(row, None)
            if not options.allow_delete:
                work.say(IssueCode.DELETE_NOT_ALLOWED, Severity.ERROR, row, "Command",
                         "DELETE needs the flag --allow-delete")  # fmt: skip
        elif command is Command.NEW and row in work.match.labels:
            message = f"NEW, but this {work.entity.singular} was in the export ({work.rows.key_of(row)!r})"
            work.say(IssueCode.EXISTS, Severity.ERROR, row, "Command", message, "Write UPDATE, or change the key.")
        elif command is Command.NEW:
            _check_required(work, row)


def _check_required(work: CheckWork, row: int) -> None:
    for declared in work.entity.needed:
        is_blank = work.rows.value(row, declared.name) in ("", CLEAR)
        if is_blank and (row, declared.name) not in work.rows.failures:
            message = f"{declared.name} is required for a new {work.entity.singular}"
            work.say(IssueCode.REQUIRED, Severity.ERROR, row, declared.name, message, f"Example: {declared.example}")
    own_id = work.rows.value(row, work.entity.id_field)
    if own_id and not work.entity.client_ids:
        message = f"a new {work.entity.singular} gets its {work.entity.id_field} from the ERP"
        work.say(IssueCode.READ_ONLY, Severity.ERROR, row, work.entity.id_field, message, "Leave the cell blank.")
