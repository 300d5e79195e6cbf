from __future__ import annotations

import json
import socket
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from bulkio.errors import UsageError
from bulkio.sandbox import Fault
from bulkio.sandbox.faults import read_faults

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def faulty(client: Any) -> Iterator[Any]:
    yield client
    client.sandbox.faults.clear()


def play(client: Any, fault: str, **settings: Any) -> None:
    client.sandbox.faults.add(Fault(fault, **settings))


@pytest.mark.parametrize("status", [429, 500, 503, 403, 502, 401])
def test_status_is_answered_once_with_an_empty_body_and_nothing_is_done(faulty: Any, status: int) -> None:
    customer = faulty.new_customer()
    play(faulty, str(status), method="POST")
    response = faulty.post(f"/Customers/{customer['Guid']}", {"CustomerName": "x"})
    assert (response.status_code, response.content) == (status, b"")
    assert "retry-after" not in response.headers
    assert faulty.customer(customer["Guid"]) == customer
    assert faulty.post(f"/Customers/{customer['Guid']}", {"CustomerName": "x"}).status_code == 200


@pytest.mark.parametrize("retry_after", [7, "7", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_retry_after_is_sent_as_seconds_or_as_a_date(faulty: Any, retry_after: int | str) -> None:
    play(faulty, "429", retry_after=retry_after)
    assert faulty.get("/Customers").headers["retry-after"] == str(retry_after)


def test_status_may_be_answered_after_the_request_was_executed(faulty: Any) -> None:
    customer = faulty.new_customer()
    play(faulty, "500", is_processed=True)
    assert faulty.post(f"/Customers/{customer['Guid']}", {"CustomerName": "done"}).status_code == 500
    assert faulty.customer(customer["Guid"])["CustomerName"] == "done"


def test_connection_dropped_before_means_that_nothing_was_done(faulty: Any) -> None:
    customer = faulty.new_customer()
    play(faulty, "dropped_before", method="POST")
    with pytest.raises(httpx.TransportError):
        faulty.post(f"/Customers/{customer['Guid']}", {"CustomerName": "x"})
    assert faulty.customer(customer["Guid"]) == customer


def test_connection_dropped_after_means_that_it_was_done(faulty: Any) -> None:
    customer = faulty.new_customer()
    play(faulty, "dropped_after", method="POST")
    with pytest.raises(httpx.TransportError):
        faulty.post(f"/Customers/{customer['Guid']}", {"CustomerName": "done"})
    assert faulty.customer(customer["Guid"])["CustomerName"] == "done"


def test_late_request_is_executed_after_its_connection_was_dropped(faulty: Any) -> None:
    customer = faulty.new_customer()
    play(faulty, "late", method="POST", delay=0.2)
    with pytest.raises(httpx.TransportError):
        faulty.post(f"/Customers/{customer['Guid']}", {"CustomerName": "done"})
    assert faulty.customer(customer["Guid"]) == customer
    faulty.sandbox.settle()
    assert faulty.customer(customer["Guid"])["CustomerName"] == "done"


def test_late_request_that_does_not_end_in_time_is_a_timeout(faulty: Any) -> None:
    play(faulty, "late", delay=0.1)
    with pytest.raises(httpx.TransportError):
        faulty.get("/Customers")
    with pytest.raises(TimeoutError):
        faulty.sandbox.settle(timeout=0)
    faulty.sandbox.settle()


def test_truncated_reply_announces_more_than_it_holds(faulty: Any) -> None:
    whole = faulty.get("/Currencies").content
    received = raw_get(faulty, "/Currencies")
    head, _, body = received.partition(b"\r\n\r\n")
    assert f"content-length: {len(whole)}".encode() in head.lower()
    assert body == whole[: len(whole) // 2]


def test_truncated_reply_is_noticed_by_a_client_and_the_write_was_done(faulty: Any) -> None:
    customer = faulty.new_customer()
    play(faulty, "truncated", method="POST")
    with pytest.raises(httpx.RemoteProtocolError):
        faulty.post(f"/Customers/{customer['Guid']}", {"CustomerName": "done"})
    assert faulty.customer(customer["Guid"])["CustomerName"] == "done"


def test_truncated_reply_without_a_body_is_a_dropped_connection(faulty: Any) -> None:
    customer = faulty.new_customer(ContactFirstName="Ada")
    (contact,) = faulty.items(f"/Customers/{customer['Guid']}/Contacts")
    play(faulty, "truncated", method="DELETE")
    with pytest.raises(httpx.TransportError):
        faulty.delete(f"/Customers/{customer['Guid']}/Contacts/{contact['Guid']}")
    assert faulty.items(f"/Customers/{customer['Guid']}/Contacts") == []


def test_slow_reply_takes_its_time(faulty: Any) -> None:
    play(faulty, "slow", delay=0.15)
    start = time.monotonic()
    assert faulty.get("/Currencies").status_code == 200
    assert time.monotonic() - start >= 0.15


def test_html_is_a_login_page_with_status_200(faulty: Any) -> None:
    customer = faulty.new_customer()
    play(faulty, "html", method="POST")
    response = faulty.post(f"/Customers/{customer['Guid']}", {"CustomerName": "x"})
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    assert response.text.startswith("<!DOCTYPE html>")
    assert faulty.customer(customer["Guid"]) == customer


@pytest.mark.parametrize(
    ("field", "value"),
    [("Notes", "new"), ("Currency", {"CurrencyCode": "AUD"}), ("Addresses", []), ("StopCredit", True), ("Email", None)],
)
def test_ignored_field_keeps_its_value_while_the_others_are_written(
    faulty: Any, body_of: Any, field: str, value: object
) -> None:
    before = faulty.new_customer(
        Notes="old",
        Currency={"CurrencyCode": "NZD"},
        Addresses=[{"AddressType": "Postal", "AddressName": "Office"}],
        Email="a@example.com",
    )
    play(faulty, "ignore_field", field=field)
    body = body_of(before, CustomerName="Renamed", **{field: value})
    after = faulty.post(f"/Customers/{before['Guid']}", body)
    assert after.status_code == 200
    assert after.json()["CustomerName"] == "Renamed"
    assert after.json()[field] == before[field]


def test_ignored_field_is_blank_in_what_is_created(faulty: Any) -> None:
    play(faulty, "ignore_field", field="Notes", count=2)
    customer = faulty.new_customer(Notes="x")
    assert customer["Notes"] is None
    assert faulty.new_contact(customer, FirstName="Ada", Notes="x")["Notes"] is None
    play(faulty, "ignore_field", field="Notes", method="PUT")
    contact = faulty.new_contact(customer, FirstName="Bea", Notes="kept")
    path = f"/Customers/{customer['Guid']}/Contacts/{contact['Guid']}"
    assert faulty.put(path, contact | {"Notes": "new"}).json()["Notes"] == "kept"


def test_stale_read_shows_what_was_before_the_last_write(faulty: Any) -> None:
    before = faulty.new_customer()
    path = f"/Customers/{before['Guid']}"
    play(faulty, "stale_read")
    assert faulty.get(path).status_code == 404  # it did not exist before its last write
    after = faulty.post(path, {"CustomerName": "Renamed", "ContactFirstName": "Ada"}).json()
    play(faulty, "stale_read", count=3)
    assert faulty.customer(before["Guid"]) == before
    assert faulty.items("/Customers", f"customerCode={before['CustomerCode']}") == [before]
    assert faulty.items(f"{path}/Contacts") == []
    assert faulty.customer(before["Guid"]) == after


def test_stale_list_misses_what_was_just_created(faulty: Any) -> None:
    customer = faulty.new_customer()
    play(faulty, "stale_read")
    assert faulty.codes(f"customerCode={customer['CustomerCode']}") == []


def test_stale_read_of_what_never_changed_is_fresh(faulty: Any) -> None:
    play(faulty, "stale_read")
    assert faulty.codes("customerCode=HURST") == ["HURST001"]


def test_fault_matches_method_and_path_leaves_some_alone_and_ends(faulty: Any) -> None:
    play(faulty, "503", method="get", path=r"^/Taxes$", after=1, count=2)
    statuses = [faulty.get(path).status_code for path in ("/Taxes", "/Currencies", "/Taxes", "/Taxes", "/Taxes")]
    assert statuses == [200, 200, 503, 503, 200]
    assert [number for _, number in faulty.sandbox.faults.played] == [2]


def test_faults_are_played_one_after_the_other(faulty: Any) -> None:
    play(faulty, "429", count=2)
    play(faulty, "500")
    assert [faulty.get("/Taxes").status_code for _ in range(4)] == [429, 429, 500, 200]


def test_fault_without_a_count_never_ends(faulty: Any) -> None:
    play(faulty, "500", count=None)
    assert {faulty.get("/Taxes").status_code for _ in range(5)} == {500}
    faulty.sandbox.faults.clear()
    assert faulty.get("/Taxes").status_code == 200


def test_requests_are_written_down_with_what_the_client_saw(connected: Any) -> None:
    with connected(customers=1) as other:
        other.get("/Customers", "pageSize=3")
        other.get("/nothing")
        play(other, "dropped_after")
        with pytest.raises(httpx.TransportError):
            other.post("/Customers", {})
        assert other.sandbox.requests == [
            ("GET", "/Customers", "pageSize=3", 200),
            ("GET", "/nothing", "", 404),
            ("POST", "/Customers", "", 0),
        ]


def test_faults_are_read_from_a_file(tmp_path: Path, connected: Any) -> None:
    file = tmp_path / "faults.json"
    file.write_text(
        json.dumps([{"fault": "429", "path": "Taxes", "retry_after": 3}, {"fault": "html", "method": "PUT"}])
    )
    with connected(faults=file, customers=1) as other:
        assert other.get("/Taxes").status_code == 429
        assert other.get("/Taxes").status_code == 200
        assert other.put("/Taxes", {}).headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("[", "truncated"),
        ("{}", "Expected `array`"),
        ('[{"fault": "explode"}]', "no fault is called 'explode'"),
        ('[{"fault": "200"}]', "no fault is called '200'"),
        ('[{"fault": "429", "often": 3}]', "unknown field `often`"),
        ('[{"method": "GET"}]', "missing required field `fault`"),
        ('[{"fault": "slow", "delay": "long"}]', "Expected `float`"),
        ('[{"fault": "slow", "delay": -1}]', "must not be negative"),
        ('[{"fault": "slow", "count": 0}]', "at least 1"),
        ('[{"fault": "429", "path": "("}]', "not a regular expression"),
        ('[{"fault": "ignore_field"}]', "`field` belongs to ignore_field"),
        ('[{"fault": "500", "field": "Notes"}]', "`field` belongs to ignore_field"),
    ],
)
def test_wrong_file_of_faults_is_a_usage_error_of_one_line(tmp_path: Path, content: str, reason: str) -> None:
    file = tmp_path / "faults.json"
    file.write_text(content)
    with pytest.raises(UsageError, match="not a list of faults: ") as caught:
        read_faults(file)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_file_of_faults_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_faults(tmp_path / "none.json")


def raw_get(client: Any, path: str) -> bytes:
    """Everything that the server sends until it closes the connection."""
    signed = client.get(path).request.headers["api-auth-signature"]
    url = httpx.URL(client.sandbox.url)
    request = f"GET {path} HTTP/1.1\r\nHost: x\r\napi-auth-id: sandbox\r\napi-auth-signature: {signed}\r\n\r\n"
    play(client, "truncated")
    with socket.create_connection((url.host, url.port or 0), timeout=5) as connection:
        connection.sendall(request.encode())
        received = b""
        while part := connection.recv(65536):
            received += part
    return received
