"""Rows of records that the ERP does not have: made anew where that is meant, else an error that names near ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bulkio.core.headers import Command
from bulkio.core.issues import IssueCode
from bulkio.core.match import alike
from bulkio.core.plan import Action, operation_id
from bulkio.core.provisional import provisional_id
from bulkio.workflows.check import suggest_keys
from bulkio.workflows.checked import CheckedSheet, same_record
from bulkio.workflows.planning import Planning, add_operation, rows_with_errors

if TYPE_CHECKING:
    import pandas as pd


def plan_missing(work: Planning, sheet: CheckedSheet, row: int) -> None:
    """A row that neither the export nor the ERP knows: new if that is what the person said, else an error."""
    entity = sheet.entity
    command = sheet.commands[row]
    parent = ("", "")
    if entity.parent:
        parent_key = sheet.rows.value(row, entity.parent_key)
        parent = (work.roots.get(parent_key, ""), parent_key)
        if parent_key not in work.roots:
            _say_no_parent(work, sheet, row, parent_key)
            return
    goes_with_parent = bool(entity.parent) and parent[1] in work.created_roots
    names_another = not entity.client_ids and sheet.rows.value(row, entity.id_field)  # an id that the ERP did not give
    if names_another or (command is Command.UPDATE and not goes_with_parent):
        _say_no_match(work, sheet, row)
        return
    if _is_known_alike(work, sheet, row):
        return
    touched = sheet.touched(row)
    missing = [f for f in entity.needed if not touched.get(f.name)]
    for declared in missing:
        if command is not Command.NEW:  # NEW was told so by the check
            message = f"{declared.name} is required for a new {entity.singular}"
            work.say(sheet, IssueCode.REQUIRED, row, declared.name, message, f"Example: {declared.example}")
    if not missing:
        _create(work, sheet, row, parent)


def _create(work: Planning, sheet: CheckedSheet, row: int, parent: tuple[str, str]) -> None:
    """The operation that makes a new record of a row, under the id and key of its parent, if it has one."""
    entity = sheet.entity
    values = {**sheet.touched(row), **sheet.followers.get(row, {})}
    changes = {
        declared.name: ("", values[declared.name])
        for declared in entity.fields
        if values.get(declared.name) and declared.is_sendable and declared.name != entity.id_field
    }
    guid = ""
    if entity.client_ids:
        typed = sheet.rows.value(row, entity.id_field)
        guid = typed or operation_id(work.request.plan_id, "id", entity.name, str(row))
    elif not entity.parent:
        guid = provisional_id(work.request.plan_id, entity.name, str(row))
    if not entity.parent:
        key = sheet.rows.value(row, entity.key_fields[0])
        work.roots[key] = guid
        work.created_roots.add(key)
    add_operation(work, sheet, row, Action.CREATE, changes, label=None, guid=guid, parent=parent)


def _say_no_parent(work: Planning, sheet: CheckedSheet, row: int, key: str) -> None:
    """The record that a child belongs to is nowhere; nothing more to say if its own row has errors."""
    entity, root = sheet.entity, work.connector.catalogue.root
    roots = work.checked.sheets.get(root.name)
    if (
        key
        and roots
        and any(roots.rows.value(each, root.key_fields[0]) == key for each in rows_with_errors(work, roots))
    ):
        return
    if not key:
        message, hint = (
            f"the row does not say whose {entity.singular} it is",
            f"Fill in the column {entity.parent_key}.",
        )
    else:
        message, hint = f"there is no {root.singular} {key!r}", suggest_keys(key, known_roots(work), root)
    work.say(sheet, IssueCode.NO_PARENT, row, entity.parent_key, message, hint)


def _say_no_match(work: Planning, sheet: CheckedSheet, row: int) -> None:
    """UPDATE of a record that is nowhere: what may be wrong with what names it."""
    entity = sheet.entity
    identity = sheet.rows.value(row, entity.id_field)
    keys = [name for name in entity.key_fields if sheet.rows.value(row, name)]
    create = "Write NEW in the column Command to create it."
    if not identity and not keys:
        message = f"the row does not say which {entity.singular} it is"
        work.say(sheet, IssueCode.NO_MATCH, row, entity.key_fields[0], message,
                 f"Fill in {' or '.join((*entity.key_fields, entity.id_field))}.")  # fmt: skip
    elif identity:
        message = f"no {entity.singular} has the {entity.id_field} {identity}"
        again = f"clear the cell to find it by {' + '.join(entity.key_fields)}"
        hint = f"Correct it, or {again}." if keys else "Correct it."
        work.say(sheet, IssueCode.NO_MATCH, row, entity.id_field, message, hint)
    else:
        message = f"there is no {entity.singular} {sheet.rows.key_of(row)!r}"
        near = "" if entity.parent else suggest_keys(sheet.rows.value(row, keys[0]), known_roots(work), entity)
        work.say(sheet, IssueCode.NO_MATCH, row, keys[0], message, f"{near} {create}".strip())


def say_shared(work: Planning, sheet: CheckedSheet, row: int, other: int) -> None:
    """A row names by its key the record that another row names by its id."""
    message, hint = same_record(sheet.rows, other, row)
    for each in (other, row):
        work.say(sheet, IssueCode.DUPLICATE_ROW, each, sheet.rows.key_name, message, hint)


def _is_known_alike(work: Planning, sheet: CheckedSheet, row: int) -> bool:
    """Whether a known key looks like the new record's: a slip, and ERPs take two that differ in case for one."""
    entity = sheet.entity
    if entity.parent:
        return False
    name = entity.key_fields[0]
    key = sheet.rows.value(row, name)
    if not work.folded_roots:
        work.folded_roots = {alike(each): each for each in (*known_roots(work)[name], *work.roots)}
    known = work.folded_roots.setdefault(alike(key), key)
    if known == key:
        return False
    differs = "its case" if known.casefold() == key.casefold() else "case, blanks or what nobody sees"
    message = f"{key!r} would be new, but there is {known!r}, which differs only in {differs}"
    work.say(sheet, IssueCode.EXISTS, row, name, message, f"Write {known}, or choose another {name}.")
    return True


def known_roots(work: Planning) -> pd.DataFrame:
    """The root records that suggestions are drawn from: the export, or else what was read."""
    name = work.connector.catalogue.root.name
    baseline = work.request.file.baseline
    return baseline.frames[name] if baseline else work.live.frames[name]
