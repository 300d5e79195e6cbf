"""Convert: a workbook of one ERP becomes a workbook of another, with a sheet that names what was not carried over.

read and check the file -> what was carried over before -> column by column -> commands and ids -> the workbook

Nothing is asked of either ERP, and nothing is sent.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bulkio.core.catalogue import Access
from bulkio.core.convert import Conversion, convert
from bulkio.core.grid import BookSpec, ColumnSpec, SheetSpec
from bulkio.core.headers import COMMAND, NOT_CARRIED_OVER, SOURCE_ID, Command
from bulkio.core.issues import Severity
from bulkio.core.kinds import CLEAR
from bulkio.core.layout import dropdown_lists, sheet_specs
from bulkio.core.material import Material
from bulkio.core.readme import readme_lines
from bulkio.errors import InvalidFileError
from bulkio.store import conversion as conversions
from bulkio.workflows.check import check
from bulkio.workflows.not_carried_over import not_carried_over

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bulkio.connectors.protocol import Connector
    from bulkio.core.bridge import Direction
    from bulkio.core.catalogue import Entity
    from bulkio.core.crosswalk import Crosswalk
    from bulkio.core.options import ImportOptions
    from bulkio.store.conversion import ConversionHeader
    from bulkio.workflows.checked import Checked, CheckedSheet
    from bulkio.workflows.user_file import UserFile


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertRequest:
    """What to convert, by which table. `header` is what the new workbook is to know of itself.

    `fills` are canonical values for required fields of the target's root that would be blank. `by_key` takes a record
    of the same human key there for the same one.
    """

    file: UserFile
    source: Connector
    target: Connector
    direction: Direction
    options: ImportOptions
    header: ConversionHeader
    crosswalk: Crosswalk
    fills: Mapping[str, str] = field(default_factory=dict)
    by_key: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertedFile:
    """The new workbook, not yet written, and what it is made of.

    `rows` counts the new rows by entity, `commands` by command (blank: the record was carried over before).
    """

    book: BookSpec
    conversion: Conversion
    rows: dict[str, int]
    commands: Counter[str]

    @property
    def to_check(self) -> Counter[str]:
        """How many carried cells should be looked at, by reason."""
        counts: Counter[str] = Counter()
        for left in self.conversion.left:
            if left.carried_as and not left.of_target:
                counts[left.reason.value] += len(left.rows)
        return counts


def convert_file(request: ConvertRequest) -> ConvertedFile:
    """Convert a file that was read. Raises InvalidFileError if it has errors: they would only travel on."""
    checked = check(request.file, request.source, request.options)
    if checked.has_errors:
        errors = [issue for issue in checked.issues if issue.severity is Severity.ERROR]
        msg = f"the file has {len(errors)} errors; nothing was converted"
        raise InvalidFileError(msg, issues=errors, hint="Fix them first: what is wrong here would be wrong there.")
    frames = {name: sheet.rows.frame.where(sheet.rows.frame != CLEAR, "") for name, sheet in checked.sheets.items()}
    material = Material(
        frames=frames,
        left_out={name: _left_out(sheet) for name, sheet in checked.sheets.items()},
        fills=request.fills,
        crosswalk=request.crosswalk,
        unknown=Command.MERGE if request.by_key else Command.NEW,
    )
    made = convert(
        request.direction, request.source.catalogue, request.target.catalogue, material, request.target.check_rules
    )
    return ConvertedFile(
        book=_book(request, checked, made),
        conversion=made,
        rows={name: len(frame) for name, frame in made.frames.items()},
        commands=Counter(command for commands in made.commands.values() for command in commands),
    )


def _left_out(sheet: CheckedSheet) -> dict[int, str]:
    words = (Command.IGNORE, Command.DELETE)
    return {row: f"its {COMMAND} is {word.name}" for row, word in sheet.commands.items() if word in words}


def _book(request: ConvertRequest, checked: Checked, made: Conversion) -> BookSpec:
    catalogue, header = request.target.catalogue, request.header
    specs = [_finished(catalogue.by_name[spec.name], spec, made) for spec in sheet_specs(catalogue, made.frames)]
    origin = f"{request.source.title}{f' ({header.source_account})' if header.source_account else ''}"
    opening = (
        f"Converted from {origin} at {header.converted_at} (UTC).",
        f"What has no counterpart there, and what should be looked at, is in the sheet {NOT_CARRIED_OVER}.",
        f"Rows under IGNORE lack something that {request.target.title} insists on: fill it in and write NEW.",
        f"The column {SOURCE_ID} says which record a row was. It lets a migration be run again: leave it as it is.",
    )
    return BookSpec(
        sheets=[*specs, *not_carried_over(checked, made)],
        readme=readme_lines(catalogue, request.target.title, profile=header.target_profile, opening=opening),
        lists=dropdown_lists(catalogue, {}),
        attachments={conversions.ATTACHMENT: conversions.dump(header)},
        title=f"{request.target.title}: from {request.source.title}",
    )


def _finished(entity: Entity, spec: SheetSpec, made: Conversion) -> SheetSpec:
    """The sheet with its commands and where its rows come from, without columns that can hold nothing."""
    hidden = {each.name for each in entity.fields if each.access is Access.READ_ONLY and each.name != entity.id_field}
    columns = []
    for column in spec.columns:
        if column.header == COMMAND:
            columns.append(replace(column, values=made.commands[entity.name]))
        elif column.header not in hidden:
            columns.append(column)
    columns.append(
        ColumnSpec(
            header=SOURCE_ID,
            values=made.sources[entity.name],
            width=38,
            locked=True,
            note=f"Which record this {entity.singular} was. It lets a migration be run again; leave it as it is.",
            tint="readonly",
        )
    )
    return replace(spec, columns=columns)
