"""Running a sandbox: in the foreground for the command line, or in a thread for tests."""

from __future__ import annotations

import gc
import threading
import time
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from bulkio.errors import UnavailableError
from bulkio.listening import QuietServer, listening, stopped_by_signals
from bulkio.sandbox.app import build
from bulkio.sandbox.connections import Connections
from bulkio.sandbox.unleashed.inspection import StoreInspection
from bulkio.sandbox.xentral.app import PREFIX as XENTRAL_PREFIX
from bulkio.sandbox.xentral.inspection import XentralInspection

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

    from bulkio.sandbox.app import Parts
    from bulkio.sandbox.faults import Faults
    from bulkio.sandbox.options import SandboxOptions
    from bulkio.sandbox.request_log import Served

_LONGEST_START = 30.0  # seconds
_POLL = 0.005  # seconds


class XentralPart:
    """What belongs to Xentral in a running sandbox."""

    def __init__(self, parts: Parts) -> None:
        """Show its part."""
        self._parts = parts
        self.store = XentralInspection(parts.xentral.get())

    @property
    def requests(self) -> list[Served]:
        """(method, path, query, status) of its requests so far."""
        return [served for served in self._parts.app.served if served.path.startswith(XENTRAL_PREFIX)]


class Sandbox:
    """A running sandbox, as tests see it: `store` is Unleashed's, the rest is for both ERPs."""

    def __init__(self, url: str, parts: Parts) -> None:
        """Show what runs at `url`."""
        self._parts = parts
        self.url = url
        self.store = StoreInspection(parts.unleashed)

    @cached_property
    def xentral(self) -> XentralPart:
        """Xentral's store and requests."""
        return XentralPart(self._parts)

    @property
    def faults(self) -> Faults:
        """The faults to come; add to them at any time."""
        return self._parts.faults

    @property
    def requests(self) -> list[Served]:
        """(method, path, query, status) of all requests so far."""
        return self._parts.app.served

    def settle(self, timeout: float = 10.0) -> None:
        """Wait until every request that a fault made late has been executed; TimeoutError after so many seconds."""
        end = time.monotonic() + timeout
        while self._parts.fault_layer.late_requests:
            if time.monotonic() > end:
                msg = "a late request is still not executed"
                raise TimeoutError(msg)
            time.sleep(_POLL)


def base_urls(url: str) -> dict[str, str]:
    """Say for each ERP, by its name for people, what a profile's `base_url` must be; their paths tell them apart."""
    return {"Unleashed": url, "Xentral": url}


def serve(options: SandboxOptions, on_ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM, then return; `on_ready` gets the URL once requests are answered.

    To be called from the main thread. UsageError if an option, the port, or a file cannot be used.
    """
    with listening(options.host, options.port) as listener:
        parts = build(options)
        gc.freeze()  # the customers stay as long as the process does; looking through them again costs half a second
        try:
            server = _server(parts, on_ready=lambda: on_ready(_url(listener)))
            with stopped_by_signals(server):
                server.run(sockets=[listener])
        finally:
            parts.close()


@contextmanager
def running(options: SandboxOptions) -> Iterator[Sandbox]:
    """Serve in a thread meanwhile; yields the sandbox once it answers.

    UsageError as for `serve`; UnavailableError if it does not start.
    """
    with listening(options.host, options.port) as listener:
        parts = build(options)
        is_ready = threading.Event()
        server = _server(parts, on_ready=is_ready.set)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="sandbox", daemon=True)
        thread.start()
        try:
            if not is_ready.wait(_LONGEST_START):
                msg = "the sandbox did not start"
                raise UnavailableError(msg)
            yield Sandbox(_url(listener), parts)
        finally:
            server.should_exit = True
            thread.join()
            parts.close()


def _server(parts: Parts, on_ready: Callable[[], None]) -> QuietServer:
    connections = Connections()
    return QuietServer(connections.closing(parts.app), on_ready, protocol=connections.protocol())


def _url(listener: socket.socket) -> str:
    host, port, *_ = listener.getsockname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
