"""Text files are written some records at a time: the same bytes, all files or none, in memory that does not grow."""

from __future__ import annotations

import tracemalloc
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from bulkio.connectors.protocol import Account, ContactScope, Page
from bulkio.connectors.unleashed.connector import UNLEASHED
from bulkio.core.layout import Layout
from bulkio.errors import FileError
from bulkio.outputs import write_export
from bulkio.store import extract
from bulkio.store.baseline import load
from bulkio.workflows import gathering
from bulkio.workflows.export import ExportRequest, export, lay_out

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STARTED = datetime(2026, 3, 1, 12, tzinfo=UTC)
PAGE = 100


@dataclass
class Made:
    """A reader of so many customers, made as they are asked for."""

    count: int
    odd: dict[int, dict[str, Any]]

    tenant = "t"

    def account(self) -> Account:
        return Account(name="Made Ltd", tenant="t")

    def lookup(self, _resource: str) -> None:
        return None

    def absent_fields(self) -> frozenset[str]:
        return frozenset({"BankName"})

    def pages(self, query: Any) -> Iterator[Page]:
        is_sweep = query.modified_since is not None
        for start in range(0, 0 if is_sweep else self.count, PAGE):
            records = [self.record(number) for number in range(start, min(start + PAGE, self.count))]
            yield Page(records=records, number=start // PAGE + 1, pages=2, total=self.count, server_time=STARTED)

    def record(self, number: int) -> dict[str, Any]:
        guid = f"00000000-0000-4000-8000-{number:012d}"
        contact = {"FirstName": f"=Ann {number}", "LastName": "Ö'Neill\n", "Guid": guid}
        return {
            "Guid": guid,
            "CustomerCode": f"C{number}",
            "CustomerName": f'Customer, "{number}"',
            "Notes": f"{number} " * 20,
            "Taxable": number % 3 == 0,
            "Addresses": [{"StreetAddress": f"{number} High St", "AddressType": "Postal", "AddressName": "Main"}],
            "Contacts": [contact] * (number % 3),
            **self.odd.get(number, {}),
        }


def write(path: Path, count: int, *, odd: dict[int, dict[str, Any]] | None = None, **flags: Any) -> None:
    """Export so many customers to the path."""
    request = ExportRequest(profile="p", started=STARTED, **flags)
    exported = export(request, UNLEASHED, Made(count, odd or {}), folder=path.parent)  # type: ignore[arg-type]
    laid_out = lay_out(request, exported, UNLEASHED.catalogue)
    files = write_export(exported, laid_out, UNLEASHED, path, path.suffix[1:])
    assert sorted(files) == sorted(map(str, path.parent.iterdir()))


def written(path: Path, count: int, **parts: Any) -> dict[str, bytes]:
    """Export so many customers to the path; the content of all files in its folder."""
    write(path, count, **parts)
    return {each.name: each.read_bytes() for each in path.parent.iterdir()}


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
@pytest.mark.parametrize("count", [0, 1, 250])
@pytest.mark.parametrize(
    "flags",
    [
        {},
        {"contacts": ContactScope.NONE},
        {"where": (("Taxable", "true"),)},
        {"columns": ("Notes",)},
        {"layout": Layout.FLAT},
    ],
    ids=str,
)
def test_files_are_the_same_however_many_records_are_held_at_once(
    suffix: str, count: int, flags: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = []
    for at_once in (1, 30, 1000):
        monkeypatch.setattr(gathering, "_AT_ONCE", at_once)
        folder = tmp_path / str(at_once)
        folder.mkdir()
        contents.append(written(folder / f"c.{suffix}", count, **flags))
    bases = [load(content.pop("c.baseline.jsonl.gz"), where="here") for content in contents]
    assert contents[0] == contents[1] == contents[2]
    for base in bases:
        assert base.frames.keys() == bases[0].frames.keys()
        assert all(frame.equals(bases[0].frames[name]) for name, frame in base.frames.items())


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_memory_does_not_grow_with_the_number_of_records(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "_AT_ONCE", PAGE)
    monkeypatch.setattr(extract, "_IN_MEMORY", 10_000)
    peaks = {}
    for count in (PAGE, 5 * PAGE, 20 * PAGE):  # the first is for what is made once
        folder = tmp_path / str(count)
        folder.mkdir()
        tracemalloc.start()
        write(folder / f"c.{suffix}", count)
        peaks[count] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peaks[20 * PAGE] - peaks[5 * PAGE] < 15 * PAGE * 400  # bytes: a record has more than a thousand


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_an_export_that_fails_on_its_last_record_leaves_the_one_before_as_it_was(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "_AT_ONCE", PAGE)
    before = written(tmp_path / f"c.{suffix}", 3)
    odd = {299: {"CustomerName": "NUL \0"} if suffix == "csv" else {"CustomerCode": "C0"}}
    with pytest.raises(FileError, match="Customers!C301" if suffix == "csv" else "names 2 Customers"):
        written(tmp_path / f"c.{suffix}", 300, odd=odd)
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == before


def test_no_old_baseline_stands_beside_new_rows_if_a_file_cannot_be_put_in_its_place(tmp_path: Path) -> None:
    written(tmp_path / "c.csv", 3)
    (tmp_path / "c.addresses.csv").unlink()
    request = ExportRequest(profile="p", started=STARTED)
    exported = export(request, UNLEASHED, Made(5, {}))  # type: ignore[arg-type]
    laid_out = lay_out(request, exported, UNLEASHED.catalogue)
    parts = laid_out.parts

    def in_the_way() -> Iterator[Any]:
        yield from parts()
        (tmp_path / "c.addresses.csv").mkdir()

    object.__setattr__(laid_out, "parts", in_the_way)
    with pytest.raises(FileError, match="addresses"):
        write_export(exported, laid_out, UNLEASHED, tmp_path / "c.csv", "csv")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["c.addresses.csv", "c.contacts.csv", "c.csv"]
