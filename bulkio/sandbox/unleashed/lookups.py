"""The lists that customers refer to: currencies, types, terms, taxes and so on; fixed, the same for every seed.

Names of resources and fields as other clients use them; the Guids and names that stand in the vendor's examples are
kept, so that those examples are accepted as they are.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bulkio.sandbox.unleashed.instant import Instant

if TYPE_CHECKING:
    from collections.abc import Mapping

Document = dict[str, Any]

_NAMESPACE = uuid.UUID("8f2f4c5e-6a0e-4f38-9d0c-0d0c4a9f7b11")
_MODIFIED = Instant.parse("2019-06-05T23:42:47.5066667")


def stable_guid(*parts: object) -> str:
    """Make a Guid that is the same in every sandbox, made from what it stands for."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(map(str, parts))))


@dataclass(frozen=True, slots=True)
class Lookup:
    """One list: its path, an element's name in XML, and whether it comes in pages."""

    plural: str
    singular: str
    documents: tuple[Document, ...]
    is_paged: bool = True


def _currency(code: str, description: str, sell_rate: str, guid: str = "") -> Document:
    return {
        "CurrencyCode": code,
        "Description": description,
        "DefaultBuyRate": None if code == "NZD" else Decimal(sell_rate),
        "DefaultSellRate": Decimal(sell_rate),
        "Guid": guid or stable_guid("Currency", code),
        "LastModifiedOn": _MODIFIED,
    }


CURRENCIES = (
    _currency("NZD", "New Zealand, Dollars", "1.0000", "6cb5d67a-1c96-4fa8-bf59-b23c2d69f22a"),  # line 915
    _currency("AUD", "Australia, Dollars", "0.9213"),
    _currency("GBP", "United Kingdom, Pounds", "0.4791", "21776179-8c51-4c1f-9eb8-9e6b4ff66c23"),  # line 877
    _currency("EUR", "Euro", "0.5577"),
    _currency("USD", "United States of America, Dollars", "0.6012"),
)

CUSTOMER_TYPES: tuple[Document, ...] = tuple(
    {
        "TypeName": name,
        "Guid": "6b60e9ce-4e1a-40da-bc0c-144ec9a9958a" if name == "Cash" else stable_guid("CustomerType", name),
        "LastModifiedOn": _MODIFIED,
    }
    for name in ("Cash", "Wholesale", "Retail", "Distributor", "Großhandel")
)

#: Two of them share a name, so that a name alone does not always say who is meant.
SALESPERSONS: tuple[Document, ...] = tuple(
    {
        "FullName": name,
        "Email": email,
        "Obsolete": is_obsolete,
        "Guid": stable_guid("Salesperson", email),
        "LastModifiedOn": _MODIFIED,
    }
    for name, email, is_obsolete in (
        ("Aroha Ngata", "aroha.ngata@example.com", False),
        ("Ben Whitcombe", "ben.whitcombe@example.com", False),
        ("Jürgen Voß", "juergen.voss@example.org", False),
        ("Sam Wilson", "sam.wilson@example.com", False),
        ("Sam Wilson", "sam.wilson@example.org", False),
        ("Priya Raman", "priya.raman@example.net", True),
    )
)

#: Ten fixed tiers; only the first ones have been given names.
SELL_PRICE_TIERS: tuple[Document, ...] = tuple(
    {"Tier": number, "Name": name}
    for number, name in enumerate(
        ("Wholesale", "Retail", "Distributor", "Staff", *(f"Sell Price Tier {number}" for number in range(5, 11))), 1
    )
)

WAREHOUSES: tuple[Document, ...] = tuple(
    {
        "WarehouseCode": code,
        "WarehouseName": name,
        "IsDefault": code == "W1",
        "StreetNo": None,
        "AddressLine1": street,
        "AddressLine2": None,
        "Suburb": None,
        "City": city,
        "Region": None,
        "Country": country,
        "PostCode": post_code,
        "Obsolete": code == "OLD",
        "Guid": stable_guid("Warehouse", code),
        "LastModifiedOn": modified,
    }
    for code, name, street, city, country, post_code, modified in (
        ("W1", "Main Warehouse", "31 Hurstmere Road", "Auckland", "New Zealand", "0622", _MODIFIED),
        ("SYD", "Sydney Distribution", "12 Dock Road", "Sydney", "Australia", "2000", _MODIFIED),
        ("0815", "Lager Hamburg", "Speicherstraße 4", "Hamburg", "Germany", "20457", Instant.parse("2024-02-29")),
        ("OLD", "Closed Store", "1 Harbour Street", "Napier", "New Zealand", "4110", _MODIFIED),
    )
)

PAYMENT_TERMS: tuple[Document, ...] = tuple(
    {
        "PaymentTermDescription": description,
        "Days": days,
        "Type": kind,
        "Obsolete": description == "60 Days",
        "Guid": stable_guid("PaymentTerm", description),
        "LastModifiedOn": _MODIFIED,
    }
    for description, days, kind in (
        ("20th Month following", 20, "DaysOfTheMonthFollowing"),  # line 475
        ("7 Days", 7, "DaysAfter"),
        ("14 Days", 14, "DaysAfter"),
        ("30 Days", 30, "DaysAfter"),
        ("End of Month following", 0, "EndOfTheMonthFollowing"),
        ("Cash on Delivery", 0, "DaysAfter"),
        ("60 Days", 60, "DaysAfter"),
    )
)

DELIVERY_METHODS: tuple[Document, ...] = tuple(
    {"Name": name, "Obsolete": False, "Guid": stable_guid("DeliveryMethod", name), "LastModifiedOn": _MODIFIED}
    for name in ("Courier", "Own Truck", "Pick up", "Sea Freight", "Spedition")
)

#: Two codes NONE exist, as in live systems: a code alone does not always name one tax.
TAXES: tuple[Document, ...] = tuple(
    {
        "TaxCode": code,
        "Description": description,
        "TaxRate": Decimal(rate),
        "CanApplyToExpenses": True,
        "CanApplyToRevenue": description != "No tax on expenses",
        "Obsolete": False,
        "Guid": stable_guid("Tax", code, description),
        "LastModifiedOn": _MODIFIED,
    }
    for code, description, rate in (
        ("G.S.T.", "Goods and services tax", "0.150000"),
        ("GST10", "Goods and services tax (AU)", "0.100000"),
        ("V.A.T.", "Value added tax", "0.200000"),
        ("UST19", "Umsatzsteuer", "0.190000"),
        ("NONE", "No tax", "0.000000"),
        ("NONE", "No tax on expenses", "0.000000"),
    )
)

SALES_ORDER_GROUPS: tuple[Document, ...] = tuple(
    {"Name": name, "Guid": stable_guid("SalesOrderGroup", name), "LastModifiedOn": _MODIFIED}
    for name in ("North", "South", "Export")
)


def companies(seed: int) -> tuple[Document, ...]:
    """Describe the account itself: another seed is another company, so that a plan for one does not fit the other."""
    return (
        {
            "CompanyName": "Sandbox Wholesale Ltd" if seed == 1 else f"Sandbox Wholesale {seed} Ltd",
            "BaseCurrency": CURRENCIES[0],
            "Guid": stable_guid("Company", seed),
            "LastModifiedOn": _MODIFIED,
        },
    )


def all_lookups(seed: int, *, group_name_key: str) -> tuple[Lookup, ...]:
    """Every list, by path; the vendor's Pagination page says which come whole."""
    groups = tuple({(group_name_key if k == "Name" else k): v for k, v in each.items()} for each in SALES_ORDER_GROUPS)
    return (
        Lookup("Currencies", "Currency", CURRENCIES, is_paged=False),
        Lookup("CustomerTypes", "CustomerType", CUSTOMER_TYPES),
        Lookup("Salespersons", "Salesperson", SALESPERSONS),
        Lookup("SellPriceTiers", "SellPriceTier", SELL_PRICE_TIERS, is_paged=False),
        Lookup("Warehouses", "Warehouse", WAREHOUSES),
        Lookup("PaymentTerms", "PaymentTerm", PAYMENT_TERMS),
        Lookup("DeliveryMethods", "DeliveryMethod", DELIVERY_METHODS),
        Lookup("Taxes", "Tax", TAXES),
        Lookup("SalesOrderGroups", "SalesOrderGroup", groups),
        Lookup("Companies", "Company", companies(seed), is_paged=False),
    )


def find(documents: tuple[Document, ...], values: Mapping[str, object]) -> Document | None:
    """Find the first document that holds all of `values`; None if there is none."""
    return next((each for each in documents if all(each[name] == value for name, value in values.items())), None)


#: Objects inside a customer that name a record of a list: the list, and the fields that say which record.
#: Others (a currency's Description) may be in a body, but say nothing (vendor page, lines 805, 817, 828 to 841).
REFERENCES: Mapping[str, tuple[tuple[Document, ...], tuple[str, ...]]] = {
    "Currency": (CURRENCIES, ("Guid", "CurrencyCode")),
    "DefaultWarehouse": (WAREHOUSES, ("Guid", "WarehouseCode")),
    "Salesperson": (SALESPERSONS, ("Guid", "Email", "FullName")),
}


def referenced(name: str, given: Mapping[str, object] | None) -> Document | None:
    """Find the record that an object inside a customer means; None if its fields do not all name the same one."""
    documents, identifying = REFERENCES[name]
    wanted = {key: given[key] for key in identifying if given.get(key)} if given else {}
    return find(documents, wanted) if wanted else None


def warehouse_of(document: Document | None) -> Document | None:
    """Show a warehouse as it stands inside a customer (vendor page, lines 328 to 339)."""
    return document and {name: document[name] for name in ("WarehouseCode", "WarehouseName", "Guid")}


def tier_reference(name: str | None) -> Document | None:
    """Make a price tier's reference, as seen in live responses: `{"Reference": "SellPriceTier1"}`; None for no tier."""
    document = find(SELL_PRICE_TIERS, {"Name": name})
    return document and {"Reference": f"SellPriceTier{document['Tier']}"}
