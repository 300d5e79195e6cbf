"""The exceptions of bulkio, grouped by what the caller should do about them.

An *error* means that we cannot go on; a bad cell is never one of these, it is an `Issue` (core/issues.py).

    BulkioError
    ├── UsageError             fix the command, the flags or the configuration
    │   └── UnknownProfileError
    ├── FileError              fix the file: it cannot be read or written at all
    │   └── InvalidFileError   it was read, and it has errors; they are attached as issues
    ├── CredentialsError       fix the credentials or the permission
    ├── OutdatedError          make a new plan: conflicts, or the plan no longer fits what it was made from
    │   └── LockedError        wait: another run works on this account
    ├── UnavailableError       try again later: unreachable, or the reply is not one of this ERP's API
    │   ├── RateLimitError     ... it asked us to slow down for longer than we wait
    │   └── NotExecutedError   ... and it is certain that the request never reached it
    ├── RejectedError          the ERP refused one request; carries its words, field by field
    ├── RailError              a safety rail stopped the run; say so explicitly if it is meant
    └── IncompleteError        the export could not be completed
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bulkio.core.issues import Issue


class BulkioError(Exception):
    """Base of all; `str(error)` is one line for the user, `hint` what to do about it."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(BulkioError):
    """The command, a flag or the configuration is wrong."""


class UnknownProfileError(UsageError):
    """No profile of that name is configured."""


class FileError(BulkioError):
    """A file cannot be found, read or written."""


class InvalidFileError(FileError):
    """The file was read, and its cells have errors; nothing was sent."""

    def __init__(self, message: str, *, issues: Sequence[Issue], hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.issues = tuple(issues)


class CredentialsError(BulkioError):
    """The ERP does not accept the credentials, or they lack a permission."""


class OutdatedError(BulkioError):
    """The plan does not fit (any more) what it would be applied to."""


class LockedError(OutdatedError):
    """Another run works on the same account."""


class UnavailableError(BulkioError):
    """The ERP cannot be reached, or what answers does not speak its API. A request *may* have been executed."""


class RateLimitError(UnavailableError):
    """The ERP asked us to wait for longer than we are prepared to."""

    def __init__(self, message: str, *, retry_after: float | None = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class NotExecutedError(UnavailableError):
    """The connection could not even be made: the request has certainly not been executed."""


@dataclass(frozen=True, slots=True)
class FieldMessage:
    """One sentence of the ERP about one field; `field` is its wire path, or blank for the whole record."""

    field: str
    message: str


class RejectedError(BulkioError):
    """The ERP answered that it did not execute the request.

    `status` is the HTTP status, `messages` the server's words by field.
    """

    def __init__(self, message: str, *, status: int, messages: Sequence[FieldMessage] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.messages = tuple(messages)


class RailError(BulkioError):
    """A safety rail stopped the run before anything (more) was sent."""


class IncompleteError(BulkioError):
    """The export misses records, or could not be proved to have all of them."""
