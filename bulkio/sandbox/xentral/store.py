"""The customers that the sandbox holds, deleted ones too, and the numbers that it gives away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bulkio.sandbox.records import Records

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bulkio.sandbox.records import Journal

Document = dict[str, Any]

_SECOND = timedelta(seconds=1)
_FIRST_NUMBER = 10_000
_LONGEST_RUNNING_NUMBER = 9  # digits; longer ones are not from the number range


@dataclass(frozen=True, slots=True)
class Child:
    """One delivery address or contact person. Ids are shared by neither the customers nor each other."""

    id: int
    document: Document
    created: datetime
    updated: datetime


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer: what can be written of it, in the response's order, and what cannot.

    Groups are kept as ids, tags as titles, custom fields by key; bank data as they are, unmasked.
    """

    id: int
    document: Document
    created: datetime
    updated: datetime
    addresses: tuple[Child, ...] = ()
    contacts: tuple[Child, ...] = ()
    is_deleted: bool = False
    is_write_protected: bool = False

    @property
    def number(self) -> str:
        """Its key for people."""
        return str(self.document["number"])


class Store(Records[int, Customer]):
    """All customers, by id and by number. Numbers are the same in any case, as in the vendor's database (assumed)."""

    def __init__(self, customers: Iterable[Customer], journal: Journal[Customer] | None = None) -> None:
        """Hold these; with a journal every write is kept there first."""
        super().__init__(customers, lambda customer: customer.id, journal)
        self._numbers: dict[str, int] = {}
        self._latest = datetime.min.replace(tzinfo=UTC)
        self._customer_id = self._address_id = self._contact_id = 0
        self._number = _FIRST_NUMBER
        for customer in self._records.values():
            self._index(customer)

    def now(self) -> datetime:
        """Take the time of a write: in whole seconds, as responses show it, and later than every earlier one.

        A live system may well write twice in a second; here that would make tests depend on their speed.
        """
        with self.lock:
            now = datetime.now(UTC).replace(microsecond=0)
            self._latest = max(now, self._latest + _SECOND)
            return self._latest

    def living(self) -> list[Customer]:
        """All customers that are not deleted, in the order of their ids."""
        with self.lock:
            return [customer for customer in self._records.values() if not customer.is_deleted]

    def by_number(self, number: str) -> Customer | None:
        """Find the living customer that has this number."""
        with self.lock:
            found = self._numbers.get(number.casefold())
            return None if found is None else self._records[found]

    def put(self, customer: Customer) -> None:
        """Insert or replace one; a deleted customer's number is free again (assumed)."""
        with self.lock:
            old = self._records.get(customer.id)
            super().put(customer)
            if old is not None:
                self._numbers.pop(old.number.casefold(), None)
            self._index(customer)

    def next_customer_id(self) -> int:
        """Give away an id."""
        self._customer_id += 1
        return self._customer_id

    def next_address_id(self) -> int:
        """Give away an id."""
        self._address_id += 1
        return self._address_id

    def next_contact_id(self) -> int:
        """Give away an id."""
        self._contact_id += 1
        return self._contact_id

    def next_number(self) -> str:
        """Take a customer number from the number range: one more than the highest."""
        self._number += 1
        return str(self._number)

    def _index(self, customer: Customer) -> None:
        if not customer.is_deleted:
            self._numbers[customer.number.casefold()] = customer.id
        self._latest = max(self._latest, customer.updated)
        self._customer_id = max(self._customer_id, customer.id)
        self._address_id = max((self._address_id, *(each.id for each in customer.addresses)))
        self._contact_id = max((self._contact_id, *(each.id for each in customer.contacts)))
        digits = customer.number
        if digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_RUNNING_NUMBER:
            self._number = max(self._number, int(digits))
