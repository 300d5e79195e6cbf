"""Entity -> pandera schema: length, choices, spelling of single cells; failure cases -> problems by row and field."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from bulkio.core.catalogue import Entity, Field, Format, Kind
from bulkio.core.formats import format_failures
from bulkio.core.issues import IssueCode
from bulkio.core.kinds import CLEAR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd
    import pandera.pandas as pa

#: So many rows are held to the rules one column after the other. What a person touched is seldom more, and pandera
#: takes more than half a second to be there at all, which is worth it for a whole file.
FEW = 2000

#: A near miss of the word that clears, which would end up in the ERP as a text.
_NOT_CLEAR = ("this would be written as it stands", f"Write exactly {CLEAR} to clear the field.")

#: What no ERP and no XML takes: control characters other than tab and line ends, and halves of surrogate pairs.
_CONTROL = "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ud800-\\udfff\\ufffe\\uffff]"


@dataclass(frozen=True, slots=True)
class Problem:
    """One cell that breaks a rule of its own field."""

    row: int
    field: str
    code: IssueCode
    message: str
    hint: str


def check_cells(entity: Entity, frame: pd.DataFrame) -> list[Problem]:
    """Check all cells of the frame that are neither blank nor `[CLEAR]`, by column. The index is kept as `row`."""
    if frame.empty:
        return []
    broken = _broken_in_few if len(frame) <= FEW else _broken_in_many
    failed = [_problem(entity.by_name[name], code, row, value) for name, code, row, value in broken(entity, frame)]
    rows = frame.index.tolist()
    for field in entity.fields:
        if field.name not in frame.columns:
            continue
        values = [value if value != CLEAR else "" for value in frame[field.name].tolist()]
        failed += [
            Problem(rows[at], field.name, IssueCode.BAD_FORMAT, *_NOT_CLEAR)
            for at, value in enumerate(values)
            if "[" in value and value.strip().upper() == CLEAR
        ]
        if field.format is None:
            continue
        filled = [at for at, value in enumerate(values) if value]
        for position, message, hint in format_failures(field.format, [values[at] for at in filled]):
            failed.append(Problem(rows[filled[position]], field.name, IssueCode.BAD_FORMAT, message, hint))
    return failed


@dataclass(frozen=True, slots=True)
class _Rule:
    """What a field's texts must be: `holds` says of a column which do."""

    code: IssueCode
    holds: Callable[[pd.Series[str]], pd.Series[bool]]


def _broken_in_few(entity: Entity, frame: pd.DataFrame) -> Iterator[tuple[str, IssueCode, int, str]]:
    """(field, code, row, value) of what breaks a rule."""
    for field in entity.fields:
        for rule in _rules(field) if field.name in frame.columns else ():
            column = frame[field.name]
            for row, value in column[~rule.holds(column)].items():
                yield field.name, rule.code, int(str(row)), str(value)


def _broken_in_many(entity: Entity, frame: pd.DataFrame) -> Iterator[tuple[str, IssueCode, int, str]]:
    """The same, by pandera, which gives them in no order."""
    import pandera.errors  # noqa: PLC0415 - heavy

    try:
        _schema(entity).validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        # Only failure_cases: the exception's own text repeats every failing row.
        cases = errors.failure_cases
        columns = (cases["column"], map(IssueCode, cases["check"]), map(int, cases["index"]), cases["failure_case"])
        rules = [(field.name, rule.code) for field in entity.fields for rule in _rules(field)]
        rank = {rule: at for at, rule in enumerate(rules)}
        for name, code, row, value in sorted(zip(*columns, strict=True), key=lambda case: (rank[case[:2]], case[2])):
            yield name, code, row, str(value)


@lru_cache(maxsize=16)
def _schema(entity: Entity) -> pa.DataFrameSchema:
    """One optional column per field; the name of a check is the code of its issue."""
    import pandera.pandas as pa  # noqa: PLC0415 - heavy

    return pa.DataFrameSchema(
        {
            field.name: pa.Column(
                None, checks=[pa.Check(rule.holds, error=rule.code.value) for rule in _rules(field)], required=False
            )
            for field in entity.fields
        },
        strict=False,
    )


def _rules(field: Field) -> list[_Rule]:
    rules = []
    if field.kind in (Kind.TEXT, Kind.LIST):
        rules.append(_Rule(IssueCode.DAMAGED, lambda column: ~column.str.contains("\ufffd", regex=False)))
        rules.append(_Rule(IssueCode.CONTROL_CHARACTER, lambda column: ~column.str.contains(_CONTROL, regex=True)))
    if field.max_length is not None and field.format is not Format.COUNTRY_CODE:  # a code says it all by itself
        limit = field.max_length
        rules.append(_Rule(IssueCode.TOO_LONG, lambda column: (column.str.len() <= limit) | (column == CLEAR)))
    if field.choices:
        allowed = {*field.choices, "", CLEAR}
        rules.append(_Rule(IssueCode.NOT_A_CHOICE, lambda column: column.isin(allowed)))
    return rules


def _problem(field: Field, code: IssueCode, row: int, value: str) -> Problem:
    if code is IssueCode.TOO_LONG:
        over = len(value) - (field.max_length or 0)
        message = f"{len(value)} characters, and at most {field.max_length} are allowed"
        return Problem(row, field.name, code, message, f"Shorten it by {over}.")
    if code is IssueCode.NOT_A_CHOICE:
        return Problem(row, field.name, code, f"{value!r} is not allowed", f"Write one of {', '.join(field.choices)}.")
    if code is IssueCode.DAMAGED:
        message = f"the text holds {chr(0xFFFD)}, which stands for a character that a program could not read"
        return Problem(row, field.name, code, message, "Type the text again, or read the file with --encoding.")
    return Problem(row, field.name, code, "the text holds a control character", "Type the text again.")
