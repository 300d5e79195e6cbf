"""How values get from one ERP's field to another's: named functions of whole columns, total, that never guess.

A converter is handed the columns of its source fields (and behind them those that it only looks at), and fills the
target columns. What it could not carry, or carried in a way that somebody should look at, is a `Note` of that cell.
Where a value has no exact counterpart its cell stays blank.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import Any


class Reason(Enum):
    """Why a cell is named; stable codes that scripts may rely on. `is_carried` tells the two groups apart."""

    # not carried
    NO_COUNTERPART = "no-counterpart"  # the other ERP has no such field
    NO_EQUIVALENT = "no-equivalent"  # it has the field, and nothing in it means the same
    BOOKKEEPING = "bookkeeping"  # ids, times and names that the ERP itself keeps
    UNSET = "unset"  # FALSE or 0 where the other ERP has no such field: nothing is lost
    NO_ROOM = "no-room"  # the other ERP has room for one, and there are several
    INCOMPLETE = "incomplete"  # the other ERP wants more of it than there is
    DUPLICATE = "duplicate"  # the other ERP could not tell it from another
    INVALID = "invalid"  # too long, or against a rule of the other ERP
    LEFT_OUT = "left-out"  # its row says IGNORE or DELETE
    WITH_PARENT = "with-parent"  # the record that it belongs to is not carried
    # carried
    JOINED = "joined"  # several cells became one, and cannot be told apart again
    SPLIT = "split"  # one cell became several, by a rule
    RESPELLED = "respelled"  # a code became a name or the other way, and would come back spelled otherwise
    MOVED = "moved"  # stands in a field of another meaning, for want of its own
    # of the target
    REQUIRED = "required"  # the other ERP wants a value, and there is none
    FILLED = "filled"  # ... and the user said which

    @property
    def is_carried(self) -> bool:
        """Whether the value is in the new workbook all the same."""
        return self in (Reason.JOINED, Reason.SPLIT, Reason.RESPELLED, Reason.MOVED)


@dataclass(frozen=True, slots=True)
class Note:
    """What is to be said of one cell: `position` in the column, `source` among the converter's source columns."""

    position: int
    source: int
    reason: Reason
    why: str


@dataclass(frozen=True, slots=True)
class Converted:
    """The target columns, all as long as the source columns, and what is to be said."""

    columns: tuple[list[str], ...]
    notes: list[Note] = field(default_factory=list)


Columns = Sequence[list[str]]
Converter = Callable[[Columns], Converted]


def same(columns: Columns) -> Converted:
    """The very same text."""
    return Converted((list(columns[0]),))


# --- names ------------------------------------------------------------------------------------------------------------


def join_names(columns: Columns) -> Converted:
    """First and last name with a blank between them; named where `split_name` would not get the two back."""
    firsts, lasts = columns[:2]
    joined = [" ".join(part for part in parts if part) for parts in zip(firsts, lasts, strict=True)]
    notes = []
    for at, (first, last, name) in enumerate(zip(firsts, lasts, joined, strict=True)):
        if name and _split(name) != (first, last):
            why = "first and last name are one field there"
            notes += [Note(at, source, Reason.JOINED, why) for source, part in enumerate((first, last)) if part]
    return Converted((joined,), notes)


def split_name(columns: Columns) -> Converted:
    """Exactly two words are first and last name; everything else is a first name as a whole. Always named."""
    pairs = [_split(name) for name in columns[0]]
    notes = [
        Note(at, 0, Reason.SPLIT, "split by rule, please check: of exactly two words the second is the last name")
        for at, name in enumerate(columns[0])
        if name
    ]
    return Converted(([first for first, _ in pairs], [last for _, last in pairs]), notes)


def _split(name: str) -> tuple[str, str]:
    first, blank, last = name.partition(" ")
    if blank and first and last and not any(map(str.isspace, first + last)):
        return first, last
    return name, ""


# --- addresses --------------------------------------------------------------------------------------------------------


def join_lines(columns: Columns) -> Converted:
    """Two lines of an address in one, with a comma between them; both are named wherever the second has something."""
    joined, notes = [], []
    for at, (first, second) in enumerate(zip(*columns[:2], strict=True)):
        joined.append(", ".join(part for part in (first, second) if part))
        if first and second:
            notes += [Note(at, source, Reason.JOINED, "both lines are one there") for source in (0, 1)]
        elif second:
            notes.append(Note(at, 1, Reason.JOINED, "stands in the only other line there is"))
    return Converted((joined,), notes)


def into_first(columns: Columns) -> Converted:
    """The one value in the first of two fields."""
    return Converted((list(columns[0]), [""] * len(columns[0])))


def country_code(columns: Columns) -> Converted:
    """A country's name or code as its ISO 3166 code of two letters."""
    return _each(columns, _code_of, "no country of ISO 3166 is called this", back=_name_of)


def country_name(columns: Columns) -> Converted:
    """An ISO 3166 code of two letters as the country's name."""
    return _each(columns, _name_of, "this is no code of ISO 3166")


def state_code(columns: Columns) -> Converted:
    """A state's name or code as its ISO 3166-2 code without the country, if that has two characters.

    The second column is the country.
    """
    why = "no state of this country has a code of two characters that is called this"
    return _each(columns, _state_code, why, back=_state_name)


def state_name(columns: Columns) -> Converted:
    """The inverse; a code that ISO 3166-2 does not have stays as it is."""
    return _each(columns, _state_name, "")


def _each(
    columns: Columns, convert: Callable[..., str], why: str, *, back: Callable[..., str] | None = None
) -> Converted:
    """Every distinct value is converted once; a filled cell that becomes blank has no equivalent.

    With `back`, what would come back from there in another spelling is named.
    """
    keys = list(zip(*columns, strict=True))
    known = {key: convert(*key) if key[0] else "" for key in set(keys)}
    returned = {key: back(known[key], *key[1:]) if back and known[key] else key[0] for key in known}
    notes = []
    for at, key in enumerate(keys):
        if key[0] and not known[key]:
            notes.append(Note(at, 0, Reason.NO_EQUIVALENT, why))
        elif returned[key] != key[0]:
            notes.append(Note(at, 0, Reason.RESPELLED, f"would come back as {returned[key]!r}"))
    return Converted(([known[key] for key in keys],), notes)


def _code_of(text: str) -> str:
    return _countries().get(text.strip().casefold(), "")


@lru_cache(1)
def _countries() -> dict[str, str]:
    """Codes of two and three letters and all names that ISO 3166 knows, folded, to the code of two letters."""
    import pycountry  # noqa: PLC0415 costs 30 ms

    known = {}
    for country in pycountry.countries:
        for attribute in ("official_name", "common_name", "name", "alpha_3", "alpha_2"):
            if spelled := getattr(country, attribute, ""):
                known[spelled.casefold()] = str(country.alpha_2)
    return known


def _name_of(code: str) -> str:
    import pycountry  # noqa: PLC0415 costs 30 ms

    country = pycountry.countries.get(alpha_2=code.upper())
    return str(getattr(country, "common_name", country.name)) if country else ""


_STATE = 2  # characters


def _state_code(state: str, country: str) -> str:
    codes = _states(_code_of(country))
    found = codes.get(state.strip().casefold(), "")
    return found if len(found) == _STATE else ""


def _state_name(code: str, country: str) -> str:
    import pycountry  # noqa: PLC0415 costs 30 ms

    subdivisions: Any = pycountry.subdivisions
    found = subdivisions.get(code=f"{_code_of(country)}-{code.upper()}")
    return str(found.name) if found else code


@lru_cache(256)
def _states(country: str) -> dict[str, str]:
    """A country's states: name or code, folded, to the code without the country; ambiguous names are left out."""
    import pycountry  # noqa: PLC0415 costs 30 ms

    known: dict[str, set[str]] = {}
    subdivisions: Any = pycountry.subdivisions
    for state in subdivisions.get(country_code=country) or () if country else ():
        code = str(state.code).partition("-")[2]
        for spelled in (state.name, code):
            known.setdefault(spelled.casefold(), set()).add(code)
    return {spelled: codes.pop() for spelled, codes in known.items() if len(codes) == 1}


def one_default(columns: Columns) -> Converted:
    """A flag that one record of an owner can have: the first that has it keeps it. The second column is the owner."""
    made, notes = [], []
    taken: set[str] = set()
    for at, (flag, owner) in enumerate(zip(*columns[:2], strict=True)):
        is_second = flag == "true" and owner in taken
        made.append("false" if is_second else flag)
        if is_second:
            notes.append(Note(at, 0, Reason.NO_ROOM, "there is one default, and it is the first that was one here"))
        elif flag == "true":
            taken.add(owner)
    return Converted((made,), notes)


# --- terms ------------------------------------------------------------------------------------------------------------

_DAYS = re.compile(r"([1-9][0-9]{0,2}) Days?", re.IGNORECASE)


def term_days(columns: Columns) -> Converted:
    """A payment term that is a number of days by its name (`14 Days`) as that number."""
    return _each(columns, _days_of, "a term of this name cannot be said in days from the invoice")


def _days_of(name: str) -> str:
    found = _DAYS.fullmatch(name.strip())
    return found[1] if found else ""


def days_term(columns: Columns) -> Converted:
    """A number of days as the name of the payment term: `14 Days`. 0 is how a number says that there is no term."""
    converted = _each(columns, _term_of, "no term has so many days")
    zeros = [Note(note.position, 0, Reason.UNSET, "no days are stored") for note in converted.notes]
    notes = [zero if columns[0][zero.position] == "0" else n for zero, n in zip(zeros, converted.notes, strict=True)]
    return Converted(converted.columns, notes)


def _term_of(days: str) -> str:
    name = f"{days} Days"
    return name if _days_of(name) == days else ""


def limit_in_force(columns: Columns) -> Converted:
    """A limit and the flag that puts it in force, as the limit alone, of which 0 means that there is none."""
    limits, flags = columns[:2]
    made, notes = [], []
    for at, (limit, flag) in enumerate(zip(limits, flags, strict=True)):
        made.append(limit if flag == "true" and limit != "0" else "")
        if limit and flag != "true":
            reason = Reason.UNSET if limit == "0" else Reason.NO_EQUIVALENT
            notes.append(Note(at, 0, reason, "the limit is not in force"))
        elif flag == "true" and limit in ("", "0"):
            why = "a limit of 0 would be none at all there" if limit else "there is no limit that could be in force"
            notes += [Note(at, source, Reason.NO_EQUIVALENT, why) for source in ((0, 1) if limit else (1,))]
    return Converted((made,), notes)


def limit_with_flag(columns: Columns) -> Converted:
    """A limit, and the flag that puts it in force wherever there is one; 0 is none."""
    flags = {"": "", "0": "false"}
    return Converted((list(columns[0]), [flags.get(limit, "true") for limit in columns[0]]))


def first_filled(columns: Columns) -> Converted:
    """The first of several that has something; one that stood further back is named, and so are those left over."""
    made, notes = [], []
    for at, values in enumerate(zip(*columns, strict=True)):
        source = next((place for place, value in enumerate(values) if value), 0)
        made.append(values[source])
        if source:
            notes.append(Note(at, source, Reason.MOVED, "stands in the one field of its kind"))
        notes += [
            Note(at, place, Reason.NO_ROOM, "there is one field of its kind, and it is taken")
            for place in range(source + 1, len(values))
            if values[place] and values[place] != values[source]
        ]
    return Converted((made,), notes)
