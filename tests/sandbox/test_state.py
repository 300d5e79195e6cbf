from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from bulkio.errors import UsageError
from bulkio.sandbox import SandboxOptions, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SERVER = """
import sys
from pathlib import Path
from bulkio.sandbox import SandboxOptions, serve
serve(SandboxOptions(customers=30, state=Path(sys.argv[1])), lambda url: print(url, flush=True))
"""


@contextmanager
def process(state: Path) -> Iterator[tuple[subprocess.Popen[str], Any]]:
    """A server of its own, and a client for it."""
    with subprocess.Popen([sys.executable, "-c", SERVER, str(state)], stdout=subprocess.PIPE, text=True) as server:  # noqa: S603  our own
        try:
            assert server.stdout is not None
            yield server, SimpleNamespace(url=server.stdout.readline().strip())
        finally:
            server.kill()


def test_data_survive_a_restart(tmp_path: Path, connected: Any) -> None:
    state = tmp_path / "state.db"
    with connected(state=state) as first:
        before = first.items("/Customers", "includeObsolete=true&includeAllContacts=true")
        created = first.new_customer(CreditLimit=12.5, Notes="kept", Currency={"CurrencyCode": "GBP"})
        contact = first.new_contact(created, FirstName="Ada")
        changed = first.post(f"/Customers/{before[0]['Guid']}", {"CustomerName": "Renamed"}).json()
        whole = first.get("/Customers", "includeObsolete=true&includeAllContacts=true").text
    with connected(state=state) as second:
        assert second.get("/Customers", "includeObsolete=true&includeAllContacts=true").text == whole
        assert second.customer(created["Guid"])["Currency"] == created["Currency"]
        assert second.items(f"/Customers/{created['Guid']}/Contacts") == [contact]
        assert second.customer(changed["Guid"])["CustomerName"] == "Renamed"


def test_times_go_on_where_they_were(tmp_path: Path, connected: Any) -> None:
    state = tmp_path / "state.db"
    with connected(state=state, customers=1) as first:
        created = first.new_customer()
    with connected(state=state, customers=1) as second:
        path = f"/Customers/{created['Guid']}"
        assert second.post(path, {"CustomerName": "x"}).json()["LastModifiedOn"] > created["LastModifiedOn"]


def test_seed_and_size_of_the_file_win_over_the_options(tmp_path: Path, connected: Any) -> None:
    state = tmp_path / "state.db"
    with connected(state=state, customers=5, seed=3) as first:
        guids = [each["Guid"] for each in first.sandbox.store.customers()]
        company = first.items("/Companies")
    with connected(state=state, customers=9, seed=4) as second:
        assert [each["Guid"] for each in second.sandbox.store.customers()] == guids
        assert second.items("/Companies") == company


def test_data_survive_a_kill_in_the_middle_of_everything(tmp_path: Path, connected: Any, client_of: Any) -> None:
    state = tmp_path / "state.db"
    with process(state) as (server, sandbox):
        client = client_of(sandbox)
        acknowledged = [client.new_customer()["Guid"] for _ in range(20)]
        os.kill(server.pid, signal.SIGKILL)
        assert server.wait() == -signal.SIGKILL
        with pytest.raises(httpx.TransportError):
            client.get("/Customers")
    with connected(state=state) as again:
        stored = {each["Guid"] for each in again.sandbox.store.customers()}
        assert set(acknowledged) <= stored
        assert len(stored) == 50


def test_file_that_is_no_state_file_is_a_usage_error(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("not a database, but long enough to be looked at " * 20)
    with pytest.raises(UsageError, match="cannot be used as a sandbox"), running(SandboxOptions(state=file)):
        pass
    with pytest.raises(UsageError, match="cannot be used"), running(SandboxOptions(state=tmp_path / "no" / "where")):
        pass


def test_file_that_is_in_use_is_a_usage_error(tmp_path: Path) -> None:
    options = SandboxOptions(state=tmp_path / "state.db", customers=1)
    with running(options), pytest.raises(UsageError, match="locked"), running(options):
        pass


def test_state_file_of_another_version_is_a_usage_error(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    with running(SandboxOptions(state=file, customers=0)):
        pass
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(UsageError, match="its version is 99"), running(SandboxOptions(state=file)):
        pass


def test_somebody_elses_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "theirs.db"
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    before = file.read_bytes()
    with pytest.raises(UsageError, match="its version is 0"), running(SandboxOptions(state=file)):
        pass
    assert file.read_bytes() == before
