"""Rows of records that the ERP has: three-way, cell by cell, into changes and conflicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bulkio.core.catalogue import Access
from bulkio.core.diff import Verdict, judge
from bulkio.core.headers import Command
from bulkio.core.issues import IssueCode
from bulkio.core.options import OnConflict, Winner
from bulkio.core.plan import Action, Change, Conflict
from bulkio.core.slots import part_of, sheet_row
from bulkio.workflows.planning import Planning, add_operation, key_of, text_of

if TYPE_CHECKING:
    import pandas as pd

    from bulkio.workflows.checked import CheckedSheet


def plan_edit(work: Planning, sheet: CheckedSheet, row: int, label: int | None) -> None:
    """A row of the export that the person edited: the truth table, field by field."""
    entity = sheet.entity
    live = work.live.frames[entity.name]
    if label is None:
        if _decided(work, sheet, row, entity.id_field, "") is Winner.ERP:
            return  # the record is gone, and may stay so
        work.concerned.add((entity.name, row))
        identity = sheet.rows.value(row, entity.id_field) or sheet.rows.key_of(row)
        work.conflicts.append(
            Conflict(sheet=sheet.rows.sheet, row=sheet_row(row), slot=sheet.rows.slot_at(row),
                     key=sheet.rows.key_of(row), field=entity.id_field, base=identity, sheet_value=identity, live="")
        )  # fmt: skip
        return
    changes: dict[str, tuple[str, str]] = {}
    has_clashed = False
    for name, (base, typed) in sheet.edits.cells[row].items():
        now = text_of(live, label, name)
        winner = _winner(work, sheet, row, label, Change(name, base, typed))
        has_clashed = has_clashed or winner is None
        if winner is Winner.SHEET and typed not in (base, now):
            changes[name] = (now, typed)
    if changes and not has_clashed:
        add_operation(work, sheet, row, Action.UPDATE, _with_followers(sheet, row, label, live, changes), label=label)


def _with_followers(
    sheet: CheckedSheet, row: int, label: int, live: pd.DataFrame, changes: dict[str, tuple[str, str]]
) -> dict[str, tuple[str, str]]:
    """The changes, and what follows from those that really are sent."""
    sent = set(changes)
    complete = dict(changes)
    for name, after in sheet.followers.get(row, {}).items():
        reference = sheet.entity.reference_of(name)
        before = text_of(live, label, name)
        if reference and sent & set(reference.names) and before != after and name not in complete:
            complete[name] = (before, after)
    return complete


def plan_found(work: Planning, sheet: CheckedSheet, row: int, label: int, cells: dict[str, tuple[str, str]]) -> None:
    """A row that is in no export, but in the ERP: every field that differs is a change.

    A NEW row whose record an earlier run of this very file created is done, but for what was edited since.
    """
    entity = sheet.entity
    live = work.live.frames[entity.name]
    if sheet.commands[row] is Command.NEW:
        made = entity.name, text_of(live, label, entity.id_field)
        if made not in work.request.own.created:
            message = f"NEW, but the ERP has this {entity.singular} already ({key_of(sheet, row, label, live)!r})"
            work.say(sheet, IssueCode.EXISTS, row, "Command", message, "Write UPDATE or MERGE, or change the key.")
            return
        cells = _edited_since(work, sheet, row, label, cells, work.request.own.written[made])
    changes = {}
    for name, (before, after) in cells.items():
        declared = entity.by_name[name]
        if declared.is_writable and name != entity.id_field:
            changes[name] = (before, after)
        elif declared.access is Access.CREATE_ONLY:
            message = f"{name} cannot be changed once the {entity.singular} exists (it is {before!r})"
            work.say(sheet, IssueCode.CREATE_ONLY, row, name, message, f"Write {before} again.")
            return
    if changes:
        complete = _with_followers(sheet, row, label, live, changes)
        add_operation(work, sheet, row, Action.UPDATE, complete, label=label)


def _edited_since(  # noqa: PLR0913, PLR0917 a row, and what there is to compare it with
    work: Planning,
    sheet: CheckedSheet,
    row: int,
    label: int,
    cells: dict[str, tuple[str, str]],
    written: dict[str, str],
) -> dict[str, tuple[str, str]]:
    """Of a row that an earlier run of this file applied: what the person edited since; nothing if that collides."""
    edited: dict[str, tuple[str, str]] = {}
    for name, (before, after) in cells.items():
        if written.get(name) == after:
            continue  # as it was when the row was applied: what the ERP holds by now is a colleague's
        can_collide = name in written and sheet.entity.by_name[name].is_writable
        winner = _winner(work, sheet, row, label, Change(name, written[name], after)) if can_collide else Winner.SHEET
        if winner is None:
            return {}
        if winner is Winner.SHEET:
            edited[name] = (before, after)
    return edited


def _decided(work: Planning, sheet: CheckedSheet, row: int, name: str, now: str) -> Winner | None:
    """What the person decided about a conflict, in view of this very value."""
    decision = work.request.options.decisions.get(
        (part_of(sheet.rows.sheet, sheet.rows.slot_at(row)), sheet_row(row), name)
    )
    return decision.winner if decision is not None and decision.live == now else None


def _winner(work: Planning, sheet: CheckedSheet, row: int, label: int, edit: Change) -> Winner | None:
    """Whose value stands in a field; None if somebody else changed it, too, and nothing is decided, which is said."""
    entity = sheet.entity
    live = work.live.frames[entity.name]
    now = text_of(live, label, edit.field)
    # Our own last write, from this very file, is what the person went on editing from.
    is_ours = work.request.own.held_by_us(entity.name, text_of(live, label, entity.id_field), edit.field, now)
    verdict = judge(now if is_ours else edit.before, edit.after, now)
    if verdict is not Verdict.CONFLICT:
        return Winner.SHEET
    decided = _decided(work, sheet, row, edit.field, now)
    if decided or work.request.options.on_conflict is OnConflict.OVERWRITE:
        return decided or Winner.SHEET
    work.concerned.add((entity.name, row))
    work.conflicts.append(
        Conflict(sheet=sheet.rows.sheet, row=sheet_row(row), slot=sheet.rows.slot_at(row),
                 key=key_of(sheet, row, label, live), field=edit.field,
                 base=edit.before, sheet_value=edit.after, live=now)
    )  # fmt: skip
    return None
