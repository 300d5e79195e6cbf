"""The operations of the vendor's page, one method each (lines 4 to 23), and the lists beside them.

A path is written in many ways by clients in the wild: with doubled slashes, a trailing one, the page as `/3` or
`/Page/3`, a GET with a body. All of them are fine; an identifier that is no Guid is a 404.
"""

from __future__ import annotations

import re
import uuid
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from bulkio.sandbox.effects import effects_of
from bulkio.sandbox.unleashed import lookups
from bulkio.sandbox.unleashed.auth import Authentication
from bulkio.sandbox.unleashed.checks import check_body
from bulkio.sandbox.unleashed.codec import codec_for_request, codec_for_response
from bulkio.sandbox.unleashed.complaints import ErrorCode, Refusal, bad_request
from bulkio.sandbox.unleashed.filters import NOT_A_DATE, Selections, flag, ordered_contacts, parameters_of
from bulkio.sandbox.unleashed.instant import Instant
from bulkio.sandbox.unleashed.paging import page_size, paginate, whole_number
from bulkio.sandbox.unleashed.rules import check_contact, check_customer
from bulkio.sandbox.unleashed.shapes import CONTACT_BODY, CUSTOMER_BODY, OTHER_SPELLINGS
from bulkio.sandbox.unleashed.views import View
from bulkio.sandbox.unleashed.writing import (
    touched,
    with_contact,
    without_contact,
    written_contact,
    written_customer,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from bulkio.sandbox.options import SandboxOptions
    from bulkio.sandbox.unleashed.checks import Findings
    from bulkio.sandbox.unleashed.codec import Codec
    from bulkio.sandbox.unleashed.lookups import Lookup
    from bulkio.sandbox.unleashed.shapes import Shape
    from bulkio.sandbox.unleashed.store import Contact, Customer, Store

_LAST_PAGE_NUMBER = 10**9 - 1


def unleashed_app(store: Store, options: SandboxOptions) -> ASGIApp:
    """Put the whole of Unleashed together, ready to be mounted at the server's root."""
    customers = CustomerRoutes(store, options)
    starlette = Starlette(
        routes=[*customers.routes(), *_lookup_routes(options)], exception_handlers={Refusal: _refused}
    )
    starlette.router.redirect_slashes = False
    return _FoldedSlashes(Authentication(starlette, options))


class CustomerRoutes:
    """Customers and their contacts."""

    def __init__(self, store: Store, options: SandboxOptions) -> None:
        """Serve `store`."""
        self._store = store
        self._options = options
        self._selections = Selections(store)
        self._view = View(options)

    def routes(self) -> list[Route]:
        """Path, methods, handler."""
        one, contacts = "/Customers/{customer:uuid}", "/Customers/{customer:uuid}/Contacts"
        return [
            Route("/Customers", self.list_customers, methods=["GET"]),
            Route("/Customers", self.write_customer, methods=["POST"]),
            Route("/Customers/Page/{page:int}", self.list_customers, methods=["GET"]),
            Route("/Customers/{page:int}", self.list_customers, methods=["GET"]),
            Route(one, self.view_customer, methods=["GET"]),
            Route(one, self.write_customer, methods=["POST"]),
            Route(contacts, self.list_contacts, methods=["GET"]),
            Route(contacts, self.create_contact, methods=["POST"]),
            Route(f"{contacts}/{{contact:uuid}}", self.update_contact, methods=["PUT"]),
            Route(f"{contacts}/{{contact:uuid}}", self.delete_contact, methods=["DELETE"]),
        ]

    async def list_customers(self, request: Request) -> Response:
        """GET /Customers, /Customers/3, /Customers/Page/3."""
        parameters = parameters_of(request.scope["query_string"])
        size = page_size(parameters)
        includes_all_contacts = flag(parameters, "includeAllContacts")
        selected = self._selections.select(parameters)
        pagination, page = paginate(selected, page=request.path_params.get("page", 1), size=size)
        if effects_of(request.scope).is_stale:
            page = [old for each in page if (old := self._store.get(each.guid, stale=True)) is not None]
        documents = [self._view.customer(each, includes_all_contacts=includes_all_contacts) for each in page]
        codec = _response_codec(request)
        return _response(codec, codec.page(("Customers", "Customer"), pagination, documents))

    async def view_customer(self, request: Request) -> Response:
        """GET /Customers/{guid}: the bare object."""
        customer = self._customer(request)
        includes_all = flag(parameters_of(request.scope["query_string"]), "includeAllContacts")
        return self._shown(request, customer, HTTPStatus.OK, includes_all_contacts=includes_all)

    async def write_customer(self, request: Request) -> Response:
        """POST /Customers or /Customers/{guid}: creates, or replaces what has that Guid; 201 or 200.

        The Guid may stand in the path, in the body, or in both (line 712); without any a new one is made.
        """
        findings = await _checked_body(request, "Customer", CUSTOMER_BODY)
        for other, name in OTHER_SPELLINGS.items():
            if other in findings.values:
                findings.values[name] = findings.values.pop(other)
        in_path, in_body = request.path_params.get("customer"), findings.values.get("Guid")
        if in_path is not None and in_body is not None and str(in_path) != in_body:
            findings.complain("Guid", "Guid must match the Guid of the URI.", ErrorCode.MISMATCH)
        guid = str(in_path or in_body or uuid.uuid4())
        with self._store.lock:
            old = self._store.get(guid)
            check_customer(findings, old, self._store)
            findings.raise_if_any()
            customer = written_customer(
                _without_ignored(findings.values, old, request),
                old,
                guid,
                self._store.now(),
                keep_omitted_addresses=self._options.keep_omitted_addresses,
            )
            self._store.put(customer)
        return self._shown(request, customer, HTTPStatus.OK if old else HTTPStatus.CREATED)

    async def list_contacts(self, request: Request) -> Response:
        """GET /Customers/{guid}/Contacts; `Pagination` is null, though there are pages (lines 486 to 500, 580)."""
        parameters = parameters_of(request.scope["query_string"])
        number = whole_number(parameters, "page", 1, lowest=1, highest=_LAST_PAGE_NUMBER)
        contacts = ordered_contacts(self._customer(request).contacts, parameters)
        _, page = paginate(contacts, page=number, size=page_size(parameters))
        codec = _response_codec(request)
        names = ("CustomerContacts", "CustomerContact")
        return _response(codec, codec.page(names, None, [contact.document for contact in page]))

    async def create_contact(self, request: Request) -> Response:
        """POST /Customers/{guid}/Contacts: 201 and the bare object."""
        self._customer(request)
        findings = await _checked_body(request, "CustomerContact", CONTACT_BODY)
        with self._store.lock:
            customer = self._customer(request)
            check_contact(findings, customer, None)
            findings.raise_if_any()
            values = _without_ignored(findings.values, None, request)
            return self._keep_contact(request, customer, values, None, HTTPStatus.CREATED)

    async def update_contact(self, request: Request) -> Response:
        """PUT /Customers/{guid}/Contacts/{guid}: replaces the whole contact; 200 and the bare object."""
        self._contact(request)
        findings = await _checked_body(request, "CustomerContact", CONTACT_BODY)
        with self._store.lock:
            customer, contact = self._contact(request)
            check_contact(findings, customer, contact)
            findings.raise_if_any()
            values = _without_ignored(findings.values, contact, request)
            return self._keep_contact(request, customer, values, contact, HTTPStatus.OK)

    async def delete_contact(self, request: Request) -> Response:
        """DELETE /Customers/{guid}/Contacts/{guid}: 204 (the page does not say which status)."""
        with self._store.lock:
            customer, contact = self._contact(request)
            self._put_with_contacts(without_contact(customer, contact.guid), self._store.now())
        return Response(status_code=HTTPStatus.NO_CONTENT)

    def _keep_contact(
        self, request: Request, customer: Customer, values: dict[str, Any], old: Contact | None, status: HTTPStatus
    ) -> Response:
        now = self._store.now()
        written = written_contact(values, old, now)
        changed = with_contact(customer, written)
        self._put_with_contacts(changed, now)
        kept = next(each for each in changed.contacts if each.guid == written.guid)
        codec = _response_codec(request)
        return _response(codec, codec.document("CustomerContact", kept.document), status)

    def _put_with_contacts(self, customer: Customer, now: Instant) -> None:
        self._store.put(touched(customer, now) if self._options.contact_edits_touch_customer else customer)

    def _customer(self, request: Request) -> Customer:
        guid = str(request.path_params["customer"])
        customer = self._store.get(guid, stale=effects_of(request.scope).is_stale)
        if customer is None:
            raise Refusal(HTTPStatus.NOT_FOUND)
        return customer

    def _contact(self, request: Request) -> tuple[Customer, Contact]:
        customer = self._customer(request)
        guid = str(request.path_params["contact"])
        contact = next((each for each in customer.contacts if each.guid == guid), None)
        if contact is None:
            raise Refusal(HTTPStatus.NOT_FOUND)
        return customer, contact

    def _shown(
        self, request: Request, customer: Customer, status: HTTPStatus, *, includes_all_contacts: bool = False
    ) -> Response:
        codec = _response_codec(request)
        document = self._view.customer(customer, includes_all_contacts=includes_all_contacts)
        return _response(codec, codec.document("Customer", document), status)


def _lookup_routes(options: SandboxOptions) -> list[Route]:
    routes = []
    for lookup in lookups.all_lookups(options.seed, group_name_key=options.group_name_key):
        endpoint = _lookup_endpoint(lookup)
        paths = [f"/{lookup.plural}"]
        if lookup.is_paged:
            paths += [f"/{lookup.plural}/Page/{{page:int}}", f"/{lookup.plural}/{{page:int}}"]
        routes += [Route(path, endpoint, methods=["GET"]) for path in paths]
    return routes


def _lookup_endpoint(lookup: Lookup) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        parameters = parameters_of(request.scope["query_string"])
        documents: Sequence[lookups.Document] = lookup.documents
        if lookup.plural == "Warehouses":  # the only list that was seen to hide and to filter
            documents = _warehouses(lookup.documents, parameters)
        pagination = None
        if lookup.is_paged:
            pagination, documents = paginate(
                documents, page=request.path_params.get("page", 1), size=page_size(parameters)
            )
        codec = _response_codec(request)
        return _response(codec, codec.page((lookup.plural, lookup.singular), pagination, documents))

    return endpoint


def _warehouses(documents: tuple[lookups.Document, ...], parameters: dict[str, str]) -> tuple[lookups.Document, ...]:
    if not flag(parameters, "includeObsolete"):
        documents = tuple(each for each in documents if not each["Obsolete"])
    if text := parameters.get("modifiedSince"):
        try:
            since = Instant.parse(text)
        except ValueError as error:
            raise bad_request(ErrorCode.BAD_PARAMETER, NOT_A_DATE, field="modifiedSince") from error
        documents = tuple(each for each in documents if each["LastModifiedOn"] >= since)
    return documents


async def _checked_body(request: Request, name: str, shape: Shape) -> Findings:
    codec = codec_for_request(request.headers.get("content-type", ""))
    return check_body(codec.body(await request.body(), name, shape), shape)


def _without_ignored(values: dict[str, Any], old: Customer | Contact | None, request: Request) -> dict[str, Any]:
    """Play the fault `ignore_field`: what the old record has stands in place of what was sent."""
    ignored = effects_of(request.scope).ignored_fields
    kept = {name: value for name, value in values.items() if name not in ignored}
    return kept | {name: old.document[name] for name in ignored if old is not None and name in old.document}


def _response_codec(request: Request) -> Codec:
    return codec_for_response(request.headers.get("accept", ""))


def _response(codec: Codec, content: bytes, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(content, status_code=status, media_type=codec.media_type)


async def _refused(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)  # noqa: S101  Starlette hands over what it was registered for
    if not refusal.complaints:
        return Response(status_code=refusal.status)
    codec = _response_codec(request)
    return _response(codec, codec.complaints(refusal.complaints), refusal.status)


class _FoldedSlashes:
    """ASGI middleware: doubled slashes count as one, a trailing one as none (both seen in clients)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path = re.sub(r"/{2,}", "/", scope["path"]).rstrip("/")
            scope = {**scope, "path": path or "/"}
        await self._app(scope, receive, send)
