"""Unleashed's replies, decoded: bytes in, records out; anything that is not a reply of this API is an error.

A record is the ERP's own object, exactly: numbers are Decimal or int, texts keep their line ends, unknown properties
stay. One thing is added: where the ERP spells the salesperson `SalesPerson` (as live systems do), the record also has
it under the page's spelling `Salesperson`, which is what the catalogue's paths say. The spelling received stays beside
it, so that encoding can echo it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from json import loads
from typing import TYPE_CHECKING, Any, NoReturn

import msgspec

from bulkio.connectors.unleashed.catalogue import ADDRESSES, CATALOGUE, CONTACTS, CUSTOMERS
from bulkio.connectors.unleashed.xml import is_xml, listing_from_xml, record_from_xml
from bulkio.core.catalogue import Entity, Kind
from bulkio.core.kinds import from_wire
from bulkio.errors import UnavailableError

if TYPE_CHECKING:
    from bulkio.connectors.protocol import Record

#: The salesperson as the page spells it, and as live systems do.
SALESPERSON, SALESPERSON_LIVE = "Salesperson", "SalesPerson"

#: A number beyond 10**60 or 10**-60 is a denial of service, not money.
_MAX_EXPONENT = 60
_MAX_INTEGER = 10 ** (_MAX_EXPONENT + 1)
_LONGEST_NUMERAL = _MAX_EXPONENT + 8  # with a sign, a point and an exponent
_MAX_DEPTH = 32


def _number(numeral: str) -> Decimal:
    """The exact number of a numeral with a point or an exponent. Raises ValueError for an absurd one."""
    number = Decimal(numeral)
    if abs(number.adjusted()) > _MAX_EXPONENT or len(numeral) > _LONGEST_NUMERAL:
        raise ValueError
    return number


_decoder = msgspec.json.Decoder(float_hook=_number)


@dataclass(frozen=True, slots=True)
class Pagination:
    """What a list says about itself; numbers count from 1."""

    items: int
    page_size: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list; `pagination` is None where the ERP states none (contacts, some lookups)."""

    records: list[Record]
    pagination: Pagination | None


def decode_listing(body: bytes, media_type: str, entity: Entity) -> Listing:
    """A page of a list of the entity's records. Raises UnavailableError for anything else."""
    if is_xml(body, media_type):
        pagination, records = _xml(listing_from_xml, body, kinds_of(entity))
    else:
        pagination, records = _enveloped(decode_json(body))
    return Listing([_checked(record, entity) for record in records], _pagination(pagination))


def decode_lookup(body: bytes, media_type: str) -> Listing:
    """A page of one of the lists of allowed values. Some come in an envelope, some bare, some as a single object."""
    if is_xml(body, media_type):
        pagination, records = _xml(listing_from_xml, body, _LOOKUP_KINDS)
        return Listing(records, _pagination(pagination))
    document = decode_json(body)
    if isinstance(document, list):
        document = {"Items": document}
    elif isinstance(document, dict) and "Items" not in document:
        document = {"Items": [document]}
    pagination, records = _enveloped(document)
    return Listing(records, _pagination(pagination))


def decode_record(body: bytes, media_type: str, entity: Entity) -> Record:
    """One record, which the ERP sends without an envelope. Raises UnavailableError for anything else."""
    record = _xml(record_from_xml, body, kinds_of(entity)) if is_xml(body, media_type) else decode_json(body)
    if not isinstance(record, dict):
        _refuse(f"{_article(entity.singular)} {entity.singular}")
    return _checked(record, entity)


def decode_reply(body: bytes, media_type: str, entity: Entity) -> Record:
    """The record that answers a write: bare, as observed, or as the only one in an envelope."""
    if not is_xml(body, media_type):
        document = decode_json(body)
        items = document.get("Items") if isinstance(document, dict) else None
        if isinstance(items, list) and len(items) == 1 and isinstance(items[0], dict):
            return _checked(items[0], entity)
    return decode_record(body, media_type, entity)


def lookup_row(resource: str, row: Record) -> dict[str, str]:
    """A row of a list of allowed values in canonical texts, with the attributes that the catalogue asks for.

    SalesOrderGroups are named by `Name` (seen in one client) or by `GroupName` (as ProductGroups are); a price tier's
    `Reference`, which customers carry, is "SellPriceTier" and its number (observed).
    """
    plain = {name: value for name, value in row.items() if not isinstance(value, dict | list)}
    texts = {name: from_wire(_LOOKUP_KINDS.get(name, Kind.TEXT), [value])[0] for name, value in plain.items()}
    if resource == "SalesOrderGroups":
        texts.setdefault("Name", texts.get("GroupName", ""))
    if resource == "SellPriceTiers" and texts.get("Tier"):
        texts.setdefault("Reference", f"SellPriceTier{texts['Tier']}")
    return texts


def decode_json(body: bytes) -> Any:
    """JSON, strictly: UnavailableError for what is truncated, not JSON, ambiguous or absurd.

    Ambiguous are an object with the same key twice, and text with half a surrogate pair; absurd are numbers of more
    than 60 digits and nesting of more than 32 levels.
    """
    body = body.removeprefix(b"\xef\xbb\xbf")
    try:
        document = _decoder.decode(body)
        if not _is_plainly_sound(body, document):
            _refuse_duplicate_keys(body)
            _refuse_absurdities(document)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        _refuse("JSON")
    return document


def kinds_of(entity: Entity) -> dict[str, Kind]:
    """What each value of an entity's record is, by its path in the record, the embedded collections' included."""
    kinds = {field.name: field.kind for field in entity.fields}
    if entity is CUSTOMERS:
        for child in CATALOGUE.children:
            kinds |= {f"{child.record_path}.{field.name}": field.kind for field in child.fields}
        kinds |= {
            name.replace(SALESPERSON, SALESPERSON_LIVE, 1): kind
            for name, kind in kinds.items()
            if name.startswith(f"{SALESPERSON}.")
        }
    return kinds


# --- what a reply must be ---------------------------------------------------------------------------------------------


def _xml(read: Any, body: bytes, kinds: dict[str, Kind]) -> Any:
    try:
        return read(body, kinds)
    except ValueError:
        _refuse("XML")


def _enveloped(document: Any) -> tuple[Any, list[Record]]:
    """The two parts of `{"Pagination": ..., "Items": [...]}`."""
    records = document.get("Items") if isinstance(document, dict) else None
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        _refuse("a list of records")
    return document.get("Pagination"), records


def _checked(record: Record, entity: Entity) -> Record:
    """The record, its shape proved: what is nested must be nested, and it must have an id."""
    if not isinstance(record.get(entity.id_field), str):
        _refuse(f"{_article(entity.singular)} {entity.singular} (no {entity.id_field})")
    if entity is not CUSTOMERS:
        return record
    if SALESPERSON_LIVE in record and record.get(SALESPERSON) is None:
        record[SALESPERSON] = record[SALESPERSON_LIVE]
    for name in _NESTED:
        if not isinstance(record.get(name), dict | None):
            _refuse(f"a customer ({name} is no object)")
    for child in (ADDRESSES, CONTACTS):
        members = record.get(child.record_path)
        if members is not None and not (isinstance(members, list) and all(isinstance(each, dict) for each in members)):
            _refuse(f"a customer ({child.record_path} is no list of objects)")
    return record


#: The customer's properties that are objects.
_NESTED = (
    *dict.fromkeys(field.path[0] for field in CUSTOMERS.fields if len(field.path) > 1),
    SALESPERSON_LIVE,
)


def _pagination(members: Any) -> Pagination | None:
    if members is None:
        return None
    names = ("NumberOfItems", "PageSize", "PageNumber", "NumberOfPages")
    try:
        numbers = [int(members[name]) for name in names]
    except (TypeError, KeyError, ValueError):
        _refuse("a page of a list")
    if min(numbers) < 0:
        _refuse("a page of a list")
    return Pagination(*numbers)


def _refuse(what: str) -> NoReturn:
    msg = f"the reply is not {what} as Unleashed sends it"
    raise UnavailableError(msg, hint="Check the base URL; a proxy or a sign-in page may be answering in its place.")


def _article(noun: str) -> str:
    return "an" if noun[:1] in "aeiou" else "a"


#: Lookup lists are read by attribute; only these are not text.
_LOOKUP_KINDS = {
    **dict.fromkeys(("Obsolete", "IsDefault", "CanApplyToExpenses", "CanApplyToRevenue"), Kind.BOOLEAN),
    **dict.fromkeys(("TaxRate", "DefaultBuyRate", "DefaultSellRate", "Tier", "Days"), Kind.DECIMAL),
    "Guid": Kind.GUID,
    "LastModifiedOn": Kind.TIMESTAMP,
}

# --- strictness that the JSON library does not have -------------------------------------------------------------------

#: Digits become 0, and white space a blank, so that one search finds either.
_ALIKE = bytes.maketrans(b"123456789\t\r\n", b"0" * 9 + b"   ")
_TOO_MANY_DIGITS = b"0" * (_MAX_EXPONENT + 1)
_NESTED_LISTS = re.compile(rb"\[ *\[")  # no reply has any; other nesting shows in the keys
_COLLECTIONS = (ADDRESSES.record_path, CONTACTS.record_path)


def _is_plainly_sound(body: bytes, document: Any) -> bool:
    """Whether a few fast counts already prove that no key stands twice and no number or nesting is absurd.

    The library keeps the last of two equal keys. Where no blank stands before a colon, every key gives one `":`, and
    texts can only add some. So as many of them as there are keys in the objects that we expect means that no key was
    lost, and that there are no other objects.
    """
    alike = body.translate(_ALIKE)
    if _TOO_MANY_DIGITS in alike or b" :" in alike or _NESTED_LISTS.search(alike):
        return False
    try:
        return body.count(b'":') == _expected_keys(document)
    except (TypeError, AttributeError):  # it is not shaped like a reply at all
        return False


def _expected_keys(document: Any) -> int:
    """How many keys an envelope or a record has in all, its known nested objects included."""
    count, records = 0, [document]
    if "Items" in document:
        count, records = len(document) + len(document.get("Pagination") or ()), document["Items"]
    for record in records:
        count += len(record)
        for name in _NESTED:
            count += len(record.get(name) or ())
        for name in _COLLECTIONS:
            for member in record.get(name) or ():
                count += len(member)
    return count


def _refuse_duplicate_keys(body: bytes) -> None:
    """The slow and certain way to tell. Raises ValueError."""

    def unique(pairs: list[tuple[str, Any]]) -> None:
        if len({name for name, _ in pairs}) != len(pairs):
            raise ValueError

    loads(body, object_pairs_hook=unique, parse_float=str, parse_int=str)


def _refuse_absurdities(document: Any) -> None:
    """Raises ValueError for numbers and nesting that no reply has. Level by level, so that depth costs no stack."""
    level: list[Any] = [document]
    for _ in range(_MAX_DEPTH):
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                below.extend(value.values())
            elif isinstance(value, list):
                below.extend(value)
            elif isinstance(value, int) and abs(value) >= _MAX_INTEGER:
                raise ValueError
        if not below:
            return
        level = below
    raise ValueError
