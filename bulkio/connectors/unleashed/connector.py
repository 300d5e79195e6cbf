"""Unleashed's Connector: how to list, fetch, look up and write, with the traps of its API in one place.

- A signature fails where a value needs percent-encoding (observed): only values whose raw and encoded forms are equal
  are sent, and all other filtering is local.
- Past the last page the last one is repeated (observed): NumberOfPages and the echoed PageNumber decide.
- `includeAllContacts` gives "the first 100 contacts" (GET 46): a customer with 100 or more gets its own list read.
- No order is promised to be stable: see `UnleashedReader.pages`.
- There is no DELETE for customers: `Obsolete` is set instead (capability SOFT).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bulkio.connectors.protocol import (
    Account,
    Capabilities,
    ConnectionSettings,
    Connector,
    ContactScope,
    Deletes,
    LookupTable,
    Page,
    Query,
    Record,
    Reply,
    UpdateStyle,
    WriteRequest,
)
from bulkio.connectors.unleashed.auth import API_ID, API_KEY, headers_for, tenant_of
from bulkio.connectors.unleashed.bodies import encode, segment
from bulkio.connectors.unleashed.catalogue import ADDRESSES, CATALOGUE, CONTACTS, CUSTOMERS
from bulkio.connectors.unleashed.refusals import column_of, refusal
from bulkio.connectors.unleashed.rules import check_rules
from bulkio.connectors.unleashed.wire import (
    decode_listing,
    decode_lookup,
    decode_record,
    decode_reply,
    lookup_row,
)
from bulkio.core.kinds import from_wire
from bulkio.core.records import wire_value
from bulkio.errors import NotExecutedError, RateLimitError, RejectedError, UnavailableError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bulkio.connectors.protocol import Reader, Writer
    from bulkio.core.plan import Step
    from bulkio.http.session import Response, Session

#: "Returns the first 100 contacts of each Customer record" (GET 46): with so many, there may be more.
FIRST_CONTACTS = 100

#: The page's default for contacts, and for customers found by their code.
_CHILD_PAGE_SIZE = 200

#: Below this a page is not made smaller any more when Unleashed does not manage to send it.
_SMALLEST_PAGE = 100

_TIME_OF_DAY = re.compile(r"modifiedSince=[\d-]+T")

#: How often a listing goes back because its total shrank, and after how many pages without news it ends. Both only
#: bound a server that never settles; what is missing then shows in the count.
_MOST_STEPS_BACK = 20
_MOST_STALE_PAGES = 10

#: A key that is the same raw and percent-encoded, so that every reading of the signing rule agrees on it.
_SAFE_KEY = re.compile(r"[A-Za-z0-9._-]+")

CAPABILITIES = Capabilities(
    update_style=UpdateStyle.WHOLE,
    client_ids=True,
    deletes=Deletes.SOFT,
    # The default is 200 and the limit 1,000; "large numbers of customers can be susceptible to poor network
    # performance" (GET 66), while every page counts against the monthly quota. 500 with contacts are some 2 MB.
    page_size=500,
    max_page=1000,
    incremental=True,
    requests_per_minute=None,  # none is documented; 429 and Retry-After are honoured all the same
    monthly_calls=None,  # 125,000 to 500,000 by plan, which no call tells
)


class UnleashedReader:
    """Reads one account. Thread-safe: it keeps nothing but the session and the account's name."""

    def __init__(self, session: Session, account: Account) -> None:
        """`account` is named after its host until Unleashed has told its name."""
        self._session = session
        self._account = account
        self._is_named = False
        self._understands_times = True

    @property
    def tenant(self) -> str:
        """The account's fingerprint, without a call."""
        return self._account.tenant

    def account(self) -> Account:
        """The account; its name costs one call to /Companies, the first time, and is the host's if that is refused."""
        if not self._is_named:
            rows = self._rows("Companies")
            names = [row.get(key) for row in rows or [] for key in ("CompanyName", "Name", "TradingName", "LegalName")]
            name = next((name for name in names if isinstance(name, str) and name.strip()), self._account.name)
            self._account = Account(name=name, tenant=self._account.tenant)
            self._is_named = True
        return self._account

    # --- listing ---

    def pages(self, query: Query) -> Iterator[Page]:
        """All customers that fit; see `Reader.pages`. One call a page, and one more per customer with >= 100 contacts.

        The order is the default one, by CustomerCode: unique and fixed for good, so nobody's edit moves a record, and
        no two records tie (CreatedOn ties where records were imported together). A customer created meanwhile only
        makes later ones repeat, and is itself found by a sweep with `modified_since`. One that vanishes pulls the later
        ones forward over the page boundary; the total then shrinks, and the pages that may have been jumped are read
        again. Where Unleashed fails to send a page, smaller ones are tried.
        """
        size = min(query.page_size or CAPABILITIES.page_size, CAPABILITIES.max_page)
        for page in self._walk_since(size, query):
            keep, left_out = _split(page.records, query.filters)
            if query.contacts is ContactScope.ALL:
                is_told = any(record.get(CONTACTS.record_path) is not None for record in page.records)
                keep = [self._with_all_contacts(record, is_told=is_told) for record in keep]
            yield Page(
                records=keep,
                number=page.number,
                pages=page.pages,
                total=page.total,
                server_time=page.server_time,
                left_out=tuple(str(record[CUSTOMERS.id_field]) for record in left_out),
            )

    def _walk_since(self, size: int, query: Query) -> Iterator[Page]:
        """The listing, with the time of `modified_since` spelled as this server understands it."""
        if query.modified_since is not None and self._understands_times:
            walk = self._walk(_Request(size, _parameters(query)))
            try:
                first = next(walk, None)
            except _TimeRefusedError:
                self._understands_times = False
            else:
                if first is not None:
                    yield first
                yield from walk
                return
        yield from self._walk(_Request(size, _parameters(query, with_time=self._understands_times)))

    def _walk(self, request: _Request) -> Iterator[Page]:
        seen: set[str] = set()
        number, stale, back = 1, 0, 0
        total: int | None = None
        while True:
            try:
                page = self._page(request, number, seen)
            except (RateLimitError, NotExecutedError, _TimeRefusedError):
                raise
            except UnavailableError:
                if request.size // 2 < _SMALLEST_PAGE:
                    raise
                # "Please reduce the page size if you experience delayed requests" (GET 66).
                number, request = (number - 1) * 2 + 1, request.halved()
                continue
            ids = [str(record[CUSTOMERS.id_field]) for record in page.records]
            stale = 0 if any(guid not in seen for guid in ids) else stale + 1
            seen.update(ids)
            yield page
            lost = 0 if total is None or page.total is None else total - page.total
            total = page.total
            if lost > 0 and back < _MOST_STEPS_BACK:
                back, stale = back + 1, 0
                number = max(1, number - -(-lost // request.size))
                continue
            if number >= page.pages or stale >= _MOST_STALE_PAGES:
                return
            number += 1

    def _page(self, request: _Request, number: int, seen: set[str]) -> Page:
        """One page; one that looks wrong (another number, empty, nothing new) is asked for once more."""
        page = self._ask(request, number)
        ids = {str(record[CUSTOMERS.id_field]) for record in page.records}
        is_odd = page.number != number or not ids or ids <= seen
        if is_odd and number <= page.pages and (number > 1 or page.number != number):
            page = self._ask(request, number)
        if page.number != number and number <= page.pages:
            msg = f"Unleashed answered with page {page.number} of the customers when asked for page {number}"
            raise UnavailableError(msg)
        return page

    def _ask(self, request: _Request, number: int) -> Page:
        response = self._session.read(f"/Customers/{number}", request.query)
        if response.status == HTTPStatus.BAD_REQUEST and _TIME_OF_DAY.search(request.query):
            raise _TimeRefusedError(str(refusal(response.status, response.body, response.media_type)))
        response = _succeeded(response)
        page = decode_listing(response.body, response.media_type, CUSTOMERS)
        stated = page.pagination
        return Page(
            records=page.records,
            number=stated.page if stated else number,
            # Without numbers: another page if this one is full.
            pages=stated.pages if stated else number + (len(page.records) >= request.size),
            total=stated.items if stated else None,
            server_time=response.server_time,
        )

    # --- single records ---

    def fetch(self, ids: Sequence[str], *, contacts: ContactScope = ContactScope.ALL) -> Iterator[Record]:
        """The complete customers of these ids; see `Reader.fetch`. One call each, two with `ContactScope.ALL`.

        The page does not say which contacts GET /Customers/{guid} carries, so they are read from the customer's own
        list, unless two to 99 came with it: plainly not only the primary one, nor cut off at 100.
        """
        for guid in ids:
            try:
                path = f"/Customers/{segment(guid)}"
            except ValueError:
                continue  # what is no Guid names no customer
            record = self._record(path)
            if record is not None:
                has_all = 1 < len(record.get(CONTACTS.record_path) or ()) < FIRST_CONTACTS
                if contacts is ContactScope.ALL and not has_all:
                    record[CONTACTS.record_path] = self._contacts(guid, record.get(CONTACTS.record_path) or ())
                yield record

    def find(self, keys: Sequence[str]) -> Iterator[Record] | None:
        """The customers with exactly these codes; None if a code has characters that the signature does not survive.

        `customerCode` matches what *starts* with it (GET 35); the list is ordered by code, so that the exact one is on
        the first page. One call a key, as a rule.
        """
        if not all(_SAFE_KEY.fullmatch(key) for key in keys):
            return None
        return self._find(keys)

    def _find(self, keys: Sequence[str]) -> Iterator[Record]:
        for key in dict.fromkeys(keys):
            parameters = (("customerCode", key), ("includeAllContacts", "true"), ("includeObsolete", "true"))
            for page in self._walk(_Request(_CHILD_PAGE_SIZE, parameters)):
                found = [record for record in page.records if record.get("CustomerCode") == key]
                for record in found:
                    yield self._with_all_contacts(record)
                if found:
                    break

    def children(self, entity: str, root_id: str) -> list[Record]:
        """The addresses (as the customer has them) or the contacts (from their own list); none for an unknown id."""
        if entity == ADDRESSES.name:
            record = next(self.fetch([root_id], contacts=ContactScope.NONE), None)
            return list((record or {}).get(ADDRESSES.record_path) or ())
        return self._contacts(root_id)

    def _with_all_contacts(self, record: Record, *, is_told: bool = True) -> Record:
        """The record with its own list of contacts, where what came with it may not be all of them.

        That is where it holds 100 or more, and where no record of the page has any such property (`is_told` False):
        then the server did not tell, rather than that nobody has a contact.
        """
        came = record.get(CONTACTS.record_path)
        if (came is None and not is_told) or len(came or ()) >= FIRST_CONTACTS:
            return {**record, CONTACTS.record_path: self._contacts(str(record[CUSTOMERS.id_field]), came or ())}
        return record

    def _contacts(self, guid: str, known: Sequence[Record] = ()) -> list[Record]:
        """All contacts of a customer, in its own order; `known` ones that its list leaves out are kept at the end.

        The list has no page numbers (Pagination null, GET 524) and may give fewer a page than it was asked for, so it
        is read until a page brings nothing new. Raises UnavailableError if it counts more contacts than it gives.
        """
        found: dict[str, Record] = {}
        counted = 0
        number = 1
        while True:
            query = f"page={number}&pageSize={_CHILD_PAGE_SIZE}"
            response = self._session.read(f"/Customers/{segment(guid)}/Contacts", query)
            if response.status == HTTPStatus.NOT_FOUND:
                break
            page = decode_listing(_succeeded(response).body, response.media_type, CONTACTS)
            before = len(found)
            for record in page.records:
                found.setdefault(str(record[CONTACTS.id_field]), record)
            stated = page.pagination
            counted = stated.items if stated else 0
            is_last = number >= stated.pages if stated else _is_short(len(page.records))
            if is_last or len(found) == before:
                break
            number += 1
        if len(found) < counted:
            msg = f"Unleashed counts {counted} contacts of customer {guid} and gives {len(found)}"
            raise UnavailableError(msg, hint="Export again; if it stays so, export with --contacts primary.")
        for record in known:
            found.setdefault(str(record[CONTACTS.id_field]), record)
        return list(found.values())

    # --- lookups ---

    def lookup(self, resource: str) -> LookupTable | None:
        """One of Unleashed's own lists; None where this account may not read it (403) or it does not exist (404).

        SalesOrderGroups are read by `Name` or `GroupName`, whichever comes; SellPriceTiers get the `Reference` that
        customers carry.
        """
        rows = self._rows(resource)
        return None if rows is None else LookupTable(resource, [lookup_row(resource, row) for row in rows])

    def absent_fields(self) -> frozenset[str]:
        """None: every account has the same fields."""
        return frozenset()

    def _rows(self, resource: str) -> list[Record] | None:
        rows: list[Record] = []
        number = 1
        while True:
            # No query at all: 200 rows are the default, and the lists that are not paged know none.
            response = self._session.read(f"/{resource}" if number == 1 else f"/{resource}/{number}")
            if response.status in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND):
                return None if number == 1 else rows
            page = decode_lookup(_succeeded(response).body, response.media_type)
            new = [row for row in page.records if row not in rows]
            rows += new
            if page.pagination is None or number >= page.pagination.pages or not new:
                return rows
            number += 1

    # --- the session's replies ---

    def _record(self, path: str) -> Record | None:
        response = self._session.read(path)
        if response.status == HTTPStatus.NOT_FOUND:
            return None
        response = _succeeded(response)
        return decode_record(response.body, response.media_type, CUSTOMERS)


class UnleashedWriter:
    """Writes one account. Thread-safe."""

    def __init__(self, session: Session) -> None:
        """Share the session with the reader."""
        self._session = session

    def encode(self, step: Step, live: Record | None) -> WriteRequest:
        """The request for a step, pure; see `Writer.encode` and bodies.py."""
        return encode(step, live)

    def send(self, request: WriteRequest) -> Reply:
        """Send it, once; see `Writer.send`. One call."""
        response = self._session.write(request.method, request.path, request.body)
        if not response.is_success:
            raise refusal(response.status, response.body, response.media_type)
        if response.media_type == "text/html":  # also to a DELETE, where nothing else would tell
            msg = "a web page came instead of Unleashed's answer"
            raise UnavailableError(msg, hint="Check the base URL.")
        record = None
        # A DELETE says nothing, and 204 is "no content"; to everything else the record is the answer, and if it cannot
        # be read, then who knows who answered.
        if request.method != "DELETE" and response.status != HTTPStatus.NO_CONTENT:
            entity = CONTACTS if f"/{CONTACTS.record_path}" in request.path else CUSTOMERS
            record = decode_reply(response.body, response.media_type, entity)
        return Reply(
            status=response.status,
            id="" if record is None else str(record["Guid"]),
            record=record,
            server_time=response.server_time,
        )


class UnleashedLink:
    """An open connection to one account."""

    def __init__(self, session: Session, account: Account) -> None:
        """Own the session, which `close` ends."""
        self._session = session
        self.reader: Reader = UnleashedReader(session, account)
        self.writer: Writer = UnleashedWriter(session)

    def close(self) -> None:
        """Give the sockets back."""
        self._session.close()


def connect(settings: ConnectionSettings) -> UnleashedLink:
    """Open an account; no call is made. Raises UsageError and CredentialsError for settings that cannot work."""
    from bulkio.http.retry import Patience  # noqa: PLC0415 the HTTP library is loaded when it is needed
    from bulkio.http.session import Session  # noqa: PLC0415
    from bulkio.http.throttle import Throttle  # noqa: PLC0415

    session = Session(
        settings.base_url,
        headers_for(settings.credentials, settings.client_type),
        throttle=Throttle(settings.requests_per_minute or CAPABILITIES.requests_per_minute),
        patience=Patience(timeout=settings.timeout, max_wait=settings.max_wait),
        on_call=settings.on_call,
    )
    host = urlsplit(settings.base_url).hostname or settings.base_url
    return UnleashedLink(session, Account(name=host, tenant=tenant_of(settings.base_url, settings.credentials)))


UNLEASHED = Connector(
    name="unleashed",
    title="Unleashed",
    catalogue=CATALOGUE,
    capabilities=CAPABILITIES,
    credentials=(API_ID, API_KEY),
    default_url="https://api.unleashedsoftware.com",
    check_rules=check_rules,
    connect=connect,
    column_of=column_of,
)


# --- helpers ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Request:
    """A listing to ask for, page by page; `parameters` hold only what is the same raw and percent-encoded."""

    size: int
    parameters: tuple[tuple[str, str], ...]

    @property
    def query(self) -> str:
        return "&".join(f"{name}={value}" for name, value in (*self.parameters, ("pageSize", str(self.size))))

    def halved(self) -> _Request:
        return _Request(self.size // 2, self.parameters)


class _TimeRefusedError(UnavailableError):
    """The server does not understand a time of day in a filter."""


def _is_short(count: int) -> bool:
    """Whether a page without numbers is the last: it came short, and not of a length that is a server's own limit."""
    is_round = count >= 10 and count % 5 == 0  # noqa: PLR2004 no page size is smaller, and all are such numbers
    return count < _CHILD_PAGE_SIZE and not is_round


def _parameters(query: Query, *, with_time: bool = True) -> tuple[tuple[str, str], ...]:
    chosen: list[tuple[str, str]] = []
    if query.contacts is ContactScope.ALL:
        chosen.append(("includeAllContacts", "true"))
    if query.include_obsolete:
        chosen.append(("includeObsolete", "true"))
    if query.modified_since is not None:
        # The page says YYYY-MM-DD (GET 64); clients send the time as well, in UTC and without a zone, and the live
        # system was seen to understand it. Where it does not, the whole day is listed: more than asked for, never less.
        spelling = "%Y-%m-%dT%H:%M:%S" if with_time else "%Y-%m-%d"
        chosen.append(("modifiedSince", f"{query.modified_since.astimezone(UTC):{spelling}}"))
    return tuple(chosen)


def _split(records: Sequence[Record], filters: Sequence[tuple[str, str]]) -> tuple[list[Record], list[Record]]:
    """The records that hold all the filters' values, and the others. Raises UsageError for an unknown field."""
    keep, left_out = list(records), []
    for name, wanted in filters:
        field = CUSTOMERS.by_name.get(name)
        if field is None:
            msg = f"{name} is no field of {CUSTOMERS.name}"
            raise UsageError(msg)
        values = from_wire(field.kind, [wire_value(record, field.path) for record in keep])
        left_out += [record for record, value in zip(keep, values, strict=True) if value != wanted]
        keep = [record for record, value in zip(keep, values, strict=True) if value == wanted]
    return keep, left_out


def _succeeded(response: Response) -> Response:
    """The reply of a read that went well, or else the error that says why not."""
    if response.is_success:
        return response
    error = refusal(response.status, response.body, response.media_type)
    if isinstance(error, RejectedError):  # a read is never "rejected": what answers is not the API that we know
        raise UnavailableError(str(error), hint="Check the base URL.") from error
    raise error
