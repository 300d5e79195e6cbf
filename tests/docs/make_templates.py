"""templates/: the workbook and CSV files for new records, and FIELDS.md; used by regenerate.py and by the tests."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from make_commands import GENERATED

from bulkio.account import connector_for, field_table, open_sandbox

#: What the column "source" of FIELDS.md points into.
SOURCES = {
    "unleashed": ("the line of the vendor's page", "https://apidocs.unleashedsoftware.com/Customers) that says so"),
    "xentral": ("the resource of the vendor's API", "https://github.com/xentral/api-spec-public) that has it"),
}

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


def template_folder(erp: str) -> Path:
    """Where an ERP's templates are."""
    return TEMPLATES / erp


def write_templates(erp: str, folder: Path) -> None:
    """The workbook and the CSV files for new records, without an account's own lists, and FIELDS.md."""
    with tempfile.TemporaryDirectory() as state:
        account = open_sandbox("http://127.0.0.1:9", state_dir=Path(state), erp=erp)  # nothing is asked of it
        for old in folder.glob("customers*"):
            old.unlink()
        account.template(folder / "customers.xlsx", live_lists=False)
        account.template(folder / "customers.csv", live_lists=False)
    (folder / "FIELDS.md").write_text(fields_page(erp), encoding="utf-8")


def fields_page(erp: str) -> str:
    """FIELDS.md: one table per sheet."""
    connector = connector_for(erp=erp)
    rows = field_table(connector)
    what, where = SOURCES[erp]
    lines = [GENERATED + f"# {connector.title}: every field\n"]
    lines += [
        "Access: *writable* may be changed at any time, *create only* is set when the record is created, *read-only*",
        "is exported for you to see and never sent. Clear: what `[CLEAR]` sends. Source: " + what,
        f"({where}. `bulkio fields --json` has the same as data.",
    ]
    for sheet in dict.fromkeys(row["sheet"] for row in rows):
        lines += ["", f"## {sheet}\n"]
        lines += ["| field | kind | length | access | required | clear | rule | example | source |"]
        lines += ["|---|---|---|---|---|---|---|---|---|"]
        lines += [_field_line(row) for row in rows if row["sheet"] == sheet]
    return "\n".join(lines) + "\n"


def _field_line(row: dict[str, Any]) -> str:
    rule = [row["note"]]
    if row["choices"]:
        rule.insert(0, f"One of {', '.join(row['choices'])}.")
    if row["lookup"]:
        rule.insert(0, f"One of the ERP's own {row['lookup']}.")
    example = f"`{row['example']}`" if row["example"] else ""
    cells = [
        f"`{row['field']}`",
        row["kind"],
        row["length"],
        row["access"],
        "to create" if row["required"] else "",
        row["clear_as"],
    ]
    cells = ["" if cell in (None, False) else cell for cell in cells]
    cells += [" ".join(part for part in rule if part), example, row["source"]]
    return "| " + " | ".join(str(cell).replace("|", r"\|").replace("\n", " ") for cell in cells) + " |"
