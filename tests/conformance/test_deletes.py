"""Deletes, as the capabilities say: for good or by a flag, never unasked, and what an undo makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bulkio.connectors.protocol import Deletes
from bulkio.core.issues import IssueCode
from bulkio.core.plan import Action
from bulkio.core.records import canonical, identity
from bulkio.errors import BulkioError

if TYPE_CHECKING:
    from desk import Desk, Sheet


def able(desk: Desk) -> Deletes:
    return desk.account.connector.capabilities.deletes


def marked(desk: Desk) -> tuple[Sheet, str]:
    """An export in which one sound record, with a child, is to be deleted; its key."""
    sheet = desk.sheet()
    sheet.add("DOOMED-1")
    sheet.add_child("DOOMED-1")
    assert desk.apply(sheet).is_good
    sheet = desk.sheet()
    sheet["DOOMED-1"]["Command"] = "DELETE"
    return sheet, "DOOMED-1"


def test_nothing_is_deleted_unless_it_is_allowed(desk: Desk) -> None:
    sheet, key = marked(desk)
    before = desk.server.stored()
    plan = desk.plan(sheet)
    assert plan.errors
    with pytest.raises(BulkioError):
        desk.account.apply(plan)
    assert desk.server.stored() == before
    assert key in before


def test_a_row_that_is_gone_from_the_sheet_deletes_nothing(desk: Desk) -> None:
    sheet, key = marked(desk)
    del sheet.rows[key]
    plan = desk.plan(sheet, allow_delete=True)
    assert plan.operations == ()


def test_a_deleted_record_is_really_gone(desk: Desk) -> None:
    if able(desk) is not Deletes.HARD:
        pytest.skip("the ERP deletes no records")
    sheet, key = marked(desk)
    old = identity(desk.subject.root, desk.records()[key])
    before = desk.server.stored()
    plan = desk.plan(sheet, allow_delete=True)
    assert [operation.action for operation in plan.operations if not operation.is_child] == [Action.DELETE]
    report = desk.account.apply(plan)
    assert report.is_good
    assert desk.server.stored() == {name: document for name, document in before.items() if name != key}
    assert list(desk.reader.fetch([old])) == []
    assert key not in desk.records()


def test_a_record_is_deleted_by_its_flag_where_the_erp_knows_no_other_way(desk: Desk) -> None:
    if able(desk) is not Deletes.SOFT:
        pytest.skip("no flag stands in for a delete")
    sheet, key = marked(desk)
    root, flag = desk.subject.root, desk.subject.root.soft_delete_field
    plan = desk.plan(sheet, allow_delete=True)
    assert IssueCode.SOFT_DELETE in {issue.code for issue in plan.issues}
    assert desk.account.apply(plan).is_good
    assert canonical(root, desk.records()[key], flag) == "true"
    assert key not in desk.records(include_obsolete=False)


def test_undoing_a_delete_brings_the_record_back_and_says_so_if_its_id_is_new(desk: Desk) -> None:
    if able(desk) is Deletes.NONE:
        pytest.skip("the ERP deletes no records")
    sheet, key = marked(desk)
    root = desk.subject.root
    child = desk.account.connector.catalogue.by_name[desk.subject.child]
    old = desk.records()[key]
    report = desk.apply(sheet, allow_delete=True)
    assert report.is_good
    undo = desk.account.undo(report.run_id)
    assert desk.account.apply(undo).is_good
    new = desk.records()[key]
    is_new_id = identity(root, new) != identity(root, old)
    assert is_new_id == (IssueCode.NEW_ID in {issue.code for issue in undo.issues})
    assert is_new_id == (able(desk) is Deletes.HARD and not root.client_ids)
    names = [field.name for field in root.fields if field.is_writable]
    assert {name: canonical(root, new, name) for name in names} == {name: canonical(root, old, name) for name in names}
    kept = [field.name for field in child.fields if field.is_writable]
    assert [[canonical(child, each, name) for name in kept] for each in new[child.record_path]] == [
        [canonical(child, each, name) for name in kept] for each in old[child.record_path]
    ]


def test_undoing_a_create_takes_the_record_away_again(desk: Desk) -> None:
    before = desk.server.stored()
    sheet = desk.sheet()
    sheet.add("MADE-1")
    sheet.add_child("MADE-1")
    report = desk.apply(sheet)
    assert report.is_good
    assert desk.account.apply(desk.account.undo(report.run_id)).is_good
    if able(desk) is Deletes.HARD:
        assert desk.server.stored() == before
    elif flag := desk.subject.root.soft_delete_field:
        assert canonical(desk.subject.root, desk.records()["MADE-1"], flag) == "true"


def test_a_child_is_deleted_by_itself(desk: Desk) -> None:
    sheet, key = marked(desk)
    sheet[key]["Command"] = ""
    sheet.child_of(key)["Command"] = "DELETE"
    child = desk.account.connector.catalogue.by_name[desk.subject.child]
    assert desk.apply(sheet, allow_delete=True).is_good
    assert desk.record(key)[child.record_path] == []
    assert desk.server.stored()[key][child.record_path] == []


def test_an_undo_puts_back_what_was_there(desk: Desk) -> None:
    subject = desk.subject
    sheet = desk.sheet()
    key = next(key for key in desk.server.stored() if sheet[key][subject.child])
    sheet[key][subject.text] = "ours"
    sheet[key][subject.decimal] = "17.5"
    sheet.child_of(key)[subject.child_text] = "ours"
    before = desk.server.stored()
    report = desk.apply(sheet)
    assert report.is_good
    assert desk.account.apply(desk.account.undo(report.run_id)).is_good
    assert desk.server.stored() == before
