"""What applying takes: calls and seconds, by the same steps that apply goes through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bulkio.core.plan import Action, Chain, Cost, Step, chains
from bulkio.core.provisional import is_provisional
from bulkio.workflows.run import CHAINS_PER_WORKER
from bulkio.workflows.sweep import FRESH, MOST_PAGES
from bulkio.workflows.verify import is_real_delete

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bulkio.connectors.protocol import Connector
    from bulkio.core.plan import Operation

_SECONDS_A_CALL = 0.25  # an ordinary reply over the internet; only a pace limit makes it longer


def forecast(
    connector: Connector,
    operations: Sequence[Operation],
    *,
    workers: int,
    requests_per_minute: int | None,
    modified_today: int = 0,
) -> Cost:
    """The cost of these operations if nothing goes wrong and nobody else edits meanwhile.

    One call counts the account's records and a sweep shows what changed since the plan. Each batch is followed by a
    sweep that proves it. An ERP that cannot be swept is asked for each record before it is written, and after.
    `modified_today` is how many records a sweep lists in any case, where it cannot begin within a day.
    """
    if not operations:
        return Cost(0, 0)
    pace = requests_per_minute or connector.capabilities.requests_per_minute
    parts = [_Part.of(connector, part) for part in chains(connector.catalogue, operations)]
    calls = sum(part.calls for part in parts)
    if not connector.capabilities.incremental:
        calls += sum(part.creates + 2 * part.updates for part in parts)
    else:
        listed = modified_today
        calls += 1 + _pages(connector, listed)
        for part in parts:
            calls += part.sweep_calls(connector, listed, batch_size=CHAINS_PER_WORKER * workers, pace=pace)
            listed += part.creates + part.updates
        # What we wrote to ourselves is read again before it is written once more.
        calls += sum(root in parts[0].written or root in parts[1].inside for root in parts[1].updated)
    seconds = max(calls * _SECONDS_A_CALL / workers, calls * 60 / pace if pace else 0)
    return Cost(calls, round(seconds))


def calls_of(connector: Connector, chain: Chain) -> int:
    """The calls of one chain by itself: its writes, a list of its children before and after theirs.

    A record to which the ERP gives the id is looked for by its key first; one that is to go for good is read with all
    its children first, and looked for afterwards.
    """
    body = _body(connector, chain)
    extra = 0
    if body and is_provisional(chain.root_guid):
        extra = 1
    elif body and _goes(connector, body):
        extra = connector.capabilities.calls_a_record + 1
    return len(chain.steps) + 2 * _child_kinds(connector, chain) + extra


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """The creates and changes of a plan, or its deletes: how many chains and calls, and what is written.

    `updated` are the records whose bodies are merged with what is there, `inside` those whose children are written.
    """

    chains: int
    calls: int
    creates: int
    updated: frozenset[str]
    written: frozenset[str]
    inside: frozenset[str]

    @classmethod
    def of(cls, connector: Connector, part: Sequence[Chain]) -> _Part:
        bodies = [body for chain in part if (body := _body(connector, chain)) and not _goes(connector, body)]
        return cls(
            chains=len(part),
            calls=sum(calls_of(connector, chain) for chain in part),
            creates=sum(body.action is Action.CREATE for body in bodies),
            updated=frozenset(body.root_guid for body in bodies if body.action is not Action.CREATE),
            written=frozenset(chain.root_guid for chain in part),
            inside=frozenset(chain.root_guid for chain in part if _child_kinds(connector, chain)),
        )

    @property
    def updates(self) -> int:
        return len(self.updated)

    def sweep_calls(self, connector: Connector, listed: int, *, batch_size: int, pace: int | None) -> int:
        """One sweep between two batches, one that proves the last, and more at a pace at which readings grow old.

        `listed` is how many records the first sweep lists; what is written comes on top, batch by batch.
        """
        merged, calls = self.creates + self.updates, 0.0
        for start in range(0, self.chains, batch_size):
            share = min(batch_size, self.chains - start) / self.chains
            if pace:
                calls += self._freshening(share, _pages(connector, listed), FRESH * pace / 60)
            listed += round(merged * share)
            if merged or start + batch_size < self.chains:
                calls += _pages(connector, listed)
        return round(calls)

    def _freshening(self, share: float, pages: int, window: float) -> float:
        """What is read again within a batch. A reading is good for as long as `window` calls take."""
        if not self.updates or self.calls * share <= window:
            return 0
        if pages > MOST_PAGES:  # each record by itself
            return self.updates * share * (1 - window / ((self.calls + self.updates) * share))
        return (self.calls * share // (window - pages)) * pages if window > pages else 0


def _pages(connector: Connector, listed: int) -> int:
    """The pages of a sweep that lists so many; where it can begin within a day, it lists but a few."""
    capabilities = connector.capabilities
    return max(1, -(-listed // capabilities.max_page)) if capabilities.whole_days else 1


def _body(connector: Connector, chain: Chain) -> Step | None:
    return next((step for step in chain.steps if step.entity == connector.catalogue.root.name), None)


def _goes(connector: Connector, body: Step) -> bool:
    """Whether the step deletes the root record for good."""
    root, lead = connector.catalogue.root, body.operations[0]
    return lead.entity == root.name and is_real_delete(root, lead)


def _child_kinds(connector: Connector, chain: Chain) -> int:
    return len({step.entity for step in chain.steps if step.entity != connector.catalogue.root.name})
