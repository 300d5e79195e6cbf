"""How records are shown: bank data masked, and some parts only to those who ask for them with `include`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bulkio.sandbox.xentral import custom_fields
from bulkio.sandbox.xentral.lookups import GROUPS, tag_color, tag_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from bulkio.sandbox.xentral.store import Child, Customer, Document

#: The server's zone: times are shown in it, and a date in a filter is a day of it (assumed).
ZONE = ZoneInfo("Europe/Berlin")

#: Parts that are absent, not empty, unless they are asked for.
INCLUDES = (
    "communication.additionalContactInformation",
    "financials.paymentMethod",
    "fulfillment.shippingMethod",
    "customFields",
    "customerRoles",
    "groups",
    "deliveryAddresses",
    "contactPersons",
    "tags",
)
CONTACT_INCLUDES = ("groups",)

_KEPT_AT_START = 4
_KEPT_AT_END = 4


def customer_view(customer: Customer, include: frozenset[str]) -> Document:
    """Make the document of a response."""
    document = dict(customer.document)
    for name in INCLUDES:
        outer, _, inner = name.partition(".")
        if inner and name not in include and inner in document[outer]:
            document[outer] = {each: value for each, value in document[outer].items() if each != inner}
    financials = document["financials"]
    document["financials"] = {**financials, "primaryBankAccount": _masked(financials["primaryBankAccount"])}
    for name, show in _COLLECTIONS.items():
        if name in include:
            document[name] = show(customer)
        else:
            document.pop(name, None)
    return {"id": str(customer.id), **document, **_times(customer)}


def address_view(address: Child, include: frozenset[str] = frozenset()) -> Document:
    """Show a delivery address; it has no times, and nothing that could be included."""
    del include
    return {"id": str(address.id), **address.document}


def contact_view(contact: Child, include: frozenset[str] = frozenset()) -> Document:
    """Show a contact person."""
    document = {**contact.document, "groups": _groups(contact.document["groups"])}
    if "groups" not in include:
        del document["groups"]
    return {"id": str(contact.id), **document, **_times(contact)}


def _times(record: Customer | Child) -> Document:
    return {"createdAt": moment(record.created), "updatedAt": moment(record.updated)}


def moment(time: datetime) -> str:
    """Spell a time: ISO 8601, whole seconds, with the zone's offset."""
    return time.astimezone(ZONE).isoformat()


def _groups(ids: list[str]) -> list[Document]:
    return [{"id": each, "name": GROUPS[each]} for each in ids]


def _tags(titles: list[str]) -> list[Document]:
    return [{"id": tag_id(each), "title": each, "color": tag_color(each)} for each in titles]


#: Inline collections are whole, however many there are (measured).
_COLLECTIONS: Mapping[str, Callable[[Customer], list[Any]]] = {
    "customFields": lambda customer: custom_fields.shown(customer.document["customFields"]),
    "customerRoles": lambda customer: customer.document["customerRoles"],
    "groups": lambda customer: _groups(customer.document["groups"]),
    "tags": lambda customer: _tags(customer.document["tags"]),
    "deliveryAddresses": lambda customer: [address_view(each) for each in customer.addresses],
    # Their groups are a collection of the inline collection: shown with it (assumed).
    "contactPersons": lambda customer: [contact_view(each, frozenset(CONTACT_INCLUDES)) for each in customer.contacts],
}


def _masked(account: Document) -> Document:
    """Mask as the description's examples do; only a scope that this token lacks would show the rest."""
    masked = {name: mask(account[name]) if account[name] else account[name] for name, mask in _MASKS.items()}
    sepa = account["sepa"]
    reference = sepa["mandateReference"]
    return {**masked, "sepa": {**sepa, "mandateReference": reference and _start(reference)}}


def _start(text: str) -> str:
    return text[:3] + "*" * len(text[3:])


def _end(text: str) -> str:
    return "*" * len(text[:-_KEPT_AT_END]) + text[-_KEPT_AT_END:]


def _both(text: str) -> str:
    return text[:_KEPT_AT_START] + _end(text[_KEPT_AT_START:])


_MASKS: Mapping[str, Callable[[str], str]] = {
    "bankName": _start,
    "accountHolder": _start,
    "iban": _both,
    "bic": _end,
}
