"""A look into Xentral's data, past the API: what is really stored, and a colleague's edit in between."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bulkio.sandbox.xentral.writing import deleted

if TYPE_CHECKING:
    from bulkio.sandbox.xentral.store import Child, Customer, Store

Document = dict[str, Any]


class XentralInspection:
    """Copies of what is stored.

    As the API shows it, with everything included, except that bank data are unmasked, groups stand as ids, tags as
    titles, custom fields by key, and times as aware datetimes. Customers are found by number, or by id as an integer.
    """

    def __init__(self, store: Store) -> None:
        """Look into `store`."""
        self._store = store

    def customers(self) -> list[Document]:
        """All customers that are not deleted, in the order of their ids."""
        return [_document(customer) for customer in self._store.living()]

    def customer(self, number_or_id: str | int) -> Document:
        """One customer; KeyError if there is none, or it was deleted."""
        return _document(self._found(number_or_id))

    def edit(self, number_or_id: str | int, **changes: Any) -> Document:
        """Change fields as a colleague would in the ERP itself, past every rule; KeyError for unknown ones.

        A nested field is named by its path: `edit("10001", **{"primaryAddress.city": "Ulm",
        "contactPersons.0.name": "Ada"})`.
        """
        with self._store.lock:
            customer = self._found(number_or_id)
            document = _plain(customer)
            for path, value in changes.items():
                _set(document, path.split("."), value)
            edited = replace(
                customer,
                addresses=_with_documents(customer.addresses, document.pop("deliveryAddresses")),
                contacts=_with_documents(customer.contacts, document.pop("contactPersons")),
                document=document,
                updated=self._store.now(),
            )
            self._store.put(edited)
        return _document(edited)

    def delete(self, number_or_id: str | int) -> None:
        """Delete one as a colleague would; KeyError if there is none."""
        with self._store.lock:
            self._store.put(deleted(self._found(number_or_id), self._store.now()))

    def _found(self, number_or_id: str | int) -> Customer:
        if isinstance(number_or_id, int):
            customer = self._store.get(number_or_id)
        else:
            customer = self._store.by_number(number_or_id)
        if customer is None or customer.is_deleted:
            raise KeyError(number_or_id)
        return customer


def _plain(customer: Customer) -> Document:
    children = {
        "deliveryAddresses": [each.document for each in customer.addresses],
        "contactPersons": [each.document for each in customer.contacts],
    }
    return copy.deepcopy({**customer.document, **children})


def _document(customer: Customer) -> Document:
    document = _plain(customer)
    for name, children in (("deliveryAddresses", customer.addresses), ("contactPersons", customer.contacts)):
        document[name] = [{"id": str(child.id), **inner} for child, inner in zip(children, document[name], strict=True)]
    return {"id": str(customer.id), **document, "createdAt": customer.created, "updatedAt": customer.updated}


def _with_documents(children: tuple[Child, ...], documents: list[Document]) -> tuple[Child, ...]:
    return tuple(replace(child, document=document) for child, document in zip(children, documents, strict=True))


def _set(document: Any, path: list[str], value: object) -> None:
    name, *rest = path
    place: Any = int(name) if isinstance(document, list) else name
    if not isinstance(document, list) and name not in document:
        raise KeyError(name)
    if rest:
        _set(document[place], rest, value)
    else:
        document[place] = value
