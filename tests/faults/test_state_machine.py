"""Edits, plans, runs that die, resumes, colleagues and undos in any order: the ERP ends as a simple model says."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from simulated_erp import CONNECTOR, FAULTS, SimulatedClock, SimulatedLink, stamp
from simulation import SETTLE, A, C, D, WatchedJournal, world

from bulkio.core.plan import Action, Change, Cost, Operation, Origin, Plan, operation_id
from bulkio.core.records import pack_records
from bulkio.core.report import Outcome, Status
from bulkio.workflows.apply import apply, resume
from bulkio.workflows.run import Run, RunSettings
from bulkio.workflows.undo import plan_undo
from bulkio.workflows.undoing import UndoRequest

ROOTS = (A, C, D)
FIELDS = ("Name", "City")
VALUES = ("red", "green", "blue", "")
TRANSIENT = [fault for fault in FAULTS if fault not in ("refused", "ignored")]
ENDED = {Status.VERIFIED, Status.REJECTED, Status.CONFLICT, Status.SKIPPED, Status.IN_DOUBT, Status.ACKED}


class Killed(BaseException):
    """The process is no more. No `except Exception` may catch it."""


class World(RuleBasedStateMachine):
    """The model: what a customer's fields hold, and which contacts it has, by their ids."""

    def __init__(self) -> None:
        super().__init__()
        self.erp = world()
        self.fields = {root: {name: record[name] for name in FIELDS} for root, record in self.erp.customers.items()}
        self.contacts = {
            r: {c["Guid"]: c["Email"] for c in record["Contacts"]} for r, record in self.erp.customers.items()
        }
        self.edits: dict[tuple[str, str], str] = {}
        self.contact_edits: dict[tuple[str, str], str | None] = {}
        self.new_contacts: list[tuple[str, str]] = []
        self.count = 0
        self.open: tuple[Plan, WatchedJournal] | None = None
        self.done: list[tuple[Plan, WatchedJournal]] = []
        self.seen: set[str] = set()
        self.crash = 0
        self.sent: set[str] = set()
        self.theirs: dict[tuple[str, str], str] = {}

    # --- a person's sheet ---

    @rule(root=st.sampled_from(ROOTS), name=st.sampled_from(FIELDS), value=st.sampled_from(VALUES))
    def edit(self, root: str, name: str, value: str) -> None:
        self.edits[root, name] = value

    @rule(root=st.sampled_from((A, C)), email=st.sampled_from(("x@red", "x@blue", None)), at=st.integers(0, 1))
    def edit_contact(self, root: str, email: str | None, at: int) -> None:
        there = list(self.contacts[root])
        if there:
            self.contact_edits[root, there[at % len(there)]] = email

    @rule(root=st.sampled_from(ROOTS))
    def add_contact(self, root: str) -> None:
        self.count += 1
        self.new_contacts.append((root, f"new{self.count}@x"))

    # --- plan and apply ---

    @precondition(lambda self: self.open is None)
    @rule(crash=st.integers(0, 40), number=st.integers(1, 6), fault=st.sampled_from(["", *TRANSIENT]))
    def plan_and_apply(self, crash: int, number: int, fault: str) -> None:
        self.count += 1
        plan = self._plan(f"plan {self.count}")
        self.edits, self.contact_edits, self.new_contacts = {}, {}, []
        self._begin(plan, crash, number, fault)

    def _plan(self, name: str) -> Plan:
        operations = []

        def add(action: Action, entity: str, guid: str, root: str, **values: tuple[str, str]) -> None:
            operations.append(
                Operation(
                    id=operation_id(name, str(len(operations))), action=action, entity=entity, key=guid, guid=guid,
                    parent_guid=root, sheet=entity, row=len(operations) + 2,
                    changes=tuple(Change(n, before, after) for n, (before, after) in values.items()),
                )
            )  # fmt: skip

        for root in ROOTS:
            held = self.fields[root]
            values = {n: (held[n] or "", v) for (r, n), v in self.edits.items() if r == root and v != (held[n] or "")}
            if values:
                add(Action.UPDATE, "Customers", root, "", **values)
        for (root, guid), email in self.contact_edits.items():
            if guid not in self.contacts[root]:
                continue
            contact = next(each for each in self.erp.customers[root]["Contacts"] if each["Guid"] == guid)
            if email is None:
                gone = {n: (contact[n], "") for n in ("First", "Email", "Phone") if contact[n]}
                add(Action.DELETE, "Contacts", guid, root, **gone)
            elif contact["Email"] != email:
                add(Action.UPDATE, "Contacts", guid, root, Email=(contact["Email"], email))
        for root, email in self.new_contacts:
            add(Action.CREATE, "Contacts", "", root, First=("", "New"), Email=("", email))
        now = stamp(self.erp.time)
        origin = Origin(profile="p", erp="simulated", tenant="tenant", file="", file_sha256="", created_at=now,
                        live_at=now, population=len(self.erp.customers))  # fmt: skip
        return Plan(plan_id=name, origin=origin, operations=tuple(operations), conflicts=(), issues=(), cost=Cost(0, 0),
                    live=pack_records(self.erp.customers.values()))  # fmt: skip

    def _begin(self, plan: Plan, crash: int, number: int, fault: str) -> None:
        journal = WatchedJournal.in_memory({}, [operation.id for operation in plan.operations])
        assert isinstance(journal, WatchedJournal)
        self.crash = crash
        self.erp.faults = {self.erp.writes + number: fault} if fault else {}
        journal.between = self._between
        self.open = (plan, journal)
        self.seen = set()
        self.sent = set()
        self.theirs = {}
        self._sit(is_first=True)

    def _between(self) -> None:
        self.crash -= 1
        if self.crash == 0:
            raise Killed

    def _sit(self, *, is_first: bool) -> None:
        assert self.open
        plan, journal = self.open
        link = SimulatedLink(self.erp, self._between)
        run_settings = RunSettings(settle_seconds=SETTLE, request_timeout=5.0, workers=1)
        clock = SimulatedClock(self.erp)
        run = Run(plan=plan, connector=CONNECTOR, link=link, journal=journal, settings=run_settings, clock=clock)  # type: ignore[arg-type]
        with suppress(Killed):
            (apply if is_first else resume)(run)
        self.sent |= {each for attempt in journal.attempts() for each in attempt.operations}
        self._learn(plan, journal.outcomes())
        on_the_way = any(
            o.status not in ENDED or (o.status is Status.ACKED and not o.message) for o in journal.outcomes()
        )
        if not on_the_way:
            self.done.append(self.open)
            self.open = None

    def _learn(self, plan: Plan, outcomes: list[Outcome]) -> None:
        """What is verified is in the model from now on. What was sent and then was a conflict may be there or not."""
        for operation, outcome in zip(plan.operations, outcomes, strict=True):
            if outcome.status in (Status.CONFLICT, Status.ACKED) and operation.id in self.sent:
                self._look_at(operation)
            if outcome.status is not Status.VERIFIED or operation.id in self.seen:
                continue
            self.seen.add(operation.id)
            root = operation.root_guid
            if operation.entity == "Customers":
                for name, after in operation.target.items():
                    assert self.theirs.get((root, name), after) == after, "a colleague's edit was overwritten"
                    self.fields[root][name] = after
            elif operation.action is Action.DELETE:
                self.contacts[root].pop(operation.guid, None)
            else:
                self.contacts[root][outcome.guid or operation.guid] = operation.target["Email"]

    def _look_at(self, operation: Operation) -> None:
        """Fields that hold exactly what was sent."""
        record = self.erp.customers[operation.root_guid]
        if operation.entity == "Customers":
            held = self.fields[operation.root_guid]
            held |= {name: after for name, after in operation.target.items() if (record[name] or "") == after}
        else:
            for contact in record["Contacts"]:
                if contact["Guid"] == operation.guid and contact["Email"] == operation.target["Email"]:
                    self.contacts[operation.root_guid][operation.guid] = contact["Email"]

    @precondition(lambda self: self.open is not None)
    @rule(crash=st.integers(0, 30))
    def resume(self, crash: int) -> None:
        self.crash = crash
        self._sit(is_first=False)

    # --- others ---

    @rule(root=st.sampled_from(ROOTS), name=st.sampled_from(FIELDS), value=st.sampled_from(("theirs", "red", "")))
    def colleague(self, root: str, name: str, value: str) -> None:
        self.erp.pass_time(3 * SETTLE)  # whatever was late or hidden is settled
        self._note_theirs(root, name, value)
        self.erp.edit(root, **{name: value})
        self.fields[root][name] = value

    def _note_theirs(self, root: str, name: str, value: str) -> None:
        """A colleague's edit of a field that the open run means: it must stay, unless it is none."""
        now = self.erp.customers[root][name] or ""
        planned = [
            change
            for operation in (self.open[0].operations if self.open else ())
            if operation.guid == root
            for change in operation.changes
            if change.field == name
        ]
        if planned and now != value:
            self.theirs[root, name] = value
            if (
                value == planned[0].before and now != planned[0].after
            ):  # back to what the plan saw, and nothing sent yet
                del self.theirs[root, name]

    @precondition(lambda self: self.open is None and self.done)
    @rule(which=st.integers(0, 3), crash=st.integers(0, 40))
    def undo(self, which: int, crash: int) -> None:
        plan, journal = self.done[-1 - which % len(self.done)]
        self.count += 1
        link: Any = SimulatedLink(self.erp)
        request = UndoRequest(run_id="r", plan=plan, plan_id=f"undo {self.count}", created_at=stamp(self.erp.time))
        self.erp.pass_time(3 * SETTLE)
        made = plan_undo(request, journal, CONNECTOR, link)
        self._hold_undo_to_its_promise(plan, journal, made)
        self._begin(made, crash, 1, "")

    def _hold_undo_to_its_promise(self, plan: Plan, journal: WatchedJournal, made: Plan) -> None:
        """Only our fields, and only where they still hold what we wrote."""
        sent = {each for attempt in journal.attempts() for each in attempt.operations}
        ours = {
            (operation.guid, change.field): change
            for operation in plan.operations
            if operation.id in sent and operation.entity == "Customers"
            for change in operation.changes
        }
        for operation in made.operations:
            if operation.entity == "Customers":
                for change in operation.changes:
                    wrote = ours[operation.guid, change.field]
                    assert (self.fields[operation.guid][change.field] or "") == wrote.after
                    assert change.after == wrote.before

    # --- the promise ---

    @invariant()
    def the_erp_is_as_the_model_says(self) -> None:
        if self.open is not None:
            return
        self.erp.pass_time(3 * SETTLE)
        for root, record in self.erp.customers.items():
            held = {name: record[name] or "" for name in FIELDS}
            assert held == {name: value or "" for name, value in self.fields[root].items()}, record["Code"]
            assert {each["Guid"]: each["Email"] for each in record["Contacts"]} == self.contacts[root], record["Code"]

    def teardown(self) -> None:
        """Whatever is unfinished is finished, and the model still holds."""
        self.crash = 0
        self.erp.faults = {}
        for _ in range(5):
            if self.open is not None:
                self._sit(is_first=False)
        assert self.open is None
        self.the_erp_is_as_the_model_says()


World.TestCase.settings = settings(
    max_examples=150, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
TestWorld = World.TestCase
