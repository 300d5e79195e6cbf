"""The table between Unleashed and Xentral: sound, complete, and right in the cases that matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from bulkio.connectors.bridges import direction
from bulkio.connectors.unleashed.catalogue import CATALOGUE as UNLEASHED
from bulkio.connectors.unleashed.rules import check_rules as unleashed_rules
from bulkio.connectors.xentral.catalogue import CATALOGUE as XENTRAL
from bulkio.connectors.xentral.rules import check_rules as xentral_rules
from bulkio.core.convert import Conversion, convert
from bulkio.core.converters import Reason
from bulkio.core.material import Material
from bulkio.errors import UsageError

if TYPE_CHECKING:
    from bulkio.core.catalogue import Catalogue

CATALOGUES = {"unleashed": UNLEASHED, "xentral": XENTRAL}
RULES = {"unleashed": unleashed_rules, "xentral": xentral_rules}
OTHER = {"unleashed": "xentral", "xentral": "unleashed"}
BOTH = pytest.mark.parametrize("source", ["unleashed", "xentral"])


def frames(catalogue: Catalogue, sheets: dict[str, list[dict[str, str]]]) -> dict[str, pd.DataFrame]:
    made = {}
    for entity in catalogue.entities:
        rows = sheets.get(entity.name, [])
        names = ([entity.parent_key] if entity.parent_key else []) + list(entity.by_name)
        columns = {name: [row.get(name, "") for row in rows] for name in names}
        made[entity.name] = pd.DataFrame(columns, index=range(2, 2 + len(rows)), dtype=object)
    return made


def converted(source: str, **sheets: list[dict[str, str]]) -> Conversion:
    target = OTHER[source]
    material = Material(frames=frames(CATALOGUES[source], sheets))
    made = convert(direction(source, target), CATALOGUES[source], CATALOGUES[target], material, RULES[target])
    assert made.filled == made.carried + sum(made.named.values())
    return made


def first(made: Conversion, sheet: str = "Customers") -> dict[str, str]:
    """The filled cells of the first row of a sheet."""
    return {name: value for name, value in made.frames[sheet].iloc[0].to_dict().items() if value}


def reasons(made: Conversion, field: str) -> list[Reason]:
    return [left.reason for left in made.left if left.field == field]


# --- the table itself -------------------------------------------------------------------------------------------------


@BOTH
def test_every_name_in_the_table_is_a_field_and_what_is_filled_can_be_written(source: str) -> None:
    way = direction(source, OTHER[source])
    for leg in way.legs:
        here = CATALOGUES[source].by_name[leg.source.entity]
        there = CATALOGUES[way.target].by_name[leg.target.entity]
        for carry in leg.carries:
            assert {*carry.sources, *carry.context} <= {*here.by_name, here.parent_key}
            assert all(there.by_name[name].is_sendable for name in carry.targets)
        assert set(leg.needs) <= set(there.by_name)
        assert {leg.source.field} <= {*here.by_name, ""}
        assert {leg.target.field} <= {*there.by_name, ""}


@BOTH
def test_no_field_of_a_record_is_filled_twice(source: str) -> None:
    legs = direction(source, OTHER[source]).legs
    filled = [
        (leg.target, name) for leg in legs for carry in leg.carries for name in carry.targets if leg.target.entity
    ]
    assert len(set(filled)) == len(filled)


@BOTH
def test_of_every_field_the_table_says_something(source: str) -> None:
    """A field that is added to a catalogue has to be thought of here."""
    way = direction(source, OTHER[source])
    for entity in CATALOGUES[source].entities:
        paired = {name for leg in way.legs if leg.source.entity == entity.name for carry in leg.carries
                  for name in carry.sources}  # fmt: skip
        paired |= {leg.source.field for leg in way.legs}
        silent = [
            field.name
            for field in entity.fields
            if field.name not in paired and not way.why_alone(entity.name, field.name) and field.is_writable
            and field.kind.value != "guid"
        ]  # fmt: skip
        assert silent == []


@BOTH
def test_what_the_table_calls_alone_is_there(source: str) -> None:
    for alone in direction(source, OTHER[source]).alone:
        names = CATALOGUES[source].by_name[alone.entity].by_name
        for each in alone.fields:
            assert any(name == each or (each.endswith(".") and name.startswith(each)) for name in names), each


def test_nothing_leads_from_an_erp_to_itself_or_to_one_that_nothing_is_declared_of() -> None:
    for target in ("unleashed", "acme"):
        with pytest.raises(UsageError):
            direction("unleashed", target)


# --- there ------------------------------------------------------------------------------------------------------------

WADE = {
    "CustomerCode": "WADE",
    "CustomerName": "Wade's Apparel",
    "ContactFirstName": "Harold",
    "ContactLastName": "Smith",
    "Email": "h@example.com",
    "PaymentTerm": "14 Days",
    "HasCreditLimit": "true",
    "CreditLimit": "5000",
    "Currency.CurrencyCode": "NZD",
    "Guid": "0b1c2d3e-0000-4000-8000-000000000001",
}
POSTAL = {
    "CustomerCode": "WADE",
    "AddressType": "Postal",
    "AddressName": "Head Office",
    "StreetAddress": "31 Hurstmere Road",
    "StreetAddress2": "Level 2",
    "City": "Auckland",
    "Region": "North Shore",
    "PostalCode": "0622",
    "Country": "New Zealand",
}


def test_a_customer_of_unleashed_is_one_of_xentral() -> None:
    assert first(converted("unleashed", Customers=[WADE], Addresses=[POSTAL])) == {
        "number": "WADE",
        "primaryAddress.name": "Wade's Apparel",
        "primaryAddress.contactPerson": "Harold Smith",
        "primaryAddress.email": "h@example.com",
        "primaryAddress.street": "31 Hurstmere Road",
        "primaryAddress.addressSupplement": "Level 2",
        "primaryAddress.zipCode": "0622",
        "primaryAddress.city": "Auckland",
        "primaryAddress.state": "North Shore",
        "primaryAddress.country": "NZ",
        "financials.defaultCurrency": "NZD",
        "financials.paymentTerms.paymentTargetDays": "14",
        "financials.creditLimit": "5000",
    }


def test_an_obsolete_customer_is_never_a_delete_and_named() -> None:
    made = converted("unleashed", Customers=[{**WADE, "Obsolete": "true"}], Addresses=[POSTAL])
    assert made.commands["Customers"] == ["NEW"]
    (left,) = [left for left in made.left if left.field == "Obsolete"]
    assert (left.reason, left.texts, left.once) == (Reason.NO_COUNTERPART, ("true",), False)
    assert "nothing is deleted" in left.why


def test_a_payment_term_by_name_alone_is_named() -> None:
    made = converted("unleashed", Customers=[{**WADE, "PaymentTerm": "20th Month following"}], Addresses=[POSTAL])
    assert "financials.paymentTerms.paymentTargetDays" not in first(made)
    assert reasons(made, "PaymentTerm") == [Reason.NO_EQUIVALENT]


def test_the_physical_address_is_the_billing_address_if_it_is_whole() -> None:
    shop = {**POSTAL, "AddressType": "Physical", "AddressName": "Shop"}
    made = first(converted("unleashed", Customers=[WADE], Addresses=[POSTAL, shop]))
    assert (made["deviatingBillingAddress.name"], made["deviatingBillingAddress.country"]) == ("Shop", "NZ")
    without = converted("unleashed", Customers=[WADE], Addresses=[POSTAL, {**shop, "Country": "Aotearoa"}])
    assert not any(name.startswith("deviatingBillingAddress") for name in first(without))
    assert Reason.INCOMPLETE in reasons(without, "")


def test_shipping_addresses_are_delivery_addresses_and_their_state_a_code() -> None:
    ramp = {**POSTAL, "AddressType": "Shipping", "AddressName": "Ramp", "IsDefault": "true", "Country": "Germany"}
    made = converted("unleashed", Customers=[WADE], Addresses=[POSTAL, {**ramp, "Region": "Bayern"}])
    address = first(made, "Addresses")
    assert (address["number"], address["name"], address["state"], address["country"]) == ("WADE", "Ramp", "BY", "DE")
    assert address["deliveryDetails.defaultDeliveryAddress"] == "true"
    abroad = converted("unleashed", Customers=[WADE], Addresses=[POSTAL, ramp])
    assert "state" not in first(abroad, "Addresses")
    assert reasons(abroad, "Region") == [Reason.NO_EQUIVALENT]


def test_a_customer_without_an_address_stays_under_ignore() -> None:
    made = converted("unleashed", Customers=[WADE])
    assert made.commands["Customers"] == ["IGNORE"]
    assert made.carried == 0


# --- and back ---------------------------------------------------------------------------------------------------------


def test_there_and_back_what_arrived_is_the_same() -> None:
    ramp = {**POSTAL, "AddressType": "Shipping", "AddressName": "Ramp", "Region": "Bayern", "Country": "Germany"}
    person = {"CustomerCode": "WADE", "FirstName": "Ann", "LastName": "Lee", "EmailAddress": "a@example.com",
              "PhoneNumber": "123"}  # fmt: skip
    there = converted("unleashed", Customers=[WADE], Addresses=[POSTAL, ramp], Contacts=[person])
    again = converted("xentral", **{name: frame.to_dict("records") for name, frame in there.frames.items()})
    expected: dict[str, Any] = {**WADE}
    del expected["Guid"]
    assert first(again) == expected
    del (home := {**POSTAL})["AddressName"]
    rows = [{k: v for k, v in row.items() if v} for row in again.frames["Addresses"].to_dict("records")]
    assert rows == [home, ramp]
    assert first(again, "Contacts") == person


def test_the_primary_contact_is_not_made_a_second_time() -> None:
    customer = {
        "number": "WADE",
        "primaryAddress.name": "Wade's",
        "primaryAddress.contactPerson": "Harold Smith",
        "primaryAddress.email": "h@example.com",
        "id": "7",
    }
    own = {"number": "WADE", "name": "Harold Smith", "email": "h@example.com", "phone": "1", "id": "8"}
    made = converted("xentral", Customers=[customer], Contacts=[own, {**own, "name": "Ann Lee", "id": "9"}])
    assert made.frames["Contacts"]["FirstName"].tolist() == ["Ann"]
    assert reasons(made, "phone") == [Reason.NO_ROOM]


def test_a_phone_without_anybody_to_call_is_named_since_unleashed_would_refuse_it() -> None:
    customer = {"number": "WADE", "primaryAddress.name": "Wade's", "primaryAddress.phone": "1", "id": "7"}
    made = converted("xentral", Customers=[customer])
    assert "PhoneNumber" not in first(made)
    assert reasons(made, "primaryAddress.phone") == [Reason.INVALID]


def test_masked_bank_data_go_nowhere() -> None:
    bank = {"financials.primaryBankAccount.iban": "DE89**************3000"}
    made = converted("xentral", Customers=[{"number": "W", "primaryAddress.name": "W", **bank}])
    assert not any("Bank" in name for name in first(made))
    assert reasons(made, "financials.primaryBankAccount.iban") == [Reason.NO_COUNTERPART]
