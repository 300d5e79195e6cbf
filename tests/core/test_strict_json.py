"""JSON from elsewhere: exact where it is read, and refused where it is ambiguous or absurd, fast way or slow."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bulkio.core.strict_json import Census, decode_json

KEYS = st.sampled_from(["a", "b", '":', "[", "é", " :"]) | st.text(max_size=3)
LEAVES = st.none() | st.booleans() | st.integers(-(10**30), 10**30) | KEYS
SPACES = st.sampled_from(["", "", " ", "\n", "\t "])


class Members(list[tuple[str, Any]]):
    """An object as it is written: its keys may repeat."""


TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.lists(st.tuples(KEYS, inner), max_size=4).map(Members)
)


def written(tree: Any, blank: str, *, ascii_only: bool) -> str:
    """The tree as JSON, with that white space wherever some may stand."""
    if isinstance(tree, Members):
        members = (
            f"{written(key, blank, ascii_only=ascii_only)}{blank}:{blank}{written(value, blank, ascii_only=ascii_only)}"
            for key, value in tree
        )
        return f"{{{blank}{f'{blank},{blank}'.join(members)}{blank}}}"
    if isinstance(tree, list):
        return f"[{blank}{f'{blank},{blank}'.join(written(each, blank, ascii_only=ascii_only) for each in tree)}]"
    return json.dumps(tree, ensure_ascii=ascii_only)


def meant(tree: Any) -> Any:
    """What the tree says. Raises ValueError where it says two things."""
    if isinstance(tree, Members):
        if len(dict(tree)) != len(tree):
            raise ValueError
        return {key: meant(value) for key, value in tree}
    return [meant(each) for each in tree] if isinstance(tree, list) else tree


def keys_and_lists(document: Any) -> Census:
    """The census that takes the trouble to look everywhere."""
    inside = document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    counted = [keys_and_lists(each) for each in inside]
    keys = len(document) if isinstance(document, dict) else 0
    return keys + sum(each[0] for each in counted), isinstance(document, list) + sum(each[1] for each in counted)


def top_only(document: Any) -> Census:
    """The census that knows of one level."""
    return (len(document), 0) if isinstance(document, dict) else (0, int(isinstance(document, list)))


@settings(max_examples=500)
@given(TREES, SPACES, st.booleans(), st.sampled_from([None, keys_and_lists, top_only]))
@example(Members([("a", Members([("b", 1), ("b", 2)]))]), "", False, keys_and_lists)  # noqa: FBT003
@example(Members([("a", '":'), ("b", 1), ("b", 2)]), " ", False, top_only)  # noqa: FBT003
def test_a_document_is_read_as_meant_or_refused(tree: Any, blank: str, ascii_only: bool, census: Any) -> None:  # noqa: FBT001
    body = written(tree, blank, ascii_only=ascii_only).encode()
    try:
        document = meant(tree)
    except ValueError:
        with pytest.raises(ValueError):  # noqa: PT011 it says no more than that
            decode_json(body, census)
        return
    assert decode_json(body, census) == document


@pytest.mark.parametrize("census", [None, keys_and_lists])
@pytest.mark.parametrize("before", [0, 1, 9, 65_530])
def test_a_number_may_have_sixty_digits_and_no_more_wherever_it_stands(before: int, census: Any) -> None:
    key, nines = "x" * before, "9" * 60
    for sign in ("", "-"):
        fits = f'{{"{key}":[1,{sign}{nines}]}}'
        assert decode_json(fits.encode(), census)[key][1] == int(sign + nines)
        for numeral in ("9" * 61, "9" * 5000, "1e61", "1.0e-61", "0." + "1" * 70):
            with pytest.raises(ValueError):  # noqa: PT011
                decode_json(fits.replace(nines, numeral).encode(), census)


def test_digits_in_a_text_are_no_number() -> None:
    assert decode_json(b'{"a":"%s"}' % (b"9" * 100), keys_and_lists) == {"a": "9" * 100}


@pytest.mark.parametrize("census", [None, keys_and_lists, top_only])
def test_nesting_may_be_32_deep_and_no_more(census: Any) -> None:
    assert decode_json(b"[" * 32 + b"]" * 32) == decode_json(b"[" * 32 + b"]" * 32, top_only)
    for body in (b"[" * 33 + b"]" * 33, b'{"a":' * 33 + b"1" + b"}" * 33, b"[" * 100_000 + b"]" * 100_000):
        if census is not keys_and_lists:  # one that has looked everywhere answers for the depth
            with pytest.raises(ValueError):  # noqa: PT011
                decode_json(body, census)


@pytest.mark.parametrize("at", range(65_520, 65_545))
def test_a_key_twice_is_found_where_the_text_is_cut_in_pieces(at: int) -> None:
    twice = b'{"a":"%s","b":1,"b":2}' % (b"x" * at)
    for body in (twice, twice.replace(b'"b":2', b'"b" :2')):
        with pytest.raises(ValueError):  # noqa: PT011
            decode_json(body, keys_and_lists)


@pytest.mark.parametrize(
    "body",
    [b"", b"  ", b"nul", b"[1,]", b"{'a':1}", b'"\xff"', b'"\\ud800"', b"NaN", b"[Infinity]", b"[] []", b'{"a":1'],
)
def test_what_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        decode_json(body)


def test_numbers_keep_every_digit() -> None:
    numbers = decode_json(b"[0.0500, 1E+3, -0.0, 12345678901234567890.123456789, 12345678901234567890123]")
    assert [str(number) for number in numbers] == [
        "0.0500", "1E+3", "-0.0", "12345678901234567890.123456789", "12345678901234567890123",
    ]  # fmt: skip
    assert {type(number) for number in numbers} == {Decimal, int}


def test_a_byte_order_mark_is_no_part_of_it() -> None:
    assert decode_json(b'\xef\xbb\xbf{"a":1}') == {"a": 1}
