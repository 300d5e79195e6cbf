"""What must not be forgotten, per account: the user's alone, whole or not at all, and an error where it is unknown."""

from __future__ import annotations

import contextlib
import os
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from bulkio.errors import FileError, LockedError
from bulkio.store.state import JOURNAL_FILE, AccountState, state_root, write_atomically

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def state(tmp_path: Path) -> AccountState:
    return AccountState.of("unit-0123abc", tmp_path / "state")


@pytest.mark.parametrize("tenant", ["..", ".", "../../etc", "/etc", "a/b", "a\\b", "C:x", "", "\x00", "~"])
def test_no_tenant_leads_out_of_the_state_folder(tmp_path: Path, tenant: str) -> None:
    folder = AccountState.of(tenant, tmp_path).folder
    assert tmp_path in (folder, folder.parent)


def test_the_state_folder_can_be_moved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BULKIO_STATE_DIR", str(tmp_path))
    assert state_root() == tmp_path
    monkeypatch.delenv("BULKIO_STATE_DIR")
    assert state_root().name == "bulkio"


@pytest.mark.skipif(os.name != "posix", reason="needs permissions")
def test_every_folder_on_the_way_is_the_users_alone(state: AccountState, tmp_path: Path) -> None:
    folder = state.run_folder("run-1")
    while folder != tmp_path:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        folder = folder.parent


def test_runs_are_those_with_a_journal_newest_first(state: AccountState) -> None:
    assert state.runs() == []
    for name in ("2026-01-02", "2026-01-03", "2026-01-01"):
        (state.run_folder(name) / JOURNAL_FILE).write_bytes(b"")
    state.run_folder("2026-01-04")
    assert [run.name for run in state.runs()] == ["2026-01-03", "2026-01-02", "2026-01-01"]


def test_a_watermark_is_kept_by_its_key(state: AccountState) -> None:
    assert state.watermark("customers") == ""
    state.set_watermark("customers", "2026-01-31T00:00:00Z")
    state.set_watermark("other", "2026-02-01T00:00:00Z")
    assert state.watermark("customers") == "2026-01-31T00:00:00Z"
    assert state.watermark("other") == "2026-02-01T00:00:00Z"


@pytest.mark.parametrize("content", [b"", b"{", b"\xff"])
def test_a_damaged_watermark_is_an_error_and_never_a_guess(state: AccountState, content: bytes) -> None:
    state.set_watermark("customers", "x")
    (state.folder / "watermark.json").write_bytes(content)
    with pytest.raises(FileError, match="watermark"):
        state.watermark("customers")


def test_a_plan_is_known_to_be_spent(state: AccountState) -> None:
    assert state.run_of_plan("p") == ""
    state.spend("p", "run-1")
    assert state.run_of_plan("p") == "run-1"
    assert state.run_of_plan("q") == ""


def test_not_to_know_whether_a_plan_was_applied_is_an_error(state: AccountState) -> None:
    state.spend("p", "run-1")
    (state.folder / "plans" / "p").write_bytes(b"\xff\xfe")
    (state.folder / "plans" / "q").mkdir()
    for plan in ("p", "q"):
        with pytest.raises(FileError, match="applied"):
            state.run_of_plan(plan)


def test_calls_are_counted_and_a_damaged_count_is_none(state: AccountState) -> None:
    state.note_calls(3)
    state.note_calls(0)
    state.note_calls(4)
    assert state.calls_this_month() == 7
    (state.folder / "calls.json").write_text("[]")
    assert state.calls_this_month() == 0


def test_only_one_run_writes_to_an_account(state: AccountState) -> None:
    lock = state.lock()
    try:
        with pytest.raises(LockedError, match="another run"):
            state.lock()
    finally:
        lock.release()
    state.lock().release()


def test_of_a_hundred_starts_at_once_exactly_one_gets_the_lock(state: AccountState) -> None:
    together = threading.Barrier(100)

    def start(_: int) -> bool:
        lock = None
        together.wait()
        with contextlib.suppress(LockedError):
            lock = state.lock()
        together.wait()
        if lock is not None:
            lock.release()
        return lock is not None

    with ThreadPoolExecutor(100) as pool:
        assert sum(pool.map(start, range(100))) == 1
    state.lock().release()


def test_a_file_is_replaced_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    target = tmp_path / "plan.json"
    write_atomically(target, b"old")
    write_atomically(target, b"new")
    assert target.read_bytes() == b"new"
    assert [each.name for each in tmp_path.iterdir()] == ["plan.json"]


def test_several_threads_may_replace_the_same_file(tmp_path: Path) -> None:
    target = tmp_path / "state.json"
    contents = [str(at).encode() * 5000 for at in range(8)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda content: write_atomically(target, content), contents))
    assert target.read_bytes() in contents
    assert [each.name for each in tmp_path.iterdir()] == ["state.json"]


def test_a_file_that_cannot_be_written_is_an_error_and_the_old_one_stays(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"old")
    for target in (tmp_path / "folder", tmp_path / "nowhere" / "x", tmp_path / "file" / "x"):
        with pytest.raises(FileError, match="cannot be written"):
            write_atomically(target, b"new")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["file", "folder"]


def test_a_state_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    state = AccountState.of("t", tmp_path / "file")
    for act in (lambda: state.run_folder("r"), state.lock, lambda: state.set_watermark("k", "v")):
        with pytest.raises(FileError):
            act()


def test_the_runs_of_a_file_are_those_of_its_path_and_its_export(state: AccountState, tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    assert state.runs_of_file(file, "base") == []
    state.note_applied(file, "base", "run-1")
    state.note_applied(file, "base", "run-2")
    state.note_applied(file, "other", "run-3")
    assert state.runs_of_file(file, "base") == ["run-1", "run-2"]
    assert state.runs_of_file(tmp_path / "b.xlsx", "base") == []


def test_a_file_that_somebody_edited_is_renamed_and_one_of_ours_is_not(state: AccountState, tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    assert state.keep_edited(file) is None
    file.write_text("ours")
    state.note_written([file])
    assert state.keep_edited(file) is None
    for name in ("a.earlier.xlsx", "a.earlier-2.xlsx"):
        file.write_text("edited")
        assert state.keep_edited(file) == tmp_path / name
        assert not file.exists()
