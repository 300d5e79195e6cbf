"""`bulkio sandbox` as a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys

import httpx


def test_sandbox_says_where_it_is_for_each_erp_and_keeps_the_limit_it_was_given() -> None:
    command = [sys.executable, "-m", "bulkio", "sandbox", "--customers", "1", "--limit-per-minute", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:  # noqa: S603  our own
        try:
            assert server.stdout is not None
            ready, url = server.stdout.readline().split()
            assert ready == "READY"
            headers = {"Authorization": "Bearer sandbox"}
            with httpx.Client(base_url=url, headers=headers, trust_env=False) as client:
                assert [client.get("/api/v3/customers").status_code for _ in range(2)] == [200, 429]
                assert client.get("/Customers").status_code == 403
            server.send_signal(signal.SIGTERM)
            output, errors = server.communicate(timeout=30)
        finally:
            server.kill()
    assert (server.returncode, output) == (0, "")
    assert errors.splitlines() == [
        f"Unleashed: base_url {url}",
        f"Xentral: base_url {url}",
        "Credentials: id, key and token are `sandbox`. Ctrl-C stops it.",
    ]
