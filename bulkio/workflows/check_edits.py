"""A check's third step: what the person changed, and whether it may be changed at all."""

from __future__ import annotations

from bulkio.core.catalogue import Access, ClearAs
from bulkio.core.damaged_columns import FEWEST_MOVED, moved_rows, ranges
from bulkio.core.issues import Issue, IssueCode, Severity
from bulkio.core.kinds import CLEAR
from bulkio.core.options import Blank, ImportOptions
from bulkio.core.slots import sheet_row, slot_of
from bulkio.workflows.checked import CheckWork, base_value

_SECONDS = len("2026-01-31T09:05:00")  # of a timestamp: programs that rewrite it lose the fractions
_SINGLE_NOTICES = 20  # emptied or restored cells of one column that are named one by one


def compare(work: CheckWork, options: ImportOptions) -> None:
    """Emptied cells of exported records are cleared or left, and named."""
    by_column: dict[tuple[int, str], list[int]] = {}
    for row, cells in work.edits.emptied.items():
        for name, base in cells.items():
            declared = work.entity.by_name.get(name)
            if declared is None or not declared.is_writable:
                continue
            if options.blank is Blank.CLEAR and declared.clear_as is not ClearAs.NEVER:
                work.edits.cells.setdefault(row, {})[name] = (base, "")
            else:
                by_column.setdefault((slot_of(row), name), []).append(row)
    for (_, name), rows in by_column.items():
        work.emptied_left += len(rows)
        is_clearable = work.entity.by_name[name].clear_as is not ClearAs.NEVER
        hint = f"Write {CLEAR} to clear it, or use --blank clear." if is_clearable else f"{name} cannot be cleared."
        if len(rows) > _SINGLE_NOTICES:
            message = f"{len(rows)} emptied cells left alone"
            work.issues.append(
                Issue(code=IssueCode.EMPTIED, severity=Severity.NOTICE, sheet=work.rows.sheet,
                      column=work.rows.header_at(rows[0], name), message=message, hint=hint)
            )  # fmt: skip
            continue
        for row in rows:
            message = f"the cell was emptied ({base_value(work, row, name)!r} before) and is left alone"
            work.say(IssueCode.EMPTIED, Severity.NOTICE, row, name, message, hint)


def notice_moved_columns(work: CheckWork) -> None:
    """Columns that slipped or were sorted against the rows' keys."""
    changed: dict[str, set[int]] = {}
    for row, name in (
        *((row, name) for row, cells in work.edits.cells.items() for name in cells),
        *((row, name) for row, cells in work.edits.emptied.items() for name in cells),
    ):
        changed.setdefault(name, set()).add(row)
    for name, rows in changed.items():
        if len(rows) < FEWEST_MOVED or name not in work.rows.frame.columns:
            continue
        order = [row for row in work.rows.frame.index.tolist() if row in work.match.labels]
        before = work.base[name].take([work.match.labels[row] for row in order]).tolist()
        after = [new if row in rows else old for row, old, new in
                 zip(order, before, work.rows.frame.loc[order, name].tolist(), strict=True)]  # fmt: skip
        moved = [order[at] for at in moved_rows(before, after)]
        if moved:
            shown = ranges(sorted({sheet_row(row) for row in moved}))
            message = f"{len(moved)} rows hold what other rows held, as if {name} had slipped or been sorted by itself"
            hint = f"Compare rows {shown} with an export. Sort and delete whole rows, never single columns."
            work.say(IssueCode.MOVED, Severity.WARNING, moved[0], name, message, hint)


def refuse_other_exports(work: CheckWork, root: CheckWork | None) -> None:
    """Edited rows that stem from another export than the one they are compared with.

    There, what others changed between the two exports would look like the person's edits, and be undone. The ERP's own
    time of the last change tells; a child without one goes by its parent's.
    """
    modified = work.entity.modified_field
    if modified:
        for row, cells in work.edits.cells.items():
            base, typed = cells.get(modified, ("", ""))
            if typed and base and typed[:_SECONDS] != base[:_SECONDS]:
                work.other_export[row] = typed
    elif root is not None and root.other_export:
        owners = {root.rows.value(row, root.entity.key_fields[0]): typed for row, typed in root.other_export.items()}
        for row in work.edits.cells:
            owner = work.rows.value(row, work.entity.parent_key)
            if owner in owners:
                work.other_export[row] = owners[owner]
    for row, typed in work.other_export.items():
        cells = work.edits.cells.get(row, {})
        if any(name in work.entity.by_name and work.entity.by_name[name].is_writable for name in cells):
            work.edits.drop(row, modified)
            message = f"the row is of another export (last changed {typed}) than the one that it is compared with"
            hint = "Name the export that it is of with --base, or export again and copy your edits over."
            work.say(IssueCode.BASELINE, Severity.ERROR, row, modified or work.entity.key_fields[0], message, hint)


def refuse_forbidden_edits(work: CheckWork) -> None:
    """Edits of what cannot be changed: read-only values, codes of existing records, the parent of a child."""
    for row, cells in list(work.edits.cells.items()):
        for name, (before, after) in list(cells.items()):
            declared = work.entity.by_name.get(name)
            if declared is not None and declared.is_writable:
                if after == "" and declared.clear_as is ClearAs.NEVER:
                    work.say(IssueCode.CANNOT_CLEAR, Severity.ERROR, row, name, f"{name} cannot be cleared",
                             "Write a value, or leave the cell as it was.")  # fmt: skip
                    work.edits.drop(row, name)
                continue
            work.edits.drop(row, name)
            if declared is not None and declared.access is Access.READ_ONLY:
                work.say(IssueCode.READ_ONLY, Severity.WARNING, row, name,
                         f"{name} is read-only; the edit ({after!r}, exported was {before!r}) is left out")  # fmt: skip
                continue
            if work.rows.slots and name == work.entity.parent_key:
                message = f"this {work.entity.singular} is of {before!r}, and the row is of {after!r}"
                hint = f"Empty the cell, so that the slot is a new {work.entity.singular}."
                work.say(IssueCode.CREATE_ONLY, Severity.ERROR, row, work.entity.id_field, message, hint)
                continue
            message = f"{name} cannot be changed once the {work.entity.singular} exists ({before!r} before)"
            hint = f"Write {before} again. If the row is another record's, its {work.entity.id_field} is wrong."
            work.say(IssueCode.CREATE_ONLY, Severity.ERROR, row, name, message, hint)
