"""What may be written of a customer: every field, once for creating and once for updating.

Source: the description, in our own words; where measurements differ from it, a comment says so.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bulkio.sandbox.xentral import lookups
from bulkio.sandbox.xentral.formats import Format
from bulkio.sandbox.xentral.shapes import (
    FLAG,
    NULLABLE_DATE,
    NULLABLE_TEXT,
    TEXT,
    Demand,
    Many,
    Object,
    Type,
    Value,
    each,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bulkio.sandbox.xentral.shapes import Fields

# Responses never show null for these, though null may be written: it then reads as 0.
_AMOUNT = Value(type=Type.NUMBER, is_nullable=True, null_as=0)
_DAYS = Value(type=Type.INTEGER, is_nullable=True, null_as=0)

TYPES = Value(choices=("mrs", "mr", "company", "other"))
TAXATIONS = Value(choices=("domestic", "eu", "export", "exempt"))


def _reference(ids: Mapping[str, str], **others: Value) -> Object:
    known = Value(choices=tuple(ids), demand=Demand.REQUIRED)
    return Object(fields={"id": known, **others}, is_nullable=True)


_ADDRESS_TEXTS = (
    "title contactPerson salutation department subDepartment addressSupplement state gln email phone mobile fax"
)
#: An address is not kept without these.
ADDRESS_CORE = ("name", "street", "zipCode", "city", "country")


def core(demand: Demand) -> Fields:
    """Declare the core of an address."""
    filled = Value(demand=demand)
    return {**dict.fromkeys(ADDRESS_CORE, filled), "country": replace(filled, format=Format.COUNTRY)}


_ADDRESS_CREATE = Object(
    fields={
        **each(_ADDRESS_TEXTS, NULLABLE_TEXT),
        **core(Demand.REQUIRED),
        "type": replace(TYPES, is_nullable=True),
    }
)
_ADDRESS_UPDATE = Object(fields={**each(_ADDRESS_TEXTS, NULLABLE_TEXT), **core(Demand.FILLED), "type": TYPES})

_CONTACT_INFORMATION = Object(
    fields={"key": Value(demand=Demand.REQUIRED), "value": replace(NULLABLE_TEXT, demand=Demand.PRESENT)}
)
_COMMUNICATION = Object(
    fields={
        "language": Value(length=2, choices=lookups.LANGUAGES),
        "website": TEXT,
        **each("allowTrackingEmails allowFollowUpConfirmations allowMarketingEmails", FLAG),
        "additionalContactInformation": Many(element=_CONTACT_INFORMATION),
    }
)

_SEPA = Object(
    fields={
        **each("isCompanySepa mandateReferenceChange isInitialMandate", FLAG),
        **each("mandateReference remark", NULLABLE_TEXT),
        "mandateReferenceDate": NULLABLE_DATE,
        "usage": Value(choices=("single", "recurring")),
    }
)
_FINANCIALS = Object(
    fields={
        "primaryBankAccount": Object(fields={**each("bankName accountHolder iban bic", NULLABLE_TEXT), "sepa": _SEPA}),
        "tax": Object(
            fields={
                **each("vatId taxNumber customsInformation", NULLABLE_TEXT),
                "taxation": TAXATIONS,
                "taxDisplay": Value(choices=("automatic", "net", "gross")),
                "useDeliveryThreshold": FLAG,
            }
        ),
        "paymentTerms": Object(
            fields={
                "fixedPaymentTerms": FLAG,
                "paymentTargetDays": _DAYS,
                "paymentTargetDiscount": _AMOUNT,
                "paymentTargetDiscountDays": _DAYS,
            }
        ),
        "paymentMethod": _reference(lookups.PAYMENT_METHODS),
        "supplierNumberForCustomer": NULLABLE_TEXT,
        "subscriptionPaymentMethod": Value(choices=("directDebit", "invoice")),
        "defaultCurrency": replace(NULLABLE_TEXT, length=3),
        "creditLimit": _AMOUNT,
    }
)

_FULFILLMENT = Object(
    fields={
        "shippingMethod": _reference(lookups.SHIPPING_METHODS),
        **each("freeShippingActive ageCheckRequired deliveryBlock", FLAG),
        "freeShippingFrom": _AMOUNT,
        **each("deliveryTerms deliveryBlockReason orderQuoteRemarks", NULLABLE_TEXT),
        "deliveryBlockDate": NULLABLE_DATE,
        "autoCreateDocuments": Value(choices=("deliveryNote", "invoice", "deliveryNoteAndInvoice")),
        "commissionConsignmentWarehouse": _reference(lookups.STORAGE_LOCATIONS),
    }
)

DOCUMENTS = ("offer", "salesOrder", "invoice", "creditNote", "deliveryNote", "purchaseOrder", "dunning")
_RECIPIENT = Object(fields={"to": TEXT, "cc": Many(element=TEXT)})
_DOCUMENT_DELIVERY = Object(
    fields={
        **each("invoiceAlwaysPaper preferFax", FLAG),
        "amountInvoicePrints": Value(type=Type.INTEGER),
        "documentRecipients": Object(fields=dict.fromkeys(DOCUMENTS, _RECIPIENT)),
    }
)

_ROLE = Object(
    fields={
        "project": _reference(lookups.PROJECTS),
        "validFrom": replace(NULLABLE_DATE, is_nullable=False),
        "expiresAt": NULLABLE_DATE,
    }
)
_CUSTOM_FIELD = Object(
    fields={
        "key": Value(choices=tuple(lookups.CUSTOM_FIELDS), demand=Demand.REQUIRED),
        # Measured: required, though the description has it ignored.
        "label": Value(demand=Demand.REQUIRED),
        "value": replace(NULLABLE_TEXT, demand=Demand.PRESENT),
    }
)
GROUPS = Many(
    element=Object(fields={"id": Value(choices=tuple(lookups.GROUPS), demand=Demand.REQUIRED)}),
)

_SHARED: Fields = {
    "communication": _COMMUNICATION,
    "financials": _FINANCIALS,
    "fulfillment": _FULFILLMENT,
    "documentDelivery": _DOCUMENT_DELIVERY,
    "groups": GROUPS,
    "customerRoles": Many(element=_ROLE),
    "customFields": Many(element=_CUSTOM_FIELD),
    "tags": Many(element=Object(fields={"title": Value(demand=Demand.REQUIRED)})),
}
_REFERENCES: dict[str, Object] = {
    "mainProject": _reference(lookups.PROJECTS),
    "accountManager": _reference(lookups.EMPLOYEES),
    "salesManager": _reference(lookups.EMPLOYEES, commission=Value(type=Type.NUMBER, is_nullable=True)),
    "originSalesChannel": _reference(lookups.SALES_CHANNELS),
}

CUSTOMER_CREATE = Object(
    fields={
        **each("number deviatingDebtorAccountNumber notes", TEXT),
        "primaryAddress": replace(_ADDRESS_CREATE, demand=Demand.REQUIRED),
        "deviatingBillingAddress": _ADDRESS_CREATE,
        **_SHARED,
        **{name: replace(reference, is_nullable=False) for name, reference in _REFERENCES.items()},
    }
)
#: Without `number`: the description has it, but no value of it was accepted (measured), so it is dropped like any other
#: unknown field.
CUSTOMER_UPDATE = Object(
    fields={
        **each("deviatingDebtorAccountNumber notes", NULLABLE_TEXT),
        "primaryAddress": _ADDRESS_UPDATE,
        "deviatingBillingAddress": replace(_ADDRESS_UPDATE, is_nullable=True),
        **_SHARED,
        **_REFERENCES,
    }
)
