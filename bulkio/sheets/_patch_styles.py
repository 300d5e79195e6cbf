"""Cell styles made of other cell styles: the same font, borders, format and lock, with one thing changed.

A style is an `xf` of `cellXfs`; cells name it by its number. New ones are added at the end, each once.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bulkio.sheets import _style
from bulkio.sheets._nodes import Document, UnpatchableError, with_attributes

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from bulkio.sheets._nodes import Node

_TEXT_FORMAT_ID: Final = "49"  # @, built in
_ALIGNMENT = re.compile(r"<alignment\b[^>]*?(?:/>|>\s*</alignment>)")
_RGB: Final = re.compile(r"""<fgColor\b[^>]*?\brgb=["']([0-9A-Fa-f]{8})["']""")


class Styles:
    """The styles part, growing."""

    def __init__(self, content: bytes) -> None:
        """Raises UnpatchableError where the part has not what every workbook has there."""
        self._document = Document(content)
        root = self._document.root
        if ":" in root.name:
            raise UnpatchableError
        self._fonts, self._fills, self._formats = (_section(root, name) for name in ("fonts", "fills", "cellXfs"))
        self._xfs = [self._document.source(node) for node in self._formats.all("xf")]
        self._fill_colours = [_colour(self._document.source(node)) for node in self._fills.all("fill")]
        self._font_count = len(self._fonts.children)
        self._fill_count = len(self._fills.children)
        self._known = len(self._xfs)
        self._new: dict[str, str] = {}  # a new font or fill -> its number
        self._made: dict[tuple[str, ...], str] = {}

    def filled(self, style: str, colour: str) -> str:
        """The style with a plain fill of that ARGB colour."""
        return self._variant(style, ("fill", colour), lambda xf: self._with_fill(xf, self._fill(colour)))

    def unfilled(self, style: str, below: str, ours: Container[str]) -> str:
        """The style with the fill of the style `below` it, if its own fill is one of ours; else itself."""
        xf = self._xf(style)
        fill = int(_attribute(xf, "fillId"))
        if fill >= len(self._fill_colours) or self._fill_colours[fill] not in ours:
            return style
        plain = _attribute(self._xf(below), "fillId")
        return self._variant(style, ("unfill", plain), lambda xf: self._with_fill(xf, plain))

    def result(self, style: str) -> str:
        """A result's cell: text at the top, on the paper of the style it had."""
        font = self._font(f'<font><sz val="11"/><color rgb="FF{_style.INK[1:]}"/><name val="{_style.FONT}"/></font>')
        return self._variant(style, ("result",), lambda xf: _as_text(xf, font, '<alignment vertical="top"/>'))

    def header(self) -> str:
        """The header of a new result column."""
        font = self._font(f'<font><b/><sz val="11"/><color rgb="FFFFFFFF"/><name val="{_style.FONT}"/></font>')
        fill = self._fill(f"FF{_style.TINTS['result'].header[1:]}")
        bare = '<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'

        def make(_: str) -> str:
            return self._with_fill(_as_text(bare, font, '<alignment vertical="center"/>'), fill)

        return self._variant("0", ("header",), make)

    def changed(self) -> bytes:
        """The part with what was added."""
        fonts = [xml for xml in self._new if xml.startswith("<font>")]
        fills = [xml for xml in self._new if xml.startswith("<fill>")]
        for section, added in (
            (self._fonts, fonts),
            (self._fills, fills),
            (self._formats, self._xfs[self._known :]),
        ):
            if added:
                self._document.append(section, "".join(added))
                if "count" in section.attributes:
                    tag = self._document.content[section.start : section.inner].decode()
                    count = str(len(section.children) + len(added))
                    self._document.replace(section.start, section.inner, with_attributes(tag, count=count))
        return self._document.changed()

    def _variant(self, style: str, change: tuple[str, ...], make: Callable[[str], str]) -> str:
        key = (style, *change)
        if key not in self._made:
            xf = make(self._xf(style))
            if xf not in self._xfs[self._known :]:
                self._xfs.append(xf)
            self._made[key] = str(self._xfs.index(xf, self._known))
        return self._made[key]

    def _xf(self, style: str) -> str:
        number = int(style)
        if not 0 <= number < len(self._xfs):
            raise UnpatchableError
        return self._xfs[number]

    def _fill(self, colour: str) -> str:
        fill = f'<fill><patternFill patternType="solid"><fgColor rgb="{colour}"/></patternFill></fill>'
        if fill not in self._new:
            self._new[fill] = str(self._fill_count)
            self._fill_count += 1
            self._fill_colours.append(colour)
        return self._new[fill]

    def _font(self, font: str) -> str:
        if font not in self._new:
            self._new[font] = str(self._font_count)
            self._font_count += 1
        return self._new[font]

    @staticmethod
    def _with_fill(xf: str, fill: str) -> str:
        tag, rest = _split(xf)
        return with_attributes(tag, fillId=fill, applyFill="1") + rest


def _section(root: Node, name: str) -> Node:
    found = root.child(name)
    if found is None or not found.children:
        raise UnpatchableError
    return found


def _colour(fill: str) -> str:
    found = _RGB.search(fill)
    return found[1].upper() if found and "solid" in fill else ""


def _attribute(xf: str, name: str) -> str:
    found = re.search(rf"""\s{name}\s*=\s*["']([0-9]+)["']""", _split(xf)[0])
    return found[1] if found else "0"


def _split(xf: str) -> tuple[str, str]:
    """An element's start tag and the rest; no attribute of an `xf` holds a `>`."""
    end = xf.index(">") + 1
    return xf[:end], xf[end:]


def _as_text(xf: str, font: str, alignment: str) -> str:
    tag, rest = _split(xf)
    inner = "" if tag.endswith("/>") else rest[: rest.rindex("<")]
    tag = with_attributes(
        tag.replace("/>", ">"), numFmtId=_TEXT_FORMAT_ID, fontId=font, applyNumberFormat="1", applyFont="1",
        applyAlignment="1",
    )  # fmt: skip
    return f"{tag}{alignment}{_ALIGNMENT.sub('', inner)}</xf>"
