"""docs/commands.md, from the commands themselves; used by regenerate.py and by the tests."""

from __future__ import annotations

import click

from bulkio.cli.main import bulkio as group

GENERATED = "<!-- Generated: python tests/docs/regenerate.py -->\n\n"

#: Flags that nearly every command has; named once.
_EVERYWHERE = ("--quiet", "--verbose", "--json", "--no-input")


def commands_page() -> str:
    """docs/commands.md, from the commands themselves."""
    context = click.Context(group, info_name="bulkio")
    names = group.list_commands(context)
    commands = {name: group.get_command(context, name) for name in names}
    lines = [GENERATED + "# Commands\n"]
    lines += ["What each flag means in detail, and the exit statuses: [flags and exit statuses](flags.md).\n"]
    lines += [f"- [`bulkio {name}`](#bulkio-{name}): {_first_line(command)}" for name, command in commands.items()]
    lines += ["", "These flags are in nearly every command:\n", *_everywhere(commands)]
    lines += ["", "`bulkio --version` (`-V`) says which version this is, `--help` (`-h`) explains any command."]
    for name, command in commands.items():
        lines += ["", f"## bulkio {name}\n", f"```text\n{_usage(name, command)}\n```\n"]
        lines += [_paragraphs(command.help or "")]
        mine = [each for each in _options(command) if not _is_everywhere(each)]
        lines += ["", *_table(mine)] if mine else []
    return "\n".join(lines).rstrip() + "\n"


def _first_line(command: click.Command) -> str:
    return _paragraphs(command.help or "").split("\n\n")[0]


def _paragraphs(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in text.strip().split("\n\n"))


def _usage(name: str, command: click.Command) -> str:
    arguments = [p for p in command.params if isinstance(p, click.Argument)]
    words = [a.human_readable_name if a.required else f"[{a.human_readable_name}]" for a in arguments]
    return " ".join(["bulkio", name, *words, "[OPTIONS]"])


def _options(command: click.Command) -> list[click.Option]:
    return [each for each in command.params if isinstance(each, click.Option)]


def _everywhere(commands: dict[str, click.Command]) -> list[str]:
    """The table of shared flags, with the commands that do without."""
    first, *_ = (command for command in commands.values() if len(_shared(command)) == len(_EVERYWHERE))
    rows = []
    for option in _shared(first):
        without = [f"`{name}`" for name, command in commands.items() if option.opts[-1] not in _flags(command)]
        exceptions = f" (Not {', '.join(without)}.)" if without else ""
        rows.append(f"| {_names(option)} | {_meaning(option)}{exceptions} |")
    return ["| flag | meaning |", "|---|---|", *rows]


def _shared(command: click.Command) -> list[click.Option]:
    return [each for each in _options(command) if _is_everywhere(each)]


def _flags(command: click.Command) -> set[str]:
    return {option.opts[-1] for option in _options(command)}


def _is_everywhere(option: click.Option) -> bool:
    return any(name in _EVERYWHERE for name in option.opts)


def _table(options: list[click.Option]) -> list[str]:
    rows = [f"| {_names(option)} | {_meaning(option)} |" for option in options]
    return ["| flag | meaning |", "|---|---|", *rows]


def _names(option: click.Option) -> str:
    *short, long = option.opts
    value = "" if option.is_flag else " " + _value(option)
    return ", ".join(f"`{name}`" for name in (*short, long + value))


def _value(option: click.Option) -> str:
    if option.metavar:
        shown = option.metavar
    elif isinstance(option.type, click.Choice):
        shown = "|".join(option.type.choices)
    elif option.type.name in ("integer", "integer range"):
        shown = "N"
    else:
        shown = option.type.name.upper()
    return shown.replace("|", r"\|")


def _meaning(option: click.Option) -> str:
    text = (option.help or "").replace("|", r"\|")
    default = f"default {option.default}" if option.show_default and option.default is not None else ""
    again = "repeatable" if option.multiple and "repeatable" not in text else ""
    extra = "; ".join(part for part in (default, again) if part)
    return f"{text} ({extra})" if text and extra else text or extra.capitalize()
