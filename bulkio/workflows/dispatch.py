"""Chains of work on several threads: the one place with threads.

Chains are independent; a chain is worked on by one thread from beginning to end, so that what belongs to one record
happens in order. A stop lets what is in flight finish and begins nothing new. The threads are daemons: whoever presses
Ctrl-C twice does not wait for a reply that may be a minute away, and what it was is in the journal.
"""

from __future__ import annotations

import queue
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Work = TypeVar("Work")

_POLL = 0.2  # seconds, so that Ctrl-C reaches the calling thread on every system


def dispatch(chains: Iterable[Work], work: Callable[[Work], None], *, workers: int, stop: threading.Event) -> None:
    """Run `work` on every chain with at most so many at a time.

    The first exception sets `stop`, waits for what is in flight, and is raised. `KeyboardInterrupt` in the calling
    thread sets `stop` and waits for nothing. One worker is the calling thread itself.
    """
    if workers > 1:
        _on_threads(chains, work, workers=workers, stop=stop)
        return
    for chain in chains:
        if stop.is_set():
            return
        work(chain)


def _on_threads(chains: Iterable[Work], work: Callable[[Work], None], *, workers: int, stop: threading.Event) -> None:
    left = iter(chains)
    taking = threading.Lock()
    ended: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()

    def run() -> None:
        try:
            while not stop.is_set() and (mine := _next(left, taking)):
                work(mine[0])
        except BaseException as exc:  # noqa: BLE001 raised again by the calling thread
            stop.set()
            ended.put(exc)
        else:
            ended.put(None)

    for number in range(workers):
        threading.Thread(target=run, name=f"bulkio-{number}", daemon=True).start()
    try:
        failures = [failure for _ in range(workers) if (failure := _patiently(ended)) is not None]
    except BaseException:
        stop.set()
        raise
    if failures:
        raise failures[0]


def _patiently(ended: queue.SimpleQueue[BaseException | None]) -> BaseException | None:
    """How the next thread ended."""
    while True:
        with suppress(queue.Empty):
            return ended.get(timeout=_POLL)


def _next(chains: Iterator[Work], taking: threading.Lock) -> tuple[Work] | None:
    """The next chain, if there is one."""
    with taking:
        for chain in chains:
            return (chain,)
    return None
