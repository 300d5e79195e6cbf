"""Rules over several fields and rows: what the page states, and nothing that it does not."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from bulkio.connectors.unleashed.catalogue import NEEDS_PRIMARY_CONTACT
from bulkio.connectors.unleashed.rules import check_rules


def frame(*rows: dict[str, str], start: int = 2) -> pd.DataFrame:
    return pd.DataFrame(list(rows), index=range(start, start + len(rows)), dtype=object).fillna("")


def broken(**frames: pd.DataFrame) -> list[tuple[str, int, str]]:
    return [(each.entity, each.row, each.field) for each in check_rules(frames)]


PRIMARY = {"ContactFirstName": "", "ContactLastName": "", "Email": ""}
NOBODY = {"CustomerCode": "A", "FirstName": "", "LastName": "", "EmailAddress": ""}


@pytest.mark.parametrize("name", NEEDS_PRIMARY_CONTACT)
def test_a_number_without_a_contact_is_refused(name: str) -> None:
    assert broken(Customers=frame({**PRIMARY, name: "1"})) == [("Customers", 2, name)]
    for contact in PRIMARY:
        assert broken(Customers=frame({**PRIMARY, contact: "x", name: "1"})) == []
    assert broken(Customers=frame({**PRIMARY, name: ""})) == []


def test_without_the_contacts_columns_nobody_can_tell() -> None:
    assert broken(Customers=frame({"PhoneNumber": "1"})) == []
    assert broken(Customers=frame({"PhoneNumber": "1", "Email": "", "ContactFirstName": ""})) == []
    assert broken() == []


@pytest.mark.parametrize("name", ["FirstName", "LastName", "EmailAddress"])
def test_a_contact_needs_one_name(name: str) -> None:
    assert broken(Contacts=frame({**NOBODY, "Notes": "x"})) == [("Contacts", 2, "FirstName")]
    assert broken(Contacts=frame({**NOBODY, name: "x"})) == []


def test_two_contacts_of_one_customer_may_not_be_called_the_same() -> None:
    ann = {**NOBODY, "FirstName": "Ann", "EmailAddress": "a@b.co"}
    findings = list(check_rules({"Contacts": frame(ann, {**ann, "FirstName": "ANN"}, {**ann, "CustomerCode": "B"})}))
    assert [(each.row, each.field) for each in findings] == [(2, "FirstName"), (3, "FirstName")]
    assert [each.others for each in findings] == [(3,), (2,)]
    assert broken(Contacts=frame(ann, {**ann, "LastName": "Lee"})) == []


def test_a_twin_may_be_one_that_is_not_in_the_file() -> None:
    ann = {**NOBODY, "FirstName": "Ann"}
    contacts = pd.concat([frame(ann), frame(ann, start=-1)])
    assert [each.others for each in check_rules({"Contacts": contacts}) if each.row > 0] == [(-1,)]


def test_nameless_contacts_are_not_twins_of_each_other() -> None:
    assert broken(Contacts=frame(NOBODY, NOBODY)) == [("Contacts", 2, "FirstName"), ("Contacts", 3, "FirstName")]


def test_a_delivery_address_must_exist_at_its_customer() -> None:
    contact = {**NOBODY, "FirstName": "Ann", "DeliveryAddress": "Main"}
    other = {"CustomerCode": "B", "AddressName": "Main"}
    own = {"CustomerCode": "A", "AddressName": "Depot"}
    assert broken(Contacts=frame(contact), Addresses=frame(own, other)) == [("Contacts", 2, "DeliveryAddress")]
    assert broken(Contacts=frame(contact), Addresses=frame({**own, "AddressName": "Main"})) == []
    assert broken(Contacts=frame(contact), Addresses=frame(other)) == []  # of A we know no addresses
    assert broken(Contacts=frame(contact)) == []
    assert broken(Contacts=frame({**contact, "DeliveryAddress": ""}), Addresses=frame(own)) == []
    (finding,) = check_rules({"Contacts": frame(contact), "Addresses": frame(own, {**own, "AddressName": "Shop"})})
    assert "'Depot', 'Shop'" in finding.hint


def test_empty_frames_are_fine() -> None:
    empty: dict[str, Any] = {
        name: frame({**PRIMARY, **NOBODY}).iloc[:0] for name in ("Customers", "Addresses", "Contacts")
    }
    assert list(check_rules(empty)) == []


def test_a_hundred_thousand_sound_rows_take_no_time_to_speak_of() -> None:
    count = 100_000
    numbers = [str(number) for number in range(count)]
    customers = pd.DataFrame({"CustomerCode": numbers, "PhoneNumber": numbers, "Email": numbers, "ContactFirstName": "",
                              "ContactLastName": ""})  # fmt: skip
    contacts = pd.DataFrame({"CustomerCode": numbers, "FirstName": numbers, "LastName": "", "EmailAddress": "",
                             "DeliveryAddress": "Main"})  # fmt: skip
    addresses = pd.DataFrame({"CustomerCode": numbers, "AddressName": "Main"})
    assert list(check_rules({"Customers": customers, "Contacts": contacts, "Addresses": addresses})) == []
