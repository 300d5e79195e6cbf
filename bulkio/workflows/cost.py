"""What applying takes: calls and seconds, by the same steps that apply goes through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bulkio.core.plan import Chain, Cost, chains
from bulkio.workflows.run import CHAINS_PER_WORKER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bulkio.connectors.protocol import Connector
    from bulkio.core.plan import Operation

_SECONDS_A_CALL = 0.25  # an ordinary reply over the internet; only a pace limit makes it longer


def forecast(
    connector: Connector, operations: Sequence[Operation], *, workers: int, requests_per_minute: int | None
) -> Cost:
    """The cost of these operations if nothing goes wrong and nobody else edits meanwhile.

    One call counts the account's records and one sweeps what changed since the plan. Each batch is followed by a sweep
    that proves it. A chain's body is one call; its children with requests of their own are one each, and a list of
    them before and after.
    """
    if not operations:
        return Cost(0, 0)
    calls = 0
    parts = chains(connector.catalogue, operations)
    if connector.capabilities.incremental:
        calls += 2
    for part in parts:
        writes = sum(len(chain.steps) for chain in part)
        bodies = [chain for chain in part if _has_body(connector, chain)]
        calls += writes + 2 * sum(_child_kinds(connector, chain) for chain in part)
        if not connector.capabilities.incremental:
            calls += 2 * len(bodies)
        elif part:
            batches = -(-len(part) // (CHAINS_PER_WORKER * workers))
            calls += batches if bodies else batches - 1
    pace = requests_per_minute or connector.capabilities.requests_per_minute
    seconds = max(calls * _SECONDS_A_CALL / workers, calls * 60 / pace if pace else 0)
    return Cost(calls, round(seconds))


def _has_body(connector: Connector, chain: Chain) -> bool:
    return any(step.entity == connector.catalogue.root.name for step in chain.steps)


def _child_kinds(connector: Connector, chain: Chain) -> int:
    return len({step.entity for step in chain.steps if step.entity != connector.catalogue.root.name})
