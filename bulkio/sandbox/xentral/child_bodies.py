"""What may be written of a delivery address and of a contact person: every field, once for creating, once for updating.

Source: the description, in our own words; where measurements differ from it, a comment says so.
"""

from __future__ import annotations

from dataclasses import replace

from bulkio.sandbox.xentral.customer_body import GROUPS, TAXATIONS, TYPES, core
from bulkio.sandbox.xentral.formats import Format
from bulkio.sandbox.xentral.shapes import FLAG, NULLABLE_DATE, NULLABLE_TEXT, TEXT, Demand, Object, Value, each

_DELIVERY_TEXTS = "title contactPerson salutation department subDepartment addressSupplement phone mobile fax"
_DELIVERY_DETAILS = Object(
    fields={
        "taxType": TAXATIONS,
        "defaultDeliveryAddress": FLAG,
        **each("termsOfDelivery vatId remark note", NULLABLE_TEXT),
    }
)


def _delivery_address(*, demand: Demand, is_nullable: bool) -> Object:
    text = Value(is_nullable=is_nullable)
    return Object(
        fields={
            **each(_DELIVERY_TEXTS, text),
            **core(demand),
            "type": TYPES,
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
            "type": TYPES,
            "state": state,
            "country": Value(length=2, format=Format.COUNTRY),
            "email": replace(text, longest=255, format=Format.EMAIL),
            "contactPersonDetails": details,
            "groups": GROUPS,
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
            "allowMarketingEmails": FLAG,
            **each("internalNote remarks", TEXT),
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
            **each("position language internalNote remarks", NULLABLE_TEXT),
            "birthday": NULLABLE_DATE,
            "allowMarketingEmails": FLAG,
        }
    ),
)
