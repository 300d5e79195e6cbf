"""A check's first step: which exported record each row is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bulkio.core.damage import Harm, recognise
from bulkio.core.damaged_columns import Suspect
from bulkio.core.damaged_keys import find_damaged
from bulkio.core.headers import Command
from bulkio.core.issues import IssueCode, Severity
from bulkio.core.match import Match, match_rows, row_keys
from bulkio.workflows.check_damage import say_restored
from bulkio.workflows.checked import CheckWork, cell_of, same_record
from bulkio.workflows.slot_rows import lost_ids

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd


def match(work: CheckWork, *, typed: bool, root: CheckWork | None) -> None:
    """Rows to exported records; two rows for one record are both errors."""
    frame = work.live_frame
    # Guids that could not be read are no ids; the failure is reported on its own.
    work.match = match_rows(work.entity, frame, work.base)
    for row in work.match.ambiguous:
        message = f"{work.rows.key_of(row)!r} fits several {work.entity.name.lower()} of the export"
        work.say(IssueCode.AMBIGUOUS, Severity.ERROR, row, work.entity.key_fields[-1], message,
                 f"Fill in the column {work.rows.header_at(row, work.entity.id_field)}.")  # fmt: skip
    _match_damaged(work, frame, typed=typed, root=root)
    if len(set(work.match.labels.values())) < len(frame):  # else each row is a record of its own
        _refuse_shared(work, frame)


def _refuse_shared(work: CheckWork, frame: pd.DataFrame) -> None:
    """Two rows for one record, or for one new record."""
    owners: dict[object, list[int]] = {}
    for row, identity, key in row_keys(work.entity, frame):
        label = work.match.labels.get(row)
        if label is not None:
            owners.setdefault(label, []).append(row)
        elif identity or any(key[-len(work.entity.key_fields) :]):
            owners.setdefault(identity or key, []).append(row)
    for several in owners.values():
        for row in several[1:]:
            first = several[0]
            message, hint = same_record(work.rows, first, row)
            for each in (first, row):
                work.say(IssueCode.DUPLICATE_ROW, Severity.ERROR, each, work.rows.key_name, message, hint)


def refuse_lost_ids(work: CheckWork, root: CheckWork) -> None:
    """Slots whose child can only be guessed."""
    lost = lost_ids(work.rows, work.base, work.match, root.base[root.entity.id_field].tolist(), root.match)
    for row, was in lost.items():
        if work.commands.get(row) is Command.IGNORE:
            continue
        name, identity = work.rows.header_at(row, work.entity.id_field), str(work.base.at[was, work.entity.id_field])
        key = " / ".join(filter(None, (str(work.base.at[was, each]) for each in work.entity.key_fields)))
        message = f"the slot held {key!r}, and without the {work.entity.id_field} nobody can tell whether it still does"
        hint = f"If so, write {identity} into {name}. If not, write the new {work.entity.singular} into an empty slot."
        work.say(IssueCode.AMBIGUOUS, Severity.ERROR, row, work.entity.id_field, message, hint)


def _match_damaged(work: CheckWork, frame: pd.DataFrame, *, typed: bool, root: CheckWork | None) -> None:
    """Rows whose key a program changed: found if only one record can be meant, else an error that names them all."""
    key = work.rows.key_name if work.rows.slots else work.entity.parent_key or work.entity.key_fields[0]
    found = find_damaged(
        work.entity,
        frame,
        work.base,
        work.match,
        roots=_root_keys(root) if root is not None and root is not work else None,
        cell_of=lambda row, name: cell_of(work, row, name, typed=typed),
        is_new=lambda row: work.commands.get(row) is Command.NEW,
    )
    labels = {row: label for row, label in work.match.labels.items() if row not in found.doubtful}
    work.match = Match(labels | found.labels, work.match.ambiguous | set(found.doubtful))
    for row, origins in found.doubtful.items():
        names = " or ".join(map(repr, origins))
        message = f"{work.rows.key_of(row)!r} may be what a spreadsheet program made of {names}, or be that itself"
        column = work.rows.header_at(row, work.entity.id_field)
        hint = f"Fill in the column {column}, or write it into the .xlsx export: its cells are text."
        work.say(IssueCode.AMBIGUOUS, Severity.ERROR, row, key, message, hint)
    restored = []
    for row, parent in found.parents.items():
        suspect = Suspect(row, parent, work.rows.value(row, key), cell_of(work, row, key, typed=typed))
        damage = recognise(parent, suspect.found, cell=suspect.cell)
        restored.append((suspect, damage.harm if damage else Harm.RESPELLED))
    if found.parents:
        work.rows.put(key, found.parents)
    say_restored(work, key, restored)


def _root_keys(root: CheckWork) -> Iterator[str]:
    """The keys of all root records that a child may belong to: the exported ones, and the new ones of the file."""
    name = root.entity.key_fields[0]
    if name in root.base.columns:
        yield from filter(None, root.base[name].tolist())
    yield from filter(None, (root.rows.value(row, name) for row in root.unknown_rows))
