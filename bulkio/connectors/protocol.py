"""What every ERP offers to the workflows: Capabilities (data), Reader, Writer, Connector.

Planning is handed a Reader only, so it cannot write. `Record` is the ERP's own object as decoded from the wire: a dict
with exact numbers (Decimal, int), children nested at their entity's `record_path`, unknown properties included.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

from bulkio.core.lookup import LookupTable
from bulkio.core.request import WriteRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from bulkio.core.catalogue import Catalogue
    from bulkio.core.plan import Step
    from bulkio.core.secret import Secret
    from bulkio.errors import FieldMessage

Record = dict[str, Any]


class UpdateStyle(Enum):
    """What an update's body holds."""

    WHOLE = "whole"  # read, merge, write everything: what is left out is erased
    PATCH = "patch"  # only what changes


class Deletes(Enum):
    """What DELETE of a root record does."""

    HARD = "hard"
    SOFT = "soft"  # a flag stands in for it
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What the ERP can do, as data: the workflows ask here and never by the ERP's name.

    `page_size` is what we ask for, `max_page` what the ERP allows. `requests_per_minute` and `monthly_calls` are None
    where the ERP states none. `incremental` says that a listing can be limited to what was modified since; with
    `whole_days` that is understood to the day only, so that such a listing gives all of the day on which it begins.
    `calls_a_record` is what a complete record costs, with the lists of all its children.
    """

    update_style: UpdateStyle
    client_ids: bool
    deletes: Deletes
    page_size: int
    max_page: int
    incremental: bool
    whole_days: bool = False
    calls_a_record: int = 2
    requests_per_minute: int | None = None
    monthly_calls: int | None = None


class ContactScope(Enum):
    """Which contacts an export reads."""

    ALL = "all"
    PRIMARY = "primary"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What to list. `filters` are (field, canonical value) pairs, all of which must hold exactly.

    `page_size` asks for another page size than the connector's own.
    """

    modified_since: datetime | None = None
    include_obsolete: bool = True
    contacts: ContactScope = ContactScope.ALL
    filters: tuple[tuple[str, str], ...] = ()
    page_size: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a listing: complete records. `total` counts all records of the listing as the ERP states it.

    `server_time` is the ERP's clock (UTC) when it answered, None if it did not say. `left_out` are the ids of records
    that the ERP sent and counts, and that were then left out because the query does not want them: all ids together
    make up the total.
    """

    records: Sequence[Record]
    number: int
    pages: int
    total: int | None
    server_time: datetime | None = None
    left_out: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Which account this is: a name for people, and a fingerprint that tells it from others and reveals nothing."""

    name: str
    tenant: str


class Reader(Protocol):
    """Reads one account. Every method may raise CredentialsError, UnavailableError and RateLimitError.

    `tenant` is the account's fingerprint, known without a call.
    """

    @property
    def tenant(self) -> str:
        """The account's fingerprint: tells it from others, and reveals nothing."""

    def account(self) -> Account:
        """Which account this is. The tenant is known without a call; a name may cost one."""

    def pages(self, query: Query) -> Iterator[Page]:
        """All root records that fit, page by page, each record complete (all contacts, if asked for).

        Records may repeat when the listing shifts while it is read; the caller deduplicates by id.
        """

    def fetch(self, ids: Sequence[str], *, contacts: ContactScope = ContactScope.ALL) -> Iterator[Record]:
        """The complete records of these ids, in any order; one that does not exist is left out."""

    def find(self, keys: Sequence[str]) -> Iterator[Record] | None:
        """The complete records of these human keys; None where only a full listing can tell."""

    def children(self, entity: str, root_id: str) -> list[Record]:
        """The child records of one root record, as the ERP's own list of them gives them."""

    def lookup(self, resource: str) -> LookupTable | None:
        """One of the ERP's lists of allowed values; None where the account may not read it."""

    def absent_fields(self) -> frozenset[str]:
        """The root's fields that this account has not set up, as far as it tells; may cost a call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The ERP's answer to a write that it says it executed.

    `id` is the id of the record as the reply states it, blank if it does not. `record` is the returned record, if any.
    """

    status: int
    id: str = ""
    record: Record | None = None
    server_time: datetime | None = None


class Writer(Protocol):
    """Writes one account. `encode` is pure, so that a preview shows exactly what would be sent."""

    def encode(self, step: Step, live: Record | None) -> WriteRequest:
        """The request for a step.

        `live` is the complete root record just read (None for a create); for a child with a request of its own it
        holds the children at their `record_path`. Raises KeyError if a child that the step changes is not in `live`.
        """

    def send(self, request: WriteRequest) -> Reply:
        """Send it, once.

        Raises RejectedError (the ERP did not execute it, with its words), NotExecutedError (it never got there),
        UnavailableError (whether it was executed is unknown), RateLimitError and CredentialsError (not executed).
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A rule that a record breaks. `row` is the frame's index label, `field` the one to mark, `involved` all others.

    `others` are the labels of the records that break it together with this one; what a person calls them is added to
    the message by whoever knows the file.
    """

    entity: str
    row: int
    field: str
    message: str
    hint: str = ""
    involved: tuple[str, ...] = ()
    others: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionSettings:
    """Where and as whom to connect. Times in seconds, rates in requests a minute.

    `on_call` is told of every request that was made: (method, path, status), status 0 where no answer came.
    """

    base_url: str
    credentials: Mapping[str, Secret]
    client_type: str = "bulkio/bulkio"
    requests_per_minute: int | None = None
    timeout: float = 60.0
    max_wait: float = 120.0
    on_call: Callable[[str, str, int], None] | None = None


class Link(Protocol):
    """An open connection to one account."""

    reader: Reader
    writer: Writer

    def close(self) -> None:
        """Give the sockets back."""


@dataclass(frozen=True, kw_only=True)
class Connector:
    """One ERP: its declarations, its rules and how to connect. Data with three functions, not a base class.

    `credentials` are the names of the secrets that it needs. `check_rules` gets, per entity, the *effective* frame
    (what the record would hold after the import: canonical text, index = sheet row, all fields it knows) of the root
    records that somebody touched, with all that belongs to them, and yields what breaks a rule over several fields.
    `column_of` maps a server's field name back to a column.
    """

    name: str
    title: str
    catalogue: Catalogue
    capabilities: Capabilities
    credentials: tuple[str, ...]
    default_url: str
    check_rules: Callable[[Mapping[str, Any]], Iterator[Finding]]
    connect: Callable[[ConnectionSettings], Link]
    column_of: Callable[[str], str] = field(default=str)


def rejected_fields(messages: Sequence[FieldMessage]) -> str:
    """The ERP's words in one line."""
    return "; ".join(
        f"{message.field}: {message.message}" if message.field else message.message for message in messages
    )


__all__ = [
    "Account",
    "Capabilities",
    "ConnectionSettings",
    "Connector",
    "ContactScope",
    "Deletes",
    "Finding",
    "Link",
    "LookupTable",
    "Page",
    "Query",
    "Reader",
    "Record",
    "Reply",
    "UpdateStyle",
    "WriteRequest",
    "Writer",
    "rejected_fields",
]
