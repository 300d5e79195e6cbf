"""Two at once, one that died, a full disk, and a journal that was damaged: the real command line in processes."""

from __future__ import annotations

import contextlib
import json
import os
import re
import resource
import shutil
import signal
import sqlite3
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import victim
from hand_made import HandMade, account_of, differences, environment

from bulkio.account import save_plan
from bulkio.core.report import Status
from bulkio.errors import BulkioError, FileError
from bulkio.sandbox import Fault, SandboxOptions, running
from bulkio.store.journal import Journal
from bulkio.store.state import AccountState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bulkio.core.plan import Plan
    from bulkio.sandbox import Sandbox

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs processes that can be forked and limited")

_PATIENCE = 120.0


@pytest.fixture(scope="module")
def fork() -> Any:
    return victim.forks()


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running(SandboxOptions(customers=12, seed=5)) as made:
        yield made


def make_plan(sandbox: Sandbox, folder: Path, name: str = "p", updates: int = 3) -> tuple[Plan, Path]:
    with account_of(sandbox.url, folder) as account:
        made = HandMade(account, name)
        codes = sorted(made.records)
        for code in codes[:updates]:
            made.update(code, Notes=f"by {name}")
        made.create_child("Contacts", codes[-1], FirstName="Eve", LastName=name)
        plan = made.plan()
    path = folder / f"{name}.json"
    save_plan(plan, path)
    return plan, path


class Child:
    """`bulkio ...` in a process of its own."""

    def __init__(
        self, fork: Any, sandbox: Sandbox, folder: Path, *arguments: object, output: str = "output.txt"
    ) -> None:
        self.output = folder / output
        given = [str(each) for each in arguments]
        self.process = fork.Process(target=victim.run, args=(given, environment(folder, sandbox.url), self.output))
        self.process.start()

    def ended(self) -> int:
        self.process.join(_PATIENCE)
        assert self.process.exitcode is not None, "it hangs"
        return int(self.process.exitcode)

    @property
    def said(self) -> str:
        return self.output.read_text()


def wait_for(sandbox: Sandbox, pattern: str) -> None:
    """Until the sandbox has served such a request."""
    pause = threading.Event()
    while not any(re.search(pattern, f"{served.method} {served.path}") for served in sandbox.requests):
        pause.wait(0.005)


def writes(sandbox: Sandbox) -> int:
    return sum(served.method != "GET" for served in sandbox.requests)


# --- two at once ------------------------------------------------------------------------------------------------------


def test_of_two_runs_at_once_exactly_one_runs(fork: Any, sandbox: Sandbox, tmp_path: Path) -> None:
    plans = [make_plan(sandbox, tmp_path, name)[1] for name in ("one", "two")]
    sandbox.faults.add(Fault(fault="slow", method="POST", delay=1.5, count=1))
    both = [Child(fork, sandbox, tmp_path, "apply", path, output=f"{path.stem}.txt") for path in plans]
    statuses = sorted(child.ended() for child in both)
    assert statuses == [0, 5], [child.said for child in both]
    loser = next(child for child in both if child.process.exitcode == 5)
    assert "another run is writing to this account" in loser.said


def test_of_many_starts_of_one_plan_exactly_one_applies_it(fork: Any, sandbox: Sandbox, tmp_path: Path) -> None:
    plan, path = make_plan(sandbox, tmp_path)
    children = [Child(fork, sandbox, tmp_path, "apply", path, output=f"{number}.txt") for number in range(8)]
    assert sorted(child.ended() for child in children) == [0] + [5] * 7, [child.said for child in children]
    assert writes(sandbox) == len(plan.operations)


def test_the_lock_of_a_dead_run_frees_itself(fork: Any, sandbox: Sandbox, tmp_path: Path) -> None:
    before = {each["Guid"]: each for each in sandbox.store.customers()}
    plan, path = make_plan(sandbox, tmp_path)
    sandbox.faults.add(Fault(fault="slow", method="POST", delay=2.0, count=1))
    child = Child(fork, sandbox, tmp_path, "apply", path)
    wait_for(sandbox, r"GET /Customers/1")
    child.process.kill()
    assert child.ended() == -signal.SIGKILL
    with account_of(sandbox.url, tmp_path) as account:
        started = list(account.runs())
    again = ("resume",) if started else ("apply", path)
    assert Child(fork, sandbox, tmp_path, *again, output="again.txt").ended() == 0
    with account_of(sandbox.url, tmp_path) as account:
        (record,) = account.runs()
    outcomes = {outcome.operation_id: outcome for outcome in record.report.outcomes}
    assert differences(plan, outcomes, before, {each["Guid"]: each for each in sandbox.store.customers()}) == []


# --- Ctrl-C -----------------------------------------------------------------------------------------------------------


def test_the_first_interrupt_finishes_what_is_in_flight_and_names_the_command(
    fork: Any, sandbox: Sandbox, tmp_path: Path
) -> None:
    plan, path = make_plan(sandbox, tmp_path, updates=6)
    sandbox.faults.add(Fault(fault="slow", method="POST", delay=0.7, count=1))
    child = Child(fork, sandbox, tmp_path, "apply", path, "--workers", 1)
    wait_for(sandbox, r"GET /Customers/1")
    while "slow" not in str(sandbox.faults.played) or not any(played for _, played in sandbox.faults.played):
        threading.Event().wait(0.005)
    os.kill(child.process.pid, signal.SIGINT)
    assert child.ended() == 130, child.said
    with account_of(sandbox.url, tmp_path) as account:
        (record,) = account.runs()
        assert f"bulkio resume {record.run_id}" in child.said
        statuses = [outcome.status for outcome in record.report.outcomes]
        assert Status.NOT_SENT in statuses
        assert not {Status.INTENT, Status.UNKNOWN} & set(statuses)
        assert writes(sandbox) < len(plan.operations)
        report = account.resume(record.run_id)
    assert report.is_good
    assert writes(sandbox) == len(plan.operations)


def test_the_second_interrupt_stops_at_once_and_a_resume_still_finishes(
    fork: Any, sandbox: Sandbox, tmp_path: Path
) -> None:
    before = {each["Guid"]: each for each in sandbox.store.customers()}
    plan, path = make_plan(sandbox, tmp_path)
    sandbox.faults.add(Fault(fault="slow", method="POST", delay=30.0, count=None))
    child = Child(fork, sandbox, tmp_path, "apply", path, "--workers", 3)
    while not any(played for _, played in sandbox.faults.played):
        threading.Event().wait(0.005)
    os.kill(child.process.pid, signal.SIGINT)
    while "Ctrl-C again" not in child.said:
        threading.Event().wait(0.005)
    os.kill(child.process.pid, signal.SIGINT)
    assert child.ended() == 130, child.said
    sandbox.faults.clear()
    with account_of(sandbox.url, tmp_path) as account:
        report = account.resume()
    outcomes = {outcome.operation_id: outcome for outcome in report.outcomes}
    assert report.is_good, report.outcomes
    assert differences(plan, outcomes, before, {each["Guid"]: each for each in sandbox.store.customers()}) == []


# --- a full disk ------------------------------------------------------------------------------------------------------


def limited(arguments: list[str], settings: dict[str, str], output: Path, size: int) -> None:
    """No file may grow beyond `size` bytes."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    victim.run(arguments, settings, output)


@pytest.mark.parametrize("size", [0, 100, 2_000, 8_000, 14_000, 20_000, 26_000, 32_000, 36_000, 40_000, 60_000])
def test_on_a_full_disk_nothing_is_sent_that_is_not_journaled(
    fork: Any, sandbox: Sandbox, tmp_path: Path, size: int
) -> None:
    before = {each["Guid"]: each for each in sandbox.store.customers()}
    plan, path = make_plan(sandbox, tmp_path)
    output = tmp_path / "output.txt"
    output.touch()
    arguments = (["apply", str(path)], environment(tmp_path, sandbox.url), output, size)
    child = fork.Process(target=limited, args=arguments)
    child.start()
    child.join(_PATIENCE)
    said = output.read_text()
    assert "Traceback" not in said
    if size > 100:  # enough for a message
        assert child.exitcode == 0 or re.search(r"^bulkio: .*(cannot be|database)", said, re.MULTILINE), said
    sent = writes(sandbox)
    with account_of(sandbox.url, tmp_path) as account:
        with contextlib.suppress(FileError):
            journaled = [a for run in account.state.runs() for a in _attempts(run / "journal.db")]
            assert sent <= len(journaled)
        assert child.exitcode == 0 or sent <= len(plan.operations)
        records = list(account.runs())
        report = account.resume(records[0].run_id) if records else account.apply(path)
    outcomes = {outcome.operation_id: outcome for outcome in report.outcomes}
    assert report.is_good, report.outcomes
    assert differences(plan, outcomes, before, {each["Guid"]: each for each in sandbox.store.customers()}) == []


def _attempts(path: Path) -> list[Any]:
    journal = Journal.open(path)
    try:
        return journal.attempts()
    finally:
        journal.close()


# --- a damaged journal ------------------------------------------------------------------------------------------------


def died_midway(sandbox: Sandbox, folder: Path, fork: Any) -> tuple[Plan, Path]:
    """A run that was killed: its folder, with a journal that ends in a write-ahead log."""
    plan, path = make_plan(sandbox, folder)
    child = Child(fork, sandbox, folder, "apply", path, "--workers", 1)
    wait_for(sandbox, r"POST .*/Contacts|DELETE|POST")
    child.process.kill()
    child.ended()
    with account_of(sandbox.url, folder) as account:
        (run,) = account.state.runs()
    return plan, run


def damages(content: bytes, tail: int, step: int) -> Iterator[bytes]:
    """The content cut off at, and with one byte flipped at, every so-manieth place of its tail."""
    start = max(0, len(content) - tail)
    for at in range(start, len(content), step):
        yield content[:at]
        yield content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]


@pytest.fixture
def in_memory(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory, where the machine has one: what is thousands of times written there need not last."""
    memory = Path("/dev/shm")  # noqa: S108 the folder within has a name of its own
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else tmp_path) as folder:
        yield Path(folder)


def test_a_damaged_journal_says_less_or_nothing_and_never_something_else(in_memory: Path) -> None:
    """Every byte: what can still be read is a state in which the journal once was, or it is refused."""
    folder = in_memory / "run"
    folder.mkdir()
    journal = Journal.create(folder / "journal.db", {"run_id": "r"}, ["a", "b"])
    states = [_state(folder, in_memory)]
    from bulkio.core.request import WriteRequest  # noqa: PLC0415

    for name in ("a", "b"):
        request = WriteRequest(method="POST", path="/x", body="{}")
        number = journal.intent([name], request, before=None, children_before=["k"], sent_at="t", deadline=1.0)
        states.append(_state(folder, in_memory))
        journal.answered(number, Status.ACKED, http_status=200, guid="g", message="")
        states.append(_state(folder, in_memory))
    snapshot = {each.name: each.read_bytes() for each in folder.iterdir()}
    journal.close()
    closed = {"journal.db": (folder / "journal.db").read_bytes()}
    checked = 0
    for files, name in ((snapshot, "journal.db-wal"), (snapshot, "journal.db"), (closed, "journal.db")):
        step, tail = (1, 4_200) if name.endswith("wal") else (23, 40_000)
        place = in_memory / "damaged"
        place.mkdir(exist_ok=True)
        for content in damages(files[name], tail, step):
            for stale in place.iterdir():
                stale.unlink()
            for other, bytes_ in files.items():
                if not other.endswith("-shm"):
                    (place / other).write_bytes(content if other == name else bytes_)
            checked += 1
            try:
                assert _read(place / "journal.db") in states
            except BulkioError:
                continue  # detected
    assert checked > 8_400


def _state(folder: Path, beside: Path) -> Any:
    """What the journal says, as somebody else would read it from a copy."""
    copy = beside / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy)
    return _read(copy / "journal.db")


def _read(path: Path) -> Any:
    try:
        journal = Journal.open(path)
    except sqlite3.Error as exc:  # pragma: no cover
        pytest.fail(f"not translated: {exc}")
    try:
        return (journal.outcomes(), journal.attempts())
    finally:
        journal.close()


def test_a_run_with_a_damaged_journal_sends_nothing_wrong(fork: Any, sandbox: Sandbox, tmp_path: Path) -> None:
    """The log is cut at many places, and the run is resumed on what is left of it: nothing is there twice."""
    before = {each["Guid"]: each for each in sandbox.store.customers()}
    plan, run = died_midway(sandbox, tmp_path, fork)
    keep = {each.name: each.read_bytes() for each in run.iterdir()}
    wal = keep.get("journal.db-wal", b"")
    state = AccountState(run.parent.parent)
    for part in range(9):
        for name, content in keep.items():
            (run / name).write_bytes(content)
        (run / "journal.db-wal").write_bytes(wal[: len(wal) * part // 8])
        (run / "journal.db-shm").unlink(missing_ok=True)
        with account_of(sandbox.url, tmp_path, settle_seconds=0.1) as account:
            try:
                report = account.resume(run.name)
            except FileError:
                continue
            outcomes = {outcome.operation_id: outcome for outcome in report.outcomes}
            after = {each["Guid"]: each for each in sandbox.store.customers()}
            assert differences(plan, outcomes, before, after) == []
            assert report.is_good, report.outcomes
    assert state.runs() == [run]
    assert json.loads((run / "plan.json").read_text())["plan_id"] == plan.plan_id
