"""What a write makes of a record. There are no partial updates: whatever a body leaves out is blanked (observed).

The page's exceptions: CustomerCode and Guid stay, DeliveryInstruction stays unless it is given (line 684).
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bulkio.core.catalogue import Kind
from bulkio.sandbox.unleashed import lookups
from bulkio.sandbox.unleashed.shapes import (
    ADDRESS_BODY,
    ADDRESS_ORDER,
    BOOLEAN_FIELDS,
    CONTACT_BODY,
    CONTACT_ORDER,
    CUSTOMER_BODY,
    CUSTOMER_ORDER,
    PRIMARY_CONTACT,
    UNDOCUMENTED,
)
from bulkio.sandbox.unleashed.store import Contact, Customer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bulkio.sandbox.unleashed.instant import Instant
    from bulkio.sandbox.unleashed.store import Document

#: Who wrote it, for CreatedBy and LastModifiedBy.
API_USER = "api@sandbox.example.com"

#: No body may carry these, so no update changes them.
_KEPT = ("CreatedBy", "CreatedOn", "Guid", "CustomerCode", "Reminder", *UNDOCUMENTED)


def written_customer(
    values: Mapping[str, Any], old: Customer | None, guid: str, now: Instant, *, keep_omitted_addresses: bool = False
) -> Customer:
    """Make the customer that a checked body describes; `old` is the one it replaces."""
    document: Document = {name: False if name in BOOLEAN_FIELDS else None for name in CUSTOMER_ORDER}
    document |= {name: values[name] for name in CUSTOMER_BODY.fields if name in values}
    if old is None:
        document |= {"CreatedBy": API_USER, "CreatedOn": now, "Guid": guid}
    else:
        document |= {name: old.document[name] for name in _KEPT}
        if document["DeliveryInstruction"] is None:
            document["DeliveryInstruction"] = old.document["DeliveryInstruction"]
    document |= {"LastModifiedBy": API_USER, "LastModifiedOn": now}
    document |= _references(values)
    document["Addresses"] = _addresses(
        values.get("Addresses") or [],
        old.document["Addresses"] if old else [],
        now,
        keeps_omitted=keep_omitted_addresses,
    )
    contacts = _with_primary(old.contacts if old else (), values, now)
    return mirrored(Customer(document, contacts))


def written_contact(values: Mapping[str, Any], old: Contact | None, now: Instant) -> Contact:
    """Make the contact that a checked body describes; PUT is whole, too."""
    document: Document = {
        name: False if name in CONTACT_BODY.fields and CONTACT_BODY.fields[name].kind is Kind.BOOLEAN else None
        for name in CONTACT_ORDER
    }
    document |= values
    document["Guid"] = old.guid if old else str(uuid.uuid4())
    return Contact(document, old.created if old else now, now)


def with_contact(customer: Customer, contact: Contact) -> Customer:
    """Put a contact among a customer's, and see to it that exactly one is the default.

    The first contact becomes the default (line 975); a new default takes the place of the old one. The default cannot
    be given up without naming another, since the customer's own fields show it; the page is silent there.
    """
    others = [each for each in customer.contacts if each.guid != contact.guid]
    if contact.is_default:
        contacts = [_with_default(each, is_default=False) for each in customer.contacts]
    else:
        contacts = list(customer.contacts)
        contact = _with_default(contact, is_default=not any(each.is_default for each in others))
    place = next((number for number, each in enumerate(contacts) if each.guid == contact.guid), len(contacts))
    contacts[place : place + 1] = [contact]
    return mirrored(customer.with_contacts(contacts))


def without_contact(customer: Customer, guid: str) -> Customer:
    """Take a contact away; if it was the default, the oldest of the others takes its place (the page is silent)."""
    contacts = [each for each in customer.contacts if each.guid != guid]
    if contacts and not any(each.is_default for each in contacts):
        contacts[0] = _with_default(contacts[0], is_default=True)
    return mirrored(customer.with_contacts(contacts))


def touched(customer: Customer, now: Instant) -> Customer:
    """Mark a customer as modified now, by the API."""
    return replace(customer, document=customer.document | {"LastModifiedBy": API_USER, "LastModifiedOn": now})


def mirrored(customer: Customer) -> Customer:
    """Copy the default contact's details into the customer's own fields; blank them if there is none."""
    primary = customer.primary_contact
    details = {ours: primary and primary.document[theirs] for ours, theirs in PRIMARY_CONTACT.items()}
    return replace(customer, document=customer.document | details)


def _references(values: Mapping[str, Any]) -> Document:
    """Fill in what follows from a name or a Guid: the customer shows both, and the whole record."""
    references: Document = {name: lookups.referenced(name, values.get(name)) for name in lookups.REFERENCES}
    references["DefaultWarehouse"] = lookups.warehouse_of(references["DefaultWarehouse"])
    name, guid = values.get("CustomerType"), values.get("CustomerTypeGuid")
    if name or guid:
        kind = lookups.find(lookups.CUSTOMER_TYPES, {"TypeName": name} if name else {"Guid": guid}) or {}
        references |= {"CustomerType": kind["TypeName"], "CustomerTypeGuid": kind["Guid"]}
    if code := values.get("TaxCode"):
        rate = values.get("TaxRate")
        tax = lookups.find(lookups.TAXES, {"TaxCode": code} | ({} if rate is None else {"TaxRate": rate}))
        references["TaxRate"] = tax and tax["TaxRate"]
    tier = values.get("SellPriceTier")
    reference = (values.get("SellPriceTierReference") or {}).get("Reference")
    if reference and not tier:
        tier = next(each["Name"] for each in lookups.SELL_PRICE_TIERS if f"SellPriceTier{each['Tier']}" == reference)
        references["SellPriceTier"] = tier
    references["SellPriceTierReference"] = lookups.tier_reference(tier)
    return references


def _addresses(given: list[Document], old: list[Document], now: Instant, *, keeps_omitted: bool) -> list[Document]:
    """Make the new collection; an address that had the same type and name before keeps its Guid.

    If several had, they are matched in their order. The rest of the old ones go, or stay if `keeps_omitted`.
    """
    left = list(old)
    addresses = []
    for values in given:
        document: Document = dict.fromkeys(ADDRESS_ORDER) | {"IsDefault": False} | values
        match = next((each for each in left if _key(each) == _key(document)), None)
        if match is not None:
            left.remove(match)
            is_same = all(document[name] == match[name] for name in ADDRESS_BODY.fields)
            document |= {"Guid": match["Guid"], "LastModifiedOn": match["LastModifiedOn"] if is_same else now}
        else:
            document |= {"Guid": str(uuid.uuid4()), "LastModifiedOn": now}
        addresses.append(document)
    return addresses + (left if keeps_omitted else [])


def _key(address: Document) -> tuple[object, object]:
    return address["AddressType"], address["AddressName"]


def _with_primary(contacts: tuple[Contact, ...], values: Mapping[str, Any], now: Instant) -> tuple[Contact, ...]:
    """Create or overwrite the default contact from a customer's body: "fields left blank will be removed" (line 627).

    A body without any detail blanks the default contact, but does not delete it: the page's own list shows a contact
    of which nothing is left (lines 601 to 619).
    """
    details = {theirs: values.get(ours) for ours, theirs in PRIMARY_CONTACT.items()}
    primary = next((each for each in contacts if each.is_default), None)
    if primary is None:
        if not any(details.values()):
            return contacts
        return (*contacts, written_contact({**details, "IsDefault": True}, None, now))
    if all(primary.document[name] == value for name, value in details.items()):
        return contacts
    changed = replace(primary, document=primary.document | details, modified=now)
    return tuple(changed if each is primary else each for each in contacts)


def _with_default(contact: Contact, *, is_default: bool) -> Contact:
    if contact.is_default == is_default:
        return contact
    return replace(contact, document=contact.document | {"IsDefault": is_default})
