"""Reading Xentral: lists to their real end, whatever the server says of them, and nothing that was not read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import pytest

from bulkio.connectors.protocol import ContactScope, Query
from bulkio.core.kinds import as_datetime
from bulkio.errors import CredentialsError, UnavailableError, UsageError

EVERYTHING = (
    "financials.paymentMethod,fulfillment.shippingMethod,customFields,groups,tags,deliveryAddresses,contactPersons"
)


def ids(pages: Any) -> list[str]:
    return [record["id"] for page in pages for record in page.records]


def numbers(first: int, last: int) -> list[str]:
    return [str(number) for number in range(first, last + 1)]


# --- paging -----------------------------------------------------------------------------------------------------------


def test_a_list_is_read_to_its_end_with_the_whole_query_made_anew_for_every_page(
    stub: Any, reader: Any, customer: Any, listing: Any
) -> None:
    records = [customer(number) for number in range(1, 251)]
    stub.answer = lambda asked: listing(records, asked)
    pages = list(reader.pages(Query()))
    assert ids(pages) == numbers(1, 250)
    assert [(page.number, page.pages, page.total) for page in pages] == [(1, 3, 250), (2, 3, 250), (3, 3, 250)]
    for number, asked in enumerate(stub.asked, start=1):
        assert asked.path == "/api/v3/customers"
        assert asked.parameters == {"perPage": "100", "include": EVERYTHING, "sort": "id", "page": str(number)}
        assert asked.headers["x-pagination"] == "table"
        assert asked.headers["authorization"] == "Bearer test-token"


@pytest.mark.parametrize(
    "meta",
    [
        {},  # it says what it does
        {"lastPage": 1},  # reckoned with the size that was asked for
        {"perPage": 100, "lastPage": 1},  # and echoed as asked for
        {"perPage": None, "lastPage": None},
        {"currentPage": None},
    ],
)
def test_a_server_with_smaller_pages_than_asked_for_is_read_to_the_end(
    stub: Any, reader: Any, customer: Any, listing: Any, meta: dict[str, Any]
) -> None:
    records = [customer(number) for number in range(1, 96)]
    stub.answer = lambda asked: listing(records, asked, size=10, **meta)
    assert ids(reader.pages(Query())) == numbers(1, 95)


def test_a_list_without_a_total_is_read_while_it_names_a_next_page(
    stub: Any, reader: Any, customer: Any, listing: Any
) -> None:
    records = [customer(number) for number in range(1, 41)]
    stub.answer = lambda asked: listing(records, asked, size=15, total=None, lastPage=None)
    assert ids(reader.pages(Query())) == numbers(1, 40)
    assert len(stub.asked) == 3


def test_a_total_that_counts_what_the_token_may_not_see_ends_with_an_empty_page(
    stub: Any, reader: Any, customer: Any, listing: Any
) -> None:
    records = [customer(number) for number in range(1, 21)]
    stub.answer = lambda asked: listing(records, asked, size=10, total=25, lastPage=3)
    assert ids(reader.pages(Query())) == numbers(1, 20)
    assert len(stub.asked) == 3


def test_a_server_that_ignores_the_page_is_noticed(stub: Any, reader: Any, customer: Any) -> None:
    records = [customer(number) for number in range(1, 31)]
    first = {"currentPage": 1, "perPage": 10, "lastPage": 3, "total": 30}
    stub.answer = lambda _asked: {"data": records[:10], "meta": first}
    with pytest.raises(UnavailableError, match="page 1 of a list when asked for page 2"):
        list(reader.pages(Query()))
    stub.answer = lambda _asked: {"data": records[:10], "links": {"next": "x"}}
    assert ids(reader.pages(Query())) == [*numbers(1, 10), *numbers(1, 10)]


def test_a_record_that_vanishes_does_not_hide_the_one_behind_it(
    stub: Any, reader: Any, customer: Any, listing: Any
) -> None:
    records = [customer(number) for number in range(1, 31)]

    def answer(asked: Any) -> Any:
        if len(stub.asked) == 2:
            del records[0]  # 11 moves to the first page, which was read already
        return listing(records, asked, size=10)

    stub.answer = answer
    assert set(ids(reader.pages(Query()))) == set(numbers(1, 30))


def test_a_smaller_page_can_be_asked_for_but_no_larger_one(stub: Any, reader: Any, listing: Any) -> None:
    stub.answer = lambda asked: listing([], asked)
    list(reader.pages(Query(page_size=1)))
    list(reader.pages(Query(page_size=5000)))
    assert [asked.parameters["perPage"] for asked in stub.asked] == ["1", "100"]


def test_filters_that_cannot_be_put_to_the_server_are_held_here(
    stub: Any, reader: Any, customer: Any, listing: Any
) -> None:
    records = [customer(1, notes="x"), customer(2, notes="X"), customer(3)]
    stub.answer = lambda asked: listing(records, asked)
    (page,) = reader.pages(Query(filters=(("notes", "x"),)))
    assert (ids([page]), list(page.left_out), page.total) == (["1"], ["2", "3"], 3)
    with pytest.raises(UsageError, match="Nonsense"):
        list(reader.pages(Query(filters=(("Nonsense", "x"),))))


def test_what_answers_in_xentrals_place_is_no_empty_list(stub: Any, reader: Any, answer: Any) -> None:
    for body in (b"<html>Sign in</html>", b"{}", b""):
        stub.answer = lambda _asked, body=body: answer(body=body, kind="text/html")
        with pytest.raises(UnavailableError):
            list(reader.pages(Query()))
    stub.answer = lambda _asked: answer(404)
    with pytest.raises(UnavailableError) as caught:
        list(reader.pages(Query()))
    assert "api-v3-customers" in caught.value.hint
    stub.answer = lambda _asked: answer(401, b"Unauthorized", "text/html")
    with pytest.raises(CredentialsError, match="401"):
        list(reader.pages(Query()))


def test_a_redirect_is_not_followed(stub: Any, reader: Any, answer: Any) -> None:
    stub.answer = lambda _asked: answer(302, headers={"Location": "https://elsewhere.example/"})
    with pytest.raises(UnavailableError, match="redirects are not followed"):
        list(reader.pages(Query()))
    assert len(stub.asked) == 1


# --- since ------------------------------------------------------------------------------------------------------------

SINCE = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
TIMES = {
    1: "2026-03-01T23:00:00+00:00",  # the day before
    2: "2026-03-02T08:29:59Z",
    3: "2026-03-02T09:30:00+01:00",  # the very instant
    4: "2026-03-02T10:00:00Z",
    5: None,  # nobody knows
}


def test_a_listing_by_time_overlaps_by_a_day_and_is_cut_here(
    stub: Any, reader: Any, customer: Any, listing: Any
) -> None:
    records = [customer(number, updatedAt=time) for number, time in TIMES.items()]
    stub.answer = lambda asked: listing(records, asked, size=2)
    pages = list(reader.pages(Query(modified_since=SINCE)))
    assert ids(pages) == ["3", "4", "5"]
    assert [identifier for page in pages for identifier in page.left_out] == ["1", "2"]
    assert {page.total for page in pages} == {5}
    for asked in stub.asked:
        assert asked.parameters["filter[0][key]"] == "updatedAt"
        assert asked.parameters["filter[0][op]"] == "greaterThanOrEquals"
        assert asked.parameters["filter[0][value]"] == "2026-03-01"
        assert "[" not in asked.query


def test_a_server_that_takes_no_filter_by_time_is_listed_whole(
    stub: Any, reader: Any, customer: Any, listing: Any, answer: Any
) -> None:
    records = [customer(number, updatedAt=time) for number, time in TIMES.items()]

    def refusing(asked: Any) -> Any:
        if "filter" in asked.query:
            return answer(400, b'{"title": "no such filter"}', "application/problem+json")
        return listing(records, asked)

    stub.answer = refusing
    assert ids(reader.pages(Query(modified_since=SINCE))) == ["3", "4", "5"]
    assert len(stub.asked) == 2


# --- includes ---------------------------------------------------------------------------------------------------------


def test_what_a_list_does_not_bring_is_read_record_by_record(
    stub: Any, reader: Any, customer: Any, listing: Any
) -> None:
    full = {number: customer(number, tags=[{"id": "1", "title": "VIP"}]) for number in (1, 2)}
    bare = [{k: v for k, v in record.items() if k not in ("tags", "groups")} for record in full.values()]

    def answer(asked: Any) -> Any:
        number = asked.path.rpartition("/")[2]
        return {"data": full[int(number)]} if number.isdigit() else listing(bare, asked)

    stub.answer = answer
    (page,) = reader.pages(Query())
    assert [record["tags"]["title"] for record in page.records] == [["VIP"], ["VIP"]]
    assert stub.paths == ["/api/v3/customers", "/api/v3/customers/1", "/api/v3/customers/2"]


def test_what_does_not_come_with_a_record_alone_either_stays_absent_and_is_not_asked_for_again(
    stub: Any, reader: Any, customer: Any, listing: Any
) -> None:
    bare = [{k: v for k, v in customer(number).items() if k != "tags"} for number in range(1, 6)]

    def answer(asked: Any) -> Any:
        number = asked.path.rpartition("/")[2]
        return {"data": bare[int(number) - 1]} if number.isdigit() else listing(bare, asked)

    stub.answer = answer
    (page,) = reader.pages(Query())
    assert all("tags" not in record for record in page.records)
    assert stub.paths == ["/api/v3/customers", "/api/v3/customers/1"]


def test_children_that_are_never_included_are_read_from_their_own_lists(
    stub: Any, reader: Any, customer: Any, listing: Any
) -> None:
    bare = {k: v for k, v in customer(1).items() if k not in ("deliveryAddresses", "contactPersons")}

    def answer(asked: Any) -> Any:
        last = asked.path.rpartition("/")[2]
        if last == "deliveryAddresses":
            return listing([{"id": "5", "name": "Lager"}], asked)
        if last == "contactPersons":
            return listing([{"id": "9", "name": "Ann", "groups": []}], asked)
        return {"data": bare} if last == "1" else listing([bare], asked)

    stub.answer = answer
    ((record,),) = (page.records for page in reader.pages(Query()))
    assert [each["name"] for each in record["deliveryAddresses"]] == ["Lager"]
    assert [each["name"] for each in record["contactPersons"]] == ["Ann"]


@pytest.mark.parametrize("scope", [ContactScope.NONE, ContactScope.PRIMARY])
def test_contacts_are_not_asked_for_where_nobody_wants_them(
    stub: Any, reader: Any, customer: Any, listing: Any, scope: ContactScope
) -> None:
    bare = {k: v for k, v in customer(1).items() if k != "contactPersons"}
    stub.answer = lambda asked: listing([bare], asked)
    ((record,),) = (page.records for page in reader.pages(Query(contacts=scope)))
    assert "contactPersons" not in record
    assert [asked.parameters["include"] for asked in stub.asked] == [EVERYTHING.removesuffix(",contactPersons")]


# --- single records ---------------------------------------------------------------------------------------------------


def test_records_are_fetched_by_id_and_those_that_are_gone_are_left_out(
    stub: Any, reader: Any, customer: Any, answer: Any
) -> None:
    stub.answer = lambda asked: answer(404) if asked.path.endswith("/2") else {"data": customer(1)}
    assert [record["id"] for record in reader.fetch(["1", "2", "x", "../9"])] == ["1"]
    assert stub.paths == ["/api/v3/customers/1", "/api/v3/customers/2"]
    assert stub.asked[0].parameters == {"include": EVERYTHING}


def test_a_number_is_found_in_any_case_and_nothing_else_that_the_filter_matches(
    stub: Any, reader: Any, customer: Any, listing: Any
) -> None:
    records = [customer(1, number="k-1"), customer(2, number="K-10"), customer(3, number="K-1"), customer(4, number=7)]
    stub.answer = lambda asked: listing(records, asked, size=1)
    assert [record["id"] for record in reader.find(["K-1", "K-1", "7", "K-2"])] == ["1", "3", "4"]
    first = stub.asked[0].parameters
    assert (first["filter[0][key]"], first["filter[0][op]"], first["filter[0][value]"]) == ("number", "equals", "K-1")


@pytest.mark.parametrize("key", ["a&b=c", "Ä ö", "1+1", "50%", "[x]", "a/b?c#d"])
def test_a_number_of_any_characters_reaches_the_server_whole(
    stub: Any, reader: Any, customer: Any, listing: Any, key: str
) -> None:
    stub.answer = lambda asked: listing([customer(1, number=asked.parameters["filter[0][value]"])], asked)
    ((record),) = reader.find([key])
    assert record["number"] == key
    assert unquote(stub.asked[0].query).count("filter[0]") == 3


def test_children_are_read_from_their_own_list_to_the_end(stub: Any, reader: Any, listing: Any) -> None:
    children = [{"id": str(number), "name": "Ann", "groups": [{"id": "3"}]} for number in range(1, 26)]
    stub.answer = lambda asked: listing(children, asked, size=10)
    found = reader.children("Contacts", "17")
    assert [child["id"] for child in found] == numbers(1, 25)
    assert found[0]["groups"] == {"id": ["3"]}
    assert stub.asked[0].path == "/api/v3/customers/17/contactPersons"
    assert stub.asked[0].parameters == {"perPage": "100", "include": "groups", "sort": "id", "page": "1"}


def test_a_list_of_children_that_counts_more_than_it_gives_is_no_list(stub: Any, reader: Any, listing: Any) -> None:
    stub.answer = lambda asked: listing([{"id": "5"}], asked, total=2)
    with pytest.raises(UnavailableError, match="counts 2 addresses of customer 17 and gives 1"):
        reader.children("Addresses", "17")


def test_a_customer_that_does_not_exist_has_no_children(stub: Any, reader: Any, answer: Any) -> None:
    stub.answer = lambda _asked: answer(404)
    assert reader.children("Addresses", "17") == []
    assert reader.children("Contacts", "no id") == []


# --- what the account has ---------------------------------------------------------------------------------------------


def test_custom_fields_that_the_account_has_not_are_told(stub: Any, reader: Any) -> None:
    stub.answer = lambda _asked: {"data": [{"key": "customField1"}, {"key": "customField20"}]}
    absent = reader.absent_fields()
    assert absent == {f"customFields.customField{number}" for number in range(2, 20)}
    assert stub.paths == ["/api/v2/settings/masterdata/addressCustomFields"]


def test_settings_that_may_not_be_read_say_nothing(stub: Any, reader: Any, answer: Any) -> None:
    for said in (answer(403), answer(404), {"data": []}):
        stub.answer = lambda _asked, said=said: said
        assert reader.absent_fields() == frozenset()


def test_there_are_no_lists_of_allowed_values(stub: Any, reader: Any) -> None:
    assert reader.lookup("Anything") is None
    assert stub.asked == []


def test_the_servers_clock_comes_with_every_page(stub: Any, reader: Any, listing: Any) -> None:
    stub.answer = lambda asked: listing([], asked)
    (page,) = reader.pages(Query())
    assert page.server_time is not None
    assert page.server_time == as_datetime(page.server_time.isoformat())
