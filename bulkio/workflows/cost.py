"""What applying takes: calls and seconds, by the same steps that apply goes through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bulkio.core.plan import Chain, Cost, chains
from bulkio.workflows.run import CHAINS_PER_WORKER
from bulkio.workflows.sweep import FRESH

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
    pace = requests_per_minute or connector.capabilities.requests_per_minute
    first, last = chains(connector.catalogue, operations)
    written = {chain.root_guid for chain in first}
    calls = 2 if connector.capabilities.incremental else 0
    for part in (first, last):
        bodies = [chain for chain in part if _has_body(connector, chain)]
        needed = sum(calls_of(connector, chain) for chain in part)
        if not connector.capabilities.incremental:
            needed += 2 * len(bodies)
        elif part:
            batches = -(-len(part) // (CHAINS_PER_WORKER * workers))
            needed += batches if bodies else batches - 1
            if pace and bodies:  # at a slow pace what was read grows old within a batch
                needed += max(0, int(needed * 60 / pace / FRESH) - batches)
        if part is last:  # what we wrote to ourselves is read again before it is written once more
            needed += sum(chain.root_guid in written or _child_kinds(connector, chain) > 0 for chain in bodies)
        calls += needed
    seconds = max(calls * _SECONDS_A_CALL / workers, calls * 60 / pace if pace else 0)
    return Cost(calls, round(seconds))


def calls_of(connector: Connector, chain: Chain) -> int:
    """The calls of one chain by itself: its writes, and a list of its children before and after theirs."""
    return len(chain.steps) + 2 * _child_kinds(connector, chain)


def _has_body(connector: Connector, chain: Chain) -> bool:
    return any(step.entity == connector.catalogue.root.name for step in chain.steps)


def _child_kinds(connector: Connector, chain: Chain) -> int:
    return len({step.entity for step in chain.steps if step.entity != connector.catalogue.root.name})
