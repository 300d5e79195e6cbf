from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest


def stored(client: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.sandbox.store.customers()
    return found


def active(client: Any) -> list[dict[str, Any]]:
    return [each for each in stored(client) if not each["Obsolete"]]


def codes(customers: list[dict[str, Any]]) -> list[str]:
    return [each["CustomerCode"] for each in customers]


def test_default_order_is_by_customer_code_without_regard_to_case(untouched: Any) -> None:
    found = untouched.codes("")
    assert found == sorted(found, key=str.casefold)


def test_obsolete_customers_are_shown_only_if_asked_for(untouched: Any) -> None:
    assert "NONE014" not in untouched.codes("")
    assert "NONE014" not in untouched.codes("includeObsolete=false")
    assert untouched.codes("includeObsolete=true") == codes(stored(untouched))
    assert untouched.codes("") == codes(active(untouched))


def test_contact_email_is_a_prefix_of_any_contacts_address(untouched: Any) -> None:
    assert untouched.codes("contactEmail=hsmith@ex") == ["HURST001"]
    second = untouched.sandbox.store.customer("HURST001")["Contacts"][1]["EmailAddress"]
    assert "HURST001" in untouched.codes(f"contactEmail={second.upper()}")
    assert untouched.codes("contactEmail=smith@example.com") == []


def test_currency_matches_exactly(untouched: Any) -> None:
    expected = [each for each in active(untouched) if (each["Currency"] or {}).get("CurrencyCode") == "AUD"]
    assert untouched.codes("currency=AUD") == codes(expected) != []
    assert untouched.codes("currency=aud") == untouched.codes("currency=AU") == []


def test_customer_is_contained_in_code_or_name_with_regard_to_case(untouched: Any) -> None:
    assert untouched.codes("customer=Hardware Ltd".replace(" ", "%20"))[:1] == ["HURST001"]
    assert untouched.codes("customer=URST0") == ["HURST001"]
    assert untouched.codes("customer=urst0") == []


def test_customer_code_is_a_prefix(untouched: Any) -> None:
    assert untouched.codes("customerCode=hurst") == ["HURST001"]
    assert untouched.codes("customerCode=URST") == []
    assert untouched.codes("customerCode=0012") == ["00123"]


def test_customer_name_is_a_prefix(untouched: Any) -> None:
    assert untouched.codes("customerName=" + quote("Müller & Söhne")) == ["00123"]
    assert untouched.codes("customerName=kensington+tea") == ["KENSI003"]
    assert untouched.codes("customerName=Tea") == []


def test_customer_type_matches_whole(untouched: Any) -> None:
    expected = [each for each in active(untouched) if each["CustomerType"] == "Wholesale"]
    assert untouched.codes("customerType=Wholesale") == codes(expected) != []
    assert untouched.codes("customerType=Whole") == []


def test_sales_order_group_and_sell_price_tier_match_whole(untouched: Any) -> None:
    for parameter, field, value in (
        ("salesOrderGroup", "SalesOrderGroup", "North"),
        ("sellPriceTier", "SellPriceTier", "Retail"),
    ):
        expected = [each for each in active(untouched) if each[field] == value]
        assert untouched.codes(f"{parameter}={value}") == codes(expected) != []


def test_stop_credit_shows_stopped_customers_only_if_true(untouched: Any) -> None:
    assert "LIMIT018" in untouched.codes("stopCredit=true")
    assert untouched.codes("stopCredit=true") == codes([each for each in active(untouched) if each["StopCredit"]])
    assert untouched.codes("stopCredit=false") == untouched.codes("")


def test_xero_contact_id_is_a_prefix(untouched: Any) -> None:
    customer = next(each for each in active(untouched) if each["XeroContactId"])
    assert untouched.codes(f"xeroContactId={customer['XeroContactId'][:8]}") == [customer["CustomerCode"]]


def test_filters_narrow_each_other(untouched: Any) -> None:
    assert untouched.codes("customerCode=HURST&currency=NZD") == ["HURST001"]
    assert untouched.codes("customerCode=HURST&currency=EUR") == []


@pytest.mark.parametrize("suffix", ["", "T00:00", "T00:00:00", "T00:00:00.000", "T00:00:00.0000000", "T00:00:00Z"])
def test_modified_since_takes_a_date_or_a_date_time_in_utc(untouched: Any, suffix: str) -> None:
    expected = [each for each in active(untouched) if f"{each['LastModifiedOn']:%Y-%m-%d}" >= "2017-01-01"]
    assert 0 < len(expected) < len(active(untouched))
    assert untouched.codes(f"modifiedSince=2017-01-01{suffix}") == codes(expected)


def test_modified_since_includes_the_very_moment(untouched: Any) -> None:
    customer = max(active(untouched), key=lambda each: each["LastModifiedOn"])
    moment = customer["LastModifiedOn"].isoformat(timespec="milliseconds").removesuffix("+00:00")
    assert untouched.codes(f"modifiedSince={moment}") == [customer["CustomerCode"]]


def test_modified_since_shows_what_was_just_created(client: Any) -> None:
    before = client.new_customer()
    since = client.sandbox.store.customer(before["Guid"])["LastModifiedOn"].isoformat(timespec="milliseconds")[:23]
    after = client.new_customer()
    assert client.codes(f"modifiedSince={since}") == [before["CustomerCode"], after["CustomerCode"]]


@pytest.mark.parametrize(
    "text", ["yesterday", "2024-13-01", "01/02/2024", "2024-01-02 03:04:05", "2024-01-02T25:00:00"]
)
def test_modified_since_refuses_anything_else(untouched: Any, complaints: Any, text: str) -> None:
    assert complaints(untouched.get("/Customers", "modifiedSince=" + quote(text))) == {"modifiedSince"}


@pytest.mark.parametrize("order", ["CreatedOn", "LastModifiedOn"])
def test_order_by_sorts_by_a_date_in_both_directions(untouched: Any, order: str) -> None:
    expected = codes(sorted(active(untouched), key=lambda each: each[order]))
    assert untouched.codes(f"orderBy={order}") == expected
    assert untouched.codes(f"orderBy={order}&sort=asc") == expected
    assert untouched.codes(f"orderBy={order}&sort=desc") == expected[::-1]


def test_sort_alone_orders_by_creation(untouched: Any) -> None:
    assert untouched.codes("sort=desc") == untouched.codes("orderBy=CreatedOn&sort=desc")


def test_first_three_created_are_ordinary_businesses(untouched: Any) -> None:
    assert untouched.codes("orderBy=CreatedOn")[:3] == ["HURST001", "BAROS002", "KENSI003"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("orderBy=CustomerName", "orderBy"),
        ("sort=upwards", "sort"),
        ("includeObsolete=yes", "includeObsolete"),
        ("stopCredit=1", "stopCredit"),
        ("includeAllContacts=all", "includeAllContacts"),
    ],
)
def test_values_that_the_page_does_not_name_are_refused(
    untouched: Any, complaints: Any, query: str, field: str
) -> None:
    assert complaints(untouched.get("/Customers", query)) == {field}


@pytest.mark.parametrize(
    ("code", "stored_number", "shown"),
    [("EMOJI011", 0, 0), ("NOUR012", 1, 1), ("TRUE", 100, 100), ("+64-17", 101, 100)],
)
def test_all_contacts_are_shown_up_to_100(untouched: Any, code: str, stored_number: int, shown: int) -> None:
    assert len(untouched.sandbox.store.customer(code)["Contacts"]) == stored_number
    query = f"customerCode={quote(code)}"
    found = next(each for each in untouched.items("/Customers", f"{query}&includeAllContacts=true"))
    assert len(found["Contacts"]) == shown


def test_only_the_primary_contact_is_shown_by_default(untouched: Any) -> None:
    for query in ("customerCode=PACIF", "customerCode=PACIF&includeAllContacts=false"):
        (customer,) = untouched.items("/Customers", query)
        (contact,) = customer["Contacts"]
        assert contact["IsDefault"]
        assert contact["EmailAddress"] == customer["Email"]


def test_filtered_list_notices_a_write(client: Any, body_of: Any) -> None:
    customer = client.new_customer(CustomerName="Findable before")
    assert client.codes("customerName=Findable") == [customer["CustomerCode"]]
    client.post(f"/Customers/{customer['Guid']}", body_of(customer, CustomerName="Renamed"))
    assert client.codes("customerName=Findable") == []
