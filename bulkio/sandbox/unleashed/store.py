"""The customers that the sandbox holds: in memory, indexed for paging, and mirrored into a state file if there is one.

Records are never changed in place: a write replaces the whole `Customer`. So what a reader got stays what it was.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, insort
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from bulkio.sandbox.unleashed.instant import TICKS_PER_MILLISECOND, Instant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact: what the API shows of it, and the two dates that it can be ordered by."""

    document: Document
    created: Instant
    modified: Instant

    @property
    def guid(self) -> str:
        """Its identity."""
        return str(self.document["Guid"])

    @property
    def is_default(self) -> bool:
        """Whether it is the customer's primary contact."""
        return bool(self.document["IsDefault"])


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer: its document in the response's order (`Contacts` is filled in when it is shown), its contacts."""

    document: Document
    contacts: tuple[Contact, ...] = ()

    @property
    def guid(self) -> str:
        """Its identity."""
        return str(self.document["Guid"])

    @property
    def code(self) -> str:
        """Its key for people."""
        return str(self.document["CustomerCode"])

    @property
    def primary_contact(self) -> Contact | None:
        """The default contact, if it has contacts."""
        return next((contact for contact in self.contacts if contact.is_default), None)

    def with_contacts(self, contacts: Iterable[Contact]) -> Customer:
        """Copy the customer with other contacts."""
        return replace(self, contacts=tuple(contacts))


#: What a list can be ordered by; ties are broken by Guid, so that pages never overlap.
#: Codes are compared as the vendor's database does by default: without regard to case.
ORDERS: Mapping[str, Callable[[Customer], tuple[Any, str, str]]] = {
    "CustomerCode": lambda customer: (customer.code.casefold(), customer.code, customer.guid),
    "CreatedOn": lambda customer: (customer.document["CreatedOn"].ticks, "", customer.guid),
    "LastModifiedOn": lambda customer: (customer.document["LastModifiedOn"].ticks, "", customer.guid),
}


class Journal(Protocol):
    """Where every written customer is kept before the reply leaves."""

    def save(self, customer: Customer) -> None:
        """Keep it durably."""


class Store:
    """All customers, by Guid, by code and in order. Safe to ask from any thread."""

    def __init__(self, customers: Iterable[Customer], journal: Journal | None = None) -> None:
        """Hold these; with a journal every write is kept there first."""
        self._customers = {customer.guid: customer for customer in customers}
        self._codes = {customer.code.casefold(): customer.guid for customer in self._customers.values()}
        self._orders: dict[str, list[tuple[Any, str, str]]] = {}
        self._before: dict[str, Customer | None] = {}
        self._journal = journal
        self._latest = max((each.document["LastModifiedOn"].ticks for each in self._customers.values()), default=0)
        self.version = 0
        self.lock = threading.RLock()

    def now(self) -> Instant:
        """Take the time of a write: later than every earlier one, by a millisecond at least."""
        with self.lock:
            self._latest = max(Instant.now().ticks, self._latest + TICKS_PER_MILLISECOND)
            return Instant(self._latest)

    def get(self, guid: str, *, stale: bool = False) -> Customer | None:
        """One customer; with `stale`, as it was before its last write."""
        with self.lock:
            if stale and guid in self._before:
                return self._before[guid]
            return self._customers.get(guid)

    def by_code(self, code: str) -> Customer | None:
        """Find the customer that has this code, in any case."""
        with self.lock:
            guid = self._codes.get(code.casefold())
            return None if guid is None else self._customers[guid]

    def ordered(self, order: str) -> list[Customer]:
        """All customers, ascending; the index is built once and then maintained."""
        with self.lock:
            if order not in self._orders:
                self._orders[order] = sorted(map(ORDERS[order], self._customers.values()))
            return [self._customers[guid] for _, _, guid in self._orders[order]]

    def put(self, customer: Customer) -> None:
        """Insert or replace one; it is in the state file when this returns."""
        with self.lock:
            old = self._customers.get(customer.guid)
            if self._journal is not None:
                self._journal.save(customer)
            self._before[customer.guid] = old
            self._customers[customer.guid] = customer
            self._codes[customer.code.casefold()] = customer.guid
            for name, keys in self._orders.items():
                if old is not None:
                    del keys[bisect_left(keys, ORDERS[name](old))]
                insort(keys, ORDERS[name](customer))
            self.version += 1
