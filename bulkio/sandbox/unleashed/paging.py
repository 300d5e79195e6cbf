"""Pages of a list: numbered from 1, clamped to the last one (observed), 1 to 1000 records each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from bulkio.sandbox.unleashed.complaints import ErrorCode, bad_request

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_Record = TypeVar("_Record")

DEFAULT_PAGE_SIZE = 200  # vendor page, line 51; line 496 for contacts
LARGEST_PAGE_SIZE = 1000  # the vendor's Pagination page


@dataclass(frozen=True, slots=True)
class Pagination:
    """The envelope's head, as in the examples (vendor page, line 414)."""

    number_of_items: int
    page_size: int
    page_number: int
    number_of_pages: int

    @property
    def document(self) -> dict[str, int]:
        """With the vendor's names."""
        return {
            "NumberOfItems": self.number_of_items,
            "PageSize": self.page_size,
            "PageNumber": self.page_number,
            "NumberOfPages": self.number_of_pages,
        }


def paginate(records: Sequence[_Record], *, page: int, size: int) -> tuple[Pagination, Sequence[_Record]]:
    """Cut one page out; a page past the end is the last page, and `page_number` then says which one that is.

    An empty list has one empty page, so that a page's number never exceeds the number of pages.
    """
    pages = max(1, -(-len(records) // size))
    number = min(max(1, page), pages)
    return Pagination(len(records), size, number, pages), records[(number - 1) * size : number * size]


def page_size(parameters: Mapping[str, str]) -> int:
    """Read `pageSize`; Refusal (400) if it is not a number from 1 to 1000."""
    return whole_number(parameters, "pageSize", DEFAULT_PAGE_SIZE, lowest=1, highest=LARGEST_PAGE_SIZE)


def whole_number(parameters: Mapping[str, str], name: str, default: int, *, lowest: int, highest: int) -> int:
    """Read a number from the query; Refusal (400) if it is none, or out of range."""
    text = parameters.get(name, "")
    if not text:
        return default
    if not (re.fullmatch(r"[0-9]{1,9}", text) and lowest <= int(text) <= highest):
        message = f"{name} must be a whole number from {lowest} to {highest}."
        raise bad_request(ErrorCode.BAD_PARAMETER, message, field=name)
    return int(text)
