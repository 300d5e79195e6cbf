"""Every field of Unleashed's customers, addresses and contacts, declared once.

Source: https://apidocs.unleashedsoftware.com/Customers. In `source`, "GET 77" and "POST 636" are lines of that page
as text, in "Available Fields for GET ..." and "Available Fields for POST ...". Where the page is silent and a live
system was observed, `note` or a comment says so.

`also_called` are the headers of Unleashed's own import templates:
https://support.unleashedsoftware.com/hc/en-us/articles/4415240747161 (customers), 4415260146585 (delivery addresses)
and 4415247696409 (contacts). Not among them: "Discount (%)", whose unit is another than DiscountRate's.
"""

from __future__ import annotations

from functools import partial

from bulkio.core.catalogue import (
    Access,
    Catalogue,
    ClearAs,
    Entity,
    Field,
    Format,
    Kind,
    Lookup,
    Reference,
    SlotKind,
)

_text = partial(Field, kind=Kind.TEXT, max_length=500)
_decimal = partial(Field, kind=Kind.DECIMAL)
_guid = partial(Field, kind=Kind.GUID)
_flag = partial(Field, kind=Kind.BOOLEAN, clear_as=ClearAs.NEVER)  # "Boolean: true, false" has no blank state
_nullable_flag = partial(Field, kind=Kind.BOOLEAN)  # "Nullable Boolean"
_time = partial(Field, kind=Kind.TIMESTAMP, access=Access.READ_ONLY)

_PRIMARY = "If supplied, primary contact details (ContactFirstName, ContactLastName and/or Email) are required."
_PRIMARY_ONLY = "Part of the primary contact: changing any part of it sends all of it."

#: Any change to one of these is a change to the primary contact, which is overwritten as a whole (POST 624).
PRIMARY_CONTACT = ("ContactFirstName", "ContactLastName", "Email")

#: These are refused without primary contact details in the same body (POST 675, 702, 715, 727, 756, 760).
NEEDS_PRIMARY_CONTACT = ("DDINumber", "FaxNumber", "MobileNumber", "PhoneNumber", "TollFreeNumber", "Website")

CUSTOMERS = Entity(
    name="Customers",
    singular="customer",
    id_field="Guid",
    key_fields=("CustomerCode",),
    soft_delete_field="Obsolete",
    client_ids=True,  # "Automatically generates a Guid if not provided" (POST 710)
    created_field="CreatedOn",
    modified_field="LastModifiedOn",
    fields=(
        _text(
            name="CustomerCode",
            required=True,
            access=Access.CREATE_ONLY,
            clear_as=ClearAs.NEVER,
            note="Unique code. Can only be set when creating a Customer.",
            example="00123",
            source="GET 103, POST 659",
        ),
        _text(
            name="CustomerName",
            required=True,
            clear_as=ClearAs.NEVER,
            example="Wade's Apparel & Accessories",
            source="GET 106, POST 664",
        ),
        _text(
            name="CustomerType",
            max_length=50,
            lookup=Lookup("CustomerTypes", "TypeName"),
            note="If CustomerTypeGuid is also changed, it must name the same type.",
            example="Cash",
            source="GET 109, POST 668",
        ),
        _flag(
            name="Obsolete",
            also_called=("IsObsoleted",),
            note="TRUE hides the customer; it is Unleashed's stand-in for a delete.",
            example="FALSE",
            source="GET 159, POST 722",
        ),
        _flag(name="StopCredit", example="FALSE", source="GET 186, POST 745"),
        _text(name="ContactFirstName", note=_PRIMARY_ONLY, example="Harold", source="GET 88, POST 645"),
        _text(name="ContactLastName", note=_PRIMARY_ONLY, example="Smith", source="GET 91, POST 650"),
        _text(
            name="Email",
            format=Format.EMAIL,
            note=_PRIMARY_ONLY,
            example="hsmith@example.com",
            source="GET 127, POST 690",
        ),
        _text(
            name="EmailCC",
            format=Format.EMAIL_LIST,
            note="Multiple e-mail addresses must be separated by commas.",
            example="a@example.com,b@example.com",
            source="GET 130, POST 695",
        ),
        _text(name="PhoneNumber", note=_PRIMARY, example="+64 9 555 0123", source="GET 166, POST 727"),
        _text(name="MobileNumber", note=_PRIMARY, example="021 555 0123", source="GET 153, POST 715"),
        _text(name="DDINumber", note=_PRIMARY, example="+64 9 555 0124", source="GET 114, POST 675"),
        _text(name="TollFreeNumber", note=_PRIMARY, example="0800 555 012", source="GET 197, POST 756"),
        _text(name="FaxNumber", note=_PRIMARY, example="+64 9 555 0125", source="GET 136, POST 702"),
        _text(
            name="Website",
            format=Format.WEBSITE,
            note=_PRIMARY,
            example="https://www.example.com",
            source="GET 200, POST 760",
        ),
        _text(
            name="Currency.CurrencyCode",
            also_called=("Default Currency",),
            max_length=3,
            lookup=Lookup("Currencies", "CurrencyCode"),
            note="A valid Guid or CurrencyCode is required.",
            example="NZD",
            source="GET 314, POST 811",
        ),
        _text(
            name="PaymentTerm",
            also_called=("Payment Terms",),
            max_length=100,
            lookup=Lookup("PaymentTerms", "PaymentTermDescription"),
            example="20th Month following",
            source="GET 163, POST 724",
        ),
        _decimal(name="CreditLimit", example="5000", source="GET 99, POST 655"),
        _flag(name="HasCreditLimit", example="TRUE", source="GET 144, POST 713"),
        _decimal(name="DiscountRate", example="0.05", source="GET 125, POST 688"),
        _text(
            name="SellPriceTier",
            max_length=25,
            lookup=Lookup("SellPriceTiers", "Name"),
            example="Wholesale",
            source="GET 181, POST 740",
        ),
        _text(
            name="SalesOrderGroup",
            also_called=("Sales Group",),
            max_length=50,
            lookup=Lookup("SalesOrderGroups", "Name"),
            example="North",
            source="GET 176, POST 737",
        ),
        _text(
            name="Salesperson.FullName",
            also_called=("Salesperson",),
            max_length=256,
            lookup=Lookup("Salespersons", "FullName"),
            note="The Guid that the ERP needs is looked up from the name or the e-mail address.",
            example="Sam Seller",
            source="GET 347, POST 836",
        ),
        _text(
            name="Salesperson.Email",
            max_length=256,
            lookup=Lookup("Salespersons", "Email"),
            example="sam@example.com",
            source="GET 344, POST 833",
        ),
        _text(
            name="DefaultWarehouse.WarehouseCode",
            max_length=15,
            lookup=Lookup("Warehouses", "WarehouseCode"),
            note="A valid Guid or WarehouseCode is required.",
            example="W1",
            source="GET 334, POST 825",
        ),
        _text(
            name="DeliveryMethod",
            max_length=50,
            lookup=Lookup("DeliveryMethods", "Name"),
            example="Courier",
            source="GET 122, POST 685",
        ),
        _text(
            name="DeliveryInstruction",
            clear_as=ClearAs.EMPTY,  # "null or missing property will not override existing information" (POST 681)
            note="Null or missing leaves the old text; clearing it sends an empty text.",
            example="Ring twice",
            source="GET 119, POST 681",
        ),
        _nullable_flag(name="Taxable", example="TRUE", source="GET 190, POST 747"),
        _text(
            name="TaxCode",
            max_length=50,
            lookup=Lookup("Taxes", "TaxCode"),
            note="Code of the default tax selected on the customer.",
            example="G.S.T.",
            source="GET 192, POST 749",
        ),
        _decimal(
            name="TaxRate",
            note="Rate of the default tax selected on the customer; follows TaxCode.",
            example="0.15",
            source="GET 195, POST 753",
        ),
        _text(name="GSTVATNumber", also_called=("GST/VAT Number",), example="123-456-789", source="GET 139, POST 706"),
        _text(name="EORINumber", max_length=20, example="GB123456789000", source="GET 133, POST 699"),
        _text(name="BankName", example="Example Bank", source="GET 83, POST 642"),
        _text(name="BankBranch", example="Takapuna", source="GET 80, POST 639"),
        _text(name="BankAccount", example="01-0001-0000001-00", source="GET 77, POST 636"),
        _nullable_flag(name="PrintInvoice", example="TRUE", source="GET 169, POST 731"),
        _nullable_flag(name="PrintPackingSlipInsteadOfInvoice", example="FALSE", source="GET 171, POST 733"),
        _text(name="Notes", max_length=1024, example="Prefers deliveries on Tuesdays", source="GET 156, POST 719"),
        _text(name="XeroSalesAccount", example="200", source="GET 206, POST 767"),
        _text(name="XeroCostOfGoodsAccount", example="310", source="GET 203, POST 764"),
        _guid(
            name="CustomerTypeGuid",
            note="If CustomerType is also changed, it must name the same type.",
            source="GET 112, POST 672",
        ),
        _guid(name="Currency.Guid", source="GET 324, POST 814"),
        _guid(name="DefaultWarehouse.Guid", source="GET 332, POST 823"),
        _guid(
            name="Salesperson.Guid",
            note="Required by the ERP; found from the name or e-mail.",
            source="GET 350, POST 839",
        ),
        _text(
            name="SellPriceTierReference.Reference",
            max_length=None,
            # Observed: {"Reference": "SellPriceTier1"}; the page does not show its parts.
            note="Follows SellPriceTier.",
            source="GET 184, POST 743",
        ),
        _text(name="Reminder", max_length=1024, access=Access.READ_ONLY, source="GET 173"),
        _text(name="Currency.Description", max_length=200, access=Access.READ_ONLY, source="GET 321"),
        _decimal(name="Currency.DefaultBuyRate", access=Access.READ_ONLY, source="GET 317"),
        _decimal(name="Currency.DefaultSellRate", access=Access.READ_ONLY, source="GET 319"),
        _time(name="Currency.LastModifiedOn", source="GET 326"),
        _text(name="DefaultWarehouse.WarehouseName", max_length=100, access=Access.READ_ONLY, source="GET 337"),
        _flag(name="Salesperson.Obsolete", access=Access.READ_ONLY, source="GET 354"),
        _time(name="Salesperson.LastModifiedOn", source="GET 352"),
        _text(name="CreatedBy", max_length=50, access=Access.READ_ONLY, source="GET 94"),
        _time(name="CreatedOn", source="GET 97"),
        _text(name="LastModifiedBy", max_length=50, access=Access.READ_ONLY, source="GET 148"),
        _time(name="LastModifiedOn", source="GET 151"),
        _guid(
            name="Guid",
            access=Access.CREATE_ONLY,
            clear_as=ClearAs.NEVER,
            note="Identifies the customer; leave it as it is.",
            source="GET 142, POST 709",
        ),
    ),
    references=(
        Reference(resource="CustomerTypes", members=(("CustomerType", "TypeName"), ("CustomerTypeGuid", "Guid"))),
        Reference(
            resource="Currencies", members=(("Currency.CurrencyCode", "CurrencyCode"), ("Currency.Guid", "Guid"))
        ),
        Reference(
            resource="Warehouses",
            members=(("DefaultWarehouse.WarehouseCode", "WarehouseCode"), ("DefaultWarehouse.Guid", "Guid")),
        ),
        Reference(
            resource="Salespersons",
            members=(
                ("Salesperson.FullName", "FullName"),
                ("Salesperson.Email", "Email"),
                ("Salesperson.Guid", "Guid"),
            ),
            required="Salesperson.Guid",  # POST 839: "Guid ... Required: Yes"
        ),
        Reference(
            resource="SellPriceTiers",
            members=(("SellPriceTier", "Name"), ("SellPriceTierReference.Reference", "Reference")),
        ),
        Reference(resource="Taxes", members=(("TaxCode", "TaxCode"), ("TaxRate", "TaxRate"))),
    ),
)

ADDRESSES = Entity(
    name="Addresses",
    singular="address",
    id_field="Guid",
    key_fields=("AddressType", "AddressName"),
    parent="Customers",
    parent_key="CustomerCode",
    record_path="Addresses",
    embedded=True,  # "Addresses: Address" is a property of the customer's body (POST 633); there is no URI for them
    modified_field="LastModifiedOn",
    slot_field="AddressType",
    slot_kinds=(  # of several postal or physical addresses, a flat sheet shows the first
        SlotKind(title="Postal", value="Postal", is_numbered=False),
        SlotKind(title="Physical", value="Physical", is_numbered=False),
        SlotKind(title="Shipping", value="Shipping"),
    ),
    fields=(
        _text(
            name="AddressType",
            max_length=20,
            choices=("Postal", "Physical", "Shipping"),
            note="Postal, Physical or Shipping.",  # POST 635
            example="Shipping",
            source="GET 216, POST 779",
        ),
        _text(
            name="AddressName",
            also_called=("Delivery Address Name",),
            example="Main Warehouse",
            source="GET 213, POST 776",
        ),
        _text(
            name="StreetAddress",
            also_called=("Delivery Street Address",),
            example="31 Hurstmere Road",
            source="GET 242, POST 795",
        ),
        _text(
            name="StreetAddress2",
            also_called=("Delivery Street Address 2",),
            example="Level 2",
            source="GET 245, POST 798",
        ),
        _text(name="Suburb", also_called=("Delivery Suburb",), example="Takapuna", source="GET 248, POST 801"),
        _text(name="City", also_called=("Delivery Town/City",), example="Auckland", source="GET 219, POST 782"),
        _text(name="Region", also_called=("Delivery State/Region",), example="North Shore", source="GET 239, POST 792"),
        _text(name="PostalCode", also_called=("Delivery Postal Code",), example="0622", source="GET 236, POST 789"),
        _text(
            name="Country",
            also_called=("Delivery Country",),
            format=Format.COUNTRY,
            note="A name or a code; codes of two letters are checked against ISO 3166.",
            example="New Zealand",
            source="GET 222, POST 785",
        ),
        # IsDefault and DeliveryInstruction are missing in the POST table, but stand in its example (lines 906, 907).
        _flag(name="IsDefault", example="FALSE", source="GET 230, POST example 906"),
        _text(name="DeliveryInstruction", example="Handle with care.", source="GET 225, POST example 907"),
        _time(name="LastModifiedOn", source="GET 234"),
        _guid(name="Guid", access=Access.READ_ONLY, note="Made by the ERP.", source="GET 228"),
    ),
)

CONTACTS = Entity(
    name="Contacts",
    singular="contact",
    id_field="Guid",
    key_fields=("FirstName", "LastName", "EmailAddress"),
    parent="Customers",
    parent_key="CustomerCode",
    record_path="Contacts",
    fields=(
        _text(name="FirstName", example="Harold", source="GET 267, POST/PUT 956"),
        _text(name="LastName", example="Smith", source="GET 289, POST/PUT 976"),
        _text(
            name="EmailAddress",
            format=Format.EMAIL,
            note="FirstName, LastName and/or EmailAddress: at least one, and the three together unique.",
            example="hsmith@example.com",
            source="GET 261, POST/PUT 947",
        ),
        _flag(
            name="IsDefault",
            also_called=("Primary",),
            note="The first contact of a customer becomes its default contact.",
            example="FALSE",
            source="GET 285, POST/PUT 973",
        ),
        _flag(name="ForOrdering", also_called=("Ordering",), example="FALSE", source="GET 274, POST/PUT 964"),
        _flag(name="ForInvoicing", also_called=("Invoicing",), example="TRUE", source="GET 270, POST/PUT 962"),
        _flag(name="ForShipping", also_called=("Shipping",), example="FALSE", source="GET 278, POST/PUT 966"),
        _text(name="MobilePhone", also_called=("Mobile",), example="021 555 0123", source="GET 292, POST/PUT 982"),
        _text(name="OfficePhone", example="+64 9 555 0126", source="GET 298, POST/PUT 988"),
        _text(name="PhoneNumber", also_called=("Phone",), example="+64 9 555 0123", source="GET 301, POST/PUT 991"),
        _text(name="DDINumber", also_called=("DDI",), example="+64 9 555 0124", source="GET 258, POST/PUT 944"),
        _text(
            name="TollFreeNumber",
            also_called=("Toll Free No.",),
            example="0800 555 012",
            source="GET 304, POST/PUT 994",
        ),
        _text(name="FaxNumber", also_called=("Fax",), example="+64 9 555 0125", source="GET 264, POST/PUT 953"),
        _text(name="Website", format=Format.WEBSITE, example="https://www.example.com", source="GET 307, POST/PUT 997"),
        _text(
            name="DeliveryAddress",
            also_called=("Address Name",),
            note="If supplied, must match the AddressName of one of the customer's addresses.",
            example="Main Warehouse",
            source="GET 255, POST/PUT 940",
        ),
        _text(name="Notes", max_length=1024, example="Call before noon", source="GET 295, POST/PUT 985"),
        _guid(name="Guid", access=Access.READ_ONLY, note="Made by the ERP.", source="GET 282, POST/PUT 968"),
    ),
)

CATALOGUE = Catalogue((CUSTOMERS, ADDRESSES, CONTACTS))
