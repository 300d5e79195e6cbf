"""A body against its shape: what may be used of it, and what is wrong with the rest."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from bulkio.sandbox.xentral.problems import WHOLE_BODY, Violations
from bulkio.sandbox.xentral.shapes import Demand, Many, Object, Type, Value

if TYPE_CHECKING:
    from bulkio.sandbox.xentral.problems import Path

_DECODER = msgspec.json.Decoder(float_hook=Decimal)

_WRONG_TYPE = {
    Type.TEXT: "The {} field must be a string.",
    Type.NUMBER: "The {} field must be a number.",
    Type.INTEGER: "The {} field must be an integer.",
    Type.FLAG: "The {} field must be true or false.",
}
_NOT_A_LIST = "The {} field must be an array."  # said of objects, too: the description's own example
_REQUIRED = "The {} field is required."
_UNREADABLE = "The request body must be a JSON object."


def read_body(content: bytes, violations: Violations) -> dict[str, Any]:
    """Decode a body; what is no JSON object is a violation, and reads as an empty one."""
    try:
        body = _DECODER.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        body = None
    if isinstance(body, dict):
        return body
    violations.add(WHOLE_BODY, _UNREADABLE)
    return {}


def checked(body: dict[str, Any], shape: Object, violations: Violations, path: Path = ()) -> dict[str, Any]:
    """Take what the shape knows; everything else is dropped without a word (measured).

    What has the wrong type reads as None, so that whoever looks at the values further can rely on their types.
    """
    values = {}
    for name, inner in shape.fields.items():
        here = (*path, name)
        if name in body:
            values[name] = _checked_any(body[name], inner, violations, here)
        elif not isinstance(inner, Many) and inner.demand in (Demand.REQUIRED, Demand.PRESENT):
            violations.add(here, _REQUIRED)
    return values


def _checked_any(value: object, shape: Value | Object | Many, violations: Violations, path: Path) -> Any:
    match shape:
        case Value():
            return _checked_value(value, shape, violations, path)
        case Object():
            if isinstance(value, dict):
                return checked(value, shape, violations, path)
            if value is not None or not shape.is_nullable:
                violations.add(path, _NOT_A_LIST)
        case Many():
            if isinstance(value, list):
                return [
                    _checked_any(each, shape.element, violations, (*path, number)) for number, each in enumerate(value)
                ]
            violations.add(path, _NOT_A_LIST)
    return None


def _checked_value(value: object, shape: Value, violations: Violations, path: Path) -> object:
    must_be_filled = shape.demand in (Demand.REQUIRED, Demand.FILLED)
    if value is None and shape.is_nullable:
        return shape.null_as
    if must_be_filled and (value is None or (isinstance(value, str) and not value.strip())):
        violations.add(path, _REQUIRED)
        return None
    if not _has_type(value, shape.type):
        violations.add(path, _WRONG_TYPE[shape.type])
        return None
    if isinstance(value, str):
        _check_text(value, shape, violations, path)
    return value


def _has_type(value: object, wanted: Type) -> bool:
    match wanted:
        case Type.TEXT:
            return isinstance(value, str)
        case Type.FLAG:
            return isinstance(value, bool)
        case Type.INTEGER:
            return isinstance(value, int) and not isinstance(value, bool)
        case Type.NUMBER:
            return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _check_text(text: str, shape: Value, violations: Violations, path: Path) -> None:
    if shape.choices and text not in shape.choices:
        violations.add(path, "The selected {} is invalid.")
    if shape.length is not None and len(text) != shape.length:
        violations.add(path, f"The {{}} field must be {shape.length} characters.")
    if shape.longest is not None and len(text) > shape.longest:
        violations.add(path, f"The {{}} field must not be greater than {shape.longest} characters.")
    if shape.format is not None and not shape.format.fits(text):
        violations.add(path, shape.format.value)
