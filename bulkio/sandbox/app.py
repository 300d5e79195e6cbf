"""The sandbox's application: each ERP under its own path, and around them the faults and the log of requests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bulkio.sandbox.collector import paused_collector
from bulkio.sandbox.fault_layer import FaultLayer
from bulkio.sandbox.faults import Faults, read_faults
from bulkio.sandbox.request_log import RequestLog
from bulkio.sandbox.state import StateFile
from bulkio.sandbox.unleashed.data import invented_customers
from bulkio.sandbox.unleashed.persistence import ERP, CustomerJournal, dump, load
from bulkio.sandbox.unleashed.routes import unleashed_app
from bulkio.sandbox.unleashed.store import Store

if TYPE_CHECKING:
    from bulkio.sandbox.options import SandboxOptions


@dataclass(frozen=True, slots=True)
class Parts:
    """What a running sandbox consists of."""

    app: RequestLog
    fault_layer: FaultLayer
    faults: Faults
    store: Store
    state: StateFile | None

    def close(self) -> None:
        """Let go of the state file."""
        if self.state is not None:
            self.state.close()


def build(options: SandboxOptions) -> Parts:
    """Put a sandbox together; UsageError if the faults or the state file cannot be used."""
    faults = Faults(read_faults(options.faults) if options.faults else [])
    state = StateFile(options.state) if options.state else None
    if state is not None and (facts := state.facts()):
        # What the data were made from is the file's business, not that of whoever opens it again.
        options = replace(options, seed=int(facts["seed"]), customers=int(facts["customers"]))
    store = _store(options, state)
    # Unleashed's paths start at the root; an ERP with a prefix of its own would be asked first.
    fault_layer = FaultLayer(unleashed_app(store, options), faults)
    return Parts(RequestLog(fault_layer), fault_layer, faults, store, state)


def _store(options: SandboxOptions, state: StateFile | None) -> Store:
    if state is None:
        return Store(invented_customers(options.customers, options.seed))
    if not state.facts():
        customers = invented_customers(options.customers, options.seed)
        facts = {"seed": str(options.seed), "customers": str(options.customers)}
        state.fill(facts, ERP, ((customer.guid, dump(customer)) for customer in customers))
    else:
        with paused_collector():
            customers = [load(record) for record in state.records(ERP)]
    return Store(customers, CustomerJournal(state))
