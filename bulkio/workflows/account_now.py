"""The account as a plan begins to read it: its clock and its size, by which apply can tell later what moved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bulkio.connectors.protocol import ContactScope, Query
from bulkio.core.kinds import canonical_timestamp

if TYPE_CHECKING:
    from bulkio.connectors.protocol import Connector, Page, Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountNow:
    """What a plan remembers of the account.

    `live_at` is the ERP's own clock (canonical, "" if it does not tell), `population` how many root records it has (0:
    not told), `modified_today` how many of them a listing gives that can only begin with a day.
    """

    live_at: str = ""
    population: int = 0
    modified_today: int = 0


def account_now(connector: Connector, reader: Reader) -> AccountNow:
    """One call; two where an incremental listing gives whole days."""
    query = Query(contacts=ContactScope.NONE, page_size=1)
    page = _first(reader, query)
    if page is None or page.server_time is None:
        return AccountNow()
    today: Page | None = None
    if connector.capabilities.incremental and connector.capabilities.whole_days:
        today = _first(reader, replace(query, modified_since=page.server_time))
    return AccountNow(
        live_at=canonical_timestamp(page.server_time.isoformat()),
        population=page.total or 0,
        modified_today=(today.total or 0) if today else 0,
    )


def _first(reader: Reader, query: Query) -> Page | None:
    return next(iter(reader.pages(query)), None)
