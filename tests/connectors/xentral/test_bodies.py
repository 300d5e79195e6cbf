"""What leaves for Xentral, to the letter: only what changes, and never what was masked or not read."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bulkio.connectors.xentral.bodies import encode
from bulkio.connectors.xentral.catalogue import CATALOGUE, CUSTOMERS
from bulkio.connectors.xentral.wire import decode_json, decoded
from bulkio.core.catalogue import Entity, Field, Kind
from bulkio.core.kinds import canonical_decimal
from bulkio.core.lists import join_members
from bulkio.core.plan import Action, Change, Operation, Step
from bulkio.core.records import canonical

LIVE: dict[str, Any] = {
    "id": "17",
    "number": "K-17",
    "primaryAddress": {"name": "Wade's", "street": "A 1", "zipCode": "1", "city": "C", "country": "DE", "phone": "1"},
    "deviatingBillingAddress": None,
    "communication": {"language": "DE", "website": "https://a.example"},
    "financials": {
        "primaryBankAccount": {"iban": "DE89**************3000", "sepa": {"mandateReference": "M-***17"}},
        "tax": {"vatId": "DE1", "taxation": "domestic"},
        "paymentTerms": {"paymentTargetDays": 30},
        "paymentMethod": {"id": "3"},
        "creditLimit": 1000,
    },
    "salesManager": {"id": "8", "commission": 5},
    "groups": [{"id": "3", "name": "B2B"}, {"id": "7", "name": "VIP"}],
    "tags": [{"id": "1", "title": "old", "color": "#fff"}],
    "customFields": [{"key": "customField1", "label": "Region", "value": "Nord"}],
    "notes": "one\r\ntwo",
    "deliveryAddresses": [
        {"id": "5", "name": "Lager", "street": "B 2", "zipCode": "2", "city": "D", "country": "DE",
         "deliveryDetails": {"taxType": "eu", "note": "Tor 4"}},
        {"id": "6", "name": "Filiale", "street": "C 3", "zipCode": "3", "city": "E", "country": "DE"},
    ],
    "contactPersons": [
        {"id": "9", "name": "Ann", "email": "a@b.de", "contactPersonDetails": {"birthday": "1980-05-17"}, "groups": []},
    ],
}  # fmt: skip


def live(**more: Any) -> dict[str, Any]:
    return decoded({**json.loads(json.dumps(LIVE)), **more}, CUSTOMERS)


def step(  # noqa: PLR0913 an operation has many parts
    entity: str,
    changes: dict[str, tuple[str, str]],
    *,
    action: Action = Action.UPDATE,
    guid: str = "17",
    wire: dict[str, str | None] | None = None,
    natural_key: tuple[str, ...] = (),
) -> Step:
    parent = "" if entity == "Customers" else "17"
    operation = Operation(
        id="o", action=action, entity=entity, key="K-17", guid=guid, sheet=entity, row=2, parent_guid=parent,
        changes=tuple(Change(name, before, after) for name, (before, after) in changes.items()),
        wire=wire or {}, natural_key=natural_key,
    )  # fmt: skip
    return Step(entity, parent or guid, (operation,))


def body_of(entity: str, changes: dict[str, tuple[str, str]], **more: Any) -> Any:
    record = more.pop("live", live())
    return json.loads(encode(step(entity, changes, **more), record).body)


# --- changes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"primaryAddress.phone": ("1", "+49 821 1")}, '{"primaryAddress":{"phone":"+49 821 1"}}'),
        ({"primaryAddress.phone": ("1", "")}, '{"primaryAddress":{"phone":null}}'),
        ({"financials.tax.vatId": ("DE1", "DE2")}, '{"financials":{"tax":{"vatId":"DE2"}}}'),
        (
            {"financials.creditLimit": ("1000", "1234.50"), "notes": ("", 'Süd "x"')},
            '{"financials":{"creditLimit":1234.50},"notes":"Süd \\"x\\""}',
        ),
        (
            {"financials.paymentTerms.paymentTargetDays": ("30", "14")},
            '{"financials":{"paymentTerms":{"paymentTargetDays":14}}}',
        ),
        ({"fulfillment.deliveryBlock": ("false", "true")}, '{"fulfillment":{"deliveryBlock":true}}'),
        ({"fulfillment.deliveryBlockDate": ("", "2026-01-31")}, '{"fulfillment":{"deliveryBlockDate":"2026-01-31"}}'),
        ({"communication.website": ("https://a.example", "")}, '{"communication":{"website":""}}'),
        ({"financials.paymentMethod.id": ("3", "4")}, '{"financials":{"paymentMethod":{"id":"4"}}}'),
        ({"financials.paymentMethod.id": ("3", "")}, '{"financials":{"paymentMethod":null}}'),
        ({"salesManager.commission": ("5", "7.5")}, '{"salesManager":{"id":"8","commission":7.5}}'),
        ({"salesManager.id": ("8", "12")}, '{"salesManager":{"id":"12","commission":5}}'),
        ({"salesManager.id": ("8", ""), "salesManager.commission": ("5", "")}, '{"salesManager":null}'),
        ({"groups.id": ("3; 7", "12; 3")}, '{"groups":[{"id":"12"},{"id":"3"}]}'),
        ({"groups.id": ("3; 7", "")}, '{"groups":[]}'),
        ({"tags.title": ("old", '["a;b","old"]')}, '{"tags":[{"title":"a;b"},{"title":"old"}]}'),
        (
            {"documentDelivery.documentRecipients.invoice.cc": ("", "a@b.de; c@d.de")},
            '{"documentDelivery":{"documentRecipients":{"invoice":{"cc":["a@b.de","c@d.de"]}}}}',
        ),
        (
            {"customFields.customField1": ("Nord", ""), "customFields.customField2": ("", "7")},
            (
                '{"customFields":[{"key":"customField1","label":"Region","value":null},'
                '{"key":"customField2","label":"customField2","value":"7"}]}'
            ),
        ),
        (
            {"deviatingBillingAddress.name": ("", "Buchhaltung"), "deviatingBillingAddress.city": ("", "Ulm")},
            '{"deviatingBillingAddress":{"name":"Buchhaltung","city":"Ulm"}}',
        ),
    ],
)  # fmt: skip
def test_a_patch_holds_only_what_changes(changes: dict[str, tuple[str, str]], text: str) -> None:
    request = encode(step("Customers", changes), live())
    assert (request.method, request.path) == ("PATCH", "/api/v3/customers/17")
    assert request.body == text


def test_a_billing_address_that_is_cleared_as_a_whole_goes_away() -> None:
    record = live(deviatingBillingAddress={"name": "B", "street": "S", "zipCode": "1", "city": "C", "country": "DE"})
    cleared = {
        f"deviatingBillingAddress.{name}": ("x", "") for name in ("name", "street", "zipCode", "city", "country")
    }
    assert body_of("Customers", cleared, live=record) == {"deviatingBillingAddress": None}
    part = {"deviatingBillingAddress.phone": ("1", "")}
    assert body_of("Customers", part, live=record) == {"deviatingBillingAddress": {"phone": None}}


def test_a_note_keeps_the_line_ends_that_it_had() -> None:
    assert body_of("Customers", {"notes": ("one\ntwo", "one\ntwo\nthree")}) == {"notes": "one\r\ntwo\r\nthree"}


def test_an_undo_puts_back_exactly_what_was_there() -> None:
    changes = {"notes": ("x", ""), "primaryAddress.title": ("x", ""), "primaryAddress.fax": ("x", "a\nb")}
    wire = {"notes": "", "primaryAddress.title": None, "primaryAddress.fax": "a\rb"}
    assert body_of("Customers", changes, wire=wire) == {
        "notes": "", "primaryAddress": {"title": None, "fax": "a\rb"},
    }  # fmt: skip


@pytest.mark.parametrize(
    "name", ["number", "id", "updatedAt", "groups.name", *(field.name for field in CUSTOMERS.fields if field.masked)]
)
def test_what_is_fixed_or_masked_is_never_part_of_a_change(name: str) -> None:
    with pytest.raises(ValueError, match="never sent"):
        encode(step("Customers", {name: ("a", "b")}), live())


@pytest.mark.parametrize("field", [field.name for field in CUSTOMERS.fields if field.is_writable])
def test_no_change_of_any_field_carries_bank_data(field: str) -> None:
    value = {"integer": "5", "decimal": "5", "boolean": "true"}.get(CUSTOMERS.by_name[field].kind.value, "5")
    text = encode(step("Customers", {field: ("", value)}), live()).body
    assert "*" not in text
    assert "primaryBankAccount" not in text


@pytest.mark.parametrize(
    ("name", "lacking"),
    [("groups.id", "groups"), ("tags.title", "tags"), ("customFields.customField1", "customFields")],
)
def test_a_list_that_was_not_read_is_not_overwritten(name: str, lacking: str) -> None:
    record = live()
    del record[lacking]
    with pytest.raises(KeyError, match="not read"):
        encode(step("Customers", {name: ("", "5")}), record)


# --- creates ----------------------------------------------------------------------------------------------------------


def test_a_new_customer_is_sent_with_all_that_its_row_fills_in() -> None:
    filled = {
        "number": "K-20", "primaryAddress.name": "Neu GmbH", "primaryAddress.street": "S 1",
        "primaryAddress.zipCode": "86150", "primaryAddress.city": "Augsburg", "primaryAddress.country": "DE",
        "primaryAddress.phone": "", "communication.allowMarketingEmails": "false", "groups.id": "3",
        "tags.title": "VIP", "customFields.customField2": "x", "salesManager.id": "8",
        "financials.primaryBankAccount.iban": "DE89370400440532013000",
        "financials.primaryBankAccount.sepa.mandateReferenceDate": "2026-01-31",
    }  # fmt: skip
    request = encode(step("Customers", {n: ("", v) for n, v in filled.items()}, action=Action.CREATE, guid=""), None)
    assert (request.method, request.path) == ("POST", "/api/v3/customers")
    assert json.loads(request.body) == {
        "number": "K-20",
        "primaryAddress": {
            "name": "Neu GmbH",
            "street": "S 1",
            "zipCode": "86150",
            "city": "Augsburg",
            "country": "DE",
        },
        "communication": {"allowMarketingEmails": False},
        "salesManager": {"id": "8"},
        "groups": [{"id": "3"}],
        "tags": [{"title": "VIP"}],
        "customFields": [{"key": "customField2", "label": "customField2", "value": "x"}],
        "financials": {
            "primaryBankAccount": {"iban": "DE89370400440532013000", "sepa": {"mandateReferenceDate": "2026-01-31"}}
        },
    }


def test_what_was_masked_is_not_even_sent_to_make_a_deleted_customer_anew() -> None:
    filled = {"number": "K-20", "financials.primaryBankAccount.iban": "DE89**************3000"}
    changes = {name: ("", value) for name, value in filled.items()}
    wire: dict[str, str | None] = dict(filled.items())
    assert body_of("Customers", changes, action=Action.CREATE, guid="", live=None, wire=wire) == {"number": "K-20"}


# --- children ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entity", "guid", "changes", "path", "body"),
    [
        ("Addresses", "5", {"deliveryDetails.note": ("Tor 4", "Tor 5")}, "deliveryAddresses/5",
         {"deliveryDetails": {"note": "Tor 5"}}),
        ("Addresses", "5", {"city": ("D", "Ulm"), "deliveryDetails.defaultDeliveryAddress": ("", "true")},
         "deliveryAddresses/5", {"city": "Ulm", "deliveryDetails": {"defaultDeliveryAddress": True}}),
        ("Contacts", "9", {"contactPersonDetails.birthday": ("1980-05-17", "1981-05-17")}, "contactPersons/9",
         {"contactPersonDetails": {"birthday": "1981-05-17"}}),
        ("Contacts", "9", {"groups.id": ("", "1; 2")}, "contactPersons/9", {"groups": [{"id": "1"}, {"id": "2"}]}),
    ],
)  # fmt: skip
def test_a_childs_patch_holds_only_what_changes(
    entity: str, guid: str, changes: dict[str, tuple[str, str]], path: str, body: Any
) -> None:
    request = encode(step(entity, changes, guid=guid), live())
    assert (request.method, request.path) == ("PATCH", f"/api/v3/customers/17/{path}")
    assert json.loads(request.body) == body


def test_a_new_child_is_posted_to_its_customer() -> None:
    changes = {"name": ("", "Neu"), "email": ("", "n@b.de"), "contactPersonDetails.position": ("", "CEO")}
    request = encode(step("Contacts", changes, action=Action.CREATE, guid=""), live())
    assert (request.method, request.path) == ("POST", "/api/v3/customers/17/contactPersons")
    assert json.loads(request.body) == {"name": "Neu", "email": "n@b.de", "contactPersonDetails": {"position": "CEO"}}


@pytest.mark.parametrize("entity", ["Addresses", "Contacts"])
def test_a_child_that_is_gone_is_not_guessed(entity: str) -> None:
    with pytest.raises(KeyError):
        encode(step(entity, {"city": ("a", "b")}, guid="99"), live())
    with pytest.raises(KeyError):
        encode(step(entity, {"city": ("a", "b")}, guid="99"), None)


def test_a_child_without_an_id_is_found_by_its_key() -> None:
    found = encode(step("Addresses", {"city": ("E", "F")}, guid="", natural_key=("Filiale", "C 3", "3")), live())
    assert found.path.endswith("/deliveryAddresses/6")
    with pytest.raises(KeyError):
        encode(step("Addresses", {"city": ("E", "F")}, guid="", natural_key=("Lager", "C 3", "3")), live())


# --- deletes ----------------------------------------------------------------------------------------------------------


def test_a_customer_is_deleted_where_the_vendor_documents_it() -> None:
    request = encode(step("Customers", {}, action=Action.DELETE), live())
    assert (request.method, request.path, request.body) == ("DELETE", "/api/v1/customers/17", "")


@pytest.mark.parametrize(
    ("entity", "guid", "path"), [("Addresses", "5", "deliveryAddresses/5"), ("Contacts", "9", "contactPersons/9")]
)
def test_a_child_is_deleted_in_its_own_collection(entity: str, guid: str, path: str) -> None:
    request = encode(step(entity, {}, action=Action.DELETE, guid=guid), live())
    assert (request.method, request.path, request.body) == ("DELETE", f"/api/v3/customers/17/{path}", "")


@pytest.mark.parametrize("guid", ["", "../9", "1 ", "x", "1/2", "\u0661"])
def test_no_path_is_made_of_anything_but_an_id(guid: str) -> None:
    with pytest.raises(ValueError, match="no id"):
        encode(step("Customers", {"notes": ("", "x")}, guid=guid), live())


def test_encoding_twice_gives_the_same_text() -> None:
    some = step("Customers", {"groups.id": ("", "7; 3"), "notes": ("", "x")})
    assert encode(some, live()) == encode(some, live())


def test_every_writable_field_of_every_sheet_can_be_changed_by_itself() -> None:
    guids = {"Customers": "17", "Addresses": "5", "Contacts": "9"}
    for entity in CATALOGUE.entities:
        for field in entity.fields:
            if field.is_writable:
                assert body_of(entity.name, {field.name: ("", "7")}, guid=guids[entity.name]), field.name


# --- there and back ---------------------------------------------------------------------------------------------------

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r*"), min_size=1, max_size=12)
IDS = st.integers(1, 10**9).map(str)
VALUES = {
    Kind.TEXT: TEXTS,
    Kind.DECIMAL: st.decimals(-(10**9), 10**9, places=4).map(canonical_decimal),
    Kind.INTEGER: st.integers(0, 10**6).map(str),
    Kind.BOOLEAN: st.sampled_from(["true", "false"]),
    Kind.DATE: st.dates().map(date.isoformat),
}


def values_of(field: Field) -> st.SearchStrategy[str]:
    """Canonical texts that a field may hold."""
    if field.kind is Kind.LIST:
        return st.lists(IDS if field.path[-1] == "id" else TEXTS, min_size=1, max_size=4).map(join_members)
    return IDS if field.path[-1] == "id" else VALUES[field.kind]


@settings(max_examples=60)
@given(st.data())
@pytest.mark.parametrize("entity", CATALOGUE.entities, ids=lambda entity: entity.name)
def test_what_a_create_sends_reads_back_as_what_was_in_the_row(entity: Entity, data: st.DataObject) -> None:
    names = data.draw(st.sets(st.sampled_from([field.name for field in entity.sendable]), max_size=6))
    if "salesManager.commission" in names:
        names |= {"salesManager.id"}
    filled = {name: data.draw(values_of(entity.by_name[name])) for name in sorted(names)}
    some = step(entity.name, {n: ("", v) for n, v in filled.items()}, action=Action.CREATE, guid="")
    body = decode_json(encode(some, None).body.encode())
    record = decoded({**body, "id": "1"}, entity)
    assert {field.name: value for field in entity.fields if (value := canonical(entity, record, field.name))} == {
        **filled,
        "id": "1",
    }
