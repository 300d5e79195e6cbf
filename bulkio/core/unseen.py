"""Characters that nobody can see, or tell from others: what they are called where a text holds them.

They come from web pages and mails by copy and paste, or from somebody who wants two names to look the same. Nothing is
changed: a text may need them. But a person is to know of them before they are in the ERP.
"""

# ruff: noqa: RUF001 - the look-alikes are meant

from __future__ import annotations

import re
from unicodedata import name as name_of

_SPACE, _INVISIBLE, _TURNING = "a special space", "an invisible character", "a mark that turns the direction of writing"

#: Not here: variation selectors, which emoji are spelled with. Joiners belong to emoji and to several scripts, and are
#: invisible between Latin letters.
_KINDS = {
    **dict.fromkeys("\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f", _SPACE),
    **dict.fromkeys("\u00ad\u180e\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064\ufeff", _INVISIBLE),
    **dict.fromkeys("\u2028\u2029", "a special line end"),
    **dict.fromkeys("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", _TURNING),
}
_JOINERS = "\u200c\u200d"
_UNSEEN = re.compile(f"[{''.join(_KINDS.keys() - set(_JOINERS))}]|(?<=[a-zA-Z])[{_JOINERS}](?=[a-zA-Z])")

#: Cyrillic and Greek letters that look like Latin ones; the others (as in 5 μm) deceive nobody.
_LOOK_ALIKES = "АВЕЅІЈКМНОРСТУХаеорсухіјѕԁԛԝһ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧορνι"
_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_ALIKE = re.compile(f"[{_LOOK_ALIKES}]")


def unseen_in(text: str) -> list[str]:
    """What the text holds that cannot be seen, each once: `a special space (U+00A0 NO-BREAK SPACE)`."""
    if text.isascii():
        return []
    found = {each: _KINDS[each] for each in _UNSEEN.findall(text)}
    if _ALIKE.search(text):
        for word in _WORD.findall(text):
            if _LATIN.search(word):
                found |= dict.fromkeys(_ALIKE.findall(word), f"a letter in {word!r} that only looks Latin")
    return [f"{what} (U+{ord(each):04X} {name_of(each, 'unnamed')})" for each, what in found.items()]
