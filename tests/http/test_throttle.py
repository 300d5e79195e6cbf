from __future__ import annotations

import contextlib
import threading
from typing import Any

import pytest

from bulkio.http.throttle import Throttle


def test_without_a_limit_nobody_waits(clock: Any) -> None:
    throttle = Throttle(clock=clock, sleep=clock.sleep)
    for _ in range(100):
        throttle.acquire()
    assert clock.slept == []


def test_requests_are_spaced_evenly(clock: Any) -> None:
    throttle = Throttle(40, clock=clock, sleep=clock.sleep)
    for _ in range(41):
        throttle.acquire()
    assert clock.now == pytest.approx(1000 + 60)
    assert all(nap == pytest.approx(1.5) for nap in clock.slept)


def test_an_idle_minute_is_not_saved_up_for_a_burst(clock: Any) -> None:
    throttle = Throttle(60, clock=clock, sleep=clock.sleep)
    throttle.acquire()
    clock.now += 60
    throttle.acquire()
    throttle.acquire()
    assert clock.slept == [pytest.approx(1.0)]


def test_a_pause_holds_everybody_and_the_longest_counts(clock: Any) -> None:
    throttle = Throttle(clock=clock, sleep=clock.sleep)
    throttle.pause(5)
    throttle.pause(30)
    throttle.pause(10)
    throttle.acquire()
    throttle.acquire()
    assert clock.slept == [30]


def test_a_pause_that_begins_while_somebody_waits_holds_him_too(clock: Any) -> None:
    naps: list[float] = []

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        clock.now += seconds
        if len(naps) == 1:
            throttle.pause(20)

    throttle = Throttle(60, clock=clock, sleep=sleep)
    throttle.acquire()
    throttle.acquire()
    assert naps == [pytest.approx(1.0), pytest.approx(20.0)]


def test_threads_share_one_pace() -> None:
    """Sixteen threads at once, on a clock that stands still: each gets a turn of its own, one second apart."""
    together = threading.Barrier(16)
    naps: list[float] = []

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        raise _WokenError

    throttle = Throttle(60, clock=lambda: 0.0, sleep=sleep)

    def turn() -> None:
        together.wait()
        with contextlib.suppress(_WokenError):
            throttle.acquire()

    threads = [threading.Thread(target=turn) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(naps) == [pytest.approx(second) for second in range(1, 16)]


class _WokenError(Exception):
    """Ends a nap that nobody wants to wait for."""


@pytest.mark.parametrize("pace", [0, -1])
def test_a_pace_must_be_positive(pace: int) -> None:
    with pytest.raises(ValueError, match="positive"):
        Throttle(pace)
