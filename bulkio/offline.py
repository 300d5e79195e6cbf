"""What needs a file or a catalogue and no account: checks, templates, the table of fields."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bulkio.connectors.registry import connector as find_connector
from bulkio.connectors.registry import known as known_connectors
from bulkio.core.issues import IssueCode
from bulkio.core.options import ImportOptions
from bulkio.errors import InvalidFileError, OutdatedError, UsageError
from bulkio.outputs import FORMATS, format_of, layout_of, refuse_unwritable
from bulkio.profiles import load_profile, profile_names

if TYPE_CHECKING:
    from bulkio.connectors.protocol import Connector, LookupTable
    from bulkio.core.layout import Layout
    from bulkio.workflows.checked import Checked
    from bulkio.workflows.opened_file import OpenedFile
    from bulkio.workflows.user_file import UserFile


def template_file(  # noqa: PLR0913 each is a flag of its own
    output: str | Path,
    connector: Connector,
    tables: dict[str, LookupTable | None] | None = None,
    *,
    file_format: str | None = None,
    layout: str = "sheets",
    slots: int = 0,
) -> tuple[str, ...]:
    """An empty workbook (or CSV) for new records, without an account; `tables` feed its dropdowns.

    Raises UsageError if there is such a file, FileError if it cannot be written.
    """
    from bulkio.workflows.template import write_template  # noqa: PLC0415

    chosen, laid = template_format(output, file_format, layout, slots)
    return write_template(Path(output), connector, tables or {}, chosen, layout=laid, slots=slots)


def template_format(output: str | Path, file_format: str | None, layout: str, slots: int) -> tuple[str, Layout]:
    """The format and layout of a template that can be written there. Raises UsageError, FileError."""
    chosen = format_of(output, file_format, FORMATS[:2])
    laid = layout_of(layout, slots, chosen)
    refuse_unwritable(output, chosen)
    if Path(output).exists():
        msg = f"{output}: there is such a file already"
        raise UsageError(msg, hint="Name another, or delete it first.")
    return chosen, laid


def check_file(
    path: str | Path, connector: Connector | None = None, *, options: ImportOptions | None = None, **reading: Any
) -> Checked:
    """Validate a file offline, without an account; see `recognised_file` for which ERP it is held to be of."""
    from bulkio.workflows.check import check  # noqa: PLC0415 pandas and pandera are heavy

    chosen = options or ImportOptions()
    file, best = recognised_file(path, connector, options=chosen, **reading)
    return check(file, best, chosen)


def recognised_file(
    path: str | Path, connector: Connector | None = None, *, options: ImportOptions, **reading: Any
) -> tuple[UserFile, Connector]:
    """A file that was read, and the connector of its ERP.

    `connector` says which ERP it is for, or else what was exported or converted with it, or else the columns that it
    has. Raises OutdatedError if it is of another ERP than `connector`'s, FileError if it cannot be read.
    """
    from bulkio.workflows.opened_file import open_file as read_file  # noqa: PLC0415
    from bulkio.workflows.user_file import parse_file  # noqa: PLC0415

    candidates = [connector] if connector else [find_connector(name) for name in known_connectors()]
    fitting: list[tuple[int, UserFile, Connector]] = []
    misfit: InvalidFileError | None = None
    opened: OpenedFile | None = None
    for candidate in candidates:
        try:
            if opened is None or not opened.is_of_any_erp:
                opened = read_file(Path(path), candidate.catalogue, **reading)
        except InvalidFileError as exc:  # JSON lines tie children to their parents by a key of the ERP's own
            misfit = misfit or exc
            continue
        if opened.erp not in ("", candidate.name):
            continue
        file = parse_file(opened, candidate.catalogue, options.locale)
        fitting.append((sum(len(rows.columns) for rows in file.rows.values()), file, candidate))
        is_strange = any(issue.code is IssueCode.UNKNOWN_COLUMN for issue in file.issues)
        if file.erp or (file.rows and not is_strange):
            break  # no other can fit better
    if not fitting and misfit:
        raise misfit
    if not fitting:
        msg = f"{path} was exported from another ERP"
        raise OutdatedError(msg, hint="Use a profile of that ERP.")
    _, file, best = max(fitting, key=lambda each: each[0])
    return file, best


def write_check_report(checked: Checked, path: str | Path) -> None:
    """The user's own workbook again, with every issue as a mark and a note on its cell. Raises FileError."""
    from bulkio.workflows.check_report import write_report  # noqa: PLC0415

    write_report(checked, Path(path))


def connector_for(profile: str | None = None, *, config: str | Path | None = None, erp: str | None = None) -> Connector:
    """The connector of an ERP by name, of a profile, or where there is none, of the first ERP."""
    if erp:
        return find_connector(erp)
    if profile is None and not profile_names(Path(config) if config else None):
        return find_connector(known_connectors()[0])
    return find_connector(load_profile(profile, config=Path(config) if config else None).erp)


def workbook_engines() -> dict[str, str]:
    """What stands behind workbooks when they are read and written. Raises UsageError if it is declared wrongly."""
    from bulkio.sheets.engine import reading_engine, writing_engine  # noqa: PLC0415

    return {"reading": reading_engine().value, "writing": writing_engine().value}


def field_table(connector: Connector) -> list[dict[str, object]]:
    """The catalogue as rows: sheet, field, kind, length, access, required, choices, lookup, clear_as, note, source."""
    return [
        {
            "sheet": entity.name,
            "field": field.name,
            "kind": field.kind.value,
            "length": field.max_length,
            "access": field.access.value,
            "required": "to create" if field in entity.needed else "",
            "choices": list(field.choices),
            "lookup": field.lookup.resource if field.lookup else "",
            "clear_as": field.clear_as.value if field.is_writable else "",
            "note": field.note,
            "example": field.example,
            "source": field.source,
        }
        for entity in connector.catalogue.entities
        for field in entity.fields
    ]


def open_file(path: str | Path, connector: Connector, options: ImportOptions, reading: dict[str, Any]) -> UserFile:
    """Read a file as one of that ERP. Raises FileError, InvalidFileError."""
    from bulkio.workflows.user_file import open_user_file  # noqa: PLC0415

    return open_user_file(Path(path), connector.catalogue, locale=options.locale, **reading)
