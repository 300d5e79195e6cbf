"""A check of single cells that a person touched: spelling, choices, unseen characters, references."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bulkio.core.catalogue import Access
from bulkio.core.issues import Issue, IssueCode, Severity
from bulkio.core.kinds import CLEAR
from bulkio.core.references import Resolution, resolve, resources_of
from bulkio.core.schema import check_cells
from bulkio.core.unseen import unseen_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bulkio.core.lookup import LookupTable
    from bulkio.workflows.checked import Checked, CheckWork

_SINGLE_NOTICES = 20  # emptied or restored cells of one column that are named one by one


def judge_cells(work: CheckWork) -> None:
    """Length, choices and spelling of what was touched."""
    frame = work.rows.frame
    names = [name for name in frame.columns if name in work.entity.by_name]
    judged = {*work.unknown_rows, *work.edits.cells}
    if not judged:
        return
    touched = frame.loc[[row for row in frame.index.tolist() if row in judged], names].copy()
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


def notice_unseen(work: CheckWork) -> None:
    """Characters that nobody can see, where a person brought them in."""
    typed: dict[str, dict[int, tuple[str, str]]] = {}
    for row, cells in work.edits.cells.items():
        for name, (before, after) in cells.items():
            if not after.isascii():
                typed.setdefault(name, {})[row] = (before, after)
    fresh = work.rows.frame.loc[work.unknown_rows]
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


def follow_references(work: CheckWork, tables: Mapping[str, LookupTable | None]) -> None:
    """Values that name other records: known ones, and what follows from them."""
    concerned = {f.name for f in work.entity.fields if f.lookup}
    concerned |= {name for reference in work.entity.references for name in reference.names}
    if not concerned:
        return
    known: dict[frozenset[tuple[str, str]], Resolution] = {}
    frame = work.rows.frame
    rows = [*work.edits.cells, *work.unknown_rows]
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
