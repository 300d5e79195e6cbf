"""The exit statuses, which scripts may rely on, and which error means which."""

from __future__ import annotations

from enum import IntEnum

from bulkio import errors


class ExitStatus(IntEnum):
    """What a command's exit status says."""

    OK = 0  # done, or nothing to do
    UNEXPECTED = 1  # an error that should not happen
    USAGE = 2  # usage or configuration
    INVALID_FILE = 3  # the file has errors; nothing was sent
    CREDENTIALS = 4  # credentials or permission
    CONFLICT = 5  # conflicts, a stale plan, or another run holds the lock
    FAILED = 6  # some operations failed or are in doubt
    UNAVAILABLE = 7  # unreachable, rate-limited past patience, or the quota is spent
    RAIL = 8  # a safety rail stopped it
    INCOMPLETE = 9  # the export is incomplete
    CHANGES = 10  # changes pending (plan --detailed-exitcode only)
    INTERRUPTED = 130  # interrupted; resumable


_BY_ERROR: tuple[tuple[type[errors.BulkioError], ExitStatus], ...] = (
    (errors.UsageError, ExitStatus.USAGE),
    (errors.FileError, ExitStatus.INVALID_FILE),
    (errors.CredentialsError, ExitStatus.CREDENTIALS),
    (errors.OutdatedError, ExitStatus.CONFLICT),
    (errors.UnavailableError, ExitStatus.UNAVAILABLE),
    (errors.RailError, ExitStatus.RAIL),
    (errors.IncompleteError, ExitStatus.INCOMPLETE),
    (errors.RejectedError, ExitStatus.FAILED),
)


def status_of(error: errors.BulkioError) -> ExitStatus:
    """The exit status that an error means."""
    return next((status for kind, status in _BY_ERROR if isinstance(error, kind)), ExitStatus.UNEXPECTED)
