"""What stands in a body and in a response, and in which order; lengths and kinds come from the catalogue.

A *shape* is what a request's body may hold; anything beyond it is answered with a bare 500 (observed). The orders are
those of the page's JSON examples; fields that the examples lack stand where live systems, or common sense, put them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bulkio.connectors.unleashed.catalogue import ADDRESSES, CONTACTS, CUSTOMERS
from bulkio.core.catalogue import Field, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: Vendor page, lines 422 to 482; after SourceId the documented fields that the example leaves out.
CUSTOMER_ORDER = (
    "Addresses", "TaxCode", "TaxRate", "CustomerCode", "CustomerName", "GSTVATNumber", "BankName", "BankBranch",
    "BankAccount", "Website", "PhoneNumber", "FaxNumber", "MobileNumber", "DDINumber", "TollFreeNumber", "Email",
    "EmailCC", "Currency", "Notes", "Taxable", "XeroContactId", "Salesperson", "DiscountRate",
    "PrintPackingSlipInsteadOfInvoice", "PrintInvoice", "StopCredit", "Obsolete", "XeroSalesAccount",
    "XeroCostOfGoodsAccount", "SellPriceTier", "SellPriceTierReference", "CustomerType", "CustomerTypeGuid",
    "PaymentTerm", "ContactFirstName", "ContactLastName", "SourceId", "DeliveryMethod", "DeliveryInstruction",
    "DefaultWarehouse", "SalesOrderGroup", "EORINumber", "HasCreditLimit", "CreditLimit", "Reminder", "Contacts",
    "CreatedBy", "CreatedOn", "LastModifiedBy", "Guid", "LastModifiedOn",
)  # fmt: skip

#: Vendor page, lines 424 to 436.
ADDRESS_ORDER = (
    "AddressType", "AddressName", "StreetAddress", "StreetAddress2", "Suburb", "City", "Region", "Country",
    "PostalCode", "IsDefault", "DeliveryInstruction", "LastModifiedOn", "Guid",
)  # fmt: skip

#: Vendor page, lines 583 to 599.
CONTACT_ORDER = (
    "ForInvoicing", "ForShipping", "ForOrdering", "IsDefault", "DDINumber", "EmailAddress", "FaxNumber", "FirstName",
    "LastName", "MobilePhone", "Notes", "OfficePhone", "PhoneNumber", "TollFreeNumber", "Website", "Guid",
    "DeliveryAddress",
)  # fmt: skip

#: Not in the page's tables, but seen in live responses; the filter xeroContactId (line 62) presupposes the first.
UNDOCUMENTED = ("XeroContactId", "SourceId")

#: The customer's fields that are really its default contact's, and what they are called there.
PRIMARY_CONTACT = {
    "ContactFirstName": "FirstName",
    "ContactLastName": "LastName",
    "Email": "EmailAddress",
    "PhoneNumber": "PhoneNumber",
    "MobileNumber": "MobilePhone",
    "DDINumber": "DDINumber",
    "FaxNumber": "FaxNumber",
    "TollFreeNumber": "TollFreeNumber",
    "Website": "Website",
}

#: "ContactFirstName, ContactLastName, and/or Email" (vendor page, lines 624 to 627).
PRIMARY_DETAILS = ("ContactFirstName", "ContactLastName", "Email")


@dataclass(frozen=True, slots=True)
class Shape:
    """What one object in a body may hold: plain fields, objects, and collections of objects."""

    fields: Mapping[str, Field]
    objects: Mapping[str, Shape] = field(default_factory=dict)
    collections: Mapping[str, Shape] = field(default_factory=dict)
    item: str = ""  # an element's name in XML, where the object stands in a collection

    @property
    def names(self) -> frozenset[str]:
        """Every name that may stand in the object."""
        return frozenset((*self.fields, *self.objects, *self.collections))


def _tree(fields: Iterable[Field], *, item: str = "", collections: Mapping[str, Shape] | None = None) -> Shape:
    plain: dict[str, Field] = {}
    objects: dict[str, dict[str, Field]] = {}
    for each in fields:
        head, *rest = each.path
        if rest:
            objects.setdefault(head, {})[rest[0]] = each
        else:
            plain[head] = each
    return Shape(plain, {name: Shape(inner) for name, inner in objects.items()}, collections or {}, item)


ADDRESS_BODY = _tree(ADDRESSES.sendable, item="Address")

_CUSTOMER_BODY = _tree(
    # Currency.Description is read-only, but the page's own POST example carries it (line 914).
    (*CUSTOMERS.sendable, CUSTOMERS.by_name["Currency.Description"]),
    collections={"Addresses": ADDRESS_BODY},
)

#: Live systems were seen with the second spelling; whoever echoes what it got must be understood.
OTHER_SPELLINGS = {"SalesPerson": "Salesperson"}

CUSTOMER_BODY = replace(
    _CUSTOMER_BODY,
    objects={
        **_CUSTOMER_BODY.objects,
        **{other: _CUSTOMER_BODY.objects[name] for other, name in OTHER_SPELLINGS.items()},
    },
)

#: The Guid is accepted by the shape since PUT requires it (line 972); that POST refuses it is a rule of its own.
CONTACT_BODY = _tree((*CONTACTS.sendable, CONTACTS.by_name["Guid"]))

#: Null is written as xsi:nil in XML for these; a null text is left out altogether (vendor page, lines 387 to 409).
NIL_IN_XML = frozenset(
    each.path[-1] for entity in (CUSTOMERS, ADDRESSES, CONTACTS) for each in entity.fields if each.kind is not Kind.TEXT
)

DECIMAL_FIELDS = frozenset(each.name for each in CUSTOMERS.fields if each.kind is Kind.DECIMAL)
TIMESTAMP_FIELDS = frozenset(each.name for each in CUSTOMERS.fields if each.kind is Kind.TIMESTAMP)
BOOLEAN_FIELDS = frozenset(each.name for each in CUSTOMERS.fields if each.kind is Kind.BOOLEAN)
