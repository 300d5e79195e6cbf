"""The page that a workbook opens with: what it is, what to do with it, what happens to each kind of edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bulkio.core.headers import BEYOND_COLUMN, COMMAND
from bulkio.core.kinds import CLEAR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bulkio.core.catalogue import Catalogue


def readme_lines(  # noqa: PLR0913 what the page has to say
    catalogue: Catalogue,
    title: str,
    *,
    account: str = "",
    exported_at: str = "",
    profile: str = "",
    complete: bool = False,
    slots: Sequence[str] = (),
    opening: Sequence[str] = (),
) -> list[tuple[str, str]]:
    """(style, text) pairs; styles are title, heading, text, bullet and code.

    A template has no `exported_at`, and a flat workbook has `slots`, in words. `opening` are sentences for a workbook
    that is neither an export nor a template.
    """
    root = catalogue.root
    names = root.name if slots else ", ".join(entity.name for entity in catalogue.entities)
    flag = f" -p {profile}" if profile else ""
    lines = [("title", f"{title} {root.name.lower()}")]
    if opening:
        lines += [("text", sentence) for sentence in opening]
    elif exported_at:
        extent = "All records of the account." if complete else "A selection of the account's records."
        lines.append(("text", f"Exported from {account} at {exported_at[:19].replace('T', ' ')} (UTC). {extent}"))
    else:
        lines.append(("text", "An empty workbook for new records. Fill in a row each, with NEW in the column Command."))
    lines += [
        ("heading", "What to do"),
        ("text", f"Edit the sheet{'' if slots else 's'} {names}, save the file, then run:"),
        ("code", f"bulkio check FILE.xlsx{flag}      # what is wrong, cell by cell; sends nothing"),
        ("code", f"bulkio plan FILE.xlsx{flag}       # what would change; sends nothing"),
        ("code", f"bulkio apply FILE.xlsx{flag}      # shows the plan, asks, then does it and proves it"),
        ("heading", "What happens when you change a cell"),
        ("bullet", "Only what you edited is changed. A value that a colleague changed meanwhile is left alone."),
        ("bullet", "You and a colleague changed the same field: a conflict. It is shown, never overwritten silently."),
        ("bullet", f"A cell that you empty is left alone and counted. Write {CLEAR} in it to clear the field."),
        ("bullet", "A row that you delete from the sheet is left alone. Nothing is deleted by leaving it out."),
        ("bullet", "A column that you delete, hide or move is left alone. Columns of your own are left alone, too."),
        ("bullet", "Grey columns are read-only: they are there for you to see, and are never sent."),
        ("heading", f"The column {COMMAND}"),
        ("bullet", "blank: change the record, if anything in its row was edited"),
        (
            "bullet",
            "NEW: create it (fails if it exists). UPDATE: change it (fails if it does not exist). MERGE: either.",
        ),
        ("bullet", _delete_line(catalogue)),
        ("bullet", "IGNORE: leave the row alone, whatever it says."),
        ("heading", "How rows are recognised"),
        ("bullet", f"{root.name}: by {root.id_field}, or else by {' + '.join(root.key_fields)}."),
    ]
    for child in catalogue.children:
        key = " + ".join(child.key_fields)
        hidden = " (a hidden column)" if slots else ""
        lines.append(("bullet", f"{child.name}: by {child.id_field}{hidden}, or else by {child.parent_key} + {key}."))
    lines += _slot_lines(catalogue, slots) if slots else []
    lines += [
        ("heading", "Good to know"),
        ("bullet", "Every header has a note: type, length, rule, example."),
        ("bullet", "Text cells keep leading zeros, 1E5, NA and =1+1 as they are. Paste values only (without formats)."),
        (
            "bullet",
            "The file knows what was exported, in a hidden sheet. Mail it, rename it, sort it: that stays true.",
        ),
    ]
    return lines


def _slot_lines(catalogue: Catalogue, slots: Sequence[str]) -> list[tuple[str, str]]:
    """What the columns beside a root record's own are."""
    root = catalogue.root
    names = " and ".join(child.name.lower() for child in catalogue.children)
    first = catalogue.children[0]
    field = next(name for name in first.by_name if name != first.slot_field)
    header = f"{slots[0].split(',')[0].split(' to ')[0]}: {field}"
    return [
        ("heading", f"{names.capitalize()} in slots"),
        ("bullet", f"Every row has these slots: {'; '.join(slots)}. A header names slot and field: {header}."),
        ("bullet", f"Fill in an empty slot, and the {root.singular} gets a new one. Its other slots stay as they are."),
        ("bullet", f"Empty a slot, and it is left alone and counted, like every emptied cell. Write {CLEAR} to clear."),
        ("bullet", f"What has no slot is counted in the column {BEYOND_COLUMN}. It stays in the ERP as it is."),
        ("bullet", f"The column {COMMAND} is about the {root.singular}. IGNORE leaves its slots alone, too."),
    ]


def _delete_line(catalogue: Catalogue) -> str:
    flag = catalogue.root.soft_delete_field
    what = f"sets {flag} for a {catalogue.root.singular}, since the ERP has no delete" if flag else "deletes the record"
    return f"DELETE: needs the flag --allow-delete; it {what}."
