from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from decimal import Decimal
from typing import Any

import httpx
import pytest

import bulkio.sandbox
from bulkio.errors import UsageError
from bulkio.sandbox import SandboxOptions, running

SERVER = """
from bulkio.sandbox import SandboxOptions, serve
serve(SandboxOptions(customers=2), lambda url: print("READY", url, flush=True))
print("stopped", flush=True)
"""


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.1", "example.com", ""])  # noqa: S104
def test_other_hosts_than_loopback_are_refused(host: str) -> None:
    with pytest.raises(UsageError, match="loopback only"):
        SandboxOptions(host=host)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.2", "::1"])
def test_loopback_has_many_names(host: str) -> None:
    assert SandboxOptions(host=host).host == host


@pytest.mark.parametrize(
    "options",
    [
        {"port": -1},
        {"port": 65536},
        {"customers": -1},
        {"limit_per_minute": -1},
        {"violations": "x"},
        {"signature": "none"},
        {"salesperson_key": "Seller"},
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        SandboxOptions(**options)


def test_port_that_is_taken_is_a_usage_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"port {port} "), running(SandboxOptions(port=port)):
            pass


def free_port() -> int:
    """A port that is free, and not one of those that are given to whoever wants just any."""
    for port in range(20_000 + os.getpid() % 10_000, 32_768):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    pytest.fail("no port is free")


def test_chosen_port_is_used_and_given_back() -> None:
    port = free_port()
    for _ in range(2):
        with running(SandboxOptions(customers=0, port=port)) as sandbox:
            assert sandbox.url == f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_served_sandbox_says_when_it_is_ready_and_stops_cleanly(number: signal.Signals) -> None:
    command = [sys.executable, "-W", "error", "-c", SERVER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:  # noqa: S603  our own
        try:
            assert server.stdout is not None
            ready, url = server.stdout.readline().split()
            assert ready == "READY"
            with httpx.Client(trust_env=False) as client:  # its open connection must not hold the server up
                assert client.get(f"{url}/Customers").status_code == 403
                server.send_signal(number)
                output, errors = server.communicate(timeout=10)
        finally:
            server.kill()
    assert (server.returncode, output, errors) == (0, "stopped\n", "")


def test_store_can_be_inspected_in_copies(connected: Any) -> None:
    with connected(customers=20) as other:
        store = other.sandbox.store
        store.customers()[0]["CustomerName"] = "changed"
        first = store.customer("hurst001")
        first["Addresses"][0]["City"] = "changed"
        assert store.customer(first["Guid"])["Addresses"][0]["City"] != "changed"
        assert len(store.customer("PACIF006")["Contacts"]) == 130
        assert store.customer("LIMIT018")["CreditLimit"] == Decimal("99999999999999.9999")
        with pytest.raises(KeyError):
            store.customer("nobody")


def test_colleague_can_edit_in_between(connected: Any) -> None:
    with connected(customers=1) as other:
        before = other.items("/Customers")[0]
        other.sandbox.store.edit("HURST001", Notes="by a colleague")
        after = other.customer(before["Guid"])
        assert (after["Notes"], after["LastModifiedBy"]) == ("by a colleague", "colleague@example.com")
        assert after["LastModifiedOn"] > before["LastModifiedOn"]
        with pytest.raises(KeyError):
            other.sandbox.store.edit("HURST001", Nonsense=1)


def test_public_names_are_these() -> None:
    assert bulkio.sandbox.__all__ == [
        "CREDENTIAL",
        "Fault",
        "Faults",
        "Sandbox",
        "SandboxOptions",
        "Served",
        "StoreInspection",
        "XentralInspection",
        "base_urls",
        "running",
        "serve",
    ]
