"""A check's second step: what a spreadsheet program did to the cells is taken back, or named."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from bulkio.core.catalogue import Access, Kind
from bulkio.core.damage import Cell, Harm
from bulkio.core.damaged_columns import Suspect, judge_column
from bulkio.core.diff import edited_cells
from bulkio.core.headers import Command
from bulkio.core.issues import Issue, IssueCode, Severity
from bulkio.core.slots import slot_of
from bulkio.workflows.checked import CheckWork, base_value, cell_of
from bulkio.workflows.slot_rows import forget_missing_columns

_SINGLE_NOTICES = 20  # emptied or restored cells of one column that are named one by one
_LONGEST = 60  # characters of a value in a message


def _restore_formulas(work: CheckWork) -> None:
    """Exported texts like `=1+1` that a program took for the formula that they look like, calculated or not."""
    restored: dict[tuple[int, str], list[tuple[Suspect, Harm]]] = {}
    as_exported: dict[str, dict[int, str]] = {}
    for (row, name), formula in work.rows.formulas.items():
        base = base_value(work, row, name)
        if base and formula.casefold() in (base.casefold(), f"={base}".casefold()):
            found = work.rows.value(row, name)
            suspect = Suspect(row, base, found, Cell.VALUE)
            restored.setdefault((slot_of(row), name), []).append((suspect, Harm.CALCULATED))
            as_exported.setdefault(name, {})[row] = base
    _put(work, as_exported)
    for (_, name), mine in restored.items():
        say_restored(work, name, mine)


def _put(work: CheckWork, cells: dict[str, dict[int, str]]) -> None:
    for name, by_row in cells.items():
        work.rows.put(name, by_row)


def settle(work: CheckWork, *, typed: bool) -> None:
    """What differs from the export or cannot be read: a program's doing (restored, or doubtful), or a person's."""
    _restore_formulas(work)
    suspects: dict[tuple[int, str], list[Suspect]] = {}  # by slot and field: by column of the file
    as_exported: dict[str, dict[int, str]] = {}
    for row, name in work.rows.failures:
        if work.commands.get(row) is Command.IGNORE or row not in work.rows.frame.index:
            continue
        found, base = work.rows.value(row, name), base_value(work, row, name)
        if found != base or row not in work.match.labels:  # else it is just as it was exported
            suspect = Suspect(row, base, found, cell_of(work, row, name, typed=typed))
            suspects.setdefault((slot_of(row), name), []).append(suspect)
            as_exported.setdefault(name, {})[row] = base
    _put(work, as_exported)
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
                suspect = Suspect(row, base, found, cell_of(work, row, name, typed=typed))
                suspects.setdefault((slot_of(row), name), []).append(suspect)
    for (slot, name), mine in suspects.items():
        _settle_column(work, slot, name, mine, typed=typed)


def _forget_untouched(work: CheckWork) -> None:
    """Cells that are spelled as they were exported are no edits, whatever the declared locale makes of them."""
    as_exported: dict[str, dict[int, str]] = {}
    for row, cells in list(work.edits.cells.items()):
        for name, (base, _) in list(cells.items()):
            if work.rows.as_typed(row, name) == base:
                work.edits.drop(row, name)
                as_exported.setdefault(name, {})[row] = base
    _put(work, as_exported)


def _settle_column(work: CheckWork, slot: int, name: str, suspects: list[Suspect], *, typed: bool) -> None:
    declared = work.entity.by_name.get(name)
    kind = declared.kind if declared else Kind.TEXT
    judged = judge_column(kind, suspects, _bases(work, slot, name))
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
        work.rows.put(name, {each.row: each.base for each in harmed})
    if is_shown_only:  # it is never sent, so nobody needs to know
        return
    say_restored(work, name, judged.restored)
    for suspect, harm in judged.doubtful:
        message = f"{short(suspect.base)} {harm.value}, if a spreadsheet program made {short(suspect.found)} of it"
        where = "Format the cell as Text and type it again" if typed else "Make the edit in the .xlsx export"
        hint = f"Write {short(suspect.base)} again if it did. {where} if you mean {short(suspect.found)}."
        issue = work.rows.issue(IssueCode.DAMAGED, Severity.ERROR, suspect.row, name, message, hint)
        work.issues.append(replace(issue, found=suspect.found))


def _bases(work: CheckWork, slot: int, name: str) -> list[str]:
    """What was exported in a column of the file, of all rows that are in it."""
    if name not in work.base.columns:
        return []
    labels = list(work.match.labels.values())
    if work.rows.slots:
        labels = [label for row, label in work.match.labels.items() if slot_of(row) == slot]
    exported: list[str] = work.base[name].take(labels).tolist()
    return exported


def say_restored(work: CheckWork, name: str, restored: list[tuple[Suspect, Harm]]) -> None:
    """The first cells of a column one by one, and one line for all of them."""
    work.restored += len(restored)
    for suspect, harm in restored[:_SINGLE_NOTICES]:
        what = f"{short(suspect.base)} {harm.value} ({short(suspect.found)})"
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


def short(value: str) -> str:
    """A value as a message shows it."""
    return repr(value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…")
