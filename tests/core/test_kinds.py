"""Each kind of value in its three spellings: accepted, refused, and the same after a round trip."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import chain
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bulkio.core.catalogue import ClearAs, Field, Kind
from bulkio.core.grid import Fact, RawColumn
from bulkio.core.issues import IssueCode
from bulkio.core.kinds import (
    CLEAR,
    as_datetime,
    canonical_date,
    canonical_decimal,
    canonical_guid,
    canonical_timestamp,
    from_wire,
    to_wire,
)
from bulkio.core.lists import split_members
from bulkio.core.locale import LOCALES, NEUTRAL, Locale
from bulkio.core.parsing import parse_column

GUID = "0a1b2c3d-4e5f-6789-abcd-ef0123456789"
HUGE_INTEGER = 10**5000
EN, DE, FR = LOCALES["en"], LOCALES["de"], LOCALES["fr"]


def read(kind: Kind, text: str, fact: Fact = Fact.TEXT, locale: Locale = NEUTRAL) -> str:
    """The canonical text of one cell that must be readable."""
    parsed = parse_column(kind, RawColumn("H", "A", [text], bytes([fact])), locale)
    assert parsed.failures == []
    return parsed.values[0]


def refusal(kind: Kind, text: str, fact: Fact = Fact.TEXT, locale: Locale = NEUTRAL) -> IssueCode:
    """Why one cell cannot be read; it must have kept its text."""
    parsed = parse_column(kind, RawColumn("H", "A", [text], bytes([fact])), locale)
    assert parsed.values == [text]
    (failure,) = parsed.failures
    assert failure.position == 0
    assert failure.message
    assert failure.hint
    return failure.code


def field(kind: Kind, clear_as: ClearAs = ClearAs.NULL) -> Field:
    return Field(name="F", kind=kind, clear_as=clear_as)


# --- text -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("a", "a"),
        (" a ", " a "),
        ("  ", "  "),
        ("00123", "00123"),
        ("1E5", "1E5"),
        ("=1+1", "=1+1"),
        ("NA", "NA"),
        ("[clear]", "[clear]"),
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("\r", "\n"),
        ("\ud800", "\ud800"),
        ("😀", "😀"),
    ],
)
def test_text_is_kept_to_the_letter_but_for_line_ends(text: str, canonical: str) -> None:
    assert read(Kind.TEXT, text) == canonical
    assert from_wire(Kind.TEXT, [text]) == [canonical]


@pytest.mark.parametrize(
    ("text", "fact"), [("123", Fact.NUMBER), ("2026-01-31T00:00:00", Fact.DATE), ("TRUE", Fact.BOOLEAN)]
)
def test_a_cell_that_is_no_text_is_refused_in_a_text_column(text: str, fact: Fact) -> None:
    assert refusal(Kind.TEXT, text, fact) is IssueCode.NOT_TEXT


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("", ""),
        (0, "0"),
        (12, "12"),
        (Decimal("1.50"), "1.5"),
        (Decimal("1E+999"), "1E+999"),
        (Decimal("NaN"), "NaN"),
        (True, "true"),
        (False, "false"),
        ({"a": 1}, "{'a': 1}"),
    ],
)
def test_a_wire_value_that_is_no_text_is_kept_as_its_plain_text(value: Any, text: str) -> None:
    assert from_wire(Kind.TEXT, [value, "beside\r\nit"]) == [text, "beside\nit"]


@pytest.mark.parametrize("kind", list(Kind))
def test_an_integer_of_five_thousand_digits_is_kept_digit_by_digit(kind: Kind) -> None:
    assert from_wire(kind, [HUGE_INTEGER, -HUGE_INTEGER]) == ["1" + "0" * 5000, "-1" + "0" * 5000]


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=20)))
def test_texts_come_back_from_the_wire_by_meaning(texts: list[str]) -> None:
    canonical = from_wire(Kind.TEXT, texts)
    wire = [to_wire(field(Kind.TEXT, ClearAs.EMPTY), each) for each in canonical]
    assert wire == [each.replace("\r\n", "\n").replace("\r", "\n") for each in texts]
    assert from_wire(Kind.TEXT, wire) == canonical


# --- decimal ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("0", "0"),
        ("-0", "0"),
        ("-0.00", "0"),
        ("0.0500", "0.05"),
        ("00012.50", "12.5"),
        ("+7", "7"),
        ("-7.10", "-7.1"),
        (" 5 ", "5"),
        ("1000", "1000"),
        ("0." + "0" * 70, "0"),
        ("123456789012345678901234567890.123456789", "123456789012345678901234567890.123456789"),
    ],
)
def test_decimals_have_one_spelling(text: str, canonical: str) -> None:
    assert read(Kind.DECIMAL, text) == canonical
    assert read(Kind.DECIMAL, text, Fact.NUMBER) == canonical
    assert from_wire(Kind.DECIMAL, [text, Decimal(text)]) == [canonical, canonical]


@pytest.mark.parametrize(
    "text",
    ["1,5", "1,234", "1.", ".5", "1e3", "1E+999", "NaN", "Infinity", "-inf", "1_000", "0x10", "--1", "+-1", "1 000",
     "1 2", "$5", "5%", "\u0661\u0662", "\uff11", "\u00bd", "abc", "#N/A", "9" * 62, "0." + "0" * 61 + "1", "1" * 5000],
)  # fmt: skip
def test_what_is_no_decimal_is_refused(text: str) -> None:
    assert refusal(Kind.DECIMAL, text) is IssueCode.NOT_DECIMAL


@pytest.mark.parametrize("fact", [Fact.DATE, Fact.BOOLEAN])
def test_a_date_or_a_truth_is_no_decimal(fact: Fact) -> None:
    assert refusal(Kind.DECIMAL, "1", fact) is IssueCode.NOT_DECIMAL


@pytest.mark.parametrize(
    ("locale", "text", "canonical"),
    [
        (EN, "1,234.5", "1234.5"),
        (EN, "-1,234,567", "-1234567"),
        (EN, "1234.5", "1234.5"),
        (DE, "1.234,5", "1234.5"),
        (DE, "1.234", "1234"),
        (DE, "1,5", "1.5"),
        (DE, "-12.345.678,90", "-12345678.9"),
        (DE, "0,500", "0.5"),
        (FR, "1,5", "1.5"),
    ],
)
def test_decimals_are_read_as_the_declared_locale_writes_them(locale: Locale, text: str, canonical: str) -> None:
    assert read(Kind.DECIMAL, text, locale=locale) == canonical


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        (EN, "1,5"),
        (EN, "1.234,5"),
        (EN, "12,34"),
        (EN, ",234"),
        (EN, "0,500"),
        (EN, "1,234,56"),
        (DE, "1.5"),
        (DE, "0.500"),
        (DE, "0.05"),
        (DE, "1234.567"),
        (DE, "1,234.5"),
        (DE, "1,2,3"),
        (DE, "1.234,"),
        (FR, "1.5"),
        (FR, "1 234,5"),
    ],
)
def test_a_mark_in_a_place_where_the_locale_has_none_is_refused(locale: Locale, text: str) -> None:
    assert refusal(Kind.DECIMAL, text, locale=locale) is IssueCode.NOT_DECIMAL


def test_a_number_cell_is_read_without_regard_to_the_locale() -> None:
    assert read(Kind.DECIMAL, "1234.5", Fact.NUMBER, DE) == "1234.5"


@pytest.mark.parametrize(
    "value", [Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("-Infinity"), Decimal("1E+999")]
)
def test_what_is_no_money_on_the_wire_is_kept_as_text_and_goes_out_as_it_was(value: Decimal) -> None:
    (text,) = from_wire(Kind.DECIMAL, [value])
    assert text == str(value)
    assert to_wire(field(Kind.DECIMAL), text) == text
    with pytest.raises(ValueError, match="finite"):
        canonical_decimal(value)


@pytest.mark.parametrize("text", ["n/a", "1,5", "1" * 100, "\u0661", " "])
def test_wire_text_that_is_no_decimal_is_kept_to_the_letter(text: str) -> None:
    assert from_wire(Kind.DECIMAL, [text]) == [text]


SANE = st.decimals(allow_nan=False, allow_infinity=False).filter(lambda d: abs(d.adjusted()) <= 60)


@given(st.lists(SANE | st.integers(-(10**60), 10**60) | st.none()))
def test_decimals_come_back_from_the_wire_numerically_equal(values: list[Decimal | int | None]) -> None:
    canonical = from_wire(Kind.DECIMAL, values)
    assert [to_wire(field(Kind.DECIMAL), text) for text in canonical] == values
    assert from_wire(Kind.DECIMAL, canonical) == canonical
    assert parse_column(Kind.DECIMAL, RawColumn("H", "A", canonical, bytes(map(bool, canonical)))).values == canonical


@given(SANE, st.integers(0, 5))
def test_equal_decimals_are_equal_texts(value: Decimal, zeros: int) -> None:
    padded = Decimal(f"{value:f}" + ("" if "." in f"{value:f}" else ".") + "0" * zeros)
    assert canonical_decimal(padded) == canonical_decimal(value)


# --- boolean ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["true", "TRUE", " True ", "yes", "Y", "1"])
def test_words_for_true(text: str) -> None:
    assert read(Kind.BOOLEAN, text) == "true"


@pytest.mark.parametrize("text", ["false", "FALSE", " False ", "no", "N", "0"])
def test_words_for_false(text: str) -> None:
    assert read(Kind.BOOLEAN, text) == "false"


@pytest.mark.parametrize("text", ["2", "-1", "1.0", "oui", "wahr", "t", "f", "on", "off", "maybe", "null", "\uff11"])
def test_unknown_words_are_never_false(text: str) -> None:
    assert refusal(Kind.BOOLEAN, text) is IssueCode.NOT_BOOLEAN


@pytest.mark.parametrize(
    ("locale", "text", "canonical"),
    [(DE, "WAHR", "true"), (DE, "nein", "false"), (FR, "Vrai", "true"), (FR, "non", "false"), (DE, "yes", "true")],
)
def test_booleans_are_read_as_the_declared_locale_writes_them(locale: Locale, text: str, canonical: str) -> None:
    assert read(Kind.BOOLEAN, text, locale=locale) == canonical


def test_boolean_and_number_cells_are_booleans_and_dates_are_not() -> None:
    assert read(Kind.BOOLEAN, "TRUE", Fact.BOOLEAN) == "true"
    assert read(Kind.BOOLEAN, "0", Fact.NUMBER) == "false"
    assert refusal(Kind.BOOLEAN, "1", Fact.DATE) is IssueCode.NOT_BOOLEAN


@pytest.mark.parametrize("values", [[True, False, None], [True, "True", None, "FALSE", 1, "x", Decimal(0)]])
def test_booleans_come_back_from_the_wire(values: list[Any]) -> None:
    canonical = from_wire(Kind.BOOLEAN, values)
    expected = {"True": True, "FALSE": False, 1: "1", 0: "0"}
    wanted = [value if isinstance(value, bool) else expected.get(value, value) for value in values]
    assert [to_wire(field(Kind.BOOLEAN), text) for text in canonical] == wanted


def test_a_text_that_is_no_boolean_never_goes_out_as_false() -> None:
    assert to_wire(field(Kind.BOOLEAN), "perhaps") == "perhaps"


# --- guid -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [GUID, GUID.upper(), f"{{{GUID}}}", f"({GUID})", f"  {GUID} ", GUID.replace("-", ""), f"urn:uuid:{GUID}",
     f"{{{GUID.replace('-', '').upper()}}}"],
)  # fmt: skip
def test_every_spelling_of_a_guid_is_one_guid(text: str) -> None:
    assert read(Kind.GUID, text) == GUID
    assert from_wire(Kind.GUID, [text]) == [GUID]


@pytest.mark.parametrize(
    "text",
    ["", "x", GUID[:-1], GUID + "0", GUID.replace("0", "g"), "0x" + GUID.replace("-", "")[2:], "1_2" + GUID[3:],
     "+" + GUID[1:], GUID.replace("1", "\u0661"), "0a1b2c3d-4e5f6789-abcd-ef01234567 89"],
)  # fmt: skip
def test_what_is_no_guid_is_no_guid_however_near(text: str) -> None:
    assert canonical_guid(text) == ""
    assert from_wire(Kind.GUID, [text]) == [text]
    if text:
        assert refusal(Kind.GUID, text) is IssueCode.NOT_GUID


def test_a_number_cell_is_no_guid() -> None:
    assert refusal(Kind.GUID, "1" * 32, Fact.NUMBER) is IssueCode.NOT_GUID


GUIDS = st.none() | st.sampled_from(["", "x", f"{GUID}\n{GUID}", f"{GUID}\n", GUID.upper(), GUID[:-1] + "é", "\ud800"])


@given(st.lists(GUIDS | st.uuids().map(str)))
def test_a_column_of_guids_is_read_as_each_of_them_alone(values: list[str | None]) -> None:
    assert from_wire(Kind.GUID, values) == [canonical_guid(value or "") or value or "" for value in values]


ODD_TIMES = st.lists(st.sampled_from(["x", 7, "2026-01-31"]), max_size=2)
TIMES = st.lists(st.none() | st.integers(0, 10**12).map("/Date({})/".format), max_size=60)


@given(st.tuples(TIMES, ODD_TIMES).map(chain.from_iterable).map(list).flatmap(st.permutations))
def test_a_column_of_timestamps_is_read_as_each_of_them_alone(values: list[Any]) -> None:
    alone = [canonical_timestamp(str(value)) or str(value) for value in values if value is not None]
    assert from_wire(Kind.TIMESTAMP, [value for value in values if value is not None]) == alone
    assert [text for text in from_wire(Kind.TIMESTAMP, values) if text] == alone
    assert [text == "" for text in from_wire(Kind.TIMESTAMP, values)] == [value is None for value in values]


@given(st.uuids(), st.sampled_from(["{0}", "{{{0}}}", "urn:uuid:{0}"]), st.booleans())
def test_guids_come_back_from_the_wire_as_the_same_uuid(guid: UUID, shape: str, upper: bool) -> None:  # noqa: FBT001
    spelled = shape.format(str(guid).upper() if upper else guid.hex)
    (canonical,) = from_wire(Kind.GUID, [spelled])
    assert UUID(to_wire(field(Kind.GUID), canonical)) == guid
    assert from_wire(Kind.GUID, [canonical]) == [canonical]


# --- timestamp --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("/Date(0)/", "1970-01-01T00:00:00Z"),
        ("/Date(-1)/", "1969-12-31T23:59:59.999Z"),
        ("/Date(-62135596800000)/", "0001-01-01T00:00:00Z"),
        ("/Date(253402300799999)/", "9999-12-31T23:59:59.999Z"),
        ("/Date(1500000000120)/", "2017-07-14T02:40:00.12Z"),
        ("/Date(1500000000000+1300)/", "2017-07-14T02:40:00Z"),
        ("\\/Date(1500000000000-0500)\\/", "2017-07-14T02:40:00Z"),
        (" /Date( 0 )/ ", "1970-01-01T00:00:00Z"),
        ("2026-01-31", "2026-01-31T00:00:00Z"),
        ("2026-01-31 09:05", "2026-01-31T09:05:00Z"),
        ("2026-01-31T09:05:07", "2026-01-31T09:05:07Z"),
        ("2026-01-31T09:05:07Z", "2026-01-31T09:05:07Z"),
        ("2026-01-31t09:05:07Z", ""),
        ("2026-01-31T09:05:07z", "2026-01-31T09:05:07Z"),
        ("2026-01-31T09:05:07.1200000Z", "2026-01-31T09:05:07.12Z"),
        ("2026-01-31T09:05:07.123456789Z", "2026-01-31T09:05:07.123456789Z"),
        ("2026-01-31T09:05:07.000Z", "2026-01-31T09:05:07Z"),
        ("2026-01-31T09:05:07+13:00", "2026-01-30T20:05:07Z"),
        ("2026-01-31T23:05:07-0930", "2026-02-01T08:35:07Z"),
        ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
    ],
)
def test_the_spellings_of_an_instant(text: str, canonical: str) -> None:
    assert canonical_timestamp(text) == canonical
    assert from_wire(Kind.TIMESTAMP, [text]) == [canonical or text]


@pytest.mark.parametrize(
    "text",
    ["x", "2026-13-01", "2026-02-29", "2023-02-29T00:00:00Z", "2026-02-30T00:00:00Z", "2026-04-31T00:00:00Z",
     "2026-01-31T24:00:00Z", "2026-01-31T23:60:00Z", "2026-01-31T23:59:60Z", "0000-01-01T00:00:00Z",
     "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "2026-01-31T09:05:07+99:99", "2026-01-31T09:05:07+24:00",
     "2026-01-31T09:05:07.1234567890Z", "31.01.2026", "1/31/2026", "09:05:07", "46053", "20260131", "2026-1-31",
     "/Date(99999999999999999)/", "/Date(253402300800000)/", "/Date(-62135596800001)/", "/Date(1.5)/", "/Date()/",
     "/Date(1_0)/", "/Date(\u0661)/", "\u0662\u0660\u0662\u0666-01-31"],
)  # fmt: skip
def test_what_is_no_instant_is_refused_and_kept_on_export(text: str) -> None:
    assert canonical_timestamp(text) == ""
    assert refusal(Kind.TIMESTAMP, text) is IssueCode.NOT_TIMESTAMP
    assert from_wire(Kind.TIMESTAMP, [text]) == [text]
    assert as_datetime(text) is None


@pytest.mark.parametrize(
    ("locale", "text", "canonical"),
    [
        (DE, "31.1.2026", "2026-01-31T00:00:00Z"),
        (LOCALES["en-gb"], "31/01/2026", "2026-01-31T00:00:00Z"),
        (EN, "1/31/2026", "2026-01-31T00:00:00Z"),
        (EN, "02-03-2026", "2026-02-03T00:00:00Z"),
        (DE, "2026-01-31", "2026-01-31T00:00:00Z"),
    ],
)
def test_dates_are_read_as_the_declared_locale_writes_them(locale: Locale, text: str, canonical: str) -> None:
    assert read(Kind.TIMESTAMP, text, locale=locale) == canonical


def test_a_day_that_is_no_month_is_refused_whatever_the_locale() -> None:
    assert refusal(Kind.TIMESTAMP, "31/01/2026", locale=EN) is IssueCode.NOT_TIMESTAMP


def test_a_date_cell_is_an_instant_and_a_number_cell_is_not() -> None:
    assert read(Kind.TIMESTAMP, "2026-01-31T00:00:00", Fact.DATE) == "2026-01-31T00:00:00Z"
    assert refusal(Kind.TIMESTAMP, "46053", Fact.NUMBER) is IssueCode.NOT_TIMESTAMP


MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30))  # noqa: DTZ001 hypothesis wants naive bounds
OFFSETS = st.integers(-14 * 60, 14 * 60)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@given(MOMENTS, OFFSETS)
def test_an_iso_text_keeps_its_instant(moment: datetime, offset: int) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=offset)))
    canonical = canonical_timestamp(aware.isoformat())
    assert as_datetime(canonical) == aware
    assert canonical_timestamp(canonical) == canonical


@given(MOMENTS, st.sampled_from(["/Date({0})/", "\\/Date({0})\\/", "/Date({0}+1300)/"]))
def test_milliseconds_keep_their_instant(moment: datetime, shape: str) -> None:
    aware = moment.replace(tzinfo=UTC, microsecond=moment.microsecond // 1000 * 1000)
    milliseconds = (aware - EPOCH) // timedelta(milliseconds=1)
    canonical = canonical_timestamp(shape.format(milliseconds))
    assert as_datetime(canonical) == aware
    assert from_wire(Kind.TIMESTAMP, [canonical]) == [canonical]


@given(st.integers(1, 9999), st.integers(0, 13), st.integers(0, 32))
def test_every_day_of_the_calendar_is_read_and_no_other(year: int, month: int, day: int) -> None:
    text = f"{year:04}-{month:02}-{day:02}T00:00:00Z"
    try:
        datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        text, refused = "", text
        assert canonical_timestamp(refused) == ""
    assert canonical_timestamp(text) == text


def test_microseconds_are_cut_where_a_datetime_ends() -> None:
    assert as_datetime("2026-01-31T09:05:07.123456789Z") == datetime(2026, 1, 31, 9, 5, 7, 123456, UTC)
    assert as_datetime("2026-01-31T09:05+01:00") == datetime(2026, 1, 31, 8, 5, tzinfo=UTC)
    assert as_datetime("") is None


# --- integer ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "canonical"),
    [("0", "0"), ("-0", "0"), ("30", "30"), ("007", "7"), ("+7", "7"), ("-12", "-12"), ("5.0", "5")],
)
def test_integers_have_one_spelling(text: str, canonical: str) -> None:
    assert read(Kind.INTEGER, text) == canonical
    assert read(Kind.INTEGER, text, Fact.NUMBER) == canonical
    assert from_wire(Kind.INTEGER, [text, int(Decimal(text))]) == [canonical, canonical]


@pytest.mark.parametrize("text", ["1.5", "x", "1,5", "1e3", "TRUE", "\u0663"])
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    assert refusal(Kind.INTEGER, text) is IssueCode.NOT_INTEGER


def test_an_integers_groups_are_read_as_the_declared_locale_writes_them() -> None:
    assert read(Kind.INTEGER, "1.234", locale=DE) == "1234"
    assert refusal(Kind.INTEGER, "1,5", locale=DE) is IssueCode.NOT_INTEGER


@given(st.integers(-(10**40), 10**40))
def test_an_integer_goes_out_as_the_number_that_came(number: int) -> None:
    (canonical,) = from_wire(Kind.INTEGER, [number])
    assert to_wire(field(Kind.INTEGER), canonical) == number
    assert read(Kind.INTEGER, canonical) == canonical


def test_a_fraction_that_the_erp_holds_in_an_integer_is_kept() -> None:
    assert from_wire(Kind.INTEGER, [Decimal("14.5")]) == ["14.5"]
    assert to_wire(field(Kind.INTEGER), "14.5") == Decimal("14.5")


# --- date -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["2026-01-31", " 2026-01-31 ", "2026-01-31T00:00:00", "2026-01-31 00:00", "2026-01-31T00:00:00.000Z",
     "2026-01-31T00:00:00+01:00"],
)  # fmt: skip
def test_a_day_has_one_spelling(text: str) -> None:
    assert canonical_date(text) == "2026-01-31"
    assert read(Kind.DATE, text) == "2026-01-31"
    assert from_wire(Kind.DATE, [text]) == ["2026-01-31"]


@pytest.mark.parametrize(
    "text",
    ["x", "0000-00-00", "2026-13-01", "2026-02-29", "2026-01-31T09:00:00", "31.01.2026", "1/31/2026", "20260131",
     "2026-1-31", "46053", "\u0662\u0660\u0662\u0666-01-31"],
)  # fmt: skip
def test_what_is_no_day_is_refused_and_kept_on_export(text: str) -> None:
    assert canonical_date(text) == ""
    assert refusal(Kind.DATE, text) is IssueCode.NOT_DATE
    assert from_wire(Kind.DATE, [text]) == [text]


@pytest.mark.parametrize(
    ("locale", "text"), [(DE, "31.1.2026"), (LOCALES["en-gb"], "31/01/2026"), (EN, "1/31/2026"), (DE, "2026-01-31")]
)
def test_days_are_read_as_the_declared_locale_writes_them(locale: Locale, text: str) -> None:
    assert read(Kind.DATE, text, locale=locale) == "2026-01-31"


def test_a_date_cell_is_a_day_unless_it_has_a_time_and_a_number_cell_is_none() -> None:
    assert read(Kind.DATE, "2026-01-31T00:00:00", Fact.DATE) == "2026-01-31"
    assert refusal(Kind.DATE, "2026-01-31T09:00:00", Fact.DATE) is IssueCode.NOT_DATE
    assert refusal(Kind.DATE, "46053", Fact.NUMBER) is IssueCode.NOT_DATE


@given(st.dates())
def test_a_day_goes_out_as_it_came(day: date) -> None:
    (canonical,) = from_wire(Kind.DATE, [day.isoformat()])
    assert to_wire(field(Kind.DATE), canonical) == day.isoformat()
    assert read(Kind.DATE, canonical) == canonical


# --- list -------------------------------------------------------------------------------------------------------------


def test_a_list_has_one_spelling_whatever_the_order() -> None:
    assert from_wire(Kind.LIST, [["b", "a"], ["a", "b", "a"], [7, "a;b"]]) == ["a; b", "a; b", '["7","a;b"]']
    assert read(Kind.LIST, "b;a") == "a; b"
    assert read(Kind.LIST, '["a;b", "7"]') == '["7","a;b"]'


def test_no_members_are_a_blank() -> None:
    assert from_wire(Kind.LIST, [[], None]) == ["", ""]
    assert to_wire(field(Kind.LIST, ClearAs.EMPTY), "") == []


@pytest.mark.parametrize("text", ["[", "[1]", "[clear]", " [CLEAR]"])
def test_what_is_no_list_is_refused(text: str) -> None:
    assert refusal(Kind.LIST, text) is IssueCode.NOT_LIST


def test_a_list_in_a_number_cell_may_have_lost_its_zeros() -> None:
    assert refusal(Kind.LIST, "7", Fact.NUMBER) is IssueCode.NOT_TEXT


@given(st.lists(st.text(max_size=5) | st.sampled_from(["a;b", "[", CLEAR])))
def test_a_list_goes_out_with_the_members_that_came(members: list[str]) -> None:
    (canonical,) = from_wire(Kind.LIST, [members])
    assert to_wire(field(Kind.LIST, ClearAs.EMPTY), canonical) == sorted(set(members))
    if canonical:
        assert read(Kind.LIST, canonical) == from_wire(Kind.LIST, [split_members(canonical)])[0]


# --- all kinds --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(Kind))
def test_the_word_that_clears_is_read_in_every_kind(kind: Kind) -> None:
    assert read(kind, CLEAR) == CLEAR


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in (Kind.TEXT, Kind.LIST)])
@pytest.mark.parametrize("text", ["[clear]", " [CLEAR]", "[CLEAR", "CLEAR"])
def test_what_only_resembles_the_word_that_clears_is_refused(kind: Kind, text: str) -> None:
    refusal(kind, text)


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.TEXT])
def test_a_cell_emptied_with_the_space_bar_is_blank(kind: Kind) -> None:
    assert read(kind, " \t ") == ""


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize(
    ("text", "fact", "code"),
    [("#N/A", Fact.ERROR, IssueCode.ERROR_CELL), ("=A1", Fact.UNCACHED, IssueCode.UNCACHED_FORMULA)],
)
def test_errors_and_uncalculated_formulas_are_never_values(kind: Kind, text: str, fact: Fact, code: IssueCode) -> None:
    assert refusal(kind, text, fact) is code


@pytest.mark.parametrize("kind", list(Kind))
def test_blank_is_blank_everywhere(kind: Kind) -> None:
    assert read(kind, "", Fact.BLANK) == ""
    assert read(kind, "", Fact.TEXT) == ""
    assert from_wire(kind, [None]) == [""]
    assert from_wire(kind, []) == []
    assert parse_column(kind, RawColumn("H", "A", [], b"")).values == []


@pytest.mark.parametrize("kind", list(Kind))
def test_a_blank_clears_as_the_field_says(kind: Kind) -> None:
    assert to_wire(field(kind), "") is None
    assert to_wire(field(kind, ClearAs.EMPTY), "") == ([] if kind is Kind.LIST else "")


@pytest.mark.parametrize("kind", list(Kind))
def test_a_failure_names_its_own_position_and_spoils_nothing_else(kind: Kind) -> None:
    column = RawColumn("H", "A", ["", "#N/A", CLEAR, "#N/A"], bytes([Fact.BLANK, Fact.ERROR, Fact.TEXT, Fact.ERROR]))
    parsed = parse_column(kind, column)
    assert parsed.values == ["", "#N/A", CLEAR, "#N/A"]
    assert [failure.position for failure in parsed.failures] == [1, 3]


WIRE = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals()
    | st.text(max_size=12)
    | st.uuids().map(str)
    | st.integers(-(10**14), 10**14).map("/Date({})/".format)
    | st.datetimes().map(datetime.isoformat)
)


@settings(max_examples=300)
@given(st.sampled_from(Kind), st.lists(WIRE, max_size=5))
def test_any_wire_value_has_a_canonical_text_that_stays_the_same(kind: Kind, values: list[Any]) -> None:
    canonical = from_wire(kind, values)
    assert from_wire(kind, canonical) == canonical
    back = [to_wire(field(kind, ClearAs.EMPTY), text) for text in canonical]
    assert from_wire(kind, back) == canonical


@settings(max_examples=300)
@given(
    st.sampled_from(Kind),
    st.sampled_from([NEUTRAL, EN, DE, FR]),
    st.lists(
        st.tuples(st.text(max_size=8) | st.sampled_from([GUID, "1,5", "31.1.2026", CLEAR]), st.sampled_from(Fact))
    ),
)
def test_any_cell_is_read_or_refused_and_what_was_read_reads_the_same_again(
    kind: Kind, locale: Locale, cells: list[tuple[str, Fact]]
) -> None:
    column = RawColumn("H", "A", [text for text, _ in cells], bytes(fact for _, fact in cells))
    parsed = parse_column(kind, column, locale)
    assert len(parsed.values) == len(cells)
    failed = {failure.position for failure in parsed.failures}
    good = [value for at, value in enumerate(parsed.values) if at not in failed]
    again = parse_column(kind, RawColumn("H", "A", good, bytes(map(bool, good))))
    assert again.values == good
    assert again.failures == []
