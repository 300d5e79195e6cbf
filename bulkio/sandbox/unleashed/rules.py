"""The page's rules about a customer or a contact as a whole: required, unique, matching, existing elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bulkio.sandbox.unleashed import lookups
from bulkio.sandbox.unleashed.complaints import ErrorCode
from bulkio.sandbox.unleashed.shapes import PRIMARY_CONTACT, PRIMARY_DETAILS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bulkio.sandbox.unleashed.checks import Findings
    from bulkio.sandbox.unleashed.store import Contact, Customer, Store

#: Fields that name a record of a list by its one name: the list, and the name's field there.
_NAMED = {
    "PaymentTerm": (lookups.PAYMENT_TERMS, "PaymentTermDescription"),
    "DeliveryMethod": (lookups.DELIVERY_METHODS, "Name"),
    "TaxCode": (lookups.TAXES, "TaxCode"),
    "SellPriceTier": (lookups.SELL_PRICE_TIERS, "Name"),
    "SalesOrderGroup": (lookups.SALES_ORDER_GROUPS, "Name"),
    "CustomerType": (lookups.CUSTOMER_TYPES, "TypeName"),
}

#: One of these is needed in an object that names a record of a list (vendor page, lines 805, 817, 839).
_ENOUGH = {
    "Currency": ("Guid", "CurrencyCode"),
    "DefaultWarehouse": ("Guid", "WarehouseCode"),
    "Salesperson": ("Guid",),
}

#: "FirstName, LastName, and/or EmailAddress are required, and the combination of the three must be unique"
#: (lines 929 to 932).
_CONTACT_DETAILS = ("FirstName", "LastName", "EmailAddress")


def check_customer(findings: Findings, old: Customer | None, store: Store) -> None:
    """Add what is wrong with a customer's body; `old` is the customer that it updates, if it exists already."""
    _check_identity(findings, old, store)
    _check_names(findings)
    _check_customer_type(findings)
    _check_tax(findings)
    _check_tier(findings)
    for name in _ENOUGH:
        _check_reference(findings, name)
    _check_primary_contact(findings, old)


def check_contact(findings: Findings, customer: Customer, old: Contact | None) -> None:
    """Add what is wrong with a contact's body; `old` is the contact that it replaces, if it is an update."""
    values = findings.values
    guid = values.get("Guid")
    if old is None and guid is not None:
        findings.complain("Guid", "Guid must not be supplied for a new contact.", ErrorCode.NOT_ALLOWED)  # line 933
    elif old is not None and guid is None:
        findings.complain("Guid", "Guid is required.", ErrorCode.REQUIRED)  # line 972
    elif old is not None and guid != old.guid:
        findings.complain("Guid", "Guid must match the Guid of the URI.", ErrorCode.MISMATCH)
    if not any(values.get(name) for name in _CONTACT_DETAILS):
        message = "FirstName, LastName and/or EmailAddress is required."
        findings.complain("FirstName", message, ErrorCode.REQUIRED)
    elif _is_taken(values, (each for each in customer.contacts if old is None or each.guid != old.guid)):
        message = "The combination of FirstName, LastName and EmailAddress must be unique."
        findings.complain("FirstName", message, ErrorCode.NOT_UNIQUE)
    address = values.get("DeliveryAddress")
    if address and all(address != each["AddressName"] for each in customer.document["Addresses"]):  # line 943
        message = "DeliveryAddress must match the name of an existing address."
        findings.complain("DeliveryAddress", message, ErrorCode.NOT_FOUND)


def _is_taken(values: Mapping[str, Any], others: Iterable[Contact]) -> bool:
    def details(document: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(str(document.get(name) or "").casefold() for name in _CONTACT_DETAILS)

    return any(details(values) == details(other.document) for other in others)


def _check_identity(findings: Findings, old: Customer | None, store: Store) -> None:
    values = findings.values
    code, name = values.get("CustomerCode"), values.get("CustomerName")
    if not (name or "").strip():
        findings.complain("CustomerName", "CustomerName is required.", ErrorCode.REQUIRED)  # line 667
    if old is None:
        if not (code or "").strip():
            findings.complain("CustomerCode", "CustomerCode is required.", ErrorCode.REQUIRED)  # line 662
        elif store.by_code(str(code)) is not None:
            findings.complain("CustomerCode", f"CustomerCode {code} already exists.", ErrorCode.NOT_UNIQUE)  # line 663
    elif code is not None and code != old.code:  # "Can only be set when creating a Customer" (line 663)
        findings.complain("CustomerCode", "CustomerCode cannot be changed.", ErrorCode.READ_ONLY)


def _check_names(findings: Findings) -> None:
    for name, (documents, attribute) in _NAMED.items():
        value = findings.values.get(name)
        if value and lookups.find(documents, {attribute: value}) is None:
            findings.complain(name, f"{name} {value} does not exist.", ErrorCode.NOT_FOUND)


def _check_customer_type(findings: Findings) -> None:
    name, guid = (findings.values.get(each) for each in ("CustomerType", "CustomerTypeGuid"))
    if not guid:
        return
    document = lookups.find(lookups.CUSTOMER_TYPES, {"Guid": guid})
    if document is None:
        findings.complain("CustomerTypeGuid", f"CustomerTypeGuid {guid} does not exist.", ErrorCode.NOT_FOUND)
    elif name and document["TypeName"] != name:  # lines 671 and 674
        message = "CustomerType and CustomerTypeGuid must match the same Customer Type."
        findings.complain("CustomerTypeGuid", message, ErrorCode.MISMATCH)


def _check_tax(findings: Findings) -> None:
    """TaxRate is "the rate of the default tax selected" (line 755), so it cannot be another one."""
    code, rate = (findings.values.get(each) for each in ("TaxCode", "TaxRate"))
    if rate is None:
        return
    if not code:
        findings.complain("TaxRate", "TaxRate needs a TaxCode.", ErrorCode.MISMATCH)
    elif not findings.is_refused("TaxCode") and not lookups.find(lookups.TAXES, {"TaxCode": code, "TaxRate": rate}):
        findings.complain("TaxRate", f"TaxRate {rate} is not the rate of {code}.", ErrorCode.MISMATCH)


def _check_tier(findings: Findings) -> None:
    name, reference = (findings.values.get(each) for each in ("SellPriceTier", "SellPriceTierReference"))
    text = reference and reference.get("Reference")
    if not text:
        return
    tier = next((each for each in lookups.SELL_PRICE_TIERS if f"SellPriceTier{each['Tier']}" == text), None)
    field = "SellPriceTierReference.Reference"
    if tier is None:
        findings.complain(field, f"{text} does not exist.", ErrorCode.NOT_FOUND)
    elif name and tier["Name"] != name:
        findings.complain(field, f"{text} is not the reference of {name}.", ErrorCode.MISMATCH)


def _check_reference(findings: Findings, name: str) -> None:
    given = findings.values.get(name)
    if given is None or findings.is_refused(name):
        return
    documents, keys = lookups.REFERENCES[name][0], _ENOUGH[name]
    if not any(given.get(key) for key in keys):
        message = f"{name} needs a valid {' or '.join(keys)}."
        findings.complain(f"{name}.{keys[0]}", message, ErrorCode.REQUIRED)
        return
    for key in keys:
        if given.get(key) and lookups.find(documents, {key: given[key]}) is None:
            findings.complain(f"{name}.{key}", f"{name} {given[key]} does not exist.", ErrorCode.NOT_FOUND)
            return
    if lookups.referenced(name, given) is None:
        findings.complain(name, f"The fields of {name} do not belong together.", ErrorCode.MISMATCH)


def _check_primary_contact(findings: Findings, old: Customer | None) -> None:
    values = findings.values
    if not any(values.get(name) for name in PRIMARY_DETAILS):
        for name in PRIMARY_CONTACT:
            if name not in PRIMARY_DETAILS and values.get(name):  # "Primary Contact details are required", line 678 ff.
                message = f"{name} requires primary contact details (ContactFirstName, ContactLastName and/or Email)."
                findings.complain(name, message, ErrorCode.REQUIRED)
        return
    if old is not None:
        primary = {theirs: values.get(ours) for ours, theirs in PRIMARY_CONTACT.items()}
        if _is_taken(primary, (each for each in old.contacts if not each.is_default)):
            message = "The combination of ContactFirstName, ContactLastName and Email must be unique."
            findings.complain("ContactFirstName", message, ErrorCode.NOT_UNIQUE)
