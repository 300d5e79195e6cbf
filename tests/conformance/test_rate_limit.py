"""The ERP asks for patience: it is waited for, nobody's row fails, and all workers keep to one pace."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from desk import linked

from bulkio.connectors.protocol import ContactScope, Query
from bulkio.core.records import identity
from bulkio.errors import RateLimitError
from bulkio.sandbox import Fault

if TYPE_CHECKING:
    from desk import Desk

_ALL = Query(contacts=ContactScope.NONE)


@pytest.mark.parametrize(("retry_after", "times"), [("0.05", 4), (None, 1)])
def test_writes_that_come_too_fast_are_sent_again_and_no_row_fails(
    desk: Desk, retry_after: str | None, times: int
) -> None:
    sheet = desk.sheet()
    sound = [key for key, row in sheet.rows.items() if row[desk.subject.child]][:3]
    for key in sound:
        sheet.child_of(key)[desk.subject.child_text] = f"new of {key}"
    sheet.add("NEW-1")
    plan = desk.plan(sheet)
    before = len(desk.relay.writes)
    for method in ("POST", "PUT", "PATCH"):
        desk.server.faults.add(Fault(fault="429", method=method, count=times, retry_after=retry_after))
    report = desk.account.apply(plan)
    assert report.is_good
    played = sum(count for _, count in desk.server.faults.played)
    assert played > 0
    assert len(desk.relay.writes) - before == len(plan.operations) + played


@pytest.mark.parametrize(("retry_after", "times"), [("0.05", 5), (None, 1)])
def test_reads_that_come_too_fast_are_asked_for_again(desk: Desk, retry_after: str | None, times: int) -> None:
    desk.server.faults.add(Fault(fault="429", method="GET", count=times, retry_after=retry_after))
    assert set(desk.records()) == set(desk.server.stored())
    assert [count for _, count in desk.server.faults.played] == [times]


def test_patience_has_an_end_and_says_how_long_it_would_have_taken(desk: Desk) -> None:
    desk.server.faults.add(Fault(fault="429", count=None, retry_after="3600"))
    with linked(desk.subject, desk.relay.url) as link, pytest.raises(RateLimitError) as caught:
        list(link.reader.pages(_ALL))
    assert caught.value.retry_after == 3600
    assert len(desk.relay.asked) == 1


def test_all_workers_keep_to_one_pace(library: Desk) -> None:
    """Twenty a second, whoever asks; only a lower bound can be held against a busy machine."""
    root = library.subject.root
    ids = [identity(root, record) for record in library.records(contacts=ContactScope.NONE).values()][:8]
    before = len(library.relay.asked)
    with linked(library.subject, library.relay.url, requests_per_minute=1200) as link:
        began = time.monotonic()
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda each: list(link.reader.fetch([each], contacts=ContactScope.NONE)), ids))
        took = time.monotonic() - began
    asked = len(library.relay.asked) - before
    assert asked >= len(ids)
    assert took >= (asked - 1) * 0.05
