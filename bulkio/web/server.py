"""The page's server: on loopback, on a free port, for one account, until it is stopped."""

from __future__ import annotations

import secrets
import signal
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

from bulkio import account as accounts
from bulkio.errors import UsageError
from bulkio.web.app import build
from bulkio.web.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import FrameType

    from bulkio.account import Account

_HOST = "127.0.0.1"
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def serve(account: Account, file: Path | None, *, port: int, on_ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; a run that is under way then finishes what is in flight, and can be resumed.

    To be called from the main thread; otherwise as `prepared`.
    """
    with prepared(account, file, port=port, on_ready=on_ready) as server, _stopped_by_signals(server):
        server.serve_page()


@contextmanager
def prepared(
    account: Account, file: Path | None, *, port: int, on_ready: Callable[[str], None]
) -> Iterator[PageServer]:
    """A server that waits for `serve_page()`. Whoever leaves the context waits for what is in flight.

    `file` is a sheet or a saved plan; without one the page takes up what it was about before. `on_ready` gets the
    address to open, which works once. Raises LockedError if the account's page is open already, CredentialsError,
    UnavailableError, UsageError if the port is taken, and FileError or OutdatedError if the file is none.
    """
    with _listening(port) as listener, _opened(account, file) as session:
        yield PageServer(session, listener, on_ready)


@contextmanager
def _opened(account: Account, file: Path | None) -> Iterator[Session]:
    """The account's session, which nobody else has meanwhile."""
    folder = account.review_folder
    lock = folder.lock()
    try:
        session = Session(account, account.identity().name, folder)
        if file is None:
            session.restore()
        elif accounts.is_plan_file(file):
            session.take_plan(accounts.load_plan(file), accounts.find_approval(file))
        elif not file.is_file():
            msg = f"{file}: there is no such file"
            raise UsageError(msg)
        else:
            session.take_file(file.absolute())
        try:
            yield session
        finally:
            session.jobs.finish()
    finally:
        lock.release()


class PageServer(uvicorn.Server):
    """uvicorn, silent, which says when it is ready and leaves signals to its caller. `should_exit` ends it."""

    def __init__(self, session: Session, listener: socket.socket, on_ready: Callable[[str], None]) -> None:
        port = int(listener.getsockname()[1])
        token = secrets.token_urlsafe(32)
        super().__init__(
            uvicorn.Config(
                build(session, port=port, token=token, is_closing=lambda: self.should_exit),
                ws="none",
                lifespan="off",
                interface="asgi3",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=1,
            )
        )
        self._listener = listener
        self._on_ready = on_ready
        self._url = f"http://{_HOST}:{port}/open?token={token}"

    def serve_page(self) -> None:
        """Serve until `should_exit` is set."""
        self.run(sockets=[self._listener])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if self.started:
            self._on_ready(self._url)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none: uvicorn would raise them again at the end, and so turn a clean stop into a kill."""
        yield


@contextmanager
def _stopped_by_signals(server: uvicorn.Server) -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        if server.should_exit:
            raise KeyboardInterrupt
        server.should_exit = True

    before = {each: signal.signal(each, stop) for each in _SIGNALS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((_HOST, port))
        except OSError as error:
            msg = f"port {port} of {_HOST} cannot be used: {error.strerror}"
            raise UsageError(msg) from error
        yield listener
