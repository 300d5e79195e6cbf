"""What a write makes of a record. A PATCH merges, however deep: what a body leaves out stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bulkio.sandbox.xentral.blank import BLANK_ADDRESS, blank_contact, blank_customer, blank_delivery_address
from bulkio.sandbox.xentral.store import Child, Customer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from bulkio.sandbox.xentral.store import Document, Store

Merge = Callable[[Any, Any], Any]


def created_customer(values: Mapping[str, Any], store: Store) -> Customer:
    """Make the customer that a checked body describes; the number is kept as it is (measured), or drawn."""
    now = store.now()
    document = merged(blank_customer(), values, _CUSTOMER_RULES)
    document["number"] = values.get("number") or store.next_number()
    # "Only roles that are currently active", says the description; when updating it does not say so.
    document["customerRoles"] = [each for each in document["customerRoles"] if _is_active(each, now.date())]
    return Customer(store.next_customer_id(), document, now, now)


def updated_customer(old: Customer, values: Mapping[str, Any], now: datetime) -> Customer:
    """Merge a checked body into a customer. Even a body that changes nothing is a write (assumed)."""
    return replace(old, document=merged(old.document, values, _CUSTOMER_RULES), updated=now)


def deleted(customer: Customer, now: datetime) -> Customer:
    """Delete a customer with all that belongs to it; the record stays, out of sight."""
    return replace(customer, is_deleted=True, updated=now)


def with_address(customer: Customer, address: Child) -> Customer:
    """Put a delivery address among a customer's; a new default takes the place of the old one (assumed).

    `updatedAt` is the customer's own: its addresses and contacts do not move it (assumed). So whoever asks for what
    changed since a date does not see them.
    """
    others = customer.addresses
    if address.document["deliveryDetails"]["defaultDeliveryAddress"]:
        others = tuple(_without_default(each) for each in others)
    return replace(customer, addresses=_with(others, address))


def with_contact(customer: Customer, contact: Child) -> Customer:
    """Put a contact person among a customer's."""
    return replace(customer, contacts=_with(customer.contacts, contact))


def without_address(customer: Customer, address: Child) -> Customer:
    """Take a delivery address away; if it was the default, there is none any more (assumed)."""
    return replace(customer, addresses=_without(customer.addresses, address))


def without_contact(customer: Customer, contact: Child) -> Customer:
    """Take a contact person away."""
    return replace(customer, contacts=_without(customer.contacts, contact))


def written_address(values: Mapping[str, Any], old: Child | None, store: Store) -> Child:
    """Make the delivery address that a checked body describes; `old` is the one that it changes."""
    now = store.now()
    if old is None:
        return Child(store.next_address_id(), merged(blank_delivery_address(), values, {}), now, now)
    return replace(old, document=merged(old.document, values, {}), updated=now)


def written_contact(values: Mapping[str, Any], old: Child | None, store: Store) -> Child:
    """Make the contact person that a checked body describes; `old` is the one that it changes."""
    now = store.now()
    before = blank_contact() if old is None else old.document
    document = merged(before, values, _CONTACT_RULES)
    if old is None:
        return Child(store.next_contact_id(), document, now, now)
    return replace(old, document=document, updated=now)


def merged(old: Document | None, values: Mapping[str, Any], rules: Mapping[str, Merge], prefix: str = "") -> Document:
    """Merge `values` into a copy of `old`; `rules` say by path how collections are merged."""
    document = dict(old or {})
    for name, value in values.items():
        path = prefix + name
        before = document.get(name)
        if path in rules:
            document[name] = rules[path](before, value)
        elif isinstance(value, dict):
            document[name] = merged(before or _BLANKS.get(path), value, rules, f"{path}.")
        else:
            document[name] = value
    return document


#: What an object starts from when there was none.
_BLANKS: Mapping[str, Document] = {
    "primaryAddress": BLANK_ADDRESS,
    "deviatingBillingAddress": BLANK_ADDRESS,
    "salesManager": {"commission": None},
}


def _upsert_contact_information(old: list[Document] | None, new: list[Document]) -> list[Document]:
    """Entries are added or overwritten by their key; a null deletes one (the description)."""
    by_key = {each["key"]: each for each in [*(old or []), *new]}
    return [each for each in by_key.values() if each["value"] is not None]


def _upsert_roles(old: list[Document], new: list[Document]) -> list[Document]:
    """Roles are added, or overwritten by their project; none can be taken away (the description: "upserted")."""
    by_project = {_project(each): each for each in [*old, *({**_BLANK_ROLE, **each} for each in new)]}
    return list(by_project.values())


_BLANK_ROLE: Document = {"project": None, "validFrom": None, "expiresAt": None}


def _project(role: Document) -> str | None:
    project = role["project"]
    return project and str(project["id"])


def _is_active(role: Document, today: date) -> bool:
    day = today.isoformat()
    return (role["validFrom"] or day) <= day <= (role["expiresAt"] or day)


def _ids(old: list[str], new: list[Document]) -> list[str]:
    """Groups are replaced; an empty list clears them (the description, of contact persons)."""
    del old
    return list(dict.fromkeys(each["id"] for each in new))


def _titles(old: list[str], new: list[Document]) -> list[str]:
    """Tags are replaced (assumed)."""
    del old
    return list(dict.fromkeys(each["title"] for each in new))


def _update(old: Document, new: Document) -> Document:
    return old | new


def _upper(old: str | None, new: str | None) -> str | None:
    """A contact person's language is put into capitals (the description)."""
    del old
    return new and new.upper()


_CONTACT_RULES: Mapping[str, Merge] = {"groups": _ids, "contactPersonDetails.language": _upper}
_CUSTOMER_RULES: Mapping[str, Merge] = {
    "communication.additionalContactInformation": _upsert_contact_information,
    "customerRoles": _upsert_roles,
    "customFields": _update,
    "groups": _ids,
    "tags": _titles,
}


def _with(children: tuple[Child, ...], child: Child) -> tuple[Child, ...]:
    if all(each.id != child.id for each in children):
        return (*children, child)
    return tuple(child if each.id == child.id else each for each in children)


def _without(children: tuple[Child, ...], child: Child) -> tuple[Child, ...]:
    return tuple(each for each in children if each.id != child.id)


def _without_default(address: Child) -> Child:
    details = {**address.document["deliveryDetails"], "defaultDeliveryAddress": False}
    return replace(address, document={**address.document, "deliveryDetails": details})
