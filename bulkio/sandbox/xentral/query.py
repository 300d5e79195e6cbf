"""The query string: parameters by name, and the indexed statements of the filter grammar.

`filter[0][key]=city&filter[0][op]=in&filter[0][value][]=Ulm&filter[0][value][]=Kiel`. How the elements of a list are
spelled is not documented; both of PHP's ways are read, `[value][]` and `[value][0]`. A lone value is a list of one, and
is not split at commas (assumed).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from bulkio.sandbox.xentral.problems import refuse_parameter

_FILTER = re.compile(r"filter\[([0-9]{1,4})\]\[(key|op|value)\](\[[0-9]*\])?")


@dataclass(slots=True)
class Statement:
    """One statement of a filter, as it was written; `values` is None if none was given."""

    name: str
    key: str = ""
    op: str = ""
    values: list[str] | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """A query string, taken apart. Of a repeated parameter the last one counts; unknown ones are ignored."""

    parameters: dict[str, str]
    statements: list[Statement] = field(default_factory=list)

    def words(self, name: str, allowed: tuple[str, ...]) -> list[str]:
        """Read a list with commas; Refusal (400) for a word that is not allowed."""
        words = [word for word in self.parameters.get(name, "").split(",") if word]
        for word in words:
            if word not in allowed:
                refuse_parameter(name, f"The selected {{}} is invalid: {word.replace('{', '').replace('}', '')}.")
        return words

    def whole_number(self, name: str, default: int) -> int:
        """Read a number from 1; Refusal (400) for anything else."""
        text = self.parameters.get(name, "")
        if not text:
            return default
        if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) == 0:
            refuse_parameter(name, "The {} field must be an integer of at least 1.")
        return int(text)


def read_query(query: bytes) -> Query:
    """Take a query string apart; Refusal (400) if something that begins like a filter is none."""
    read = Query({})
    statements: dict[int, Statement] = {}
    for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True, errors="replace"):
        match = _FILTER.fullmatch(name)
        if match is None:
            if name.startswith("filter"):
                refuse_parameter("filter", "The {} field must be an array of objects with key, op and value.")
            read.parameters[name] = value
            continue
        index, part, element = int(match[1]), match[2], match[3]
        statement = statements.setdefault(index, Statement(f"filter.{index}"))
        match part:
            case "key":
                statement.key = value
            case "op":
                statement.op = value
            case _:
                statement.values = [*(statement.values or []), value] if element else [value]
    read.statements.extend(statements[index] for index in sorted(statements))
    return read
