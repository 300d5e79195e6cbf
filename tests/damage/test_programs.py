"""Models of what programs do to a CSV file on opening and saving it: whatever comes of it is no edit, or is named."""

# ruff: noqa: E501, FBT003 tables of programs and values

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Context, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bulkio.core.catalogue import Kind
from bulkio.core.damage import Cell, recognise
from bulkio.core.grid import Fact, RawColumn
from bulkio.core.parsing import parse_column

if TYPE_CHECKING:
    from collections.abc import Callable

THIS_YEAR = 2026
ENGLISH = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
GERMAN = ["Jan", "Feb", "Mrz", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"]


@dataclass(frozen=True)
class Program:
    """How a program reads a cell of text, and how it writes what it has read."""

    point: str
    group: str
    separators: str  # of dates
    day_first: bool
    months: list[str]
    true: str
    false: str
    show: Callable[[Decimal, Program, str], str]
    day_month: str  # of a date without a year; m is the month's name
    full: str  # of one with its year
    trims: bool = False
    blanks: str = " \u00a0\t"  # that stand around a value without making it a text

    def save(self, text: str) -> str:  # noqa: PLR0911 one for each kind of value
        """What stands in the file after opening and saving it."""
        bare = text.strip(self.blanks)
        if (number := self.number(bare)) is not None:
            return self.show(number, self, bare)
        if day := self.day(bare):
            return day
        if time := re.fullmatch(r"([0-9]{1,2}):([0-5][0-9])(?::([0-5][0-9]))?", bare):
            return f"{int(time[1]):02}:{time[2]}:{time[3] or '00'}"
        if bare.upper() in ("TRUE", self.true):
            return self.true
        if bare.upper() in ("FALSE", self.false):
            return self.false
        if re.match(r"[=@]|[+-][^0-9.]", text):
            return "#NAME?"
        if total := re.fullmatch(r"([+-][0-9]{1,9})([+-][0-9]{1,9})", bare):
            return str(int(total[1]) + int(total[2]))
        return bare if self.trims else text

    def number(self, text: str) -> Decimal | None:
        plain = r"[+-]?[0-9]+"
        grouped = rf"[+-]?[0-9]{{1,3}}(?:{re.escape(self.group)}[0-9]{{3}})+"
        fraction = rf"(?:{re.escape(self.point)}[0-9]+)?"
        if not re.fullmatch(rf"(?:{plain}|{grouped}){fraction}(?:E[+-]?[0-9]{{1,2}})?", text, re.IGNORECASE):
            return None
        try:
            value = Decimal(text.replace(self.group, "").replace(self.point, "."))
        except InvalidOperation:
            return None
        return Context(prec=15).plus(value)

    def day(self, text: str) -> str:
        if parts := re.fullmatch(
            rf"([0-9]{{1,2}})([{self.separators}])([0-9]{{1,2}})(?:\2([0-9]{{4}}|[0-9]{{2}}))?", text
        ):
            one, two = int(parts[1]), int(parts[3])
            day, month = (one, two) if self.day_first else (two, one)
            return self.shown(parts[4], month, day)
        if parts := re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", text):
            return self.shown(parts[1], int(parts[2]), int(parts[3]))
        if parts := re.fullmatch(r"([A-Za-z]{3})[- ]?([0-9]{1,2})", text):
            names = [name.lower() for name in self.months]
            if parts[1].lower() in names:
                return self.shown(None, names.index(parts[1].lower()) + 1, int(parts[2]))
        return ""

    def shown(self, year: str | None, month: int, day: int) -> str:
        full_year = THIS_YEAR if not year else int(year) if len(year) == 4 else 2000 + int(year)
        try:
            when = date(full_year, month, day)
        except ValueError:
            return ""
        pattern = self.full if year else self.day_month
        if not pattern:
            return ""
        return (
            pattern.replace("%d", f"{when.day:02}").replace("%D", str(when.day)).replace("%m", f"{when.month:02}")
            .replace("%M", str(when.month)).replace("%b", self.months[when.month - 1]).replace("%Y", str(when.year))
            .replace("%y", f"{when.year % 100:02}").replace("%S", str((when - date(1899, 12, 30)) // timedelta(1)))
        )  # fmt: skip


def scientific(value: Decimal, digits: int, width: int) -> str:
    mantissa, _, exponent = f"{value:.{digits}E}".partition("E")
    return f"{mantissa}E{exponent[0]}{int(exponent[1:]):0{width}}"


def plain(value: Decimal) -> str:
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def excel(value: Decimal, program: Program, typed: str) -> str:
    """General: eleven characters, six digits in scientific notation; two decimals where the text had an exponent."""
    if "E" in typed.upper():
        shown = scientific(value, 2, 2)
    elif value and not Decimal("1E-9") <= abs(value) < Decimal("1E11"):
        shown = scientific(value, 5, 2)
        mantissa, _, exponent = shown.partition("E")
        shown = f"{mantissa.rstrip('0').rstrip('.')}E{exponent}"
    else:
        whole = len(str(abs(int(value))))
        shown = plain(round(value, max(10 - whole, 0)))
    return shown.replace(".", program.point)


def libreoffice(value: Decimal, program: Program, typed: str) -> str:
    if "E" in typed.upper():
        shown = scientific(value, 2, 2)
    elif abs(value) >= Decimal("1E15"):
        shown = scientific(value, 14, 3)
    else:
        shown = plain(value)
    return shown.replace(".", program.point)


def sheets(value: Decimal, program: Program, typed: str) -> str:
    if "E" in typed.upper():
        return scientific(value, 2, 2).replace(".", program.point)
    return plain(value).replace(".", program.point)


def pandas(value: Decimal, program: Program, typed: str) -> str:
    del value
    if re.fullmatch("[+-]?[0-9]{1,18}", typed):
        return f"{int(typed)}.0" if int(typed) % 2 else str(int(typed))  # a column with a blank is one of floats
    return repr(float(typed.replace(program.group, "")))


PROGRAMS = {
    "Excel, English": Program(".", ",", "/-", False, ENGLISH, "TRUE", "FALSE", excel, "%D-%b", "%M/%D/%Y"),
    "Excel, British": Program(".", ",", "/-", True, ENGLISH, "TRUE", "FALSE", excel, "%d-%b", "%d/%m/%Y"),
    "Excel, German": Program(",", ".", ".-/", True, GERMAN, "WAHR", "FALSCH", excel, "%d. %b", "%d.%m.%Y"),
    "LibreOffice, English": Program(".", ",", "/", False, ENGLISH, "TRUE", "FALSE", libreoffice, "%m/%d/%y", "%Y-%m-%d"),
    "LibreOffice, German": Program(",", ".", ".", True, GERMAN, "WAHR", "FALSCH", libreoffice, "%d.%m.%y", "%d.%m.%Y", True),
    "Sheets": Program(".", ",", "/-", False, ENGLISH, "TRUE", "FALSE", sheets, "%D-%b", "%M/%D/%Y", True),
    "Sheets, unformatted": Program(".", ",", "/-", False, ENGLISH, "TRUE", "FALSE", sheets, "%S", "%S"),
    "pandas": Program(".", "_", "|", False, [], "True", "False", pandas, "", "", blanks=""),
}  # fmt: skip
ALL = pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)

CODES = st.one_of(
    st.from_regex(r"0{0,4}[0-9]{1,20}", fullmatch=True),
    st.from_regex(r"[0-9]{1,4}E[0-9]{1,2}", fullmatch=True),
    st.from_regex(r"[+-]?[0-9]{1,12}[.,][0-9]{1,12}", fullmatch=True),
    st.from_regex(r"[0-9]{1,3}([.,][0-9]{3}){1,3}", fullmatch=True),
    st.from_regex(r"[+-][0-9]{2,12}", fullmatch=True),
    st.from_regex(r"\+[0-9]{2} [0-9]{1,3} [0-9]{3,4} [0-9]{4}", fullmatch=True),
    st.from_regex(r"[+-][0-9]{1,3}[+-][0-9]{1,3}", fullmatch=True),
)
DATES = st.one_of(
    st.from_regex(r"[0-9]{1,2}[-/.][0-9]{1,2}", fullmatch=True),
    st.from_regex(r"[0-9]{1,2}([-/.])[0-9]{1,2}\1([0-9]{2}|20[0-9]{2})", fullmatch=True),
    st.from_regex(r"20[0-9]{2}-[01][0-9]-[0-3][0-9]", fullmatch=True),
    st.builds("{}{}{}".format, st.sampled_from([each.upper() for each in (*ENGLISH, *GERMAN)]), st.sampled_from(["", "-", " "]),
              st.integers(1, 31)),
    st.from_regex(r"[0-9]{1,2}:[0-5][0-9](:[0-5][0-9])?", fullmatch=True),
)  # fmt: skip
AWKWARD = ["00123", "1E5", "161E5", "MAR1", "1-2", "10/12", "0012345678901234567", "TRUE", "1.5", "+6495550199", " x ",
           "1:30", "2026-01-31", "Müller", "NA"]  # fmt: skip
WORDS = st.sampled_from(
    ["TRUE", "true", "True", "FALSE", "False", "WAHR", "NA", "null", "=SUM(1) Ltd", "@cmd", "-x", "+y"]
)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn", "Co")), min_size=1, max_size=20)
PADDED = st.builds("{}{}{}".format, st.sampled_from(["", " ", "\u00a0"]), TEXTS, st.sampled_from(["", " ", "\u00a0"]))
VALUES = st.one_of(CODES, DATES, WORDS, TEXTS, PADDED)
MANY = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
NUMBERS = st.decimals(-(10**15), 10**15, places=4) | st.decimals(0, 1, places=12) | st.integers(0, 10**18).map(Decimal)


def is_silent(kind: Kind, base: str, found: str) -> bool:
    """Whether what was found would pass as an edit: it can be read, is not what was exported, and explained by nothing."""
    parsed = parse_column(kind, RawColumn("", "A", [found], bytes((Fact.TEXT,))))
    value = parsed.values[0]
    return not parsed.failures and value not in ("", base) and recognise(base, value, kind) is None


@ALL
@MANY
@given(base=VALUES)
def test_no_program_makes_an_edit_of_a_text(program: Program, base: str) -> None:
    assert not is_silent(Kind.TEXT, base, program.save(base))


@ALL
@MANY
@given(number=NUMBERS)
def test_no_program_makes_an_edit_of_a_number(program: Program, number: Decimal) -> None:
    assert not is_silent(Kind.DECIMAL, plain(number), program.save(plain(number)))


@MANY
@given(
    base=VALUES,
    written=st.sampled_from(["utf-8", "cp1252", "mac_roman", "cp850"]),
    read=st.sampled_from(["utf-8", "cp1252", "latin-1", "mac_roman"]),
)
def test_no_encoding_makes_an_edit_of_a_text(base: str, written: str, read: str) -> None:
    found = base.encode(written, "replace").decode(read, "replace")
    assume(found.isprintable())
    assert not is_silent(Kind.TEXT, base, found)


PLAIN = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn", "Co")), min_size=1, max_size=8)


@settings(MANY, max_examples=400)
@given(base=VALUES | PLAIN, found=VALUES | PLAIN)
def test_an_edit_of_a_text_cell_is_never_swallowed(base: str, found: str) -> None:
    damage = recognise(base, found, Kind.TEXT, Cell.TEXT)
    assert damage is None or not damage.is_certain


@settings(MANY, max_examples=400)
@given(base=PLAIN, found=PLAIN)
def test_an_edit_of_words_is_never_swallowed_in_a_csv_file_either(base: str, found: str) -> None:
    letters = [re.sub("[^a-z]", "", text.lower()) for text in (base, found)]
    assume(letters[0] != letters[1] and not any(each.isdigit() for each in base + found))
    assert recognise(base, found) is None


@ALL
def test_no_file_that_a_program_saved_plans_a_change(bench: Any, program: Program) -> None:
    """The same through the whole check: what is no error is just as it was exported."""
    exported = [
        {
            "Guid": bench.guid(at),
            "CustomerCode": f"C{at}X",
            "CustomerName": "Name",
            "Notes": text,
            "CreditLimit": number,
        }
        for at, (text, number) in enumerate(itertools.product(AWKWARD, ["1234.5", "0.125", "99999999999999.9999"]))
    ]
    saved = [{name: program.save(value) for name, value in record.items()} for record in exported]
    checked = bench.brought_back({"Customers": exported}, {"Customers": saved})
    assert bench.edits(checked) == {}
    assert set(bench.codes(checked)) <= {"restored", "damaged", "not-decimal"}
    wrong = {issue.row for issue in checked.issues if issue.severity.value == "error"}
    frame = checked.sheets["Customers"].rows.frame
    assert frame["Notes"].tolist() == [record["Notes"] for record in exported]
    assert frame["CreditLimit"].tolist() == [record["CreditLimit"] for record in exported]
    assert len(wrong) < len(exported) / 2
