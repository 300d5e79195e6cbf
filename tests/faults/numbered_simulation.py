"""The scenarios of simulation.py on an ERP that numbers its records itself, and the verdict there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from numbered_erp import NUMBERED, NumberedErp, NumberedLink
from simulation import ABSENT, Played, Protocol, Retrying, Scenario, Stage, is_excused, is_open, play_family

from bulkio.core.plan import Action, Change, Operation
from bulkio.core.report import Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bulkio.connectors.protocol import Page, Query, Record

A, C, D = "1", "3", "4"
NEW = "new:b"


def world() -> NumberedErp:
    """What the ERP holds at first."""
    erp = NumberedErp()
    for root, number in ((A, "A"), (C, "C"), (D, "D")):
        address = {"Id": f"1{root}", "Label": "Main", "Street": "Old St"}
        contact = {"Id": f"2{root}", "Name": "Ann", "Phone": "1"}
        record = {"Id": root, "Number": number, "Name": f"{number} old", "City": "old"}
        erp.put({**record, "Addresses": [address], "Contacts": [contact]})
    erp.pass_time(100.0)
    return erp


def _operation(name: str, action: Action, entity: str, identity: str, **values: tuple[str, str]) -> Operation:
    root, _, child = identity.partition("/")
    return Operation(
        id=name,
        action=action,
        entity=entity,
        key=name,
        guid=child if entity != "Customers" else root,
        parent_guid=root if entity != "Customers" else "",
        sheet=entity,
        row=1,
        changes=tuple(Change(field, before, after) for field, (before, after) in values.items()),
    )


OPERATIONS = {
    "numbered": (
        _operation("new", Action.CREATE, "Customers", NEW, Number=("", "B"), Name=("", "B new")),
        _operation("address", Action.CREATE, "Addresses", NEW, Label=("", "Main"), Street=("", "Hill")),
        _operation("name", Action.UPDATE, "Customers", A, Name=("A old", "A new")),
        _operation("phone", Action.UPDATE, "Contacts", f"{A}/2{A}", Phone=("1", "2")),
        _operation("gone", Action.DELETE, "Customers", C, Name=("C old", ""), City=("old", "")),
    )
}


def violations(scenario: Scenario, played: Played) -> list[str]:
    """What the protocol must not have let happen."""
    customers, outcomes = played.erp.customers, played.outcomes
    found = [f"unaccounted: {name} is {o.status.value} ({o.message})" for name, o in outcomes.items() if is_open(o)]
    made = [record for record in customers.values() if record["Number"] == "B"]
    new = made[0] if made else {"Id": "", "Addresses": []}
    present = {
        "new": [each["Id"] for each in made],
        "address": [each["Id"] for each in new["Addresses"]],
        "name": [A] * (customers[A]["Name"] == "A new"),
        "phone": [f"2{A}"] * (customers[A]["Contacts"][0]["Phone"] == "2"),
        "gone": [C] * (C not in customers),
    }
    edited = scenario.colleague if played.was_edited else None
    for name, ids in present.items():
        outcome = outcomes[name]
        if len(ids) > 1:
            found.append(f"doubled: {name} is there as {ids}")
        if edited and edited[1] == "Name" and name == "name":
            continue  # it holds what the colleague made of it
        if outcome.status is Status.VERIFIED and outcome.guid not in ids:
            found.append(f"wrongly verified: {name} as {outcome.guid}, there is {ids}")
        if outcome.status in ABSENT and ids:
            found.append(f"wrongly {outcome.status.value}: {name} ({outcome.message})")
    found += _clobbered(scenario, played, customers)
    if not scenario.colleague and not is_excused(scenario, played):
        open_ = {name: o for name, o in outcomes.items() if o.status is not Status.VERIFIED}
        found += [f"lost: {name} is {o.status.value} ({o.message})" for name, o in open_.items()]
    return found


def _clobbered(scenario: Scenario, played: Played, customers: dict[str, Record]) -> Iterator[str]:
    if customers[D] != world().customers[D] or customers[A]["Addresses"] != world().customers[A]["Addresses"]:
        yield "clobbered: a bystander"
    if played.was_edited and scenario.colleague:
        _, field, value = scenario.colleague
        edited = customers.get(C if scenario.plan in DELETING.operations else A)
        # A delete that is still under way when the colleague edits takes the edit with it.
        if (edited or {field: value})[field] != value or (edited is None and not _is_late(scenario)):
            yield f"clobbered: {field}"


def _is_late(scenario: Scenario) -> bool:
    return any("late" in kind for _, kind in scenario.faults)


SECOND = Stage(NUMBERED, NumberedLink, world, OPERATIONS, violations, edited=A)
#: The same, and the colleague edits the customer that is to be deleted.
DELETING = replace(SECOND, operations={"deleting": OPERATIONS["numbered"]}, edited=C)


class BlindLink(NumberedLink):
    """Wrong: a lost customer is sent again without a look whether it is there."""

    def find(self, keys: Sequence[str]) -> Iterator[Record]:
        del keys
        return iter(())

    def pages(self, query: Query) -> Iterator[Page]:
        for page in super().pages(query):
            yield page if query.page_size else replace(page, records=[])


class RetryingNumberedLink(Retrying, NumberedLink):
    """Wrong: a layer below ours tries again."""


WRONG = {
    "numbered, without a look by the key": Protocol(SECOND, link=BlindLink),
    "numbered, retry below us": Protocol(SECOND, link=RetryingNumberedLink),
    "numbered, no settle": Protocol(SECOND, settle_seconds=0.0),
}


STAGES = {plan: stage for stage in (SECOND, DELETING) for plan in stage.operations}


def play(scenario: Scenario) -> tuple[int, list[tuple[Scenario, int, list[str]]]]:
    """A scenario with all its deaths, on the stage that its plan is for."""
    return play_family(scenario, Protocol(STAGES[scenario.plan]))
