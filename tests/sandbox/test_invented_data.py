from __future__ import annotations

import re
from typing import Any

import pytest

from bulkio.connectors.unleashed.catalogue import CUSTOMERS
from bulkio.sandbox.unleashed.data import invented_customers
from bulkio.sandbox.unleashed.persistence import dump, load


@pytest.fixture(scope="module")
def invented() -> list[Any]:
    return invented_customers(2_000, seed=1)


def by_code(customers: list[Any], code: str) -> Any:
    return next(each for each in customers if each.code == code)


def test_same_seed_gives_the_same_customers(invented: list[Any]) -> None:
    assert [dump(each) for each in invented_customers(2_000, seed=1)] == [dump(each) for each in invented]


def test_other_seed_gives_others(invented: list[Any]) -> None:
    assert not {each.guid for each in invented} & {each.guid for each in invented_customers(2_000, seed=2)}


def test_more_customers_only_add_to_the_fewer(invented: list[Any]) -> None:
    assert [dump(each) for each in invented_customers(100, seed=1)] == [dump(each) for each in invented[:100]]


def test_customer_survives_the_state_file_exactly(invented: list[Any]) -> None:
    for each in invented:
        again = load(dump(each))
        assert again.document == each.document
        assert again.contacts == each.contacts
        for name in ("CreditLimit", "DiscountRate", "TaxRate"):
            assert str(again.document[name]) == str(each.document[name])


def test_guids_and_codes_are_unique(invented: list[Any]) -> None:
    assert len({each.code.casefold() for each in invented}) == len(invented)
    guids = [each.guid for each in invented]
    guids += [address["Guid"] for each in invented for address in each.document["Addresses"]]
    guids += [contact.guid for each in invented for contact in each.contacts]
    assert len(set(guids)) == len(guids)
    assert all(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", guid) for guid in guids)


def test_no_text_is_longer_than_the_page_allows(invented: list[Any]) -> None:
    for field in CUSTOMERS.fields:
        for each in invented:
            value = each.document[field.path[0]]
            for name in field.path[1:]:
                value = value and value[name]
            if field.max_length is not None and value is not None:
                assert len(value) <= field.max_length, field.name


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("00123", "Müller & Söhne Großhandel GmbH"),
        ("1E5", "=SUM(1) Supplies Ltd"),
        ("NA", "NA"),
        ("NULL", "null"),
        ("NONE014", "None"),
        ("TRUE", "True"),
        ("@CMD", "@cmd|' /C calc'!A0"),
        ("YAMADA10", "株式会社 山田商店"),
        ("EMOJI011", "Café Été ☕🎉 Ltd"),
        ("NOUR012", "شركة النور للتجارة"),
        ("WADE013", "Wade's\u00a0Apparel & Accessories"),
    ],
)
def test_awkward_names_are_among_the_first_twenty(invented: list[Any], code: str, name: str) -> None:
    assert by_code(invented[:20], code).document["CustomerName"] == name


def test_awkward_sizes_are_among_the_first_twenty(invented: list[Any]) -> None:
    first = invented[:20]
    assert {0, 1, 100, 101, 130} <= {len(each.contacts) for each in first}
    assert {0, 5} <= {len(each.document["Addresses"]) for each in first}
    assert max(len(each.document["Notes"] or "") for each in first) == 1024
    assert any("\r\n" in (each.document["Notes"] or "") for each in first)
    assert any(str(each.document["CreditLimit"]) == "99999999999999.9999" for each in first)
    names = [address["AddressName"] for address in by_code(first, "WADE013").document["Addresses"]]
    assert names == [" Postal Address", "Postal Address", " Postal Address"]


def test_awkward_states_are_among_the_first_twenty(invented: list[Any]) -> None:
    legacy = by_code(invented[:20], "LEGACY15").document
    assert legacy["PhoneNumber"]
    assert not any(legacy[name] for name in ("ContactFirstName", "ContactLastName", "Email"))
    blank = by_code(invented[:20], "BLANK019").document
    assert all(blank[name] is None for name in ("Currency", "Salesperson", "DefaultWarehouse", "CustomerType"))
    for name in ("Notes", "BankName", "EmailCC"):
        assert {None, ""} <= {each.document[name] for each in invented[:40]}, name
    assert by_code(invented, "LIMIT018").document["StopCredit"] is True


def test_about_a_tenth_is_obsolete(invented: list[Any]) -> None:
    assert 0.07 < sum(each.document["Obsolete"] for each in invented) / len(invented) < 0.13


def test_mail_goes_to_reserved_domains_only(invented: list[Any]) -> None:
    text = b"".join(dump(each) for each in invented).decode()
    assert set(re.findall(r"@([\w.-]+\.\w+)", text)) == {"example.com", "example.org", "example.net"}


def test_ten_thousand_customers_are_invented() -> None:
    assert len(list(invented_customers(10_000, seed=1))) == 10_000
