"""Nothing lost, nothing doubled, nobody's edit overwritten, nothing said that is not so: in every scenario there is.

The scenarios are plan x faults (none, one, two) x the moment at which the process dies x a colleague's edit; see
simulation.py. By default every single fault is played and every so-manieth of the rest; BULKIO_SIMULATE=all plays all.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import numbered_simulation
import pytest
from numbered_simulation import DELETING, SECOND, play
from simulation import FIRST, WRONG, Scenario, Stage, families, play_family

if TYPE_CHECKING:
    from collections.abc import Callable

LEAST = 50_000
LEAST_NUMBERED = 3_000
PROTOCOLS = {**WRONG, **numbered_simulation.WRONG}
IS_ALL = os.environ.get("BULKIO_SIMULATE") == "all"
SHARE = 100 if IS_ALL else 44  # per cent

Family = tuple[int, list[tuple[Scenario, int, list[str]]]]


def chosen(stage: Stage, share: int, of: int) -> list[Scenario]:
    """All with at most one fault and nobody else, and a slice of the others that is always the same."""
    plain = [each for each in families(stage) if len(each.faults) < 2 and not each.colleague]
    rest = [each for each in families(stage) if len(each.faults) == 2 or each.colleague]
    return plain + [each for at, each in enumerate(rest) if at % of < share]


def play_all(play: Callable[[Scenario], Family], scenarios: list[Scenario]) -> int:
    """Play them in all their deaths; how many that were. No promise may be broken in any."""
    played = 0
    broken = []
    # Fresh interpreters: the one that runs the tests has threads.
    context = multiprocessing.get_context("spawn")
    # Millions of small objects that live shortly: the collector need not look as often as by default.
    seldom = partial(gc.set_threshold, 200_000, 50, 50)
    with ProcessPoolExecutor(os.cpu_count() or 1, mp_context=context, initializer=seldom) as pool:
        for count, bad in pool.map(play, scenarios, chunksize=8):
            played += count
            broken += bad
    assert broken == []
    return played


def test_the_protocol_keeps_every_promise_in_every_scenario() -> None:
    assert play_all(play_family, chosen(FIRST, SHARE, 100)) >= LEAST


def test_it_does_so_where_the_erp_numbers_its_records_and_really_deletes() -> None:
    parts = 1 if IS_ALL else 40
    edits_of_what_goes = [each for each in families(DELETING) if each.colleague][:: -(-parts // 3)]
    assert play_all(play, chosen(SECOND, 1, parts) + edits_of_what_goes) >= LEAST_NUMBERED


@pytest.mark.parametrize("name", list(PROTOCOLS))
def test_a_protocol_known_to_be_wrong_is_caught(name: str) -> None:
    protocol = PROTOCOLS[name]
    few = (each for each in families(protocol.stage) if len(each.faults) < 2)
    caught = map(partial(play_family, protocol=protocol), few)
    _, bad = next(found for found in caught if found[1])
    assert any(promise.startswith(("lost", "doubled", "wrongly")) for _, _, promises in bad for promise in promises)
