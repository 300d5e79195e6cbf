from __future__ import annotations

from typing import Any

import pytest


def test_pages_together_hold_every_customer_once(untouched: Any) -> None:
    seen = []
    for page in range(1, 10):
        response = untouched.get(f"/Customers/{page}", "pageSize=7&includeObsolete=true").json()
        assert response["Pagination"] == {
            "NumberOfItems": 60,
            "PageSize": 7,
            "PageNumber": page,
            "NumberOfPages": 9,
        }
        seen += [each["Guid"] for each in response["Items"]]
    assert len(seen) == len(set(seen)) == 60


def test_default_page_is_the_first_with_200_customers(untouched: Any) -> None:
    assert untouched.get("/Customers").json()["Pagination"]["PageSize"] == 200
    assert untouched.get("/Customers").json()["Pagination"]["PageNumber"] == 1


@pytest.mark.parametrize(
    "path",
    ["/Customers/2", "/Customers/Page/2", "/Customers/2/", "//Customers/2", "/Customers//2//", "/Customers/Page/2/"],
)
def test_page_number_is_found_in_every_spelling_of_the_path(untouched: Any, path: str) -> None:
    response = untouched.get(path, "pageSize=5")
    assert (response.status_code, response.json()["Pagination"]["PageNumber"]) == (200, 2)


def test_get_with_a_body_is_fine(untouched: Any) -> None:
    assert untouched.get("/Customers", json={}).status_code == 200


def test_page_past_the_end_is_the_last_page_and_says_so(untouched: Any) -> None:
    last = untouched.get("/Customers/9", "pageSize=7&includeObsolete=true").json()
    assert len(last["Items"]) == 4
    assert untouched.get("/Customers/10", "pageSize=7&includeObsolete=true").json() == last
    assert untouched.get("/Customers/999999", "pageSize=7&includeObsolete=true").json() == last


def test_empty_list_has_one_empty_page(untouched: Any) -> None:
    response = untouched.get("/Customers/3", "customerCode=nobody").json()
    assert response == {
        "Pagination": {"NumberOfItems": 0, "PageSize": 200, "PageNumber": 1, "NumberOfPages": 1},
        "Items": [],
    }


@pytest.mark.parametrize("size", ["1", "1000"])
def test_page_size_may_be_1_to_1000(untouched: Any, size: str) -> None:
    assert untouched.get("/Customers", f"pageSize={size}").json()["Pagination"]["PageSize"] == int(size)


@pytest.mark.parametrize("size", ["0", "1001", "-1", "ten", "1.5", "9" * 5000])
def test_other_page_sizes_are_refused(untouched: Any, complaints: Any, size: str) -> None:
    assert complaints(untouched.get("/Customers", f"pageSize={size}")) == {"pageSize"}


def test_unknown_and_blank_parameters_are_ignored(untouched: Any) -> None:
    whole = untouched.items("/Customers")
    assert untouched.items("/Customers", "timestamp=637&page=2&pageNumber=3&customerCode=&modifiedSince=") == whole


def test_page_numbers_in_the_query_are_ignored_for_customers(untouched: Any) -> None:
    assert untouched.get("/Customers", "pageSize=5&page=2").json()["Pagination"]["PageNumber"] == 1


@pytest.mark.parametrize("path", ["/", "/Customer", "/Customers/abc", "/Customers/Page", "/Customers/1/Contacts"])
def test_unknown_paths_are_404(untouched: Any, path: str) -> None:
    assert untouched.get(path).status_code == 404


@pytest.mark.parametrize(("method", "path"), [("DELETE", "/Customers"), ("PUT", "/Customers"), ("POST", "/Taxes")])
def test_other_methods_are_405(untouched: Any, method: str, path: str) -> None:
    assert untouched.send(method, path).status_code == 405


def test_customers_cannot_be_deleted_or_put(untouched: Any) -> None:
    guid = untouched.items("/Customers")[0]["Guid"]
    assert untouched.delete(f"/Customers/{guid}").status_code == 405
    assert untouched.put(f"/Customers/{guid}", {}).status_code == 405
