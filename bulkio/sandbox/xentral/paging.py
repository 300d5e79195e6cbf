"""Pages of a list, in the three forms that the header `x-pagination` asks for.

- `simple`, the default: numbered pages, without a total.
- `table`: the same with `total` and `lastPage`.
- `cursor`: the place after which the next page begins, so that what is written meanwhile shifts nothing.

The links carry `page` or `cursor` only, as in the description's examples. So whoever follows `links.next` loses the
filter, the order and the size of the page.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from bulkio.sandbox.xentral.problems import refuse_parameter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bulkio.sandbox.xentral.ordering import Ordering, Place
    from bulkio.sandbox.xentral.query import Query
    from bulkio.sandbox.xentral.store import Child, Customer

_Record = TypeVar("_Record", bound="Customer | Child")

DEFAULT_SIZE = 15
#: A larger size is cut down to this without a word: measured of V1, and known from clients that counted V3's pages from
#: the size that they had asked for. What counts is `meta.perPage`.
LARGEST_SIZE = 100

_FORMS = ("simple", "table", "cursor")


@dataclass(frozen=True, slots=True)
class Paging:
    """What a request says about pages."""

    path: str
    form: str
    size: int
    page: int
    cursor: str

    @classmethod
    def read(cls, path: str, query: Query, form: str) -> Paging:
        """Read it; Refusal (400) for numbers that are none. What the form has no use for is ignored."""
        if form not in _FORMS:
            refuse_parameter("x-pagination", "The selected {} is invalid.")
        size = min(query.whole_number("perPage", DEFAULT_SIZE), LARGEST_SIZE)
        return cls(path, form, size, query.whole_number("page", 1), query.parameters.get("cursor", ""))

    def cut(
        self, records: Sequence[_Record], ordering: Ordering[_Record]
    ) -> tuple[Sequence[_Record], dict[str, Any], dict[str, Any]]:
        """Cut one page out of an ordered list; gives it with `links` and `meta`."""
        if self.form == "cursor":
            return self._cut_at_cursor(records, ordering)
        start = (self.page - 1) * self.size
        found = records[start : start + self.size]
        last = max(1, -(-len(records) // self.size))
        is_table = self.form == "table"
        meta: dict[str, Any] = {
            "currentPage": self.page,
            "from": start + 1 if found else None,
            "path": self.path,
            "perPage": self.size,
            "to": start + len(found) if found else None,
        }
        if is_table:
            meta |= {"lastPage": last, "total": len(records)}
        links = {
            "first": self._link(page=1),
            "last": self._link(page=last) if is_table else None,
            "prev": self._link(page=self.page - 1) if self.page > 1 else None,
            "next": self._link(page=self.page + 1) if start + self.size < len(records) else None,
        }
        return found, links, meta

    def _cut_at_cursor(
        self, records: Sequence[_Record], ordering: Ordering[_Record]
    ) -> tuple[Sequence[_Record], dict[str, Any], dict[str, Any]]:
        start, end = 0, self.size
        if self.cursor:
            place, is_forward = _read_cursor(self.cursor, ordering)
            if is_forward:
                start = ordering.count_until(records, place)
                end = start + self.size
            else:
                end = ordering.count_before(records, place)
                start = max(0, end - self.size)
        found = records[start:end]
        following = _cursor(ordering.place(found[-1]), is_forward=True) if found and end < len(records) else None
        previous = _cursor(ordering.place(found[0]), is_forward=False) if found and start > 0 else None
        links = {
            "first": None,
            "last": None,
            "prev": previous and self._link(cursor=previous),
            "next": following and self._link(cursor=following),
        }
        meta = {"path": self.path, "perPage": self.size, "nextCursor": following, "prevCursor": previous}
        return found, links, meta

    def _link(self, **parameter: str | int) -> str:
        (name, value), *_ = parameter.items()
        return f"{self.path}?{name}={value}"


def _cursor(place: Place, *, is_forward: bool) -> str:
    content = msgspec.json.encode({"place": place, "_pointsToNextItems": is_forward})
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _read_cursor(cursor: str, ordering: Ordering[Any]) -> tuple[Place, bool]:
    try:
        content = msgspec.json.decode(base64.urlsafe_b64decode(cursor.encode() + b"=="))
        place, is_forward = content["place"], content["_pointsToNextItems"]
    except (binascii.Error, msgspec.DecodeError, UnicodeDecodeError, ValueError, TypeError, KeyError):
        refuse_parameter("cursor", "The {} field is invalid.")
    if not ordering.fits(place):
        refuse_parameter("cursor", "The {} field is invalid.")
    return place, bool(is_forward)
