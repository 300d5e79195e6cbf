"""Refusals: what the sandbox complains about in a request, and with which words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class ErrorCode(IntEnum):
    """Numbers of our own: that a complaint has one was seen in clients, but no list of them is known."""

    UNREADABLE = 1000
    REQUIRED = 1001
    WRONG_TYPE = 1002
    TOO_LONG = 1003
    BAD_FORMAT = 1004
    NOT_FOUND = 1005
    NOT_UNIQUE = 1006
    READ_ONLY = 1007
    MISMATCH = 1008
    NOT_ALLOWED = 1009
    BAD_PARAMETER = 1010


@dataclass(frozen=True, slots=True)
class Complaint:
    """One sentence about one field; `field` is blank if it is about the whole request."""

    field: str
    description: str
    code: ErrorCode


class Refusal(Exception):  # noqa: N818  a refusal is an ordinary answer here, not an error of ours
    """The request is answered with `status` and, unless that is a bare one, with all complaints at once."""

    def __init__(self, status: HTTPStatus, complaints: Sequence[Complaint] = ()) -> None:
        """Refuse with a status, and with the reasons."""
        super().__init__(f"{status.value} {[complaint.field for complaint in complaints]}")
        self.status = status
        self.complaints = tuple(complaints)


def bad_request(code: ErrorCode, description: str, *, field: str = "") -> Refusal:
    """Make a 400 with a single complaint."""
    return Refusal(HTTPStatus.BAD_REQUEST, (Complaint(field, description, code),))
