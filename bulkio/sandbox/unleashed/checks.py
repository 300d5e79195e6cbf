"""Checks that need nothing but the body and its shape: undocumented fields, types, lengths, choices, spellings."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from bulkio.core.catalogue import ClearAs, Field, Format, Kind
from bulkio.sandbox.unleashed.complaints import Complaint, ErrorCode, Refusal, bad_request
from bulkio.sandbox.unleashed.formats import is_well_formed

if TYPE_CHECKING:
    from bulkio.sandbox.unleashed.shapes import Shape

_TYPE_NAMES = {
    Kind.TEXT: "a string",
    Kind.DECIMAL: "a number",
    Kind.BOOLEAN: "a boolean",
    Kind.GUID: "a Guid",
    Kind.TIMESTAMP: "a date",
}

#: Numbers are kept with four places at least, as the examples show them (`0.0000`, line 464), and with no more digits
#: than the vendor's decimal type can hold.
_SCALE = Decimal("0.0001")
_MOST_DIGITS = 28

_NOT_AN_OBJECT = "The request body must be a single object."


@dataclass(slots=True)
class Findings:
    """A body's values that may be used, and what is wrong with the others, by full name (`Addresses[1].Country`)."""

    values: dict[str, Any]
    complaints: list[Complaint] = field(default_factory=list)

    def complain(self, name: str, description: str, code: ErrorCode) -> None:
        """Add a complaint, unless the field has one already: one sentence a field is enough."""
        if all(each.field != name for each in self.complaints):
            self.complaints.append(Complaint(name, description, code))

    def is_refused(self, name: str) -> bool:
        """Whether the field, or a part of it, has been complained about."""
        return any(each.field == name or each.field.startswith((f"{name}.", f"{name}[")) for each in self.complaints)

    def raise_if_any(self) -> None:
        """Refusal (400) with all complaints at once, if there are any."""
        if self.complaints:
            raise Refusal(HTTPStatus.BAD_REQUEST, self.complaints)


def check_body(body: object, shape: Shape) -> Findings:
    """Check a decoded body against its shape.

    Refusal 400 if it is no object (there is no batch POST: a list is refused), and a bare 500 if any field is in it
    that the page does not document for writing: that is what a live system was seen to answer.
    """
    if not isinstance(body, dict):
        raise bad_request(ErrorCode.WRONG_TYPE, _NOT_AN_OBJECT)
    if _has_undocumented_fields(body, shape):
        raise Refusal(HTTPStatus.INTERNAL_SERVER_ERROR)
    findings = Findings({})
    findings.values = _checked(body, shape, "", findings)
    return findings


def _has_undocumented_fields(body: dict[str, Any], shape: Shape) -> bool:
    if not shape.names >= body.keys():
        return True
    inner = [(body.get(name), each) for name, each in shape.objects.items()]
    for name, each in shape.collections.items():
        elements = body.get(name)
        inner += [(element, each) for element in elements] if isinstance(elements, list) else []
    return any(isinstance(value, dict) and _has_undocumented_fields(value, each) for value, each in inner)


def _checked(body: dict[str, Any], shape: Shape, prefix: str, findings: Findings) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in body.items():
        full_name = prefix + name
        if name in shape.fields:
            checked = check_value(value, shape.fields[name], full_name, findings)
        elif value is None:
            checked = None
        elif name in shape.objects:
            checked = _checked_object(value, shape.objects[name], full_name, findings)
        else:
            checked = _checked_collection(value, shape.collections[name], full_name, findings)
        values[name] = checked
    return values


def _checked_object(value: object, shape: Shape, name: str, findings: Findings) -> dict[str, Any] | None:
    if isinstance(value, dict):
        return _checked(value, shape, f"{name}.", findings)
    findings.complain(name, f"{name} must be an object.", ErrorCode.WRONG_TYPE)
    return None


def _checked_collection(value: object, shape: Shape, name: str, findings: Findings) -> list[dict[str, Any] | None]:
    if isinstance(value, list):
        return [_checked_object(each, shape, f"{name}[{number}]", findings) for number, each in enumerate(value)]
    findings.complain(name, f"{name} must be a list.", ErrorCode.WRONG_TYPE)
    return []


def check_value(value: object, declared: Field, name: str, findings: Findings) -> object:
    """Check one plain value; returns it as it will be kept, or None after a complaint.

    Blank texts pass: whether a field may be blank is not a matter of its spelling.
    """
    if value is None:
        if declared.kind is Kind.BOOLEAN and declared.clear_as is ClearAs.NEVER:
            findings.complain(name, f"{name} must be true or false.", ErrorCode.WRONG_TYPE)
        return None
    converted = _converted(value, declared.kind)
    if converted is None:
        findings.complain(name, f"{name} must be {_TYPE_NAMES[declared.kind]}.", ErrorCode.WRONG_TYPE)
        return None
    if isinstance(converted, str) and converted and declared.kind is Kind.TEXT:
        _check_text(converted, declared, name, findings)
    return converted


def _converted(value: object, kind: Kind) -> object:
    match kind:
        case Kind.BOOLEAN:
            return value if isinstance(value, bool) else None
        case Kind.DECIMAL:
            return _decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None
        case Kind.GUID:
            return _guid(value)
        case _:
            return value if isinstance(value, str) else None


def _decimal(value: int | Decimal) -> Decimal | None:
    number = Decimal(value)
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or number.adjusted() >= _MOST_DIGITS - 4 or exponent < -_MOST_DIGITS:
        return None
    return number.quantize(_SCALE) if exponent > _SCALE.as_tuple().exponent else number  # type: ignore[operator]


def _guid(value: object) -> str | None:
    try:
        return str(uuid.UUID(value)) if isinstance(value, str) else None
    except ValueError:
        return None


def _check_text(text: str, declared: Field, name: str, findings: Findings) -> None:
    if declared.max_length is not None and len(text) > declared.max_length:
        findings.complain(name, f"{name} must not exceed {declared.max_length} characters.", ErrorCode.TOO_LONG)
    elif declared.choices and text not in declared.choices:
        findings.complain(name, f"{name} must be one of {', '.join(declared.choices)}.", ErrorCode.NOT_FOUND)
    elif declared.format is not None and not is_well_formed(text, declared.format):
        findings.complain(name, f"{name} is not valid: {_expected(declared.format)}.", ErrorCode.BAD_FORMAT)


def _expected(spelling: Format) -> str:
    return f"expected {spelling.value}"
