"""A check of the records that would come of the file: rules over several fields and several records."""

from __future__ import annotations

from itertools import compress
from typing import TYPE_CHECKING, Any

import numpy as np

from bulkio.core.effective import effective_rows
from bulkio.core.flatten import empty_frames
from bulkio.core.headers import Command
from bulkio.core.issues import IssueCode, Severity
from bulkio.core.slots import sheet_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import pandas as pd

    from bulkio.connectors.protocol import Finding
    from bulkio.core.catalogue import Catalogue
    from bulkio.core.effective import EffectiveRows
    from bulkio.core.rows import SheetRows
    from bulkio.workflows.checked import CheckWork


def judge_records(
    catalogue: Catalogue,
    rules: Callable[[Mapping[str, Any]], Iterator[Finding]],
    works: dict[str, CheckWork],
    frames: Mapping[str, pd.DataFrame],
) -> None:
    """Rules over several fields and rows, on the records as they would be.

    Of a row that is neither exported nor certainly new, most of the record is not known here; the plan judges those.
    """
    if not any(work.edits.cells or work.unknown_rows for work in works.values()):
        return
    created = {name: _created_rows(work, works.get(catalogue.root.name)) for name, work in works.items()}
    concerned = {name: {*work.edits.cells, *created[name]} for name, work in works.items()}
    effective = _effective(catalogue, works, frames, concerned)
    for finding in rules(effective):
        work = works.get(finding.entity)
        if work is None or finding.row < 0:
            continue
        involved = {finding.field, *finding.involved}
        mine = set(work.edits.cells.get(finding.row, ())) & involved
        is_new = finding.row in created[finding.entity]
        if not (mine or is_new) and finding.row not in work.edits.cells:
            continue
        severity = Severity.ERROR if mine or is_new else Severity.WARNING
        message = finding_message(work.rows, finding)
        if severity is Severity.WARNING:
            message += " (it was so in the export)"
        work.say(IssueCode.RULE, severity, finding.row, finding.field, message, finding.hint)


def _effective(
    catalogue: Catalogue,
    works: dict[str, CheckWork],
    frames: Mapping[str, pd.DataFrame],
    concerned: Mapping[str, set[int]],
) -> dict[str, pd.DataFrame]:
    """The frames for the rules: of the concerned rows' root records all that there is, and of the others nothing.

    Keys that differ in their case alone are one record's: so they are to many an ERP, and so to its rules.
    """
    empty = empty_frames(catalogue)
    all_rows: dict[str, tuple[EffectiveRows, list[str]]] = {}
    owners: set[str] = set()
    for entity in catalogue.entities:
        work = works.get(entity.name)
        sheet = work.rows.frame if work else empty[entity.name]
        dropped = _dropped(work) if work else set()
        labels = work.match.labels if work else {}
        rows = effective_rows(entity, sheet, frames[entity.name], labels, dropped)
        of_rows = rows.owners
        all_rows[entity.name] = rows, of_rows
        mine = np.isin(rows.index, list(concerned.get(entity.name, ())))
        owners |= {owner.casefold() for owner in compress(of_rows, mine)}
    effective = {}
    for name, (rows, of_rows) in all_rows.items():
        wanted = {owner for owner in set(of_rows) if owner.casefold() in owners}
        is_wanted = np.array(list(map(wanted.__contains__, of_rows)), dtype=bool)
        effective[name] = rows.where(is_wanted).frame()
    return effective


def _dropped(work: CheckWork) -> set[int]:
    return {row for row, command in work.commands.items() if command is Command.IGNORE or command is Command.DELETE}


def finding_message(rows: SheetRows, finding: Finding) -> str:
    """What a rule says, with the rows of the others that break it together with this one."""
    if not finding.others:
        return finding.message
    others = ", ".join(rows.place_of(each) if each >= 0 else "one not in this file" for each in finding.others)
    return f"{finding.message}: row {others}"


def _created_rows(work: CheckWork, root: CheckWork | None) -> set[int]:
    """The rows that are certainly new records: NEW themselves, or a child of one that is.

    So is what a slot holds that the export does not have, of a record that it has.
    """
    new = {row for row, command in work.commands.items() if command is Command.NEW and row not in work.match.labels}
    parent_key = work.entity.parent_key
    if not parent_key or root is None or parent_key not in work.rows.frame.columns:
        return new
    if work.rows.slots:
        new |= {row for row in work.unknown_rows if sheet_row(row) in root.match.labels}
    key = root.entity.key_fields[0]
    owners = {root.rows.value(row, key) for row, command in root.commands.items() if command is Command.NEW} - {""}
    if not owners:
        return new
    parents = work.rows.frame[parent_key]
    return new | set(parents.index[parents.isin(owners)].tolist())
