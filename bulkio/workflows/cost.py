"""What applying takes: calls and seconds, by the same steps that apply goes through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bulkio.core.plan import Action, Cost, chains

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bulkio.connectors.protocol import Connector
    from bulkio.core.plan import Operation

_SECONDS_A_CALL = 0.25  # an ordinary reply over the internet; only a pace limit makes it longer


def forecast(connector: Connector, operations: Sequence[Operation], requests_per_minute: int | None) -> Cost:
    """The cost of these operations if nothing goes wrong.

    A step on the root record: a read before (not for a create), the write, a read after. A chain's children with
    requests of their own: one list before, a write each, one list after.
    """
    root = connector.catalogue.root.name
    calls = 0
    for part in chains(connector.catalogue, operations):
        for chain in part:
            own = [step for step in chain.steps if step.entity != root]
            for step in chain.steps:
                if step.entity == root:
                    calls += 2 if step.action is Action.CREATE else 3
            calls += len(own) + (2 if own else 0)
    pace = requests_per_minute or connector.capabilities.requests_per_minute
    seconds = max(calls * _SECONDS_A_CALL, calls * 60 / pace if pace else 0)
    return Cost(calls, round(seconds))

