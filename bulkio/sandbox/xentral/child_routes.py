"""The operations of what belongs to a customer. Both kinds have the same five, so there is one class for both."""

from __future__ import annotations

from collections.abc import Callable, Mapping  # noqa: TC003  a dataclass may be asked for its types
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from bulkio.sandbox.xentral import child_bodies, filters, ordering, views, writing
from bulkio.sandbox.xentral.problems import Refusal
from bulkio.sandbox.xentral.query import read_query
from bulkio.sandbox.xentral.routes import (
    CUSTOMERS,
    checked_body,
    created_response,
    customer_of,
    id_of,
    json_response,
    paging_of,
    route,
    without_ignored,
)

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import Route

    from bulkio.sandbox.options import SandboxOptions
    from bulkio.sandbox.xentral.shapes import Object
    from bulkio.sandbox.xentral.store import Child, Customer, Document, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What the two kinds differ in."""

    name: str
    of: Callable[[Customer], tuple[Child, ...]]
    keys: filters.Keys[Child]
    sort: ordering.SortKeys[Child]
    includes: tuple[str, ...]
    create: Object
    update: Object
    view: Callable[[Child, frozenset[str]], Document]
    written: Callable[[Mapping[str, Any], Child | None, Store], Child]
    put: Callable[[Customer, Child], Customer]
    take: Callable[[Customer, Child], Customer]


DELIVERY_ADDRESSES = Kind(
    name="deliveryAddresses",
    of=lambda customer: customer.addresses,
    keys=filters.ADDRESS_KEYS,
    sort=ordering.ADDRESS_SORT,
    includes=(),
    create=child_bodies.DELIVERY_ADDRESS_CREATE,
    update=child_bodies.DELIVERY_ADDRESS_UPDATE,
    view=views.address_view,
    written=writing.written_address,
    put=writing.with_address,
    take=writing.without_address,
)
CONTACT_PERSONS = Kind(
    name="contactPersons",
    of=lambda customer: customer.contacts,
    keys=filters.CONTACT_KEYS,
    sort=ordering.CONTACT_SORT,
    includes=views.CONTACT_INCLUDES,
    create=child_bodies.CONTACT_CREATE,
    update=child_bodies.CONTACT_UPDATE,
    view=views.contact_view,
    written=writing.written_contact,
    put=writing.with_contact,
    take=writing.without_contact,
)


class ChildRoutes:
    """One kind of a customer's children."""

    def __init__(self, kind: Kind, store: Store, options: SandboxOptions) -> None:
        """Serve the children of the customers in `store`."""
        self._kind = kind
        self._store = store
        self._options = options

    def routes(self) -> list[Route]:
        """Path, and a handler for each method."""
        path = f"{CUSTOMERS}/{{customer}}/{self._kind.name}"
        return [
            route(path, GET=self.list_children, POST=self.create_child),
            route(f"{path}/{{child}}", GET=self.view_child, PATCH=self.update_child, DELETE=self.delete_child),
        ]

    async def list_children(self, request: Request) -> Response:
        """GET: filtered, ordered and paged as customers are."""
        query = read_query(request.scope["query_string"])
        include = frozenset(query.words("include", self._kind.includes))
        order = ordering.ordering_of(query, self._kind.sort)
        tests = [filters.predicate(statement, self._kind.keys) for statement in query.statements]
        paging = paging_of(request, query)
        children = self._kind.of(customer_of(request, self._store))
        matching = order.sorted([each for each in children if all(test(each) for test in tests)])
        found, links, meta = paging.cut(matching, order)
        return json_response({"data": [self._kind.view(each, include) for each in found], "links": links, "meta": meta})

    async def view_child(self, request: Request) -> Response:
        """GET: 200 and the record."""
        _, child = self._child(request)
        include = read_query(request.scope["query_string"]).words("include", self._kind.includes)
        return json_response({"data": self._kind.view(child, frozenset(include))})

    async def create_child(self, request: Request) -> Response:
        """POST: 201 and the record."""
        customer_of(request, self._store)
        values, violations = await checked_body(request, self._kind.create)
        violations.raise_if_any(self._options.violations)
        with self._store.lock:
            customer = customer_of(request, self._store)
            child = self._kind.written(without_ignored(values, request), None, self._store)
            self._store.put(self._kind.put(customer, child))
        path = f"{CUSTOMERS}/{customer.id}/{self._kind.name}"
        return created_response(request, path, self._kind.view(child, frozenset()))

    async def update_child(self, request: Request) -> Response:
        """PATCH: 200 and the record."""
        self._child(request)
        values, violations = await checked_body(request, self._kind.update)
        violations.raise_if_any(self._options.violations)
        with self._store.lock:
            customer, old = self._child(request)
            child = self._kind.written(without_ignored(values, request), old, self._store)
            self._store.put(self._kind.put(customer, child))
        return json_response({"data": self._kind.view(child, frozenset())})

    async def delete_child(self, request: Request) -> Response:
        """DELETE: 204."""
        with self._store.lock:
            customer, child = self._child(request)
            self._store.put(self._kind.take(customer, child))
        return Response(status_code=HTTPStatus.NO_CONTENT)

    def _child(self, request: Request) -> tuple[Customer, Child]:
        customer = customer_of(request, self._store)
        wanted = id_of(request, "child")
        child = next((each for each in self._kind.of(customer) if each.id == wanted), None)
        if child is None:
            raise Refusal(HTTPStatus.NOT_FOUND)
        return customer, child
