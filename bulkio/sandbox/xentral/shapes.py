"""What a field of a body may be declared as: its type, length, choices, and whether it may be blank or left out."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003  a dataclass may be asked for its types
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from bulkio.sandbox.xentral.formats import Format


class Type(Enum):
    """What a value is in JSON."""

    TEXT = auto()
    NUMBER = auto()
    INTEGER = auto()
    FLAG = auto()


class Demand(Enum):
    """Whether a field must be given."""

    NONE = auto()
    PRESENT = auto()  # it may be null
    FILLED = auto()  # it may be left out; if given it is not blank
    REQUIRED = auto()  # given, and not blank


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A plain value; `length` is exact, `longest` a limit; a null is kept as `null_as`."""

    type: Type = Type.TEXT
    demand: Demand = Demand.NONE
    is_nullable: bool = False
    length: int | None = None
    longest: int | None = None
    choices: tuple[str, ...] = ()
    format: Format | None = None
    null_as: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Object:
    """An object; unknown names in it are dropped silently (measured), whatever the description says."""

    fields: Mapping[str, Value | Object | Many]
    demand: Demand = Demand.NONE
    is_nullable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Many:
    """A list."""

    element: Value | Object


Fields = dict[str, Value | Object | Many]

NULLABLE_TEXT = Value(is_nullable=True)
TEXT = Value()
FLAG = Value(type=Type.FLAG)
NULLABLE_DATE = Value(format=Format.DATE, is_nullable=True)


def each(names: str, value: Value) -> Fields:
    """Declare several fields alike; their names are separated by blanks."""
    return dict.fromkeys(names.split(), value)
