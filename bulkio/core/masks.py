"""Masks: what an ERP shows of a value that it hides, `DE89**************3000` for an account number.

A mask is never the value, so it can neither be sent nor compared as one; but it can be said whether it fits one.
"""

from __future__ import annotations

import re

MARK = "*"


def is_mask(shown: str) -> bool:
    """Whether part of the text is hidden. Only for fields that may be masked: elsewhere an asterisk is an asterisk."""
    return MARK in shown


def fits(shown: str, value: str) -> bool:
    """Whether the value may be what the mask hides: asterisks in a row stand for any text."""
    pattern = ".*".join(re.escape(part) for part in re.split(r"\*+", shown))
    return is_mask(shown) and re.fullmatch(pattern, value, re.DOTALL) is not None
