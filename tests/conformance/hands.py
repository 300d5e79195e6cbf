"""Requests made by hand, past sheets and planner: one operation, encoded and sent by the connector's own writer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bulkio.core.plan import Action, Change, Operation, Step, operation_id
from bulkio.core.records import canonical, identity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from desk import Desk

    from bulkio.connectors.protocol import Record, Reply
    from bulkio.core.catalogue import Entity


class Hands:
    """Hands at a desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.subject = desk.subject
        self.catalogue = desk.account.connector.catalogue
        self._made = 0

    def do(
        self,
        action: Action,
        root: Record | None,
        values: Mapping[str, str] | None = None,
        *,
        entity: Entity | None = None,
        child: Record | None = None,
    ) -> Reply:
        """Send one operation on a root record, or on a child of it; `root` is the record as it was just read."""
        of = entity or self.catalogue.root
        record = child if of.parent else root
        self._made += 1
        made_id = operation_id("by hand", self.subject.key, str(self._made), str((values or {}).get(self.subject.key)))
        guid = made_id if record is None and of.client_ids else ""
        operation = Operation(
            id=made_id,
            action=action,
            entity=of.name,
            key="by hand",
            guid=guid if record is None else identity(of, record),
            parent_guid=identity(self.catalogue.root, root) if of.parent and root else "",
            parent_key=canonical(self.catalogue.root, root, self.subject.key) if of.parent and root else "",
            natural_key=() if record is None else tuple(canonical(of, record, name) for name in of.key_fields),
            sheet=of.name,
            row=2,
            changes=tuple(
                Change(name, "" if record is None else canonical(of, record, name), after)
                for name, after in (values or {}).items()
            ),
        )
        entity_name = self.catalogue.root.name if of.embedded else of.name
        step = Step(entity_name, operation.root_guid, (operation,))
        return self.desk.writer.send(self.desk.writer.encode(step, root))

    def make(self, key: str, number: int = 1) -> Record:
        """A new root record of that key, as it reads afterwards."""
        root = self.catalogue.root
        values = {self.subject.key: key, **self.subject.new_values(root.name, number)}
        self.do(Action.CREATE, None, values)
        return self.desk.record(key)

    def make_family(self, key: str, number: int = 1) -> Record:
        """A new root record with one child of every kind."""
        record = self.make(key, number)
        for child in self.catalogue.children:
            self.do(Action.CREATE, record, self.subject.new_values(child.name, number), entity=child)
            record = self.desk.record(key)
        return record
