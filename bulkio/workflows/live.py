"""What the ERP holds now, of the records that a plan needs: read as cheaply as the ERP allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bulkio.connectors.protocol import Query
from bulkio.core.flatten import flatten
from bulkio.core.records import canonical, identity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from bulkio.connectors.protocol import Capabilities, Reader, Record
    from bulkio.core.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Live:
    """The frames of what was read (index 0..n-1), and the raw records by id."""

    frames: dict[str, pd.DataFrame]
    records: dict[str, Record]


def read_live(  # noqa: PLR0913 what to read, from where, and whom to tell
    reader: Reader,
    catalogue: Catalogue,
    capabilities: Capabilities,
    *,
    ids: Sequence[str],
    keys: Sequence[str],
    everything: bool = False,
    wants_others: bool = True,
    expected_total: int | None,
    progress: Callable[[int, int | None], None],
) -> Live:
    """The root records of these ids and human keys; those that do not exist are simply not in the result.

    One by one, or by listing everything, whichever takes fewer calls; `everything` wants all listed and returned.
    Of a listing, records that nobody asked for are dropped page by page unless the caller `wants_others` (to suggest
    near keys from them): they would take most of the time and the memory.
    `expected_total` is how many records the account has as far as known (None: it has to be listed anyway to find
    out). `progress` is told (done, total) records.
    """
    wanted = len(ids) + len(keys)
    pages = -(-expected_total // capabilities.page_size) if expected_total else None
    records: list[Record] = []
    calls = wanted * capabilities.calls_a_record
    if wanted and not everything and calls <= _MOST_SINGLE_CALLS and (pages is None or calls <= max(pages, FEW_PAGES)):
        by_key = reader.find(keys) if keys else iter(())
        if by_key is not None:
            for record in by_key:
                records.append(record)
                progress(len(records), wanted)
            for record in reader.fetch(ids):
                records.append(record)
                progress(len(records), wanted)
            return _live(catalogue, records)
    if wanted or everything:
        is_wanted = _wanting(catalogue, ids, keys)
        listed = 0
        for page in reader.pages(Query()):
            listed += len(page.records)
            records.extend(page.records if everything or wants_others else filter(is_wanted, page.records))
            progress(listed, page.total)
    return _live(catalogue, records)


#: So many pages are read without a second thought.
FEW_PAGES = 4

_MOST_SINGLE_CALLS = 200  # without a known total: beyond this a listing is never much dearer


def _wanting(catalogue: Catalogue, ids: Sequence[str], keys: Sequence[str]) -> Callable[[Record], bool]:
    """Whether a record has one of the ids, or one of the keys in any case: ERPs take `acme` and `ACME` for one."""
    root = catalogue.root
    key = root.key_fields[0]
    known_ids, folded_keys = set(ids), {each.casefold() for each in keys}

    def is_wanted(record: Record) -> bool:
        if identity(root, record) in known_ids:
            return True
        return bool(folded_keys) and canonical(root, record, key).casefold() in folded_keys

    return is_wanted


def _live(catalogue: Catalogue, records: Sequence[Record]) -> Live:
    # A list that shifts while it is paged repeats records; the later reading is the newer.
    unique = {identity(catalogue.root, record): record for record in records}
    return Live(flatten(catalogue, list(unique.values())), unique)
