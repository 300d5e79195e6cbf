from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from defusedxml.ElementTree import fromstring

if TYPE_CHECKING:
    from collections.abc import Callable

FIELDS = {
    "Currencies": {"Guid", "CurrencyCode", "Description", "DefaultBuyRate", "DefaultSellRate", "LastModifiedOn"},
    "CustomerTypes": {"Guid", "TypeName", "LastModifiedOn"},
    "Salespersons": {"Guid", "FullName", "Email", "Obsolete", "LastModifiedOn"},
    "SellPriceTiers": {"Tier", "Name"},
    "Warehouses": {"Guid", "WarehouseCode", "WarehouseName", "IsDefault", "Obsolete", "LastModifiedOn"},
    "PaymentTerms": {"Guid", "PaymentTermDescription", "Days", "Type", "Obsolete"},
    "DeliveryMethods": {"Guid", "Name", "Obsolete", "LastModifiedOn"},
    "Taxes": {"Guid", "TaxCode", "Description", "TaxRate", "CanApplyToExpenses", "CanApplyToRevenue", "Obsolete"},
    "SalesOrderGroups": {"Guid", "Name", "LastModifiedOn"},
    "Companies": {"Guid", "CompanyName", "BaseCurrency"},
}
UNPAGED = {"Currencies", "Companies", "SellPriceTiers"}


@pytest.mark.parametrize("name", FIELDS)
def test_list_has_its_fields(untouched: Any, name: str) -> None:
    documents = untouched.items(f"/{name}")
    assert documents
    assert all(set(each) >= FIELDS[name] for each in documents)


@pytest.mark.parametrize("name", FIELDS)
def test_list_comes_in_pages_unless_it_is_one_that_does_not(untouched: Any, name: str) -> None:
    response = untouched.get(f"/{name}", "pageSize=2").json()
    if name in UNPAGED:
        assert response["Pagination"] is None
        assert untouched.get(f"/{name}/1").status_code == 404
    else:
        assert len(response["Items"]) == 2
        last = response["Pagination"]["NumberOfPages"]
        assert untouched.items(f"/{name}/{last}", "pageSize=2") == untouched.items(f"/{name}/Page/99/", "pageSize=2")


@pytest.mark.parametrize("name", FIELDS)
def test_list_is_to_be_had_in_xml(untouched: Any, name: str) -> None:
    root = fromstring(untouched.get(f"/{name}", headers={"Accept": "application/xml"}).content)
    assert root.tag == f"{{http://api.unleashedsoftware.com/version/1}}{name}"
    assert len(root) == len(untouched.items(f"/{name}")) + (name not in UNPAGED)


def test_lists_cannot_be_written(untouched: Any) -> None:
    assert untouched.post("/Salespersons", {}).status_code == 405


def test_two_taxes_share_a_code_and_two_salespersons_a_name(untouched: Any) -> None:
    assert [each["TaxCode"] for each in untouched.items("/Taxes")].count("NONE") == 2
    assert [each["FullName"] for each in untouched.items("/Salespersons")].count("Sam Wilson") == 2
    assert '"TaxRate":0.150000' in untouched.get("/Taxes").text


def test_price_tiers_are_ten(untouched: Any) -> None:
    assert [each["Tier"] for each in untouched.items("/SellPriceTiers")] == list(range(1, 11))


def test_warehouses_hide_obsolete_ones_and_filter_by_date(untouched: Any, complaints: Any) -> None:
    def codes(query: str) -> list[str]:
        return [each["WarehouseCode"] for each in untouched.items("/Warehouses", query)]

    assert codes("") == ["W1", "SYD", "0815"]
    assert codes("includeObsolete=true") == ["W1", "SYD", "0815", "OLD"]
    assert codes("modifiedSince=2024-01-01") == ["0815"]
    assert complaints(untouched.get("/Warehouses", "modifiedSince=never")) == {"modifiedSince"}


def test_every_seed_is_another_company_with_the_same_lists(untouched: Any, connected: Callable[..., Any]) -> None:
    with connected(seed=2, customers=0) as other:
        assert other.items("/Companies")[0]["Guid"] != untouched.items("/Companies")[0]["Guid"]
        assert other.items("/Taxes") == untouched.items("/Taxes")


def test_groups_are_named_as_asked_for(connected: Callable[..., Any]) -> None:
    with connected(group_name_key="GroupName", customers=0) as other:
        assert [each["GroupName"] for each in other.items("/SalesOrderGroups")] == ["North", "South", "Export"]
        other.new_customer(SalesOrderGroup="South")
