"""Values that name other records of the ERP: whether its lists have them, and what follows when one changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bulkio.core.issues import IssueCode
from bulkio.core.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bulkio.core.catalogue import Entity, Reference
    from bulkio.core.lookup import LookupTable


@dataclass(slots=True)
class Resolution:
    """`followers` are the members that change with what the person changed, `problems` (field, code, text, hint)."""

    followers: dict[str, str] = field(default_factory=dict)
    problems: list[tuple[str, IssueCode, str, str]] = field(default_factory=list)


def resources_of(entity: Entity, names: set[str]) -> set[str]:
    """The lists that are needed to judge changes to these fields."""
    needed = {f.lookup.resource for f in entity.fields if f.lookup and f.name in names}
    return needed | {reference.resource for reference in entity.references if names & set(reference.names)}


def resolve(entity: Entity, changed: Mapping[str, str], tables: Mapping[str, LookupTable | None]) -> Resolution:
    """Judge one row's changed fields (canonical text, "" is cleared) against the lists that could be read.

    A list that could not be read judges nothing; only a member that the ERP insists on is then a problem.
    """
    result = Resolution()
    grouped: set[str] = set()
    for reference in entity.references:
        mine = {name: changed[name] for name in reference.names if name in changed}
        grouped |= set(reference.names)
        if mine:
            _resolve_group(reference, mine, tables.get(reference.resource), result)
    for declared in entity.fields:
        value = changed.get(declared.name, "")
        table = tables.get(declared.lookup.resource) if declared.lookup else None
        if not value or declared.name in grouped or declared.lookup is None or table is None:
            continue
        if not table.matching({declared.lookup.attribute: value}):
            result.problems.append(_unknown(declared.name, value, declared.lookup.attribute, table))
    return result


def _resolve_group(
    reference: Reference, mine: Mapping[str, str], table: LookupTable | None, result: Resolution
) -> None:
    attributes = dict(reference.members)
    others = [name for name in reference.names if name not in mine]
    wanted = {attributes[name]: value for name, value in mine.items() if value}
    if not wanted:  # all that the person touched was cleared, so the whole reference goes
        result.followers.update(dict.fromkeys(others, ""))
        return
    rows = table.matching(wanted) if table else []
    if table is not None and not rows:
        first = next(name for name, value in mine.items() if value)
        known_apart = all(table.matching({attributes[name]: value}) for name, value in mine.items() if value)
        if known_apart:
            names = " and ".join(name for name, value in mine.items() if value)
            text = f"{names} do not name the same entry of {reference.resource}"
            result.problems.append((first, IssueCode.UNKNOWN_VALUE, text, "Change one of them, and leave the other."))
        else:
            bad = next(name for name, v in mine.items() if v and not table.matching({attributes[name]: v}))
            result.problems.append(_unknown(bad, mine[bad], attributes[bad], table))
        return
    for name in others:
        values = {row.get(attributes[name], "") for row in rows}
        result.followers[name] = values.pop() if len(values) == 1 else ""
    required = reference.required
    if required and not (mine.get(required) or result.followers.get(required)):
        first = next(name for name, value in mine.items() if value)
        if rows:
            text = f"{mine[first]!r} is the name of {len(rows)} entries of {reference.resource}"
        else:
            text = f"the {reference.resource} could not be read, so {required} is not known"
        result.problems.append((first, IssueCode.AMBIGUOUS, text, f"Write the {required} itself."))


def _unknown(name: str, value: str, attribute: str, table: LookupTable) -> tuple[str, IssueCode, str, str]:
    hint = did_you_mean(value, table.values(attribute)) or f"Choose one of the ERP's own {table.resource}."
    return name, IssueCode.UNKNOWN_VALUE, f"{value!r} is not one of the ERP's {table.resource}", hint
