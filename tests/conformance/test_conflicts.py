"""A colleague at the same record: the same field is never overwritten, another one is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from desk import Sheet, at

from bulkio.core.report import Status

if TYPE_CHECKING:
    from desk import Desk


def held(desk: Desk, key: str, path: str) -> Any:
    """What the server holds."""
    return at(desk.server.stored()[key], path)


def test_a_colleagues_edit_before_the_plan_is_a_conflict_in_it(desk: Desk) -> None:
    key, text = next(iter(desk.server.stored())), desk.subject.text
    sheet = desk.sheet()
    sheet[key][text] = "ours"
    desk.server.edit(key, text, "theirs")
    plan = desk.plan(sheet)
    (conflict,) = plan.conflicts
    assert (conflict.key, conflict.field, conflict.sheet_value, conflict.live) == (key, text, "ours", "theirs")
    assert plan.operations == ()


def test_a_colleagues_edit_between_plan_and_apply_is_a_conflict_and_not_overwritten(desk: Desk) -> None:
    key, text = next(iter(desk.server.stored())), desk.subject.text
    sheet = desk.sheet()
    sheet[key][text] = "ours"
    plan = desk.plan(sheet)
    desk.server.edit(key, text, "theirs")
    report = desk.account.apply(plan)
    assert [outcome.status for outcome in report.outcomes] == [Status.CONFLICT]
    assert held(desk, key, text) == "theirs"
    assert desk.relay.writes == []


def test_a_colleagues_edit_of_another_field_is_kept(desk: Desk) -> None:
    subject = desk.subject
    before_plan, after_plan = list(desk.server.stored())[:2]
    sheet = desk.sheet()
    for key in (before_plan, after_plan):
        sheet[key][subject.text] = "ours"
        desk.server.edit(key, subject.flag, value=False)
    desk.server.edit(before_plan, subject.flag, value=True)
    plan = desk.plan(sheet)
    desk.server.edit(after_plan, subject.flag, value=True)
    report = desk.account.apply(plan)
    assert report.is_good
    for key in (before_plan, after_plan):
        assert (held(desk, key, subject.text), held(desk, key, subject.flag)) == ("ours", True)


def test_what_a_colleague_changed_and_we_did_not_stays(desk: Desk) -> None:
    key, text = next(iter(desk.server.stored())), desk.subject.text
    path = desk.export()
    desk.server.edit(key, text, "theirs")
    plan = desk.plan(path)
    assert (plan.operations, plan.conflicts) == ((), ())


def test_the_same_edit_by_both_is_nothing_left_to_do(desk: Desk) -> None:
    key, text = next(iter(desk.server.stored())), desk.subject.text
    sheet = desk.sheet()
    sheet[key][text] = "the same"
    desk.server.edit(key, text, "the same")
    plan = desk.plan(sheet)
    assert (plan.operations, plan.conflicts) == ((), ())


def test_a_key_that_somebody_took_since_the_plan_is_a_conflict_and_not_made_twice(desk: Desk) -> None:
    sheet = desk.sheet()
    sheet.add("TAKEN-1", number=1)
    plan = desk.plan(sheet)
    again = Sheet(desk.subject, desk.export("others.jsonl"))
    again.add("TAKEN-1", number=2)
    assert desk.apply(again).is_good
    before = desk.server.stored()
    report = desk.account.apply(plan)
    assert [outcome.status for outcome in report.outcomes] == [Status.CONFLICT]
    assert desk.server.stored() == before
