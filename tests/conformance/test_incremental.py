"""What changed since a moment: nothing of it is missed, and of the rest no more comes than the ERP makes inevitable."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from desk import Sheet
from hands import Hands

from bulkio.connectors.protocol import Query
from bulkio.core.kinds import as_datetime
from bulkio.core.records import canonical, identity

if TYPE_CHECKING:
    from desk import Desk
    from subject import Subject

    from bulkio.connectors.protocol import Record


@pytest.fixture(autouse=True)
def _only_where_the_erp_can(subject: Subject) -> None:
    if not subject.connector.capabilities.incremental:
        pytest.skip("the ERP cannot say what changed since")


def modified(desk: Desk, record: Record) -> datetime:
    found = as_datetime(canonical(desk.subject.root, record, desk.subject.root.modified_field))
    assert found
    return found


def edited(desk: Desk, keys: list[str]) -> datetime:
    """Let a colleague edit these, one after the other; when the first was, as the ERP says it."""
    for key in keys:
        desk.server.edit(key, desk.subject.text, f"edited {key}")
    records = desk.records()
    times = [modified(desk, records[key]) for key in keys]
    assert times == sorted(times)
    return times[0]


def test_what_changed_since_is_listed_the_very_moment_included(crowded: Desk) -> None:
    keys = list(crowded.server.stored())[3:8]
    since = edited(crowded, keys)
    assert set(keys) <= set(crowded.records(modified_since=since))
    assert set(keys[1:]) <= set(crowded.records(modified_since=since + timedelta(milliseconds=1)))


def test_what_is_older_than_the_day_is_not_listed(crowded: Desk) -> None:
    keys = list(crowded.server.stored())[3:8]
    since = edited(crowded, keys)
    listed = crowded.records(modified_since=since)
    assert set(listed) < set(crowded.server.stored())
    day = since.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    assert [key for key, record in listed.items() if modified(crowded, record) < day] == []


def test_records_and_what_is_left_out_make_up_the_total(crowded: Desk) -> None:
    since = edited(crowded, list(crowded.server.stored())[3:8])
    flag = crowded.subject.flag
    for filters in ((), ((flag, "true"),)):
        pages = list(crowded.reader.pages(Query(modified_since=since, filters=filters, page_size=2)))
        ids = [identity(crowded.subject.root, record) for page in pages for record in page.records]
        ids += [identifier for page in pages for identifier in page.left_out]
        assert len(set(ids)) == pages[-1].total


def test_a_moment_in_another_zone_is_the_same_moment(crowded: Desk) -> None:
    since = edited(crowded, list(crowded.server.stored())[3:8])
    far = since.astimezone(timezone(timedelta(hours=13)))
    assert set(crowded.records(modified_since=far)) == set(crowded.records(modified_since=since))


def test_nothing_changed_since_tomorrow_is_an_empty_page_and_no_error(crowded: Desk) -> None:
    assert crowded.records(modified_since=datetime.now(UTC) + timedelta(days=3)) == {}


def test_a_new_record_counts_as_changed(crowded: Desk) -> None:
    since = modified(crowded, Hands(crowded).make("NEW-1"))
    assert "NEW-1" in crowded.records(modified_since=since)


def test_an_export_goes_on_from_the_last_one_without_a_gap(crowded: Desk) -> None:
    """Whatever a colleague writes in the very second in which an export ends."""
    seen: dict[str, Any] = {}
    for number, key in enumerate(list(crowded.server.stored())[3:6]):
        since = None if number == 0 else "last"
        rows = exported(crowded, since).rows
        seen |= {key: row[crowded.subject.text] for key, row in rows.items()}
        crowded.server.edit(key, crowded.subject.text, f"edited {number}")
    seen |= {key: row[crowded.subject.text] for key, row in exported(crowded, "last").rows.items()}
    texts = {key: document[crowded.subject.text] or "" for key, document in crowded.server.stored().items()}
    assert {key: (text or "").replace("\r\n", "\n") for key, text in seen.items()} == {
        key: text.replace("\r\n", "\n") for key, text in texts.items()
    }


def exported(desk: Desk, since: str | None) -> Sheet:
    return Sheet(desk.subject, desk.export(modified_since=since))
