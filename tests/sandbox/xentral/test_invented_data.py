from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest

from bulkio.sandbox.xentral.data import invented_customers
from bulkio.sandbox.xentral.lookups import CUSTOM_FIELDS
from bulkio.sandbox.xentral.persistence import LAYOUT


@pytest.fixture(scope="module")
def invented() -> list[Any]:
    return invented_customers(1_000, seed=1)


def by_number(customers: list[Any], number: str) -> Any:
    return next(each for each in customers if each.number == number)


def test_same_seed_gives_the_same_customers_and_another_gives_others(invented: list[Any]) -> None:
    assert invented_customers(1_000, seed=1) == invented
    assert invented_customers(1_000, seed=2)[500] != invented[500]


def test_more_customers_only_add_to_the_fewer(invented: list[Any]) -> None:
    assert invented_customers(100, seed=1) == invented[:100]


def test_customer_survives_the_state_file_exactly(invented: list[Any]) -> None:
    for each in invented:
        again = LAYOUT.load(LAYOUT.dump(each))
        assert again == each
        assert str(again.document["financials"]["creditLimit"]) == str(each.document["financials"]["creditLimit"])


def test_ids_and_numbers_are_unique(invented: list[Any]) -> None:
    for values in (
        [each.id for each in invented],
        [each.number.casefold() for each in invented],
        [child.id for each in invented for child in each.addresses],
        [child.id for each in invented for child in each.contacts],
    ):
        assert len(set(values)) == len(values)


def test_awkward_names_are_among_the_first_twenty(invented: list[Any]) -> None:
    names = {each.number: (each.document["primaryAddress"] or {}).get("name") for each in invented[:20]}
    assert names["00123"] == "Müller & Söhne Großhandel GmbH"
    assert names["1E5"] == "=1+1"
    assert names["NA"] == "NA"
    assert names["EMOJI-9"] == "Café Été ☕🎉"
    assert names["10013"] == names["10014"] == "Schmidt Gartenbau"
    assert len(names["10008"]) == 300


def test_awkward_sizes_and_texts_are_among_the_first_twenty(invented: list[Any]) -> None:
    first = invented[:20]
    assert {0, 1, 130} <= {len(each.contacts) for each in first}
    assert {0, 5, 120} <= {len(each.addresses) for each in first}
    assert any("\r\n" in (each.document["notes"] or "") for each in first)
    assert by_number(first, "10015").document["customFields"].keys() == CUSTOM_FIELDS.keys()
    assert isinstance(by_number(first, "10015").document["customFields"]["discountShare"], Decimal)
    assert [each.number for each in first if each.is_write_protected] == ["10016"]


def test_null_blank_and_missing_are_three_different_things(invented: list[Any]) -> None:
    websites = [each.document["communication"].get("website", ...) for each in invented[:40]]
    assert {None, "", ...} <= set(websites)
    assert by_number(invented, "10020").document["primaryAddress"] is None


def test_mail_goes_to_reserved_domains_only(invented: list[Any]) -> None:
    text = b"".join(LAYOUT.dump(each) for each in invented).decode()
    assert set(re.findall(r"@([\w.-]+\.\w+)", text)) == {"example.com", "example.org", "example.net"}
