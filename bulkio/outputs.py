"""Where an export goes: its format, its layout, its files, and what was in their place before."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from bulkio.core.layout import Layout
from bulkio.errors import FileError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bulkio.connectors.protocol import Connector
    from bulkio.core.catalogue import Catalogue
    from bulkio.store.state import AccountState
    from bulkio.workflows.export import Exported, LaidOut

FORMATS = ("xlsx", "csv", "jsonl")
LAYOUTS = tuple(layout.value for layout in Layout)
MOST_SLOTS = 99  # of a kind: more columns are no sheet that a person reads

Output = str | Path | BinaryIO


def format_of(output: Output, chosen: str | None, known: Sequence[str] = FORMATS) -> str:
    """The format, by name or by suffix. Raises UsageError if there is none, or if the two contradict each other."""
    suffix = Path(output).suffix.lower().lstrip(".") if isinstance(output, str | Path) else ""
    spelled = "jsonl" if suffix == "ndjson" else suffix
    if (chosen or spelled) not in known:
        msg = f"which format? Known are {', '.join(known)}, and {str(output)!r} does not say"
        raise UsageError(msg, hint="Give the file one of these suffixes, or use --format.")
    if chosen and chosen != spelled and spelled in FORMATS:
        msg = f"{output}: the suffix says {spelled}, and --format says {chosen}"
        raise UsageError(msg, hint="Leave one of them out.")
    return chosen or spelled


def layout_of(layout: str, slots: int, chosen: str) -> Layout:
    """The layout by name. Raises UsageError if there is none, or if the format or the slots do not go with it."""
    try:
        laid = Layout(layout)
    except ValueError as exc:
        msg = f"a layout is sheets or flat, not {layout!r}"
        raise UsageError(msg) from exc
    if laid is Layout.FLAT and chosen == "jsonl":
        msg = "JSON lines are one customer a line already, with addresses and contacts nested in it"
        raise UsageError(msg, hint="Use --layout flat with .xlsx or .csv.")
    if slots and laid is Layout.SHEETS:
        msg = "only a flat layout has slots"
        raise UsageError(msg, hint="Add --layout flat, or leave --slots out.")
    if not 0 <= slots <= MOST_SLOTS:
        msg = f"{slots} slots: there can be 1 to {MOST_SLOTS} of a kind"
        raise UsageError(msg)
    return laid


def refuse_unwritable(output: Output, chosen: str, children: Sequence[str] = ()) -> None:
    """Say before a long export that one of its files cannot be written. Raises FileError, UsageError."""
    from bulkio import sheets  # noqa: PLC0415

    if not isinstance(output, str | Path):
        if chosen == "xlsx":
            msg = "a workbook cannot be written to stdout"
            raise UsageError(msg, hint="Name a file, or use --format csv or jsonl.")
        return
    path = Path(output)
    if path.is_dir():
        msg = f"{path}: this is a folder, not a file"
        raise FileError(msg, hint="Name the file to write.")
    if not path.parent.is_dir():
        msg = f"{path}: there is no folder {str(path.parent)!r}"
        raise FileError(msg, hint="Make it first, or check its name.")
    for file in (path, *(_beside(path, child) for child in children)):
        sheets.refuse_unwritable(file)


def folder_of(output: Output) -> Path | None:
    """Where the export's temporary file belongs: on the disk of the export; None for a stream."""
    return Path(output).absolute().parent if isinstance(output, str | Path) else None


def write_export(
    exported: Exported, laid_out: LaidOut, connector: Connector, output: Output, chosen: str
) -> tuple[str, ...]:
    """Write what was exported, and beside a text file what it was; the files' names (none for a stream).

    A workbook is laid out in memory, text files some thousand records at a time.
    """
    from bulkio import sheets  # noqa: PLC0415
    from bulkio.workflows.export import book_of  # noqa: PLC0415
    from bulkio.workflows.opened_file import baseline_path  # noqa: PLC0415

    if chosen == "xlsx":
        path = Path(cast("str | Path", output))  # streams were refused before anything was read
        sheets.write_xlsx(book_of(exported, connector, laid_out), path)
        return (str(output),)
    if not isinstance(output, str | Path):
        _write_text(laid_out, connector.catalogue, chosen, [output])
        return ()
    path = Path(output)
    beside = baseline_path(path)
    written = [path]
    if chosen == "csv":
        written += [_beside(path, name) for name in laid_out.names[1:]]
    with ExitStack() as stack:
        # The last to leave the stack is the first to be entered: once all else is in place, the baseline is.
        base = stack.enter_context(sheets.replacing(beside))
        streams = [stack.enter_context(sheets.replacing(each)) for each in reversed(written)][::-1]
        _write_text(laid_out, connector.catalogue, chosen, streams)
        base.writelines(exported.packed_baseline())
        # Until then there is none: an old baseline beside new rows would take others' edits for the user's.
        beside.unlink(missing_ok=True)
    return (*map(str, written), str(beside))


def _write_text(laid_out: LaidOut, catalogue: Catalogue, chosen: str, streams: Sequence[BinaryIO]) -> None:
    """CSV: a stream for each table, those without one are left out. JSON lines: one for all of them."""
    from bulkio import sheets  # noqa: PLC0415
    from bulkio.core.headers import COMMAND  # noqa: PLC0415

    if chosen == "jsonl":
        children = {child.name: child.parent_key for child in catalogue.children}
        lines = sheets.JsonlWriter(streams[0], catalogue.root.name, children)
        for part in laid_out.parts():
            lines.write([replace(s, columns=[c for c in s.columns if c.header != COMMAND]) for s in part])
        return
    writers = [sheets.CsvWriter(stream) for stream in streams]
    for part in laid_out.parts():
        for writer, spec in zip(writers, part, strict=False):
            writer.write(spec)


def set_aside(laid_out: LaidOut, catalogue: Catalogue, output: Output) -> list[str]:
    """Rename children's files of an earlier export that this one has none of: they would be read as part of it."""
    if not isinstance(output, str | Path):
        return []
    notes = []
    for child in catalogue.children:
        stale = _beside(Path(output), child.name)
        if child.name not in laid_out.names and stale.is_file():
            aside = stale.with_name(f"{stale.stem}.earlier{stale.suffix}")
            stale.replace(aside)
            notes.append(f"{stale.name} was of an earlier export, and is now {aside.name}")
    return notes


def keep_edited(state: AccountState, catalogue: Catalogue, output: Output, chosen: str) -> list[str]:
    """Rename files in the way of this export that are not just as an export left them: somebody's edits."""
    if not isinstance(output, str | Path):
        return []
    path = Path(output)
    beside = [_beside(path, child.name) for child in catalogue.children] if chosen == "csv" else []
    return [
        f"{file.name} was there and is not as it was exported: it is now {aside.name}"
        for file in (path, *beside)
        if (aside := state.keep_edited(file))
    ]


def _beside(path: Path, sheet: str) -> Path:
    """The file of a child's sheet beside the root's CSV file."""
    return path.with_name(f"{path.stem}.{sheet.lower()}{path.suffix}")
