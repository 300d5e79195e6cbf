"""Spellings that are checked: e-mail, country, date, global location number."""

from __future__ import annotations

import re
from datetime import date
from enum import Enum
from typing import TYPE_CHECKING

import pycountry

if TYPE_CHECKING:
    from collections.abc import Callable


class Format(Enum):
    """One spelling, with the sentence that is said of a wrong one."""

    EMAIL = "The {} field must be a valid email address."
    COUNTRY = "The selected {} is invalid."
    DATE = "The {} field must be a valid date."
    GLN = "The {} field format is invalid."

    def fits(self, text: str) -> bool:
        """Whether the text is spelled like this."""
        return _CHECKS[self](text)


def is_date(text: str) -> bool:
    """Whether it is `YYYY-MM-DD`, and in the calendar."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\".]+(\.[^@\s,;<>\".]+)+")

_CHECKS: dict[Format, Callable[[str], bool]] = {
    Format.EMAIL: lambda text: _EMAIL.fullmatch(text) is not None,
    # The description says ISO 3166-1 alpha-2, and that is in capitals.
    Format.COUNTRY: lambda text: text.isupper() and pycountry.countries.get(alpha_2=text) is not None,
    Format.DATE: is_date,
    Format.GLN: lambda text: re.fullmatch(r"[0-9]{13}", text) is not None,
}
