from __future__ import annotations

from typing import Any

import httpx
import pytest

from bulkio.sandbox import Fault
from bulkio.sandbox.xentral.limits import Window

CUSTOMERS = "/api/v3/customers"


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer wrong", "Basic sandbox", "sandbox", "Bearer  sandbox"]
)
@pytest.mark.parametrize("path", [CUSTOMERS, "/api/nothing/here", "/api/v1/customers/1"])
def test_request_without_the_token_is_answered_with_one_word(client: Any, path: str, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    response = httpx.get(client.sandbox.url + path, headers=headers, trust_env=False)
    assert (response.status_code, response.text) == (401, "Unauthorized")
    assert response.headers["content-type"].startswith("text/html")


def test_both_erps_are_served_by_one_process(client: Any) -> None:
    assert client.get("/Customers").status_code == 403  # Unleashed, without its signature
    assert client.get("/api").status_code == 403
    assert client.get("/api/").status_code == 404


@pytest.mark.parametrize(
    "path", ["/api/v2/customers", "/api/v3/customers/", "/api/v3/suppliers", "/api/v3/customers//"]
)
def test_path_that_is_not_served_is_not_found(client: Any, path: str) -> None:
    response = client.get(path)
    assert (response.status_code, response.content) == (404, b"")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", CUSTOMERS, {"GET", "HEAD", "POST"}),
        ("POST", f"{CUSTOMERS}/1004", {"GET", "HEAD", "PATCH", "DELETE"}),
        ("PUT", f"{CUSTOMERS}/1004/contactPersons", {"GET", "HEAD", "POST"}),
        ("GET", "/api/v1/customers/1004", {"DELETE"}),
    ],
)
def test_method_that_is_not_served_is_refused_without_a_body(
    client: Any, method: str, path: str, allowed: set[str]
) -> None:
    response = client.http.request(method, path, headers={"Content-Type": "text/plain", "Accept": "text/plain"})
    assert (response.status_code, response.content) == (405, b"")
    assert set(response.headers["allow"].split(", ")) == allowed


@pytest.mark.parametrize("accept", ["application/json", "*/*", "application/*;q=0.8", "text/html, application/json"])
def test_json_is_what_can_be_asked_for(client: Any, accept: str) -> None:
    assert client.get(CUSTOMERS, accept=accept).headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "accept", ["text/html", "application/xml", "text/csv", "application/vnd.xentral.default.v1+json"]
)
def test_anything_else_cannot(client: Any, accept: str) -> None:
    response = client.get(CUSTOMERS, accept=accept)
    assert (response.status_code, response.content) == (406, b"")


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "application/xml"])
@pytest.mark.parametrize(("method", "path"), [("POST", CUSTOMERS), ("PATCH", f"{CUSTOMERS}/1004")])
def test_body_that_is_not_declared_as_json_is_refused(client: Any, method: str, path: str, kind: str) -> None:
    response = client.http.request(method, path, content=b"{}", headers={"Content-Type": kind} if kind else {})
    assert (response.status_code, response.content) == (415, b"")


def test_write_that_sends_nothing_at_all_is_an_empty_object(client: Any) -> None:
    assert client.http.post(CUSTOMERS).json()["violations"].keys() == {"primaryAddress"}
    assert client.http.patch(f"{CUSTOMERS}/{client.new_customer()['id']}").status_code == 200


def test_charset_may_be_declared(client: Any) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    assert client.http.post(CUSTOMERS, content=b"{}", headers=headers).status_code == 400


def test_requests_over_the_limit_are_refused(connected: Any) -> None:
    with connected(customers=1, limit_per_minute=3) as limited:
        assert [limited.get(CUSTOMERS).status_code for _ in range(3)] == [200, 200, 200]
        response = limited.get(CUSTOMERS)
        assert (response.status_code, response.json()) == (429, {"message": "Too Many Requests"})
        assert "retry-after" not in response.headers
        assert limited.get("/Customers").status_code == 403  # the other ERP knows no such limit


def test_limit_is_of_the_last_minute() -> None:
    seconds = 0.0
    window = Window(2, clock=lambda: seconds)
    assert [window.admits() for _ in range(3)] == [True, True, False]
    seconds = 59.9
    assert not window.admits()
    seconds = 60.0
    assert [window.admits() for _ in range(3)] == [True, True, False]


@pytest.fixture
def faulty(client: Any) -> Any:
    yield client
    client.sandbox.faults.clear()


def test_lost_reply_means_that_it_was_done(faulty: Any) -> None:
    customer = faulty.new_customer()
    faulty.sandbox.faults.add(Fault("dropped_after", method="PATCH", path="/api/v3"))
    with pytest.raises(httpx.TransportError):
        faulty.change(customer, notes="done")
    assert faulty.customer(customer["id"])["notes"] == "done"


def test_late_create_is_executed_after_its_connection_was_dropped(faulty: Any) -> None:
    faulty.sandbox.faults.add(Fault("late", method="POST", delay=0.1))
    with pytest.raises(httpx.TransportError):
        faulty.new_customer(number="LATE-1")
    faulty.sandbox.settle()
    assert faulty.store.customer("LATE-1")["number"] == "LATE-1"


@pytest.mark.parametrize(
    ("field", "change"), [("notes", {"notes": "x"}), ("primaryAddress.city", {"primaryAddress": {"city": "x"}})]
)
def test_field_may_be_ignored_though_the_answer_is_200(faulty: Any, field: str, change: dict[str, Any]) -> None:
    customer = faulty.new_customer()
    faulty.sandbox.faults.add(Fault("ignore_field", method="PATCH", field=field))
    changed = faulty.change(customer, **change)
    assert {**changed, "updatedAt": customer["updatedAt"]} == customer


def test_stale_read_shows_what_was_before_the_last_write(faulty: Any) -> None:
    customer = faulty.new_customer(notes="old")
    faulty.change(customer, notes="new")
    faulty.sandbox.faults.add(Fault("stale_read", count=2))
    assert faulty.customer(customer["id"])["notes"] == "old"
    assert faulty.data(CUSTOMERS, {"sort": "-updatedAt", "perPage": 1})[0]["notes"] == "old"
    assert faulty.customer(customer["id"])["notes"] == "new"


@pytest.mark.parametrize("status", [429, 500, 403])
def test_status_is_answered_once(faulty: Any, status: int) -> None:
    faulty.sandbox.faults.add(Fault(str(status), path="/api/"))
    assert [faulty.get(CUSTOMERS).status_code for _ in range(2)] == [status, 200]


def test_requests_of_this_erp_can_be_told_from_the_others(connected: Any) -> None:
    with connected(customers=0) as other:
        other.get("/Customers")
        other.get(CUSTOMERS, {"page": 1})
        assert other.sandbox.xentral.requests == [("GET", CUSTOMERS, "page=1", 200)]
        assert len(other.sandbox.requests) == 2
