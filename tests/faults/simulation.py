"""Scenarios: a plan, what goes wrong with which write, where the process dies, what a colleague does; and the verdict.

The code under test is the real `apply` and `resume` over a real journal. A scenario is played to its end, with as many
resumes as it takes, and then every outcome is held against what the ERP really holds.
"""

from __future__ import annotations

import copy
import itertools
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from simulated_erp import CONNECTOR, FAULTS, Erp, SimulatedClock, SimulatedLink, guid, stamp

from bulkio.core.plan import Action, Change, Cost, Operation, Origin, Plan
from bulkio.core.records import pack_records
from bulkio.core.report import Outcome, Status
from bulkio.errors import UnavailableError
from bulkio.store.journal import Journal
from bulkio.workflows.apply import apply, resume
from bulkio.workflows.run import Run, RunSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bulkio.connectors.protocol import Connector, Record

A, B, C, D = (guid(number) for number in range(1, 5))
POSTAL, ANN, BOB, ZOE = guid(11), guid(101), guid(102), guid(103)

SETTLE = 20.0
_RESUMES = 8
_LOSING = {"lost before", "lost after", "late", "hidden and lost", "late and hidden"}
_LASTING = {"refused", "ignored"}


@dataclass(frozen=True)
class Scenario:
    """`faults` are (number of the write, what); the process may die after any commit and any request.

    `colleague` is (when, field, value) of an edit of customer A: "before" the run, in the first "settle" wait, or in
    the "gap" between crash and resume.
    """

    plan: str
    faults: tuple[tuple[int, str], ...] = ()
    colleague: tuple[str, str, str] | None = None


# --- the plans --------------------------------------------------------------------------------------------------------


def world() -> Erp:
    """What the ERP holds at first."""
    erp = Erp()
    address = {"Guid": POSTAL, "Type": "Postal", "Label": "Main", "Street": "Old St"}
    ann = {"Guid": ANN, "First": "Ann", "Email": "ann@old", "Phone": "1"}
    bob = {"Guid": BOB, "First": "Bob", "Email": "bob@old", "Phone": "2"}
    zoe = {"Guid": ZOE, "First": "Zoe", "Email": "zoe@old", "Phone": "3"}
    for root, code, addresses, contacts in ((A, "A", [address], [ann, bob]), (C, "C", [], [zoe]), (D, "D", [], [])):
        record = {"Guid": root, "Code": code, "Name": f"{code} old", "City": "old", "Obsolete": False}
        erp.put({**record, "Addresses": addresses, "Contacts": contacts})
    erp.pass_time(100.0)
    return erp


def _operation(
    name: str, action: Action, entity: str, identity: str, root: str, **values: tuple[str, str]
) -> Operation:
    is_child = entity != "Customers"
    keys = {"Addresses": ("Postal", "Main"), "Contacts": ()}.get(entity, ())
    return Operation(
        id=name,
        action=action,
        entity=entity,
        key=name,
        guid=identity,
        parent_guid=root if is_child else "",
        natural_key=() if action is Action.CREATE else keys,
        sheet=entity,
        row=1,
        changes=tuple(Change(field, before, after) for field, (before, after) in values.items()),
    )


_NEW_ANN = {"First": ("", "Ann"), "Email": ("", "ann@old"), "Phone": ("", "1")}  # just like one that is there already
_GONE = {
    name: {"First": (name, ""), "Email": (f"{name.lower()}@old", ""), "Phone": (phone, "")}
    for name, phone in (("Bob", "2"), ("Zoe", "3"))
}

OPERATIONS = {
    "one customer": (
        _operation("name", Action.UPDATE, "Customers", A, "", Name=("A old", "A new")),
        _operation("street", Action.UPDATE, "Addresses", POSTAL, A, Street=("Old St", "New St")),
        _operation("twin 1", Action.CREATE, "Contacts", "", A, **_NEW_ANN),
        _operation("twin 2", Action.CREATE, "Contacts", "", A, **_NEW_ANN),
        _operation("email", Action.UPDATE, "Contacts", ANN, A, Email=("ann@old", "ann@new")),
        _operation("bob gone", Action.DELETE, "Contacts", BOB, A, **_GONE["Bob"]),
    ),
    "three customers": (
        _operation("new", Action.CREATE, "Customers", B, "", Code=("", "B"), Name=("", "B new")),
        _operation("name", Action.UPDATE, "Customers", A, "", Name=("A old", "A new")),
        _operation(
            "postal gone", Action.DELETE, "Addresses", POSTAL, A,
            Type=("Postal", ""), Label=("Main", ""), Street=("Old St", ""),
        ),
        _operation(
            "shop", Action.CREATE, "Addresses", "", A,
            Type=("", "Shipping"), Label=("", "Shop"), Street=("", "Hill"),
        ),
        _operation("contact in new", Action.CREATE, "Contacts", "", B, First=("", "Eve"), Email=("", "eve@new")),
        _operation("zoe gone", Action.DELETE, "Contacts", ZOE, C, **_GONE["Zoe"]),
        _operation("gone", Action.DELETE, "Customers", C, "", Obsolete=("false", "true")),
    ),
}  # fmt: skip
WRITES = 5  # of each plan, if nothing goes wrong


@dataclass(frozen=True, eq=False)
class Stage:
    """What is played on: an ERP, the plans for it, and the customer that a colleague edits."""

    connector: Connector
    link: type[SimulatedLink]
    world: Callable[[], Erp]
    operations: dict[str, tuple[Operation, ...]]
    violations: Callable[[Scenario, Played], list[str]]
    edited: str = A


@lru_cache
def make_plan(stage: Stage, name: str) -> Plan:
    """The plan, made of what the ERP holds at first."""
    erp = stage.world()
    return Plan(
        plan_id=name,
        origin=Origin(
            profile="p", erp="simulated", tenant="tenant", file="", file_sha256="", created_at=stamp(erp.time),
            live_at=stamp(erp.time), population=len(erp.customers),
        ),
        operations=stage.operations[name],
        conflicts=(),
        issues=(),
        cost=Cost(0, 0),
        live=pack_records(erp.customers.values()),
    )  # fmt: skip


# --- playing ----------------------------------------------------------------------------------------------------------


class WatchedJournal(Journal):
    """Tells of the moment just after every commit."""

    between: Callable[[], None]

    def intent(self, *args: Any, **kwargs: Any) -> int:
        number = super().intent(*args, **kwargs)
        self.between()
        return number

    def answered(self, *args: Any, **kwargs: Any) -> None:
        super().answered(*args, **kwargs)
        self.between()

    def settle(self, *args: Any, **kwargs: Any) -> None:
        super().settle(*args, **kwargs)
        self.between()


@dataclass(frozen=True)
class Protocol:
    """How to go about it; the right one, and the known wrong ones."""

    stage: Stage
    journal: type[WatchedJournal] = WatchedJournal
    link: type[SimulatedLink] | None = None
    settle_seconds: float = SETTLE


class Retrying:
    """Wrong: a layer below ours tries again."""

    def send(self, request: Any) -> Any:
        send = super().send  # type: ignore[misc] of the link that it is mixed into
        try:
            return send(request)
        except UnavailableError as exc:
            if type(exc) is not UnavailableError:
                raise
            return send(request)


class RetryingLink(Retrying, SimulatedLink):
    """Wrong."""


class LateJournal(WatchedJournal):
    """Wrong: the intent is journaled with the answer."""

    def intent(self, *args: Any, **kwargs: Any) -> int:
        self._late = (args, kwargs)
        return len(self.attempts()) + 1

    def answered(self, *args: Any, **kwargs: Any) -> None:
        WatchedJournal.intent(self, *self._late[0], **self._late[1])
        super().answered(*args, **kwargs)


class ForgetfulJournal(WatchedJournal):
    """Wrong: which children were there before is not kept."""

    def intent(self, *args: Any, **kwargs: Any) -> int:
        return super().intent(*args, **{**kwargs, "children_before": ()})


@dataclass
class Played:
    """How a scenario ended."""

    erp: Erp
    outcomes: dict[str, Outcome]
    was_killed: bool
    was_edited: bool


class Game:
    """A scenario under way: what outlives a process, which is the ERP and the journal.

    Between two commits or requests nothing changes that a death would leave behind, so that the moments just after
    each of them are all the deaths there are. They are collected in `deaths` while the scenario is played without one.
    """

    def __init__(self, scenario: Scenario, protocol: Protocol) -> None:
        self.scenario = scenario
        self.protocol = protocol
        self.stage = protocol.stage
        self.plan = make_plan(self.stage, scenario.plan)
        self.erp = self.stage.world()
        self.erp.faults = dict(scenario.faults)
        self.journal = protocol.journal.in_memory({}, [operation.id for operation in self.plan.operations])
        self.has_begun = self.was_edited = self.was_killed = False
        self.when, self.field, self.value = scenario.colleague or ("", "", "")
        self.deaths: list[Game] | None = []

    def killed(self) -> Game:
        """What is left if the process dies now."""
        left = copy.copy(self)
        left.erp = self.erp.copied()
        left.journal = self.journal.copied()
        left.was_killed = True
        left.deaths = None
        return left

    def between(self) -> None:
        if self.deaths is not None:
            self.deaths.append(self.killed())

    def edit(self) -> None:
        self.when = ""
        if record := self.erp.customers.get(self.stage.edited):
            self.was_edited = record[self.field] != self.value
            self.erp.edit(self.stage.edited, **{self.field: self.value})

    def on_wait(self) -> None:
        if self.when == "settle":
            self.edit()

    def play(self) -> Played:
        """Go on to the end, sitting by sitting."""
        if self.when == "gap" and self.was_killed:
            self.erp.pass_time(2 * self.erp.lag)
            self.edit()
        if not self.has_begun:
            self.erp.pass_time(50.0)
            if self.when == "before":
                self.edit()
        for _ in range(_RESUMES):
            run = self.sitting()
            act = resume if self.has_begun else apply
            self.has_begun = True
            act(run)
            outcomes = {outcome.operation_id: outcome for outcome in self.journal.outcomes()}
            if not any(map(is_open, outcomes.values())):
                break
        self.journal.close()
        self.erp.pass_time(1000.0)
        return Played(self.erp, outcomes, self.was_killed, self.was_edited)

    def sitting(self) -> Run:
        self.journal.between = self.between
        settings = RunSettings(settle_seconds=self.protocol.settle_seconds, request_timeout=5.0, workers=1)
        return Run(
            plan=self.plan,
            connector=self.stage.connector,
            link=(self.protocol.link or self.stage.link)(self.erp, self.between),  # type: ignore[arg-type]
            journal=self.journal,
            settings=settings,
            clock=SimulatedClock(self.erp, self.on_wait),
        )


def is_open(outcome: Outcome) -> bool:
    """Whether a resume has something to do. What was acknowledged and then looked different is at its end."""
    is_on_its_way = outcome.status in {Status.PLANNED, Status.INTENT, Status.UNKNOWN, Status.NOT_SENT}
    return is_on_its_way or (outcome.status is Status.ACKED and not outcome.message)


# --- the verdict ------------------------------------------------------------------------------------------------------

ABSENT = {Status.REJECTED, Status.NOT_SENT, Status.SKIPPED}


def violations(scenario: Scenario, played: Played) -> list[str]:
    """What the protocol must not have let happen."""
    found: list[str] = []
    erp = played.erp
    for name, outcome in played.outcomes.items():
        if is_open(outcome):
            found.append(f"unaccounted: {name} is {outcome.status.value} ({outcome.message})")
    found += _untrue(scenario, played)
    found += _doubled(played)
    if played.was_edited and scenario.colleague:
        _, field, value = scenario.colleague
        if erp.customers[A][field] != value:
            found.append(f"clobbered: {field} of A is {erp.customers[A][field]!r}")
    if not scenario.colleague and not is_excused(scenario, played):
        found += [
            f"lost: {n} is {o.status.value} ({o.message})"
            for n, o in played.outcomes.items()
            if o.status is not Status.VERIFIED
        ]
    if erp.customers[D] != world().customers[D]:
        found.append("clobbered: a bystander")
    return found


def is_excused(scenario: Scenario, played: Played) -> bool:
    """Whether something may be left undone: the ERP said no, did not do it, or two requests of one operation were lost.

    Dying between intent and send loses a request, too.
    """
    kinds = [kind for _, kind in scenario.faults]
    return any(kind in _LASTING for kind in kinds) or sum(kind in _LOSING for kind in kinds) + played.was_killed > 1


def _untrue(scenario: Scenario, played: Played) -> list[str]:
    """Outcomes that are not what the ERP holds."""
    found = []
    edited = scenario.colleague[1] if scenario.colleague and played.was_edited else ""
    customers = played.erp.customers
    present: dict[str, bool] = {}
    for operation in OPERATIONS[scenario.plan]:
        root = customers.get(operation.root_guid)
        outcome = played.outcomes[operation.id]
        if operation.entity == "Customers" and operation.action is not Action.CREATE and edited in operation.target:
            continue  # it holds what the colleague made of it
        if operation.action is Action.CREATE and operation.entity == "Contacts":
            if outcome.status is Status.VERIFIED and not _is_there(root, operation, outcome.guid):
                found.append(f"wrongly verified: {operation.id}")
            continue  # how many there are is counted
        present[operation.id] = _is_done(root, operation)
        if outcome.status is Status.VERIFIED and not present[operation.id]:
            found.append(f"wrongly verified: {operation.id}")
        if outcome.status in ABSENT and present[operation.id]:
            found.append(f"wrongly {outcome.status.value}: {operation.id} ({outcome.message})")
    return found


def _is_done(root: Record | None, operation: Operation) -> bool:
    if operation.entity == "Customers":
        return root is not None and all(_text(root.get(name)) == after for name, after in operation.target.items())
    members = (root or {}).get(operation.entity) or []
    if operation.action is Action.DELETE:
        return all(member["Guid"] != operation.guid for member in members)
    return any(all(member.get(n) == after for n, after in operation.target.items()) for member in members)


def _is_there(root: Record | None, operation: Operation, identity: str) -> bool:
    contacts = (root or {}).get("Contacts") or []
    return any(
        each["Guid"] == identity and all(each.get(n) == v for n, v in operation.target.items()) for each in contacts
    ) and identity not in (ANN, BOB, ZOE)


def _doubled(played: Played) -> list[str]:
    """Contacts that are there without an operation that says so, and operations that share one."""
    found = []
    mine = [o for o in played.outcomes.values() if o.operation_id.startswith(("twin", "contact"))]
    claimed = [o.guid for o in mine if o.status is Status.VERIFIED]
    if len(set(claimed)) != len(claimed):
        found.append("wrongly verified: two operations claim one contact")
    doubtful = sum(o.status is Status.IN_DOUBT for o in mine)
    new = [c["Guid"] for r in played.erp.customers.values() for c in r["Contacts"] if c["Guid"] not in (ANN, BOB, ZOE)]
    if len(new) > len(claimed) + doubtful:
        found.append(f"doubled: {len(new)} contacts, {len(claimed)} claimed, {doubtful} in doubt")
    codes = [record["Code"] for record in played.erp.customers.values()]
    if len(set(codes)) != len(codes):
        found.append("doubled: a customer")
    return found


def _text(value: Any) -> str:
    return {True: "true", False: "false", None: ""}.get(value, value) if not isinstance(value, str) else value


FIRST = Stage(CONNECTOR, SimulatedLink, world, OPERATIONS, violations)
WRONG = {
    "retry below us": Protocol(FIRST, link=RetryingLink),
    "no settle": Protocol(FIRST, settle_seconds=0.0),
    "late intent": Protocol(FIRST, journal=LateJournal),
    "no child set": Protocol(FIRST, journal=ForgetfulJournal),
}


# --- all scenarios ----------------------------------------------------------------------------------------------------

COLLEAGUES = [
    (when, field, value)
    for when in ("before", "settle", "gap")
    for field, value in (("City", "colleague"), ("Name", "colleague"), ("Name", "A old "))
] + [("settle", "Name", "A old"), ("gap", "Name", "A old")]


def fault_sets() -> Iterator[tuple[tuple[int, str], ...]]:
    """None, every single one, and every pair."""
    yield ()
    single = [(number, kind) for number in range(1, WRITES + 1) for kind in FAULTS]
    for each in single:
        yield (each,)
    later = [(number, kind) for number in range(2, WRITES + 2) for kind in FAULTS]
    for first, second in itertools.product(single, later):
        if first[0] < second[0]:
            yield (first, second)


def families(stage: Stage = FIRST) -> Iterator[Scenario]:
    """All scenarios, each for all its crashes."""
    for plan in stage.operations:
        for faults in fault_sets():
            yield Scenario(plan, faults)
        for colleague in COLLEAGUES:
            for faults in fault_sets():
                if len(faults) < 2 and not any("late and hidden" in kind for _, kind in faults):
                    yield Scenario(plan, faults, colleague=colleague)


def play_family(
    scenario: Scenario, protocol: Protocol | None = None
) -> tuple[int, list[tuple[Scenario, int, list[str]]]]:
    """A scenario without and with every death: how many, and those that broke a promise (with the death's number)."""
    protocol = protocol or Protocol(FIRST)
    game = Game(scenario, protocol)
    games = [game]
    bad = []
    number = 0
    while number < len(games):
        broken = protocol.stage.violations(scenario, games[number].play())
        if number == 0:
            games += game.deaths or ()
            game.deaths = None
        if broken:
            bad.append((scenario, number, broken))
        number += 1
    return len(games), bad
