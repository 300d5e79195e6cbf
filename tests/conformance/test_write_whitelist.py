"""Writing: what is sent arrives, and nothing but what was meant is sent or moves."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from desk import changed_paths, desk_at
from hands import Hands
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from values import groups_of

from bulkio.connectors.protocol import UpdateStyle
from bulkio.core.catalogue import ClearAs
from bulkio.core.plan import Action
from bulkio.core.records import canonical, identity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desk import Desk
    from relay import Asked
    from subject import Subject

    from bulkio.connectors.protocol import Record
    from bulkio.core.catalogue import Entity

_ENTITIES = (0, 1, 2)  # the root and its children, by their place in the catalogue


#: What fails is not made smaller: every try is several requests.
_drawn = partial(
    settings, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)
EAGER = _drawn(max_examples=10)
HASTY = _drawn(max_examples=2)
ONCE = _drawn(max_examples=1)


@pytest.fixture(scope="module")
def busy(subject: Subject, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk whose records move on from example to example."""
    with desk_at(subject, tmp_path_factory.mktemp("busy"), customers=0) as made:
        yield made


def entity_at(desk: Desk, place: int) -> Entity:
    entities = desk.account.connector.catalogue.entities
    if place >= len(entities):
        pytest.skip("the ERP has no such entity")
    return entities[place]


def family(desk: Desk) -> tuple[str, Record]:
    """A sound record with one child of each kind, made new."""
    number = len(desk.server.stored()) + 1
    key = f"FAMILY-{number}"
    return key, Hands(desk).make_family(key, number)


def written(desk: Desk, root: Record, entity: Entity, values: dict[str, str]) -> tuple[Record, Record]:
    """Set values in a record, or in its only child of that entity; both as they read afterwards."""
    child = root[entity.record_path][0] if entity.parent else None
    Hands(desk).do(Action.UPDATE, root, values, entity=entity, child=child)
    (after,) = desk.reader.fetch([identity(desk.subject.root, root)])
    return after, after[entity.record_path][0] if entity.parent else after


@pytest.mark.parametrize("place", _ENTITIES)
def test_every_writable_field_brings_back_what_was_written(busy: Desk, place: int) -> None:
    """All fields of a record at once, over and over."""
    entity = entity_at(busy, place)
    strategy = st.tuples(*groups_of(busy.subject, entity, busy.reader))
    _, before = family(busy)

    @EAGER
    @given(drawn=strategy)
    def survives(drawn: tuple[dict[str, str], ...]) -> None:
        nonlocal before
        values = {name: value for group in drawn for name, value in group.items()}
        before, record = written(busy, before, entity, values)
        assert {name: canonical(entity, record, name) for name in values} == values

    survives()


@pytest.mark.parametrize("place", _ENTITIES)
def test_an_update_of_one_field_changes_nothing_else_at_the_server(busy: Desk, place: int) -> None:
    """Each field by itself, or with those that it is only changed with."""
    entity = entity_at(busy, place)
    strategy = st.tuples(*groups_of(busy.subject, entity, busy.reader))
    key, record = family(busy)

    @HASTY
    @given(drawn=strategy)
    def nothing_else(drawn: tuple[dict[str, str], ...]) -> None:
        nonlocal record
        for values in drawn:
            stored = busy.server.stored()
            record, _ = written(busy, record, entity, values)
            moved = changed_paths(stored, busy.server.stored())
            stray = [path for path in moved if not is_meant(busy.subject, entity, key, path, values)]
            assert stray == [], values

    nothing_else()


def is_meant(subject: Subject, entity: Entity, key: str, path: str, values: dict[str, str]) -> bool:
    """Whether a stored path moves with one of the fields.

    It is the field, or an object or a list that holds it, or stands for people beside the reference that it is.
    """
    inside = f"{entity.record_path}." if entity.parent else ""
    moved = path.removeprefix(f"{key}.")
    for name in values:
        field = inside + name
        if moved == field or field.startswith(f"{moved}.") or moved.startswith(f"{field}."):
            return True
        shown = entity.by_name.get(moved)
        if shown and not shown.is_sendable and shown.path[:-1] and shown.path[:-1] == entity.by_name[name].path[:-1]:
            return True
        if re.fullmatch(subject.follows.get(f"{entity.name}.{name}", ""), moved):
            return True
    return False


def sent(asked: Asked) -> set[str]:
    """The paths of all that a body holds, without positions in lists."""
    found: set[str] = set()

    def walk(path: str, value: Any) -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                walk(f"{path}.{name}" if path else name, inner)
        elif isinstance(value, list) and any(isinstance(each, dict) for each in value):
            for each in value:
                walk(path, each)
        else:
            found.add(path)

    walk("", asked.document)
    return found


def allowed(subject: Subject, entity: Entity) -> set[str]:
    """The whitelist: what may be sent, the id, embedded children, and the objects and lists that hold all this."""
    names = {field.name for field in entity.sendable} | {entity.id_field}
    for child in subject.connector.catalogue.children:
        if child.embedded and not entity.parent:
            names |= {f"{child.record_path}.{field.name}" for field in child.sendable}
    holders = {name[: dot.start()] for name in names for dot in re.finditer(r"\.", name)}
    return names | holders | (subject.wire_only if not entity.parent else set())


def entity_of(subject: Subject, asked: Asked) -> Entity:
    """Whose body a request carries."""
    catalogue = subject.connector.catalogue
    parts = asked.path.split("/")
    return next((child for child in catalogue.children if child.record_path in parts), catalogue.root)


@pytest.mark.parametrize("place", _ENTITIES)
def test_no_body_holds_what_is_not_declared_as_sendable(busy: Desk, place: int) -> None:
    """Neither of creates, nor of an update of all that can be updated."""
    entity = entity_at(busy, place)
    busy.relay.asked.clear()
    strategy = st.tuples(*groups_of(busy.subject, entity, busy.reader))
    _, record = family(busy)

    @HASTY
    @given(drawn=strategy)
    def update(drawn: tuple[dict[str, str], ...]) -> None:
        nonlocal record
        values = {name: value for group in drawn for name, value in group.items()}
        record, _ = written(busy, record, entity, values)

    update()
    bodies = [each for each in busy.relay.writes if each.body]
    assert len(bodies) > len(busy.account.connector.catalogue.entities)
    for each in bodies:
        assert sent(each) - allowed(busy.subject, entity_of(busy.subject, each)) == set(), each.path


def test_an_update_sends_the_whole_record_or_the_change_alone(desk: Desk) -> None:
    _, record = family(desk)
    text = desk.subject.text
    desk.relay.asked.clear()
    written(desk, record, desk.subject.root, {text: "changed"})
    (body,) = (sent(each) for each in desk.relay.writes)
    if desk.account.connector.capabilities.update_style is UpdateStyle.PATCH:
        assert body == {text}
    else:
        root = desk.subject.root
        held = {field.name for field in root.sendable if canonical(root, record, field.name)}
        assert held <= body


def test_what_is_never_sent_is_refused_before_it_is_encoded(desk: Desk) -> None:
    _, record = family(desk)
    desk.relay.asked.clear()
    root = desk.subject.root
    for field in root.fields:
        if not field.is_sendable and field.name != root.id_field:
            with pytest.raises(ValueError, match=re.escape(field.name)):
                Hands(desk).do(Action.UPDATE, record, {field.name: "x"})
    assert desk.relay.writes == []


@pytest.mark.parametrize("place", _ENTITIES)
def test_every_field_that_can_be_cleared_is_blank_then_and_nothing_else_moves(busy: Desk, place: int) -> None:
    entity = entity_at(busy, place)
    key, record = family(busy)

    @ONCE
    @given(drawn=st.tuples(*groups_of(busy.subject, entity, busy.reader)))
    def goes(drawn: tuple[dict[str, str], ...]) -> None:
        nonlocal record
        for values in drawn:
            blank = {name: "" for name in values if entity.by_name[name].clear_as is not ClearAs.NEVER}
            if blank.keys() != values.keys():
                continue
            record, _ = written(busy, record, entity, values)
            stored = busy.server.stored()
            record, held = written(busy, record, entity, blank)
            assert {canonical(entity, held, name) for name in blank} == {""}, blank
            moved = changed_paths(stored, busy.server.stored())
            assert [path for path in moved if not is_meant(busy.subject, entity, key, path, blank)] == [], blank
            record, _ = written(busy, record, entity, values)  # what comes later may need it

    goes()
