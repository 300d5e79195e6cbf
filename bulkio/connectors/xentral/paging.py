"""Xentral's lists, page by page, to their real end.

- The links to next pages drop what was asked for (filters, page size): the query is made anew for every page.
- A server may give smaller pages than it is asked for, and reckon its `lastPage` as if it had not: a list ends where
  all that it counts has come, or where a page brings nothing.
- Lists are asked for in the order of ids: unique, fixed for good and growing, so that nobody's edit moves a record, and
  a new one comes last. One that vanishes pulls the later ones forward over the page boundary; the total then shrinks,
  and the pages that may have been jumped are read again.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from bulkio.connectors.protocol import Page
from bulkio.connectors.xentral.refusals import refusal
from bulkio.connectors.xentral.wire import decode_listing
from bulkio.core.records import identity
from bulkio.errors import RejectedError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bulkio.connectors.xentral.wire import Paging
    from bulkio.core.catalogue import Entity
    from bulkio.http.session import Response, Session

    Parameters = Sequence[tuple[str, str]]

#: How often a listing goes back because its total shrank; it only bounds a server that never settles.
_MOST_STEPS_BACK = 20


class RefusedQueryError(UnavailableError):
    """The server does not take the query (400)."""


class NotThereError(UnavailableError):
    """What was asked for does not exist (404)."""


def walk(session: Session, path: str, parameters: Parameters, entity: Entity) -> Iterator[Page]:
    """All pages of a list; one call each. Records may repeat.

    Raises RefusedQueryError and NotThereError where it cannot be asked for.
    """
    ordered = [*parameters, ("sort", "id")]
    number, back = 1, 0
    total: int | None = None
    seen: set[str] = set()
    while True:
        page, paging = _page(session, path, ordered, number, entity)
        ids = {identity(entity, record) for record in page.records}
        is_new = bool(ids - seen)
        seen |= ids
        yield page
        lost = 0 if total is None or page.total is None else total - page.total
        total = page.total
        if lost > 0 and back < _MOST_STEPS_BACK:
            back += 1
            number = max(1, number - -(-lost // max(1, len(page.records))))
            continue
        is_more = number < page.pages or paging.has_next or (total is not None and len(seen) < total)
        # A page that brings nothing new, where none was read twice on purpose, is a server that ignores `page`.
        if not is_more or not page.records or not (is_new or back):
            return
        number += 1


def query_text(parameters: Parameters) -> str:
    """The query as it stands on the wire."""
    return "&".join(f"{quote(name, safe='')}={quote(value, safe=',')}" for name, value in parameters)


def filter_by(key: str, operator: str, value: str) -> Parameters:
    """The parameters of a filter, the only one of its query."""
    return ("filter[0][key]", key), ("filter[0][op]", operator), ("filter[0][value]", value)


def succeeded(response: Response) -> Response:
    """The reply of a read that went well, or else the error that says why not."""
    if response.is_success:
        return response
    error = refusal(response.status, response.body)
    if not isinstance(error, RejectedError):
        raise error
    # A read is never "rejected": what answers is not the API that we know.
    kind, hint = _NOT_READ.get(response.status, (UnavailableError, "Check the base URL."))
    raise kind(str(error), hint=hint) from error


_NOT_READ: dict[int, tuple[type[UnavailableError], str]] = {
    HTTPStatus.BAD_REQUEST: (RefusedQueryError, "Check the base URL."),
    HTTPStatus.NOT_FOUND: (
        NotThereError,
        "Check the base URL, and that the account has the V3 API of customers (the feature api-v3-customers).",
    ),
}


def _page(session: Session, path: str, parameters: Parameters, number: int, entity: Entity) -> tuple[Page, Paging]:
    """One page; one of another number than asked for is asked for once more."""
    for _ in range(2):
        response = succeeded(session.read(path, query_text([*parameters, ("page", str(number))])))
        listing = decode_listing(response.body, entity)
        paging = listing.paging
        if paging.page in (None, number):
            by_total = -(-paging.total // paging.size) if paging.total is not None and paging.size else 0
            page = Page(
                records=listing.records,
                number=number,
                pages=max(paging.last or 0, by_total, 1),
                total=paging.total,
                server_time=response.server_time,
            )
            return page, paging
    msg = f"Xentral answered with page {paging.page} of a list when asked for page {number}"
    raise UnavailableError(msg)
