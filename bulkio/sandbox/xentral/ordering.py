"""`sort=-updatedAt,number`: by which keys, in which direction; by default what was created last comes first."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from bulkio.sandbox.xentral.query import Query
    from bulkio.sandbox.xentral.store import Child, Customer

_Record = TypeVar("_Record", bound="Customer | Child")

#: What a record is ordered by, a text or a number for each key.
Place = list[Any]
SortKeys = Mapping[str, Callable[[_Record], str | int]]


@dataclass(frozen=True, slots=True)
class Ordering(Generic[_Record]):
    """The keys of one list, in order, and for each whether it descends. The last one is unique."""

    keys: tuple[Callable[[_Record], str | int], ...]
    descends: tuple[bool, ...]

    def place(self, record: _Record) -> Place:
        """Say where a record stands, for a cursor."""
        return [key(record) for key in self.keys]

    def sorted(self, records: Sequence[_Record]) -> list[_Record]:
        """Sort; by the least important key first, since sorting keeps the order of equals."""
        found = list(records)
        for key, is_descending in zip(reversed(self.keys), reversed(self.descends), strict=True):
            found.sort(key=key, reverse=is_descending)
        return found

    def fits(self, place: object) -> bool:
        """Whether a place that came back in a cursor can be one of this order."""
        types = [int if key is _by_id else str for key in self.keys]
        return isinstance(place, list) and [type(each) for each in place] == types

    def count_before(self, records: Sequence[_Record], place: Place) -> int:
        """Count the records before a place."""
        return bisect_left(records, _Standing(place, self.descends), key=self._standing)

    def count_until(self, records: Sequence[_Record], place: Place) -> int:
        """Count the records before a place, and what stands on it."""
        return bisect_right(records, _Standing(place, self.descends), key=self._standing)

    def _standing(self, record: _Record) -> _Standing:
        return _Standing(self.place(record), self.descends)


@dataclass(frozen=True, slots=True)
class _Standing:
    """A place that can be compared with others of the same order."""

    place: Place
    descends: tuple[bool, ...]

    def __lt__(self, other: _Standing) -> bool:
        for mine, theirs, is_descending in zip(self.place, other.place, self.descends, strict=True):
            if mine != theirs:
                return bool(mine < theirs) is not is_descending
        return False


def ordering_of(query: Query, keys: SortKeys[_Record]) -> Ordering[_Record]:
    """Read `sort`; Refusal (400) for a key that the list does not know.

    Equals are told apart by id, so that pages never overlap: more than the vendor promises.
    """
    words = query.words("sort", tuple(f"{sign}{name}" for name in keys if name for sign in ("", "-"))) or ["-"]
    descends = [word.startswith("-") for word in words]
    return Ordering((*(keys[word.removeprefix("-")] for word in words), _by_id), (*descends, descends[0]))


def _by_id(record: Customer | Child) -> int:
    return record.id


def _by_created(record: Customer | Child) -> str:
    return record.created.isoformat()


def _by_updated(record: Customer) -> str:
    return record.updated.isoformat()


def _by_text(*path: str) -> Callable[[Customer | Child], str]:
    def text(record: Customer | Child) -> str:
        value = record.document
        for name in path:
            value = value and value[name]
        return str(value or "").casefold()

    return text


#: The key without a name is the default: `-createdAt`, even in lists that cannot be sorted by it otherwise.
CUSTOMER_SORT: SortKeys[Customer] = {
    "": _by_created,
    "id": _by_id,
    "number": _by_text("number"),
    **{name: _by_text("primaryAddress", name) for name in ("name", "city", "zipCode", "country", "street", "state")},
    "createdAt": _by_created,
    "updatedAt": _by_updated,
}
CONTACT_SORT: SortKeys[Child] = {
    "": _by_created,
    "id": _by_id,
    **{name: _by_text(name) for name in ("city", "zipCode", "country")},
}
ADDRESS_SORT: SortKeys[Child] = {
    "": _by_created,
    "id": _by_id,
    **{name: _by_text(name) for name in ("name", "city", "country", "zipCode")},
}
