"""templates/ is what the tool makes today, and can be used as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import openpyxl
import pytest
from make_templates import template_folder, write_templates
from regenerate import is_same

from bulkio.account import check_file, connector_for
from bulkio.connectors.registry import known

if TYPE_CHECKING:
    from pathlib import Path

ERPS = known()


@pytest.mark.parametrize("erp", ERPS)
def test_templates_are_fresh(erp: str, clean: Path) -> None:
    write_templates(erp, clean)
    made = {path.name for path in clean.iterdir()}
    kept = {path.name for path in template_folder(erp).iterdir()}
    assert made == kept
    stale = [name for name in made if not is_same(clean / name, template_folder(erp) / name)]
    assert not stale, "python tests/docs/regenerate.py"


@pytest.mark.parametrize("erp", ERPS)
def test_fields_page_names_every_field_with_its_source(erp: str) -> None:
    page = (template_folder(erp) / "FIELDS.md").read_text(encoding="utf-8")
    for entity in connector_for(erp=erp).catalogue.entities:
        section = page.split(f"## {entity.name}\n")[1].split("\n## ")[0]
        for field in entity.fields:
            line = next(line for line in section.splitlines() if line.startswith(f"| `{field.name}` |"))
            assert field.source
            assert field.source in line
            assert field.access.value in line


@pytest.mark.parametrize("erp", ERPS)
def test_a_filled_template_is_found_good(erp: str, clean: Path) -> None:
    catalogue = connector_for(erp=erp).catalogue
    book = openpyxl.load_workbook(template_folder(erp) / "customers.xlsx")
    sheet = book[catalogue.root.name]
    letters = {cell.value: cell.column_letter for cell in sheet[1]}
    sheet[f"{letters['Command']}2"].value = "NEW"
    for field in catalogue.root.fields:
        if field.required:
            sheet[f"{letters[field.name]}2"].value = field.example
    book.save(clean / "new.xlsx")
    checked = check_file(clean / "new.xlsx")
    assert not checked.has_errors, checked.issues
    assert checked.to_dict()["summary"]["rows"] == 1  # type: ignore[index]
