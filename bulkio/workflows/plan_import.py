"""Plan: what would applying this file do? Reads only.

check -> which records are concerned -> read them live -> three-way, cell by cell -> operations, conflicts, issues
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bulkio.connectors.protocol import Deletes
from bulkio.core.catalogue import Access
from bulkio.core.diff import Verdict, edited_cells, judge
from bulkio.core.effective import effective_frame
from bulkio.core.flatten import PARENT_ID, empty_frames
from bulkio.core.headers import Command
from bulkio.core.issues import Issue, IssueCode, Severity
from bulkio.core.match import Match, alike, key_columns, match_rows
from bulkio.core.options import ImportOptions, OnConflict, Winner
from bulkio.core.own_writes import OwnWrites
from bulkio.core.plan import Action, Change, Conflict, Operation, Origin, Plan, operation_id
from bulkio.core.provisional import provisional_id
from bulkio.core.records import pack_records
from bulkio.core.slots import part_of, sheet_row
from bulkio.errors import OutdatedError
from bulkio.workflows.account_now import AccountNow, account_now
from bulkio.workflows.carried import carried_by, refuse_other_target
from bulkio.workflows.check import check, suggest_keys
from bulkio.workflows.check_cells import needed_resources
from bulkio.workflows.check_records import finding_message
from bulkio.workflows.checked import Checked, CheckedSheet, same_record
from bulkio.workflows.cost import forecast
from bulkio.workflows.live import FEW_PAGES, Live, read_live
from bulkio.workflows.set_back import set_back_notices

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from bulkio.connectors.protocol import Connector, Reader
    from bulkio.core.catalogue import Entity
    from bulkio.workflows.user_file import UserFile


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """What to plan from, and what identifies the plan. `created_at` is a canonical timestamp.

    `own` is what earlier runs of the same file wrote.
    """

    file: UserFile
    options: ImportOptions
    plan_id: str
    profile: str
    tenant: str
    created_at: str
    requests_per_minute: int | None = None
    workers: int = 4
    own: OwnWrites = field(default_factory=OwnWrites)


_SEVERITIES = {IssueCode.SOFT_DELETE: Severity.NOTICE, IssueCode.HARD_DELETE: Severity.WARNING}


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
    now = account_now(connector, reader) if _is_touched(checked) else AccountNow()
    live = _read(request, connector, reader, checked, now.population, progress)
    work = _Planning(request, connector, checked, live)
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


def _is_touched(checked: Checked) -> bool:
    """Whether anything may have to be done; if not, there is nothing to ask the ERP about."""
    return any(sheet.edits.cells or sheet.unmatched or _deletes(sheet) for sheet in checked.sheets.values())


def _declared(file: UserFile) -> dict[str, str]:
    """What was said about the file's text, so that its copies are written in kind."""
    said = {"encoding": file.declared.encoding, "delimiter": file.declared.delimiter}
    return {name: value for name, value in said.items() if value}


def _deletes(sheet: CheckedSheet) -> list[int]:
    return [row for row, command in sheet.commands.items() if command is Command.DELETE]


def _pack_live(work: _Planning) -> str:
    """The root records whose bodies will be sent, as they were read."""
    catalogue = work.connector.catalogue
    bodies = {o.root_guid for o in work.operations if not o.parent_guid or catalogue.by_name[o.entity].embedded}
    return pack_records([record for guid, record in work.live.records.items() if guid in bodies]) if bodies else ""


@dataclass(slots=True)
class _Planning:
    """What the steps share: the inputs, and the growing plan.

    `roots` are the root records by human key -> id, those to be created included; `folded_roots` all known human keys
    by what they look like. `planned` are the operations by entity and row's label.
    """

    request: PlanRequest
    connector: Connector
    checked: Checked
    live: Live
    operations: list[Operation] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    planned: dict[tuple[str, int], Operation] = field(default_factory=dict)
    concerned: set[tuple[str, int]] = field(default_factory=set)
    roots: dict[str, str] = field(default_factory=dict)
    created_roots: set[str] = field(default_factory=set)
    folded_roots: dict[str, str] = field(default_factory=dict)
    labels: dict[str, dict[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        root = self.connector.catalogue.root
        frame = self.live.frames[root.name]
        self.roots = dict(zip(frame[root.key_fields[0]].tolist(), frame[root.id_field].tolist(), strict=True))

    def say(self, sheet: CheckedSheet, code: IssueCode, row: int, name: str, message: str, hint: str = "") -> None:  # noqa: PLR0913, PLR0917 a cell and what to say
        severity = _SEVERITIES.get(code, Severity.ERROR)
        self.issues.append(sheet.rows.issue(code, severity, row, name, message, hint))


def _read(  # noqa: PLR0913, PLR0917 what to read, from where, and whom to tell
    request: PlanRequest,
    connector: Connector,
    reader: Reader,
    checked: Checked,
    population: int,
    progress: Callable[[int, int | None], None],
) -> Live:
    """Read the root records that the touched rows concern, their children with them.

    `population` is how many root records there are (0: not known). Without an export to draw suggestions from, a small
    account is read whole.
    """
    root = connector.catalogue.root
    ids: dict[str, None] = {}
    keys: dict[str, None] = {}
    base = request.file.baseline.frames[root.name] if request.file.baseline else None
    base_ids = dict(zip(base[root.key_fields[0]], base[root.id_field], strict=True)) if base is not None else {}
    is_lost = False  # whether a child names nothing but itself, so that only a listing of everything finds it
    for sheet in checked.sheets.values():
        entity = sheet.entity
        for row in {**sheet.edits.cells, **dict.fromkeys(_deletes(sheet)), **dict.fromkeys(sheet.unmatched)}:
            label = sheet.match.labels.get(row)
            if label is not None:
                ids[_text(sheet.base, label, PARENT_ID if entity.parent else root.id_field)] = None
                continue
            key = sheet.rows.value(row, entity.parent_key or root.key_fields[0])
            identity = sheet.rows.value(row, entity.id_field)
            if identity and not entity.parent:
                ids[identity] = None
            is_lost = is_lost or bool(entity.parent and identity and not key)
            if key and key in base_ids:
                ids[base_ids[key]] = None
            elif key:
                keys[key] = None
    complete = request.file.baseline is not None and request.file.baseline.header.complete
    total = len(base) if complete and base is not None else population or None
    is_small = 0 < population <= FEW_PAGES * connector.capabilities.page_size
    return read_live(
        reader,
        connector.catalogue,
        connector.capabilities,
        ids=list(ids),
        keys=list(keys),
        everything=is_lost or (base is None and bool(keys) and is_small),
        wants_others=base is None,
        expected_total=total,
        progress=progress,
    )


def _plan_sheet(work: _Planning, sheet: CheckedSheet) -> None:
    """All rows of one sheet that may need an operation, in the sheet's order."""
    entity = sheet.entity
    concerned = {*sheet.edits.cells, *sheet.unmatched, *_deletes(sheet)} - set(sheet.match.ambiguous)
    rows = sorted(concerned, key=lambda row: (sheet_row(row), row))
    live = work.live.frames[entity.name]
    frame = _as_exported(sheet, rows)
    matched = match_rows(entity, frame, live, ids_may_change=entity.embedded)
    found = _unshared(entity, frame, live, matched)
    fresh = {row: found.labels[row] for row in rows if row in found.labels and row not in sheet.match.labels}
    work.labels[entity.name] = found.labels
    against_live = edited_cells(frame, live, fresh, entity.by_name)
    wrong = _rows_with_errors(work, sheet)
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
            _plan_delete(work, sheet, row, label)
        elif row in sheet.match.labels:
            _plan_edit(work, sheet, row, label)
        elif label is not None:
            _plan_found(work, sheet, row, label, against_live.cells.get(row, {}))
        elif row in matched.labels and (command is Command.UPDATE or sheet.rows.slots):
            _say_shared(work, sheet, row, next(r for r, at in found.labels.items() if at == matched.labels[row]))
        else:
            _plan_missing(work, sheet, row)
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


def _rows_with_errors(work: _Planning, sheet: CheckedSheet) -> set[int]:
    """Rows of the file with an error get no operation: the plan cannot be applied anyway until they are fixed."""
    return {
        issue.row
        for issue in work.checked.issues
        if issue.sheet == sheet.rows.sheet and issue.severity is Severity.ERROR
    }


def _key(sheet: CheckedSheet, row: int, label: int | None, live: pd.DataFrame) -> str:
    """What a person calls the record: from the sheet, or from the ERP where the sheet has no key column."""
    entity = sheet.entity
    names = ([entity.parent_key] if entity.parent_key else []) + list(entity.key_fields)
    parts = [sheet.rows.value(row, name) or ("" if label is None else _text(live, label, name)) for name in names]
    return " / ".join(part for part in parts if part) or sheet.rows.value(row, entity.id_field)


def _operation(  # noqa: PLR0913 an operation has that many parts
    work: _Planning,
    sheet: CheckedSheet,
    row: int,
    action: Action,
    changes: dict[str, tuple[str, str]],
    *,
    label: int | None,
    guid: str = "",
    parent: tuple[str, str] = ("", ""),
) -> None:
    entity = sheet.entity
    live = work.live.frames[entity.name]
    natural_key: tuple[str, ...] = ()
    if label is not None:
        guid = _text(live, label, entity.id_field)
        natural_key = tuple(_text(live, label, name) for name in entity.key_fields)
        if entity.parent:
            parent = (_text(live, label, PARENT_ID), _text(live, label, entity.parent_key))
    operation = Operation(
        id=operation_id(work.request.plan_id, entity.name, str(row), action.value),
        action=action,
        entity=entity.name,
        key=_key(sheet, row, label, live),
        guid=guid,
        parent_guid=parent[0],
        parent_key=parent[1],
        natural_key=natural_key,
        sheet=sheet.rows.sheet,
        row=sheet_row(row),
        slot=sheet.rows.slot_at(row),
        changes=tuple(Change(name, before, after) for name, (before, after) in changes.items()),
    )
    work.concerned.add((entity.name, row))
    work.planned[entity.name, row] = operation
    work.operations.append(operation)


def _plan_edit(work: _Planning, sheet: CheckedSheet, row: int, label: int | None) -> None:
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
        now = _text(live, label, name)
        winner = _winner(work, sheet, row, label, Change(name, base, typed))
        has_clashed = has_clashed or winner is None
        if winner is Winner.SHEET and typed not in (base, now):
            changes[name] = (now, typed)
    if changes and not has_clashed:
        _operation(work, sheet, row, Action.UPDATE, _with_followers(sheet, row, label, live, changes), label=label)


def _with_followers(
    sheet: CheckedSheet, row: int, label: int, live: pd.DataFrame, changes: dict[str, tuple[str, str]]
) -> dict[str, tuple[str, str]]:
    """The changes, and what follows from those that really are sent."""
    sent = set(changes)
    complete = dict(changes)
    for name, after in sheet.followers.get(row, {}).items():
        reference = sheet.entity.reference_of(name)
        before = _text(live, label, name)
        if reference and sent & set(reference.names) and before != after and name not in complete:
            complete[name] = (before, after)
    return complete


def _plan_found(work: _Planning, sheet: CheckedSheet, row: int, label: int, cells: dict[str, tuple[str, str]]) -> None:
    """A row that is in no export, but in the ERP: every field that differs is a change.

    A NEW row whose record an earlier run of this very file created is done, but for what was edited since.
    """
    entity = sheet.entity
    live = work.live.frames[entity.name]
    if sheet.commands[row] is Command.NEW:
        made = entity.name, _text(live, label, entity.id_field)
        if made not in work.request.own.created:
            message = f"NEW, but the ERP has this {entity.singular} already ({_key(sheet, row, label, live)!r})"
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
        _operation(work, sheet, row, Action.UPDATE, complete, label=label)


def _edited_since(  # noqa: PLR0913, PLR0917 a row, and what there is to compare it with
    work: _Planning,
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


def _decided(work: _Planning, sheet: CheckedSheet, row: int, name: str, now: str) -> Winner | None:
    """What the person decided about a conflict, in view of this very value."""
    decision = work.request.options.decisions.get(
        (part_of(sheet.rows.sheet, sheet.rows.slot_at(row)), sheet_row(row), name)
    )
    return decision.winner if decision is not None and decision.live == now else None


def _winner(work: _Planning, sheet: CheckedSheet, row: int, label: int, edit: Change) -> Winner | None:
    """Whose value stands in a field; None if somebody else changed it, too, and nothing is decided, which is said."""
    entity = sheet.entity
    live = work.live.frames[entity.name]
    now = _text(live, label, edit.field)
    # Our own last write, from this very file, is what the person went on editing from.
    is_ours = work.request.own.held_by_us(entity.name, _text(live, label, entity.id_field), edit.field, now)
    verdict = judge(now if is_ours else edit.before, edit.after, now)
    if verdict is not Verdict.CONFLICT:
        return Winner.SHEET
    decided = _decided(work, sheet, row, edit.field, now)
    if decided or work.request.options.on_conflict is OnConflict.OVERWRITE:
        return decided or Winner.SHEET
    work.concerned.add((entity.name, row))
    work.conflicts.append(
        Conflict(sheet=sheet.rows.sheet, row=sheet_row(row), slot=sheet.rows.slot_at(row),
                 key=_key(sheet, row, label, live), field=edit.field,
                 base=edit.before, sheet_value=edit.after, live=now)
    )  # fmt: skip
    return None


def _plan_missing(work: _Planning, sheet: CheckedSheet, row: int) -> None:
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


def _create(work: _Planning, sheet: CheckedSheet, row: int, parent: tuple[str, str]) -> None:
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
    _operation(work, sheet, row, Action.CREATE, changes, label=None, guid=guid, parent=parent)


def _say_no_parent(work: _Planning, sheet: CheckedSheet, row: int, key: str) -> None:
    """The record that a child belongs to is nowhere; nothing more to say if its own row has errors."""
    entity, root = sheet.entity, work.connector.catalogue.root
    roots = work.checked.sheets.get(root.name)
    if (
        key
        and roots
        and any(roots.rows.value(each, root.key_fields[0]) == key for each in _rows_with_errors(work, roots))
    ):
        return
    if not key:
        message, hint = (
            f"the row does not say whose {entity.singular} it is",
            f"Fill in the column {entity.parent_key}.",
        )
    else:
        message, hint = f"there is no {root.singular} {key!r}", suggest_keys(key, _known_roots(work), root)
    work.say(sheet, IssueCode.NO_PARENT, row, entity.parent_key, message, hint)


def _say_no_match(work: _Planning, sheet: CheckedSheet, row: int) -> None:
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
        near = "" if entity.parent else suggest_keys(sheet.rows.value(row, keys[0]), _known_roots(work), entity)
        work.say(sheet, IssueCode.NO_MATCH, row, keys[0], message, f"{near} {create}".strip())


def _say_shared(work: _Planning, sheet: CheckedSheet, row: int, other: int) -> None:
    """A row names by its key the record that another row names by its id."""
    message, hint = same_record(sheet.rows, other, row)
    for each in (other, row):
        work.say(sheet, IssueCode.DUPLICATE_ROW, each, sheet.rows.key_name, message, hint)


def _is_known_alike(work: _Planning, sheet: CheckedSheet, row: int) -> bool:
    """Whether a known key looks like the new record's: a slip, and ERPs take two that differ in case for one."""
    entity = sheet.entity
    if entity.parent:
        return False
    name = entity.key_fields[0]
    key = sheet.rows.value(row, name)
    if not work.folded_roots:
        work.folded_roots = {alike(each): each for each in (*_known_roots(work)[name], *work.roots)}
    known = work.folded_roots.setdefault(alike(key), key)
    if known == key:
        return False
    differs = "its case" if known.casefold() == key.casefold() else "case, blanks or what nobody sees"
    message = f"{key!r} would be new, but there is {known!r}, which differs only in {differs}"
    work.say(sheet, IssueCode.EXISTS, row, name, message, f"Write {known}, or choose another {name}.")
    return True


def _text(frame: pd.DataFrame, label: int, name: str) -> str:
    """One canonical text of a frame."""
    return str(frame.at[label, name])


def _known_roots(work: _Planning) -> pd.DataFrame:
    """The root records that suggestions are drawn from: the export, or else what was read."""
    name = work.connector.catalogue.root.name
    baseline = work.request.file.baseline
    return baseline.frames[name] if baseline else work.live.frames[name]


def _judge_records(work: _Planning) -> None:
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


def _plan_delete(work: _Planning, sheet: CheckedSheet, row: int, label: int | None) -> None:
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
            f.name: (value, "") for f in entity.fields if f.is_writable and (value := _text(live, label, f.name))
        }
        _operation(work, sheet, row, Action.DELETE, changes, label=label)
        return
    if _text(live, label, flag) == "true":
        return
    _operation(work, sheet, row, Action.DELETE, {flag: (_text(live, label, flag), "true")}, label=label)
    message = f"the ERP has no delete for a {entity.singular}: {flag} is set instead"
    work.say(sheet, IssueCode.SOFT_DELETE, row, "Command", message)


def _warn_of_delete(work: _Planning, sheet: CheckedSheet, row: int) -> None:
    """A root record that goes for good takes its id with it, whatever an undo can make anew."""
    entity = sheet.entity
    if not entity.parent:
        message = f"the {entity.singular} is deleted for good, with all that belongs to it"
        hint = f"An undo can only create it anew, with another {entity.id_field}; what refers to this one is lost."
        work.say(sheet, IssueCode.HARD_DELETE, row, "Command", message, hint)
