"""A lost reply: everything happens exactly once in the end, or is said to be in doubt; nothing ever happens twice."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from desk import Sheet, at, desk_at
from hands import Hands

from bulkio.connectors.protocol import ContactScope, Deletes, Query
from bulkio.core.plan import Action
from bulkio.core.report import Status
from bulkio.sandbox import Fault

if TYPE_CHECKING:
    from pathlib import Path

    from desk import Desk
    from subject import Subject

#: Before it was executed, after it, after it with half a reply, and after we have heard that it was not.
FAULTS: dict[str, dict[str, Any]] = {
    "dropped_before": {},
    "dropped_after": {},
    "truncated": {},
    "late": {"delay": 0.05},
}
_EVERYTHING = Query(contacts=ContactScope.NONE)
CHANGED, GROWN, TOUCHED, SHRUNK, DOOMED, MADE = "CHANGED", "GROWN", "TOUCHED", "SHRUNK", "DOOMED", "MADE"


def edited(desk: Desk) -> Sheet:
    """Six records, each with an operation of its own; the last two are a create and, where there is such, a delete."""
    hands = Hands(desk)
    for number, key in enumerate((CHANGED, GROWN, TOUCHED, SHRUNK, DOOMED), start=1):
        hands.make_family(key, number)
    sheet, subject = desk.sheet(), desk.subject
    sheet[CHANGED][subject.text] = "changed"
    sheet.add_child(GROWN, number=7)
    sheet.child_of(TOUCHED)[subject.child_text] = "touched"
    sheet.child_of(SHRUNK)["Command"] = "DELETE"
    if desk.account.connector.capabilities.deletes is Deletes.HARD:
        sheet[DOOMED]["Command"] = "DELETE"
    sheet.add(MADE, number=9)
    return sheet


@pytest.mark.parametrize("kind", FAULTS)
def test_every_operation_happens_once_though_its_reply_is_lost(subject: Subject, tmp_path: Path, kind: str) -> None:
    with desk_at(subject, tmp_path, customers=3, settle_seconds=0.4) as desk:
        plan = desk.plan(edited(desk), allow_delete=True)
        assert (plan.errors, plan.conflicts) == ((), ())
        assert len(plan.operations) >= 5
        for operation in plan.operations:
            request = desk.request_of(plan, operation)
            path = f"{re.escape(request.path)}$"
            desk.server.faults.add(Fault(fault=kind, method=request.method, path=path, **FAULTS[kind]))
        before = desk.server.stored()
        report = desk.account.apply(plan)
        for _ in range(3):
            if desk.account.run(report.run_id).is_unfinished:
                report = desk.account.resume(report.run_id)
        desk.server.settle()
        assert all(played == 1 for _, played in desk.server.faults.played)
        for outcome in report.outcomes:
            assert outcome.status in (Status.VERIFIED, Status.IN_DOUBT), outcome
            assert outcome.status is Status.VERIFIED or outcome.message
        doubtful = {outcome.operation_id for outcome in report.outcomes if outcome.status is Status.IN_DOUBT}
        hold_to(desk, before, plan, doubtful)


def hold_to(desk: Desk, before: dict[str, Any], plan: Any, in_doubt: set[str]) -> None:
    """Everything that is not in doubt is there once; what is in doubt at most once."""
    after, subject = desk.server.stored(), desk.subject
    place = desk.account.connector.catalogue.by_name[subject.child].record_path
    counts = {key: len(after[key][place]) if key in after else None for key in (GROWN, TOUCHED, SHRUNK)}
    roots = sum(len(page.records) for page in desk.reader.pages(_EVERYTHING))
    assert roots == len(after), "a key that is there twice"
    done = {(each.parent_key or each.key, each.action) for each in plan.operations if each.id not in in_doubt}
    doubt = {(each.parent_key or each.key, each.action) for each in plan.operations if each.id in in_doubt}
    expected = {
        (GROWN, Action.CREATE): counts[GROWN] == len(before[GROWN][place]) + 1,
        (TOUCHED, Action.UPDATE): counts[TOUCHED] == len(before[TOUCHED][place]),
        (SHRUNK, Action.DELETE): counts[SHRUNK] == len(before[SHRUNK][place]) - 1,
        (DOOMED, Action.DELETE): DOOMED not in after,
        (MADE, Action.CREATE): MADE in after,
        (CHANGED, Action.UPDATE): at(after[CHANGED], subject.text) == "changed",
    }
    assert done <= expected.keys()
    assert {what for what in done if not expected[what]} == set()
    if (GROWN, Action.CREATE) in doubt:
        assert counts[GROWN] in (len(before[GROWN][place]), len(before[GROWN][place]) + 1)
