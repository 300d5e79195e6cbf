"""Jobs: the one thing that the page has under way (reading a file, planning, applying), and how far it is.

Jobs run beside the server, one at a time; whoever asks gets a snapshot. A page may be closed and opened meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool

from bulkio.core.report import Status
from bulkio.errors import BulkioError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bulkio.core.plan import Operation
    from bulkio.core.report import Outcome
    from bulkio.workflows.run import Progress

_log = logging.getLogger(__name__)

_RECENT = 6  # outcomes that are shown while a run goes on


class State(Enum):
    """Where a job is."""

    RUNNING = "running"
    ASKING = "asking"  # it waits for a person's yes
    DONE = "done"
    FAILED = "failed"


@dataclass(slots=True)
class Job:
    """One job. `step` is the page that it belongs to, `words` what it does, `total` is None while it is not known.

    Of a run, `done` counts what is at its end, and `sent` what the ERP has taken: that is proved batch by batch.

    `stop` ends a run after what is in flight. `then` is the page to go to when it has ended.
    """

    step: str
    words: str
    state: State = State.RUNNING
    done: int = 0
    sent: int = 0
    total: int | None = None
    error: BulkioError | None = None
    then: str = ""
    stop: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    began: float = field(default_factory=time.monotonic)
    counts: Counter[str] = field(default_factory=Counter)
    recent: deque[dict[str, str]] = field(default_factory=lambda: deque(maxlen=_RECENT))
    _answered: threading.Event = field(default_factory=threading.Event)
    _answer: bool = False

    @property
    def is_under_way(self) -> bool:
        """Whether it is not at its end."""
        return not self.ended.is_set()

    def count(self, done: int, total: int | None) -> None:
        """So much is done."""
        self.done, self.total = done, total

    def tell(self, progress: Progress) -> None:
        """One more operation is at its end."""
        self.count(progress.done, progress.total)
        status = progress.outcome.status.value
        self.counts[status] += 1
        if status != Status.VERIFIED.value:  # those were shown when they were sent
            self._show(progress.operation, status, progress.outcome.message)

    def tell_sent(self, operation: Operation) -> None:
        """The ERP has taken one more; it is still to be read back."""
        self.sent += 1
        self._show(operation, "sent", "")

    def _show(self, operation: Operation, status: str, words: str) -> None:
        self.recent.appendleft({"key": operation.key, "status": status, "message": words})

    def ask(self, outcomes: Sequence[Outcome]) -> bool:
        """Wait for a person's answer, after the canary."""
        del outcomes
        self.state = State.ASKING
        self._answered.wait()
        self.state = State.RUNNING
        return self._answer

    def answer(self, *, is_yes: bool) -> None:
        """What `ask` waits for."""
        self._answer = is_yes
        self._answered.set()

    @property
    def was_declined(self) -> bool:
        """Whether the answer was no."""
        return self._answered.is_set() and not self._answer

    def halt(self) -> None:
        """Begin nothing new; what is in flight finishes."""
        self.stop.set()
        self.answer(is_yes=False)

    def snapshot(self) -> dict[str, Any]:
        """What the page shows of it. `rate` is by the minute, `left` in seconds; both None while nobody can tell."""
        elapsed = time.monotonic() - self.began
        refused = sum(count for name, count in self.counts.items() if name != Status.VERIFIED.value)
        mine = self.sent + refused if self.sent else self.done
        rate = mine / elapsed * 60 if mine > 0 and elapsed > 1 else None
        left = max(self.total - mine, 0) / rate * 60 if rate and self.total is not None else None
        return {
            "step": self.step,
            "words": self.words,
            "state": self.state.value,
            "then": self.then or self.step,
            "done": self.done,
            "sent": max(mine, self.done),
            "total": self.total,
            "rate": rate and round(rate),
            "left": left and round(left),
            "stopping": self.stop.is_set(),
            "counts": dict(self.counts),
            "recent": list(self.recent),
        }


class Jobs:
    """The place for one job at a time."""

    def __init__(self) -> None:
        self.current: Job | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def is_busy(self) -> bool:
        """Whether one is under way."""
        return self.current is not None and self.current.is_under_way

    def start(self, step: str, words: str, work: Callable[[Job], None]) -> Job:
        """Begin one; to be called on the server's loop. Raises UsageError while another is under way."""
        if self.is_busy:
            msg = "something is still under way"
            raise UsageError(msg, hint="Wait until it has finished, or stop it.")
        job = Job(step, words)
        self.current = job
        task = asyncio.ensure_future(run_in_threadpool(_run, job, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return job

    def error_of(self, step: str) -> BulkioError | None:
        """What made the last job fail, if it was this step's; it stays until the next job."""
        return self.current.error if self.current and self.current.step == step else None

    def finish(self) -> None:
        """Stop what is under way, and wait for what is in flight."""
        if self.current:
            self.current.halt()
            self.current.ended.wait()


def _run(job: Job, work: Callable[[Job], None]) -> None:
    try:
        work(job)
        job.state = State.DONE
    except BulkioError as exc:
        job.error, job.state = exc, State.FAILED
    except Exception:  # noqa: BLE001 a page that waits must hear of it, whatever it was
        _log.exception("a job of the review page failed")
        job.error = BulkioError("something that should not happen", hint="Please report it; the log says more.")
        job.state = State.FAILED
    finally:
        job.ended.set()
