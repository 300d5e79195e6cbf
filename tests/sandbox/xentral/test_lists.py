from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

CUSTOMERS = "/api/v3/customers"


def test_simple_pages_have_no_total_and_links_that_lose_the_query(untouched: Any) -> None:
    url = untouched.sandbox.url + CUSTOMERS
    page = untouched.get(CUSTOMERS, {"perPage": 25, "page": 2, "sort": "id"}).json()
    assert page["meta"] == {"currentPage": 2, "from": 26, "path": url, "perPage": 25, "to": 50}
    assert page["links"] == {"first": f"{url}?page=1", "last": None, "prev": f"{url}?page=1", "next": f"{url}?page=3"}


def test_table_pages_have_a_total(untouched: Any) -> None:
    page = untouched.get(CUSTOMERS, {"perPage": 50, "page": 3}, x_pagination="table").json()
    assert (page["meta"]["total"], page["meta"]["lastPage"], len(page["data"])) == (120, 3, 20)
    assert page["links"]["next"] is None
    assert page["links"]["last"].endswith("?page=3")


def test_page_past_the_end_is_empty(untouched: Any) -> None:
    page = untouched.get(CUSTOMERS, {"page": 99}).json()
    assert (page["data"], page["meta"]["from"], page["meta"]["to"], page["links"]["next"]) == ([], None, None, None)


@pytest.mark.parametrize(("asked", "given"), [(None, 15), (1, 1), (100, 100), (101, 100), (5000, 100)])
def test_page_size_is_cut_down_without_a_word(untouched: Any, asked: int | None, given: int) -> None:
    page = untouched.get(CUSTOMERS, {"perPage": asked} if asked else None).json()
    assert (len(page["data"]), page["meta"]["perPage"]) == (given, given)


@pytest.mark.parametrize("params", [{"perPage": "0"}, {"perPage": "x"}, {"page": "-1"}, {"page": "0"}, {"page": "1.5"}])
def test_number_that_is_none_is_refused(untouched: Any, params: dict[str, str]) -> None:
    response = untouched.get(CUSTOMERS, params)
    assert response.status_code == 400
    assert response.json()["violations"].keys() == params.keys()


@pytest.mark.parametrize("sort", ["", "number", "-updatedAt,number", "country,-city"])
def test_cursor_leads_through_everything_and_back(untouched: Any, sort: str) -> None:
    whole = [each["id"] for each in pages(untouched, {"perPage": 100, "sort": sort})]
    params = {"perPage": 7, "sort": sort}
    seen: list[str] = []
    cursor, last = None, None
    while True:
        response = untouched.get(CUSTOMERS, {**params, **({"cursor": cursor} if cursor else {})}, x_pagination="cursor")
        page = response.json()
        seen += [each["id"] for each in page["data"]]
        last, cursor = page, page["meta"]["nextCursor"]
        if cursor is None:
            break
        assert dict(parse_qsl(urlsplit(page["links"]["next"]).query)) == {"cursor": cursor}
    assert seen == whole
    back = untouched.get(CUSTOMERS, {**params, "cursor": last["meta"]["prevCursor"]}, x_pagination="cursor").json()
    assert [each["id"] for each in back["data"]] == whole[-len(last["data"]) - 7 : -len(last["data"])]


def test_cursor_is_not_shifted_by_what_is_written_meanwhile(connected: Any) -> None:
    with connected(customers=20) as other:
        first = other.get(CUSTOMERS, {"perPage": 5}, x_pagination="cursor").json()
        other.new_customer()
        cursor = first["meta"]["nextCursor"]
        second = other.get(CUSTOMERS, {"perPage": 5, "cursor": cursor}, x_pagination="cursor").json()
        assert [each["id"] for each in second["data"]] == ["1015", "1014", "1013", "1012", "1011"]


@pytest.mark.parametrize("cursor", ["x", "e30", "bnVsbA", "eyJwbGFjZSI6WzFdLCJfcG9pbnRzVG9OZXh0SXRlbXMiOnRydWV9", "ü"])
def test_cursor_that_is_none_is_refused(untouched: Any, cursor: str) -> None:
    assert untouched.get(CUSTOMERS, {"cursor": cursor}, x_pagination="cursor").status_code == 400


def test_unknown_form_of_pages_is_refused(untouched: Any) -> None:
    assert untouched.get(CUSTOMERS, x_pagination="endless").json()["violations"].keys() == {"x-pagination"}


def test_newest_comes_first_by_default(untouched: Any) -> None:
    created = [each["createdAt"] for each in pages(untouched, {"perPage": 100})]
    assert [each[:10] for each in created] == sorted((each[:10] for each in created), reverse=True)


@pytest.mark.parametrize("name", ["number", "id", "updatedAt"])
def test_list_is_sorted_as_asked_for(untouched: Any, name: str) -> None:
    ids = [each["id"] for each in pages(untouched, {"perPage": 100, "sort": name})]
    assert len(set(ids)) == 120
    assert ids[::-1] == [each["id"] for each in pages(untouched, {"perPage": 100, "sort": f"-{name}"})]


@pytest.mark.parametrize(
    "params", [{"sort": "notes"}, {"sort": "-"}, {"include": "notes"}, {"include": "groups,x"}, {"sort": "{}"}]
)
def test_unknown_word_is_refused(untouched: Any, params: dict[str, str]) -> None:
    assert untouched.get(CUSTOMERS, params).json()["violations"].keys() == params.keys()


@pytest.mark.parametrize(
    ("key", "op", "values", "numbers"),
    [
        ("number", "equals", ["emoji-9"], {"EMOJI-9"}),
        ("number", "in", ["00123", "NA", "nobody"], {"00123", "NA"}),
        ("number", "in", ["00123"], {"00123"}),
        ("number", "in", ["00123,NA"], set()),
        ("number", "startsWith", ["KD-"], {"KD-Ä/7 #2"}),
        ("name", "contains", ["müller & söhne"], {"00123"}),
        ("name", "endsWith", ["☕🎉"], {"EMOJI-9"}),
        ("name", "equals", ["=1+1"], {"1E5"}),
        ("name", "equals", ["Schmidt Gartenbau"], {"10013", "10014"}),
        ("id", "equals", ["1004"], {"00123"}),
        ("tags", "equals", ["A&B"], {"KD-Ä/7 #2"}),
    ],
)
def test_filter_finds(untouched: Any, key: str, op: str, values: list[str], numbers: set[str]) -> None:
    found = set(untouched.found(key, op, *values))
    assert found & {"00123", "NA", "1E5", "EMOJI-9", "KD-Ä/7 #2", "10013", "10014"} == numbers


@pytest.mark.parametrize(
    ("key", "one", "other"),
    [("number", "equals", "notEquals"), ("city", "in", "notIn"), ("name", "contains", "notContains")],
)
def test_an_operator_and_its_opposite_share_everything_out(
    untouched: Any, statement: Any, key: str, one: str, other: str
) -> None:
    value = {"number": "00123", "city": "Berlin", "name": "GmbH"}[key]
    found = [
        {each["id"] for each in pages(untouched, {"perPage": 100, **statement(key, op, value)})} for op in (one, other)
    ]
    assert found[0]
    assert not found[0] & found[1]
    assert len(found[0] | found[1]) == 120


def test_statements_are_joined_by_and(untouched: Any, statement: Any) -> None:
    both = {**statement("name", "contains", "Gartenbau"), **statement("id", "equals", "1013", index=1)}
    assert untouched.numbers(**both) == ["10013"]


def test_elements_of_a_list_may_be_numbered(untouched: Any) -> None:
    params = {"filter[0][key]": "number", "filter[0][op]": "in"}
    assert set(untouched.numbers(**params, **{"filter[0][value][0]": "NA", "filter[0][value][1]": "1E5"})) == {
        "NA",
        "1E5",
    }


def test_filter_by_email_finds_too_much(client: Any) -> None:
    address = {"name": "x", "street": "x", "zipCode": "1", "city": "x", "country": "DE"}
    for email in ("over@match.example", "all-over@match.example.com"):
        client.new_customer(primaryAddress={**address, "email": email})
    assert len(client.found("email", "equals", "over@match.example")) == 2


@pytest.mark.parametrize("name", ["createdAt", "updatedAt"])
def test_dates_are_compared_by_the_day(untouched: Any, statement: Any, name: str) -> None:
    day = untouched.data(f"{CUSTOMERS}/1004")[name][:10]

    def is_found(op: str, *values: str) -> bool:
        return "00123" in untouched.numbers(**statement(name, op, *values), sort="number")

    assert [is_found(op, day) for op in ("equals", "greaterThanOrEquals", "lessThanOrEquals")] == [True] * 3
    assert [is_found(op, day) for op in ("notEquals", "greaterThan", "lessThan")] == [False] * 3
    assert (is_found("isNull"), is_found("isNotNull")) == (False, True)


@pytest.mark.parametrize("value", ["2026-01-01T00:00:00+01:00", "2026-01-01T00:00:00Z", "1.1.2026", "2026-02-30", ""])
def test_timestamp_in_a_date_filter_is_refused_though_responses_show_it(
    untouched: Any, statement: Any, value: str
) -> None:
    response = untouched.get(CUSTOMERS, statement("updatedAt", "greaterThan", value))
    assert response.status_code == 400
    assert response.json()["violations"].keys() == {"filter.0.value"}


@pytest.mark.parametrize(
    "query",
    [
        "filter[0][key]=customerType&filter[0][op]=equals&filter[0][value]=x",
        "filter[0][key]=name&filter[0][op]=between&filter[0][value]=x",
        "filter[0][key]=id&filter[0][op]=contains&filter[0][value]=1",
        "filter[0][key]=createdAt&filter[0][op]=contains&filter[0][value]=2026-01-01",
        "filter[0][key]=name&filter[0][value]=x",
        "filter[0][op]=equals&filter[0][value]=x",
        "filter[0][key]=name&filter[0][op]=equals",
        "filter[name]=x",
        "filter={'key': 'name'}",
        "filter[0][from]=1",
    ],
)
def test_filter_that_is_not_of_the_grammar_is_refused(untouched: Any, query: str) -> None:
    assert untouched.get(f"{CUSTOMERS}?{query}").status_code == 400


def test_unknown_parameter_is_ignored(untouched: Any) -> None:
    assert untouched.get(CUSTOMERS, {"page[number]": 2, "search": "x"}).status_code == 200


def pages(client: Any, params: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for page in (1, 2):
        found += client.data(CUSTOMERS, {**params, "page": page})
    return found
