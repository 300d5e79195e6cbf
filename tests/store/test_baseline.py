"""What was exported comes back exactly, or is refused."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bulkio.errors import FileError
from bulkio.store.baseline import SCHEMA, Baseline, BaselineHeader, dump, load, new_id

UTF8 = st.text(st.characters(codec="utf-8"), max_size=6)


def header(**parts: Any) -> BaselineHeader:
    plain: dict[str, Any] = {
        "base_id": "b", "erp": "e", "tenant": "t", "account": "Acme", "profile": "p", "exported_at": "",
        "complete": True,
    }  # fmt: skip
    return BaselineHeader(**{**plain, **parts})


def frame(columns: dict[str, list[str]]) -> pd.DataFrame:
    return pd.DataFrame(columns, dtype=object)


SMALL = Baseline(
    header(lookups={"Currencies": [{"Code": "NZD"}]}),
    {"Customers": frame({"Code": ["00123", "=1+1"], "Name": ["a\nb", "😀"]}), "Contacts": frame({"First": []})},
)


def packed(*lines: object) -> bytes:
    return gzip.compress(b"\n".join(json.dumps(line).encode() for line in lines))


def head(**changes: object) -> dict[str, object]:
    first = gzip.decompress(dump(SMALL)).partition(b"\n")[0]
    return {**json.loads(first), **changes}


@st.composite
def baselines(draw: st.DrawFn) -> Baseline:
    frames = {}
    for name in draw(st.lists(UTF8, max_size=3, unique=True)):
        columns = draw(st.lists(UTF8, min_size=1, max_size=4, unique=True))
        count = draw(st.integers(0, 4))
        frames[name] = frame({column: draw(st.lists(UTF8, min_size=count, max_size=count)) for column in columns})
    lookups = draw(st.dictionaries(UTF8, st.lists(st.dictionaries(UTF8, UTF8, max_size=2), max_size=2), max_size=2))
    return Baseline(header(base_id=draw(UTF8), complete=draw(st.booleans()), lookups=lookups), frames)


@settings(max_examples=60)
@given(baselines())
def test_a_baseline_comes_back_exactly(baseline: Baseline) -> None:
    loaded = load(dump(baseline), where="here")
    assert loaded.header == baseline.header
    assert list(loaded.frames) == list(baseline.frames)
    for name, made in loaded.frames.items():
        assert made.columns.tolist() == baseline.frames[name].columns.tolist()
        assert made.to_numpy().tolist() == baseline.frames[name].to_numpy().tolist()
        assert made.index.tolist() == list(range(len(made)))
        assert set(map(str, made.dtypes)) <= {"object"}


def test_a_baseline_of_many_records_keeps_their_order() -> None:
    frames = {
        "Customers": frame(
            {"Code": [f"C{at}" for at in range(2500)], "Name": ["x" * (at % 700) for at in range(2500)]}
        ),
        "Contacts": frame({"First": [str(at) for at in range(1001)]}),
    }
    loaded = load(dump(Baseline(header(), frames)), where="here").frames
    assert all(loaded[name].equals(frames[name]) for name in frames)


def test_the_same_baseline_is_always_the_same_bytes() -> None:
    assert dump(SMALL) == dump(load(dump(SMALL), where="here"))


def test_an_id_is_short_and_another_for_every_content() -> None:
    other = Baseline(SMALL.header, {**SMALL.frames, "Contacts": frame({"First": ["Ann"]})})
    assert len(new_id(SMALL)) == 16
    assert new_id(SMALL) != new_id(other)


def test_the_erps_lists_travel_with_it() -> None:
    tables = load(dump(SMALL), where="here").lookup_tables()
    assert tables["Currencies"] is not None
    assert tables["Currencies"].values("Code") == ["NZD"]


@settings(max_examples=80)
@given(st.data())
def test_an_altered_byte_is_refused_or_changes_nothing(data: st.DataObject) -> None:
    content = bytearray(dump(SMALL))
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    try:
        loaded = load(bytes(content), where="here")
    except FileError as error:
        assert str(error).startswith("here: ")  # noqa: PT017 an alteration of gzip's own header may go unnoticed
    else:
        assert dump(loaded) == dump(SMALL)


@pytest.mark.parametrize("length", range(0, len(dump(SMALL)), 7))
def test_a_baseline_that_is_cut_off_is_refused(length: int) -> None:
    with pytest.raises(FileError, match=r"here: .* damaged"):
        load(dump(SMALL)[:length], where="here")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"plain text",
        gzip.compress(b""),
        gzip.compress(b"{"),
        gzip.compress(b"\xff\xfe"),
        packed([]),
        packed("text"),
        packed(7),
        packed(None),
        packed(head(columns=[])),
        packed(head(columns={"Customers": "Code"})),
        packed(head(complete="yes")),
        packed(head(lookups={"Currencies": [{"Code": 1}]})),
        packed({key: value for key, value in head().items() if key != "columns"}),
        packed({key: value for key, value in head().items() if key != "tenant"}),
        packed(head(), ["Nobody", ["x", "y"]]),
        packed(head(), ["Customers", ["only one"]]),
        packed(head(), ["Customers", ["a", "b"]], ["Customers", ["a"]]),
        packed(head(), ["Customers", ["a", None]]),
        packed(head(), ["Customers", ["a", 5]]),
        packed(head(), {"Customers": ["a", "b"]}),
        gzip.compress(json.dumps(head()).encode() + b"\n[not json"),
    ],
)
def test_what_is_no_baseline_is_refused_by_name(content: bytes) -> None:
    with pytest.raises(FileError, match=r"here: .* damaged"):
        load(content, where="here")


@pytest.mark.parametrize("schema", ["bulkio.baseline/2", "", None, 1])
def test_a_baseline_of_another_version_says_so_whatever_its_lines_are(schema: object) -> None:
    with pytest.raises(FileError, match="another version"):
        load(packed(head(schema=schema), {"new": "shape"}), where="here")


def test_its_own_version_is_in_it() -> None:
    assert head()["schema"] == SCHEMA
