"""Results: what became of every row, in a copy of the user's own file; the failed ones alone in another.

The copy with results can be edited and planned again: its base holds what the run wrote (refreshed.py), and the
commands that are done are spent. A row of a flat sheet is several records: its result is the worst of theirs, and its
comment names each by its slot. CSV copies are named so that they belong together like the files they are copies of:
`customers.failed.csv` with `customers.failed.addresses.csv`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

from bulkio.core.grid import ColumnSpec, SheetSpec, TextFormat
from bulkio.core.headers import COMMAND, RESULT_COLUMNS, Command
from bulkio.core.locale import LOCALES, NEUTRAL
from bulkio.core.plan import Action
from bulkio.core.provisional import grounded, is_provisional
from bulkio.core.report import GOOD, Outcome, Status
from bulkio.sheets.annotate import ResultColumn, Tone, annotate_csv, annotate_xlsx
from bulkio.sheets.csv import read_csv, write_csv_file
from bulkio.sheets.xlsx_read import read_xlsx
from bulkio.store.baseline import ATTACHMENT, dump
from bulkio.store.state import write_atomically
from bulkio.workflows.opened_file import BASELINE_SUFFIX, baseline_of, files_by_sheet
from bulkio.workflows.refreshed import refreshed
from bulkio.workflows.slot_rows import ids_of_new

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bulkio.core.catalogue import Catalogue
    from bulkio.core.grid import RawSheet
    from bulkio.core.plan import Conflict, Operation, Plan
    from bulkio.store.state import AccountState

_WORDS = {
    Status.VERIFIED: "OK",
    Status.ACKED: "DONE, NOT CONFIRMED",
    Status.REJECTED: "FAILED",
    Status.CONFLICT: "CONFLICT",
    Status.IN_DOUBT: "IN DOUBT",
    Status.SKIPPED: "SKIPPED",
    Status.NOT_SENT: "NOT SENT",
}
_TONES = {
    Status.VERIFIED: Tone.GOOD,
    Status.REJECTED: Tone.BAD,
    Status.CONFLICT: Tone.BAD,
    Status.IN_DOUBT: Tone.BAD,
}
_WORST_FIRST = (Status.IN_DOUBT, Status.REJECTED, Status.CONFLICT, Status.SKIPPED, Status.NOT_SENT, Status.ACKED,
                Status.VERIFIED)  # fmt: skip
_DONE = {Action.CREATE: "created", Action.UPDATE: "updated", Action.DELETE: "deleted"}
_DONE_COMMANDS = {Action.CREATE: Command.UPDATE, Action.DELETE: Command.IGNORE}
_COMMANDS = {Action.CREATE: Command.NEW, Action.UPDATE: Command.UPDATE, Action.DELETE: Command.DELETE}


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultsRequest:
    """What to tell of, and where: `source` is the user's file, `folder` the run's own.

    `earlier` are the files, by purpose, that an earlier sitting of the run wrote.
    """

    source: Path
    plan: Plan
    outcomes: Sequence[Outcome]
    folder: Path
    catalogue: Catalogue
    state: AccountState
    earlier: Mapping[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> list[tuple[Operation, Outcome]]:
        """The operations with what became of them, in the plan's order, under the ids that their records have now."""
        by_id = {outcome.operation_id: outcome for outcome in self.outcomes}
        operations = grounded(self.plan.operations, self.outcomes)
        return [(operation, by_id[operation.id]) for operation in operations if operation.id in by_id]

    @property
    def text_format(self) -> TextFormat:
        """What was said about the text of CSV files; "" is recognised."""
        return TextFormat(self.plan.options.get("encoding", ""), self.plan.options.get("delimiter", ""))

    @property
    def failed(self) -> list[tuple[Operation, Outcome]]:
        """Those that somebody has to look at."""
        return [(operation, outcome) for operation, outcome in self.rows if outcome.status not in GOOD]

    @property
    def sheets(self) -> list[str]:
        """The sheets that there is something to tell of."""
        concerned = (*(o.sheet for o, _ in self.rows), *(conflict.sheet for conflict in self.plan.conflicts))
        return list(dict.fromkeys(concerned))


def write_results(request: ResultsRequest) -> dict[str, str]:
    """Write `NAME.results.xlsx`, and `NAME.failed.xlsx` if anything failed, beside the user's file.

    Where the user's file is gone, or is none that can be written back, a plain table goes into the run's folder
    instead. A file in the way that somebody edited is kept under another name (`kept`); one of failed rows from an
    earlier sitting of the run that has nothing failed any more is deleted. Returns what was written by purpose; raises
    FileError if it cannot be.
    """
    source = request.source
    suffix = source.suffix.lower() if source.is_file() else ""
    with _Writing(request.state) as writing:
        if suffix == ".xlsx":
            _xlsx_results(request, writing)
        elif suffix == ".csv":
            _csv_results(request, writing)
        else:
            table = request.folder / "results.csv"
            _write_table(table, request.rows)
            writing.files["results"] = str(table)
    stale = {name for purpose, name in request.earlier.items() if purpose.startswith("failed")}
    for name in stale - set(writing.files.values()):
        if request.state.is_as_written(Path(name)):  # else somebody is at work in it
            Path(name).unlink(missing_ok=True)
    return writing.files


class _Writing:
    """The files that are written, by purpose; what they replace was ours, or is kept."""

    def __init__(self, state: AccountState) -> None:
        self._state = state
        self.files: dict[str, str] = {}
        self._written: list[Path] = []

    def __enter__(self) -> Self:
        """Nothing to do yet."""
        return self

    def __exit__(self, *_exc: object) -> None:
        """Remember what they were like."""
        self._state.note_written([path for path in self._written if path.is_file()])

    def to(self, path: Path, *purposes: str) -> Path:
        """About to write a file; the first purpose that has none yet, and the others, name it."""
        if path not in self._written and (aside := self._state.keep_edited(path)):
            self.files["kept"] = str(aside)
        self._written.append(path)
        for purpose in purposes:
            self.files.setdefault(purpose, str(path))
        return path


def _xlsx_results(request: ResultsRequest, writing: _Writing) -> None:
    source = request.source
    book = read_xlsx(source)
    base = _new_base(request, book.sheets)
    annotate_xlsx(
        source,
        writing.to(_beside(source, "results"), "results"),
        columns={
            sheet: [
                *_result_columns(request.rows, sheet, request.plan.conflicts),
                *_ids(request, book.sheets.get(sheet)),
            ]
            for sheet in request.sheets
        },
        attachments={ATTACHMENT: base} if base else {},
        book=book,
    )
    failed = request.failed
    if failed:
        columns = {sheet: [_commands(failed, sheet), *_columns(failed, sheet)] for sheet in request.sheets}
        # Sheets without any operation have nothing to be done again, either.
        known = {entity.name.casefold() for entity in request.catalogue.entities}
        ours = {name for name in book.sheets if name.strip().casefold() in known}
        kept = {sheet: {o.row for o, _ in failed if o.sheet == sheet} for sheet in {*ours, *request.sheets}}
        rest = writing.to(_beside(source, "failed"), "failed")
        annotate_xlsx(source, rest, columns=columns, keep_rows=kept, book=book)


def _new_base(request: ResultsRequest, sheets: Mapping[str, RawSheet]) -> bytes | None:
    """The base of the copy with results; None where what was exported is not known, or nothing was done."""
    done = [(operation, outcome) for operation, outcome in request.rows if outcome.status in GOOD]
    baseline = baseline_of(request.source) if done and request.plan.origin.base_id else None
    if baseline is None or baseline.header.base_id != request.plan.origin.base_id:
        return None
    locale = LOCALES.get(request.plan.options.get("locale", ""), NEUTRAL)
    return dump(refreshed(baseline, request.catalogue, done, sheets, locale))


def _beside(path: Path, purpose: str) -> Path:
    return path.with_name(f"{path.stem}.{purpose}{path.suffix}")


def _csv_results(request: ResultsRequest, writing: _Writing) -> None:
    """CSV: a results file per sheet that has something to tell, and the failed rows likewise.

    The failed file of the source itself is there whenever any row failed: its name is the one to apply again, and a
    child's file beside it is found by it. So is the base of the copies with results.
    """
    source, rows, failed = request.source, request.rows, request.failed
    files = files_by_sheet(source, request.catalogue)
    spoken = request.text_format
    stem = source.stem
    if len(files) == 1 and (child := "." + next(iter(files)).lower()) and stem.lower().endswith(child):
        stem = stem[: -len(child)]  # a child's file on its own
    encoding, delimiter = spoken.encoding or None, spoken.delimiter or None
    told = {
        sheet: read_csv(path, sheet, encoding=encoding, delimiter=delimiter)
        for sheet, path in files.items()
        if sheet in request.sheets
    }
    for sheet, path in files.items():
        if path == source or sheet in request.sheets:
            results = writing.to(_csv_beside(stem, path, "results"), "results", f"results {sheet}")
            columns = [*_result_columns(rows, sheet, request.plan.conflicts), *_ids(request, told.get(sheet))]
            annotate_csv(path, results, columns=columns, text_format=spoken)
    if base := _new_base(request, told):
        write_atomically(source.with_name(f"{source.stem[: len(stem)]}.results{BASELINE_SUFFIX}"), base)
    for sheet, path in files.items():
        kept = {operation.row for operation, _ in failed if operation.sheet == sheet}
        if kept or (failed and path == source):
            rest = writing.to(_csv_beside(stem, path, "failed"), "failed", f"failed {sheet}")
            columns = [_commands(failed, sheet), *_columns(failed, sheet)]
            annotate_csv(path, rest, columns=columns, keep_rows=kept, text_format=spoken)


def _csv_beside(stem: str, path: Path, purpose: str) -> Path:
    """`a.csv` -> `a.failed.csv`, and `a.addresses.csv` -> `a.failed.addresses.csv`; `stem` is `a` for both."""
    return path.with_name(f"{path.stem[: len(stem)]}.{purpose}{path.stem[len(stem) :]}{path.suffix}")


def _columns(
    rows: Sequence[tuple[Operation, Outcome]], sheet: str, conflicts: Sequence[Conflict] = ()
) -> list[ResultColumn]:
    """The three result columns of a sheet, filled where a row had an operation, or was left out for a conflict.

    The id is that of the row's own record: of the root record, where the row is flat.
    """
    status: dict[int, Status] = {}
    comments: dict[int, list[str]] = {}
    identity: dict[int, str] = {}
    for operation, outcome in rows:
        if operation.sheet == sheet:
            row = operation.row
            status[row] = _worst(status.get(row, outcome.status), outcome.status)
            comments.setdefault(row, []).append(_comment(operation, outcome))
            if not operation.slot:
                identity[row] = outcome.guid
            elif not is_provisional(operation.parent_guid):
                identity.setdefault(row, operation.parent_guid)
    left_out: set[tuple[int, str]] = set()
    for conflict in conflicts:
        if conflict.sheet == sheet:
            row, slot = conflict.row, conflict.slot
            status[row] = _worst(status.get(row, Status.CONFLICT), Status.CONFLICT)
            values = f"exported {conflict.base!r}, your sheet {conflict.sheet_value!r}, ERP now {conflict.live!r}"
            mine = comments.setdefault(row, [])
            if (row, slot) not in left_out:
                mine.append(f"{slot}: left out" if slot else "left out")
            left_out.add((row, slot))
            mine.append(f"{slot}: {conflict.field}: {values}" if slot else f"{conflict.field}: {values}")
    result = {row: _WORDS.get(each, each.value) for row, each in status.items()}
    comment = {row: "; ".join(filter(None, each)) for row, each in comments.items()}
    tones = {row: _TONES.get(each, Tone.OPEN) for row, each in status.items()}
    word, words, made = RESULT_COLUMNS
    return [
        ResultColumn(header=word, values=result, width=14, tones=tones),
        ResultColumn(header=words, values=comment, width=50),
        ResultColumn(header=made, values=identity, width=38),
    ]


def _ids(request: ResultsRequest, sheet: RawSheet | None) -> list[ResultColumn]:
    """The ids of new children, in their slots of a flat sheet."""
    if sheet is None:
        return []
    done = [(o, each.guid) for o, each in request.rows if o.sheet == sheet.name and each.status in GOOD]
    ids = ids_of_new(request.catalogue, [column.header for column in sheet.columns], done)
    return [ResultColumn(header=header, values=values, is_partial=True) for header, values in ids.items()]


def _result_columns(
    rows: Sequence[tuple[Operation, Outcome]], sheet: str, conflicts: Sequence[Conflict]
) -> list[ResultColumn]:
    """The three columns, and what the rows that are done are by now: no longer new, or no longer there.

    A flat row's command is its own record's, whatever became of the slots.
    """
    done = {
        operation.row: _DONE_COMMANDS[operation.action].value
        for operation, outcome in rows
        if operation.sheet == sheet
        and not operation.slot
        and outcome.status in GOOD
        and operation.action in _DONE_COMMANDS
    }
    spent = [ResultColumn(header=COMMAND, values=done, is_partial=True)] if done else []
    return [*spent, *_columns(rows, sheet, conflicts)]


def _worst(one: Status, other: Status) -> Status:
    return min(one, other, key=lambda status: _WORST_FIRST.index(status) if status in _WORST_FIRST else 0)


def _comment(operation: Operation, outcome: Outcome) -> str:
    """What was done, and the ERP's words or ours; of a child in a slot its word and its new id, too."""
    done = _DONE[operation.action] if outcome.status in GOOD else ""
    if not operation.slot:
        return "; ".join(part for part in (done, outcome.message) if part)
    created = f"{done} {outcome.guid}".strip() if operation.action is Action.CREATE else done
    word = created if outcome.status in GOOD else _WORDS.get(outcome.status, outcome.status.value)
    return f"{operation.slot}: {'; '.join(part for part in (word, outcome.message) if part)}"


def _command(operation: Operation, outcome: Outcome) -> Command:
    """What would do the rest: a record that may be there already is not simply new."""
    if operation.action is Action.CREATE and outcome.status in (Status.ACKED, Status.IN_DOUBT):
        return Command.MERGE
    return _COMMANDS[operation.action]


def _commands(failed: Sequence[tuple[Operation, Outcome]], sheet: str) -> ResultColumn:
    """What each row asked for, spelled out: on its own, a child of a new record would no longer be new.

    In a flat sheet the command is the row's own record's; one that is done is there to be updated.
    """
    words: dict[int, str] = {}
    for operation, outcome in failed:
        if operation.sheet == sheet and operation.slot:
            words.setdefault(operation.row, Command.UPDATE.value)
        elif operation.sheet == sheet:
            words[operation.row] = _command(operation, outcome).value
    return ResultColumn(header=COMMAND, values=words)


def _write_table(path: Path, rows: Sequence[tuple[Operation, Outcome]]) -> None:
    cells = [
        (o.sheet, str(o.row), o.key, _WORDS.get(outcome.status, outcome.status.value), outcome.message, outcome.guid)
        for o, outcome in rows
    ]
    headers = ("Sheet", "Row", "Key", *RESULT_COLUMNS)
    columns = [ColumnSpec(header=header, values=values) for header, *values in zip(headers, *cells, strict=True)]
    write_csv_file(SheetSpec(name="Results", columns=columns), path)
