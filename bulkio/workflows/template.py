"""Template: an empty workbook (or CSV) for new records, with the dropdowns, notes and limits of an export."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bulkio.core.flat_layout import flat_sheet
from bulkio.core.flatten import empty_frames
from bulkio.core.grid import BookSpec
from bulkio.core.layout import Layout, dropdown_lists, sheet_specs
from bulkio.core.readme import readme_lines
from bulkio.sheets import write_csv_file, write_xlsx

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bulkio.connectors.protocol import Connector
    from bulkio.core.lookup import LookupTable

_BLANK_ROWS = 500  # formatted, with dropdowns


def write_template(  # noqa: PLR0913 each is a flag of its own
    path: Path,
    connector: Connector,
    tables: Mapping[str, LookupTable | None],
    file_format: str,
    *,
    layout: Layout = Layout.SHEETS,
    slots: int = 0,
) -> tuple[str, ...]:
    """Write it, and return the files' names. Raises FileError."""
    catalogue = connector.catalogue
    frames = empty_frames(catalogue)
    in_words: tuple[str, ...] = ()
    if layout is Layout.FLAT:
        flat = flat_sheet(catalogue, frames, slots=slots, blank_rows=_BLANK_ROWS, for_new_records=True)
        specs, in_words = [flat.spec], flat.slots
    else:
        specs = sheet_specs(catalogue, frames, blank_rows=_BLANK_ROWS, for_new_records=True)
    if file_format == "xlsx":
        lines = readme_lines(
            catalogue, connector.title, account="", exported_at="", profile="", complete=False, slots=in_words
        )
        book = BookSpec(
            sheets=specs, readme=lines, lists=dropdown_lists(catalogue, tables), title=f"{connector.title}: new records"
        )
        write_xlsx(book, path)
        return (str(path),)
    written = []
    for spec in specs:
        target = (
            path
            if spec.name == catalogue.root.name
            else path.with_name(f"{path.stem}.{spec.name.lower()}{path.suffix}")
        )
        write_csv_file(spec, target)
        written.append(str(target))
    return tuple(written)
