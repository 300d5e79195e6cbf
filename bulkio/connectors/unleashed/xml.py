"""Unleashed's XML replies, read into the same records as its JSON.

We always ask for JSON; a gateway that answers in XML all the same is understood (the vendor's page prints an XML
example beside every JSON one). Text is kept as it stands, blanks included; other values are read by the catalogue.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, ParseError  # for types only: parsing is defusedxml's

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bulkio.core.catalogue import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"

#: Elements that hold a collection even when it has one member or none.
_COLLECTIONS = frozenset(("Addresses", "Contacts"))

_MAX_DEPTH = 32


def is_xml(body: bytes, media_type: str) -> bool:
    """Whether a body is XML (and not a page for a browser), by its declared type or its first characters."""
    if "html" in media_type:
        return False
    return media_type.endswith("xml") or body.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<?xml")


def listing_from_xml(body: bytes, kinds: Mapping[str, Kind]) -> tuple[Any, list[Any]]:
    """The members of `Pagination` (None if there is none) and the records of a list.

    `kinds` says by wire path what a value is (text where it does not say). Raises ValueError for what is not XML, has
    a DTD, or nests absurdly.
    """
    root = _root(body)
    pagination = next((each for each in root if _name(each) == "Pagination"), None)
    records = [_content(each, "", kinds) for each in root if each is not pagination]
    return None if pagination is None else _content(pagination, "", kinds) or None, records


def record_from_xml(body: bytes, kinds: Mapping[str, Kind]) -> Any:
    """The record that the root element is. Raises as `listing_from_xml` does."""
    return _content(_root(body), "", kinds)


def _root(body: bytes) -> Element:
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, LookupError) as error:
        msg = "the reply is not readable XML"
        raise ValueError(msg) from error
    if _depth(root) > _MAX_DEPTH:
        msg = "the reply nests absurdly"
        raise ValueError(msg)
    return root


def _depth(root: Element) -> int:
    depth, level = 0, [root]
    while level and depth <= _MAX_DEPTH:
        depth, level = depth + 1, [child for element in level for child in element]
    return depth


def _content(element: Element, path: str, kinds: Mapping[str, Kind]) -> Any:
    if element.get(_NIL, "").strip() in ("true", "1"):
        return None
    if _name(element) in _COLLECTIONS:
        return [_content(member, _name(element), kinds) for member in element]
    if len(element) == 0:
        return _value(element.text or "", kinds.get(path, Kind.TEXT)) if path else {}
    members: dict[str, Any] = {}
    for child in element:
        name = _name(child)
        value = _content(child, f"{path}.{name}" if path else name, kinds)
        if name in members:
            if not isinstance(members[name], list):
                members[name] = [members[name]]
            members[name].append(value)
        else:
            members[name] = value
    return members


def _value(text: str, kind: Kind) -> Any:
    """The value that the JSON form would have had; text that is not of its kind stays text."""
    if kind is Kind.TEXT:
        return text
    stripped = text.strip()
    if stripped == "":
        return None
    if kind is Kind.BOOLEAN:
        return {"true": True, "false": False}.get(stripped.lower(), text)
    if kind is Kind.DECIMAL:
        try:
            number = Decimal(stripped)
        except InvalidOperation:
            return text
        return number if number.is_finite() else text
    return stripped


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
