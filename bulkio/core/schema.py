"""Entity -> pandera schema: length, choices, spelling of single cells; failure cases -> problems by row and field."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import pandera.errors
import pandera.pandas as pa

from bulkio.core.catalogue import Entity, Field, Format, Kind
from bulkio.core.formats import format_failures
from bulkio.core.issues import IssueCode
from bulkio.core.kinds import CLEAR

if TYPE_CHECKING:
    import pandas as pd

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
    failed: list[Problem] = []
    try:
        _schema(entity).validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        # Only failure_cases: the exception's own text repeats every failing row.
        cases = errors.failure_cases
        for name, code, row, value in zip(
            cases["column"], cases["check"], cases["index"], cases["failure_case"], strict=True
        ):
            failed.append(_problem(entity.by_name[name], IssueCode(code), int(row), str(value)))
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


@lru_cache(maxsize=16)
def _schema(entity: Entity) -> pa.DataFrameSchema:
    """One optional column per field; the name of a check is the code of its issue."""
    return pa.DataFrameSchema(
        {field.name: pa.Column(None, checks=_checks(field), required=False) for field in entity.fields},
        strict=False,
    )


def _checks(field: Field) -> list[pa.Check]:
    checks = []
    if field.kind in (Kind.TEXT, Kind.LIST):
        checks.append(
            pa.Check(lambda column: ~column.str.contains("\ufffd", regex=False), error=IssueCode.DAMAGED.value)
        )
        checks.append(
            pa.Check(lambda column: ~column.str.contains(_CONTROL, regex=True), error=IssueCode.CONTROL_CHARACTER.value)
        )
    if field.max_length is not None and field.format is not Format.COUNTRY_CODE:  # a code says it all by itself
        limit = field.max_length
        checks.append(
            pa.Check(lambda column: (column.str.len() <= limit) | (column == CLEAR), error=IssueCode.TOO_LONG.value)
        )
    if field.choices:
        allowed = {*field.choices, "", CLEAR}
        checks.append(pa.Check(lambda column: column.isin(allowed), error=IssueCode.NOT_A_CHOICE.value))
    return checks


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
