"""What programs do to texts as texts: wrong encodings, blanks, typography, cuts.

Told by doing it to what was exported.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import product
from typing import Literal

_UNICODE = ("utf-8",)
_PAGES = ("cp1252", "latin-1", "mac_roman", "cp1250", "cp1251", "cp850", "cp437")
_OTHERS = re.compile("[^A-Za-z0-9]+")
_LOST = "\ufffd"
_LIMITS = (255, 256, 32_767)  # characters that a cell of old formats, and of today's, holds

_ZERO_WIDTH = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"), None)
# ruff: noqa: RUF001 - the look-alikes are meant
_TYPOGRAPHY = str.maketrans({
    "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "‚": "'", "´": "'", "`": "'",
    "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-", "…": "...", "©": "(c)", "®": "(r)", "™": "(tm)", "→": "->",
    "½": "1/2", "¼": "1/4", "¾": "3/4", "ﬁ": "fi", "ﬂ": "fl",
})  # fmt: skip


def misread(base: str, found: str) -> Literal["longer", "other", ""]:
    """Whether an encoding explains all of it: "longer" if characters became several that nobody types, else "other"."""
    if base.isascii() or letters(base) != letters(found):
        return ""
    if _blanked(found) in _misreadings(base):
        return "longer" if len(found) > len(base) and "?" not in found and _LOST not in found else "other"
    if _LOST in found and _LOST not in base and _lossy(base).fullmatch(found):
        return "other"
    return ""


def letters(text: str) -> str:
    """The letters and digits that every encoding leaves alone."""
    return _OTHERS.sub("", text)


def loses_characters(base: str, found: str) -> bool:
    """Whether part of what was exported is garbled, in a cell that somebody may also have edited."""
    if _LOST in found and _LOST not in base:
        return True
    if base.isascii():
        return False
    if found == _best_fit(base):
        return True
    for character in {each for each in base if ord(each) > 127 and each not in found}:  # noqa: PLR2004 ASCII
        for page in _PAGES[:3]:
            garbled = _decode(character.encode("utf-8", "replace"), page)
            if len(garbled) > 1 and garbled in found and garbled not in base:
                return True
    return False


@lru_cache(10_000)
def _misreadings(base: str) -> frozenset[str]:
    """All that becomes of a text that is written in one encoding and read in another."""
    found = set()
    for written, read in product((*_UNICODE, *_PAGES), _PAGES):
        if written != read:
            found.add(_decode(base.encode(written, "replace"), read))
    for page in _PAGES:  # saved in a code page that does not have the character
        found.add(base.encode(page, "replace").decode(page))
    once = _decode(base.encode("utf-8", "replace"), "cp1252")
    found.add(_decode(once.encode("utf-8", "replace"), "cp1252"))
    return frozenset(_blanked(each) for each in found - {base})


def _decode(content: bytes, page: str) -> str:
    """Bytes that a code page leaves open become control characters, as Windows does it."""
    if page != "cp1252":
        return content.decode(page, "replace")
    return "".join(bytes((each,)).decode(page, "ignore") or chr(each) for each in content)


def _blanked(text: str) -> str:
    """Half of a garbled character may be a blank, and trimmed."""
    return text.replace("\u00a0", " ").strip()


def _lossy(base: str) -> re.Pattern[str]:
    """The text with each character beyond ASCII replaced."""
    parts = [re.escape(each) if ord(each) < 128 else f"(?:{re.escape(each)}|{_LOST}{{1,4}})" for each in base]  # noqa: PLR2004
    return re.compile("".join(parts), re.DOTALL)


def _best_fit(base: str) -> str:
    """What Windows saves in code page 1252 for what that does not have: `ā` becomes `a`."""
    fitted = []
    for character in base:
        try:
            character.encode("cp1252")
        except UnicodeEncodeError:
            plain = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
            fitted.append(plain or "?")
        else:
            fitted.append(character)
    made = "".join(fitted)
    return made if made != base else ""


def only_blanks_differ(base: str, found: str) -> Literal["certain", "doubtful", ""]:
    """Whether blanks were trimmed, joined or replaced, and line breaks changed; a person who adds some edits."""
    if "".join(base.split()).translate(_ZERO_WIDTH) != "".join(found.split()).translate(_ZERO_WIDTH):
        escaped = found.replace("\\r\\n", "\n").replace("\\n", "\n").replace("_x000D_", "")
        return "certain" if "\n" in base and escaped == base else ""
    if found in _reblanked(base, breaks="\n"):
        return "certain"
    return "doubtful" if "\n" in base and (found in _reblanked(base, breaks=" ") | _reblanked(base, breaks="")) else ""


def _reblanked(base: str, *, breaks: str) -> set[str]:
    unbroken = re.sub(r"\r\n|[\r\v\f\x85\u2028\u2029]", "\n", base)
    texts = {base, unbroken, unbroken.replace("\n", breaks), re.sub(r"\n+", breaks, unbroken)}
    texts |= {re.sub(r"[^\S\n]", " ", text) for text in texts}
    texts |= {text.translate(_ZERO_WIDTH) for text in texts}
    texts |= {re.sub(r" {2,}", " ", text) for text in texts}
    texts |= {"\n".join(line.strip() for line in text.split("\n")) for text in texts}
    texts |= {"\n".join(line.rstrip() for line in text.split("\n")) for text in texts}
    texts |= {stripped for text in texts for stripped in (text.strip(), text.rstrip(), text.lstrip(), text.strip(" "))}
    return texts


def only_typography_differs(base: str, found: str) -> bool:
    """Whether straight quotes, dashes and dots became typographic ones, or the other way round."""
    return _plain(base) == _plain(found)


def _plain(text: str) -> str:
    plain = text.translate(_TYPOGRAPHY)
    return re.sub("-{2,}", "-", plain)


def cut_off(base: str, found: str) -> bool:
    """Whether the text ends where a cell is full."""
    if not base.startswith(found):
        return False
    length = len(found) if found.isascii() else len(found.encode("utf-16-le", "surrogatepass")) // 2
    return length in _LIMITS or length + 1 in _LIMITS[2:]
