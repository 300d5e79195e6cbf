"""The journal: what it is told is on disk before it returns, or it says so."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bulkio.core.report import Outcome, Status
from bulkio.core.request import WriteRequest
from bulkio.errors import FileError
from bulkio.store.journal import VERSION, Journal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REQUEST = WriteRequest(method="POST", path="/Customers/g", body='{"Name":"Ann"}')


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    made = Journal.create(path, {"plan": "p"}, ["a", "b", "c"])
    yield made
    made.close()


@contextlib.contextmanager
def reopened(path: Path) -> Iterator[Journal]:
    journal = Journal.open(path)
    try:
        yield journal
    finally:
        journal.close()


def intent(journal: Journal, *operations: str, **parts: Any) -> int:
    plain: dict[str, Any] = {"before": None, "children_before": (), "sent_at": "2026-01-31T00:00:00Z", "deadline": 1.5}
    return journal.intent(operations, REQUEST, **{**plain, **parts})


def statuses(journal: Journal) -> dict[str, Status]:
    return {outcome.operation_id: outcome.status for outcome in journal.outcomes()}


# --- the states -------------------------------------------------------------------------------------------------------


def test_a_new_journal_has_every_operation_planned_in_the_plans_order(journal: Journal) -> None:
    assert [(o.operation_id, o.status, o.guid, o.message) for o in journal.outcomes()] == [
        (each, Status.PLANNED, "", "") for each in "abc"
    ]
    assert journal.attempts() == []
    assert journal.last_attempt("a") is None


def test_an_intent_is_on_disk_before_the_call_returns(journal: Journal, path: Path) -> None:
    number = intent(journal, "a", "b", before={"Name": "Old", "Credit": Decimal("1.50")}, children_before=["k1"])
    with reopened(path) as other:
        (attempt,) = other.attempts()
        assert attempt.number == number
        assert attempt.operations == ("a", "b")
        assert (attempt.method, attempt.path, attempt.body) == ("POST", "/Customers/g", '{"Name":"Ann"}')
        assert json.loads(attempt.before, parse_float=Decimal) == {"Name": "Old", "Credit": Decimal("1.50")}
        assert "1.50" in attempt.before
        assert attempt.children_before == ("k1",)
        assert (attempt.sent_at, attempt.deadline) == ("2026-01-31T00:00:00Z", 1.5)
        assert (attempt.result, attempt.status, attempt.message) == ("", 0, "")
        assert statuses(other) == {"a": Status.INTENT, "b": Status.INTENT, "c": Status.PLANNED}
        assert other.last_attempt("b") == attempt


def test_a_create_has_no_pre_image(journal: Journal) -> None:
    intent(journal, "a")
    assert journal.attempts()[0].before == ""


@pytest.mark.parametrize("status", [Status.ACKED, Status.REJECTED, Status.UNKNOWN, Status.NOT_SENT])
def test_an_answer_is_kept_for_the_attempt_and_all_its_operations(journal: Journal, status: Status) -> None:
    number = intent(journal, "a", "b")
    journal.answered(number, status, http_status=201, guid="g", message="words")
    (attempt,) = journal.attempts()
    assert (attempt.result, attempt.status, attempt.message) == (status.value, 201, "words")
    assert journal.outcome("a") == Outcome(operation_id="a", status=status, guid="g", message="words")
    assert journal.outcome("b") == Outcome(operation_id="b", status=status, guid="", message="words")
    assert journal.outcome("c").status is Status.PLANNED


@pytest.mark.parametrize("status", list(Status))
def test_an_outcome_is_settled_and_a_known_id_is_not_forgotten(journal: Journal, status: Status) -> None:
    journal.settle([Outcome(operation_id="b", status=Status.ACKED, guid="g", message="first")])
    journal.settle([Outcome(operation_id="b", status=status, message="")])
    assert journal.outcome("b") == Outcome(operation_id="b", status=status, guid="g", message="")


def test_the_last_attempt_is_the_newest_that_the_operation_was_part_of(journal: Journal) -> None:
    first, second = intent(journal, "a", "b"), intent(journal, "a")
    of_a, of_b = journal.last_attempt("a"), journal.last_attempt("b")
    assert of_a is not None
    assert of_b is not None
    assert (of_a.number, of_b.number) == (second, first)


UNKNOWN = Outcome(operation_id="x", status=Status.ACKED)


@pytest.mark.parametrize(
    "act",
    [
        lambda journal: journal.outcome("x"),
        lambda journal: journal.settle([replace(UNKNOWN, operation_id="a"), UNKNOWN]),
        lambda journal: intent(journal, "a", "x"),
    ],
    ids=["outcome", "settle", "intent"],
)
def test_an_operation_that_the_run_does_not_have_is_an_error_and_leaves_no_trace(
    journal: Journal, act: Callable[[Journal], object]
) -> None:
    with pytest.raises(KeyError):
        act(journal)
    assert set(statuses(journal).values()) == {Status.PLANNED}
    assert journal.attempts() == []


def test_facts_about_the_run_are_kept(journal: Journal, path: Path) -> None:
    journal.note("stopped", "yes")
    journal.note("plan", "q")
    with reopened(path) as other:
        assert [other.meta(name) for name in ("plan", "stopped", "nothing")] == ["q", "yes", ""]


NASTY = ["\x00", "a\x00b", "😀", "\ufeff", "'; DROP TABLE operation; --", "\u2028", "x" * 100_000]


@pytest.mark.parametrize("text", NASTY)
def test_any_text_is_kept_to_the_letter(journal: Journal, path: Path, text: str) -> None:
    journal.settle([Outcome(operation_id="a", status=Status.REJECTED, guid=text, message=text)])
    journal.note("fact", text)
    intent(journal, "b", before={"Name": text}, children_before=[text])
    with reopened(path) as other:
        assert other.outcome("a") == Outcome(operation_id="a", status=Status.REJECTED, guid=text, message=text)
        assert other.meta("fact") == text
        (attempt,) = other.attempts()
        assert json.loads(attempt.before) == {"Name": text}
        assert attempt.children_before == (text,)


def test_words_with_half_a_surrogate_pair_do_not_stop_the_run(journal: Journal) -> None:
    number = intent(journal, "a")
    journal.answered(number, Status.REJECTED, http_status=400, guid="", message="bad \ud83d")
    assert journal.outcome("a").message == journal.attempts()[0].message == "bad \\ud83d"


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("settle"), st.sampled_from("abc"), st.sampled_from(Status), st.text("xyz", max_size=2)),
        st.tuples(st.just("send"), st.sampled_from("abc"), st.sampled_from(Status), st.text("xyz", max_size=2)),
    ),
    max_size=6,
)


@settings(max_examples=15, deadline=None)
@given(steps=STEPS)
def test_whatever_happened_a_reopened_journal_says_the_same(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str, Status, str]]
) -> None:
    path = tmp_path_factory.mktemp("journal") / "journal.db"
    journal = Journal.create(path, {}, "abc")
    expected = dict.fromkeys("abc", (Status.PLANNED, ""))
    for kind, operation, status, guid in steps:
        if kind == "settle":
            journal.settle([Outcome(operation_id=operation, status=status, guid=guid)])
        else:
            journal.answered(intent(journal, operation), status, http_status=0, guid=guid, message="")
        expected[operation] = (status, guid or expected[operation][1])
    attempts = journal.attempts()
    journal.close()
    with reopened(path) as other:
        assert {o.operation_id: (o.status, o.guid) for o in other.outcomes()} == expected
        assert other.attempts() == attempts


# --- threads ----------------------------------------------------------------------------------------------------------


def test_several_threads_write_without_losing_anything(path: Path) -> None:
    ids = [f"{worker}-{at}" for worker in range(4) for at in range(12)]
    journal = Journal.create(path, {}, ids)

    def work(worker: int) -> None:
        for at in range(12):
            each = f"{worker}-{at}"
            number = intent(journal, each, before={"id": each})
            journal.answered(number, Status.ACKED, http_status=200, guid=f"guid-{each}", message="")
            assert journal.outcome(each).status is Status.ACKED
            journal.settle([Outcome(operation_id=each, status=Status.VERIFIED)])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    journal.close()
    with reopened(path) as other:
        assert [o.operation_id for o in other.outcomes()] == ids
        assert {o.status for o in other.outcomes()} == {Status.VERIFIED}
        assert all(o.guid == f"guid-{o.operation_id}" for o in other.outcomes())
        attempts = other.attempts()
        assert sorted(attempt.operations[0] for attempt in attempts) == sorted(ids)
        assert all(json.loads(attempt.before) == {"id": attempt.operations[0]} for attempt in attempts)


# --- disks and files --------------------------------------------------------------------------------------------------


def test_a_journal_is_never_written_over(journal: Journal, path: Path) -> None:
    intent(journal, "a")
    with pytest.raises(FileError, match="there is a journal already"):
        Journal.create(path, {}, ["z"])
    assert statuses(journal)["a"] is Status.INTENT


def test_a_journal_that_is_not_there_is_not_made(path: Path) -> None:
    with pytest.raises(FileError, match="no such journal"):
        Journal.open(path)
    assert not path.exists()


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be opened"):
        Journal.create(tmp_path / "nowhere" / "journal.db", {}, ["a"])


def test_a_folder_is_no_journal(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be opened"):
        Journal.open(tmp_path)


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\x00", b"not a database at all", b"\x00" * 8192])
def test_a_file_that_is_no_journal_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(FileError):
        Journal.open(path)


@pytest.mark.parametrize(("version", "hint"), [(VERSION + 1, "Update bulkio."), (VERSION - 1, "Finish the run with")])
def test_a_database_of_another_version_is_refused(path: Path, version: int, hint: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {version}")
    connection.close()
    with pytest.raises(FileError, match=f"version {version}, this bulkio reads version {VERSION}") as refused:
        Journal.open(path)
    assert refused.value.hint.startswith(hint)


def test_a_journal_of_an_earlier_release_can_be_finished(path: Path) -> None:
    """The file is as version 2 wrote it, with a run that died midway; its rows carry sums of their own."""
    connection = sqlite3.connect(path)
    connection.executescript(Path(__file__).with_name("journal_version_2.sql").read_text(encoding="utf-8"))
    connection.close()
    with reopened(path) as journal:
        assert (journal.meta("run_id"), journal.meta("calls")) == ("20260131T090000-abcdef", "4")
        assert {each.operation_id: (each.status, each.guid, each.message) for each in journal.outcomes()} == {
            "planned": (Status.PLANNED, "", ""),
            "done": (Status.VERIFIED, "g1", ""),
            "lost": (Status.UNKNOWN, "", "no answer"),
            "begun": (Status.INTENT, "", ""),
        }
        done, lost, begun = journal.attempts()
        assert json.loads(done.before, parse_float=Decimal) == {"CreditLimit": Decimal("1.50"), "Notes": "a\nb'c"}
        assert (done.body, done.deadline, done.status) == ('{"CustomerName":"Zürich \\u00e9"}', 1769850300.25, 200)
        assert (lost.path, lost.children_before, lost.result) == ("/Customers/g1/Contacts", ("k1",), "unknown")
        assert (begun.method, begun.operations, begun.result) == ("DELETE", ("begun",), "")
        journal.settle([Outcome(operation_id="begun", status=Status.VERIFIED)])
    with reopened(path) as journal:
        assert journal.outcome("begun").status is Status.VERIFIED


def test_a_damaged_page_is_noticed_before_anything_is_sent_on_its_strength(path: Path) -> None:
    journal = Journal.create(path, {}, [f"operation-{at}" for at in range(500)])
    journal.close()
    content = bytearray(path.read_bytes())
    content[4096 : len(content) - 4096 : 3] = b"\xa5" * len(content[4096 : len(content) - 4096 : 3])
    path.write_bytes(content)
    with pytest.raises(FileError, match="damaged"):
        Journal.open(path)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_journal_that_is_cut_off_is_refused(path: Path, share: float) -> None:
    journal = Journal.create(path, {}, [f"operation-{at}" for at in range(500)])
    journal.close()
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(FileError):
        Journal.open(path)


def test_a_journal_that_was_begun_and_not_finished_is_none(path: Path) -> None:
    with pytest.raises(FileError):
        Journal.create(path, {}, ["twice", "twice"])
    with pytest.raises(FileError):
        Journal.open(path)


@contextlib.contextmanager
def full_disk(path: Path) -> Iterator[None]:
    """No file of this process may grow beyond what the journal's files have now."""
    import resource  # noqa: PLC0415 there is none on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = max(each.stat().st_size for each in path.parent.iterdir())
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.skipif(os.name != "posix", reason="needs a limit on the size of files")
def test_on_a_full_disk_the_intent_fails_and_what_was_there_stays(journal: Journal, path: Path) -> None:
    intent(journal, "a")
    with full_disk(path), pytest.raises(FileError, match="cannot be written") as caught:
        intent(journal, "b", before={"Name": "x" * 1_000_000})
    assert "nothing is sent" in caught.value.hint
    assert statuses(journal) == {"a": Status.INTENT, "b": Status.PLANNED, "c": Status.PLANNED}
    assert len(journal.attempts()) == 1
    intent(journal, "b")
    assert statuses(journal)["b"] is Status.INTENT


@contextlib.contextmanager
def unprivileged() -> Iterator[None]:
    """Root may write everywhere; nobody may not."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(os.name != "posix", reason="needs permissions")
@pytest.mark.parametrize("mode", [0o500, 0o000])
def test_a_folder_that_may_not_be_written_is_an_error(tmp_path: Path, mode: int) -> None:
    locked = tmp_path / "locked"
    locked.mkdir()
    (locked / "old.db").write_bytes(b"")
    locked.chmod(mode)
    try:
        with unprivileged():
            with pytest.raises(FileError):
                Journal.create(locked / "journal.db", {}, ["a"])
            with pytest.raises(FileError):
                Journal.open(locked / "old.db")
    finally:
        locked.chmod(0o700)
