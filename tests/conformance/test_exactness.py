"""The way from the ERP into a file and back: whatever stands there stays what it is, to the last character."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from desk import at, changed, desk_at

from bulkio.account import ApplyOptions
from bulkio.core.rails import Rails
from bulkio.core.records import canonical
from bulkio.core.report import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desk import Desk
    from relay import Answer, Asked
    from subject import Subject

#: What breaks on the way through spreadsheets, files and wires. Each goes into a record of its own.
TEXTS: tuple[str | None, ...] = (
    "00123", "1E5", "=1+1", "@cmd|' /C calc'!A0", "NA", "TRUE", "12345678901234567890", "2026-01-02",
    'Line one\r\nLine two\r\n\r\n  -indented, "quoted"', "tab\tand\nline feed", "Café ☕🎉 株式会社", "a;b,c|d", "",
    None,
)  # fmt: skip
DECIMALS = ("0", "0.01", "0.1", "1234.5678", "99999999999999.99", "1e3", "-12.5", "123456789012345.67")


@pytest.fixture(scope="module")
def awkward(subject: Subject, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk that is only read; its server holds, beside its own, all of the above."""
    with desk_at(subject, tmp_path_factory.mktemp("awkward"), customers=20) as made:
        furnish(made)
        before = made.server.stored()
        yield made
        assert changed(before, made.server.stored()) == {}


def furnish(desk: Desk) -> None:
    keys = list(desk.server.stored())
    for key, text in zip(keys, TEXTS, strict=False):
        desk.server.edit(key, desk.subject.text, text)
    for key, number in zip(keys, DECIMALS, strict=False):
        desk.server.edit(key, desk.subject.decimal, Decimal(number))


@pytest.mark.parametrize("suffix", ["xlsx", "csv", "jsonl"])
def test_an_untouched_export_plans_nothing(awkward: Desk, suffix: str) -> None:
    plan = awkward.plan(awkward.export(f"customers.{suffix}"))
    assert (plan.operations, plan.conflicts) == ((), ())
    assert [issue for issue in plan.issues if issue.severity.value != "notice"] == []
    assert plan.unchanged == sum(plan.rows.values()) > len(awkward.server.stored())


def test_every_value_of_the_sheet_is_the_servers_own(awkward: Desk) -> None:
    root, subject = awkward.subject.root, awkward.subject
    records = awkward.records()
    for key, row in awkward.sheet().rows.items():
        stored = at(awkward.server.stored()[key], subject.text)
        assert (row[subject.text] or "") == (stored or "").replace("\r\n", "\n")
        number = at(awkward.server.stored()[key], subject.decimal)
        assert Decimal(row[subject.decimal] or 0) == Decimal(number or 0)
        assert canonical(root, records[key], subject.text) == (row[subject.text] or "")


def test_an_edit_of_every_record_changes_that_field_and_nothing_else(crowded: Desk) -> None:
    """Null stays null, "" stays "", and what is absent stays absent; CRLF, digits and unknown properties stay."""
    furnish(crowded)
    sheet, flag = crowded.sheet(), crowded.subject.flag
    for row in sheet.rows.values():
        row[flag] = not row[flag]
    before = crowded.server.stored()
    plan = crowded.plan(sheet)
    report = crowded.account.apply(plan, options=ApplyOptions(rails=Rails(allow_pasted=True)))
    statuses = {o.key: outcome.status for o, outcome in zip(plan.operations, report.outcomes, strict=True)}
    # What today's rules of the ERP would refuse may stand in old records; then nothing at all has changed.
    done = {f"{key}.{flag}" for key, status in statuses.items() if status is Status.VERIFIED}
    assert set(statuses.values()) <= {Status.VERIFIED, Status.REJECTED}
    assert len(done) > len(before) / 2
    assert set(changed(before, crowded.server.stored())) == done


def test_line_ends_of_an_edited_text_stay_what_they_were(desk: Desk) -> None:
    key, text = next(iter(desk.server.stored())), desk.subject.text
    desk.server.edit(key, text, "one\r\ntwo")
    sheet = desk.sheet()
    sheet[key][text] += "\nthree"
    assert desk.apply(sheet).is_good
    assert at(desk.server.stored()[key], text) == "one\r\ntwo\r\nthree"


def test_a_decimal_keeps_its_digits(desk: Desk) -> None:
    decimal = desk.subject.decimal
    numbers = dict(zip(desk.server.stored(), ("0.1", "1234567.89", "0.07"), strict=False))
    sheet = desk.sheet()
    for key, number in numbers.items():
        sheet[key][decimal] = number
    assert desk.apply(sheet).is_good
    stored = desk.server.stored()
    assert {key: str(at(stored[key], decimal).normalize()) for key in numbers} == numbers


def test_the_second_plan_of_an_applied_sheet_is_empty(desk: Desk) -> None:
    sheet = desk.sheet()
    key = next(key for key in desk.server.stored() if sheet[key][desk.subject.child])
    sheet[key][desk.subject.text] = "new"
    sheet.child_of(key)[desk.subject.child_text] = "new, too"
    path = sheet.save()
    assert desk.apply(path).is_good
    again = desk.plan(path)
    assert (again.operations, again.conflicts, again.errors) == ((), (), ())


def test_properties_that_nobody_declared_are_read_and_never_lost(desk: Desk) -> None:
    """The ERP's next version has one more: it is kept in the record, and does not keep anybody from writing."""
    subject = desk.subject

    def grown(value: Any) -> Any:
        if isinstance(value, list):
            return [grown(each) for each in value]
        if isinstance(value, dict):
            more = {"brandNew": {"1": [None, ""]}} if {subject.root.id_field, subject.key} <= value.keys() else {}
            return {**{name: grown(each) for name, each in value.items()}, **more}
        return value

    def bend(asked: Asked, answer: Answer) -> Answer:
        if asked.method != "GET" or not answer.is_json:
            return answer
        document = grown(json.loads(answer.body, parse_float=Decimal))
        return replace(answer, body=json.dumps(document, default=float).encode())

    desk.relay.bend = bend
    key = next(iter(desk.server.stored()))
    assert desk.records()[key]["brandNew"] == {"1": [None, ""]}
    sheet = desk.sheet()
    sheet[key][subject.text] = "changed"
    before = desk.server.stored()
    assert desk.apply(sheet).is_good
    assert set(changed(before, desk.server.stored())) == {f"{key}.{subject.text}"}
