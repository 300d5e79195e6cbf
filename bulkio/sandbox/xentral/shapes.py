"""What a body may hold: every field that can be written, its type, length, choices, and whether it may be blank.

Source: the description, in our own words; where measurements differ from it, a comment says so. Creating and updating
differ in many places, so there is a shape for each.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003  a dataclass may be asked for its types
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any

from bulkio.sandbox.xentral import lookups
from bulkio.sandbox.xentral.formats import Format


class Type(Enum):
    """What a value is in JSON."""

    TEXT = auto()
    NUMBER = auto()
    INTEGER = auto()
    FLAG = auto()


class Demand(Enum):
    """Whether a field must be given."""

    NONE = auto()
    PRESENT = auto()  # it may be null
    FILLED = auto()  # it may be left out; if given it is not blank
    REQUIRED = auto()  # given, and not blank


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A plain value; `length` is exact, `longest` a limit; a null is kept as `null_as`."""

    type: Type = Type.TEXT
    demand: Demand = Demand.NONE
    is_nullable: bool = False
    length: int | None = None
    longest: int | None = None
    choices: tuple[str, ...] = ()
    format: Format | None = None
    null_as: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Object:
    """An object; unknown names in it are dropped silently (measured), whatever the description says."""

    fields: Mapping[str, Value | Object | Many]
    demand: Demand = Demand.NONE
    is_nullable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Many:
    """A list."""

    element: Value | Object


Fields = dict[str, Value | Object | Many]

_TEXT = Value(is_nullable=True)
_PLAIN_TEXT = Value()
_FLAG = Value(type=Type.FLAG)
_DATE = Value(format=Format.DATE, is_nullable=True)
# Responses never show null for these, though null may be written: it then reads as 0.
_AMOUNT = Value(type=Type.NUMBER, is_nullable=True, null_as=0)
_DAYS = Value(type=Type.INTEGER, is_nullable=True, null_as=0)

_TYPES = Value(choices=("mrs", "mr", "company", "other"))
_TAXATIONS = Value(choices=("domestic", "eu", "export", "exempt"))


def _reference(ids: Mapping[str, str], **others: Value) -> Object:
    known = Value(choices=tuple(ids), demand=Demand.REQUIRED)
    return Object(fields={"id": known, **others}, is_nullable=True)


def _each(names: str, value: Value) -> Fields:
    return dict.fromkeys(names.split(), value)


_ADDRESS_TEXTS = (
    "title contactPerson salutation department subDepartment addressSupplement state gln email phone mobile fax"
)
#: An address is not kept without these.
ADDRESS_CORE = ("name", "street", "zipCode", "city", "country")


def _core(demand: Demand) -> Fields:
    filled = Value(demand=demand)
    return {**dict.fromkeys(ADDRESS_CORE, filled), "country": replace(filled, format=Format.COUNTRY)}


_ADDRESS_CREATE = Object(
    fields={
        **_each(_ADDRESS_TEXTS, _TEXT),
        **_core(Demand.REQUIRED),
        "type": replace(_TYPES, is_nullable=True),
    }
)
_ADDRESS_UPDATE = Object(fields={**_each(_ADDRESS_TEXTS, _TEXT), **_core(Demand.FILLED), "type": _TYPES})

_CONTACT_INFORMATION = Object(
    fields={"key": Value(demand=Demand.REQUIRED), "value": replace(_TEXT, demand=Demand.PRESENT)}
)
_COMMUNICATION = Object(
    fields={
        "language": Value(length=2, choices=lookups.LANGUAGES),
        "website": _PLAIN_TEXT,
        **_each("allowTrackingEmails allowFollowUpConfirmations allowMarketingEmails", _FLAG),
        "additionalContactInformation": Many(element=_CONTACT_INFORMATION),
    }
)

_SEPA = Object(
    fields={
        **_each("isCompanySepa mandateReferenceChange isInitialMandate", _FLAG),
        **_each("mandateReference remark", _TEXT),
        "mandateReferenceDate": _DATE,
        "usage": Value(choices=("single", "recurring")),
    }
)
_FINANCIALS = Object(
    fields={
        "primaryBankAccount": Object(fields={**_each("bankName accountHolder iban bic", _TEXT), "sepa": _SEPA}),
        "tax": Object(
            fields={
                **_each("vatId taxNumber customsInformation", _TEXT),
                "taxation": _TAXATIONS,
                "taxDisplay": Value(choices=("automatic", "net", "gross")),
                "useDeliveryThreshold": _FLAG,
            }
        ),
        "paymentTerms": Object(
            fields={
                "fixedPaymentTerms": _FLAG,
                "paymentTargetDays": _DAYS,
                "paymentTargetDiscount": _AMOUNT,
                "paymentTargetDiscountDays": _DAYS,
            }
        ),
        "paymentMethod": _reference(lookups.PAYMENT_METHODS),
        "supplierNumberForCustomer": _TEXT,
        "subscriptionPaymentMethod": Value(choices=("directDebit", "invoice")),
        "defaultCurrency": replace(_TEXT, length=3),
        "creditLimit": _AMOUNT,
    }
)

_FULFILLMENT = Object(
    fields={
        "shippingMethod": _reference(lookups.SHIPPING_METHODS),
        **_each("freeShippingActive ageCheckRequired deliveryBlock", _FLAG),
        "freeShippingFrom": _AMOUNT,
        **_each("deliveryTerms deliveryBlockReason orderQuoteRemarks", _TEXT),
        "deliveryBlockDate": _DATE,
        "autoCreateDocuments": Value(choices=("deliveryNote", "invoice", "deliveryNoteAndInvoice")),
        "commissionConsignmentWarehouse": _reference(lookups.STORAGE_LOCATIONS),
    }
)

DOCUMENTS = ("offer", "salesOrder", "invoice", "creditNote", "deliveryNote", "purchaseOrder", "dunning")
_RECIPIENT = Object(fields={"to": _PLAIN_TEXT, "cc": Many(element=_PLAIN_TEXT)})
_DOCUMENT_DELIVERY = Object(
    fields={
        **_each("invoiceAlwaysPaper preferFax", _FLAG),
        "amountInvoicePrints": Value(type=Type.INTEGER),
        "documentRecipients": Object(fields=dict.fromkeys(DOCUMENTS, _RECIPIENT)),
    }
)

_ROLE = Object(
    fields={
        "project": _reference(lookups.PROJECTS),
        "validFrom": replace(_DATE, is_nullable=False),
        "expiresAt": _DATE,
    }
)
_CUSTOM_FIELD = Object(
    fields={
        "key": Value(choices=tuple(lookups.CUSTOM_FIELDS), demand=Demand.REQUIRED),
        # Measured: required, though the description has it ignored.
        "label": Value(demand=Demand.REQUIRED),
        "value": replace(_TEXT, demand=Demand.PRESENT),
    }
)
_GROUPS = Many(
    element=Object(fields={"id": Value(choices=tuple(lookups.GROUPS), demand=Demand.REQUIRED)}),
)

_SHARED: Fields = {
    "communication": _COMMUNICATION,
    "financials": _FINANCIALS,
    "fulfillment": _FULFILLMENT,
    "documentDelivery": _DOCUMENT_DELIVERY,
    "groups": _GROUPS,
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
        **_each("number deviatingDebtorAccountNumber notes", _PLAIN_TEXT),
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
        **_each("deviatingDebtorAccountNumber notes", _TEXT),
        "primaryAddress": _ADDRESS_UPDATE,
        "deviatingBillingAddress": replace(_ADDRESS_UPDATE, is_nullable=True),
        **_SHARED,
        **_REFERENCES,
    }
)

_DELIVERY_TEXTS = "title contactPerson salutation department subDepartment addressSupplement phone mobile fax"
_DELIVERY_DETAILS = Object(
    fields={
        "taxType": _TAXATIONS,
        "defaultDeliveryAddress": _FLAG,
        **_each("termsOfDelivery vatId remark note", _TEXT),
    }
)


def _delivery_address(*, demand: Demand, is_nullable: bool) -> Object:
    text = Value(is_nullable=is_nullable)
    return Object(
        fields={
            **_each(_DELIVERY_TEXTS, text),
            **_core(demand),
            "type": _TYPES,
            # Measured: a state of any other length is refused here, unlike in the customer's own addresses.
            "state": replace(text, length=2),
            "gln": replace(text, format=Format.GLN),
            "email": replace(text, format=Format.EMAIL),
            "deliveryDetails": _DELIVERY_DETAILS,
        }
    )


DELIVERY_ADDRESS_CREATE = _delivery_address(demand=Demand.REQUIRED, is_nullable=False)
DELIVERY_ADDRESS_UPDATE = _delivery_address(demand=Demand.FILLED, is_nullable=True)

_CONTACT_LENGTHS = {
    255: "title department subDepartment street addressSupplement city",
    500: "salutation",
    20: "zipCode",
    50: "phone mobile fax",
}


def _contact(*, demand: Demand, is_nullable: bool, state: Value, details: Object) -> Object:
    text = Value(is_nullable=is_nullable)
    limited = {name: replace(text, longest=most) for most, names in _CONTACT_LENGTHS.items() for name in names.split()}
    return Object(
        fields={
            **limited,
            "name": Value(demand=demand, longest=255),
            "type": _TYPES,
            "state": state,
            "country": Value(length=2, format=Format.COUNTRY),
            "email": replace(text, longest=255, format=Format.EMAIL),
            "contactPersonDetails": details,
            "groups": _GROUPS,
        }
    )


CONTACT_CREATE = _contact(
    demand=Demand.REQUIRED,
    is_nullable=False,
    state=Value(longest=100),
    details=Object(
        fields={
            "position": Value(longest=255),
            "birthday": Value(format=Format.DATE),
            "language": Value(longest=10),
            "allowMarketingEmails": _FLAG,
            **_each("internalNote remarks", _PLAIN_TEXT),
        }
    ),
)
CONTACT_UPDATE = _contact(
    demand=Demand.FILLED,
    is_nullable=True,
    # What POST takes with a hundred characters PATCH takes with two, and neither can clear it.
    state=Value(length=2),
    details=Object(
        fields={
            **_each("position language internalNote remarks", _TEXT),
            "birthday": _DATE,
            "allowMarketingEmails": _FLAG,
        }
    ),
)
