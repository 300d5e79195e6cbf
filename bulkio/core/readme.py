"""The page that a workbook opens with: what it is, what to do with it, what happens to each kind of edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bulkio.core.headers import COMMAND
from bulkio.core.kinds import CLEAR

if TYPE_CHECKING:
    from bulkio.core.catalogue import Catalogue


def readme_lines(  # noqa: PLR0913 what the page has to say
    catalogue: Catalogue, title: str, *, account: str, exported_at: str, profile: str, complete: bool
) -> list[tuple[str, str]]:
    """(style, text) pairs; styles are title, heading, text, bullet and code. A template has no `exported_at`."""
    root = catalogue.root
    names = ", ".join(entity.name for entity in catalogue.entities)
    flag = f" -p {profile}" if profile else ""
    lines = [("title", f"{title} {root.name.lower()}")]
    if exported_at:
        extent = "All records of the account." if complete else "A selection of the account's records."
        lines.append(("text", f"Exported from {account} at {exported_at} (UTC). {extent}"))
    else:
        lines.append(("text", "An empty workbook for new records. Fill in a row each, with NEW in the column Command."))
    lines += [
        ("heading", "What to do"),
        ("text", f"Edit the sheets {names}, save the file, then run:"),
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
        lines.append(("bullet", f"{child.name}: by {child.id_field}, or else by {child.parent_key} + {key}."))
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


def _delete_line(catalogue: Catalogue) -> str:
    flag = catalogue.root.soft_delete_field
    what = f"sets {flag} for a {catalogue.root.singular}, since the ERP has no delete" if flag else "deletes the record"
    return f"DELETE: needs the flag --allow-delete; it {what}."
