"""The forecast, where no sandbox can say what is right without waiting: slow paces and sweeps of whole days."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bulkio.connectors.xentral.connector import XENTRAL
from bulkio.core.plan import Action, Change, Operation
from bulkio.core.provisional import provisional_id
from bulkio.workflows.cost import forecast


def updates(count: int) -> list[Operation]:
    change = (Change("primaryAddress.city", "Ulm", "Bonn"),)
    return [
        Operation(
            id=str(number), action=Action.UPDATE, entity="Customers", key="", guid=str(number), sheet="", row=2,
            changes=change,
        )
        for number in range(count)
    ]  # fmt: skip


def calls(operations: list[Operation], *, modified_today: int = 0, pace: int | None = None) -> int:
    return forecast(
        XENTRAL, operations, workers=4, requests_per_minute=pace, modified_today=modified_today
    ).calls  # fmt: skip


def test_a_plan_takes_as_long_as_the_pace_of_the_erp_allows() -> None:
    cost = forecast(XENTRAL, updates(100), workers=4, requests_per_minute=None)
    assert cost.seconds == round(cost.calls * 60 / 100)
    assert 100 < cost.calls < 115


@pytest.mark.parametrize("modified_today", [0, 150, 1_000, 10_000])
def test_a_busy_day_costs_its_pages_with_every_sweep_but_no_sweep_with_every_call(modified_today: int) -> None:
    count = calls(updates(1000), modified_today=modified_today)
    pages = modified_today // 100 + 10
    assert count <= 2 * 1000 + 12 * (pages + 1) + 200


def test_a_new_record_is_looked_for_before_and_a_deleted_one_before_and_after() -> None:
    new = replace(updates(1)[0], action=Action.CREATE, guid=provisional_id("plan", "2"))
    gone = replace(updates(1)[0], action=Action.DELETE)
    overhead = 2  # how many records there are, and what changed since the plan
    assert calls([new], pace=100_000) == overhead + 2 + 1  # the sweep that proves it
    assert calls([gone], pace=100_000) == overhead + 3
    deletes = [replace(gone, id=str(at), guid=str(at)) for at in range(5)]
    assert calls(deletes, pace=100_000) == overhead + 5 * 3
