"""Spellings that an ERP validates: e-mail addresses, websites, countries. Pure; the libraries load when needed.

Where it is unknown how strictly the ERP checks, a doubtful value is accepted: the ERP refuses it itself, with its own
words, whereas a good value refused here could not be written at all.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from bulkio.core.catalogue import Format

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: A failure without its position: what is wrong, and what to do about it. None: nothing is wrong.
Verdict = tuple[str, str] | None

_CACHED = 200_000  # distinct values; a sheet repeats few websites and many countries

# Addresses that need no library to be believed: the common ones, and a hundred times faster.
_PLAIN_EMAIL = re.compile(
    r"(?=[^@]{1,64}@.{1,180}$)[A-Za-z0-9_%+'-]+(\.[A-Za-z0-9_%+'-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
_SCHEME = re.compile(r"(?i)([a-z][a-z0-9+.-]*):")
_WEB_HOST = re.compile(r"(?i)(?:https?:)?(?://)?([^\s/?#@:]+)(:\d{1,5})?([/?#]\S*)?")

#: What people write for a code, and the code that ISO 3166 has for it.
_MISTAKEN_CODES = {"UK": "GB", "EL": "GR", "EN": "GB", "SP": "ES", "JA": "JP", "KO": "KR", "RC": "CN"}


def format_failures(format: Format, values: Sequence[str]) -> list[tuple[int, str, str]]:  # noqa: A002
    """The values that are not spelled as the format wants: (position, what is wrong, what to do); blanks are fine.

    Every distinct value is judged once, however often it stands there.
    """
    judge = _JUDGES[format]
    failures = []
    for position, value in enumerate(values):
        verdict = judge(value) if value else None
        if verdict is not None:
            failures.append((position, *verdict))
    return failures


@lru_cache(_CACHED)
def _judge_email(value: str) -> Verdict:
    if _PLAIN_EMAIL.fullmatch(value):
        return None
    if value != value.strip():
        return f"{value!r} has blanks around the e-mail address", f"Write {value.strip()}."
    if "," in value or ";" in value:
        return f"{value!r} is more than one e-mail address", "Write one address."
    reason = _why_no_email(value)
    return (f"{value!r} is not an e-mail address: {reason}", "Write it like name@example.com.") if reason else None


@lru_cache(_CACHED)
def _judge_email_list(value: str) -> Verdict:
    parts = value.split(",")
    if all(_PLAIN_EMAIL.fullmatch(part) for part in parts):
        return None
    if ";" in value:
        addresses = ",".join(part.strip() for part in re.split("[,;]", value) if part.strip())
        return f"{value!r} is not separated by commas", f"Write {addresses}."
    if not all(part.strip() for part in parts):
        return f"{value!r} has a comma with no address beside it", "Remove the comma."
    for part in parts:
        reason = _why_no_email(part.strip())
        if reason:
            return f"{part.strip()!r} is not an e-mail address: {reason}", "Write it like a@example.com,b@example.com."
    return None


def _why_no_email(address: str) -> str:
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 costs 50 ms

    try:
        checked = validate_email(
            address,
            check_deliverability=False,  # nothing is looked up: validation works offline, and tells nobody
            allow_quoted_local=True,
            allow_domain_literal=True,
            globally_deliverable=False,
        )
    except EmailNotValidError as error:
        return str(error).rstrip(".")
    is_whole = "." in checked.domain or checked.domain.startswith("[")
    return "" if is_whole else "there is no period in the part after the @-sign"


@lru_cache(_CACHED)
def _judge_website(value: str) -> Verdict:
    hint = "Write it like https://www.example.com."
    if any(character.isspace() for character in value):
        return f"{value!r} has blanks in it, which a website address cannot have", hint
    scheme = _SCHEME.match(value)
    if scheme and scheme[1].lower() in ("mailto", "javascript", "data", "file"):
        return f"{value!r} is not a website address", hint
    if "@" in value and "/" not in value:
        return f"{value!r} is an e-mail address, not a website", hint
    host = _WEB_HOST.fullmatch(value)
    if host is None or "." not in host[1].strip(".") or ".." in host[1]:
        return f"{value!r} is not a website address", hint
    return None


@lru_cache(_CACHED)
def _judge_country(value: str) -> Verdict:
    """Names are free text; only what has two characters is held to be a code."""
    code = value.strip().upper()
    if len(code) != 2 or code in _country_codes():  # noqa: PLR2004 ISO 3166-1 alpha-2
        return None
    message = f"{value!r} is not a country's code of two letters (ISO 3166)"
    if code in _MISTAKEN_CODES:
        return message, f"Write {_MISTAKEN_CODES[code]}, or the country's name."
    return message, "Write the country's name, or its code, like NZ."


@lru_cache(_CACHED)
def _judge_country_code(value: str) -> Verdict:
    """Lower case is let through, as whether the ERP takes it is not known."""
    if value.upper() in _country_codes():
        return None
    code = _MISTAKEN_CODES.get(value.strip().upper()) or _code_of_name(value.strip())
    return f"{value!r} is not a country's code of two letters (ISO 3166)", f"Write {code or 'it like NZ'}."


def _code_of_name(name: str) -> str:
    """The code of a country that is spelled out in English; "" for what is none."""
    import pycountry  # noqa: PLC0415 costs 30 ms

    try:
        return str(pycountry.countries.lookup(name).alpha_2)
    except LookupError:
        return ""


@lru_cache(1)
def _country_codes() -> frozenset[str]:
    import pycountry  # noqa: PLC0415 costs 30 ms

    return frozenset(country.alpha_2 for country in pycountry.countries)


_JUDGES: dict[Format, Callable[[str], Verdict]] = {
    Format.EMAIL: _judge_email,
    Format.EMAIL_LIST: _judge_email_list,
    Format.WEBSITE: _judge_website,
    Format.COUNTRY: _judge_country,
    Format.COUNTRY_CODE: _judge_country_code,
}
