"""Issues, plans and reports as text for people."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bulkio.cli.terminal import Terminal, printable
from bulkio.core.issues import Issue, Severity
from bulkio.core.plan import Action
from bulkio.core.report import GOOD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bulkio.core.plan import Operation, Plan
    from bulkio.core.report import Report

_MOST = 40  # issues or operations that are listed one by one
_LONGEST = 60  # characters of a value
_LONG = 180  # seconds; beyond, minutes say it better
_MARKS = {Action.CREATE: ("+", "green"), Action.UPDATE: ("~", "yellow"), Action.DELETE: ("-", "red")}
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTICE: "dim"}


def show_issues(terminal: Terminal, issues: Sequence[Issue]) -> None:
    """Each issue in a line or two: where, what, and what to do; beyond many, only how many of each kind."""
    for severity in Severity:
        mine = [issue for issue in issues if issue.severity is severity]
        say = terminal.insist if severity is Severity.ERROR else terminal.say
        for issue in mine[:_MOST]:
            head = printable("  ".join(part for part in (issue.place, issue.column, issue.message) if part))
            say(f"  {terminal.colour(severity.value, _COLOURS[severity]):7}  {head}")
            if issue.hint:
                say(f"           {printable(issue.hint)}")
        if len(mine) > _MOST:
            kinds = Counter(issue.code.value for issue in mine[_MOST:])
            rest = ", ".join(f"{count} {code}" for code, count in kinds.most_common())
            say(f"  ... and {len(mine) - _MOST} more: {rest}")


def show_plan(terminal: Terminal, plan: Plan) -> None:
    """What would be done, row by row, then the conflicts, the issues and the totals."""
    for operation in plan.operations[:_MOST]:
        _show_operation(terminal, operation)
    if len(plan.operations) > _MOST:
        terminal.say(f"  ... and {len(plan.operations) - _MOST} more rows (all of them: --json, or -o PLAN)")
    for conflict in plan.conflicts[:_MOST]:
        mark = terminal.colour("conflict", "red")
        where = f"{conflict.place}  {conflict.key}  {conflict.field}"
        terminal.insist(f"{mark}  {printable(where)}")
        mine, theirs = _value(conflict.sheet_value), _value(conflict.live)
        terminal.insist(f"    exported {_value(conflict.base)}, your sheet {mine}, ERP now {theirs}")
    show_issues(terminal, plan.issues)
    terminal.say(summary_line(plan))


def _show_operation(terminal: Terminal, operation: Operation) -> None:
    mark, colour = _MARKS[operation.action]
    head = f"{mark} {operation.action.value} {operation.entity} {printable(operation.key)!r}"
    terminal.say(f"{terminal.colour(head, colour)}  ({printable(operation.place)})")
    if operation.action is Action.DELETE and len(operation.changes) > 1:
        return
    for change in operation.changes:
        arrow = (
            _value(change.after)
            if operation.action is Action.CREATE
            else f"{_value(change.before)} -> {_value(change.after)}"
        )
        terminal.say(f"    {change.field}: {arrow}")


def _value(text: str) -> str:
    if text == "":
        return "(blank)"
    short = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return f"'{printable(short)}'"


def summary_line(plan: Plan) -> str:
    """The totals in one line."""
    totals = plan.summary()
    parts = [f"{totals[name]} to {name}" for name in ("create", "update", "delete") if totals[name]]
    parts += [
        f"{totals[name]} {name}{'s' if totals[name] != 1 else ''}"
        for name in ("conflict", "error", "warning")
        if totals[name]
    ]
    if totals["emptied_left"]:
        parts.append(f"{totals['emptied_left']} emptied cells left alone (write [CLEAR], or --blank clear)")
    if not plan.operations and not parts:
        return f"Nothing to do: {totals['unchanged']} rows are unchanged."
    cost = f" About {totals['calls']} calls, {_duration(totals['seconds'])}." if plan.operations else ""
    return f"Plan: {', '.join(parts)}; {totals['unchanged']} rows unchanged.{cost}"


def _duration(seconds: int) -> str:
    """`45 s`, `12 min`, `1 h 40 min`."""
    if seconds < _LONG:
        return f"{seconds} s"
    hours, minutes = divmod(-(-seconds // 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def show_report(terminal: Terminal, report: Report, plan: Plan | None = None) -> None:
    """What came of a run: the rows that need somebody, then the totals and the files."""
    by_id = {operation.id: operation for operation in plan.operations} if plan else {}
    failed = report.failed()
    for outcome in failed[:_MOST]:
        operation = by_id.get(outcome.operation_id)
        where = f"{operation.place}  {operation.key}" if operation else outcome.operation_id
        word = outcome.status.value.replace("_", " ")
        terminal.insist(f"  {terminal.colour(word, 'red')}  {printable(where)}  {printable(outcome.message)}")
    if len(failed) > _MOST:
        terminal.insist(f"  ... and {len(failed) - _MOST} more; see the results")
    counts = Counter(outcome.status for outcome in report.outcomes)
    good = sum(counts[status] for status in GOOD)
    rest = ", ".join(
        f"{count} {status.value.replace('_', ' ')}" for status, count in counts.items() if status not in GOOD
    )
    terminal.say(f"Done: {good} of {len(report.outcomes)} verified{', ' + rest if rest else ''}; {report.calls} calls.")
    for purpose in ("results", "failed", "results_problem"):
        if purpose in report.files:
            terminal.say(f"  {purpose}: {report.files[purpose]}")
