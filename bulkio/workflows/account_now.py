"""The account as a plan begins to read it: its clock and its size, by which apply can tell later what moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bulkio.connectors.protocol import ContactScope, Query
from bulkio.core.kinds import canonical_timestamp

if TYPE_CHECKING:
    from bulkio.connectors.protocol import Connector, Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountNow:
    """What a plan remembers of the account.

    `live_at` is the ERP's own clock (canonical, "" if it does not tell), `population` how many root records it has (0:
    not told), `modified_today` how many records a sweep lists even if nothing happens, where it can only begin with a
    day.
    """

    live_at: str = ""
    population: int = 0
    modified_today: int = 0


def account_now(connector: Connector, reader: Reader) -> AccountNow:
    """One call; where an incremental listing gives whole days, those of one such listing as well."""
    page = next(iter(reader.pages(Query(contacts=ContactScope.NONE, page_size=1))), None)
    if page is None or page.server_time is None:
        return AccountNow()
    capabilities = connector.capabilities
    modified_today = 0
    if capabilities.incremental and capabilities.whole_days:
        since = Query(contacts=ContactScope.NONE, page_size=capabilities.max_page, modified_since=page.server_time)
        modified_today = sum(len(each.records) + len(each.left_out) for each in reader.pages(since))
    return AccountNow(
        live_at=canonical_timestamp(page.server_time.isoformat()),
        population=page.total or 0,
        modified_today=modified_today,
    )
