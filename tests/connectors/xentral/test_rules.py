"""Rules over several fields: what Xentral would refuse, or swallow, is said beforehand."""

from __future__ import annotations

import pandas as pd
import pytest

from bulkio.connectors.xentral.rules import check_rules

BILLING = ("name", "street", "zipCode", "city", "country")


def found(entity: str, *rows: dict[str, str]) -> list[tuple[int, str]]:
    """(row, field) of what breaks a rule; rows count from 2 as in a sheet."""
    frame = pd.DataFrame(rows, index=range(2, 2 + len(rows)), dtype=object).fillna("")
    return [(finding.row, finding.field) for finding in check_rules({entity: frame})]


def billing(**filled: str) -> dict[str, str]:
    return {f"deviatingBillingAddress.{name}": filled.get(name, "") for name in (*BILLING, "phone")}


def test_a_billing_address_is_whole_or_not_there() -> None:
    whole = billing(**dict.fromkeys(BILLING, "x"))
    assert found("Customers", billing(), whole) == []
    assert found("Customers", whole, billing(phone="1", name="x", street="y", zipCode="z")) == [
        (3, "deviatingBillingAddress.city"), (3, "deviatingBillingAddress.country"),
    ]  # fmt: skip


def test_a_customer_without_an_address_gets_a_whole_one_or_none() -> None:
    address = {f"primaryAddress.{name}": "" for name in (*BILLING, "phone")}
    rows = [
        {"id": "7", **address},
        {"id": "7", **address, "primaryAddress.phone": "1"},
        {"id": "7", **dict.fromkeys(address, "x")},
        {"id": "", **address, "primaryAddress.phone": "1"},  # new: said to be required, one by one
    ]
    assert found("Customers", *rows) == [(3, f"primaryAddress.{name}") for name in BILLING]


def test_a_commission_needs_a_sales_manager() -> None:
    rows = [
        {"salesManager.id": "3", "salesManager.commission": "5"},
        {"salesManager.id": "", "salesManager.commission": "5"},
    ]
    assert found("Customers", *rows) == [(3, "salesManager.commission")]


def test_a_masked_account_is_no_account_of_a_new_customer() -> None:
    name = "financials.primaryBankAccount.iban"
    rows = [
        {"id": "", name: "DE89**************3000"},
        {"id": "7", name: "DE89**************3000"},
        {"id": "", name: "DE89370400440532013000"},
    ]
    assert found("Customers", *rows) == [(2, name)]


@pytest.mark.parametrize(
    ("entity", "name", "good", "bad"),
    [
        ("Customers", "primaryAddress.gln", ["", "4012345000009"], ["401234500000", "4012345000009x", "x" * 13]),
        ("Customers", "deviatingBillingAddress.gln", ["4012345000009"], ["1"]),
        ("Customers", "communication.language", ["DE", "de"], ["D", "ger"]),
        ("Customers", "financials.defaultCurrency", ["EUR"], ["EU", "Euro"]),
        ("Customers", "primaryAddress.state", ["Bayern", "BY"], []),
        ("Addresses", "gln", ["4012345000009"], ["40123450000091"]),
        ("Addresses", "state", ["", "BY"], ["Bayern", "B"]),
        ("Contacts", "state", ["BY"], ["Bayern"]),
        ("Customers", "financials.paymentMethod.id", ["", "3"], ["Rechnung", "3;4", "3.0"]),
        ("Customers", "groups.id", ["", "3", "3; 12"], ["B2B", "3; x", '["3;4"]']),
        ("Contacts", "groups.id", ["3"], ["x"]),
        ("Customers", "tags.title", ["anything; at all"], []),
    ],
)
def test_spellings_that_are_xentrals_own(entity: str, name: str, good: list[str], bad: list[str]) -> None:
    assert found(entity, *({name: value} for value in good)) == []
    assert found(entity, *({name: value} for value in bad)) == [(2 + at, name) for at in range(len(bad))]


def test_rules_say_nothing_of_columns_that_are_not_there() -> None:
    assert list(check_rules({})) == []
    assert found("Customers", {"number": "K-1"}) == []
    assert found("Customers", {"deviatingBillingAddress.name": "x"}) == []


def test_a_finding_says_what_to_do() -> None:
    frame = pd.DataFrame({"salesManager.id": [""], "salesManager.commission": ["5"], "groups.id": ["x"]}, index=[2])
    findings = list(check_rules({"Customers": frame}))
    assert all(finding.message and finding.hint.endswith(".") for finding in findings)
