"""The library's second door: a workbook of one ERP as a workbook of another.

    bulkio.convert("customers.xlsx", to="...", output="for-the-other.xlsx", profile="the other's")

Reads the file and what earlier runs left on this machine; asks neither ERP, and sends nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bulkio import account as accounts
from bulkio.connectors.bridges import direction
from bulkio.core.crosswalk import Crosswalk
from bulkio.core.kinds import canonical_timestamp
from bulkio.core.options import ImportOptions
from bulkio.errors import FileError, UsageError
from bulkio.profiles import load_profile, profile_names
from bulkio.store.conversion import ConversionHeader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bulkio.connectors.protocol import Connector
    from bulkio.store.state import AccountState


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """What was converted. `records` counts the new workbook's rows by sheet, `commands` all of them by command.

    `filled` cells of the source are either `carried` or in `not_carried`, by reason; `to_check` counts carried ones
    that should be looked at. `notes` are worth showing.
    """

    file: str
    output: str
    source: str
    target: str
    profile: str
    records: dict[str, int]
    commands: dict[str, int]
    filled: int
    carried: int
    not_carried: dict[str, int]
    to_check: dict[str, int]
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `bulkio.convert/1`."""
        return {
            "schema": "bulkio.convert/1",
            "file": self.file,
            "output": self.output,
            "source": self.source,
            "target": self.target,
            "profile": self.profile,
            "records": {name.lower(): count for name, count in self.records.items()},
            "rows": {word: self.commands.get(name, 0) for word, name in _COMMANDS.items()},
            "cells": {
                "filled": self.filled,
                "carried": self.carried,
                "not_carried": sum(self.not_carried.values()),
                "to_check": sum(self.to_check.values()),
            },
            "not_carried": self.not_carried,
            "to_check": self.to_check,
        }


_COMMANDS = {"new": "NEW", "known": "", "maybe": "MERGE", "ignored": "IGNORE"}


def convert(  # noqa: PLR0913 each is a flag of its own
    path: str | Path,
    *,
    to: str,
    output: str | Path,
    profile: str | None = None,
    config: str | Path | None = None,
    fill: Sequence[tuple[str, str]] = (),
    by_key: bool = False,
    options: ImportOptions | None = None,
    **reading: Any,
) -> Converted:
    """Convert a file for the ERP `to`, and write it to `output` (.xlsx).

    `profile` is the target's account: what was carried there before is recognised, so that a migration goes on where it
    was. `fill` are values for required fields that would be blank. With `by_key`, a record there that has the same
    human key is taken for the same one. Raises UsageError, FileError, InvalidFileError.
    """
    from bulkio.sheets import write_xlsx  # noqa: PLC0415 pandas is heavy
    from bulkio.workflows.convert import ConvertRequest, convert_file  # noqa: PLC0415

    target = accounts.connector_for(erp=to)
    out = _writable(Path(path), Path(output))
    chosen = options or ImportOptions()
    file, source = accounts.recognised_file(path, options=chosen, **reading)
    if not file.erp and not any(rows.columns for rows in file.rows.values()):
        msg = f"{path}: it cannot be told which ERP this file is of"
        raise FileError(msg, hint="Convert an export, or a file with the headers of one ERP.")
    if source.name == target.name:
        msg = f"{path} is a file of {target.title} already"
        raise UsageError(msg, hint="Name another ERP with --to.")
    way = direction(source.name, target.name)
    place = _place(target, profile, Path(config) if config else None)
    header = ConversionHeader(
        source_erp=source.name,
        source_tenant=file.baseline.header.tenant if file.baseline else "",
        source_account=file.baseline.header.account if file.baseline else "",
        target_erp=target.name,
        target_tenant=place.tenant,
        target_profile=place.profile,
        converted_at=canonical_timestamp(datetime.now(UTC).isoformat(timespec="seconds")),
    )
    made = convert_file(
        ConvertRequest(
            file=file,
            source=source,
            target=target,
            direction=way,
            options=chosen,
            header=header,
            crosswalk=place.crosswalk(header),
            fills=_fills(target, fill),
            by_key=by_key,
        )
    )
    write_xlsx(made.book, out)
    return Converted(
        file=str(path),
        output=str(output),
        source=source.name,
        target=target.name,
        profile=place.profile,
        records=made.rows,
        commands=dict(made.commands),
        filled=made.conversion.filled,
        carried=made.conversion.carried,
        not_carried={reason.value: count for reason, count in made.conversion.named.items()},
        to_check=dict(made.to_check),
        notes=place.notes,
    )


def _writable(path: Path, out: Path) -> Path:
    if out.suffix.lower() != ".xlsx":
        msg = f"{out}: a converted file is a workbook, which has several sheets"
        raise UsageError(msg, hint="Give it the suffix .xlsx.")
    if out.exists() and path.exists() and out.samefile(path):
        msg = f"{out}: this is the file that is converted"
        raise UsageError(msg, hint="Name another with -o.")
    if out.is_file():
        msg = f"{out}: there is such a file already"
        raise UsageError(msg, hint="Name another, or delete it first: somebody may have filled it in.")
    if out.is_dir() or not out.absolute().parent.is_dir():
        msg = f"{out}: it cannot be written there"
        raise FileError(msg, hint="Name a file in a folder that exists.")
    return out


@dataclass(frozen=True, slots=True)
class _Place:
    """The account that the file is converted for, as far as one is known."""

    tenant: str = ""
    profile: str = ""
    state: AccountState | None = None
    notes: tuple[str, ...] = ()

    def crosswalk(self, header: ConversionHeader) -> Crosswalk:
        """What was carried from the file's account to this one before."""
        from bulkio.store.crosswalk import read_crosswalk  # noqa: PLC0415 sqlite is not always needed

        if self.state is None:
            return Crosswalk()
        return read_crosswalk(self.state, header.source_erp, header.source_tenant)


def _place(target: Connector, profile: str | None, config: Path | None) -> _Place:
    """The account of the profile; without one, of the only profile of that ERP."""
    if profile is None:
        fitting = [name for name in profile_names(config) if load_profile(name, config=config).erp == target.name]
        if len(fitting) != 1:
            note = f"no account of {target.title} was named, so nothing is known of what was carried there before"
            return _Place(notes=(f"{note}: -p PROFILE names one",))
        profile = fitting[0]
    with accounts.open(profile, config=config) as account:
        if account.connector.name != target.name:
            msg = f"the profile {account.profile.name!r} is one of {account.connector.title}, not of {target.title}"
            raise UsageError(msg, hint="-p names the account that the customers are to go to.")
        return _Place(account.link.reader.tenant, account.profile.name, account.state)


def _fills(target: Connector, given: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The values by field, canonical. Raises UsageError for what is no required field, or not a value of it."""
    from bulkio.core.fills import fill_value  # noqa: PLC0415 pandas is heavy

    return dict(fill_value(target.catalogue.root, name, value) for name, value in given)
