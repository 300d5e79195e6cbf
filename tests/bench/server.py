"""A server whose every reply was made before it started: what is measured against it is the client alone.

Its customers are the sandbox's, multiplied: other Guids and codes, the same shapes and lengths. None was modified since
it started, and it says so where it is asked with `modifiedSince`.
"""

from __future__ import annotations

import asyncio
import uuid
from email.utils import formatdate
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec

from bulkio.connectors.unleashed.auth import headers_for
from bulkio.core.secret import Secret
from bulkio.sandbox import SandboxOptions, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LISTS = (
    "Companies",
    "Currencies",
    "CustomerTypes",
    "DeliveryMethods",
    "PaymentTerms",
    "SalesOrderGroups",
    "Salespersons",
    "SellPriceTiers",
    "Taxes",
    "Warehouses",
)
PAGE = 500
_MODIFIED = "/Customers?modifiedSince"
_TEMPLATES = 400
_MANY_CONTACTS = 100  # from there on, a customer's contacts are read on their own


def prepared(count: int) -> dict[tuple[str, int], bytes]:
    """All replies by path and page size (0: whatever size is asked for)."""
    secrets = {"API_ID": Secret("sandbox"), "API_KEY": Secret("sandbox")}
    sign = headers_for(secrets, "bench/bench")
    replies: dict[tuple[str, int], bytes] = {}
    with running(SandboxOptions(customers=_TEMPLATES)) as sandbox, httpx.Client(base_url=sandbox.url) as client:
        for name in LISTS:
            replies[f"/{name}", 0] = client.get(f"/{name}", headers=sign("")).content
        query = "pageSize=500&includeObsolete=true&includeAllContacts=true"
        templates = client.get(f"/Customers/1?{query}", headers=sign(query)).json()["Items"]
    templates = [each for each in templates if len(each["Contacts"] or ()) < _MANY_CONTACTS]
    customers = _multiplied(templates, count)
    encode = msgspec.json.Encoder().encode
    pages = -(-count // PAGE)
    one = {"NumberOfItems": count, "PageSize": 1, "PageNumber": 1, "NumberOfPages": count}
    for number in range(1, pages + 1):
        items = [next(customers) for _ in range(min(PAGE, count - (number - 1) * PAGE))]
        head = {"NumberOfItems": count, "PageSize": PAGE, "PageNumber": number, "NumberOfPages": pages}
        replies[f"/Customers/{number}", PAGE] = encode({"Pagination": head, "Items": items})
        if number == 1:
            replies["/Customers/1", 1] = encode({"Pagination": one, "Items": items[:1]})
    none = {"NumberOfItems": 0, "PageSize": PAGE, "PageNumber": 1, "NumberOfPages": 0}
    replies[_MODIFIED, PAGE] = encode({"Pagination": none, "Items": []})
    return replies


def _multiplied(templates: list[dict[str, Any]], count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        customer = dict(templates[number % len(templates)])
        customer["Guid"] = str(uuid.UUID(int=number + (1 << 96)))
        customer["CustomerCode"] = f"C{number:07}"
        for key, offset in (("Addresses", 2), ("Contacts", 3)):
            customer[key] = [
                {**child, "Guid": str(uuid.UUID(int=(number << 8) + at + (offset << 96)))} if "Guid" in child else child
                for at, child in enumerate(customer[key] or ())
            ]
        yield customer


class _Connection(asyncio.Protocol):
    """One keep-alive connection; a request without a body per reply."""

    def __init__(self, answer: Callable[[str], bytes | None]) -> None:
        self._answer = answer
        self._transport: Any = None
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            self._transport.write(response(self._answer(head.split(b" ", 2)[1].decode())))


def response(body: bytes | None) -> bytes:
    """A whole HTTP response; None is what is not there."""
    status = "200 OK" if body is not None else "404 Not Found"
    body = body or b"{}"
    headers = (
        f"HTTP/1.1 {status}\r\nDate: {formatdate(usegmt=True)}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return headers.encode() + body


async def listen(connection: Callable[[], asyncio.Protocol], on_ready: Callable[[str], None]) -> None:
    """Serve on a free port until the process ends; `on_ready` gets the URL."""
    server = await asyncio.get_running_loop().create_server(connection, "127.0.0.1", 0)
    on_ready(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    await server.serve_forever()


async def _serve(replies: dict[tuple[str, int], bytes], on_ready: Callable[[str], None]) -> None:
    def answer(target: str) -> bytes | None:
        parts = urlsplit(target)
        query = parse_qs(parts.query)
        size = int((query.get("pageSize") or ["0"])[0])
        path = f"{parts.path}/1" if parts.path == "/Customers" else parts.path
        if "modifiedSince" in query:
            path = _MODIFIED
        return replies.get((path, size)) or replies.get((path, 0)) or replies.get((path.removesuffix("/1"), 0))

    await listen(lambda: _Connection(answer), on_ready)


def serve(count: int, on_ready: Callable[[str], None]) -> None:
    """Prepare, then serve until the process ends."""
    asyncio.run(_serve(prepared(count), on_ready))
