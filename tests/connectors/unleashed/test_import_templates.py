"""Files made for Unleashed's own importer, as far as their columns mean a field of ours."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from bulkio.connectors.unleashed.catalogue import CATALOGUE
from bulkio.core.catalogue import Field, Kind
from bulkio.core.locale import NEUTRAL
from bulkio.core.rows import read_rows
from bulkio.sheets import read_csv

if TYPE_CHECKING:
    from pathlib import Path

# https://support.unleashedsoftware.com/hc/en-us/articles/4415240747161-Import-Customers-field-definitions
CUSTOMERS = (
    "*Customer Code,*Customer Name,Customer Type,Notes,GST/VAT Number,Default Currency,IsObsoleted,Taxable,Tax Code,"
    "Bank Name,Bank Account,Payment Terms,Sell Price Tier,Discount (%),Reminder,Salesperson,Stop Credit,EORI Number,"
    "Sales Group,Postal Address Name,Postal Street Address/PO Box"
)
# .../4415260146585-Import-Delivery-Address-field-definitions
ADDRESSES = (
    "*Customer Code,Customer Name,*Delivery Address Name,Delivery Street Address,Delivery Street Address 2,"
    "Delivery Suburb,Delivery Town/City,Delivery State/Region,Delivery Country,Delivery Postal Code,"
    "Delivery Instruction,Obsolete"
)
# .../4415247696409-Import-Customer-Contacts-field-definitions
CONTACTS = (
    "*Customer Code,Customer Name,*First Name,*Last Name,Email Address,Address Name,Website,Primary,Ordering,Invoicing"
)


def rows_of(sheet: str, header: str, path: Path) -> Any:
    path.write_text(f"{header}\n{','.join(['x'] * (header.count(',') + 1))}\n", encoding="utf-8")
    return read_rows(CATALOGUE.by_name[sheet], read_csv(path, sheet), NEUTRAL)


def said(rows: Any, code: str) -> dict[str, str]:
    return {issue.column: issue.message for issue in rows.issues if issue.code.value == code}


def test_the_customers_template(tmp_path: Path) -> None:
    rows = rows_of("Customers", CUSTOMERS, tmp_path / "a.csv")
    assert said(rows, "read-as") == {
        "GST/VAT Number": "read as GSTVATNumber",
        "Default Currency": "read as Currency.CurrencyCode",
        "IsObsoleted": "read as Obsolete",
        "Payment Terms": "read as PaymentTerm",
        "Salesperson": "read as Salesperson.FullName",
        "Sales Group": "read as SalesOrderGroup",
    }
    assert {"CustomerCode", "CustomerName", "CustomerType", "TaxCode", "EORINumber"} <= set(rows.columns)
    assert list(said(rows, "unknown-column")) == [
        "Discount (%)",  # a percentage; DiscountRate is a rate
        "Postal Address Name",
        "Postal Street Address/PO Box",
    ]


def test_the_delivery_addresses_template(tmp_path: Path) -> None:
    rows = rows_of("Addresses", ADDRESSES, tmp_path / "a.csv")
    assert len(said(rows, "read-as")) == 8
    assert list(said(rows, "unknown-column")) == ["Customer Name", "Obsolete"]
    assert {"CustomerCode", "AddressName", "Region", "DeliveryInstruction"} <= set(rows.columns)


def test_the_contacts_template(tmp_path: Path) -> None:
    rows = rows_of("Contacts", CONTACTS, tmp_path / "a.csv")
    assert set(said(rows, "read-as").values()) == {
        "read as DeliveryAddress",
        "read as IsDefault",
        "read as ForOrdering",
        "read as ForInvoicing",
    }
    assert list(said(rows, "unknown-column")) == ["Customer Name"]


def test_a_column_of_the_users_own_beside_the_field_itself_is_left_alone(tmp_path: Path) -> None:
    rows = rows_of("Contacts", "CustomerCode,FirstName,PhoneNumber,Phone", tmp_path / "a.csv")
    assert said(rows, "read-as") == {}
    assert list(said(rows, "unknown-column")) == ["Phone"]


def test_a_header_that_would_mean_two_fields_cannot_be_declared() -> None:
    entity = CATALOGUE.by_name["Contacts"]
    for twice in ("Phone", "office phone", "Mobile"):
        extra = Field(name="Extra", kind=Kind.TEXT, also_called=(twice,))
        with pytest.raises(ValueError, match="a header means two fields"):
            dataclasses.replace(entity, fields=(*entity.fields, extra))
