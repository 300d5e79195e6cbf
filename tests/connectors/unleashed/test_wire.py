"""Replies: what is read exactly, and what is refused."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bulkio.connectors.unleashed.catalogue import CONTACTS, CUSTOMERS
from bulkio.connectors.unleashed.wire import (
    Pagination,
    decode_json,
    decode_listing,
    decode_lookup,
    decode_record,
    decode_reply,
    lookup_row,
)
from bulkio.errors import NotExecutedError, UnavailableError

GUID = "b9f21e05-07fe-4d9d-b460-a09db4c3caa9"
JSON = "application/json"


def listing(**customer: Any) -> bytes:
    return json.dumps({"Pagination": None, "Items": [{"Guid": GUID, **customer}]}).encode()


# --- exactness --------------------------------------------------------------------------------------------------------


def test_numbers_keep_every_digit_and_zero() -> None:
    body = b'{"Guid": "g", "CreditLimit": 0.0000, "DiscountRate": 12345678901234567890.123456789, "TaxRate": 15}'
    record = decode_record(body, JSON, CUSTOMERS)
    assert [str(record[name]) for name in ("CreditLimit", "DiscountRate", "TaxRate")] == [
        "0.0000",
        "12345678901234567890.123456789",
        "15",
    ]
    assert not any(isinstance(value, float) for value in record.values())


def test_unknown_properties_and_line_ends_are_kept() -> None:
    body = listing(Notes="a\r\nb", Surprise={"deep": [1, {"x": None}]}, Reminder="")
    (record,) = decode_listing(body, JSON, CUSTOMERS).records
    assert record["Notes"] == "a\r\nb"
    assert record["Surprise"] == {"deep": [1, {"x": None}]}
    assert record["Reminder"] == ""


def test_the_live_spelling_of_the_salesperson_is_read_under_the_pages_and_kept() -> None:
    seller = {"FullName": "Sam", "Guid": GUID}
    (record,) = decode_listing(listing(SalesPerson=seller), JSON, CUSTOMERS).records
    assert record["Salesperson"] == seller
    assert record["SalesPerson"] == seller
    (record,) = decode_listing(listing(SalesPerson=None), JSON, CUSTOMERS).records
    assert record["Salesperson"] is None
    (record,) = decode_listing(listing(Salesperson=seller), JSON, CUSTOMERS).records
    assert "SalesPerson" not in record


def test_a_byte_order_mark_is_no_part_of_it() -> None:
    assert decode_listing(b"\xef\xbb\xbf" + listing(), JSON, CUSTOMERS).records[0]["Guid"] == GUID


def test_pagination_may_be_null_or_missing() -> None:
    assert decode_listing(listing(), JSON, CUSTOMERS).pagination is None
    assert decode_listing(b'{"Items": []}', JSON, CUSTOMERS).pagination is None
    stated = b'{"Pagination":{"NumberOfItems":3,"PageSize":2,"PageNumber":1,"NumberOfPages":2},"Items":[]}'
    assert decode_listing(stated, JSON, CUSTOMERS).pagination == Pagination(3, 2, 1, 2)


def test_a_reply_to_a_write_comes_bare_or_in_an_envelope() -> None:
    bare = json.dumps({"Guid": GUID}).encode()
    for body in (bare, b'{"Items": [' + bare + b"]}"):
        assert decode_reply(body, JSON, CUSTOMERS)["Guid"] == GUID


# --- strictness -------------------------------------------------------------------------------------------------------

GARBAGE = {
    "nothing": b"",
    "blank": b"   ",
    "a page": b"<!DOCTYPE html><html><body>Sign in</body></html>",
    "text": b"Service unavailable",
    "cut short": b'{"Items": [{"Guid": "x"',
    "trailing comma": b'{"Items": [],}',
    "two documents": b'{"Items": []}{"Items": []}',
    "single quotes": b"{'Items': []}",
    "not UTF-8": b'{"Items": [{"Guid": "\xff"}]}',
    "half a surrogate pair": b'{"Items": [{"Guid": "x", "Notes": "\\ud800"}]}',
    "NaN": b'{"Items": [{"Guid": "x", "CreditLimit": NaN}]}',
    "infinity": b'{"Items": [{"Guid": "x", "CreditLimit": Infinity}]}',
    "a key twice": b'{"Items": [{"Guid": "x", "Notes": "a", "Notes": "b"}]}',
    "a key twice in the envelope": b'{"Items": [{"Guid": "x"}], "Items": []}',
    "a key twice, spaced": b'{"Items" : [{"Guid" : "x", "Notes" : "a", "Notes":"b"}]}',
    "a key twice in an address": b'{"Items": [{"Guid": "x", "Addresses": [{"City": "a", "City": "b"}]}]}',
    "a key twice in something unknown": b'{"Items": [{"Guid": "x", "Y": {"a": {"b": 1, "b": 2}}}]}',
    "a key twice beside a text like a key": b'{"Items": [{"Guid": "x", "Notes": "\\":", "Notes": "b"}]}',
    "a number of 5,000 digits": b'{"Items": [{"Guid": "x", "CreditLimit": ' + b"9" * 5000 + b"}]}",
    "a number of 100 digits": b'{"Items": [{"Guid": "x", "CreditLimit": ' + b"9" * 100 + b"}]}",
    "a huge exponent": b'{"Items": [{"Guid": "x", "CreditLimit": 1e400}]}',
    "a tiny exponent": b'{"Items": [{"Guid": "x", "CreditLimit": 1.0e-4000}]}',
    "objects nested 100 deep": b'{"Items": [{"Guid": "x", "Y": ' + b'{"a":' * 100 + b"1" + b"}" * 100 + b"}]}",
    "a fraction of 5,000 digits": b'{"Items": [{"Guid": "x", "CreditLimit": 0.' + b"9" * 5000 + b"}]}",
    "arrays nested 100 deep": b'{"Items": [{"Guid": "x", "Y": ' + b"[" * 100 + b"]" * 100 + b"}]}",
    "arrays nested 100 deep, spaced": b'{"Items": [{"Guid": "x", "Y": ' + b"[ \n" * 100 + b"]" * 100 + b"}]}",
    "arrays nested 100,000 deep": b'{"Items": [{"Guid": "x", "Y": ' + b"[" * 100_000 + b"]" * 100_000 + b"}]}",
    "a list of nothing": b'{"Pagination": null, "Items": null}',
    "no items": b'{"Pagination": null}',
    "items that are no objects": b'{"Items": [1, 2]}',
    "items in an object": b'{"Items": {"Guid": "x"}}',
    "a bare list": b'[{"Guid": "x"}]',
    "null": b"null",
    "a number": b"5",
    "an error that came as 200": b'{"Description": "Something went wrong"}',
    "a customer without a Guid": b'{"Items": [{"CustomerCode": "A"}]}',
    "a customer whose Guid is null": b'{"Items": [{"Guid": null}]}',
    "addresses that are a text": b'{"Items": [{"Guid": "x", "Addresses": "none"}]}',
    "addresses that are texts": b'{"Items": [{"Guid": "x", "Addresses": ["none"]}]}',
    "a currency that is a text": b'{"Items": [{"Guid": "x", "Currency": "NZD"}]}',
    "pagination that is a list": b'{"Pagination": [1], "Items": []}',
    "pagination without numbers": b'{"Pagination": {"NumberOfItems": "many"}, "Items": []}',
    "pagination below zero": b'{"Pagination": {"NumberOfItems":-3,"PageSize":2,"PageNumber":1,"NumberOfPages":2},'
    b'"Items":[]}',
    "broken XML": b'<?xml version="1.0"?><Customers><Customer></Customers>',
    "XML with entities": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><Customers>&a;</Customers>',
    "deep XML": b'<?xml version="1.0"?>' + b"<a>" * 200 + b"</a>" * 200,
}


@pytest.mark.parametrize("what", GARBAGE)
def test_what_is_no_reply_of_this_api_is_refused(what: str) -> None:
    with pytest.raises(UnavailableError, match="as Unleashed sends it") as caught:
        decode_listing(GARBAGE[what], JSON, CUSTOMERS)
    assert not isinstance(caught.value, NotExecutedError)


@pytest.mark.parametrize("media_type", [JSON, "text/html", ""])
def test_a_page_for_a_browser_is_refused_whatever_it_calls_itself(media_type: str) -> None:
    with pytest.raises(UnavailableError):
        decode_listing(b"<html><body>Sign in</body></html>", media_type, CUSTOMERS)


def test_a_reply_is_refused_wherever_it_is_cut() -> None:
    whole = listing(Notes='say ":"', CreditLimit=1, Addresses=[{"City": "Ōtaki"}], Currency={"CurrencyCode": "NZD"})
    assert decode_listing(whole, JSON, CUSTOMERS).records
    for end in range(len(whole)):
        with pytest.raises(UnavailableError):
            decode_listing(whole[:end], JSON, CUSTOMERS)


plain = st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.text()
documents = st.recursive(plain, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=30)


@settings(deadline=None)
@given(documents, st.sampled_from([None, 1, 3]), st.booleans())
def test_any_sound_document_is_read_however_it_is_spaced(document: Any, indent: int | None, ascii_only: bool) -> None:  # noqa: FBT001
    spaced = json.dumps(document, indent=indent, ensure_ascii=ascii_only, separators=(",", " : ") if indent else None)
    try:
        body = spaced.encode()
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        with pytest.raises(UnavailableError):
            decode_json(spaced.encode(errors="surrogatepass"))
        return
    assert decode_json(body) == document


@settings(deadline=None)
@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=8))
def test_any_amount_is_read_exactly(amount: Decimal) -> None:
    record = decode_record(f'{{"Guid":"x","CreditLimit":{amount:f}}}'.encode(), JSON, CUSTOMERS)
    assert str(Decimal(record["CreditLimit"])) == str(Decimal(f"{amount:f}"))


# --- XML --------------------------------------------------------------------------------------------------------------


def xml(inside: str) -> bytes:
    names = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns="http://api.unleashedsoftware.com/version/1"'
    return f'<?xml version="1.0"?><Customers {names}>{inside}</Customers>'.encode()


def test_xml_gives_the_same_record_as_json() -> None:
    body = xml(
        "<Customer><Guid>g</Guid><CreditLimit>0.0000</CreditLimit><Obsolete>false</Obsolete><TaxCode/>"
        '<TaxRate xsi:nil="true"/><Notes> two\nlines </Notes><SalesPerson><FullName>Sam</FullName></SalesPerson>'
        "<Addresses><Address><AddressName> Main</AddressName><IsDefault>true</IsDefault></Address></Addresses>"
        "<Contacts/></Customer>"
    )
    (record,) = decode_listing(body, "text/xml", CUSTOMERS).records
    assert record == {
        "Guid": "g",
        "CreditLimit": Decimal("0.0000"),
        "Obsolete": False,
        "TaxCode": "",
        "TaxRate": None,
        "Notes": " two\nlines ",
        "SalesPerson": {"FullName": "Sam"},
        "Salesperson": {"FullName": "Sam"},
        "Addresses": [{"AddressName": " Main", "IsDefault": True}],
        "Contacts": [],
    }
    assert str(record["CreditLimit"]) == "0.0000"


def test_xml_is_known_by_its_first_characters_too() -> None:
    assert decode_listing(xml("<Customer><Guid>g</Guid></Customer>"), JSON, CUSTOMERS).records == [{"Guid": "g"}]
    assert decode_listing(b'<?xml version="1.0"?><CustomerContacts/>', "", CONTACTS).records == []


def test_an_odd_value_in_xml_stays_text() -> None:
    body = xml(
        "<Customer><Guid>g</Guid><CreditLimit>1,5</CreditLimit><TaxRate>NaN</TaxRate><Taxable>?</Taxable></Customer>"
    )
    (record,) = decode_listing(body, "text/xml", CUSTOMERS).records
    assert (record["CreditLimit"], record["TaxRate"], record["Taxable"]) == ("1,5", "NaN", "?")


# --- lookups ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b'{"Items": [{"Name": "a"}]}',
        b'[{"Name": "a"}]',
        b'{"Name": "a"}',
        b'{"Pagination": null, "Items": [{"Name": "a"}]}',
    ],
)
def test_lists_of_allowed_values_come_in_several_shapes(body: bytes) -> None:
    assert decode_lookup(body, JSON).records == [{"Name": "a"}]


def test_a_lookup_row_is_canonical_and_has_what_the_catalogue_asks_for() -> None:
    assert lookup_row("Taxes", {"TaxCode": "GST", "TaxRate": Decimal("0.150000"), "Obsolete": False, "X": {}}) == {
        "TaxCode": "GST",
        "TaxRate": "0.15",
        "Obsolete": "false",
    }
    assert lookup_row("SellPriceTiers", {"Tier": 3, "Name": "Trade"})["Reference"] == "SellPriceTier3"
    assert lookup_row("SalesOrderGroups", {"GroupName": "North"})["Name"] == "North"
    assert lookup_row("SalesOrderGroups", {"Name": "North"})["Name"] == "North"
    assert lookup_row("Currencies", {"Guid": GUID.upper(), "DefaultBuyRate": None}) == {
        "Guid": GUID,
        "DefaultBuyRate": "",
    }
