"""Commits of several threads: each is there when its call returns, and a failure is its own thread's alone."""

from __future__ import annotations

import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from bulkio.store.commits import Commits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file.db"


@pytest.fixture
def commits(path: Path) -> Iterator[Commits]:
    connection = sqlite3.connect(path, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE word (text TEXT PRIMARY KEY)")
    made = Commits(connection)
    yield made
    made.close()


def write(commits: Commits, text: str) -> str:
    def work(cursor: sqlite3.Cursor) -> str:
        cursor.execute("INSERT INTO word VALUES (?)", [text])
        if text.startswith("bad"):
            raise KeyError(text)
        return text.upper()

    return commits.commit(work)


def words(path: Path) -> set[str]:
    other = sqlite3.connect(path)
    try:
        return {text for (text,) in other.execute("SELECT text FROM word")}
    finally:
        other.close()


def test_what_many_threads_wrote_is_there_as_soon_as_each_call_returns(commits: Commits, path: Path) -> None:
    def act(number: int) -> bool:
        text = f"word {number}"
        return write(commits, text) == text.upper() and text in words(path)

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(act, range(400)))


def test_one_threads_failure_leaves_no_trace_and_the_others_are_written(commits: Commits, path: Path) -> None:
    texts = [f"{'bad' if number % 3 == 0 else 'good'} {number}" for number in range(120)]

    def act(text: str) -> bool:
        try:
            write(commits, text)
        except KeyError:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(act, texts)) == [text.startswith("good") for text in texts]
    assert words(path) == {text for text in texts if text.startswith("good")}


def test_who_comes_meanwhile_is_committed_together(commits: Commits, path: Path) -> None:
    entered, go_on = threading.Event(), threading.Event()
    seen: list[set[str]] = []

    def slow(cursor: sqlite3.Cursor) -> None:
        entered.set()
        go_on.wait(30)
        cursor.execute("INSERT INTO word VALUES ('slow')")

    def last(cursor: sqlite3.Cursor) -> None:
        seen.append(words(path))
        cursor.execute("INSERT INTO word VALUES ('last')")

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(commits.commit, slow)
        entered.wait(30)
        second, third = pool.submit(write, commits, "one"), pool.submit(commits.commit, last)
        while commits.waiting < 2:
            time.sleep(0.001)
        go_on.set()
        first.result(30)
        second.result(30)
        third.result(30)
    assert seen == [{"slow"}]
    assert words(path) == {"slow", "one", "last"}


def test_a_file_that_cannot_be_written_is_everybodys_failure(commits: Commits, path: Path) -> None:
    with commits.reading() as connection:
        connection.execute("PRAGMA query_only = ON")
    with ThreadPoolExecutor(8) as pool:
        failures = [pool.submit(write, commits, f"word {number}").exception(30) for number in range(40)]
    assert {type(failure) for failure in failures} == {sqlite3.OperationalError}
    assert words(path) == set()
