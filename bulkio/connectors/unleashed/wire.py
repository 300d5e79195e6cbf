"""Unleashed's replies, decoded: bytes in, records out; anything that is not a reply of this API is an error.

A record is the ERP's own object, exactly: numbers are Decimal or int, texts keep their line ends, unknown properties
stay. One thing is added: where the ERP spells the salesperson `SalesPerson` (as live systems do), the record also has
it under the page's spelling `Salesperson`, which is what the catalogue's paths say. The spelling received stays beside
it, so that encoding can echo it.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import NoneType
from typing import TYPE_CHECKING, Any, NoReturn

from bulkio.connectors.unleashed.catalogue import ADDRESSES, CATALOGUE, CONTACTS, CUSTOMERS
from bulkio.connectors.unleashed.xml import is_xml, listing_from_xml, record_from_xml
from bulkio.core import strict_json
from bulkio.core.catalogue import Entity, Kind
from bulkio.core.kinds import from_wire
from bulkio.errors import UnavailableError

if TYPE_CHECKING:
    from bulkio.connectors.protocol import Record

#: The salesperson as the page spells it, and as live systems do.
SALESPERSON, SALESPERSON_LIVE = "Salesperson", "SalesPerson"


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
    return Listing(_checked(records, entity), _pagination(pagination))


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
    is_not_json = is_xml(body, media_type)
    return _record(_xml(record_from_xml, body, kinds_of(entity)) if is_not_json else decode_json(body), entity)


def decode_reply(body: bytes, media_type: str, entity: Entity) -> Record:
    """The record that answers a write: bare, as observed, or as the only one in an envelope."""
    if not is_xml(body, media_type):
        document = decode_json(body)
        items = document.get("Items") if isinstance(document, dict) else None
        if isinstance(items, list) and len(items) == 1 and isinstance(items[0], dict):
            return _checked(items, entity)[0]
        return _record(document, entity)
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
    """JSON, strictly: UnavailableError for what is truncated, not JSON, ambiguous or absurd (core/strict_json.py)."""
    try:
        return strict_json.decode_json(body, _census)
    except ValueError:
        _refuse("JSON")


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


def _checked(records: list[Record], entity: Entity) -> list[Record]:
    """The records, their shape proved: what is nested must be nested, and each must have an id."""
    if not {type(record.get(entity.id_field)) for record in records} <= {str}:
        _refuse(f"{_article(entity.singular)} {entity.singular} (no {entity.id_field})")
    if entity is not CUSTOMERS:
        return records
    for record in records:
        if SALESPERSON_LIVE in record and record.get(SALESPERSON) is None:
            record[SALESPERSON] = record[SALESPERSON_LIVE]
    for name in _NESTED:
        if not {type(record.get(name)) for record in records} <= {dict, NoneType}:
            _refuse(f"a customer ({name} is no object)")
    for name in _COLLECTIONS:
        collections = [record.get(name) for record in records]
        are_lists = set(map(type, collections)) <= {list, NoneType}
        if not are_lists or not {type(each) for members in collections for each in members or ()} <= {dict}:
            _refuse(f"a customer ({name} is no list of objects)")
    return records


#: The customer's properties that are objects, and those that are lists of objects.
_NESTED = (
    *dict.fromkeys(field.path[0] for field in CUSTOMERS.fields if len(field.path) > 1),
    SALESPERSON_LIVE,
)
_COLLECTIONS = (ADDRESSES.record_path, CONTACTS.record_path)


def _census(document: Any) -> strict_json.Census:
    """How many keys and lists there are where a customer's own and its embedded records' are all."""
    keys = lists = 0
    records = [document]
    if isinstance(document, dict) and isinstance(document.get("Items"), list):
        pages = document.get("Pagination")
        keys, lists, records = len(document) + (len(pages) if isinstance(pages, dict) else 0), 1, document["Items"]
    objects = [record for record in records if type(record) is dict]
    keys += sum(map(len, objects))
    for name in _NESTED:
        keys += sum(len(inner) for record in objects if type(inner := record.get(name)) is dict)
    for name in _COLLECTIONS:
        collections = [members for record in objects if type(members := record.get(name)) is list]
        lists += len(collections)
        keys += sum(len(member) for members in collections for member in members if type(member) is dict)
    return keys, lists


def _record(document: Any, entity: Entity) -> Record:
    if not isinstance(document, dict):
        _refuse(f"{_article(entity.singular)} {entity.singular}")
    return _checked([document], entity)[0]


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
