"""Xentral's Connector: how to list, fetch and write, with the traps of its API in one place.

- What an `include` did not bring is absent, not blank: it is then asked for once more, record by record.
- Filters match more than they say (any case, part of it), so what they bring is compared here once more.
- Filters by time take a date only, of an unknown time zone: a day more is listed, and the rest left out here.
- A create is answered with the new record, or with nothing but its address.
- Customers are deleted by V1 (`DELETE /api/v1/customers/{id}`); all else is V3.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

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
from bulkio.connectors.xentral.auth import TOKEN, headers_for, tenant_of
from bulkio.connectors.xentral.bodies import CUSTOMERS_PATH, encode, segment
from bulkio.connectors.xentral.catalogue import ADDRESSES, CATALOGUE, CONTACTS, CUSTOM_FIELD, CUSTOMERS
from bulkio.connectors.xentral.paging import (
    NotThereError,
    RefusedQueryError,
    filter_by,
    query_text,
    succeeded,
    walk,
)
from bulkio.connectors.xentral.refusals import column_of, refusal
from bulkio.connectors.xentral.rules import check_rules
from bulkio.connectors.xentral.wire import decode_keys, decode_record
from bulkio.core.kinds import as_datetime
from bulkio.core.records import canonical, identity
from bulkio.errors import UnavailableError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from bulkio.connectors.protocol import Reader, Writer
    from bulkio.connectors.xentral.paging import Parameters
    from bulkio.core.catalogue import Entity
    from bulkio.core.plan import Step
    from bulkio.http.session import Session

#: What is in a customer only if it is asked for.
_INCLUDES = (
    "financials.paymentMethod",
    "fulfillment.shippingMethod",
    "customFields",
    "groups",
    "tags",
    ADDRESSES.record_path,
)

#: Filters by time take dates, and whose midnight is meant is not said: no zone is further away than this.
_DATE_SLACK = timedelta(days=1)

_CUSTOM_FIELDS_PATH = "/api/v2/settings/masterdata/addressCustomFields"
_LOCATION = re.compile(r".*/customers(?:/[0-9]+/(?:deliveryAddresses|contactPersons))?/([0-9]+)")

CAPABILITIES = Capabilities(
    update_style=UpdateStyle.PATCH,
    client_ids=False,
    deletes=Deletes.HARD,
    page_size=100,
    max_page=100,
    incremental=True,
    whole_days=True,
    calls_a_record=1,
    requests_per_minute=100,  # "any plan"; the vendor calls the number likely to change
    monthly_calls=None,
)


class XentralReader:
    """Reads one account. Thread-safe: it keeps nothing but the session, and which includes are never answered."""

    def __init__(self, session: Session, account: Account) -> None:
        """`account` is named after its host; the API tells no name."""
        self._session = session
        self._account = account
        self._never_answered: frozenset[str] = frozenset()

    @property
    def tenant(self) -> str:
        """The account's fingerprint, without a call."""
        return self._account.tenant

    def account(self) -> Account:
        """The account, without a call."""
        return self._account

    # --- listing ---

    def pages(self, query: Query) -> Iterator[Page]:
        """All customers that fit; see `Reader.pages`. One call a page, and one more per record that came incomplete.

        Of a listing by time, more has to be asked for than is wanted; the rest is left out here.
        """
        unknown = [name for name, _ in query.filters if name not in CUSTOMERS.by_name]
        if unknown:
            msg = f"{unknown[0]} is no field of {CUSTOMERS.name}"
            raise UsageError(msg)
        walked = self._walk(query) if query.modified_since is None else self._since(query, query.modified_since)
        for page in walked:
            yield _narrowed(page, query)

    def _walk(self, query: Query, filters: Parameters = ()) -> Iterator[Page]:
        size = max(1, min(query.page_size or CAPABILITIES.page_size, CAPABILITIES.max_page))
        parameters = [("perPage", str(size)), ("include", ",".join(_includes(query.contacts))), *filters]
        for page in walk(self._session, CUSTOMERS_PATH, parameters, CUSTOMERS):
            yield replace(page, records=[self._complete(record, query.contacts) for record in page.records])

    def _since(self, query: Query, moment: datetime) -> Iterator[Page]:
        """The listing, filtered by day where the server can do that; else all of it."""
        day = (moment.astimezone(UTC) - _DATE_SLACK).date().isoformat()
        pages = self._walk(query, filter_by("updatedAt", "greaterThanOrEquals", day))
        try:
            first = next(pages)
        except RefusedQueryError:
            pages = self._walk(query)
            first = next(pages)
        yield first
        yield from pages

    # --- complete records ---

    def _complete(self, record: Record, contacts: ContactScope) -> Record:
        """The record with what it was asked to include; what does not come even then stays absent, or has its own list.

        Whatever does not come with the record alone either is not asked for again.
        """
        missing = self._missing(record, contacts) - self._never_answered
        if missing:
            alone = self._view(identity(CUSTOMERS, record), contacts)
            if alone is None:
                return record  # it was deleted meanwhile
            record = alone
            self._never_answered |= self._missing(record, contacts)
        return self._with_children(record, contacts)

    def _missing(self, record: Record, contacts: ContactScope) -> frozenset[str]:
        tops = {include.partition(".")[0] for include in _includes(contacts) if "." not in include}
        return frozenset(tops - record.keys())

    def _with_children(self, record: Record, contacts: ContactScope) -> Record:
        wanted = [ADDRESSES, *([CONTACTS] if contacts is ContactScope.ALL else [])]
        lacking = [entity for entity in wanted if entity.record_path not in record]
        lists = {entity.record_path: self.children(entity.name, identity(CUSTOMERS, record)) for entity in lacking}
        return {**record, **lists} if lists else record

    def _view(self, identifier: str, contacts: ContactScope) -> Record | None:
        query = query_text([("include", ",".join(_includes(contacts)))])
        response = self._session.read(f"{CUSTOMERS_PATH}/{segment(identifier)}", query)
        if response.status == HTTPStatus.NOT_FOUND:
            return None
        return decode_record(succeeded(response).body, CUSTOMERS)

    def fetch(self, ids: Sequence[str], *, contacts: ContactScope = ContactScope.ALL) -> Iterator[Record]:
        """The complete customers of these ids; see `Reader.fetch`. One call each."""
        for identifier in ids:
            try:
                record = self._view(segment(identifier), contacts)
            except ValueError:
                continue  # what is no id names no customer
            if record is not None:
                yield self._with_children(record, contacts)

    def find(self, keys: Sequence[str]) -> Iterator[Record] | None:
        """The customers of these numbers, and those whose number differs by case alone. One call a key, as a rule."""
        return self._find(keys)

    def _find(self, keys: Sequence[str]) -> Iterator[Record]:
        (name,) = CUSTOMERS.key_fields
        for key in dict.fromkeys(keys):
            for page in self._walk(Query(), filter_by(name, "equals", key)):
                for record in page.records:
                    if canonical(CUSTOMERS, record, name).strip().casefold() == key.strip().casefold():
                        yield record
                if any(canonical(CUSTOMERS, record, name) == key for record in page.records):
                    break

    def children(self, entity: str, root_id: str) -> list[Record]:
        """The addresses or the contacts of a customer, from their own list; none for an unknown id."""
        child = CATALOGUE.by_name[entity]
        parameters = [("perPage", str(CAPABILITIES.max_page))]
        if child is CONTACTS:
            parameters.append(("include", "groups"))
        found: dict[str, Record] = {}
        stated: int | None = None
        try:
            path = f"{CUSTOMERS_PATH}/{segment(root_id)}/{child.record_path}"
            for page in walk(self._session, path, parameters, child):
                found |= {identity(child, record): record for record in page.records}
                stated = page.total
        except (NotThereError, ValueError):
            return []
        if stated is not None and len(found) < stated:
            msg = f"Xentral counts {stated} {child.name.lower()} of customer {root_id} and gives {len(found)}"
            raise UnavailableError(msg, hint="Try again.")
        return list(found.values())

    # --- what the account has ---

    def lookup(self, resource: str) -> LookupTable | None:
        """None: the API documents no list of allowed values for any of the fields."""
        del resource
        return None

    def absent_fields(self) -> frozenset[str]:
        """The custom fields that the account has not set up; none where its settings may not be read. One call."""
        response = self._session.read(_CUSTOM_FIELDS_PATH)
        if not response.is_success:
            return frozenset()
        known = decode_keys(response.body)
        declared = {field.name for field in CUSTOMERS.fields if field.path[0] == CUSTOM_FIELD}
        return frozenset(declared - known) if known else frozenset()


class XentralWriter:
    """Writes one account. Thread-safe."""

    def __init__(self, session: Session, base_url: str) -> None:
        """Share the session with the reader."""
        self._session = session
        self._base_url = base_url

    def encode(self, step: Step, live: Record | None) -> WriteRequest:
        """The request for a step, pure; see `Writer.encode` and bodies.py."""
        return encode(step, live)

    def send(self, request: WriteRequest) -> Reply:
        """Send it, once; see `Writer.send`. One call."""
        response = self._session.write(request.method, request.path, request.body)
        if not response.is_success:
            raise refusal(response.status, response.body)
        if response.media_type == "text/html" and response.body.strip():
            msg = "a web page came instead of Xentral's answer"
            raise UnavailableError(msg, hint="Check the base URL.")
        record: Record | None = None
        entity = _entity_of(request.path)
        if request.method != "DELETE" and response.body.strip():
            record = decode_record(response.body, entity)
        created = "" if request.method != "POST" else self._located(response.headers.get("location", ""))
        return Reply(
            status=response.status,
            id=identity(entity, record) if record is not None else created,
            record=record,
            server_time=response.server_time,
        )

    def _located(self, location: str) -> str:
        """The id at the end of a new record's address; blank if it is none of this account's."""
        if not location:
            return ""
        try:
            here, there = urlsplit(self._base_url), urlsplit(urljoin(self._base_url, location))
            is_ours = (here.scheme, here.hostname, here.port) == (there.scheme, there.hostname, there.port)
        except ValueError:
            return ""
        found = _LOCATION.fullmatch(there.path.rstrip("/"))
        return found[1] if found and is_ours else ""


class XentralLink:
    """An open connection to one account."""

    def __init__(self, session: Session, account: Account, base_url: str) -> None:
        """Own the session, which `close` ends."""
        self._session = session
        self.reader: Reader = XentralReader(session, account)
        self.writer: Writer = XentralWriter(session, base_url)

    def close(self) -> None:
        """Give the sockets back."""
        self._session.close()


def connect(settings: ConnectionSettings) -> XentralLink:
    """Open an account; no call is made. Raises UsageError and CredentialsError for settings that cannot work."""
    from bulkio.http.retry import Patience  # noqa: PLC0415 the HTTP library is loaded when it is needed
    from bulkio.http.session import Session  # noqa: PLC0415
    from bulkio.http.throttle import Throttle  # noqa: PLC0415

    if not settings.base_url:
        msg = "the profile has no base_url, and every Xentral account has an address of its own"
        raise UsageError(msg, hint="Set base_url to https://YOURNAME.xentral.biz.")
    session = Session(
        settings.base_url,
        headers_for(settings.credentials),
        throttle=Throttle(settings.requests_per_minute or CAPABILITIES.requests_per_minute),
        patience=Patience(timeout=settings.timeout, max_wait=settings.max_wait),
        on_call=settings.on_call,
    )
    host = urlsplit(settings.base_url).hostname or settings.base_url
    return XentralLink(session, Account(name=host, tenant=tenant_of(settings.base_url)), settings.base_url)


XENTRAL = Connector(
    name="xentral",
    title="Xentral",
    catalogue=CATALOGUE,
    capabilities=CAPABILITIES,
    credentials=(TOKEN,),
    default_url="",  # every account has its own
    check_rules=check_rules,
    connect=connect,
    column_of=column_of,
)


# --- helpers ----------------------------------------------------------------------------------------------------------


def _includes(contacts: ContactScope) -> tuple[str, ...]:
    """What to include. No contact person is the primary one; that one is part of the primary address."""
    return (*_INCLUDES, CONTACTS.record_path) if contacts is ContactScope.ALL else _INCLUDES


def _narrowed(page: Page, query: Query) -> Page:
    """The page with the records that were modified since and hold all the filters' values; the others are left out."""
    keep: list[Record] = []
    left_out: list[str] = []
    for record in page.records:
        fits = all(canonical(CUSTOMERS, record, name) == wanted for name, wanted in query.filters)
        if fits and _is_since(record, query.modified_since):
            keep.append(record)
        else:
            left_out.append(identity(CUSTOMERS, record))
    return replace(page, records=keep, left_out=left_out)


def _is_since(record: Record, moment: datetime | None) -> bool:
    """Whether it was modified since; one that does not say when is not left out."""
    modified = as_datetime(canonical(CUSTOMERS, record, CUSTOMERS.modified_field))
    return moment is None or modified is None or modified >= moment


def _entity_of(path: str) -> Entity:
    return next((child for child in CATALOGUE.children if f"/{child.record_path}" in path), CUSTOMERS)
