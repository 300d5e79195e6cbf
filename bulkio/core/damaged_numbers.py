"""Rules for numbers: respelled, rounded, in scientific notation, with their marks taken for others."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

from bulkio.core import readings
from bulkio.core.harm import Cell, Damage, Harm

_DIGITS = re.compile(r"[0-9]{1,60}")
_KEPT_DIGITS = (15, 16, 17)  # what programs keep of a number: a double holds 15 in every case, and at most 17
_SHOWN_DIGITS = (10, 11)  # of a long fraction, zeros in front included; a person who rounds leaves fewer

#: 0.125 is 125 where the point groups thousands.
GROUP_LIKE = re.compile(r"-?[0-9]{1,3}\.[0-9]{3}")


def number_in_a_text(base: str, found: str, cell: Cell) -> Damage | None:
    """A text that a program took for a number."""
    if cell is Cell.TEXT or not readings.is_shown_number(found):
        return None
    if "," in base and _DIGITS.fullmatch(found) and base.replace(",", "") == found:
        return Damage(Harm.GROUPED, is_certain=False)
    known = readings.numerals(base)
    shown = readings.numerals(found)
    for was in known:
        for now in shown:
            if was.value == now.value and (was.is_grouped != now.is_grouped or was.is_spaced > now.is_spaced):
                return Damage(Harm.GROUPED if was.is_grouped != now.is_grouped else Harm.RESPELLED, is_certain=False)
            if was.value == now.value:
                # A person may put a currency or a percent sign to a number; programs do it where they were told to.
                is_certain = readings.symbols(found) <= readings.symbols(base)
                return Damage(_respelling(base, found), is_certain=is_certain)
    return _rounded(base, found, known, shown)


def _respelling(base: str, found: str) -> Harm:
    if _DIGITS.fullmatch(base) and base.startswith("0") and (base.lstrip("0") or "0") == found:
        return Harm.LEADING_ZEROS
    return Harm.RESPELLED if readings.exponent_step(found) is None else Harm.SCIENTIFIC


def _rounded(base: str, found: str, known: list[readings.Numeral], shown: list[readings.Numeral]) -> Damage | None:
    step = readings.exponent_step(found)
    for was in known:
        for now in shown:
            if now.is_grouped:
                continue
            if step is not None and abs(was.value - now.value) * 2 <= step:
                return Damage(Harm.SCIENTIFIC, is_certain=not was.is_grouped)
            if _is_rounded(was.value, now.value):
                return Damage(Harm.ROUNDED, is_certain=not was.is_grouped)
            if "%" in base and "%" in found and abs(was.value - now.value) * 20_000 <= 1:  # Excel shows 0.00 %
                return Damage(Harm.ROUNDED, is_certain=False)
    return None


def _is_rounded(was: Decimal, now: Decimal) -> bool:
    """Whether a program made `now` of `was` by keeping or showing fewer digits; a person who types others edits."""
    before, after = len(_significant(was)), len(_significant(now))
    if after >= before or was.adjusted() > 60 or (was < 0) != (now < 0):  # noqa: PLR2004 no number of anybody's
        if before <= _KEPT_DIGITS[0]:
            return False
        is_whole = was == was.to_integral_value()
        return _as_double(was) == now if is_whole else abs(was - now) * 2**53 <= abs(was)
    if before > _KEPT_DIGITS[0]:
        if abs(was - now) * 2**52 <= abs(was):  # the double beside the nearest: some programs read no closer
            return True
        for kept in _KEPT_DIGITS:
            step = Decimal(1).scaleb(was.adjusted() - kept + 1)
            if abs(was - now) < step and now % step == 0:
                return True
    # What Excel's General shows of a long fraction; a whole number is never shown with fewer digits.
    whole = max(was.adjusted() + 1, 1)
    return any(
        now == was.quantize(Decimal(1).scaleb(whole - shown), rounding=rounding)
        for shown in _SHOWN_DIGITS
        if shown >= whole
        for rounding in (ROUND_HALF_UP, ROUND_HALF_EVEN)
    )


def _significant(value: Decimal) -> str:
    return "".join(map(str, value.as_tuple().digits)).strip("0")


def _as_double(value: Decimal) -> Decimal:
    """What a program that reckons in doubles makes of a whole number: 53 bits of it."""
    number = abs(int(value))
    lost = max(number.bit_length() - 53, 0)
    kept, rest = divmod(number, 1 << lost)
    half = (1 << lost) // 2
    kept += rest > half or (0 < rest == half and kept % 2 == 1)
    return Decimal(kept << lost).copy_sign(value)


def decimal(base: str, found: str, cell: Cell) -> Damage | None:
    """A cell of a DECIMAL column: `base` is canonical, `found` canonical or what could not be read."""
    known = readings.numerals(base)[:1]  # a point is a point: we wrote it
    shown = readings.numerals(found)
    for was in known:
        for now in shown:
            if was.value == now.value:
                harm = Harm.GROUPED if now.is_grouped else _respelling(base, found)
                # Read as it stands it is another number: then somebody may have meant that.
                is_doubtful = now.is_grouped and found.count(".") == 1
                return Damage(harm, is_certain=not is_doubtful) if not is_doubtful or cell is Cell.UNTYPED else None
    if cell is Cell.UNTYPED and shown and _is_regrouped(base, found):
        return Damage(Harm.GROUPED, is_certain=False)
    damage = _rounded(base, found, known, shown[:1])
    if damage and (cell is Cell.UNTYPED or len(_significant(known[0].value)) > _KEPT_DIGITS[0]):
        return damage
    return None


def _is_regrouped(base: str, found: str) -> bool:
    """`0.125` read as 125, or `1234` shown as `1.234` and read as that."""
    try:
        was, now = Decimal(base), Decimal(found)
    except ArithmeticError:
        return False
    if GROUP_LIKE.fullmatch(base):
        return now == was * 1000
    return was == was.to_integral_value() and abs(was) >= 1000 and now * 1000 == was  # noqa: PLR2004 thousands
