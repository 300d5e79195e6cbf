"""Records in which nothing was filled in yet, in the response's order, with the defaults that the vendor gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bulkio.sandbox.xentral.customer_body import DOCUMENTS

if TYPE_CHECKING:
    from bulkio.sandbox.xentral.store import Document

_ADDRESS = (
    "name", "type", "title", "contactPerson", "department", "subDepartment", "addressSupplement", "street", "zipCode",
    "city", "state", "country", "salutation", "gln", "email", "phone", "fax", "mobile",
)  # fmt: skip

BLANK_ADDRESS: Document = dict.fromkeys(_ADDRESS)


def blank_customer() -> Document:
    """Make one: flags and numbers are never null in responses, texts mostly are."""
    return {
        "number": "",
        "deviatingDebtorAccountNumber": None,
        "mainProject": None,
        "primaryAddress": None,
        "deviatingBillingAddress": None,
        "communication": {
            "language": "DE",
            "website": None,
            "allowTrackingEmails": True,
            "allowFollowUpConfirmations": True,
            "allowMarketingEmails": True,
            "additionalContactInformation": [],
        },
        "financials": _financials(),
        "fulfillment": {
            "shippingMethod": None,
            "freeShippingActive": False,
            "freeShippingFrom": 0,
            "ageCheckRequired": False,
            "deliveryTerms": None,
            "deliveryBlock": False,
            "deliveryBlockDate": None,
            "deliveryBlockReason": None,
            "autoCreateDocuments": None,
            "orderQuoteRemarks": None,
            "commissionConsignmentWarehouse": None,
        },
        "documentDelivery": {
            "invoiceAlwaysPaper": False,
            "amountInvoicePrints": None,
            "preferFax": False,
            # Of all recipients only the dunning letter's may be null.
            "documentRecipients": {name: {"to": None if name == "dunning" else "", "cc": []} for name in DOCUMENTS},
        },
        "customerRoles": [],
        "groups": [],
        "accountManager": None,
        "salesManager": None,
        "originSalesChannel": None,
        "customFields": {},
        "notes": None,
        "tags": [],
    }


def _financials() -> Document:
    return {
        "primaryBankAccount": {
            "bankName": None,
            "accountHolder": None,
            "iban": None,
            "bic": None,
            "sepa": {
                "isCompanySepa": False,
                "mandateReference": None,
                "mandateReferenceChange": False,
                "mandateReferenceDate": None,
                "usage": None,
                "isInitialMandate": False,
                "remark": None,
            },
        },
        "tax": {
            "vatId": None,
            "taxNumber": None,
            "taxation": "domestic",
            "taxDisplay": "automatic",
            "useDeliveryThreshold": False,
            "customsInformation": None,
        },
        "paymentTerms": {
            "fixedPaymentTerms": False,
            "paymentTargetDays": 0,
            "paymentTargetDiscount": 0,
            "paymentTargetDiscountDays": 0,
        },
        "paymentMethod": None,
        "supplierNumberForCustomer": None,
        "subscriptionPaymentMethod": None,
        "defaultCurrency": None,
        "creditLimit": 0,
    }


def blank_delivery_address() -> Document:
    """Make one."""
    details = {
        "taxType": "domestic",
        "defaultDeliveryAddress": False,
        "termsOfDelivery": None,
        "vatId": None,
        "remark": None,
        "note": None,
    }
    return {**BLANK_ADDRESS, "deliveryDetails": details}


def blank_contact() -> Document:
    """Make one; it has neither a contact person of its own nor a location number."""
    names = (name for name in _ADDRESS if name not in ("contactPerson", "gln"))
    details = {
        "position": None,
        "birthday": None,
        "language": None,
        "allowMarketingEmails": False,
        "internalNote": None,
        "remarks": None,
    }
    return {**dict.fromkeys(names), "contactPersonDetails": details, "groups": []}
