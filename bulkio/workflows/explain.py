"""Explain: one cell's way from the file to the ERP, step by step."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bulkio.core.grid import Fact
from bulkio.core.headers import COMMAND, normalise_header
from bulkio.core.slots import label_of, sheet_row
from bulkio.errors import UsageError

if TYPE_CHECKING:
    from bulkio.core.issues import Issue
    from bulkio.core.plan import Plan
    from bulkio.workflows.checked import Checked, CheckedSheet

_CELL = re.compile(r"(?:(?P<sheet>[^!]+)!)?\$?(?P<letter>[A-Za-z]{1,3})\$?(?P<row>\d{1,7})")
_FACTS = {
    Fact.BLANK: "a blank cell",
    Fact.TEXT: "a text cell",
    Fact.NUMBER: "a number cell",
    Fact.DATE: "a date cell",
    Fact.BOOLEAN: "a TRUE/FALSE cell",
    Fact.ERROR: "an error cell",
    Fact.UNCACHED: "a formula that was never calculated",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What is known of one cell. Values are canonical text; None where the step does not apply.

    `raw` is what the file holds and `fact` what kind of cell it is, `read` what it was taken for, `base` what was
    exported, `live` what the ERP holds now and `sent` what would be sent (both only if the ERP was asked).
    """

    sheet: str
    cell: str
    field: str
    record: str
    rule: str
    raw: str
    fact: str
    read: str
    base: str | None
    live: str | None = None
    sent: str | None = None
    issues: list[Issue] = dataclasses.field(default_factory=list)

    def to_dict(self) -> dict[str, object]:
        """The JSON form."""
        names = ("sheet", "cell", "field", "record", "rule", "raw", "fact", "read", "base", "live", "sent")
        return {**{name: getattr(self, name) for name in names}, "issues": [i.to_dict() for i in self.issues]}

    def lines(self) -> list[tuple[str, str]]:
        """The steps as (what, value), in the order in which they happen."""
        steps = [
            ("cell", f"{self.sheet}!{self.cell}"),
            ("field", self.field),
            ("record", self.record),
            ("rule", self.rule),
            ("in the file", f"{self.raw!r}, {self.fact}"),
            ("read as", repr(self.read)),
            ("exported as", "not in the export" if self.base is None else repr(self.base)),
        ]
        if self.live is not None:
            steps.append(("in the ERP now", repr(self.live)))
        if self.sent is not None:
            steps.append(("would be sent", self.sent))
        steps += [(each.severity.value, f"{each.message} {each.hint}".rstrip()) for each in self.issues]
        return steps


def explain(checked: Checked, where: str, plan: Plan | None = None) -> Explanation:
    """Explain a cell (`Customers!D17`; `D17` of the first sheet). With a plan, also what the ERP holds and would get.

    Raises UsageError if there is no such cell, or if its column is none of ours.
    """
    place = _locate(checked, where)
    sheet, letter, row = place.sheet, place.letter, sheet_row(place.row)
    rows = sheet.rows
    if not place.name:
        msg = f"{rows.sheet}!{letter}{row}: this column is none of ours and is left alone"
        raise UsageError(msg, hint="`bulkio fields` lists the columns there are.")
    name = place.name
    column = rows.columns.get(name)
    if column is None or place.row not in rows.frame.index:
        msg = f"{rows.sheet}!{letter}{row}: this {'slot' if rows.slots else 'row'} is blank, or there is none"
        raise UsageError(msg)
    position = rows.raw_rows.index(place.row)
    declared = sheet.entity.by_name.get(name)
    label = sheet.match.labels.get(place.row)
    base = None
    if label is not None and name in sheet.base.columns:
        base = str(sheet.base.at[label, name])
    live, sent = _from_plan(sheet, place.row, name, plan)
    cell = f"{letter}{row}"
    return Explanation(
        sheet=rows.sheet,
        cell=cell,
        field=name,
        record=rows.key_of(place.row),
        rule=_rule(name, declared),
        raw=column.text[position],
        fact=_FACTS[Fact(column.facts[position])],
        read=rows.value(place.row, name) if name != COMMAND else sheet.commands[place.row].value,
        base=base,
        live=live,
        sent=sent,
        issues=[i for i in (plan.issues if plan else checked.issues) if i.sheet == rows.sheet and i.cell == cell],
    )


def _rule(name: str, declared: object) -> str:
    from bulkio.core.catalogue import Field  # noqa: PLC0415

    if not isinstance(declared, Field):
        return "says what to do with the row" if name == COMMAND else "ties the row to its parent"
    length = f", at most {declared.max_length} characters" if declared.max_length else ""
    note = f"; {declared.note}" if declared.note else ""
    return f"{declared.kind.value}{length}, {declared.access.value}{note}"


def _from_plan(sheet: CheckedSheet, row: int, name: str, plan: Plan | None) -> tuple[str | None, str | None]:
    if plan is None:
        return None, None
    place = (sheet.rows.sheet, sheet_row(row), sheet.rows.slot_at(row))
    for conflict in plan.conflicts:
        if (conflict.sheet, conflict.row, conflict.slot) == place and conflict.field == name:
            return conflict.live, "nothing: somebody else changed it, too (a conflict)"
    for operation in plan.operations:
        if (operation.sheet, operation.row, operation.slot) == place:
            for change in operation.changes:
                if change.field == name:
                    return change.before, repr(change.after) if change.after else "nothing: the field is cleared"
    return None, "nothing: this cell changes nothing"


@dataclass(frozen=True, slots=True)
class _Place:
    """A cell: the sheet that it belongs to, its letter, its row's label there, and its field ("": none of ours)."""

    sheet: CheckedSheet
    letter: str
    row: int
    name: str


def _locate(checked: Checked, where: str) -> _Place:
    match = _CELL.fullmatch(where.strip())
    if match is None:
        msg = f"{where!r} is not a cell"
        raise UsageError(msg, hint="Write it like Customers!D17.")
    sheets = list(checked.sheets.values())
    if wanted := match["sheet"]:
        named = normalise_header(wanted.strip("'"))
        sheets = [s for s in sheets if named in (normalise_header(s.rows.sheet), normalise_header(s.entity.name))]
    if not sheets:
        known = ", ".join(dict.fromkeys(sheet.rows.sheet for sheet in checked.sheets.values()))
        msg = f"there is no sheet {match['sheet'] or ''!r}"
        raise UsageError(msg, hint=f"There are: {known or 'none'}.")
    letter, row = match["letter"].upper(), int(match["row"])
    return _field_at(sheets, letter, row) or _Place(sheets[0], letter, row, "")


def _field_at(sheets: list[CheckedSheet], letter: str, row: int) -> _Place | None:
    """The field of a column: of the first sheet, or of a child in one of its slots."""
    own = {} if sheets[0].rows.slots else sheets[0].rows.columns
    for name, column in own.items():
        if column.letter == letter:
            return _Place(sheets[0], letter, row, name)
    for sheet in sheets:
        for slot, place in enumerate(sheet.rows.slots, start=1):
            for name, column in place.columns.items():
                if column.letter == letter:
                    return _Place(sheet, letter, label_of(row, slot), name)
    return None
