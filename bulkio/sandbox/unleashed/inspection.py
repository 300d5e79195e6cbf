"""A look into a running sandbox's data, past the API: what is really stored, and a colleague's edit in between."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from bulkio.sandbox.unleashed.instant import Instant
from bulkio.sandbox.unleashed.writing import touched

if TYPE_CHECKING:
    from bulkio.sandbox.unleashed.store import Customer, Store

Document = dict[str, Any]


class StoreInspection:
    """Copies of what is stored: times as aware datetimes, decimals as Decimal, all contacts under `Contacts`."""

    def __init__(self, store: Store) -> None:
        """Look into `store`."""
        self._store = store

    def customers(self) -> list[Document]:
        """All customers, obsolete ones too, in the order of their codes."""
        return [_copied(customer) for customer in self._store.ordered("CustomerCode")]

    def customer(self, code_or_guid: str) -> Document:
        """One customer; KeyError if there is none."""
        return _copied(self._found(code_or_guid))

    def edit(self, code_or_guid: str, **changes: Any) -> Document:
        """Change plain fields as a colleague would in the ERP itself, past every rule; KeyError for unknown ones."""
        with self._store.lock:
            customer = self._found(code_or_guid)
            if unknown := changes.keys() - customer.document.keys():
                raise KeyError(*unknown)
            edited = touched(customer, self._store.now())
            edited.document.update(changes, LastModifiedBy="colleague@example.com")
            self._store.put(edited)
        return _copied(edited)

    def _found(self, code_or_guid: str) -> Customer:
        customer = self._store.get(code_or_guid.lower()) or self._store.by_code(code_or_guid)
        if customer is None:
            raise KeyError(code_or_guid)
        return customer


def _copied(customer: Customer) -> Document:
    document: Document = _plain(customer.document)
    document["Contacts"] = [_plain(contact.document) for contact in customer.contacts]
    return document


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case list():
            return [_plain(each) for each in value]
        case Instant():
            return value.moment
        case _:
            return copy.copy(value)
