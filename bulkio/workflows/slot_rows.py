"""Children in the slots of a flat sheet: what their row's command means for them, whose they are, which they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bulkio.core.cells import cells_of
from bulkio.core.flat import slots_in_export
from bulkio.core.headers import Command
from bulkio.core.plan import Action
from bulkio.core.slots import SlotHeaders, sheet_row

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from bulkio.core.catalogue import Catalogue
    from bulkio.core.diff import Edits
    from bulkio.core.match import Match
    from bulkio.core.plan import Operation
    from bulkio.core.rows import SheetRows

# The command is the row's own record's. What it leaves alone or deletes takes its children along; a new record has only
# new ones; else a child is changed or, where its slot has no id and no record has its key, new.
_WITH_AN_ID = {
    Command.IGNORE: Command.IGNORE,
    Command.DELETE: Command.IGNORE,
    Command.NEW: Command.NEW,
    Command.UPDATE: Command.UPDATE,
    Command.MERGE: Command.UPDATE,
}
_WITHOUT = {**_WITH_AN_ID, Command.UPDATE: Command.MERGE, Command.MERGE: Command.MERGE}


def commands_in_slots(rows: SheetRows, of_roots: dict[int, Command], default: Command) -> dict[int, Command]:
    """Every child's command, from its row's."""
    labels = rows.frame.index.tolist()
    name = rows.entity.id_field
    ids = rows.frame[name].tolist() if name in rows.frame.columns else [""] * len(labels)
    return {
        label: (_WITH_AN_ID if identity else _WITHOUT)[of_roots.get(sheet_row(label), default)]
        for label, identity in zip(labels, ids, strict=True)
    }


def name_parents(rows: SheetRows, root: SheetRows, exported: pd.DataFrame, match: Match) -> None:
    """Fill in whose the children are: their row's record's, by the key with which that was exported, if it was.

    What was made of the key since is said of the record itself, and not of each of its children again.
    """
    name = root.entity.key_fields[0]
    keys = dict.fromkeys(root.frame.index.tolist(), "")
    if name in root.frame.columns:
        keys = dict(zip(keys, root.frame[name].tolist(), strict=True))
    if match.labels:
        known = exported[name].to_numpy(dtype=object)[list(match.labels.values())].tolist()
        keys.update(zip(match.labels, known, strict=True))
    owners = cells_of([keys.get(sheet_row(label), "") for label in rows.frame.index.tolist()])
    rows.frame[rows.entity.parent_key] = owners


def lost_ids(rows: SheetRows, base: pd.DataFrame, match: Match, root_ids: list[str], roots: Match) -> dict[int, int]:
    """The filled slots without an id that are no exported child, where the export had one that is in no slot any more.

    As label -> label in `base`. Somebody removed the id and changed the key: nobody can tell a renamed child from a
    new one. `root_ids` are those of the export, `roots` says which of them a row is.
    """
    bare = [
        label
        for label in rows.frame.index.tolist()
        if label not in match.labels and label not in match.ambiguous and not rows.value(label, rows.entity.id_field)
    ]
    if not bare:
        return {}
    exported = slots_in_export(rows.entity, base, root_ids)
    taken = set(match.labels.values())
    lost = {}
    for label in bare:
        was = exported.get((roots.labels.get(sheet_row(label), -1), rows.slot_at(label)))
        if was is not None and was not in taken:
            lost[label] = was
    return lost


def ids_of_new(
    catalogue: Catalogue, headers: Iterable[str], done: Iterable[tuple[Operation, str]]
) -> dict[str, dict[int, str]]:
    """The ids that new children got, by the header of their slot's id column and row: they belong into their slots.

    `headers` are the sheet's own (one that it lacks is new), `done` the operations with the ids.
    """
    parser = SlotHeaders(catalogue)
    written = {(found[1].title, found[2]): header for header in headers if (found := parser.parse(header))}
    ids: dict[str, dict[int, str]] = {}
    for operation, identity in done:
        if operation.slot and operation.action is Action.CREATE and identity:
            name = catalogue.by_name[operation.entity].id_field
            header = written.get((operation.slot, name), f"{operation.slot}: {name}")
            ids.setdefault(header, {})[operation.row] = identity
    return ids


def forget_missing_columns(edits: Edits, rows: SheetRows) -> None:
    """A cell is not emptied where its slot has no such column (and others have)."""
    for label, cells in list(edits.emptied.items()):
        for name in [each for each in cells if rows.column_at(label, each) is None]:
            del cells[name]
        if not cells:
            del edits.emptied[label]
