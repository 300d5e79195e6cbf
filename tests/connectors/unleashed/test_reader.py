"""Reading: every record once, whatever the list does meanwhile, with no call too many and no loop without end."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from bulkio.connectors.protocol import ContactScope, Query
from bulkio.connectors.unleashed.connector import CAPABILITIES
from bulkio.errors import CredentialsError, RejectedError, UnavailableError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bulkio.connectors.unleashed.connector import UnleashedReader

    Make = Callable[..., dict[str, Any]]

CONTACT_FREE = Query(contacts=ContactScope.PRIMARY)


def codes(reader: UnleashedReader, query: Query = CONTACT_FREE) -> list[str]:
    return [record["CustomerCode"] for page in reader.pages(query) for record in page.records]


def lister(records: list[Any], envelope: Make) -> Callable[[Any], Any]:
    """Answers listings of these records as Unleashed does: past the last page comes the last page again."""
    return lambda asked: envelope(records, int(asked.path.rsplit("/", 1)[1]), int(asked.parameters["pageSize"]))


# --- what is asked ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query(), "includeAllContacts=true&includeObsolete=true&pageSize=500"),
        (Query(include_obsolete=False), "includeAllContacts=true&pageSize=500"),
        (Query(contacts=ContactScope.PRIMARY), "includeObsolete=true&pageSize=500"),
        (Query(contacts=ContactScope.NONE, include_obsolete=False), "pageSize=500"),
        (
            Query(modified_since=datetime(2024, 1, 2, 3, 4, 5, 999_999, tzinfo=UTC), contacts=ContactScope.NONE),
            "includeObsolete=true&modifiedSince=2024-01-02T03:04:05&pageSize=500",
        ),
        (
            Query(modified_since=datetime(2024, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=13)))),
            "includeAllContacts=true&includeObsolete=true&modifiedSince=2024-01-01T14:04:05&pageSize=500",
        ),
        (
            Query(filters=(("CustomerType", "Cash & Carry"),)),
            "includeAllContacts=true&includeObsolete=true&pageSize=500",
        ),
        (Query(contacts=ContactScope.NONE, page_size=1), "includeObsolete=true&pageSize=1"),
        (Query(contacts=ContactScope.NONE, page_size=9999), "includeObsolete=true&pageSize=1000"),
    ],
)
def test_only_values_that_survive_the_signature_are_sent(
    stub: Any, reader: UnleashedReader, envelope: Make, query: Query, expected: str
) -> None:
    stub.answer = lister([], envelope)
    list(reader.pages(query))
    (asked,) = stub.asked
    assert (asked.method, asked.path, asked.query) == ("GET", "/Customers/1", expected)
    assert asked.headers["client-type"] == "test/bulkio"


def test_pages_are_asked_for_by_path_and_only_as_many_as_there_are(
    stub: Any, reader: UnleashedReader, customer: Make, envelope: Make
) -> None:
    stub.answer = lister([customer(number) for number in range(1200)], envelope)
    pages = list(reader.pages(CONTACT_FREE))
    assert stub.paths == ["/Customers/1", "/Customers/2", "/Customers/3"]
    assert [(page.number, page.pages, page.total, len(page.records)) for page in pages] == [
        (1, 3, 1200, 500), (2, 3, 1200, 500), (3, 3, 1200, 200),
    ]  # fmt: skip
    assert all(page.server_time is not None for page in pages)


def test_an_empty_account_costs_one_call(stub: Any, reader: UnleashedReader, envelope: Make) -> None:
    stub.answer = lister([], envelope)
    assert codes(reader) == []
    assert len(stub.asked) == 1


def test_filters_are_applied_here_and_what_they_leave_out_is_still_counted(
    stub: Any, reader: UnleashedReader, customer: Make, envelope: Make, guid: Callable[[int], str]
) -> None:
    records = [
        customer(1, Currency={"CurrencyCode": "NZD"}, Taxable=True),
        customer(2, Currency={"CurrencyCode": "NZD"}, Taxable=False),
        customer(3, Currency=None, Taxable=True),
    ]
    stub.answer = lister(records, envelope)
    query = Query(contacts=ContactScope.NONE, filters=(("Currency.CurrencyCode", "NZD"), ("Taxable", "true")))
    (page,) = reader.pages(query)
    assert [record["Guid"] for record in page.records] == [guid(1)]
    assert set(page.left_out) == {guid(2), guid(3)}
    assert page.total == 3


def test_a_filter_on_no_field_is_a_usage_error(
    stub: Any, reader: UnleashedReader, customer: Make, envelope: Make
) -> None:
    stub.answer = lister([customer(1)], envelope)
    with pytest.raises(UsageError, match="Colour is no field"):
        list(reader.pages(Query(filters=(("Colour", "red"),))))


# --- a list that moves ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", range(1, 4))
@pytest.mark.parametrize("where", [0, 1, 499, 500, 501, 999, 1000, 1001, 1500, 1999])
def test_a_deletion_while_paging_loses_nobody(  # noqa: PLR0913, PLR0917 fixtures
    stub: Any, reader: UnleashedReader, customer: Make, envelope: Make, when: int, where: int
) -> None:
    records = [customer(number) for number in range(2000)]
    plain = lister(records, envelope)

    def answer(asked: Any) -> Any:
        reply = plain(asked)
        if len(stub.asked) == when:
            records.pop(where)
        return reply

    stub.answer = answer
    seen = set(codes(reader))
    assert {record["CustomerCode"] for record in records} <= seen
    assert len(stub.asked) <= 8


@pytest.mark.parametrize("when", range(1, 4))
@pytest.mark.parametrize("where", [0, 499, 500, 501, 1000, 1500, 1999])
def test_an_insertion_while_paging_loses_nobody_that_was_there(  # noqa: PLR0913, PLR0917 fixtures
    stub: Any, reader: UnleashedReader, customer: Make, envelope: Make, when: int, where: int
) -> None:
    records = [customer(number) for number in range(2000)]
    before = {record["CustomerCode"] for record in records}
    plain = lister(records, envelope)

    def answer(asked: Any) -> Any:
        reply = plain(asked)
        if len(stub.asked) == when:
            records.insert(where, customer(9000))
        return reply

    stub.answer = answer
    assert before <= set(codes(reader))
    assert len(stub.asked) <= 6


def test_many_deletions_at_once_go_back_as_many_pages(
    stub: Any, reader: UnleashedReader, customer: Make, envelope: Make
) -> None:
    records = [customer(number) for number in range(3000)]
    plain = lister(records, envelope)

    def answer(asked: Any) -> Any:
        reply = plain(asked)
        if len(stub.asked) == 3:
            del records[:1200]
        return reply

    stub.answer = answer
    assert {record["CustomerCode"] for record in records} <= set(codes(reader))


# --- a server that lies -----------------------------------------------------------------------------------------------


def test_an_inflated_number_of_pages_ends(stub: Any, reader: UnleashedReader, customer: Make, envelope: Make) -> None:
    def answer(asked: Any) -> Any:
        number = int(asked.path.rsplit("/", 1)[1])
        page = envelope([customer(1)], 1, 500)
        return {**page, "Pagination": {**page["Pagination"], "PageNumber": number, "NumberOfPages": number + 1}}

    stub.answer = answer
    assert set(codes(reader)) == {"C00001"}
    assert len(stub.asked) < 30


def test_a_total_that_always_shrinks_ends(stub: Any, reader: UnleashedReader, customer: Make, envelope: Make) -> None:
    def answer(asked: Any) -> Any:
        number = int(asked.path.rsplit("/", 1)[1])
        page = envelope([customer(each) for each in range(1500)], number, 500)
        return {**page, "Pagination": {**page["Pagination"], "NumberOfItems": 10**6 - 600 * len(stub.asked)}}

    stub.answer = answer
    assert len(set(codes(reader))) == 1500
    assert len(stub.asked) < 200


def test_the_wrong_page_is_asked_for_again_and_then_refused(
    stub: Any, reader: UnleashedReader, customer: Make, envelope: Make
) -> None:
    records = [customer(number) for number in range(1500)]
    stub.answer = lambda asked: envelope(records, 1 if len(stub.asked) == 2 else int(asked.path[-1]), 500)
    assert len(set(codes(reader))) == 1500
    assert stub.paths == ["/Customers/1", "/Customers/2", "/Customers/2", "/Customers/3"]
    stub.asked.clear()
    stub.answer = lambda asked: envelope(records, 1, int(asked.parameters["pageSize"]))
    with pytest.raises(UnavailableError, match="answered with page 1 of the customers when asked for page"):
        codes(reader)
    assert len(stub.asked) < 20


def test_an_empty_page_in_the_middle_is_asked_for_again(
    stub: Any, reader: UnleashedReader, customer: Make, envelope: Make
) -> None:
    plain = lister([customer(number) for number in range(1500)], envelope)
    stub.answer = lambda asked: {**plain(asked), **({"Items": []} if len(stub.asked) == 2 else {})}
    assert len(set(codes(reader))) == 1500


def test_a_smaller_page_than_asked_for_is_the_servers_right(
    stub: Any, reader: UnleashedReader, customer: Make, envelope: Make
) -> None:
    records = [customer(number) for number in range(450)]
    stub.answer = lambda asked: envelope(records, int(asked.path[-1]), 200)
    assert len(set(codes(reader))) == 450
    assert len(stub.asked) == 3


@pytest.mark.parametrize("count", [0, 499, 500, 501, 1000])
def test_without_page_numbers_a_full_page_asks_for_another(
    stub: Any, reader: UnleashedReader, customer: Make, count: int
) -> None:
    records = [customer(number) for number in range(count)]

    def answer(asked: Any) -> Any:
        start = (int(asked.path.rsplit("/", 1)[1]) - 1) * 500
        return {"Pagination": None, "Items": records[start : start + 500]}

    stub.answer = answer
    pages = list(reader.pages(CONTACT_FREE))
    assert len({record["Guid"] for page in pages for record in page.records}) == count
    assert all(page.total is None for page in pages)
    assert len(stub.asked) <= count // 500 + 2


def test_without_page_numbers_a_repeated_page_ends(stub: Any, reader: UnleashedReader, customer: Make) -> None:
    records = [customer(number) for number in range(500)]
    stub.answer = lambda _: {"Pagination": None, "Items": records}
    assert set(codes(reader)) == {record["CustomerCode"] for record in records}
    assert len(stub.asked) < 30


def test_a_page_that_is_too_much_for_the_server_is_asked_for_in_smaller_pieces(
    stub: Any, reader: UnleashedReader, customer: Make, envelope: Make
) -> None:
    records = [customer(number) for number in range(1400)]
    plain = lister(records, envelope)

    def answer(asked: Any) -> Any:
        if int(asked.parameters["pageSize"]) > 200 and "/Customers/1" not in asked.path:
            return 504, b"<html>Gateway timeout</html>", "text/html"
        return plain(asked)

    stub.answer = answer
    assert sorted(set(codes(reader))) == [record["CustomerCode"] for record in records]


@pytest.mark.parametrize(
    "body", [b'{"Items": [{"Guid"', b"<html>Sign in</html>", b'{"Items": [{"CustomerCode": "A"}]}', b""]
)
def test_a_reply_that_is_none_is_never_a_page(stub: Any, reader: UnleashedReader, body: bytes) -> None:
    stub.answer = lambda _: (200, body, "application/json")
    with pytest.raises(UnavailableError):
        codes(reader)
    assert len(stub.asked) <= 3


@pytest.mark.parametrize(
    ("status", "error"), [(401, CredentialsError), (403, CredentialsError), (404, UnavailableError)]
)
def test_a_refused_listing_says_why(stub: Any, reader: UnleashedReader, status: int, error: type[Exception]) -> None:
    stub.answer = lambda _: (status, b"", "")
    with pytest.raises(error, match=str(status)) as caught:
        codes(reader)
    assert not isinstance(caught.value, RejectedError)


# --- contacts ---------------------------------------------------------------------------------------------------------


def contacts_of(count: int, guid: Callable[[int], str]) -> list[dict[str, Any]]:
    return [{"Guid": guid(10_000 + number), "FirstName": f"N{number}"} for number in range(count)]


def contact_server(records: list[Any], contacts: list[Any], envelope: Make, most: int = 200) -> Callable[[Any], Any]:
    """Lists customers with the first 100 contacts each; `contacts` are everybody's, by `page` and `pageSize`."""

    def answer(asked: Any) -> Any:
        if not asked.path.endswith("/Contacts"):
            return lister([{**each, "Contacts": contacts[:100]} for each in records], envelope)(asked)
        size = min(most, int(asked.parameters["pageSize"]))
        start = (int(asked.parameters["page"]) - 1) * size
        return {"Pagination": None, "Items": contacts[start : start + size]}

    return answer


@pytest.mark.parametrize(
    ("count", "calls"), [(0, 0), (99, 0), (100, 2), (101, 1), (199, 1), (200, 2), (201, 2), (450, 4)]
)
def test_the_hundred_and_first_contact_is_not_lost(  # noqa: PLR0913, PLR0917 fixtures
    stub: Any,
    reader: UnleashedReader,
    customer: Make,
    envelope: Make,
    guid: Callable[[int], str],
    count: int,
    calls: int,
) -> None:
    stub.answer = contact_server([customer(1)], contacts_of(count, guid), envelope)
    (page,) = reader.pages(Query())
    assert len(page.records[0]["Contacts"]) == count
    assert len(stub.asked) == 1 + calls
    assert all(asked.query == f"page={n}&pageSize=200" for n, asked in enumerate(stub.asked[1:], 1))


@pytest.mark.parametrize("scope", [ContactScope.PRIMARY, ContactScope.NONE])
def test_contacts_that_nobody_asked_for_cost_no_calls(  # noqa: PLR0913, PLR0917 fixtures
    stub: Any, reader: UnleashedReader, customer: Make, envelope: Make, guid: Callable[[int], str], scope: ContactScope
) -> None:
    stub.answer = contact_server([customer(1)], contacts_of(300, guid), envelope)
    list(reader.pages(Query(contacts=scope)))
    assert len(stub.asked) == 1


def test_a_contact_list_in_smaller_pages_than_asked_for_is_read_to_its_end(
    stub: Any, reader: UnleashedReader, customer: Make, envelope: Make, guid: Callable[[int], str]
) -> None:
    stub.answer = contact_server([customer(1)], contacts_of(120, guid), envelope, most=50)
    (page,) = reader.pages(Query())
    assert len(page.records[0]["Contacts"]) == 120


def test_contacts_that_came_with_the_customer_are_kept_where_its_own_list_lacks_them(
    stub: Any, reader: UnleashedReader, customer: Make, envelope: Make, guid: Callable[[int], str]
) -> None:
    stub.answer = contact_server([customer(1)], contacts_of(100, guid), envelope, most=7)
    (page,) = reader.pages(Query())
    assert len(page.records[0]["Contacts"]) == 100


@pytest.mark.parametrize("absent", [{}, {"Contacts": None}])
def test_a_list_that_tells_no_contacts_at_all_has_them_read_one_by_one(  # noqa: PLR0913, PLR0917 fixtures
    stub: Any,
    reader: UnleashedReader,
    customer: Make,
    envelope: Make,
    guid: Callable[[int], str],
    absent: dict[str, None],
) -> None:
    bare = [{k: v for k, v in customer(number).items() if k != "Contacts"} | absent for number in (1, 2)]
    contacts = contacts_of(3, guid)

    def answer(asked: Any) -> Any:
        return (
            {"Pagination": None, "Items": contacts}
            if asked.path.endswith("/Contacts")
            else lister(bare, envelope)(asked)
        )

    stub.answer = answer
    (page,) = reader.pages(Query())
    assert [len(record["Contacts"]) for record in page.records] == [3, 3]


def test_a_contact_list_that_gives_fewer_than_it_counts_is_an_error(
    stub: Any, reader: UnleashedReader, guid: Callable[[int], str], envelope: Make
) -> None:
    stub.answer = lambda _: envelope(contacts_of(330, guid), 1, 200)
    with pytest.raises(UnavailableError, match="counts 330"):
        reader.children("Contacts", guid(1))


def test_a_server_that_understands_dates_only_is_asked_for_the_whole_day(
    stub: Any, reader: UnleashedReader, customer: Make, envelope: Make
) -> None:
    since = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    listing = lister([customer(1)], envelope)

    def answer(asked: Any) -> Any:
        refused = "T" in asked.parameters["modifiedSince"]
        return (400, b"Date filters should be YYYY-MM-DD", "text/plain") if refused else listing(asked)

    stub.answer = answer
    for _ in range(2):
        (page,) = reader.pages(Query(modified_since=since, contacts=ContactScope.NONE))
        assert len(page.records) == 1
    assert [asked.parameters["modifiedSince"] for asked in stub.asked] == [
        "2026-01-02T03:04:05",
        "2026-01-02",
        "2026-01-02",
    ]


def test_a_contact_list_that_ignores_its_page_number_ends(
    stub: Any, reader: UnleashedReader, guid: Callable[[int], str]
) -> None:
    stub.answer = lambda _: {"Pagination": None, "Items": contacts_of(200, guid)}
    assert len(reader.children("Contacts", guid(1))) == 200
    assert len(stub.asked) == 2


def test_a_contact_list_with_page_numbers_goes_by_them(
    stub: Any, reader: UnleashedReader, guid: Callable[[int], str], envelope: Make
) -> None:
    contacts = contacts_of(250, guid)
    stub.answer = lambda asked: envelope(contacts, int(asked.parameters["page"]), 100)
    assert len(reader.children("Contacts", guid(1))) == 250
    assert len(stub.asked) == 3


# --- single records ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("carried", "calls"), [(None, 2), (0, 2), (1, 2), (2, 1), (99, 1), (100, 3)])
def test_a_fetched_customer_has_all_its_contacts(  # noqa: PLR0913, PLR0917 fixtures
    stub: Any, reader: UnleashedReader, customer: Make, guid: Callable[[int], str], carried: int | None, calls: int
) -> None:
    contacts = contacts_of(carried or 1, guid)
    record = customer(1, Contacts=None if carried is None else contacts[:carried])
    stub.answer = lambda asked: {"Pagination": None, "Items": contacts} if "Contacts" in asked.path else record
    (found,) = reader.fetch([guid(1)])
    assert len(found["Contacts"]) == len(contacts)
    assert len(stub.asked) == calls
    stub.asked.clear()
    list(reader.fetch([guid(1)], contacts=ContactScope.PRIMARY))
    assert len(stub.asked) == 1


def test_ids_that_name_nobody_are_left_out(
    stub: Any, reader: UnleashedReader, customer: Make, guid: Callable[[int], str]
) -> None:
    stub.answer = lambda asked: customer(2) if asked.path.endswith(guid(2)) else (404, b"", "")
    ids = [guid(1), guid(2), "no-guid", "../Companies", ""]
    assert [record["Guid"] for record in reader.fetch(ids, contacts=ContactScope.NONE)] == [guid(2)]
    assert len(stub.asked) == 2


def test_children_of_nobody_are_none(stub: Any, reader: UnleashedReader, guid: Callable[[int], str]) -> None:
    stub.answer = lambda _: (404, b"", "")
    assert reader.children("Contacts", guid(1)) == []
    assert reader.children("Addresses", guid(1)) == []


def test_addresses_come_with_their_customer(
    stub: Any, reader: UnleashedReader, customer: Make, guid: Callable[[int], str]
) -> None:
    stub.answer = lambda _: customer(1, Addresses=[{"City": "Gore"}])
    assert reader.children("Addresses", guid(1)) == [{"City": "Gore"}]


def test_a_key_finds_the_customer_with_exactly_that_code(
    stub: Any, reader: UnleashedReader, guid: Callable[[int], str], envelope: Make
) -> None:
    stored = ["AC", "ACME", "ACME-1", "ACME10", "acme"]
    records = [{"Guid": guid(number), "CustomerCode": code} for number, code in enumerate(stored)]

    def answer(asked: Any) -> Any:
        found = [each for each in records if each["CustomerCode"].startswith(asked.parameters["customerCode"])]
        return lister(found, envelope)(asked)

    stub.answer = answer
    found = reader.find(["ACME", "ACME", "ACME-1", "NOBODY"])
    assert found is not None
    assert [record["CustomerCode"] for record in found] == ["ACME", "ACME-1"]
    assert len(stub.asked) == 3
    assert stub.asked[0].query == "customerCode=ACME&includeAllContacts=true&includeObsolete=true&pageSize=200"


@pytest.mark.parametrize("key", ["", "A B", "A&B", "A+B", "Ä", "A/B", "50%", "a=b", "A#1", "A'B", "A\n"])
def test_a_key_that_the_signature_would_not_survive_is_not_asked_for(
    stub: Any, reader: UnleashedReader, key: str
) -> None:
    assert reader.find(["SAFE", key]) is None
    assert stub.asked == []


# --- lookups and the account ------------------------------------------------------------------------------------------


def test_a_list_is_read_whole(stub: Any, reader: UnleashedReader, envelope: Make) -> None:
    rows = [{"TaxCode": f"T{number}", "TaxRate": 0.15} for number in range(450)]
    pages = {"/Taxes": 1, "/Taxes/2": 2, "/Taxes/3": 3}
    stub.answer = lambda asked: envelope(rows, pages[asked.path], 200)
    table = reader.lookup("Taxes")
    assert table is not None
    assert len(table.rows) == 450
    assert table.rows[0] == {"TaxCode": "T0", "TaxRate": "0.15"}
    assert [asked.query for asked in stub.asked] == ["", "", ""]


@pytest.mark.parametrize("status", [403, 404])
def test_a_list_that_may_not_be_read_is_none(stub: Any, reader: UnleashedReader, status: int) -> None:
    stub.answer = lambda _: (status, b"", "")
    assert reader.lookup("Taxes") is None


@pytest.mark.parametrize(
    ("status", "error"), [(401, CredentialsError), (500, UnavailableError), (400, UnavailableError)]
)
def test_a_list_that_fails_otherwise_is_an_error(
    stub: Any, reader: UnleashedReader, status: int, error: type[Exception]
) -> None:
    stub.answer = lambda _: (status, b"", "")
    with pytest.raises(error):
        reader.lookup("Taxes")


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        ({"Items": [{"CompanyName": "Acme Ltd"}]}, "Acme Ltd"),
        ({"CompanyName": "Acme Ltd"}, "Acme Ltd"),
        ({"Items": [{"Name": "Acme"}]}, "Acme"),
        ({"Items": []}, "127.0.0.1"),
        ((403, b"", ""), "127.0.0.1"),
    ],
)
def test_the_account_is_named_once(stub: Any, reader: UnleashedReader, answer: Any, name: str) -> None:
    stub.answer = lambda _: answer
    assert reader.account().name == name
    assert reader.account().tenant == "t"
    assert stub.paths == ["/Companies"]


def test_capabilities_ask_for_no_more_than_is_allowed() -> None:
    assert 0 < CAPABILITIES.page_size <= CAPABILITIES.max_page
    assert json.dumps(CAPABILITIES.page_size)
