"""The connectors by name, each imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from bulkio.errors import UsageError

if TYPE_CHECKING:
    from bulkio.connectors.protocol import Connector

#: Name -> (module, its Connector). The only table of ERPs there is; the order is the one in which people read them.
_CONNECTORS = {
    "unleashed": ("bulkio.connectors.unleashed.connector", "UNLEASHED"),
    "xentral": ("bulkio.connectors.xentral.connector", "XENTRAL"),
}


def known() -> tuple[str, ...]:
    """The ERPs that there are connectors for."""
    return tuple(_CONNECTORS)


def connector(name: str) -> Connector:
    """The connector of that name, whatever its case. Raises UsageError for an unknown one."""
    try:
        module, attribute = _CONNECTORS[name.strip().lower()]
    except KeyError:
        msg = f"there is no connector for {name!r}"
        raise UsageError(msg, hint=f"Known are: {', '.join(_CONNECTORS)}.") from None
    found: Connector = getattr(import_module(module), attribute)
    return found
