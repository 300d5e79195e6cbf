"""The customers that the sandbox holds: by Guid, by code, and indexed for paging."""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bulkio.sandbox.records import Records
from bulkio.sandbox.unleashed.instant import TICKS_PER_MILLISECOND, Instant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from bulkio.sandbox.records import Journal

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


class Store(Records[str, Customer]):
    """All customers, by Guid, by code and in order."""

    def __init__(self, customers: Iterable[Customer], journal: Journal[Customer] | None = None) -> None:
        """Hold these; with a journal every write is kept there first."""
        super().__init__(customers, lambda customer: customer.guid, journal)
        self._codes = {customer.code.casefold(): customer.guid for customer in self._records.values()}
        self._orders: dict[str, list[tuple[Any, str, str]]] = {}
        self._latest = max((each.document["LastModifiedOn"].ticks for each in self._records.values()), default=0)

    def now(self) -> Instant:
        """Take the time of a write: later than every earlier one, by a millisecond at least."""
        with self.lock:
            self._latest = max(Instant.now().ticks, self._latest + TICKS_PER_MILLISECOND)
            return Instant(self._latest)

    def by_code(self, code: str) -> Customer | None:
        """Find the customer that has this code, in any case."""
        with self.lock:
            guid = self._codes.get(code.casefold())
            return None if guid is None else self._records[guid]

    def ordered(self, order: str) -> list[Customer]:
        """All customers, ascending; the index is built once and then maintained."""
        with self.lock:
            if order not in self._orders:
                self._orders[order] = sorted(map(ORDERS[order], self._records.values()))
            return [self._records[guid] for _, _, guid in self._orders[order]]

    def put(self, customer: Customer) -> None:
        """Insert or replace one; it is in the state file when this returns."""
        with self.lock:
            old = self._records.get(customer.guid)
            super().put(customer)
            self._codes[customer.code.casefold()] = customer.guid
            for name, keys in self._orders.items():
                if old is not None:
                    del keys[bisect_left(keys, ORDERS[name](old))]
                insort(keys, ORDERS[name](customer))
