"""`bulkio doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bulkio import account as accounts
from bulkio.cli import applying, flags
from bulkio.cli.exit_status import ExitStatus, status_of
from bulkio.errors import BulkioError
from bulkio.profiles import find_secret, secret_variable
from bulkio.store.place import hazard_of
from bulkio.store.state import state_root

if TYPE_CHECKING:
    from bulkio.cli.terminal import Terminal


@click.command()
@flags.profile
@flags.speaking
def doctor(terminal: Terminal, **given: Any) -> int:
    """Check every setting (with its source), the credentials and the connection. Sends nothing."""
    account = accounts.open(given["profile"], config=given["config"])
    profile = account.profile
    settings = {name: (getattr(profile, name), source) for name, source in profile.sources.items()}
    if not profile.base_url:
        default = account.connector.default_url
        settings["base_url"] = (default, "the ERP's own") if default else ("", "missing")
    secrets = {name: find_secret(profile.name, name)[1] for name in account.connector.credentials}
    engines = accounts.workbook_engines()
    problem: BulkioError | None = None
    name = ""
    try:
        with account:
            name = account.check_connection()
    except BulkioError as exc:
        problem = exc
    if terminal.as_json:
        terminal.document(
            {
                "schema": "bulkio.doctor/1",
                "profile": profile.name,
                "settings": {key: {"value": value, "source": source} for key, (value, source) in settings.items()},
                "secrets": {key: {"found": bool(source), "source": source} for key, source in secrets.items()},
                "state_dir": str(state_root()),
                "state_hazard": hazard_of(state_root()),
                "workbooks": engines,
                "account": name,
                "connection": "ok" if problem is None else str(problem),
            }
        )
        return ExitStatus.OK if problem is None else status_of(problem)
    terminal.say(f"profile {profile.name}")
    for key, (value, source) in settings.items():
        terminal.say(f"  {key:20} {value!s:45} {source}")
    for key, source in secrets.items():
        where = f"found ({source})" if source else f"missing: set {secret_variable(profile.name, key)}"
        terminal.say(f"  {key:20} {where}")
    terminal.say(f"  {'state':20} {state_root()}")
    applying.warn_of_state_folder(terminal)
    terminal.say(f"  {'workbooks':20} {', '.join(f'{how} {engine}' for how, engine in engines.items())}")
    if problem is not None:
        raise problem
    terminal.say(f"  {'connection':20} ok: {name}")
    return ExitStatus.OK
