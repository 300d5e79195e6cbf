"""Nothing lost, nothing doubled, nobody's edit overwritten, nothing said that is not so: in every scenario there is.

The scenarios are plan x faults (none, one, two) x the moment at which the process dies x a colleague's edit; see
simulation.py. By default every single fault is played and every so-manieth of the rest; BULKIO_SIMULATE=all plays all.
"""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import pytest
from simulation import WRONG, Scenario, families, play_family

LEAST = 50_000
SHARE = 20 if os.environ.get("BULKIO_SIMULATE") == "all" else 9  # of twenty


def chosen() -> list[Scenario]:
    """All with at most one fault and nobody else, and a slice of the others that is always the same."""
    plain = [each for each in families() if len(each.faults) < 2 and not each.colleague]
    rest = [each for each in families() if len(each.faults) == 2 or each.colleague]
    return plain + [each for at, each in enumerate(rest) if at % 20 < SHARE]


def test_the_protocol_keeps_every_promise_in_every_scenario() -> None:
    played = 0
    broken = []
    # Fresh interpreters: the one that runs the tests has threads.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count() or 1, mp_context=context) as pool:
        for count, bad in pool.map(play_family, chosen(), chunksize=8):
            played += count
            broken += bad
    assert broken == []
    assert played >= LEAST


@pytest.mark.parametrize("name", list(WRONG))
def test_a_protocol_known_to_be_wrong_is_caught(name: str) -> None:
    caught = map(partial(play_family, protocol=WRONG[name]), (s for s in families() if len(s.faults) < 2))
    _, bad = next(found for found in caught if found[1])
    assert any(promise.startswith(("lost", "doubled", "wrongly")) for _, _, promises in bad for promise in promises)
