"""The real command line is killed again and again, while the server loses replies; and then everything is counted.

BULKIO_KILLS says how often (default 200).
"""

from __future__ import annotations

import os
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
import victim
from hand_made import HandMade, account_of, differences, environment

from bulkio.account import save_plan
from bulkio.sandbox import Fault, SandboxOptions, running

if TYPE_CHECKING:
    from pathlib import Path

    import bulkio
    from bulkio.core.plan import Plan
    from bulkio.sandbox import Sandbox

KILLS = int(os.environ.get("BULKIO_KILLS", "200"))
ARENAS = int(os.environ.get("BULKIO_ARENAS", "6"))
_LONGEST = 60.0  # seconds that a victim may live without making a request: then something hangs
_MOST_SITTINGS = 100

FAULTS = (
    {"fault": "dropped_before"},
    {"fault": "dropped_after"},
    {"fault": "late", "delay": 0.4},
    {"fault": "500"},
    {"fault": "500", "is_processed": True},
    {"fault": "truncated"},
)


@dataclass
class Tally:
    """What all arenas have done so far."""

    kills: int = 0
    rounds: int = 0
    operations: int = 0
    requests: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def is_enough(self) -> bool:
        return self.kills >= KILLS or len(self.broken) > 5


def made_plan(account: bulkio.Account, name: str, chance: random.Random) -> Plan:
    """Some of everything, all over the customers."""
    made = HandMade(account, name)
    codes = sorted(made.records)
    chance.shuffle(codes)
    for code in codes[:4]:
        made.update(code, Notes=f"note of {name}", BankName=f"bank of {name}")
    with_address = [code for code in codes if made.records[code]["Addresses"]]
    for code in with_address[:3]:
        made.change_child("Addresses", code, 0, StreetAddress2=f"floor of {name}")
    with_contact = [code for code in codes if len(made.records[code]["Contacts"]) > 1]
    for code in with_contact[:2]:
        made.change_child("Contacts", code, 0, OfficePhone="0" + "".join(chance.choices("123456789", k=7)))
        made.delete_child("Contacts", code, len(made.records[code]["Contacts"]) - 1)
    for code in codes[:3]:
        for number in range(2):
            made.create_child(
                "Contacts", code, FirstName=f"Eve {number}", LastName=name, EmailAddress="eve@example.com"
            )
    for number in range(2):
        code = f"NEW-{name}-{number}"
        made.create(code, CustomerName=f"New {name}")
        made.create_child("Contacts", code, FirstName="Ada", LastName=name)
    return made.plan()


class Arena:
    """One sandbox, one state folder, and victims one after the other."""

    def __init__(self, number: int, sandbox: Sandbox, folder: Path, tally: Tally, fork: Any) -> None:
        self.sandbox = sandbox
        self.folder = folder
        self.tally = tally
        self.chance = random.Random(number)  # noqa: S311 no secret
        self.environment = environment(folder, sandbox.url)
        self.account = account_of(sandbox.url, folder)
        self.fork = fork
        self.number = number

    def fight(self) -> None:
        """Round after round, until all arenas together have killed enough."""
        turn = 0
        while not self.tally.is_enough:
            self.round(f"{self.number}-{turn}")
            turn += 1
        self.account.close()

    def round(self, name: str) -> None:
        self.sandbox.faults.clear()
        self.sandbox.settle()
        plan = made_plan(self.account, name, self.chance)
        path = self.folder / f"{name}.json"
        save_plan(plan, path)
        before = self.customers()
        arguments = ["apply", str(path), "--json", "--workers", str(self.chance.choice((1, 3)))]
        for _ in range(_MOST_SITTINGS):
            was_killed = self.sitting(arguments)
            record = next((each for each in self.account.runs() if each.plan_id == plan.plan_id), None)
            if record is None:
                assert was_killed, (self.folder / "output.txt").read_text()
                continue  # killed before there was a journal: nothing was sent, and the plan is as good as new
            arguments = ["resume", record.run_id, "--json"]
            if not was_killed and not record.is_unfinished:
                break
        else:
            pytest.fail((self.folder / "output.txt").read_text()[-2000:])
        self.sandbox.settle()
        self.conclude(name, plan, record.report.outcomes, before)

    def customers(self) -> dict[str, Any]:
        return {each["Guid"]: each for each in self.sandbox.store.customers()}

    def sitting(self, arguments: list[str]) -> bool:
        """One process, with some faults ahead of it and, as a rule, a death; tells whether it was killed."""
        self.sandbox.faults.clear()
        for _ in range(self.chance.randint(0, 3)):
            fault: dict[str, Any] = self.chance.choice(FAULTS)
            method = self.chance.choice(("POST", "POST", "PUT", "DELETE", "GET"))
            self.sandbox.faults.add(Fault(method=method, after=self.chance.randint(0, 4), **fault))
        child = self.fork.Process(target=victim.run, args=(arguments, self.environment, self.folder / "output.txt"))
        requests = len(self.sandbox.requests)
        patience = requests + self.chance.randint(0, 14)
        delay = self.chance.random() * 0.02
        child.start()
        since = time.monotonic()
        while child.is_alive() and len(self.sandbox.requests) < patience:
            child.join(0.002)
            assert time.monotonic() - since < _LONGEST, (self.folder / "output.txt").read_text()
        child.join(delay)
        child.kill()
        child.join()
        was_killed = child.exitcode == -9
        with self.tally.lock:
            self.tally.kills += was_killed
            self.tally.requests += len(self.sandbox.requests) - requests
        child.close()
        return was_killed

    def conclude(self, name: str, plan: Plan, outcomes: Any, before: dict[str, Any]) -> None:
        standing = {outcome.operation_id: outcome for outcome in outcomes}
        broken = differences(plan, standing, before, self.customers())
        with self.tally.lock:
            self.tally.rounds += 1
            self.tally.operations += len(plan.operations)
            self.tally.broken += [f"{name}: {each}" for each in broken]
            for outcome in outcomes:
                self.tally.statuses[outcome.status.value] = self.tally.statuses.get(outcome.status.value, 0) + 1


@pytest.mark.skipif(os.name != "posix", reason="needs fork")
def test_killed_again_and_again_nothing_is_lost_doubled_or_unaccounted(tmp_path: Path) -> None:
    tally = Tally()
    fork = victim.forks()

    def arena(number: int) -> None:
        folder = tmp_path / str(number)
        folder.mkdir()
        with running(SandboxOptions(customers=15, seed=number)) as sandbox:
            Arena(number, sandbox, folder, tally, fork).fight()

    with ThreadPoolExecutor(ARENAS) as pool:
        list(pool.map(arena, range(ARENAS)))
    assert tally.broken == []
    assert tally.kills >= KILLS
    assert set(tally.statuses) <= {"verified", "rejected", "skipped", "in_doubt"}
