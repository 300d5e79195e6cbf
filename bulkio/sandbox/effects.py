"""What a fault asks of an ERP's own code, where bending requests and replies from outside is not enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_KEY = "bulkio.sandbox.effects"


@dataclass(frozen=True, slots=True)
class Effects:
    """`ignored_fields` keep their old values in a write; an `is_stale` read shows what was before the last write."""

    ignored_fields: frozenset[str] = frozenset()
    is_stale: bool = False


NO_EFFECTS = Effects()


def effects_of(scope: Mapping[str, Any]) -> Effects:
    """Read the effects that a request was marked with."""
    effects = scope.get(_KEY, NO_EFFECTS)
    assert isinstance(effects, Effects)  # noqa: S101  nobody else writes under this key
    return effects


def with_effects(scope: Mapping[str, Any], effects: Effects) -> dict[str, Any]:
    """Copy the request's scope that is marked with `effects`."""
    return {**scope, _KEY: effects}
