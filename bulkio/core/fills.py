"""Values that a person gives for required fields that a conversion would leave blank."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bulkio.core.flatten import frame_of
from bulkio.core.grid import Fact, RawColumn
from bulkio.core.headers import normalise_header
from bulkio.core.parsing import parse_column
from bulkio.core.schema import check_cells
from bulkio.core.suggest import did_you_mean
from bulkio.errors import UsageError

if TYPE_CHECKING:
    from bulkio.core.catalogue import Entity


def fill_value(entity: Entity, name: str, text: str) -> tuple[str, str]:
    """The field that is meant and the canonical value.

    Raises UsageError for what is no required field (the others may stay blank), or no value of it.
    """
    required = {normalise_header(field.name): field for field in entity.fields if field.required}
    field = required.get(normalise_header(name))
    if field is None:
        names = [each.name for each in required.values()]
        msg = f"{name!r} is not required of a new {entity.singular}"
        raise UsageError(msg, hint=did_you_mean(name, names) or f"Required are {', '.join(names)}.")
    if field.name in entity.key_fields:
        msg = f"{field.name} tells one {entity.singular} from another, and cannot be the same for several"
        raise UsageError(msg)
    parsed = parse_column(field.kind, RawColumn(field.name, "", [text], bytes((Fact.TEXT if text else Fact.BLANK,))))
    problems = [(failure.message, failure.hint) for failure in parsed.failures] or [
        (problem.message, problem.hint) for problem in check_cells(entity, frame_of({field.name: parsed.values}, 1))
    ]
    for message, hint in problems:
        msg = f"{field.name}: {message}"
        raise UsageError(msg, hint=hint)
    return field.name, parsed.values[0]
