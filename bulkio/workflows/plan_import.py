"""Plan: what would applying this file do? Reads only.

check -> which records are concerned -> read them live -> three-way, cell by cell -> operations, conflicts, issues
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bulkio.core.diff import edited_cells
from bulkio.core.effective import effective_frame
from bulkio.core.flatten import empty_frames
from bulkio.core.headers import Command
from bulkio.core.issues import IssueCode
from bulkio.core.match import Match, key_columns, match_rows
from bulkio.core.plan import Action, Origin, Plan
from bulkio.core.records import pack_records
from bulkio.core.slots import sheet_row
from bulkio.errors import OutdatedError
from bulkio.workflows.account_now import AccountNow, account_now
from bulkio.workflows.carried import carried_by, refuse_other_target
from bulkio.workflows.check import check
from bulkio.workflows.check_cells import needed_resources
from bulkio.workflows.check_records import finding_message
from bulkio.workflows.cost import forecast
from bulkio.workflows.plan_creates import plan_missing, say_shared
from bulkio.workflows.plan_deletes import plan_delete
from bulkio.workflows.plan_reading import is_touched, read_concerned
from bulkio.workflows.plan_updates import plan_edit, plan_found
from bulkio.workflows.planning import Planning, PlanRequest, rows_to_delete, rows_with_errors
from bulkio.workflows.set_back import set_back_notices

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from bulkio.connectors.protocol import Connector, Reader
    from bulkio.core.catalogue import Entity
    from bulkio.workflows.checked import CheckedSheet
    from bulkio.workflows.user_file import UserFile


def _silent(_done: int, _total: int | None) -> None:
    pass


def plan_import(
    request: PlanRequest,
    connector: Connector,
    reader: Reader,
    progress: Callable[[int, int | None], None] = _silent,
) -> Plan:
    """Make the plan. Raises OutdatedError if the file was exported from another account."""
    file, options = request.file, request.options
    baseline = file.baseline
    if baseline and (baseline.header.erp, baseline.header.tenant) != (connector.name, request.tenant):
        msg = f"{file.path} was exported from another account ({baseline.header.account})"
        raise OutdatedError(msg, hint=f"Use that account's profile ({baseline.header.profile}), or export again.")
    refuse_other_target(file, connector.name, request.tenant)
    checked = check(file, connector, options)
    tables = {name: reader.lookup(name) for name in sorted(needed_resources(checked))}
    if tables:
        known = baseline.lookup_tables() if baseline else {}
        checked = check(file, connector, options, tables={**known, **tables})
    now = account_now(connector, reader) if is_touched(checked) else AccountNow()
    live = read_concerned(request, connector, reader, checked, now.population, progress)
    work = Planning(request, connector, checked, live)
    for name in (entity.name for entity in connector.catalogue.entities if entity.name in checked.sheets):
        _plan_sheet(work, checked.sheets[name])
    _judge_records(work)
    operations = tuple(work.operations)
    return Plan(
        plan_id=request.plan_id,
        origin=Origin(
            profile=request.profile,
            erp=connector.name,
            tenant=request.tenant,
            # In full, so that it is found from whatever folder the plan is applied.
            file="-" if file.is_piped else str(file.path.absolute()),
            file_sha256=file.sha256,
            created_at=request.created_at,
            base_id=baseline.header.base_id if baseline else "",
            exported_at=baseline.header.exported_at if baseline else "",
            live_at=now.live_at,
            population=now.population,
        ),
        operations=operations,
        conflicts=tuple(work.conflicts),
        issues=(*checked.issues, *work.issues),
        cost=forecast(
            connector,
            operations,
            workers=request.workers,
            requests_per_minute=request.requests_per_minute,
            modified_today=now.modified_today,
        ),
        unchanged=sum(len(sheet.rows.frame) for sheet in checked.sheets.values()) - len(work.concerned),
        emptied_left=sum(sheet.emptied_left for sheet in checked.sheets.values()),
        restored=sum(sheet.restored for sheet in checked.sheets.values()),
        options={**options.to_dict(), **_declared(file)},
        rows={name: count for sheet in checked.sheets.values() for name, count in sheet.rows.counts().items()},
        live=_pack_live(work),
        carried=carried_by(checked, operations),
    )


def _declared(file: UserFile) -> dict[str, str]:
    """What was said about the file's text, so that its copies are written in kind."""
    said = {"encoding": file.declared.encoding, "delimiter": file.declared.delimiter}
    return {name: value for name, value in said.items() if value}


def _pack_live(work: Planning) -> str:
    """The root records whose bodies will be sent, as they were read."""
    catalogue = work.connector.catalogue
    bodies = {o.root_guid for o in work.operations if not o.parent_guid or catalogue.by_name[o.entity].embedded}
    return pack_records([record for guid, record in work.live.records.items() if guid in bodies]) if bodies else ""


def _plan_sheet(work: Planning, sheet: CheckedSheet) -> None:
    """All rows of one sheet that may need an operation, in the sheet's order."""
    entity = sheet.entity
    concerned = {*sheet.edits.cells, *sheet.unmatched, *rows_to_delete(sheet)} - set(sheet.match.ambiguous)
    rows = sorted(concerned, key=lambda row: (sheet_row(row), row))
    live = work.live.frames[entity.name]
    frame = _as_exported(sheet, rows)
    matched = match_rows(entity, frame, live, ids_may_change=entity.embedded)
    found = _unshared(entity, frame, live, matched)
    fresh = {row: found.labels[row] for row in rows if row in found.labels and row not in sheet.match.labels}
    work.labels[entity.name] = found.labels
    against_live = edited_cells(frame, live, fresh, entity.by_name)
    wrong = rows_with_errors(work, sheet)
    for row in rows:
        if sheet_row(row) in wrong:
            continue
        label = found.labels.get(row)
        command = sheet.commands[row]
        if row in found.ambiguous:
            message = f"{sheet.rows.key_of(row)!r} fits several {entity.name.lower()} of the ERP"
            work.say(sheet, IssueCode.AMBIGUOUS, row, entity.key_fields[-1], message,
                     f"Fill in the column {sheet.rows.header_at(row, entity.id_field)}.")  # fmt: skip
        elif command is Command.DELETE:
            plan_delete(work, sheet, row, label)
        elif row in sheet.match.labels:
            plan_edit(work, sheet, row, label)
        elif label is not None:
            plan_found(work, sheet, row, label, against_live.cells.get(row, {}))
        elif row in matched.labels and (command is Command.UPDATE or sheet.rows.slots):
            say_shared(work, sheet, row, next(r for r, at in found.labels.items() if at == matched.labels[row]))
        else:
            plan_missing(work, sheet, row)
    work.issues += set_back_notices(sheet, work.request.own)


def _as_exported(sheet: CheckedSheet, rows: list[int]) -> pd.DataFrame:
    """The rows as they are to be found in the ERP: exported ones by the id and key that they were exported with.

    What a person made of a key is an edit, and may by now be the key of quite another record.
    """
    entity, labels = sheet.entity, sheet.match.labels
    frame = sheet.rows.frame.loc[rows].copy()
    if entity.id_field not in frame.columns:
        frame[entity.id_field] = ""
    known = [row for row in rows if row in labels]
    for name in (entity.id_field, *key_columns(entity)):
        if name in frame.columns and known:
            frame.loc[known, name] = sheet.base[name].to_numpy(dtype=object)[[labels[row] for row in known]]
    return frame


def _unshared(entity: Entity, frame: pd.DataFrame, live: pd.DataFrame, found: Match) -> Match:
    """The match without rows that fit, by their key alone, a record that another row names by its id."""
    ids = live[entity.id_field].tolist()
    by_id = {row for row, label in found.labels.items() if frame.at[row, entity.id_field] == ids[label]}
    taken = {found.labels[row] for row in by_id}
    labels = {row: label for row, label in found.labels.items() if row in by_id or label not in taken}
    return replace(found, labels=labels)


def _judge_records(work: Planning) -> None:
    """The rules over several fields, for rows that no export knows: only now is known what their records hold.

    Exported rows were judged by the check, against what was exported.
    """
    catalogue = work.connector.catalogue
    planned = work.planned
    if all(row in work.checked.sheets[name].match.labels for name, row in planned):
        return
    empty = empty_frames(catalogue)
    effective = {}
    for entity in catalogue.entities:
        sheet = work.checked.sheets.get(entity.name)
        frame = sheet.rows.frame if sheet else empty[entity.name]
        concerned = {row for name, row in planned if name == entity.name}
        labels = {row: label for row, label in work.labels.get(entity.name, {}).items() if row in concerned}
        gone = {row for row in concerned if planned[entity.name, row].action is Action.DELETE}
        effective[entity.name] = effective_frame(
            entity, frame.loc[sorted(concerned)], work.live.frames[entity.name], labels, gone
        )
    for finding in work.connector.check_rules(effective):
        operation = planned.get((finding.entity, finding.row))
        if operation is None or finding.row in work.checked.sheets[finding.entity].match.labels:
            continue
        if operation.action is Action.CREATE or operation.target.keys() & {finding.field, *finding.involved}:
            sheet = work.checked.sheets[finding.entity]
            message = finding_message(sheet.rows, finding)
            work.say(sheet, IssueCode.RULE, finding.row, finding.field, message, finding.hint)
            if operation in work.operations:
                work.operations.remove(operation)
