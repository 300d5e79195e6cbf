"""A server that takes writes, and answers everything a fixed time after it came: what an ERP far away looks like.

Its customers are those of server.py. It keeps what it is sent of a customer itself, dates it, and lists it where it is
asked for what was modified; what it does for a request is as little as that. A log by its own clock is at `/log`, which
empties it.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import server

if TYPE_CHECKING:
    from collections.abc import Callable

LOG = "/log"
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class Answered(msgspec.Struct, frozen=True):
    """One request: when it had come, and when its answer left, by the server's clock."""

    method: str
    path: str
    came: float
    left: float


class Erp:
    """The customers, and what was done to them."""

    def __init__(self, count: int) -> None:
        prepared = server.prepared(count)
        self._lists = {path: body for (path, size), body in prepared.items() if not size}
        self._customers: dict[str, dict[str, Any]] = {}
        self._modified: dict[str, float] = {}
        self.log: list[Answered] = []
        for (path, size), body in prepared.items():
            if size == server.PAGE and path.startswith("/Customers/"):
                self._customers |= {each["Guid"]: each for each in _decode(body)["Items"]}

    def answer(self, method: str, target: str, body: bytes) -> bytes | None:
        """The reply to a request; None where there is nothing."""
        parts = urlsplit(target)
        query = parse_qs(parts.query)
        guid = parts.path.rpartition("/")[2]
        if method == "POST":
            now = time.time()
            wire = f"/Date({int(now * 1000)})/"
            own = {name: value for name, value in _decode(body).items() if not isinstance(value, list)}
            self._customers[guid] = {**self._customers[guid], **own, "LastModifiedOn": wire}
            self._modified[guid] = now
            return _encode(self._customers[guid])
        if guid in self._customers:
            return _encode(self._customers[guid])
        if parts.path.startswith("/Customers"):
            found = list(self._customers.values())
            if "modifiedSince" in query:
                since = datetime.fromisoformat(query["modifiedSince"][0]).replace(tzinfo=UTC).timestamp()
                found = [self._customers[each] for each, moment in self._modified.items() if moment >= since]
            return self._page(found, int(query["pageSize"][0]), int(guid) if guid.isdigit() else 1)
        return self._lists.get(parts.path)

    def _page(self, found: list[dict[str, Any]], size: int, number: int) -> bytes:
        pages = -(-len(found) // size)
        head = {"NumberOfItems": len(found), "PageSize": size, "PageNumber": number, "NumberOfPages": pages}
        return _encode({"Pagination": head, "Items": found[(number - 1) * size : number * size]})


class _Connection(asyncio.Protocol):
    """One keep-alive connection; one request at a time."""

    def __init__(self, erp: Erp, latency: float) -> None:
        self._erp = erp
        self._latency = latency
        self._transport: Any = None
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, rest = self._received.partition(b"\r\n\r\n")
        if not end:
            return
        came = time.monotonic()
        request, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", "0"))
        if len(rest) < length:
            return
        self._received = b""
        method, target, _ = request.split(" ", 2)
        if target == LOG:
            self._transport.write(server.response(_encode(self._erp.log)))
            self._erp.log.clear()
            return
        answer = self._erp.answer(method, target, rest)
        due = came + self._latency - time.monotonic()
        asyncio.get_running_loop().call_later(due, self._answer, method, target, came, answer)

    def _answer(self, method: str, target: str, came: float, body: bytes | None) -> None:
        self._erp.log.append(Answered(method, target, came, time.monotonic()))
        self._transport.write(server.response(body))


def serve(count: int, latency: float, on_ready: Callable[[str], None]) -> None:
    """Prepare, then serve until the process ends. `latency` is in seconds."""
    erp = Erp(count)
    asyncio.run(server.listen(lambda: _Connection(erp, latency), on_ready))
