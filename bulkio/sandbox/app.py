"""The sandbox's application: each ERP under its own path, and around them the faults and the log of requests."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

from bulkio.sandbox.fault_layer import FaultLayer
from bulkio.sandbox.faults import Faults, read_faults
from bulkio.sandbox.records import open_records
from bulkio.sandbox.request_log import RequestLog
from bulkio.sandbox.state import StateFile
from bulkio.sandbox.unleashed import data as unleashed_data
from bulkio.sandbox.unleashed import persistence as unleashed_persistence
from bulkio.sandbox.unleashed.routes import unleashed_app
from bulkio.sandbox.unleashed.store import Store as UnleashedStore
from bulkio.sandbox.xentral import data as xentral_data
from bulkio.sandbox.xentral import persistence as xentral_persistence
from bulkio.sandbox.xentral.app import PREFIX as XENTRAL_PREFIX
from bulkio.sandbox.xentral.app import xentral_app
from bulkio.sandbox.xentral.store import Store as XentralStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

    from bulkio.sandbox.options import SandboxOptions

_Made = TypeVar("_Made")


class Deferred(Generic[_Made]):
    """Something that is made when it is first asked for, by whichever thread."""

    def __init__(self, make: Callable[[], _Made]) -> None:
        """Ask `make` for it, once."""
        self._make = make
        self._made: _Made | None = None
        self._lock = threading.Lock()

    def get(self) -> _Made:
        """Make it, or give what was made."""
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made


@dataclass(frozen=True, slots=True)
class Parts:
    """What a running sandbox consists of."""

    app: RequestLog
    fault_layer: FaultLayer
    faults: Faults
    unleashed: UnleashedStore
    xentral: Deferred[XentralStore]
    state: StateFile | None

    def close(self) -> None:
        """Let go of the state file."""
        if self.state is not None:
            self.state.close()


def build(options: SandboxOptions) -> Parts:
    """Put a sandbox together; UsageError if the faults or the state file cannot be used.

    Xentral's customers are invented when they are first asked for: most sandboxes are asked for one ERP's only.
    """
    faults = Faults(read_faults(options.faults) if options.faults else [])
    state = StateFile(options.state) if options.state else None
    if state is not None:
        options = _as_begun(options, state)
    unleashed, xentral = _unleashed(options, state), Deferred(lambda: _xentral(options, state))
    by_path = _ByPath(Deferred(lambda: xentral_app(xentral.get(), options)), unleashed_app(unleashed, options))
    fault_layer = FaultLayer(by_path, faults)
    return Parts(RequestLog(fault_layer), fault_layer, faults, unleashed, xentral, state)


class _ByPath:
    """Hands Xentral what has its prefix; Unleashed's paths start at the root."""

    def __init__(self, xentral: Deferred[ASGIApp], unleashed: ASGIApp) -> None:
        self._xentral = xentral
        self._unleashed = unleashed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_xentral = scope["type"] == "http" and scope["path"].startswith(XENTRAL_PREFIX)
        app = self._xentral.get() if is_xentral else self._unleashed
        await app(scope, receive, send)


def _as_begun(options: SandboxOptions, state: StateFile) -> SandboxOptions:
    """What the data were made from is the file's business, not that of whoever opens it again."""
    facts = state.facts()
    if not facts:
        state.begin({"seed": str(options.seed), "customers": str(options.customers)})
        return options
    return replace(options, seed=int(facts["seed"]), customers=int(facts["customers"]))


def _unleashed(options: SandboxOptions, state: StateFile | None) -> UnleashedStore:
    invent = partial(unleashed_data.invented_customers, options.customers, options.seed)
    return UnleashedStore(*open_records(state, unleashed_persistence.LAYOUT, invent))


def _xentral(options: SandboxOptions, state: StateFile | None) -> XentralStore:
    invent = partial(xentral_data.invented_customers, options.customers, options.seed)
    return XentralStore(*open_records(state, xentral_persistence.LAYOUT, invent))
