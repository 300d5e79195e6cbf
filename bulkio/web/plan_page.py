"""A plan as one self-contained page: for the person who must approve it, and has nothing but a mail program.

No script, no picture, no address: its Content-Security-Policy allows its own style and nothing else.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from pathlib import PurePath
from typing import TYPE_CHECKING

from markupsafe import Markup

from bulkio.core.options import OnConflict
from bulkio.core.overview import Group, count_by_group, field_totals, group_of
from bulkio.web.templating import asset, templates

if TYPE_CHECKING:
    from bulkio.core.approval import Approval
    from bulkio.core.catalogue import Catalogue
    from bulkio.core.plan import Operation, Plan

#: The most dangerous first: that is what an approver looks for.
_GROUP_WORDS = (
    (Group.DELETE, "Deletes"),
    (Group.CLEAR, "Updates that clear a field"),
    (Group.CREATE, "New records"),
    (Group.UPDATE, "Updates"),
)
_CONFLICT_WORDS = {
    OnConflict.STOP.value: "While they are undecided, nothing of this plan can be applied.",
    OnConflict.SKIP.value: "These rows are left out.",
    OnConflict.OVERWRITE.value: "The file wins.",
}


def plan_page(plan: Plan, catalogue: Catalogue, approval: Approval | None = None) -> str:
    """The page as text. All of the plan is in it, however long it gets."""
    style = asset("review.css")
    grouped: dict[str, list[Operation]] = {group.value: [] for group in Group}
    for operation in plan.operations:
        grouped[group_of(operation).value].append(operation)
    return templates().get_template("plan_page.html").render(
        plan=plan,
        approval=approval,
        summary=plan.summary(),
        file_name=PurePath(plan.origin.file).name,
        counts={group.value: count for group, count in count_by_group(plan).items()},
        grouped=grouped,
        group_words=[(group.value, words) for group, words in _GROUP_WORDS],
        field_totals=field_totals(plan, catalogue),
        issues=plan.issues,
        conflict_words=_CONFLICT_WORDS.get(plan.options.get("on_conflict", ""), ""),
        style=Markup(style),  # noqa: S704 our own
        style_hash=b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    )  # fmt: skip
