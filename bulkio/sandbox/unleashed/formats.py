"""Spellings that the page says are validated: e-mail, website, country."""

from __future__ import annotations

import re

import pycountry

from bulkio.core.catalogue import Format

_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\".]+(\.[^@\s,;<>\".]+)+")
_WEBSITE = re.compile(r"(https?://)?[^\s/:.@]+(\.[^\s/:.@]+)+(:\d{1,5})?([/?#]\S*)?", re.IGNORECASE)
_COUNTRY_CODE_LENGTH = 2


def is_well_formed(text: str, spelling: Format) -> bool:
    """Whether a text that is not blank is spelled as `spelling` demands."""
    match spelling:
        case Format.EMAIL:
            return _EMAIL.fullmatch(text) is not None
        case Format.EMAIL_LIST:  # "Multiple email addresses must be comma separated" (line 698)
            return all(_EMAIL.fullmatch(part.strip()) for part in text.split(","))
        case Format.WEBSITE:
            return _WEBSITE.fullmatch(text) is not None
        case Format.COUNTRY:  # "2 character country codes are validated against the ISO 3166 list" (line 788)
            return len(text) != _COUNTRY_CODE_LENGTH or _is_country_code(text)
        case Format.COUNTRY_CODE:
            return _is_country_code(text)


def _is_country_code(text: str) -> bool:
    return pycountry.countries.get(alpha_2=text.upper()) is not None
