"""So many requests a minute, and then 429.

The page names 100, on any plan, and says that this will change. It documents neither a burst rule, nor a header that
says how many are left, nor Retry-After; so there is none. A minute is the last sixty seconds (assumed).
"""

from __future__ import annotations

import time
from collections import deque
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

_MINUTE = 60.0  # seconds


class Window:
    """Counts the requests of the last minute; refused ones do not count."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Admit `most` of them; `clock` gives seconds."""
        self._most = most
        self._clock = clock
        self._admitted: deque[float] = deque()

    def admits(self) -> bool:
        """Whether one more may pass now; if so, it counts."""
        now = self._clock()
        while self._admitted and now - self._admitted[0] >= _MINUTE:
            self._admitted.popleft()
        if len(self._admitted) >= self._most:
            return False
        self._admitted.append(now)
        return True


class RateLimit:
    """ASGI middleware: refuses what is over the limit, before anything else is looked at."""

    def __init__(self, app: ASGIApp, window: Window) -> None:
        """Wrap `app`."""
        self._app = app
        self._window = window

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count one request."""
        if scope["type"] == "http" and not self._window.admits():
            refusal = JSONResponse({"message": "Too Many Requests"}, status_code=HTTPStatus.TOO_MANY_REQUESTS)
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)
