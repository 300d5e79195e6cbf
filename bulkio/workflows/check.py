"""Check whether the file is right, as far as can be told without the ERP.

    match rows to what was exported -> restore what a program damaged -> compare -> judge every cell that a person
    touched -> judge the records that would come of it

Cells that nobody touched are never judged: an ERP may well hold values that its own rules refuse today.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from bulkio.core.catalogue import Access, ClearAs, Kind
from bulkio.core.damage import Cell, Harm, recognise
from bulkio.core.damaged_columns import FEWEST_MOVED, Suspect, judge_column, moved_rows, ranges
from bulkio.core.damaged_keys import find_damaged
from bulkio.core.diff import Edits, edited_cells
from bulkio.core.effective import effective_frame
from bulkio.core.flatten import empty_frames
from bulkio.core.grid import Fact
from bulkio.core.headers import Command
from bulkio.core.issues import Issue, IssueCode, Severity, count_by_severity
from bulkio.core.kinds import CLEAR
from bulkio.core.match import Match, match_rows, row_keys
from bulkio.core.options import Blank, ImportOptions
from bulkio.core.references import Resolution, resolve, resources_of
from bulkio.core.schema import check_cells
from bulkio.core.slots import sheet_row, slot_of
from bulkio.core.suggest import did_you_mean
from bulkio.core.unseen import unseen_in
from bulkio.workflows.slot_rows import commands_in_slots, forget_missing_columns, lost_ids, name_parents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import pandas as pd

    from bulkio.connectors.protocol import Connector, Finding
    from bulkio.core.catalogue import Catalogue, Entity
    from bulkio.core.lookup import LookupTable
    from bulkio.core.rows import SheetRows
    from bulkio.workflows.user_file import UserFile

_SECONDS = len("2026-01-31T09:05:00")  # of a timestamp: programs that rewrite it lose the fractions
_SINGLE_NOTICES = 20  # emptied or restored cells of one column that are named one by one
_LONGEST = 60  # characters of a value in a message


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedSheet:
    """One entity's rows after the check.

    `base` is the exported frame (empty without a baseline), `match` sheet row -> label in it, `edits` what the person
    changed of exported records (emptied cells included where they clear), `unmatched` the rows that are in no export,
    `commands` every row's command with the default filled in, `followers` the fields that change with an edit.
    """

    entity: Entity
    rows: SheetRows
    base: pd.DataFrame
    match: Match
    edits: Edits
    unmatched: tuple[int, ...]
    commands: dict[int, Command]
    followers: dict[int, dict[str, str]]
    restored: int
    emptied_left: int

    def touched(self, row: int) -> dict[str, str]:
        """The fields that the person gave a value (or cleared: ""), by name; all filled cells of a row not exported."""
        if row in self.edits.cells:
            return {name: after for name, (_, after) in self.edits.cells[row].items()}
        if row in self.match.labels:
            return {}
        frame = self.rows.frame
        cells: Any = frame.loc[row]  # one look at the row, and not one a cell
        typed = zip(frame.columns, cells.tolist(), strict=True)
        return {
            name: ("" if value == CLEAR else value) for name, value in typed if value and name in self.entity.by_name
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The whole file after the check."""

    file: UserFile
    sheets: dict[str, CheckedSheet]
    issues: list[Issue]

    @property
    def has_errors(self) -> bool:
        """Whether anything must be fixed first."""
        return any(issue.severity is Severity.ERROR for issue in self.issues)

    def to_dict(self) -> dict[str, object]:
        """The JSON document `bulkio.check/1` that the contract fixes (section 5)."""
        severities = count_by_severity(self.issues)
        return {
            "schema": "bulkio.check/1",
            "file": str(self.file.path),
            "summary": {
                "rows": sum(len(sheet.rows.frame) for sheet in self.sheets.values()),
                "error": severities[Severity.ERROR],
                "warning": severities[Severity.WARNING],
                "restored": sum(sheet.restored for sheet in self.sheets.values()),
            },
            "issues": [issue.to_dict() for issue in self.issues],
        }


@dataclass(slots=True)
class _Work:
    """What the steps below fill in for one entity; frozen into a CheckedSheet at the end."""

    entity: Entity
    rows: SheetRows
    base: pd.DataFrame
    commands: dict[int, Command]
    match: Match = field(default_factory=lambda: Match({}, frozenset()))
    edits: Edits = field(default_factory=Edits)
    followers: dict[int, dict[str, str]] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    restored: int = 0
    emptied_left: int = 0
    other_export: dict[int, str] = field(default_factory=dict)

    def say(  # noqa: PLR0913, PLR0917 a cell and what to say of it
        self, code: IssueCode, severity: Severity, row: int, name: str, message: str, hint: str = ""
    ) -> None:
        self.issues.append(self.rows.issue(code, severity, row, name, message, hint))

    @property
    def live_rows(self) -> list[int]:
        """The rows that are not ignored."""
        return [row for row in self.rows.frame.index.tolist() if self.commands.get(row) is not Command.IGNORE]


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
    works: dict[str, _Work] = {}
    for name, read in file.rows.items():
        rows = replace(read, frame=read.frame.copy())  # a file may be checked again, and must then be as it was read
        root = works.get(catalogue.root.name)
        if rows.slots and root:
            name_parents(rows, root.rows, root.base, root.match)
            commands = commands_in_slots(rows, root.commands, options.default_command)
        else:
            commands = _commands(rows, options)
        work = _Work(catalogue.by_name[name], rows, frames[name], commands)
        works[name] = work
        _match(work, typed=file.typed, root=None if rows.slots else root)
        if rows.slots and root:
            _refuse_lost_ids(work, root)
        _settle(work, typed=file.typed)
        _compare(work, options)
        _notice_moved_columns(work)
        _refuse_other_exports(work, works.get(catalogue.root.name))
        _refuse_forbidden_edits(work)
        _check_commands(work, options)
    for work in works.values():
        _judge_cells(work)
        _notice_unseen(work)
        _follow_references(work, tables)
    _judge_records(catalogue, connector.check_rules, works, frames)
    sheets = {name: _freeze(work) for name, work in works.items()}
    issues = [*file.issues, *(issue for work in works.values() for issue in work.issues)]
    return Checked(file=file, sheets=sheets, issues=_in_order(catalogue, file, issues))


def _freeze(work: _Work) -> CheckedSheet:
    unmatched = [row for row in work.live_rows if row not in work.match.labels and row not in work.match.ambiguous]
    return CheckedSheet(
        entity=work.entity,
        rows=work.rows,
        base=work.base,
        match=work.match,
        edits=work.edits,
        unmatched=tuple(unmatched),
        commands=work.commands,
        followers=work.followers,
        restored=work.restored,
        emptied_left=work.emptied_left,
    )


def _commands(rows: SheetRows, options: ImportOptions) -> dict[int, Command]:
    return {row: rows.commands.get(row, options.default_command) for row in rows.frame.index.tolist()}


def _match(work: _Work, *, typed: bool, root: _Work | None) -> None:
    """Rows to exported records; two rows for one record are both errors."""
    frame = work.rows.frame.loc[work.live_rows]
    # Guids that could not be read are no ids; the failure is reported on its own.
    work.match = match_rows(work.entity, frame, work.base)
    for row in work.match.ambiguous:
        message = f"{work.rows.key_of(row)!r} fits several {work.entity.name.lower()} of the export"
        work.say(IssueCode.AMBIGUOUS, Severity.ERROR, row, work.entity.key_fields[-1], message,
                 f"Fill in the column {work.rows.header_at(row, work.entity.id_field)}.")  # fmt: skip
    _match_damaged(work, frame, typed=typed, root=root)
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


def _refuse_lost_ids(work: _Work, root: _Work) -> None:
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


def _match_damaged(work: _Work, frame: pd.DataFrame, *, typed: bool, root: _Work | None) -> None:
    """Rows whose key a program changed: found if only one record can be meant, else an error that names them all."""
    key = work.rows.key_name if work.rows.slots else work.entity.parent_key or work.entity.key_fields[0]
    found = find_damaged(
        work.entity,
        frame,
        work.base,
        work.match,
        roots=_root_keys(root) if root is not None and root is not work else None,
        cell_of=lambda row, name: _cell_of(work, row, name, typed=typed),
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
        suspect = Suspect(row, parent, work.rows.value(row, key), _cell_of(work, row, key, typed=typed))
        damage = recognise(parent, suspect.found, cell=suspect.cell)
        restored.append((suspect, damage.harm if damage else Harm.RESPELLED))
        work.rows.frame.at[row, key] = parent
    _say_restored(work, key, restored)


def _root_keys(root: _Work) -> list[str]:
    """The keys of all root records that a child may belong to: the exported ones, and the new ones of the file."""
    name = root.entity.key_fields[0]
    exported = root.base[name].tolist() if name in root.base.columns else []
    new = [row for row in root.live_rows if row not in root.match.labels]
    return [key for key in (*exported, *(root.rows.value(row, name) for row in new)) if key]


def _cell_of(work: _Work, row: int, name: str, *, typed: bool) -> Cell:
    """What the file says about a cell; of a typed file, text columns hold nothing but text, or it was a failure."""
    if work.rows.slots and name == work.entity.parent_key:
        return Cell.TEXT  # not from a cell, but from what was found out about the row's own record
    if not typed:
        return Cell.UNTYPED
    failure = work.rows.failures.get((row, name))
    if failure is not None:
        fact = work.rows.columns[name].facts[failure.position]
        return Cell.TEXT if fact == Fact.TEXT else Cell.VALUE
    declared = work.entity.by_name.get(name)
    return Cell.TEXT if declared is None or declared.kind in (Kind.TEXT, Kind.LIST) else Cell.VALUE


def _base_value(work: _Work, row: int, name: str) -> str:
    label = work.match.labels.get(row)
    if label is None or name not in work.base.columns:
        return ""
    return str(work.base.at[label, name])


def _restore_formulas(work: _Work) -> None:
    """Exported texts like `=1+1` that a program took for the formula that they look like, calculated or not."""
    restored: dict[tuple[int, str], list[tuple[Suspect, Harm]]] = {}
    for (row, name), formula in work.rows.formulas.items():
        base = _base_value(work, row, name)
        if base and formula.casefold() in (base.casefold(), f"={base}".casefold()):
            found = work.rows.value(row, name)
            suspect = Suspect(row, base, found, Cell.VALUE)
            restored.setdefault((slot_of(row), name), []).append((suspect, Harm.CALCULATED))
            work.rows.frame.at[row, name] = base
    for (_, name), mine in restored.items():
        _say_restored(work, name, mine)


def _settle(work: _Work, *, typed: bool) -> None:
    """What differs from the export or cannot be read: a program's doing (restored, or doubtful), or a person's."""
    _restore_formulas(work)
    suspects: dict[tuple[int, str], list[Suspect]] = {}  # by slot and field: by column of the file
    for row, name in work.rows.failures:
        if work.commands.get(row) is Command.IGNORE or row not in work.rows.frame.index:
            continue
        found, base = work.rows.value(row, name), _base_value(work, row, name)
        if found != base or row not in work.match.labels:  # else it is just as it was exported
            suspect = Suspect(row, base, found, _cell_of(work, row, name, typed=typed))
            suspects.setdefault((slot_of(row), name), []).append(suspect)
            work.rows.frame.at[row, name] = base
    names = [name for name in work.entity.by_name if name != work.entity.id_field]
    if work.entity.parent_key:
        names.append(work.entity.parent_key)
    work.edits = edited_cells(work.rows.frame, work.base, work.match.labels, names)
    if work.rows.slots:
        forget_missing_columns(work.edits, work.rows)
    _forget_untouched(work)
    for row, cells in work.edits.cells.items():
        for name, (base, found) in cells.items():
            if found:
                suspect = Suspect(row, base, found, _cell_of(work, row, name, typed=typed))
                suspects.setdefault((slot_of(row), name), []).append(suspect)
    for (slot, name), mine in suspects.items():
        _settle_column(work, slot, name, mine, typed=typed)


def _forget_untouched(work: _Work) -> None:
    """Cells that are spelled as they were exported are no edits, whatever the declared locale makes of them."""
    for row, cells in list(work.edits.cells.items()):
        for name, (base, _) in list(cells.items()):
            if work.rows.as_typed(row, name) == base:
                work.edits.drop(row, name)
                work.rows.frame.at[row, name] = base


def _settle_column(work: _Work, slot: int, name: str, suspects: list[Suspect], *, typed: bool) -> None:
    declared = work.entity.by_name.get(name)
    kind = declared.kind if declared else Kind.TEXT
    labels = [label for row, label in work.match.labels.items() if slot_of(row) == slot]
    bases = work.base[name].take(labels).tolist() if name in work.base.columns else []
    judged = judge_column(kind, suspects, bases)
    is_shown_only = declared is not None and declared.access is Access.READ_ONLY and name != work.entity.id_field
    for suspect in judged.edited:
        failure = work.rows.failures.get((suspect.row, name))
        if failure is not None and not is_shown_only:
            issue = work.rows.issue(failure.code, Severity.ERROR, suspect.row, name, failure.message, failure.hint)
            work.issues.append(replace(issue, found=suspect.found))
    harmed = [suspect for suspect, _ in (*judged.restored, *judged.doubtful)]
    for suspect in harmed:
        work.edits.drop(suspect.row, name)
    if harmed:
        work.rows.frame.loc[[each.row for each in harmed], name] = [each.base for each in harmed]
    if is_shown_only:  # it is never sent, so nobody needs to know
        return
    _say_restored(work, name, judged.restored)
    for suspect, harm in judged.doubtful:
        message = f"{_short(suspect.base)} {harm.value}, if a spreadsheet program made {_short(suspect.found)} of it"
        where = "Format the cell as Text and type it again" if typed else "Make the edit in the .xlsx export"
        hint = f"Write {_short(suspect.base)} again if it did. {where} if you mean {_short(suspect.found)}."
        issue = work.rows.issue(IssueCode.DAMAGED, Severity.ERROR, suspect.row, name, message, hint)
        work.issues.append(replace(issue, found=suspect.found))


def _say_restored(work: _Work, name: str, restored: list[tuple[Suspect, Harm]]) -> None:
    """The first cells of a column one by one, and one line for all of them."""
    work.restored += len(restored)
    for suspect, harm in restored[:_SINGLE_NOTICES]:
        what = f"{_short(suspect.base)} {harm.value} ({_short(suspect.found)})"
        message = f"{what}; a spreadsheet program did that, and it was restored"
        issue = work.rows.issue(IssueCode.RESTORED, Severity.NOTICE, suspect.row, name, message)
        work.issues.append(replace(issue, found=suspect.found))
    if len(restored) > 1:
        harms = Counter(harm.value for _, harm in restored)
        how = ", ".join(f"{what}: {count}" for what, count in harms.most_common())
        message = f"restored {len(restored)} cells that the spreadsheet changed, not you ({how})"
        work.issues.append(
            Issue(code=IssueCode.RESTORED, severity=Severity.NOTICE, sheet=work.rows.sheet,
                  column=work.rows.header_at(restored[0][0].row, name), message=message)
        )  # fmt: skip


def _short(value: str) -> str:
    return repr(value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…")


def _compare(work: _Work, options: ImportOptions) -> None:
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
            message = f"the cell was emptied ({_base_value(work, row, name)!r} before) and is left alone"
            work.say(IssueCode.EMPTIED, Severity.NOTICE, row, name, message, hint)


def _notice_moved_columns(work: _Work) -> None:
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


def _refuse_other_exports(work: _Work, root: _Work | None) -> None:
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


def _refuse_forbidden_edits(work: _Work) -> None:
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


def _check_commands(work: _Work, options: ImportOptions) -> None:
    for row, command in work.commands.items():
        if command is Command.DELETE:
            work.edits.cells.pop(row, None)
            if not options.allow_delete:
                work.say(IssueCode.DELETE_NOT_ALLOWED, Severity.ERROR, row, "Command",
                         "DELETE needs the flag --allow-delete")  # fmt: skip
        elif command is Command.NEW and row in work.match.labels:
            message = f"NEW, but this {work.entity.singular} was in the export ({work.rows.key_of(row)!r})"
            work.say(IssueCode.EXISTS, Severity.ERROR, row, "Command", message, "Write UPDATE, or change the key.")
        elif command is Command.NEW:
            _check_required(work, row)


def _check_required(work: _Work, row: int) -> None:
    for declared in work.entity.needed:
        is_blank = work.rows.value(row, declared.name) in ("", CLEAR)
        if is_blank and (row, declared.name) not in work.rows.failures:
            message = f"{declared.name} is required for a new {work.entity.singular}"
            work.say(IssueCode.REQUIRED, Severity.ERROR, row, declared.name, message, f"Example: {declared.example}")
    own_id = work.rows.value(row, work.entity.id_field)
    if own_id and not work.entity.client_ids:
        message = f"a new {work.entity.singular} gets its {work.entity.id_field} from the ERP"
        work.say(IssueCode.READ_ONLY, Severity.ERROR, row, work.entity.id_field, message, "Leave the cell blank.")


def _judge_cells(work: _Work) -> None:
    """Length, choices and spelling of what was touched."""
    frame = work.rows.frame
    names = [name for name in frame.columns if name in work.entity.by_name]
    touched = frame[names].copy()
    keep = set(work.match.labels) | {row for row in touched.index if work.commands.get(row) is Command.IGNORE}
    touched = touched.drop(index=[row for row in keep if row not in work.edits.cells])
    exported = [row for row in touched.index.tolist() if row in work.match.labels]
    if exported:
        touched.loc[exported, :] = ""
        for row in exported:
            for name, (_, after) in work.edits.cells[row].items():
                if name in touched.columns:
                    touched.at[row, name] = after
    for problem in check_cells(work.entity, touched):
        declared = work.entity.by_name[problem.field]
        if declared.access is not Access.READ_ONLY:
            work.say(problem.code, Severity.ERROR, problem.row, problem.field, problem.message, problem.hint)


def _notice_unseen(work: _Work) -> None:
    """Characters that nobody can see, where a person brought them in."""
    typed: dict[str, dict[int, tuple[str, str]]] = {}
    for row, cells in work.edits.cells.items():
        for name, (before, after) in cells.items():
            if not after.isascii():
                typed.setdefault(name, {})[row] = (before, after)
    fresh = work.rows.frame.loc[[row for row in work.live_rows if row not in work.match.labels]]
    for name in fresh.columns:
        values = fresh[name].tolist()
        if name in work.entity.by_name and not "".join(values).isascii():
            pairs = {row: ("", value) for row, value in zip(fresh.index.tolist(), values, strict=True)}
            typed[name] = typed.get(name, {}) | pairs
    for name, pairs in typed.items():
        found = {row: new for row, (before, after) in pairs.items() if (new := _new_unseen(before, after))}
        hint = "Type the text by hand if it was copied from elsewhere; if it is meant, there is nothing to do."
        for row, new in list(found.items())[:_SINGLE_NOTICES]:
            work.say(IssueCode.UNSEEN_CHARACTER, Severity.WARNING, row, name, f"the text holds {', '.join(new)}", hint)
        if len(found) > _SINGLE_NOTICES:
            message = f"{len(found)} cells hold characters that cannot be seen"
            work.issues.append(
                Issue(code=IssueCode.UNSEEN_CHARACTER, severity=Severity.WARNING, sheet=work.rows.sheet,
                      column=work.rows.header_at(next(iter(found)), name), message=message, hint=hint)
            )  # fmt: skip


def _new_unseen(before: str, after: str) -> list[str]:
    known = set(unseen_in(before))
    return [each for each in unseen_in(after) if each not in known]


def _follow_references(work: _Work, tables: Mapping[str, LookupTable | None]) -> None:
    """Values that name other records: known ones, and what follows from them."""
    concerned = {f.name for f in work.entity.fields if f.lookup}
    concerned |= {name for reference in work.entity.references for name in reference.names}
    if not concerned:
        return
    known: dict[frozenset[tuple[str, str]], Resolution] = {}
    frame = work.rows.frame
    rows = [*work.edits.cells, *(row for row in work.live_rows if row not in work.match.labels)]
    names = [name for name in frame.columns if name in concerned]
    for row in rows:
        if row in work.edits.cells:
            changed = {name: after for name, (_, after) in work.edits.cells[row].items() if name in concerned}
        else:
            changed = {name: value for name in names if (value := str(frame.at[row, name])) and value != CLEAR}
        if not changed:
            continue
        shape = frozenset(changed.items())
        if shape not in known:
            known[shape] = resolve(work.entity, changed, tables)
        for name, code, message, hint in known[shape].problems:
            work.say(code, Severity.ERROR, row, name, message, hint)
        if known[shape].followers:
            work.followers[row] = known[shape].followers


def needed_resources(checked: Checked) -> set[str]:
    """The ERP's lists that a fresh judgement of this file needs."""
    needed: set[str] = set()
    for sheet in checked.sheets.values():
        names: set[str] = set()
        for cells in sheet.edits.cells.values():
            names |= set(cells)
        if sheet.unmatched:
            names |= set(sheet.rows.frame.columns)
        needed |= resources_of(sheet.entity, names)
    return needed


def _judge_records(
    catalogue: Catalogue,
    rules: Callable[[Mapping[str, Any]], Iterator[Finding]],
    works: dict[str, _Work],
    frames: Mapping[str, pd.DataFrame],
) -> None:
    """Rules over several fields and rows, on the records as they would be.

    Of a row that is neither exported nor certainly new, most of the record is not known here; the plan judges those.
    """
    if not any(work.edits.cells or len(work.match.labels) < len(work.live_rows) for work in works.values()):
        return
    empty = empty_frames(catalogue)
    effective = {}
    for entity in catalogue.entities:
        work = works.get(entity.name)
        sheet = work.rows.frame if work else empty[entity.name]
        gone = {Command.IGNORE, Command.DELETE}
        dropped = {row for row, command in work.commands.items() if command in gone} if work else set()
        labels = work.match.labels if work else {}
        effective[entity.name] = effective_frame(entity, sheet, frames[entity.name], labels, dropped)
    created = {name: _created_rows(work, works.get(catalogue.root.name)) for name, work in works.items()}
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


def same_record(rows: SheetRows, first: int, second: int) -> tuple[str, str]:
    """What is said of two rows (or slots) for one record, and what to do about it."""
    both = f"{rows.place_of(first)} and {rows.place_of(second)}"
    message = f"rows {both} are the same {rows.entity.singular} ({rows.key_of(second)!r})"
    if rows.slots:
        return message, f"Empty one of the two with its {rows.entity.id_field}, or change its name."
    return message, "Keep one of the two rows, or write IGNORE in the column Command of the other."


def finding_message(rows: SheetRows, finding: Finding) -> str:
    """What a rule says, with the rows of the others that break it together with this one."""
    if not finding.others:
        return finding.message
    others = ", ".join(rows.place_of(each) if each >= 0 else "one not in this file" for each in finding.others)
    return f"{finding.message}: row {others}"


def _created_rows(work: _Work, root: _Work | None) -> set[int]:
    """The rows that are certainly new records: NEW themselves, or a child of one that is.

    So is what a slot holds that the export does not have, of a record that it has.
    """
    new = {row for row, command in work.commands.items() if command is Command.NEW and row not in work.match.labels}
    parent_key = work.entity.parent_key
    if not parent_key or root is None or parent_key not in work.rows.frame.columns:
        return new
    if work.rows.slots:
        known = work.match.labels
        new |= {row for row in work.live_rows if row not in known and sheet_row(row) in root.match.labels}
    key = root.entity.key_fields[0]
    owners = {root.rows.value(row, key) for row, command in root.commands.items() if command is Command.NEW} - {""}
    parents = work.rows.frame[parent_key]
    return new | set(parents.index[parents.isin(owners)].tolist())


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
