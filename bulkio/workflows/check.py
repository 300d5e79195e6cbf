"""Check whether the file is right, as far as can be told without the ERP.

    match rows to what was exported -> restore what a program damaged -> compare -> judge every cell that a person
    touched -> judge the records that would come of it

Cells that nobody touched are never judged: an ERP may well hold values that its own rules refuse today.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bulkio.core.flatten import empty_frames
from bulkio.core.issues import Issue, Severity
from bulkio.core.suggest import did_you_mean
from bulkio.workflows.check_cells import follow_references, judge_cells, notice_unseen
from bulkio.workflows.check_commands import check_commands
from bulkio.workflows.check_damage import settle
from bulkio.workflows.check_edits import compare, notice_moved_columns, refuse_forbidden_edits, refuse_other_exports
from bulkio.workflows.check_matching import match, refuse_lost_ids
from bulkio.workflows.check_records import judge_records
from bulkio.workflows.checked import Checked, CheckWork, freeze
from bulkio.workflows.slot_rows import commands_in_slots, name_parents

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from bulkio.connectors.protocol import Connector
    from bulkio.core.catalogue import Catalogue, Entity
    from bulkio.core.headers import Command
    from bulkio.core.lookup import LookupTable
    from bulkio.core.options import ImportOptions
    from bulkio.core.rows import SheetRows
    from bulkio.workflows.user_file import UserFile


def check(
    file: UserFile,
    connector: Connector,
    options: ImportOptions,
    tables: Mapping[str, LookupTable | None] | None = None,
) -> Checked:
    """Check a file offline. `tables` are the ERP's lists if they were just read; else those of the export are used."""
    catalogue = connector.catalogue
    frames = {**empty_frames(catalogue), **(file.baseline.frames if file.baseline else {})}
    if tables is None:
        tables = file.baseline.lookup_tables() if file.baseline else {}
    works: dict[str, CheckWork] = {}
    for name, read in file.rows.items():
        # A file may be checked again, and must then be as it was read: columns are replaced, never written to.
        rows = replace(read, frame=read.frame.copy(deep=False))
        root = works.get(catalogue.root.name)
        if rows.slots and root:
            name_parents(rows, root.rows, root.base, root.match)
            commands = commands_in_slots(rows, root.commands, options.default_command)
        else:
            commands = _commands(rows, options)
        work = CheckWork(catalogue.by_name[name], rows, frames[name], commands)
        works[name] = work
        match(work, typed=file.typed, root=None if rows.slots else root)
        if rows.slots and root:
            refuse_lost_ids(work, root)
        settle(work, typed=file.typed)
        compare(work, options)
        notice_moved_columns(work)
        refuse_other_exports(work, works.get(catalogue.root.name))
        refuse_forbidden_edits(work)
        check_commands(work, options)
    for work in works.values():
        judge_cells(work)
        notice_unseen(work)
        follow_references(work, tables)
    judge_records(catalogue, connector.check_rules, works, frames)
    sheets = {name: freeze(work) for name, work in works.items()}
    issues = [*file.issues, *(issue for work in works.values() for issue in work.issues)]
    return Checked(file=file, sheets=sheets, issues=_in_order(catalogue, file, issues))


def _commands(rows: SheetRows, options: ImportOptions) -> dict[int, Command]:
    commands = dict.fromkeys(rows.frame.index.tolist(), options.default_command)
    commands.update((row, command) for row, command in rows.commands.items() if row in commands)
    return commands


def suggest_keys(value: str, known: pd.DataFrame, entity: Entity) -> str:
    """Near codes for a row that matches nothing."""
    if not value or known.empty:
        return ""
    return did_you_mean(value, (key for key in known[entity.key_fields[0]].tolist() if key))


def _in_order(catalogue: Catalogue, file: UserFile, issues: list[Issue]) -> list[Issue]:
    """By sheet, then by row, errors first where a row has several; the file's own come first."""
    sheets = [file.rows[entity.name].sheet for entity in catalogue.entities if entity.name in file.rows]
    rank = {name: at for at, name in enumerate(sheets, start=1)}
    severity = {each: at for at, each in enumerate(Severity)}
    unique = list(dict.fromkeys(issues))
    return sorted(unique, key=lambda issue: (rank.get(issue.sheet, 0), issue.row, severity[issue.severity]))
