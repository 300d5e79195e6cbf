"""Chains of work on several threads: the one place with threads.

Chains are independent; a chain is worked on by one thread from beginning to end, so that what belongs to one record
happens in order. A stop lets what is in flight finish and begins nothing new.
"""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable

Work = TypeVar("Work")

_POLL = 0.2  # seconds between looks at `stop`, so that Ctrl-C reaches the calling thread


def dispatch(
    chains: Iterable[Work], work: Callable[[Work], None], *, workers: int, stop: threading.Event
) -> None:
    """Run `work` on every chain with at most so many at a time.

    The first exception sets `stop`, waits for what is in flight, and is raised. `KeyboardInterrupt` in the calling
    thread does the same. One worker is the calling thread itself.
    """
    if workers <= 1:
        for chain in chains:
            if stop.is_set():
                return
            work(chain)
        return
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="bulkio") as pool:
        flying: set[Future[None]] = set()
        try:
            for chain in chains:
                while len(flying) >= workers:
                    flying = _landed(flying)
                if stop.is_set():
                    break
                flying.add(pool.submit(work, chain))
            while flying:
                flying = _landed(flying)
        except BaseException:
            stop.set()
            raise


def _landed(flying: set[Future[None]]) -> set[Future[None]]:
    done, rest = wait(flying, timeout=_POLL, return_when=FIRST_COMPLETED)
    for each in done:
        each.result()
    return rest
