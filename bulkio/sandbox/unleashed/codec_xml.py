"""XML in the shape of the page's examples: namespace, element names, `xsi:nil`, times of seven digits.

In the examples a null text or object is left out, a null number, flag or time is `xsi:nil="true"` (line 388), and an
empty text is an empty element (line 387); so the three states survive in both directions.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bulkio.core.catalogue import Kind
from bulkio.sandbox.unleashed.complaints import ErrorCode, bad_request
from bulkio.sandbox.unleashed.instant import Instant
from bulkio.sandbox.unleashed.shapes import NIL_IN_XML

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from xml.etree.ElementTree import Element

    from bulkio.sandbox.unleashed.complaints import Complaint
    from bulkio.sandbox.unleashed.paging import Pagination
    from bulkio.sandbox.unleashed.shapes import Shape

NAMESPACE = "http://api.unleashedsoftware.com/version/1"
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_ROOT_ATTRIBUTES = f' xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="{_INSTANCE}" xmlns="{NAMESPACE}"'
_ELEMENT_OF = {"Addresses": "Address", "Contacts": "Contact"}

#: The examples have these two first (lines 369 and 392), where JSON has them last.
_FIRST = ("Guid", "LastModifiedOn")
_HOISTED_IN = frozenset({"Customer", "Currency"})

#: The order within a contact is another one than in JSON (lines 562 to 569): texts, then Guid, then flags.
_FLAGS = ("ForInvoicing", "ForShipping", "ForOrdering", "IsDefault")
_CONTACTS = frozenset({"CustomerContact", "Contact"})

_SPECIAL = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;"}
_TO_ESCAPE = re.compile(r"[&<>\x00-\x08\x0b-\x1f]")
_NUMBER = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?\s*", re.ASCII)


class XmlCodec:
    """See `Codec`."""

    media_type = "application/xml; charset=utf-8"

    def page(
        self, names: tuple[str, str], pagination: Pagination | None, documents: Sequence[Mapping[str, Any]]
    ) -> bytes:
        """Encode a list: the elements stand beside `Pagination`, which is missing where JSON has null."""
        plural, singular = names
        parts = [] if pagination is None else [_element("Pagination", pagination.document)]
        parts += [_element(singular, document) for document in documents]
        return _root(plural, "".join(parts))

    def document(self, name: str, document: Mapping[str, Any]) -> bytes:
        """Encode one bare object."""
        return _root(name, "".join(_members(name, document)))

    def complaints(self, complaints: Iterable[Complaint]) -> bytes:
        """Encode the counterpart of JSON's `Items`; no such body has been seen, so the names are ours."""
        items = [
            {"Field": each.field, "Description": each.description, "ErrorCode": each.code.value} for each in complaints
        ]
        return _root("Errors", "".join(_element("Error", item) for item in items))

    def body(self, content: bytes, name: str, shape: Shape) -> Any:
        """Decode a request; Refusal (400) if it is no XML, has a DTD, or another root than `name`."""
        try:
            root = fromstring(content, forbid_dtd=True)
        except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
            message = f"The request body is not valid XML: {error}."
            raise bad_request(ErrorCode.UNREADABLE, message) from error
        if root.tag != f"{{{NAMESPACE}}}{name}":
            message = f"The request body must be a {name} in the namespace {NAMESPACE}."
            raise bad_request(ErrorCode.UNREADABLE, message)
        return _object(root, shape)


def _root(name: str, content: str) -> bytes:
    return f'<?xml version="1.0" encoding="utf-8"?><{name}{_ROOT_ATTRIBUTES}>{content}</{name}>'.encode()


def _element(name: str, value: object) -> str:
    match value:
        case None:
            return f'<{name} xsi:nil="true" />' if name in NIL_IN_XML else ""
        case dict():
            text = "".join(_members(name, value))
        case list():
            text = "".join(_element(_ELEMENT_OF[name], each) for each in value)
        case bool():
            text = "true" if value else "false"
        case Instant():
            text = value.xml
        case _:
            text = _TO_ESCAPE.sub(_escaped, str(value))
    return f"<{name}>{text}</{name}>" if text else f"<{name} />"


def _members(name: str, document: Mapping[str, Any]) -> list[str]:
    names: Iterable[str] = document
    if name in _HOISTED_IN:
        names = (*_FIRST, *(each for each in document if each not in _FIRST))
    elif name in _CONTACTS:
        names = (*(each for each in document if each not in (*_FLAGS, "Guid")), "Guid", *_FLAGS)
    return [_element(each, document[each]) for each in names]


def _escaped(match: re.Match[str]) -> str:
    character = match.group()
    return _SPECIAL.get(character) or f"&#x{ord(character):X};"


def _local_name(element: Element) -> str:
    prefix = f"{{{NAMESPACE}}}"
    # Another namespace is another name: it keeps its braces and so is in no shape.
    return element.tag.removeprefix(prefix)


def _object(element: Element, shape: Shape) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for child in element:
        name = _local_name(child)
        if child.get(f"{{{_INSTANCE}}}nil") in ("true", "1"):
            document[name] = None
        elif name in shape.objects:
            document[name] = _object(child, shape.objects[name])
        elif name in shape.collections:
            inner = shape.collections[name]
            document[name] = [_object(each, inner) if _local_name(each) == inner.item else each.tag for each in child]
        elif name in shape.fields and not len(child):
            document[name] = _value(child.text or "", shape.fields[name].kind)
        else:
            document[name] = None if not len(child) else {_local_name(each): each.text for each in child}
    return document


def _value(text: str, kind: Kind) -> object:
    """Read a leaf as what it should be; what cannot be read so stays text, and is complained about as a wrong type."""
    match kind:
        case Kind.BOOLEAN:
            return {"true": True, "1": True, "false": False, "0": False}.get(text.strip(), text)
        case Kind.DECIMAL if _NUMBER.fullmatch(text):
            try:
                return Decimal(text.strip())
            except InvalidOperation:
                return text
        case Kind.GUID:
            return text.strip()
        case _:
            return text
