"""What was read is kept in a file that nobody else sees, and is gone with who reads it."""

from __future__ import annotations

import gc
import gzip
from pathlib import Path

import pytest

from bulkio.errors import FileError
from bulkio.store import extract as module
from bulkio.store.baseline import BaselineHeader, dump, load, new_id
from bulkio.store.extract import Extract

COLUMNS = {"Customers": ["Code", "Name"], "Contacts": ["First"]}
HEADER = BaselineHeader(
    base_id="", erp="e", tenant="t", account="Acme", profile="p", exported_at="", complete=True, lookups={}
)


def tables(first: int, last: int) -> dict[str, dict[str, list[str]]]:
    codes = [f"C{at}" for at in range(first, last)]
    return {"Customers": {"Code": codes, "Name": [""] * len(codes)}, "Contacts": {"First": [*codes, *codes]}}


def open_files(folder: Path) -> list[str]:
    """The files below the folder that this process has open, the nameless ones too."""
    links = [each.readlink() for each in Path("/proc/self/fd").iterdir() if each.is_symlink()]
    return [str(link) for link in links if link.is_relative_to(folder)]


@pytest.fixture
def on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_IN_MEMORY", 100)


@pytest.mark.usefixtures("on_disk")
def test_blocks_come_back_in_the_order_in_which_they_were_chosen(tmp_path: Path) -> None:
    extract = Extract(COLUMNS, tmp_path)
    one, _, three = extract.add(tables(0, 3)), extract.add(tables(3, 5)), extract.add(tables(5, 9))
    extract.chosen = [three, one]
    assert extract.rows == {"Customers": 7, "Contacts": 14}
    assert extract.frames()["Customers"]["Code"].tolist() == ["C5", "C6", "C7", "C8", "C0", "C1", "C2"]
    assert [part["Customers"]["Code"].tolist() for part in extract.parts()] == [
        ["C5", "C6", "C7", "C8"],
        ["C0", "C1", "C2"],
    ]
    assert extract.is_blank("Customers", "Name")
    assert not extract.is_blank("Customers", "Code")


def test_nothing_chosen_is_one_part_without_rows(tmp_path: Path) -> None:
    extract = Extract(COLUMNS, tmp_path)
    (part,) = extract.parts()
    assert {name: (list(frame.columns), len(frame)) for name, frame in part.items()} == {
        name: (columns, 0) for name, columns in COLUMNS.items()
    }
    assert extract.is_blank("Customers", "Code")
    loaded = load(b"".join(extract.baseline(HEADER)), where="here")
    assert {name: len(frame) for name, frame in loaded.frames.items()} == {"Customers": 0, "Contacts": 0}


def test_its_baseline_holds_what_was_chosen_and_has_an_id_of_its_own(tmp_path: Path) -> None:
    extract = Extract(COLUMNS, tmp_path)
    extract.chosen = [extract.add(tables(0, 3)), extract.add(tables(3, 5))]
    loaded = load(b"".join(extract.baseline(HEADER)), where="here")
    assert loaded.header == HEADER
    assert all(loaded.frames[name].equals(frame) for name, frame in extract.frames().items())
    same, other = Extract(COLUMNS, tmp_path), Extract(COLUMNS, tmp_path)
    same.chosen = [same.add(tables(0, 3)), same.add(tables(3, 5))]
    other.chosen = [other.add(tables(0, 3)), other.add(tables(3, 6))]
    assert extract.id_under(HEADER) == same.id_under(HEADER) != other.id_under(HEADER)
    assert b"".join(extract.baseline(HEADER)) == b"".join(same.baseline(HEADER))


def test_a_baseline_in_one_block_is_the_one_that_is_dumped_from_memory() -> None:
    extract = Extract({"Customers": ["Code", "Name"]})
    extract.chosen = [extract.add({"Customers": tables(0, 700)["Customers"]})]
    loaded = load(b"".join(extract.baseline(HEADER)), where="here")
    assert gzip.decompress(b"".join(extract.baseline(HEADER))) == gzip.decompress(dump(loaded))
    assert extract.id_under(HEADER) == new_id(loaded)


def test_little_needs_no_file(tmp_path: Path) -> None:
    extract = Extract(COLUMNS, tmp_path / "not there")
    block = extract.add(tables(0, 500))
    assert extract.read(block)["Customers"]["Code"].tolist()[-1] == "C499"


@pytest.mark.usefixtures("on_disk")
@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="asks Linux which files are open")
def test_the_file_has_no_name_and_is_closed_when_nobody_needs_it(tmp_path: Path) -> None:
    extract = Extract(COLUMNS, tmp_path)
    block = extract.add(tables(0, 500))
    assert list(tmp_path.iterdir()) == []
    assert len(open_files(tmp_path)) == 1
    assert extract.read(block)["Customers"]["Code"].tolist()[-1] == "C499"
    del extract
    gc.collect()
    assert open_files(tmp_path) == []


@pytest.mark.usefixtures("on_disk")
def test_a_disk_that_cannot_take_it_is_named(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    extract = Extract(COLUMNS, gone)
    with pytest.raises(FileError, match=f"{gone}: what was read cannot be kept"):
        extract.add(tables(0, 500))
