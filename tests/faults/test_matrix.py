"""Twelve faults x six operations x three moments, against the real sandbox: what each comes to.

A fault strikes *before* the request is executed, *after* it was, or *half* way: the first time before, and the second
time, when it is sent again, after. Three faults have a moment of their own (late, truncated, slow); they strike the
write, the reading, or both.

What was executed and what was not is settled by reading, so that nearly every cell comes to the same: done, once, and
proved. The exceptions stand in `EXPECTED`.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from hand_made import HandMade, account_of, differences

from bulkio.core.report import Status
from bulkio.sandbox import Fault, SandboxOptions, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bulkio import Account
    from bulkio.core.plan import Operation
    from bulkio.sandbox import Sandbox

OPERATIONS: dict[str, Callable[[HandMade, str], Operation]] = {
    "customer create": lambda made, _code: made.create(made.name.upper(), CustomerName="Made by hand"),
    "customer update": lambda made, code: made.update(code, Notes=made.name),
    "address change": lambda made, code: made.change_child("Addresses", code, 0, StreetAddress2=made.name),
    "contact create": lambda made, code: made.create_child("Contacts", code, FirstName="Eve", LastName=made.name),
    "contact update": lambda made, code: made.change_child("Contacts", code, 0, LastName=made.name),
    "contact delete": lambda made, code: made.delete_child("Contacts", code, 1),
}
MOMENTS = ("before", "after", "half")
LOST = {
    "dropped": ("dropped_before", "dropped_after"),
    "html": ("html", "html"),
    **{status: (status, status) for status in ("408", "500", "502", "503", "504")},
}
NOT_DONE = ("429", "403")  # the ERP says so
OF_THEIR_OWN: dict[str, dict[str, Any]] = {"late": {"delay": 0.05}, "truncated": {}, "slow": {"delay": 0.05}}
FAULTS: tuple[str, ...] = (*LOST, *NOT_DONE, *OF_THEIR_OWN)

_RECORD = "Customers/.*-"  # a request about one customer, or what belongs to it

#: (fault, moment, operation) -> the end. An ERP that says "not done" of what it did is believed: what is then sent
#: again it refuses, since there is such a contact already, or none any more.
EXPECTED = {
    ("429", moment, operation): Status.REJECTED
    for moment in ("after", "half")
    for operation in ("contact create", "contact delete")
}


def faults_of(name: str, moment: str, method: str) -> list[Fault]:
    """What is to go wrong with an operation's requests, which have this method."""
    if name in OF_THEIR_OWN:
        methods = {"before": (method,), "after": ("GET",), "half": (method, "GET")}[moment]
        return [Fault(fault=name, method=each, path=_RECORD, **OF_THEIR_OWN[name]) for each in methods]
    made = []
    for is_processed in {"before": (False,), "after": (True,), "half": (False, True)}[moment]:
        kind = LOST.get(name, (name, name))[is_processed]
        options = {} if kind.startswith("dropped") else {"is_processed": is_processed}
        made.append(Fault(fault=kind, method=method, path=_RECORD, **options))
    return made


@dataclass
class Place:
    sandbox: Sandbox
    account: Account
    codes: list[str]


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Place]]:
    """A sandbox for each operation, so that they can be tried side by side."""
    with ExitStack() as stack:
        made = {}
        for name in OPERATIONS:
            sandbox = stack.enter_context(running(SandboxOptions(customers=260, seed=7)))
            account = account_of(sandbox.url, tmp_path_factory.mktemp("place"), settle_seconds=0.2)
            stack.enter_context(account)
            fit = [c for c in sandbox.store.customers() if len(c["Contacts"]) > 1 and c["Addresses"]]
            made[name] = Place(sandbox, account, [each["CustomerCode"] for each in fit])
        yield made


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("fault", FAULTS)
def test_every_operation_comes_to_its_end(places: dict[str, Place], fault: str, moment: str) -> None:
    with ThreadPoolExecutor(len(OPERATIONS)) as pool:
        cells = {name: pool.submit(_cell, places[name], name, fault, moment) for name in OPERATIONS}
        ends = {name: cell.result() for name, cell in cells.items()}
    expected = {name: EXPECTED.get((fault, moment, name), Status.VERIFIED) for name in OPERATIONS}
    assert {name: end[0] for name, end in ends.items()} == expected, ends
    for name, end in ends.items():
        if expected[name] is Status.VERIFIED:
            assert end[2] == [], name


def _cell(place: Place, name: str, fault: str, moment: str) -> tuple[Status, str, list[str]]:
    """Apply one operation while the fault strikes, resume until there is an end; how it ended, and what is not so."""
    sandbox, account = place.sandbox, place.account
    sandbox.faults.clear()
    number = FAULTS.index(fault) * len(MOMENTS) + MOMENTS.index(moment)
    made = HandMade(account, f"cell {fault} {moment}")
    operation = OPERATIONS[name](made, place.codes[number % len(place.codes)])
    before = {each["Guid"]: each for each in sandbox.store.customers()}
    method = {"contact update": "PUT", "contact delete": "DELETE"}.get(name, "POST")
    for each in faults_of(fault, moment, method):
        sandbox.faults.add(each)
    plan = made.plan()
    report = account.apply(plan)
    for _ in range(3):
        if not account.run(report.run_id).is_unfinished:
            break
        report = account.resume(report.run_id)
    sandbox.settle()
    after = {each["Guid"]: each for each in sandbox.store.customers()}
    (outcome,) = report.outcomes
    return outcome.status, outcome.message, differences(plan, {operation.id: outcome}, before, after)
