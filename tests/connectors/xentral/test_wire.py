"""Xentral's replies become records that lose nothing, and nothing else passes for one."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from bulkio.connectors.xentral.catalogue import ADDRESSES, CATALOGUE, CONTACTS, CUSTOMERS
from bulkio.connectors.xentral.wire import LABELS, decode_json, decode_keys, decode_listing, decode_record
from bulkio.core.flatten import flatten
from bulkio.errors import UnavailableError

RECORD = {
    "id": "17",
    "number": "K-00017",
    "primaryAddress": {"name": "Wade's & Söhne GmbH", "type": None, "state": "", "newMember": [1]},
    "financials": {"creditLimit": 0.10, "paymentMethod": None, "paymentTerms": {"paymentTargetDays": 30}},
    "fulfillment": {"deliveryBlockDate": "2026-01-31"},
    "documentDelivery": {"documentRecipients": {"invoice": {"to": "a@b.de", "cc": ["d@b.de", "c@b.de"]}}},
    "groups": [{"id": "7", "name": "VIP"}, {"id": "3", "name": "B2B; EU"}],
    "tags": [],
    "customFields": [
        {"key": "customField1", "label": "Region", "value": "Süd", "type": "string"},
        {"key": "customField2", "label": "Rang", "value": 7, "type": "integer"},
        {"key": "customField3", "label": "Mehr", "value": {"de": "ja"}, "type": "object"},
        {"key": "customField4", "label": None, "value": None},
    ],
    "deliveryAddresses": [{"id": 5, "name": "Lager", "deliveryDetails": {"taxType": "eu"}}],
    "contactPersons": [{"id": "9", "name": "Ann", "groups": [{"id": "1", "name": "x"}]}],
    "createdAt": "2026-01-31T09:00:00+01:00",
    "somethingNew": {"a": [1, 2]},
}


def decoded(record: Any = RECORD) -> dict[str, Any]:
    return decode_record(json.dumps({"data": record}).encode(), CUSTOMERS)


def cells(record: dict[str, Any]) -> dict[str, dict[str, str]]:
    """The filled cells of a record, by sheet."""
    frames = flatten(CATALOGUE, [record])
    rows = {name: frame.to_dict("records") for name, frame in frames.items()}
    return {
        name: {str(column): value for column, value in found[0].items() if value and column != "@parent"}
        for name, found in rows.items()
        if found
    }


def test_a_record_fills_the_cells_of_its_paths() -> None:
    assert cells(decoded()) == {
        "Customers": {
            "id": "17",
            "number": "K-00017",
            "primaryAddress.name": "Wade's & Söhne GmbH",
            "financials.creditLimit": "0.1",
            "financials.paymentTerms.paymentTargetDays": "30",
            "fulfillment.deliveryBlockDate": "2026-01-31",
            "documentDelivery.documentRecipients.invoice.to": "a@b.de",
            "documentDelivery.documentRecipients.invoice.cc": "c@b.de; d@b.de",
            "groups.id": "3; 7",
            "groups.name": '["B2B; EU","VIP"]',
            "customFields.customField1": "Süd",
            "customFields.customField2": "7",
            "customFields.customField3": '{"de": "ja"}',
            "createdAt": "2026-01-31T08:00:00Z",
        },
        "Addresses": {"number": "K-00017", "id": "5", "name": "Lager", "deliveryDetails.taxType": "eu"},
        "Contacts": {"number": "K-00017", "id": "9", "name": "Ann", "groups.id": "1", "groups.name": "x"},
    }


def test_what_bulkio_does_not_know_stays_in_the_record() -> None:
    record = decoded()
    assert record["somethingNew"] == {"a": [1, 2]}
    assert record["primaryAddress"]["newMember"] == [1]
    assert record[LABELS] == {
        "customField1": "Region",
        "customField2": "Rang",
        "customField3": "Mehr",
        "customField4": None,
    }


def test_null_blank_and_missing_stay_apart() -> None:
    record = decoded()
    assert record["primaryAddress"]["type"] is None
    assert record["primaryAddress"]["state"] == ""
    assert "street" not in record["primaryAddress"]


def test_what_was_not_included_is_absent_and_what_is_empty_is_not() -> None:
    record = decoded({"id": "1", "number": "K", "tags": [], "groups": None})
    assert record["tags"] == {}
    assert record["groups"] is None
    assert "customFields" not in record
    assert "deliveryAddresses" not in record


def test_numbers_are_exact() -> None:
    body = b'{"data": {"id": "1", "financials": {"creditLimit": 0.1000000000000000055511151231257827}}}'
    assert decode_record(body, CUSTOMERS)["financials"]["creditLimit"] == Decimal(
        "0.1000000000000000055511151231257827"
    )


def test_an_id_may_be_a_number() -> None:
    assert cells(decoded({"id": 17, "number": 10023}))["Customers"] == {"id": "17", "number": "10023"}


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b"{}", b"<html></html>", b'{"data": null}', b'{"data": []}', b'{"data": {}}',
        b'{"data": {"id": null}}', b'{"data": {"id": {}}}', b'{"data": {"id": "1"}',
        b'{"data": {"id": "1", "id": "2"}}',
        b'{"data": {"id": "1", "x": NaN}}', b'{"data": {"id": "1", "x": 1e999}}', b'{"data": {"id": "1", "x": %s}}',
        b'{"data": {"id": "1", "deliveryAddresses": {}}}', b'{"data": {"id": "1", "deliveryAddresses": [{}]}}',
        b'{"data": {"id": "1", "groups": [3]}}', b'{"data": {"id": "1", "customFields": [{"value": 1}]}}',
        b'{"data": {"id": "1", "number": "\xff"}}', b"[" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_record_is_refused(body: bytes) -> None:
    with pytest.raises(UnavailableError, match="Xentral"):
        decode_record(body.replace(b"%s", b"9" * 61), CUSTOMERS)


@pytest.mark.parametrize(
    "body", [b"{}", b'{"data": {}}', b'{"data": [1]}', b'{"data": [{"name": "x"}]}', b"Unauthorized"]
)
def test_what_is_no_list_is_refused(body: bytes) -> None:
    with pytest.raises(UnavailableError, match="Xentral"):
        decode_listing(body, ADDRESSES)


def test_a_list_says_how_far_it_goes_in_numbers_or_texts_or_not_at_all() -> None:
    meta = {"currentPage": 2, "perPage": "15", "lastPage": 4, "total": 60}
    paging = decode_listing(json.dumps({"data": [], "meta": meta, "links": {"next": "x"}}).encode(), CONTACTS).paging
    assert (paging.page, paging.size, paging.last, paging.total, paging.has_next) == (2, 15, 4, 60, True)
    paging = decode_listing(b'{"data": [], "meta": {"perPage": true, "total": -1, "lastPage": "x"}}', CONTACTS).paging
    assert (paging.page, paging.size, paging.last, paging.total, paging.has_next) == (None, None, None, None, False)
    assert decode_listing(b'{"data": [], "meta": [], "links": null}', CONTACTS).records == []


def test_the_settings_name_the_custom_fields_wherever_they_put_the_key() -> None:
    rows = [{"id": 1, "key": "customField1", "label": "Region"}, {"name": "customField12"}, {"key": "other"}]
    wanted = {"customFields.customField1", "customFields.customField12"}
    assert decode_keys(json.dumps({"data": rows}).encode()) == wanted
    assert decode_keys(json.dumps(rows).encode()) == wanted
    assert decode_keys(b'{"data": "?"}') == set()


def test_a_byte_order_mark_is_no_part_of_the_json() -> None:
    assert decode_json(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}
