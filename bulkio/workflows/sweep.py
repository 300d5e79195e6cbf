"""Sweep: one listing of what was modified lately, instead of a read per record.

Before a batch is sent it tells which of its records changed since they were last read; after it, what the batch did.
Its clock is the ERP's own: each sweep begins where the newest record of the one before was modified, less `OVERLAP` or
the time that a lost request may need to take effect.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from bulkio.connectors.protocol import ContactScope, Query
from bulkio.core.kinds import as_datetime
from bulkio.core.records import canonical, identity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bulkio.connectors.protocol import Record
    from bulkio.workflows.run import Run

#: An edit may carry an earlier time than that at which it could first be read.
OVERLAP = timedelta(seconds=3)

#: Seconds. After a wait (for a lost reply, for a person's answer, at a slow pace) what was read is not sent any more.
FRESH = 15.0

#: A sweep of more pages than this is dearer than reading the records that it is about one by one.
MOST_PAGES = 2

#: The clock that dates the ERP's replies need not be the one that dates its records.
SKEW = timedelta(seconds=60)


class Sweep:
    """The listing, and how far it has come. Only for an ERP that can list by modification time."""

    def __init__(self, run: Run) -> None:
        self._run = run
        planned = as_datetime(run.plan.origin.live_at)
        self._since = planned and planned - SKEW
        self._looked_at = run.clock.now()
        self._pages = 0
        self._freshening = threading.Lock()
        self._looking = threading.Lock()
        self._overlap = max(OVERLAP, timedelta(seconds=run.settings.settle_seconds))

    @property
    def is_possible(self) -> bool:
        """Whether the ERP and the plan allow it."""
        return self._since is not None and self._run.connector.capabilities.incremental

    @property
    def is_cheap(self) -> bool:
        """Whether the last look took few pages. Where a listing cannot begin within a day, it may take many."""
        return self._pages <= MOST_PAGES

    @contextmanager
    def freshening(self) -> Iterator[bool]:
        """One thread at a time: whether the last look was so long ago that there has to be another."""
        if not self._is_stale():
            yield False
            return
        with self._freshening:
            yield self._is_stale()

    def _is_stale(self) -> bool:
        return self.is_possible and self._run.clock.now() - self._looked_at > FRESH

    def look(self) -> dict[str, Record]:
        """The root records modified since the last look, by id (their embedded children with them, no others).

        Others may send meanwhile; two looks are one after the other.
        """
        with self._looking:
            return self._look()

    def _look(self) -> dict[str, Record]:
        if self._since is None:
            return {}
        run = self._run
        began = run.clock.now()
        root = run.connector.catalogue.root
        query = Query(
            modified_since=self._since - self._overlap,
            contacts=ContactScope.NONE,
            page_size=run.connector.capabilities.max_page,
        )
        found: dict[str, Record] = {}
        pages = 0
        for page in run.link.reader.pages(query):
            pages += 1
            for record in page.records:
                found[identity(root, record)] = record
        if root.modified_field:
            times = (as_datetime(canonical(root, record, root.modified_field)) for record in found.values())
            self._since = max((self._since, *(moment for moment in times if moment)))
        self._pages, self._looked_at = pages, began
        return found
