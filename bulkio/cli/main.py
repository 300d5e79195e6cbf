"""`bulkio`: finds the command, and turns what goes wrong into one line and an exit status.

Commands are imported when they are called, so that `bulkio --help` loads none of them.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click

from bulkio import __version__
from bulkio.cli.exit_status import ExitStatus, status_of
from bulkio.errors import BulkioError, InvalidFileError

#: Command -> (module, line for --help), in the order in which people need them.
_COMMANDS = {
    "demo": ("demo", "The whole round trip on the built-in sandbox; no account needed."),
    "export": ("export", "Page the ERP's customers out into a workbook, CSV or JSON lines."),
    "template": ("template", "An empty workbook for new records."),
    "check": ("check", "What is wrong in a file, cell by cell; offline."),
    "plan": ("plan", "What applying a file would change; reads only."),
    "show": ("show", "Print a saved plan, or make a page of it to mail."),
    "approve": ("approve", "Record who says yes to a saved plan."),
    "apply": ("apply", "Execute a plan (or plan a file, ask, and execute), and prove it."),
    "resume": ("resume", "Finish an interrupted run; nothing is done twice."),
    "undo": ("undo", "A plan that restores what a run changed."),
    "runs": ("runs", "What was applied, and what came of it."),
    "review": ("review", "Check, look at the changes, apply and undo, in the browser."),
    "convert": ("convert", "A workbook of one ERP as a workbook of another; what is lost is named."),
    "explain": ("explain", "One cell's way: raw, read, rules, exported, in the ERP, what would be sent."),
    "fields": ("fields", "All fields, with type, length, rule and who may write them."),
    "profiles": ("profiles", "The accounts that are configured."),
    "login": ("login", "Store a profile's credentials in the machine's keyring."),
    "doctor": ("doctor", "Every setting with its source, and the connection."),
    "sandbox": ("sandbox", "A local server that speaks the ERP's protocol, to try things on."),
}


class _Lazy(click.Group):
    """A group that imports a command's module when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(f"bulkio.cli.commands.{_COMMANDS[cmd_name][0]}")
        found: click.Command = getattr(module, cmd_name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in _COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in _COMMANDS:
            from bulkio.core.suggest import did_you_mean  # noqa: PLC0415 only a mistake needs it

            near = did_you_mean(args[0], _COMMANDS)
            msg = f"there is no command {args[0]!r}. {near or 'See bulkio --help.'}"
            raise click.UsageError(msg, ctx)
        return super().resolve_command(ctx, args)


@click.command(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="bulkio")
def bulkio() -> None:
    """ERP customers out into spreadsheets, and edited sheets back in without losing anything.

    The round trip: export, edit, check, plan, apply. To see it without an account: bulkio demo
    """


def main(arguments: list[str] | None = None) -> None:
    """The program. Always ends in SystemExit with one of the documented statuses."""
    try:
        result = bulkio.main(args=arguments, prog_name="bulkio", standalone_mode=False)
        status = int(result) if isinstance(result, int) else ExitStatus.OK
        sys.stdout.flush()
    except click.exceptions.Exit as exc:
        status = exc.exit_code
    except click.exceptions.Abort:
        status = ExitStatus.INTERRUPTED
    except click.ClickException as exc:
        _explain_usage(exc)
        status = ExitStatus.USAGE
    except BulkioError as exc:
        _explain(exc)
        status = status_of(exc)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        status = ExitStatus.INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has enough; say nothing, and keep Python from saying anything at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = ExitStatus.OK
    except Exception as exc:  # noqa: BLE001 the one broad handler: a user never sees a traceback
        status = ExitStatus.UNEXPECTED
        _report(exc)
    raise SystemExit(int(status))


def _explain_usage(error: click.ClickException) -> None:
    """A line, and where the flags are explained; of a command without any arguments, its help."""
    if type(error).__name__ == "NoArgsIsHelpError":  # click 8.2 and later
        error.show()
        return
    from bulkio.cli.terminal import printable  # noqa: PLC0415

    message = error.format_message()
    print(f"bulkio: {printable(message)}", file=sys.stderr)
    context = getattr(error, "ctx", None)
    if context is not None and "--help" not in message:
        print(f"  See: {context.command_path} --help", file=sys.stderr)


def _explain(error: BulkioError) -> None:
    from bulkio.cli.terminal import printable  # noqa: PLC0415

    if isinstance(error, InvalidFileError):
        for issue in error.issues[:50]:
            print(printable(str(issue)), file=sys.stderr)
    print(f"bulkio: {printable(str(error))}", file=sys.stderr)
    if error.hint:
        print(f"  {printable(error.hint)}", file=sys.stderr)


def _report(error: Exception) -> None:
    """Something that should not happen: one line, and where the details are."""
    if os.environ.get("BULKIO_DEBUG"):
        raise error
    place = error.__traceback__
    while place and place.tb_next:
        place = place.tb_next
    where = f"{os.path.basename(place.tb_frame.f_code.co_filename)}:{place.tb_lineno}" if place else "?"  # noqa: PTH119
    print(f"bulkio: unexpected error: {type(error).__name__} at {where}", file=sys.stderr)
    print("  This is a mistake in bulkio. BULKIO_DEBUG=1 shows all of it; please report it.", file=sys.stderr)
