"""Cells that are as they were exported although an earlier run of the same file changed them.

Either a person typed the exported value again, or an older copy of the file took its place. That cannot be told, so
nothing is sent for them; they are named. The copy with results knows what was applied and has no such doubt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bulkio.core.issues import Issue, IssueCode, Severity

if TYPE_CHECKING:
    from bulkio.core.own_writes import OwnWrites
    from bulkio.workflows.checked import CheckedSheet

_HINT = "To set them back, edit the copy with results instead, or take the run back: bulkio undo RUN"


def set_back_notices(sheet: CheckedSheet, own: OwnWrites) -> list[Issue]:
    """One notice for all such cells of a sheet."""
    entity, frame = sheet.entity, sheet.rows.frame
    found: list[tuple[int, str]] = []
    if not own.written or sheet.base.empty:
        return []
    ids = sheet.base[entity.id_field].tolist()
    for row, label in sheet.match.labels.items():
        written = own.written.get((entity.name, ids[label]), {})
        found += [
            (row, name)
            for name, value in written.items()
            if name in frame.columns
            and str(frame.at[row, name]) == str(sheet.base.at[label, name]) != value
            and entity.by_name[name].is_writable
            and not _follows(sheet, name, written)
        ]
    if not found:
        return []
    row, name = found[0]
    more = f" and {len(found) - 1} more cells are" if len(found) > 1 else " is"
    message = f"the cell{more} as exported, though an earlier run of this file changed it; left alone"
    return [sheet.rows.issue(IssueCode.SET_BACK, Severity.NOTICE, row, name, message, _HINT)]


def _follows(sheet: CheckedSheet, name: str, written: dict[str, str]) -> bool:
    """Whether the run changed the field only because it changed another of the same reference."""
    reference = sheet.entity.reference_of(name)
    return reference is not None and any(each in written for each in reference.names if each != name)
