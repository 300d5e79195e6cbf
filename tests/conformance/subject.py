"""What the suite has to be told of a connector: one `Subject` each, beside this file, and nothing more.

What can be known from the connector's own declarations (catalogue, capabilities, lookups) is not asked for here. The
tests name no ERP: they know fields by the parts that these play for a subject.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from bulkio.connectors.registry import connector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from contextlib import AbstractContextManager

    from hypothesis.strategies import SearchStrategy

    from bulkio.connectors.protocol import Connector
    from bulkio.core.catalogue import Entity
    from bulkio.sandbox import Faults

Document = dict[str, Any]


class Server(Protocol):
    """A running server that speaks the ERP's protocol, with invented customers; its API is at `url`.

    `faults` are those of bulkio.sandbox: whatever goes wrong is asked for there. The rest is a look past the API.
    """

    @property
    def url(self) -> str:
        """The connector's base URL."""

    @property
    def faults(self) -> Faults:
        """Faults to come."""

    def settle(self) -> None:
        """Wait until requests that a fault made late have been executed."""

    def stored(self) -> dict[str, Document]:
        """All root records as they are kept, by their key for people, without the stamps of their last write.

        Named and nested as on the wire, where that is possible, children included at their `record_path`.
        """

    def edit(self, key: str, name: str, value: object) -> None:
        """Set a field of a root record as a colleague would in the ERP itself, past every rule of the API."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One connector, as the suite needs it. Values are canonical texts (core/kinds.py).

    `name` is the registry's; `start` runs a server with that many invented customers, who should be as awkward as the
    sandbox's are; `secrets` are those that it accepts, `identifying` the names of those that say which account it is.

    Fields of the root that anybody may change without touching another, by the part that they play: `text`, without a
    limit below 100 characters, `decimal` with at least two places, `flag`. `child` is an entity with requests of its
    own, and `child_text` such a text of it.

    `new` are, by entity, values of a record that the ERP accepts (of a root without its key); `{}` in them is replaced
    by a number. `values` are, as "Entity.field", those of fields where kind, length, choices and lookups do not say
    what the ERP accepts. `together` are fields that are only changed together, beside those that the catalogue's
    references name. `follows` are stored paths, as regular expressions by "Entity.field", that the ERP moves along.

    `records_of` finds the root records in a decoded reply to a listing, as the list itself; `misstate` falsifies what
    such a reply says about the size of its page. `wire_only` are paths in bodies that are no field's.
    """

    name: str
    start: Callable[[int], AbstractContextManager[Server]]
    secrets: Mapping[str, str]
    identifying: tuple[str, ...]
    text: str
    decimal: str
    flag: str
    child: str
    child_text: str
    new: Mapping[str, Mapping[str, str]]
    values: Mapping[str, SearchStrategy[str]] = field(default_factory=dict)
    together: tuple[tuple[str, ...], ...] = ()
    follows: Mapping[str, str] = field(default_factory=dict)
    records_of: Callable[[Document], list[Document]]
    misstate: Callable[[Document], None]
    wire_only: frozenset[str] = frozenset()

    @property
    def connector(self) -> Connector:
        """The connector itself."""
        return connector(self.name)

    @property
    def root(self) -> Entity:
        """The entity that all others belong to."""
        return self.connector.catalogue.root

    @property
    def key(self) -> str:
        """The root's field that people know a record by."""
        return self.root.key_fields[0]

    def new_values(self, entity: str, number: int) -> dict[str, str]:
        """Values of a new record, different for every number."""
        return {name: value.replace("{}", str(number)) for name, value in self.new[entity].items()}


def without(document: Any, names: Iterable[str]) -> Any:
    """A document without these properties, however deep."""
    gone = frozenset(names)
    if isinstance(document, dict):
        return {name: without(value, gone) for name, value in document.items() if name not in gone}
    if isinstance(document, list):
        return [without(each, gone) for each in document]
    return document
