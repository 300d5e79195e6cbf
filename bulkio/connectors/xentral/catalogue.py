"""Every field of Xentral's customers, delivery addresses and contact persons that bulkio knows, declared once.

Source: the OpenAPI documents at https://github.com/xentral/api-spec-public, version 26.34.2, endpoints V3. In `source`,
"V3 customer" is what GET, POST and PATCH /api/v3/customers show and take, "V3 address" and "V3 contact" the same below
a customer. "Observed" is what a live system was seen to do where the documents say otherwise, or nothing.

Not declared, because a sheet could not give them back exactly: `communication.additionalContactInformation` and
`customerRoles` (lists of objects). They are never sent, so an update leaves them alone.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from bulkio.core.catalogue import Access, Catalogue, ClearAs, Entity, Field, Format, Kind, SlotKind

#: What Xentral allows: "customField1" to "customField20".
CUSTOM_FIELDS = 20

CUSTOM_FIELD = "customFields"
PRIMARY = "primaryAddress"
BILLING = "deviatingBillingAddress"
BANK = "financials.primaryBankAccount"

#: An address of a customer cannot be without these.
ADDRESS_REQUIRED = ("name", "street", "zipCode", "city", "country")

_SEX = ("mrs", "mr", "company", "other")
_TAXATION = ("domestic", "eu", "export", "exempt")
_CUSTOMER, _ADDRESS, _CONTACT = "V3 customer", "V3 address", "V3 contact"
# customer:readBanking is the scope that unmasks it
_BANK_NOTE = "Masked when read, so only ever sent when the customer is created."
_REFERENCE = "The ERP's own id of it: digits."

_text = partial(Field, kind=Kind.TEXT)
_long = partial(Field, kind=Kind.TEXT, max_length=255)
_decimal = partial(Field, kind=Kind.DECIMAL)
_flag = partial(Field, kind=Kind.BOOLEAN, clear_as=ClearAs.NEVER)
_day = partial(Field, kind=Kind.DATE)
_list = partial(Field, kind=Kind.LIST, clear_as=ClearAs.EMPTY)
_choice = partial(Field, kind=Kind.TEXT, clear_as=ClearAs.NEVER)  # an enumeration without null
_amount = partial(Field, clear_as=ClearAs.NEVER, source=_CUSTOMER)  # null is taken, and read back as 0
_reference = partial(Field, kind=Kind.TEXT, note=_REFERENCE, example="3")
_time = partial(Field, kind=Kind.TIMESTAMP, access=Access.READ_ONLY)
_bank = partial(Field, access=Access.CREATE_ONLY, source=_CUSTOMER)
_masked = partial(_bank, kind=Kind.TEXT, masked=True, note=_BANK_NOTE)


def _postal(prefix: str, *, required: bool, note: str = "") -> tuple[Field, ...]:
    """The fields of one of the two addresses that stand on the customer itself."""
    clear_as = ClearAs.NEVER if required else ClearAs.NULL
    fixed = partial(_text, required=required, clear_as=clear_as)
    fields = (
        fixed(name="name", example="Wade's Apparel GmbH"),
        _choice(name="type", choices=_SEX, example="company"),
        _text(name="title", example="Dr."),
        _text(name="contactPerson", example="Harold Smith"),
        _text(name="salutation", example="Dear Mr Smith"),
        _text(name="department", example="Purchasing"),
        _text(name="subDepartment"),
        fixed(name="street", example="Fuggerstraße 15"),
        _text(name="addressSupplement", example="2nd floor"),
        fixed(name="zipCode", example="86150"),
        fixed(name="city", example="Augsburg"),
        _text(name="state", example="Bayern"),
        fixed(name="country", max_length=2, format=Format.COUNTRY_CODE, example="DE"),
        _text(name="gln", max_length=13, note="13 digits.", example="4012345000009"),
        _text(name="email", example="hsmith@example.com"),
        _text(name="phone", example="+49 821 555 0123"),
        _text(name="mobile", example="+49 170 555 0123"),
        _text(name="fax", example="+49 821 555 0124"),
    )
    return tuple(_placed(field, prefix, note) for field in fields)


def _placed(field: Field, prefix: str, note: str) -> Field:
    notes = " ".join(part for part in (field.note, note) if part)
    return replace(field, name=f"{prefix}.{field.name}", note=notes, source=_CUSTOMER)


def _recipients(document: str) -> tuple[Field, ...]:
    """Whom one kind of document goes to."""
    prefix = f"documentDelivery.documentRecipients.{document}"
    return (
        _text(name=f"{prefix}.to", clear_as=ClearAs.EMPTY, example="office@example.com", source=_CUSTOMER),
        _list(name=f"{prefix}.cc", example="a@example.com; b@example.com", source=_CUSTOMER),
    )


CUSTOMERS = Entity(
    name="Customers",
    singular="customer",
    id_field="id",
    key_fields=("number",),
    modified_field="updatedAt",
    fields=(
        _text(
            name="number",
            required=True,
            access=Access.CREATE_ONLY,
            clear_as=ClearAs.NEVER,
            # Xentral itself would draw one from its number range; PATCH does not accept it (observed).
            note="bulkio wants it of a new customer: by its number a customer is found again if the ERP's answer is "
            "lost, so that none is created twice.",
            example="K-10023",
            source=_CUSTOMER,
        ),
        *_postal(PRIMARY, required=True),
        *_postal(
            BILLING,
            required=False,
            note="Part of the billing address, which has a name, street, zipCode, city and country, or is blank as a "
            "whole.",
        ),
        _choice(
            name="communication.language",
            max_length=2,
            note="The code, two letters, of one of the account's languages.",
            example="DE",
            source=_CUSTOMER,
        ),
        _text(
            name="communication.website", clear_as=ClearAs.EMPTY, example="https://www.example.com", source=_CUSTOMER
        ),
        _flag(name="communication.allowMarketingEmails", example="TRUE", source=_CUSTOMER),
        _flag(name="communication.allowTrackingEmails", example="TRUE", source=_CUSTOMER),
        _flag(name="communication.allowFollowUpConfirmations", example="TRUE", source=_CUSTOMER),
        _text(name="financials.tax.vatId", example="DE123456789", source=_CUSTOMER),
        _text(name="financials.tax.taxNumber", example="103/123/12345", source=_CUSTOMER),
        _choice(name="financials.tax.taxation", choices=_TAXATION, example="domestic", source=_CUSTOMER),
        _choice(
            name="financials.tax.taxDisplay", choices=("automatic", "net", "gross"), example="net", source=_CUSTOMER
        ),
        _flag(name="financials.tax.useDeliveryThreshold", example="FALSE", source=_CUSTOMER),
        _text(name="financials.tax.customsInformation", source=_CUSTOMER),
        _flag(name="financials.paymentTerms.fixedPaymentTerms", example="TRUE", source=_CUSTOMER),
        _amount(name="financials.paymentTerms.paymentTargetDays", kind=Kind.INTEGER, note="0 for none.", example="30"),
        _amount(
            name="financials.paymentTerms.paymentTargetDiscount",
            kind=Kind.DECIMAL,
            note="Per cent; 0 for none.",
            example="2.5",
        ),
        _amount(
            name="financials.paymentTerms.paymentTargetDiscountDays",
            kind=Kind.INTEGER,
            note="0 for none.",
            example="10",
        ),
        _reference(name="financials.paymentMethod.id", source=_CUSTOMER),
        _choice(
            name="financials.subscriptionPaymentMethod",
            choices=("directDebit", "invoice"),
            example="invoice",
            source=_CUSTOMER,
        ),
        _text(
            name="financials.defaultCurrency",
            max_length=3,
            note="A currency's code of three letters (ISO 4217).",
            example="EUR",
            source=_CUSTOMER,
        ),
        _amount(name="financials.creditLimit", kind=Kind.DECIMAL, note="0 for none.", example="5000"),
        _text(name="financials.supplierNumberForCustomer", example="L-4711", source=_CUSTOMER),
        _text(name="deviatingDebtorAccountNumber", example="10023", source=_CUSTOMER),
        _reference(name="fulfillment.shippingMethod.id", source=_CUSTOMER),
        _flag(name="fulfillment.freeShippingActive", example="FALSE", source=_CUSTOMER),
        _amount(name="fulfillment.freeShippingFrom", kind=Kind.DECIMAL, note="0 for none.", example="50"),
        _flag(name="fulfillment.ageCheckRequired", example="FALSE", source=_CUSTOMER),
        _text(name="fulfillment.deliveryTerms", example="EXW", source=_CUSTOMER),
        _flag(name="fulfillment.deliveryBlock", example="FALSE", source=_CUSTOMER),
        _day(name="fulfillment.deliveryBlockDate", example="2026-01-31", source=_CUSTOMER),
        _text(name="fulfillment.deliveryBlockReason", source=_CUSTOMER),
        _choice(
            name="fulfillment.autoCreateDocuments",
            choices=("deliveryNote", "invoice", "deliveryNoteAndInvoice"),
            example="invoice",
            source=_CUSTOMER,
        ),
        _text(name="fulfillment.orderQuoteRemarks", example="Ring twice", source=_CUSTOMER),
        _reference(name="fulfillment.commissionConsignmentWarehouse.id", source=_CUSTOMER),
        _flag(name="documentDelivery.invoiceAlwaysPaper", example="FALSE", source=_CUSTOMER),
        Field(
            name="documentDelivery.amountInvoicePrints",
            kind=Kind.INTEGER,
            clear_as=ClearAs.NEVER,
            example="1",
            source=_CUSTOMER,
        ),
        _flag(name="documentDelivery.preferFax", example="FALSE", source=_CUSTOMER),
        *_recipients("offer"),
        *_recipients("salesOrder"),
        *_recipients("invoice"),
        *_recipients("creditNote"),
        *_recipients("deliveryNote"),
        *_recipients("purchaseOrder"),
        *_recipients("dunning"),
        _reference(name="accountManager.id", source=_CUSTOMER),
        _reference(name="salesManager.id", source=_CUSTOMER),
        _decimal(
            name="salesManager.commission", note="Per cent; needs salesManager.id.", example="5", source=_CUSTOMER
        ),
        _reference(name="originSalesChannel.id", source=_CUSTOMER),
        _reference(name="mainProject.id", source=_CUSTOMER),
        _list(name="groups.id", note="All groups of the customer, by the ERP's ids.", example="3; 7", source=_CUSTOMER),
        _list(name="groups.name", access=Access.READ_ONLY, note="Follows groups.id.", source=_CUSTOMER),
        _list(name="tags.title", note="All tags of the customer.", example="B2B; VIP", source=_CUSTOMER),
        _text(name="notes", example="Prefers deliveries on Tuesdays", source=_CUSTOMER),
        *(
            _text(
                name=f"{CUSTOM_FIELD}.customField{number}",
                note="One of the account's own fields; its label stands in the ERP's settings.",
                source=_CUSTOMER,
            )
            for number in range(1, CUSTOM_FIELDS + 1)
        ),
        _masked(name=f"{BANK}.bankName", example="Example Bank"),
        _masked(name=f"{BANK}.accountHolder", example="Wade's Apparel GmbH"),
        _masked(name=f"{BANK}.iban", example="DE89370400440532013000"),
        _masked(name=f"{BANK}.bic", example="COBADEFFXXX"),
        _bank(name=f"{BANK}.sepa.isCompanySepa", kind=Kind.BOOLEAN, clear_as=ClearAs.NEVER, example="FALSE"),
        _masked(name=f"{BANK}.sepa.mandateReference", example="M-2026-17"),
        _bank(name=f"{BANK}.sepa.mandateReferenceChange", kind=Kind.BOOLEAN, clear_as=ClearAs.NEVER, example="FALSE"),
        _bank(name=f"{BANK}.sepa.mandateReferenceDate", kind=Kind.DATE, example="2026-01-31"),
        _bank(name=f"{BANK}.sepa.usage", kind=Kind.TEXT, choices=("single", "recurring"), clear_as=ClearAs.NEVER),
        _bank(name=f"{BANK}.sepa.isInitialMandate", kind=Kind.BOOLEAN, clear_as=ClearAs.NEVER, example="FALSE"),
        _bank(name=f"{BANK}.sepa.remark", kind=Kind.TEXT),
        _time(name="createdAt", source=_CUSTOMER),
        _time(name="updatedAt", source=_CUSTOMER),
        _text(
            name="id",
            access=Access.READ_ONLY,
            clear_as=ClearAs.NEVER,
            note="Made by the ERP; identifies the customer.",
            source=_CUSTOMER,
        ),
    ),
)

ADDRESSES = Entity(
    name="Addresses",
    singular="address",
    id_field="id",
    key_fields=("name", "street", "zipCode"),
    parent="Customers",
    parent_key="number",
    record_path="deliveryAddresses",
    slot_kinds=(SlotKind(title="Delivery"),),
    fields=(
        _text(name="name", required=True, clear_as=ClearAs.NEVER, example="Main Warehouse", source=_ADDRESS),
        _choice(name="type", choices=_SEX, example="company", source=_ADDRESS),
        _text(name="title", source=_ADDRESS),
        _text(name="contactPerson", example="Harold Smith", source=_ADDRESS),
        _text(name="salutation", source=_ADDRESS),
        _text(name="department", source=_ADDRESS),
        _text(name="subDepartment", source=_ADDRESS),
        _text(name="street", required=True, clear_as=ClearAs.NEVER, example="Hafenstraße 2", source=_ADDRESS),
        _text(name="addressSupplement", example="Gate 4", source=_ADDRESS),
        _text(name="zipCode", required=True, clear_as=ClearAs.NEVER, example="86150", source=_ADDRESS),
        _text(name="city", required=True, clear_as=ClearAs.NEVER, example="Augsburg", source=_ADDRESS),
        _text(
            name="state",
            max_length=2,
            note="Exactly two characters: the state's code of ISO 3166-2 without the country.",  # names are refused
            example="BY",
            source=f"{_ADDRESS}, observed",
        ),
        _text(
            name="country",
            required=True,
            max_length=2,
            format=Format.COUNTRY_CODE,
            clear_as=ClearAs.NEVER,
            example="DE",
            source=_ADDRESS,
        ),
        _text(name="gln", max_length=13, note="13 digits.", example="4012345000009", source=_ADDRESS),
        _text(name="phone", example="+49 821 555 0123", source=_ADDRESS),
        _text(name="mobile", example="+49 170 555 0123", source=_ADDRESS),
        _text(name="fax", source=_ADDRESS),
        _text(name="email", format=Format.EMAIL, example="ramp@example.com", source=_ADDRESS),
        _choice(name="deliveryDetails.taxType", choices=_TAXATION, example="domestic", source=_ADDRESS),
        _flag(
            name="deliveryDetails.defaultDeliveryAddress",
            note="One address of a customer is the default one.",
            example="FALSE",
            source=_ADDRESS,
        ),
        _text(name="deliveryDetails.termsOfDelivery", example="DAP", source=_ADDRESS),
        _text(name="deliveryDetails.vatId", example="DE123456789", source=_ADDRESS),
        _text(name="deliveryDetails.remark", note="Internal.", source=_ADDRESS),
        _text(name="deliveryDetails.note", note="Public: carriers may see it.", source=_ADDRESS),
        _text(name="id", access=Access.READ_ONLY, clear_as=ClearAs.NEVER, note="Made by the ERP.", source=_ADDRESS),
    ),
)

CONTACTS = Entity(
    name="Contacts",
    singular="contact",
    id_field="id",
    key_fields=("name", "email"),
    parent="Customers",
    parent_key="number",
    record_path="contactPersons",
    modified_field="updatedAt",
    fields=(
        _long(name="name", required=True, clear_as=ClearAs.NEVER, example="Harold Smith", source=_CONTACT),
        _long(name="email", format=Format.EMAIL, example="hsmith@example.com", source=_CONTACT),
        _choice(name="type", choices=_SEX, example="mr", source=_CONTACT),
        _long(name="title", example="Dr.", source=_CONTACT),
        _text(name="salutation", max_length=500, example="Dear Mr Smith", source=_CONTACT),
        _long(name="department", example="Purchasing", source=_CONTACT),
        _long(name="subDepartment", source=_CONTACT),
        _long(name="contactPersonDetails.position", example="Head of Purchasing", source=_CONTACT),
        _long(name="street", source=_CONTACT),
        _long(name="addressSupplement", source=_CONTACT),
        _text(name="zipCode", max_length=20, example="86150", source=_CONTACT),
        _long(name="city", source=_CONTACT),
        _text(
            name="state",
            max_length=2,
            clear_as=ClearAs.NEVER,
            # 100 characters when created, exactly two afterwards: more could never be put right again.
            note="Exactly two characters.",
            example="BY",
            source=_CONTACT,
        ),
        _text(
            name="country",
            max_length=2,
            format=Format.COUNTRY_CODE,
            clear_as=ClearAs.NEVER,
            example="DE",
            source=_CONTACT,
        ),
        _text(name="phone", max_length=50, example="+49 821 555 0126", source=_CONTACT),
        _text(name="mobile", max_length=50, example="+49 170 555 0126", source=_CONTACT),
        _text(name="fax", max_length=50, source=_CONTACT),
        _day(name="contactPersonDetails.birthday", example="1980-05-17", source=_CONTACT),
        _text(name="contactPersonDetails.language", max_length=10, example="DE", source=_CONTACT),
        _flag(name="contactPersonDetails.allowMarketingEmails", example="FALSE", source=_CONTACT),
        _text(name="contactPersonDetails.internalNote", note="For staff only.", source=_CONTACT),
        _text(name="contactPersonDetails.remarks", source=_CONTACT),
        _list(name="groups.id", note="All groups of the contact, by the ERP's ids.", example="3; 7", source=_CONTACT),
        _list(name="groups.name", access=Access.READ_ONLY, note="Follows groups.id.", source=_CONTACT),
        _time(name="createdAt", source=_CONTACT),
        _time(name="updatedAt", source=_CONTACT),
        _text(name="id", access=Access.READ_ONLY, clear_as=ClearAs.NEVER, note="Made by the ERP.", source=_CONTACT),
    ),
)

CATALOGUE = Catalogue((CUSTOMERS, ADDRESSES, CONTACTS))
