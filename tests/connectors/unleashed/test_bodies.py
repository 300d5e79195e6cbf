"""Bodies: everything that may be written travels exactly as it was received, and only the changes differ."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bulkio.connectors.unleashed.bodies import encode
from bulkio.connectors.unleashed.catalogue import ADDRESSES, CONTACTS, CUSTOMERS
from bulkio.connectors.unleashed.wire import decode_record
from bulkio.core.catalogue import ClearAs, Kind
from bulkio.core.kinds import from_wire
from bulkio.core.plan import Action, Change, Operation, Step

GUID = "b9f21e05-07fe-4d9d-b460-a09db4c3caa9"
OTHER = "9a1effae-f705-45e0-bc87-409e567f7de4"


def operation(
    entity: str,
    action: Action,
    changes: dict[str, tuple[str, str]],
    *,
    guid: str = "",
    key: tuple[str, ...] = (),
) -> Operation:
    return Operation(
        id="1",
        action=action,
        entity=entity,
        key=" ".join(key),
        natural_key=key,
        guid=guid,
        sheet=entity,
        row=2,
        changes=tuple(Change(name, before, after) for name, (before, after) in changes.items()),
        parent_guid="" if entity == "Customers" else GUID,
    )


def customer_body(live: dict[str, Any] | None, *operations: Operation) -> dict[str, Any]:
    request = encode(Step("Customers", GUID, operations), live)
    assert (request.method, request.path) == ("POST", f"/Customers/{GUID}")
    return dict(json.loads(request.body, parse_float=Decimal))


def update(**changes: tuple[str, str]) -> Operation:
    return operation("Customers", Action.UPDATE, {name.replace("__", "."): c for name, c in changes.items()}, guid=GUID)


def address(
    action: Action, changes: dict[str, tuple[str, str]], *, guid: str = "", key: tuple[str, ...] = ()
) -> Operation:
    return operation("Addresses", action, changes, guid=guid, key=key)


# --- the customer -----------------------------------------------------------------------------------------------------


def test_what_nobody_changes_is_sent_as_it_was_received() -> None:
    live = decode_record(
        b'{"Guid":"%b","CustomerCode":"A","CreditLimit":0.0000,"TaxRate":null,"TaxCode":"","Taxable":true,'
        b'"Notes":"a\\r\\nb",'
        b'"PaymentTerm":" 20th ","DiscountRate":1.50,"HasCreditLimit":false}' % GUID.encode(),
        "application/json",
        CUSTOMERS,
    )
    text = encode(Step("Customers", GUID, (update(CustomerName=("", "B")),)), live).body
    assert '"CreditLimit":0.0000' in text
    assert '"DiscountRate":1.50' in text
    assert '"Notes":"a\\r\\nb"' in text
    assert json.loads(text) == {
        "Guid": GUID, "CustomerCode": "A", "CustomerName": "B", "CreditLimit": 0, "TaxRate": None, "TaxCode": "",
        "Taxable": True, "Notes": "a\r\nb", "PaymentTerm": " 20th ", "DiscountRate": 1.5, "HasCreditLimit": False,
    }  # fmt: skip


def test_what_the_page_does_not_list_for_writing_never_leaves() -> None:
    live = {
        "Guid": GUID, "CustomerName": "A", "Reminder": "r", "CreatedOn": "x", "LastModifiedBy": "y", "SourceId": "z",
        "XeroContactId": "x", "Contacts": [{"Guid": OTHER}],
        "Currency": {"Guid": OTHER, "CurrencyCode": "NZD", "Description": "d", "DefaultBuyRate": 1,
                     "LastModifiedOn": "x"},
        "DefaultWarehouse": {"Guid": OTHER, "WarehouseCode": "W1", "WarehouseName": "n"},
        "Addresses": [{"City": "A", "Guid": OTHER, "LastModifiedOn": "x", "Surprise": 1}],
    }  # fmt: skip
    assert customer_body(live, update(CustomerName=("A", "B"))) == {
        "Guid": GUID,
        "CustomerName": "B",
        "Currency": {"Guid": OTHER, "CurrencyCode": "NZD"},
        "DefaultWarehouse": {"Guid": OTHER, "WarehouseCode": "W1"},
        "Addresses": [{"City": "A"}],
    }


def test_a_property_that_the_live_record_lacks_is_not_invented() -> None:
    assert customer_body({"Guid": GUID}, update(CustomerName=("", "B"))) == {"Guid": GUID, "CustomerName": "B"}


@pytest.mark.parametrize(
    ("name", "before", "after", "sent"),
    [
        ("CreditLimit", "0", "12.05", '"CreditLimit":12.05'),
        ("CreditLimit", "5", "", '"CreditLimit":null'),
        ("DiscountRate", "0", "123456789012345678.123456789", '"DiscountRate":123456789012345678.123456789'),
        ("Taxable", "true", "false", '"Taxable":false'),
        ("Taxable", "true", "", '"Taxable":null'),
        ("CustomerName", "A", 'B "quoted" \\ ü 漢 \u2028', '"CustomerName":"B \\"quoted\\" \\\\ ü 漢 \u2028"'),
        ("Notes", "a", "", '"Notes":null'),
        ("DeliveryInstruction", "a", "", '"DeliveryInstruction":""'),  # null would keep the old text (POST 681)
        ("CustomerTypeGuid", "", OTHER, f'"CustomerTypeGuid":"{OTHER}"'),
    ],
)
def test_a_change_is_spelled_as_its_kind_wants(name: str, before: str, after: str, sent: str) -> None:
    live = {"Guid": GUID, name: before or None}
    assert sent in encode(Step("Customers", GUID, (update(**{name: (before, after)}),)), live).body


@pytest.mark.parametrize(
    ("live", "after", "sent"),
    [
        ("a\r\nb", "a\nb\nc", "a\r\nb\r\nc"),
        ("a\nb", "a\nb\nc", "a\nb\nc"),
        ("a\rb", "a\nb\nc", "a\rb\rc"),
        ("a\r\nb\r\nc\nd", "x\ny", "x\r\ny"),
        ("a", "a\nb", "a\nb"),
        (None, "a\nb", "a\nb"),
    ],
)
def test_an_edited_note_keeps_the_line_ends_it_had(live: str | None, after: str, sent: str) -> None:
    assert customer_body({"Guid": GUID, "Notes": live}, update(Notes=("", after)))["Notes"] == sent


def test_a_salesperson_is_written_as_it_was_spelled() -> None:
    seller = {"FullName": "Sam", "Email": None, "Guid": OTHER, "Obsolete": False}
    change = update(CustomerName=("A", "B"))
    live = decode_record(json.dumps({"Guid": GUID, "SalesPerson": seller}).encode(), "application/json", CUSTOMERS)
    body = customer_body(live, change)
    assert body["SalesPerson"] == {"FullName": "Sam", "Email": None, "Guid": OTHER}
    assert "Salesperson" not in body
    body = customer_body({"Guid": GUID, "Salesperson": seller}, change)
    assert body["Salesperson"] == {"FullName": "Sam", "Email": None, "Guid": OTHER}
    assert "SalesPerson" not in body


@pytest.mark.parametrize(
    ("before", "sent"),
    [("", {"CurrencyCode": ""}), (None, None), ("NZD\r\n", {"CurrencyCode": "NZD\r\n"})],
)
def test_an_undo_puts_back_exactly_what_a_nested_object_held(before: str | None, sent: Any) -> None:
    back = replace(update(Currency__CurrencyCode=("EUR", before or "")), wire={"Currency.CurrencyCode": before})
    assert customer_body({"Guid": GUID, "Currency": {"CurrencyCode": "EUR"}}, back)["Currency"] == sent


@pytest.mark.parametrize(
    ("live", "changes", "sent"),
    [
        ({"CurrencyCode": "NZD", "Guid": OTHER}, {"CurrencyCode": ("NZD", "USD"), "Guid": (OTHER, GUID)},
         {"CurrencyCode": "USD", "Guid": GUID}),
        # the Guid could not be followed: it is left out rather than sent as null beside the new code
        ({"CurrencyCode": "NZD", "Guid": OTHER}, {"CurrencyCode": ("NZD", "USD"), "Guid": (OTHER, "")},
         {"CurrencyCode": "USD"}),
        ({"CurrencyCode": "NZD", "Guid": OTHER}, {"CurrencyCode": ("NZD", ""), "Guid": (OTHER, "")}, None),
        (None, {"CurrencyCode": ("", "USD")}, {"CurrencyCode": "USD"}),
    ],
)  # fmt: skip
def test_a_nested_object_has_its_members_or_is_null(live: Any, changes: dict[str, Any], sent: Any) -> None:
    change = update(**{f"Currency__{name}": values for name, values in changes.items()})
    assert customer_body({"Guid": GUID, "Currency": live}, change)["Currency"] == sent


def test_an_unchanged_null_object_stays_null_and_one_we_cannot_write_is_left_out() -> None:
    live = {"Guid": GUID, "Currency": None, "SellPriceTierReference": {"Tier": 1}, "DefaultWarehouse": {"Guid": None}}
    body = customer_body(live, update(CustomerName=("", "B")))
    assert body == {"Guid": GUID, "CustomerName": "B", "Currency": None, "DefaultWarehouse": None}


def test_a_create_carries_its_own_guid_and_only_what_is_filled() -> None:
    made = operation(
        "Customers",
        Action.CREATE,
        {"CustomerCode": ("", "A"), "CustomerName": ("", "B"), "Notes": ("", ""), "Currency.CurrencyCode": ("", "NZD"),
         "Salesperson.Guid": ("", ""), "CreditLimit": ("", "0")},
        guid=GUID,
    )  # fmt: skip
    home = address(Action.CREATE, {"AddressType": ("", "Postal"), "City": ("", "Ōtaki"), "IsDefault": ("", "true")})
    assert customer_body(None, made, home) == {
        "Guid": GUID,
        "CustomerCode": "A",
        "CustomerName": "B",
        "Currency": {"CurrencyCode": "NZD"},
        "CreditLimit": 0,
        "Addresses": [{"AddressType": "Postal", "City": "Ōtaki", "IsDefault": True}],
    }


def test_a_delete_sets_the_flag_that_stands_in_for_it() -> None:
    live = {"Guid": GUID, "CustomerName": "A", "Obsolete": False}
    planned = operation("Customers", Action.DELETE, {"Obsolete": ("false", "true")}, guid=GUID)
    bare = operation("Customers", Action.DELETE, {}, guid=GUID)
    for each in (planned, bare):
        assert customer_body(live, each) == {"Guid": GUID, "CustomerName": "A", "Obsolete": True}


@pytest.mark.parametrize("name", ["Reminder", "CreatedOn", "Currency.Description", "Nonsense"])
def test_a_change_of_what_is_never_sent_is_an_error_and_not_a_silence(name: str) -> None:
    with pytest.raises(ValueError, match="never sent"):
        customer_body({"Guid": GUID}, update(**{name.replace(".", "__"): ("", "x")}))


def test_no_path_is_made_of_a_sheets_text() -> None:
    with pytest.raises(ValueError, match="badly formed"):
        encode(Step("Customers", "../Webhooks", (update(CustomerName=("", "B")),)), {"Guid": GUID})


# --- addresses --------------------------------------------------------------------------------------------------------

MAIN = {"AddressType": "Shipping", "AddressName": "Main", "City": "Auckland", "Suburb": None, "Guid": OTHER}
HOME = {"AddressType": "Postal", "AddressName": " Home", "City": "Ōtaki", "Guid": GUID}


def sent_of(address: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in address.items() if name != "Guid"}


def addresses_after(*operations: Operation, live: Any = (MAIN, HOME)) -> Any:
    record = {"Guid": GUID, "Addresses": None if live is None else list(live)}
    return customer_body(record, *operations)["Addresses"]


def test_the_whole_collection_travels_with_any_change() -> None:
    assert addresses_after(update(CustomerName=("", "B"))) == [sent_of(MAIN), sent_of(HOME)]


def test_one_address_changes_and_the_others_stay() -> None:
    change = address(Action.UPDATE, {"City": ("Auckland", "Taupō")}, guid=OTHER.upper())
    assert addresses_after(change) == [{**sent_of(MAIN), "City": "Taupō"}, sent_of(HOME)]


@pytest.mark.parametrize("guid", ["", "00000000-0000-0000-0000-00000000dead"])
def test_without_its_guid_an_address_is_found_by_type_and_name(guid: str) -> None:
    change = address(Action.UPDATE, {"City": ("Auckland", "Taupō")}, key=("Shipping", "Main"), guid=guid)
    assert addresses_after(change)[0]["City"] == "Taupō"


@pytest.mark.parametrize(
    "change",
    [
        address(Action.UPDATE, {"City": ("Auckland", "Taupō")}, guid="00000000-0000-0000-0000-00000000dead"),
        address(Action.UPDATE, {"City": ("Auckland", "Taupō")}, key=("Shipping", "Second")),
        address(Action.UPDATE, {"City": ("Ōtaki", "Taupō")}, key=("Postal", "Home")),  # it is " Home"
        address(Action.DELETE, {}, key=("Physical", "Main")),
    ],
)
def test_an_address_that_is_not_there_is_not_guessed(change: Operation) -> None:
    with pytest.raises(KeyError):
        addresses_after(change)


def test_two_addresses_that_fit_are_as_bad_as_none() -> None:
    change = address(Action.UPDATE, {"Suburb": ("", "Petone")}, key=("Shipping", "Main"))
    with pytest.raises(KeyError):
        addresses_after(change, live=(MAIN, {**MAIN, "Guid": GUID}))
    other = {**MAIN, "Guid": GUID, "Suburb": "Alicetown"}
    assert [each["Suburb"] for each in addresses_after(change, live=(other, MAIN))] == ["Alicetown", "Petone"]


def test_a_new_address_is_appended_and_a_deleted_one_left_out() -> None:
    new = address(Action.CREATE, {"AddressType": ("", "Physical"), "City": ("", "Gore"), "Region": ("", "")})
    gone = address(Action.DELETE, {}, guid=OTHER)
    assert addresses_after(new, gone) == [sent_of(HOME), {"AddressType": "Physical", "City": "Gore"}]
    assert addresses_after(new, live=None) == [{"AddressType": "Physical", "City": "Gore"}]
    assert addresses_after(update(CustomerName=("", "B")), live=None) is None


# --- contacts ---------------------------------------------------------------------------------------------------------

CONTACT = {
    "Guid": OTHER, "FirstName": "Ann", "LastName": None, "EmailAddress": "", "ForInvoicing": True, "Notes": "a\r\nb",
    "Surprise": 1,
}  # fmt: skip


def contact(action: Action, changes: dict[str, tuple[str, str]], *, guid: str = "", key: tuple[str, ...] = ()) -> Step:
    return Step("Contacts", GUID, (operation("Contacts", action, changes, guid=guid, key=key),))


def test_a_new_contact_has_no_guid() -> None:
    request = encode(
        contact(Action.CREATE, {"FirstName": ("", "Ann"), "IsDefault": ("", "true"), "Notes": ("", "")}), {}
    )
    assert (request.method, request.path) == ("POST", f"/Customers/{GUID}/Contacts")
    assert json.loads(request.body) == {"FirstName": "Ann", "IsDefault": True}


def test_a_contact_is_put_whole() -> None:
    step = contact(Action.UPDATE, {"LastName": ("", "Lee"), "Notes": ("a\nb", "a\nc")}, guid=OTHER)
    request = encode(step, {"Contacts": [{"Guid": GUID}, CONTACT]})
    assert (request.method, request.path) == ("PUT", f"/Customers/{GUID}/Contacts/{OTHER}")
    assert json.loads(request.body) == {
        "Guid": OTHER, "FirstName": "Ann", "LastName": "Lee", "EmailAddress": "", "ForInvoicing": True,
        "Notes": "a\r\nc",
    }  # fmt: skip


def test_a_deleted_contact_has_no_body() -> None:
    request = encode(contact(Action.DELETE, {}, guid=OTHER), {"Contacts": [CONTACT]})
    assert (request.method, request.path, request.body) == ("DELETE", f"/Customers/{GUID}/Contacts/{OTHER}", "")


def test_a_contact_without_a_guid_is_found_by_its_names() -> None:
    step = contact(Action.UPDATE, {"LastName": ("", "Lee")}, key=("Ann", "", ""))
    assert encode(step, {"Contacts": [CONTACT]}).path.endswith(OTHER)


@pytest.mark.parametrize("action", [Action.UPDATE, Action.DELETE])
@pytest.mark.parametrize("live", [{"Contacts": []}, {"Contacts": None}, {}, None])
def test_a_contact_that_is_gone_is_a_key_error(action: Action, live: Any) -> None:
    with pytest.raises(KeyError):
        encode(contact(action, {"LastName": ("", "Lee")}, guid=OTHER), live)


# --- any record -------------------------------------------------------------------------------------------------------

texts = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
amounts = st.none() | st.decimals(-(10**12), 10**12, allow_nan=False, places=6) | st.integers(-(10**12), 10**12)
flags = st.none() | st.booleans()
_VALUES = {Kind.TEXT: texts, Kind.DECIMAL: amounts, Kind.BOOLEAN: flags, Kind.TIMESTAMP: texts,
           Kind.GUID: st.none() | st.uuids().map(str)}  # fmt: skip


def _objects(fields: list[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={field.path[-1]: _VALUES[field.kind] for field in fields})


@st.composite
def customers(draw: st.DrawFn) -> dict[str, Any]:
    single = [field for field in CUSTOMERS.fields if len(field.path) == 1]
    record = draw(_objects(single))
    for name in dict.fromkeys(field.path[0] for field in CUSTOMERS.fields if len(field.path) > 1):
        members = [field for field in CUSTOMERS.fields if field.path[0] == name]
        if draw(st.booleans()):
            record[name] = draw(st.none() | _objects(members))
    if draw(st.booleans()):
        record["Addresses"] = draw(st.none() | st.lists(_objects(list(ADDRESSES.fields)), max_size=3))
    record["Unknown"] = draw(texts)
    record["Guid"] = GUID
    return record


plain_fields = st.sampled_from([field for field in CUSTOMERS.fields if field.is_writable and len(field.path) == 1])


@settings(deadline=None)
@given(customers(), plain_fields, st.data())
def test_one_change_leaves_every_other_writable_value_as_it_was(
    record: dict[str, Any], field: Any, data: st.DataObject
) -> None:
    body_of = _as_wire(record)
    live = decode_record(body_of.encode(), "application/json", CUSTOMERS)
    after = data.draw(_canonical_values(field))
    before = from_wire(field.kind, [record.get(field.name)])[0]
    request = encode(Step("Customers", GUID, (update(**{field.name: (before, after)}),)), live)
    sent = json.loads(request.body, parse_float=str, parse_int=str)
    received = json.loads(body_of, parse_float=str, parse_int=str)
    allowed = {each.path[0] for each in CUSTOMERS.sendable} | {"Addresses"}
    assert set(sent) <= allowed
    for name in allowed - {field.name, "Addresses"}:
        if isinstance(received.get(name), dict):
            members = {each.path[1] for each in CUSTOMERS.sendable if each.path[0] == name}
            kept = {key: value for key, value in received[name].items() if key in members}
            if any(value not in (None, "") for value in kept.values()):
                assert sent[name] == kept
        else:
            assert (name in sent) == (name in received)
            assert sent.get(name) == received.get(name)
    writable = {each.name for each in ADDRESSES.sendable}
    if received.get("Addresses") is not None:
        assert sent["Addresses"] == [
            {key: value for key, value in each.items() if key in writable} for each in received["Addresses"]
        ]
    else:
        assert sent.get("Addresses") is None
    written = from_wire(field.kind, [json.loads(request.body, parse_float=Decimal).get(field.name)])[0]
    assert written == after


def _as_wire(record: dict[str, Any]) -> str:
    """The record as a server would send it, amounts with all their digits."""

    def spell(value: Any) -> str:
        if isinstance(value, dict):
            return "{" + ",".join(f"{json.dumps(name)}:{spell(each)}" for name, each in value.items()) + "}"
        if isinstance(value, list):
            return "[" + ",".join(spell(each) for each in value) + "]"
        return f"{value:f}" if isinstance(value, Decimal) else json.dumps(value)

    return spell(record)


def _canonical_values(field: Any) -> st.SearchStrategy[str]:
    filled = {
        Kind.TEXT: st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), min_size=1, max_size=20),
        Kind.DECIMAL: st.decimals(-(10**9), 10**9, allow_nan=False, places=4).map(
            lambda amount: from_wire(Kind.DECIMAL, [amount])[0]
        ),
        Kind.BOOLEAN: st.sampled_from(["true", "false"]),
        Kind.GUID: st.uuids().map(str),
    }[field.kind]
    return filled if field.clear_as is ClearAs.NEVER else filled | st.just("")


def test_the_whitelist_is_the_pages_table() -> None:
    """POST 624-770, and the contacts' table 934-1000; the two address properties of its example included."""
    assert {field.name for field in CUSTOMERS.sendable} >= {"Guid", "CustomerCode", "XeroSalesAccount"}
    assert {field.name for field in ADDRESSES.sendable} == {
        "AddressType", "AddressName", "StreetAddress", "StreetAddress2", "Suburb", "City", "Region", "PostalCode",
        "Country", "IsDefault", "DeliveryInstruction",
    }  # fmt: skip
    assert len(CONTACTS.sendable) == 16
