"""Refusals and how they are worded: problem documents (RFC 7807) for a 400 and a 409, and nothing at all otherwise."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NoReturn

import msgspec
from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal

    from starlette.requests import Request

    Style = Literal["mirrored", "dotted"]

Path = tuple[str | int, ...]

#: Stands for the body as a whole (the description of V1).
WHOLE_BODY: Path = ("_",)

_TYPE = "https://api.xentral.biz/problems/"


class Refusal(Exception):  # noqa: N818  a refusal is an ordinary answer here, not an error of ours
    """The request is answered with `status` and, if there is one, a problem document."""

    def __init__(self, status: HTTPStatus, problem: dict[str, Any] | None = None) -> None:
        """Refuse; without a problem the answer has no body, as the description has it for 403, 404, 406 and 415."""
        super().__init__(status, problem)
        self.status = status
        self.problem = problem


class Violations:
    """What is wrong with a request, by place: `("groups", 0, "id")`."""

    def __init__(self) -> None:
        """Start with none."""
        self._messages: dict[Path, list[str]] = {}

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._messages)

    def add(self, path: Path, sentence: str) -> None:
        """Add a sentence in which `{}` stands for the field's name in plain words."""
        self._messages.setdefault(path, []).append(sentence.format(_words(path)))

    def raise_if_any(self, style: Style = "mirrored") -> None:
        """Refusal (400) with all violations at once, if there are any."""
        if self._messages:
            raise Refusal(HTTPStatus.BAD_REQUEST, self.problem(style))

    def problem(self, style: Style = "mirrored") -> dict[str, Any]:
        """Make the document of a 400."""
        return {
            "type": f"{_TYPE}request-validation",
            "title": "Request payload validation failed.",
            "violations": self._dotted() if style == "dotted" else self._mirrored(),
        }

    def _dotted(self) -> dict[str, Any]:
        return {".".join(map(str, path)): messages for path, messages in self._messages.items()}

    def _mirrored(self) -> dict[str, Any]:
        """Nest the messages as the payload is nested; elements of a list stand under their numbers."""
        mirror: dict[str, Any] = {}
        for path, messages in self._messages.items():
            inner = mirror
            for name in path[:-1]:
                # Whatever is wrong with a whole is said once; its parts were then not looked at.
                inner = inner.setdefault(str(name), {})
            inner[str(path[-1])] = messages
        return mirror


def refuse_parameter(name: str, sentence: str) -> NoReturn:
    """Raise the Refusal (400) of a query, with a single violation.

    The description lists no 400 for the lists; that there is one was measured (a timestamp in a date filter).
    """
    violations = Violations()
    violations.add((name,), sentence)
    raise Refusal(HTTPStatus.BAD_REQUEST, violations.problem())


def write_protected() -> Refusal:
    """Make the 409 of a customer that must not be deleted."""
    problem = {"type": f"{_TYPE}write-protected", "title": "The resource is write-protected."}
    return Refusal(HTTPStatus.CONFLICT, problem)


async def refused(request: Request, refusal: Exception) -> Response:
    """Answer with a refusal."""
    del request
    assert isinstance(refusal, Refusal)  # noqa: S101  Starlette hands over what it was registered for
    if refusal.problem is None:
        return Response(status_code=refusal.status)
    return Response(
        msgspec.json.encode(refusal.problem), status_code=refusal.status, media_type="application/problem+json"
    )


def _words(path: Sequence[str | int]) -> str:
    """Spell a name as the vendor's messages do: `deviatingDebtorAccountNumber` is "deviating debtor account number"."""
    name = next((each for each in reversed(path) if isinstance(each, str)), "")
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()
