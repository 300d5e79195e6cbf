"""The bridges between ERPs by their two names, each imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from bulkio.errors import UsageError

if TYPE_CHECKING:
    from bulkio.core.bridge import Bridge, Direction

#: The two ERPs of a bridge -> its module. The only table of bridges there is.
_BRIDGES = {frozenset({"unleashed", "xentral"}): "bulkio.connectors.bridges.unleashed_xentral"}


def direction(source: str, target: str) -> Direction:
    """How records of one ERP become records of another. Raises UsageError if nothing is declared of the two."""
    module = _BRIDGES.get(frozenset({source, target}))
    if module is None:
        msg = f"nothing is declared of how customers of {source} become customers of {target}"
        raise UsageError(msg, hint="`bulkio convert --help` names the ERPs that there is a bridge between.")
    bridge: Bridge = import_module(module).BRIDGE
    return bridge.towards(target)
