"""Rows that are to be deleted, or flagged where the ERP deletes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bulkio.connectors.protocol import Deletes
from bulkio.core.issues import IssueCode
from bulkio.core.plan import Action
from bulkio.workflows.planning import Planning, add_operation, text_of

if TYPE_CHECKING:
    from bulkio.workflows.checked import CheckedSheet


def plan_delete(work: Planning, sheet: CheckedSheet, row: int, label: int | None) -> None:
    """DELETE: by the soft flag where there is one, else what is shown is all that goes away."""
    entity = sheet.entity
    live = work.live.frames[entity.name]
    if label is None:
        message = f"there is no {entity.singular} {sheet.rows.key_of(row)!r} to delete"
        work.say(sheet, IssueCode.NO_MATCH, row, entity.key_fields[0], message)
        return
    flag = entity.soft_delete_field
    if not flag and not entity.parent and work.connector.capabilities.deletes is Deletes.NONE:
        message = f"the ERP cannot delete a {entity.singular}"
        work.say(sheet, IssueCode.DELETE_NOT_ALLOWED, row, "Command", message, "Leave the cell blank.")
        return
    if not flag:
        _warn_of_delete(work, sheet, row)
        changes = {
            f.name: (value, "") for f in entity.fields if f.is_writable and (value := text_of(live, label, f.name))
        }
        add_operation(work, sheet, row, Action.DELETE, changes, label=label)
        return
    if text_of(live, label, flag) == "true":
        return
    add_operation(work, sheet, row, Action.DELETE, {flag: (text_of(live, label, flag), "true")}, label=label)
    message = f"the ERP has no delete for a {entity.singular}: {flag} is set instead"
    work.say(sheet, IssueCode.SOFT_DELETE, row, "Command", message)


def _warn_of_delete(work: Planning, sheet: CheckedSheet, row: int) -> None:
    """A root record that goes for good takes its id with it, whatever an undo can make anew."""
    entity = sheet.entity
    if not entity.parent:
        message = f"the {entity.singular} is deleted for good, with all that belongs to it"
        hint = f"An undo can only create it anew, with another {entity.id_field}; what refers to this one is lost."
        work.say(sheet, IssueCode.HARD_DELETE, row, "Command", message, hint)
