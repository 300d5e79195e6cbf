"""File: what is to be worked on. A file that was dropped, or a fresh export to begin with."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.datastructures import FormData, UploadFile
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from bulkio.account import FORMATS
from bulkio.core.headers import Command
from bulkio.core.locale import LOCALES
from bulkio.core.options import ImportOptions
from bulkio.errors import UsageError
from bulkio.web.pages import Notice, back_to, chosen, page, say, session_of, to_step

if TYPE_CHECKING:
    from starlette.requests import Request

    from bulkio.account import ReviewFolder
    from bulkio.web.jobs import Job
    from bulkio.web.session import Session

_SUFFIXES = (".xlsx", ".xlsm", ".csv", ".jsonl", ".ndjson", ".gz", ".tsv", ".txt")
_BESIDE = ".gz"  # what was exported, beside a CSV file
_MOST_FILES = 8  # a CSV export has four
_DELIMITERS = {"": "", "comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
_SCOPES = ("all", "primary", "none")
_LAYOUTS = {"sheets": "A sheet for each kind of record", "flat": "One row per customer"}


async def show(request: Request) -> Response:
    """The page."""
    session = session_of(request)
    start_check(session)
    checked = session.checked
    return page(
        request,
        "file",
        size=session.file.stat().st_size if session.file and session.file.is_file() else 0,
        is_upload=bool(session.file and session.file.is_relative_to(session.folder.folder)),
        header=checked.file.baseline.header if checked and checked.file.baseline else None,
        sheets=[(each.rows.sheet, len(each.rows.frame)) for each in checked.sheets.values()] if checked else [],
        fields=[each.name for each in session.account.connector.catalogue.root.fields],
        locales=[name for name in LOCALES if name],
        delimiters=_DELIMITERS,
        commands=(Command.UPDATE, Command.MERGE, Command.NEW),
        layouts=_LAYOUTS,
    )


def start_check(session: Session, step: str = "file") -> None:
    """Read the file if that is still to be done."""
    failed = session.jobs.error_of("file") or session.jobs.error_of("check")
    if session.file and session.checked is None and not failed and not session.jobs.is_busy:
        session.jobs.start(step, "Reading the file", session.check)


@to_step("file")
async def upload(request: Request) -> Response:
    """Take a file that was dropped, and read it."""
    session = session_of(request)
    async with request.form(max_files=_MOST_FILES) as form:
        await take_upload(session, form)
        step = "check" if form.get("from") == "check" else "file"
    session.jobs.start(step, "Reading the file", session.check)
    return back_to(step)


async def take_upload(session: Session, form: FormData) -> None:
    """Keep the files of a form in a folder of their own, and begin with the one that names the others."""
    _refuse_busy(session)
    uploads = [each for each in form.getlist("file") if isinstance(each, UploadFile) and each.filename]
    if not uploads:
        msg = "no file was chosen"
        raise UsageError(msg)
    for each in uploads:
        if Path(each.filename or "").suffix.lower() not in _SUFFIXES:
            msg = f"{each.filename}: this is no workbook, CSV or JSON lines file"
            raise UsageError(msg, hint="Save it as .xlsx or .csv, and choose it again.")
    folder = session.folder.new("uploads")
    kept = [await _keep(session.folder, folder, each) for each in uploads]
    sheets = [each for each in kept if each.suffix.lower() != _BESIDE]
    if not sheets:
        msg = "this is only what was exported, without the file itself"
        raise UsageError(msg, hint="Choose the .csv files together with it.")
    session.take_file(min(sheets, key=lambda each: len(each.name)))


async def _keep(store: ReviewFolder, folder: Path, upload: UploadFile) -> Path:
    return store.keep(folder, upload.filename or "", await upload.read())


@to_step("file")
async def set_reading(request: Request) -> Response:
    """How the file is to be read; it is read again."""
    session = session_of(request)
    _refuse_busy(session)
    async with request.form() as form:
        delimiter = _DELIMITERS.get(str(form.get("delimiter", "")), "")
        encoding = str(form.get("encoding", "")).strip()
        session.reading = {k: v for k, v in (("delimiter", delimiter), ("encoding", encoding)) if v}
        session.options = replace(
            session.options,
            locale=LOCALES.get(str(form.get("locale", "")), ImportOptions().locale),
            default_command=chosen(form, "default_command", Command, Command.UPDATE),
        )
    if session.file:
        session.take_file(session.file)
        session.jobs.start("file", "Reading the file", session.check)
    return back_to("file")


@to_step("file")
async def forget(request: Request) -> Response:
    """Begin anew."""
    session = session_of(request)
    _refuse_busy(session)
    session.forget()
    session.jobs.current = None
    return back_to("file")


@to_step("file")
async def export(request: Request) -> Response:
    """Export afresh, with the filters of the form."""
    session = session_of(request)
    async with request.form() as form:
        flags = _export_flags(form)
    folder = session.folder.new("exports")
    target = folder / f"customers.{flags.pop('suffix')}"

    def work(job: Job) -> None:
        session.exported = session.account.export(target, on_progress=job.count, **flags)

    session.jobs.start("file", "Reading the customers", work)
    return back_to("file")


def _export_flags(form: FormData) -> dict[str, Any]:
    names, values = form.getlist("where_field"), form.getlist("where_value")
    since = str(form.get("modified_since", "")).strip()
    if since:
        try:
            date.fromisoformat(since)
        except ValueError as exc:
            msg = f"{since!r} is not a date"
            raise UsageError(msg, hint="Write it like 2026-01-31.") from exc
    suffix, contacts = str(form.get("format", "xlsx")), str(form.get("contacts", "all"))
    layout = str(form.get("layout", "sheets"))
    if suffix not in FORMATS or contacts not in _SCOPES or layout not in _LAYOUTS:
        msg = "the form was not filled in by this page"
        raise UsageError(msg)
    return {
        "suffix": suffix,
        "where": [(str(name), str(value)) for name, value in zip(names, values, strict=False) if name],
        "modified_since": since or None,
        "active_only": form.get("active_only") == "yes",
        "contacts": contacts,
        "layout": layout,
    }


async def download_export(request: Request) -> Response:
    """One of the files of the last export."""
    session = session_of(request)
    number = int(request.path_params["number"])
    if session.exported is None or number >= len(session.exported.files):
        say(request, Notice("warn", "There is no such export any more.", "Export again."))
        return back_to("file")
    path = Path(session.exported.files[number])
    return FileResponse(path, filename=path.name)


def _refuse_busy(session: Session) -> None:
    if session.jobs.is_busy:
        msg = "something is still under way"
        raise UsageError(msg, hint="Wait until it has finished, or stop it.")


routes = [
    Route("/file", show),
    Route("/file/upload", upload, methods=["POST"]),
    Route("/file/reading", set_reading, methods=["POST"]),
    Route("/file/forget", forget, methods=["POST"]),
    Route("/file/export", export, methods=["POST"]),
    Route("/file/export/{number:int}", download_export),
]
