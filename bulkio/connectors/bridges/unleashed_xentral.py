"""What customers of Unleashed are in Xentral, and the other way: one table for both directions.

What is "closest" rather than the same says so in its `remark`, and what has no counterpart says why in `*_ALONE`; both
reach the sheet that names what was not carried over.
"""

from __future__ import annotations

from bulkio.connectors.unleashed.catalogue import CATALOGUE
from bulkio.connectors.xentral.catalogue import ADDRESS_REQUIRED, BANK, BILLING, CUSTOM_FIELD, PRIMARY
from bulkio.core.bridge import Alone, Bridge, Pair, Route, Side
from bulkio.core.converters import (
    Converter,
    country_code,
    country_name,
    days_term,
    first_filled,
    into_first,
    join_lines,
    join_names,
    limit_in_force,
    limit_with_flag,
    one_default,
    same,
    split_name,
    state_code,
    state_name,
    term_days,
)

_CUSTOMERS, _ADDRESSES, _CONTACTS = (entity.name for entity in CATALOGUE.entities)


def _pair(here: str, there: str, remark: str = "") -> Pair:
    """Two fields that hold the very same text."""
    return Pair(here=(here,), there=(there,), remark=remark)


def _postal(prefix: str, *, state: tuple[Converter, Converter] = (same, same)) -> tuple[Pair, ...]:
    """The lines of an address; `prefix` is where they stand in Xentral's record."""
    state_forth, state_back = state
    return (
        _pair("StreetAddress", f"{prefix}street"),
        Pair(
            here=("StreetAddress2", "Suburb"), there=(f"{prefix}addressSupplement",), forth=join_lines, back=into_first
        ),
        _pair("PostalCode", f"{prefix}zipCode"),
        _pair("City", f"{prefix}city"),
        Pair(
            here=("Region",),
            there=(f"{prefix}state",),
            forth=state_forth,
            back=state_back,
            here_with=("Country",),
            there_with=(f"{prefix}country",),
        ),
        Pair(here=("Country",), there=(f"{prefix}country",), forth=country_code, back=country_name),
    )


_PRIMARY, _BILLING = f"{PRIMARY}.", f"{BILLING}."

_CUSTOMER = Route(
    here=Side(_CUSTOMERS),
    there=Side(_CUSTOMERS),
    pairs=(
        _pair("CustomerCode", "number"),
        _pair("CustomerName", f"{_PRIMARY}name"),
        Pair(
            here=("ContactFirstName", "ContactLastName"),
            there=(f"{_PRIMARY}contactPerson",),
            forth=join_names,
            back=split_name,
        ),
        _pair("Email", f"{_PRIMARY}email"),
        _pair("PhoneNumber", f"{_PRIMARY}phone"),
        _pair("MobileNumber", f"{_PRIMARY}mobile"),
        _pair("FaxNumber", f"{_PRIMARY}fax"),
        _pair("Website", "communication.website"),
        _pair("Currency.CurrencyCode", "financials.defaultCurrency"),
        _pair("GSTVATNumber", "financials.tax.vatId"),
        Pair(
            here=("PaymentTerm",),
            there=("financials.paymentTerms.paymentTargetDays",),
            forth=term_days,
            back=days_term,
        ),
        Pair(
            here=("CreditLimit", "HasCreditLimit"),
            there=("financials.creditLimit",),
            forth=limit_in_force,
            back=limit_with_flag,
        ),
        _pair("StopCredit", "fulfillment.deliveryBlock", "closest: one stops orders on credit, the other deliveries"),
        _pair(
            "DeliveryInstruction",
            "fulfillment.orderQuoteRemarks",
            "closest: one is for deliveries, the other for orders and quotes",
        ),
        _pair("Notes", "notes"),
    ),
)

_POSTAL = Route(here=Side(_ADDRESSES, "AddressType", "Postal"), there=Side(_CUSTOMERS), pairs=_postal(_PRIMARY))

_PHYSICAL = Route(
    here=Side(_ADDRESSES, "AddressType", "Physical"),
    there=Side(_CUSTOMERS),
    pairs=(_pair("AddressName", f"{_BILLING}name"), *_postal(_BILLING)),
    there_needs=tuple(f"{_BILLING}{name}" for name in ADDRESS_REQUIRED),
    remark="the billing address is the only other place on a customer: invoices go there, please check",
)

_SHIPPING = Route(
    here=Side(_ADDRESSES, "AddressType", "Shipping"),
    there=Side(_ADDRESSES),
    pairs=(
        _pair("AddressName", "name"),
        *_postal("", state=(state_code, state_name)),
        Pair(
            here=("IsDefault",),
            there=("deliveryDetails.defaultDeliveryAddress",),
            forth=one_default,
            here_with=(CATALOGUE.by_name[_ADDRESSES].parent_key,),
        ),
        _pair("DeliveryInstruction", "deliveryDetails.note"),
    ),
)

_CONTACT = Route(
    here=Side(_CONTACTS),
    there=Side(_CONTACTS),
    pairs=(
        Pair(here=("FirstName", "LastName"), there=("name",), forth=join_names, back=split_name),
        _pair("EmailAddress", "email"),
        _pair("MobilePhone", "mobile"),
        Pair(here=("PhoneNumber", "OfficePhone"), there=("phone",), forth=first_filled, back=into_first),
        _pair("FaxNumber", "fax"),
        _pair("Notes", "contactPersonDetails.remarks"),
    ),
    # Unleashed makes a contact of every primary contact by itself, and refuses a second one of the same name.
    twin=(
        ("name", f"{_PRIMARY}contactPerson"),
        ("email", f"{_PRIMARY}email"),
        ("phone", f"{_PRIMARY}phone"),
        ("mobile", f"{_PRIMARY}mobile"),
        ("fax", f"{_PRIMARY}fax"),
    ),
    twin_key=2,
)

_NO_FIELD = "Xentral has no such field"
_BY_ID = "Xentral names it by an id of its own; choose it there"
_TAX = "taxed by another scheme: set financials.tax.taxation by hand"

_HERE_ALONE = (
    Alone(_CUSTOMERS, ("Obsolete",), "Xentral has nothing for it but deleting, and nothing is deleted by a conversion"),
    Alone(_CUSTOMERS, ("CustomerType", "SellPriceTier", "SellPriceTierReference.", "SalesOrderGroup"),
          f"closest are groups; {_BY_ID}"),
    Alone(_CUSTOMERS, ("Salesperson.FullName", "Salesperson.Email"), _BY_ID),
    Alone(_CUSTOMERS, ("DefaultWarehouse.WarehouseCode", "DeliveryMethod"), _BY_ID),
    Alone(_CUSTOMERS, ("Taxable", "TaxCode", "TaxRate"), _TAX),
    Alone(_CUSTOMERS, ("BankName", "BankBranch", "BankAccount"),
          "Xentral masks bank data when read, so that nobody could prove that they arrived; enter them by hand"),
    Alone(_CUSTOMERS, ("EmailCC",), "Xentral has copies for each kind of document; choose which"),
    Alone(_CUSTOMERS, ("DDINumber", "TollFreeNumber"), _NO_FIELD),
    Alone(_CUSTOMERS, ("DiscountRate", "EORINumber", "Reminder"), _NO_FIELD),
    Alone(_CUSTOMERS, ("PrintInvoice", "PrintPackingSlipInsteadOfInvoice"),
          "Xentral decides by document how it is delivered; choose it there"),
    Alone(_CUSTOMERS, ("XeroSalesAccount", "XeroCostOfGoodsAccount"), _NO_FIELD),
    Alone(_ADDRESSES, ("AddressName", "IsDefault", "DeliveryInstruction"),
          "Xentral has this of delivery addresses only; this one stands on the customer itself"),
    Alone(_CONTACTS, ("IsDefault", "ForOrdering", "ForInvoicing", "ForShipping"), _NO_FIELD),
    Alone(_CONTACTS, ("DDINumber", "TollFreeNumber", "Website", "DeliveryAddress"), _NO_FIELD),
)  # fmt: skip

_NOT_HERE = "Unleashed has no such field"
_BY_NAME = "Unleashed names it by a name of its own; choose it there"

_THERE_ALONE = (
    Alone(_CUSTOMERS, tuple(f"{prefix}{name}" for prefix in (_PRIMARY, _BILLING)
                            for name in ("type", "title", "salutation", "department", "subDepartment", "gln")),
          _NOT_HERE),
    Alone(_CUSTOMERS, tuple(f"{_BILLING}{name}" for name in ("contactPerson", "email", "phone", "mobile", "fax")),
          "Unleashed has this of the customer only, not of its addresses"),
    Alone(_CUSTOMERS, ("communication.",), _NOT_HERE),
    Alone(_CUSTOMERS, ("financials.tax.",), "taxed by another scheme: set TaxCode by hand"),
    Alone(_CUSTOMERS, ("financials.paymentTerms.",), "Unleashed has payment terms by name, without discounts"),
    Alone(_CUSTOMERS, (f"{BANK}.",), "masked when read, so it is not known what it is; enter it by hand"),
    Alone(_CUSTOMERS, ("financials.",), _NOT_HERE),
    Alone(_CUSTOMERS, ("deviatingDebtorAccountNumber",), _NOT_HERE),
    Alone(_CUSTOMERS, ("fulfillment.shippingMethod.id", "fulfillment.commissionConsignmentWarehouse.id"), _BY_NAME),
    Alone(_CUSTOMERS, ("fulfillment.", "documentDelivery."), _NOT_HERE),
    Alone(_CUSTOMERS, ("salesManager.", "accountManager."), _BY_NAME),
    Alone(_CUSTOMERS, ("originSalesChannel.", "mainProject.", "tags.", f"{CUSTOM_FIELD}."), _NOT_HERE),
    Alone(_CUSTOMERS, ("groups.",), "closest are CustomerType and SellPriceTier; choose them by hand"),
    Alone(_ADDRESSES, ("type", "title", "contactPerson", "salutation", "department", "subDepartment", "gln", "phone",
                       "mobile", "fax", "email", "deliveryDetails."), _NOT_HERE),
    Alone(_CONTACTS, ("type", "title", "salutation", "department", "subDepartment", "contactPersonDetails.", "street",
                      "addressSupplement", "zipCode", "city", "state", "country", "groups."), _NOT_HERE),
)  # fmt: skip

BRIDGE = Bridge(
    here="unleashed",
    there="xentral",
    routes=(_CUSTOMER, _POSTAL, _PHYSICAL, _SHIPPING, _CONTACT),
    here_alone=_HERE_ALONE,
    there_alone=_THERE_ALONE,
)
