"""The declarative model of how two ERPs' records correspond: Pair, Side, Route, Alone, Bridge.

A `Bridge` is data, one table for both directions. `here` and `there` are its two ERPs; `Bridge.towards` reads it in one
direction, and core/convert.py does what it says. This module declares no field of any ERP.

    Bridge
    ├── Route    one kind of record here that is one there (or part of one), field by field
    │   └── Pair     some fields here, some fields there, and how values get from one to the other
    └── Alone    fields of one side that the other side has nothing for, and why
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bulkio.core.converters import same

if TYPE_CHECKING:
    from bulkio.core.converters import Converter


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Fields that correspond. `forth` leads from here to there, `back` from there to here.

    `here_with` and `there_with` are fields that a converter looks at and that another pair carries. `remark` is said
    once of the whole column: it is carried, and does not mean quite the same.
    """

    here: tuple[str, ...]
    there: tuple[str, ...]
    forth: Converter = same
    back: Converter = same
    here_with: tuple[str, ...] = ()
    there_with: tuple[str, ...] = ()
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Side:
    """The records of an entity that a route is about: all of them, or those whose `field` holds `value`."""

    entity: str
    field: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One kind of record and what it is on the other side.

    Where one side is a child and the other the root itself, the child's fields stand on the root's own record: there
    is room for one of them. `there_needs` are fields without which there can be none of it there. `twin` pairs fields
    of a child there with fields of its root there: a child that agrees with its root in the first `twin_key` of them
    is the root's own double, which the other side makes by itself.
    """

    here: Side
    there: Side
    pairs: tuple[Pair, ...]
    there_needs: tuple[str, ...] = ()
    twin: tuple[tuple[str, str], ...] = ()
    twin_key: int = 0
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Alone:
    """Fields of an entity without a counterpart: full names, or beginnings that end with a period; and why."""

    entity: str
    fields: tuple[str, ...]
    why: str

    def covers(self, name: str) -> bool:
        """Whether it speaks of that field."""
        return any(name == each or (each.endswith(".") and name.startswith(each)) for each in self.fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Carry:
    """A pair read in one direction: `sources` and the `context` are what `how` gets, `targets` what it fills."""

    sources: tuple[str, ...]
    context: tuple[str, ...]
    targets: tuple[str, ...]
    how: Converter
    remark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A route read in one direction. `needs` are target fields, `twin` as of the route where the source has it."""

    source: Side
    target: Side
    carries: tuple[Carry, ...]
    needs: tuple[str, ...] = ()
    twin: tuple[tuple[str, str], ...] = ()
    twin_key: int = 0
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """A bridge read in one direction: from the ERP `source` to the ERP `target`, by their names."""

    source: str
    target: str
    legs: tuple[Leg, ...]
    alone: tuple[Alone, ...]

    def why_alone(self, entity: str, name: str) -> str:
        """Why a field has no counterpart, "" if nothing is declared of it."""
        return next((each.why for each in self.alone if each.entity == entity and each.covers(name)), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge:
    """All that is declared of two ERPs. `here_alone` and `there_alone` are the fields that only one of them has."""

    here: str
    there: str
    routes: tuple[Route, ...]
    here_alone: tuple[Alone, ...]
    there_alone: tuple[Alone, ...]

    def towards(self, target: str) -> Direction:
        """The table read towards one of its two ERPs. Raises ValueError for any other."""
        if target == self.there:
            return Direction(
                source=self.here, target=self.there, legs=tuple(map(_forth, self.routes)), alone=self.here_alone
            )
        if target == self.here:
            return Direction(
                source=self.there, target=self.here, legs=tuple(map(_back, self.routes)), alone=self.there_alone
            )
        msg = f"{target!r} is neither {self.here!r} nor {self.there!r}"
        raise ValueError(msg)


def _forth(route: Route) -> Leg:
    carries = tuple(
        Carry(sources=pair.here, context=pair.here_with, targets=pair.there, how=pair.forth, remark=pair.remark)
        for pair in route.pairs
    )
    return Leg(source=route.here, target=route.there, carries=carries, needs=route.there_needs, remark=route.remark)


def _back(route: Route) -> Leg:
    carries = tuple(
        Carry(sources=pair.there, context=pair.there_with, targets=pair.here, how=pair.back, remark=pair.remark)
        for pair in route.pairs
    )
    return Leg(source=route.there, target=route.here, carries=carries, twin=route.twin, twin_key=route.twin_key)
