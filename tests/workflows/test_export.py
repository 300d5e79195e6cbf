"""An export of a list that changes while it is paged: repaired where it can be, else said to be incomplete."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bulkio.connectors.protocol import Account, Page, Query
from bulkio.connectors.unleashed.connector import UNLEASHED
from bulkio.workflows.export import OVERLAP, ExportRequest, export, lay_out

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

STARTED = datetime(2026, 3, 1, 12, tzinfo=UTC)
SERVER = datetime(2026, 3, 1, 11, 58, tzinfo=UTC)


def record(number: int, **values: Any) -> dict[str, Any]:
    guid = f"00000000-0000-4000-8000-{number:012d}"
    return {"Guid": guid, "CustomerCode": f"C{number}", "Addresses": [], "Contacts": [], **values}


@dataclass
class Script:
    """A reader that answers each listing as scripted: (records, total) page by page; the last listing for ever."""

    listings: list[list[tuple[Sequence[dict[str, Any]], int]]]
    asked: list[Query] = field(default_factory=list)
    absent: frozenset[str] = frozenset()

    tenant = "t"

    def account(self) -> Account:
        return Account(name="Scripted Ltd", tenant="t")

    def lookup(self, _resource: str) -> None:
        return None

    def absent_fields(self) -> frozenset[str]:
        return self.absent

    def pages(self, query: Query) -> Iterator[Page]:
        self.asked.append(query)
        listing = self.listings[min(len(self.asked), len(self.listings)) - 1]
        for number, (records, total) in enumerate(listing, start=1):
            yield Page(records=records, number=number, pages=len(listing), total=total, server_time=SERVER)


def exported(*listings: list[tuple[Sequence[dict[str, Any]], int]], **request: Any) -> tuple[Any, Script]:
    script = Script(list(listings))
    made = export(ExportRequest(profile="p", started=STARTED, **request), UNLEASHED, script)  # type: ignore[arg-type]
    return made, script


def codes(made: Any) -> list[str]:
    found: list[str] = made.frames["Customers"]["CustomerCode"].tolist()
    return found


def test_a_quiet_list_is_read_once() -> None:
    made, script = exported([([record(1), record(2), record(3)], 3)])
    assert (codes(made), made.missing, len(script.asked)) == (["C1", "C2", "C3"], 0, 1)
    assert made.is_complete
    assert made.baseline.header.complete


def test_a_list_of_several_pages_is_read_once_and_then_what_was_modified_meanwhile() -> None:
    made, script = exported([([record(1), record(2)], 3), ([record(3)], 3)], [([], 0)])
    assert (codes(made), made.missing) == (["C1", "C2", "C3"], 0)
    assert [query.modified_since is not None for query in script.asked] == [False, True]


def test_a_record_that_stands_on_two_pages_is_one_and_the_later_reading_counts() -> None:
    made, _ = exported([([record(1), record(2, Notes="old")], 2), ([record(2, Notes="new")], 2)])
    assert codes(made) == ["C1", "C2"]
    assert made.frames["Customers"]["Notes"].tolist() == ["", "new"]


def test_what_slipped_through_is_found_by_what_was_modified_meanwhile() -> None:
    made, script = exported(
        [([record(1), record(2)], 4), ([record(3)], 5)],  # one was created while we paged, and pushed another on
        [([record(4), record(5)], 2)],  # what was modified since we began
    )
    assert (codes(made), made.missing) == (["C1", "C2", "C3", "C4", "C5"], 0)
    assert [query.modified_since is not None for query in script.asked] == [False, True]
    assert script.asked[1].modified_since is not None
    assert script.asked[1].modified_since < SERVER, "servers differ by seconds"


@pytest.mark.parametrize("total", [4, 5])
def test_a_deletion_that_a_creation_hides_loses_nobody(total: int) -> None:
    """Two pages of two. C1 goes, C3 moves over the edge of the page, and the total does not shrink."""
    moment = int((SERVER + timedelta(seconds=2)).timestamp() * 1000)
    new = [record(number, CreatedOn=f"/Date({moment})/") for number in (5, 6)][: total - 3]
    made, script = exported(
        [([record(1), record(2)], 4), ([record(4), *new], total)],
        [(new, len(new))],
        [([record(2), record(3)], total), ([record(4), *new], total)],
    )
    assert "C3" in codes(made)
    assert made.is_complete
    assert len(script.asked) < 9, "it settles"


def test_what_is_never_shown_is_missing_and_no_watermark_moves_on_it() -> None:
    made, script = exported([([record(1)], 2)])
    assert (codes(made), made.missing, made.is_complete) == (["C1"], 1, False)
    assert not made.baseline.header.complete
    assert len(script.asked) > 2, "it was looked for"


def test_the_watermark_is_the_servers_time_less_an_overlap() -> None:
    made, _ = exported([([record(1)], 1)])
    assert made.watermark == SERVER - OVERLAP


def test_a_filtered_export_knows_that_it_is_not_all() -> None:
    for request in ({"where": (("CustomerCode", "C1"),)}, {"active_only": True}, {"modified_since": STARTED}):
        made, _ = exported([([record(1), record(2)], 2)], **request)
        assert not made.baseline.header.complete
        assert made.is_complete


def test_the_same_records_are_the_same_base() -> None:
    first, _ = exported([([record(1)], 1)])
    second, _ = exported([([record(1)], 1)])
    other, _ = exported([([record(1, Notes="x")], 1)])
    ids = [each.baseline.header.base_id for each in (first, second, other)]
    assert ids[0] == ids[1] != ids[2]


def test_progress_counts_records() -> None:
    told: list[tuple[int, int | None]] = []
    script = Script([[([record(1), record(2)], 3), ([record(3)], 3)]])
    export(
        ExportRequest(profile="p", started=STARTED),
        replace(UNLEASHED),
        script,  # type: ignore[arg-type]
        lambda done, total: told.append((done, total)),
    )
    assert told == [(2, 3), (3, 3)]


def test_fields_that_the_account_has_not_set_up_get_no_column_unless_they_hold_something_or_are_asked_for() -> None:
    absent = frozenset({"Notes", "BankName", "BankBranch"})
    script = Script([[([record(1, Notes="x"), record(2)], 2)]], absent=absent)
    request = ExportRequest(profile="p", started=STARTED, columns=("BankBranch",))
    made = export(request, UNLEASHED, script)  # type: ignore[arg-type]
    columns = set(made.frames["Customers"].columns)
    assert {"Notes", "BankBranch"} <= columns
    assert "BankName" not in columns
    assert "BankName" in made.baseline.frames["Customers"].columns
    (sheet, *_) = lay_out(request, made, UNLEASHED.catalogue).sheets
    assert "BankName" not in [column.header for column in sheet.columns]
