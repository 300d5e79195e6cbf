"""The page's server: on loopback, on a free port, for one account, until it is stopped."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bulkio import account as accounts
from bulkio.errors import UsageError
from bulkio.listening import QuietServer, listening, stopped_by_signals
from bulkio.web.app import build
from bulkio.web.session import Session

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bulkio.account import Account

_HOST = "127.0.0.1"


def serve(account: Account, file: Path | None, *, port: int, on_ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; a run that is under way then finishes what is in flight, and can be resumed.

    To be called from the main thread; otherwise as `prepared`.
    """
    with prepared(account, file, port=port, on_ready=on_ready) as server, stopped_by_signals(server):
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
    with listening(_HOST, port) as listener, _opened(account, file) as session:
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


class PageServer(QuietServer):
    """The page's own server; `on_ready` gets the address with the token that opens it."""

    def __init__(self, session: Session, listener: socket.socket, on_ready: Callable[[str], None]) -> None:
        port = int(listener.getsockname()[1])
        token = secrets.token_urlsafe(32)
        page = build(session, port=port, token=token, is_closing=lambda: self.should_exit)
        super().__init__(page, lambda: on_ready(f"http://{_HOST}:{port}/open?token={token}"))
        self._listener = listener

    def serve_page(self) -> None:
        """Serve until `should_exit` is set."""
        self.run(sockets=[self._listener])
