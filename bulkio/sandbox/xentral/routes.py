"""The operations of customers, their delivery addresses and contact persons: V3, and DELETE in V1.

Ids are digits (V1's description); any other is not found. Whatever is under a deleted customer is not found either.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from bulkio.sandbox.effects import effects_of
from bulkio.sandbox.records import Remembered
from bulkio.sandbox.xentral.checks import checked, read_body
from bulkio.sandbox.xentral.customer_body import CUSTOMER_CREATE, CUSTOMER_UPDATE
from bulkio.sandbox.xentral.filters import CUSTOMER_KEYS, predicate
from bulkio.sandbox.xentral.lookups import CUSTOM_FIELDS
from bulkio.sandbox.xentral.media_types import check_media_types
from bulkio.sandbox.xentral.ordering import CUSTOMER_SORT, ordering_of
from bulkio.sandbox.xentral.paging import Paging
from bulkio.sandbox.xentral.problems import Refusal, Violations, write_protected
from bulkio.sandbox.xentral.query import read_query
from bulkio.sandbox.xentral.rules import check_customer
from bulkio.sandbox.xentral.views import INCLUDES, customer_view
from bulkio.sandbox.xentral.writing import created_customer, deleted, updated_customer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from bulkio.sandbox.options import SandboxOptions
    from bulkio.sandbox.xentral.query import Query
    from bulkio.sandbox.xentral.shapes import Object
    from bulkio.sandbox.xentral.store import Customer, Document, Store

Handler = Callable[["Request"], Awaitable[Response]]

CUSTOMERS = "/api/v3/customers"

_ENCODER = msgspec.json.Encoder(decimal_format="number")
_LONGEST_ID = 18  # digits
_NO_INCLUDES: frozenset[str] = frozenset()


class CustomerRoutes:
    """Customers, and the list of custom fields that an instance has set up."""

    def __init__(self, store: Store, options: SandboxOptions) -> None:
        """Serve `store`."""
        self._store = store
        self._options = options
        self._remembered: Remembered[list[Customer]] = Remembered()

    def routes(self) -> list[Route]:
        """Path, and a handler for each method."""
        return [
            route(CUSTOMERS, GET=self.list_customers, POST=self.create_customer),
            route(
                f"{CUSTOMERS}/{{customer}}",
                GET=self.view_customer,
                PATCH=self.update_customer,
                DELETE=self.delete_customer,
            ),
            route("/api/v1/customers/{customer}", DELETE=self.delete_customer),
            route("/api/v2/settings/masterdata/addressCustomFields", GET=self.list_custom_fields),
        ]

    async def list_customers(self, request: Request) -> Response:
        """GET /api/v3/customers."""
        query = read_query(request.scope["query_string"])
        include = frozenset(query.words("include", INCLUDES))
        ordering = ordering_of(query, CUSTOMER_SORT)
        tests = [predicate(statement, CUSTOMER_KEYS) for statement in query.statements]
        paging = paging_of(request, query)

        def find() -> list[Customer]:
            return ordering.sorted([each for each in self._store.living() if all(test(each) for test in tests)])

        question = (query.parameters.get("sort", ""), tuple(map(repr, query.statements)))
        found, links, meta = paging.cut(self._remembered.answer(question, self._store.version, find), ordering)
        if effects_of(request.scope).is_stale:
            found = [old for each in found if (old := self._store.get(each.id, stale=True)) is not None]
        return json_response({"data": [customer_view(each, include) for each in found], "links": links, "meta": meta})

    async def view_customer(self, request: Request) -> Response:
        """GET /api/v3/customers/{id}."""
        customer = customer_of(request, self._store)
        include = read_query(request.scope["query_string"]).words("include", INCLUDES)
        return json_response({"data": customer_view(customer, frozenset(include))})

    async def create_customer(self, request: Request) -> Response:
        """POST /api/v3/customers: 201 and the record, whose included parts are absent as in any other response."""
        values, violations = await checked_body(request, CUSTOMER_CREATE)
        with self._store.lock:
            check_customer(values, None, self._store, violations)
            violations.raise_if_any(self._options.violations)
            customer = created_customer(without_ignored(values, request), self._store)
            self._store.put(customer)
        return created_response(request, CUSTOMERS, customer_view(customer, _NO_INCLUDES))

    async def update_customer(self, request: Request) -> Response:
        """PATCH /api/v3/customers/{id}: 200 and the record."""
        customer_of(request, self._store)
        values, violations = await checked_body(request, CUSTOMER_UPDATE)
        with self._store.lock:
            old = customer_of(request, self._store)
            check_customer(values, old, self._store, violations)
            violations.raise_if_any(self._options.violations)
            customer = updated_customer(old, without_ignored(values, request), self._store.now())
            self._store.put(customer)
        return json_response({"data": customer_view(customer, _NO_INCLUDES)})

    async def delete_customer(self, request: Request) -> Response:
        """DELETE /api/v3/customers/{id}, and the same in V1: 204.

        V3's description says that it is soft, takes the addresses and contacts along, and is answered with 409 if the
        customer is write-protected. V1's says nothing of either; it is the same here (assumed).
        """
        with self._store.lock:
            customer = customer_of(request, self._store)
            if customer.is_write_protected:
                raise write_protected()
            self._store.put(deleted(customer, self._store.now()))
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def list_custom_fields(self, request: Request) -> Response:
        """GET /api/v2/settings/masterdata/addressCustomFields: all at once. The shape of one is not public: assumed."""
        del request
        fields = [
            {"id": str(number), "key": field.key, "label": field.label, "type": field.type}
            for number, field in enumerate(CUSTOM_FIELDS.values(), start=1)
        ]
        return json_response({"data": fields})


def route(path: str, **handlers: Handler) -> Route:
    """Make one route of all methods of a path, so that a 405 can name them all; media types are checked after it."""

    async def endpoint(request: Request) -> Response:
        await check_media_types(request)
        return await handlers["GET" if request.method == "HEAD" else request.method](request)

    return Route(path, endpoint, methods=list(handlers))


def customer_of(request: Request, store: Store) -> Customer:
    """Find the customer that a path names; Refusal (404) if there is none, or it was deleted."""
    customer = store.get(id_of(request, "customer"), stale=effects_of(request.scope).is_stale)
    if customer is None or customer.is_deleted:
        raise Refusal(HTTPStatus.NOT_FOUND)
    return customer


def id_of(request: Request, name: str) -> int:
    """Read an id of a path; Refusal (404) if it is none."""
    text = request.path_params[name]
    if not re.fullmatch(rf"[0-9]{{1,{_LONGEST_ID}}}", text):
        raise Refusal(HTTPStatus.NOT_FOUND)
    return int(text)


def paging_of(request: Request, query: Query) -> Paging:
    """Read what a request says about pages."""
    path = str(request.url.replace(query="", fragment=""))
    return Paging.read(path, query, request.headers.get("x-pagination", "simple"))


async def checked_body(request: Request, shape: Object) -> tuple[dict[str, Any], Violations]:
    """Read a body, and check it against its shape."""
    violations = Violations()
    is_missing = "content-type" not in request.headers  # and with it the body: see `check_media_types`
    body = {} if is_missing else read_body(await request.body(), violations)
    return (checked(body, shape, violations) if not violations else {}), violations


def without_ignored(values: Mapping[str, Any], request: Request) -> dict[str, Any]:
    """Play the fault `ignore_field`; its field may be a path, `primaryAddress.city`."""
    kept = dict(values)
    for path in effects_of(request.scope).ignored_fields:
        kept = _without(kept, path.split("."))
    return kept


def json_response(
    document: Document, status: HTTPStatus = HTTPStatus.OK, headers: dict[str, str] | None = None
) -> Response:
    """Answer with a document; numbers keep their digits."""
    return Response(_ENCODER.encode(document), status_code=status, headers=headers, media_type="application/json")


def created_response(request: Request, path: str, document: Document) -> Response:
    """Answer 201 with the record, and with its address."""
    location = str(request.url.replace(path=f"{path}/{document['id']}", query="", fragment=""))
    return json_response({"data": document}, HTTPStatus.CREATED, {"Location": location})


def _without(values: Mapping[str, Any], path: list[str]) -> dict[str, Any]:
    name, *rest = path
    if not rest or not isinstance(values.get(name), dict):
        return {each: value for each, value in values.items() if each != name}
    return {**values, name: _without(values[name], rest)}
