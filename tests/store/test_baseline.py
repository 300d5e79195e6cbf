"""What was exported comes back exactly, or is refused."""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import asdict, replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bulkio.errors import FileError
from bulkio.store import baseline as module
from bulkio.store.baseline import SCHEMA, Baseline, BaselineHeader, dump, load, new_id
from bulkio.store.baseline_1 import SCHEMA as VERSION_1
from bulkio.store.blocks import Tables, inflated, pack

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


def version_1() -> dict[str, object]:
    return {key: value for key, value in head(schema=VERSION_1).items() if key != "rows"}


@st.composite
def baselines(draw: st.DrawFn) -> Baseline:
    frames = {}
    for name in draw(st.lists(UTF8, max_size=3, unique=True)):
        columns = draw(st.lists(UTF8, min_size=1, max_size=4, unique=True))
        count = draw(st.integers(0, 4))
        frames[name] = frame({column: draw(st.lists(UTF8, min_size=count, max_size=count)) for column in columns})
    lookups = draw(st.dictionaries(UTF8, st.lists(st.dictionaries(UTF8, UTF8, max_size=2), max_size=2), max_size=2))
    return Baseline(header(base_id=draw(UTF8), complete=draw(st.booleans()), lookups=lookups), frames)


def dumped_as_version_1(baseline: Baseline) -> bytes:
    """As bulkio 1 wrote it: one member, a line a record."""
    columns = {name: frame.columns.tolist() for name, frame in baseline.frames.items()}
    rows = [[name, row] for name, frame in baseline.frames.items() for row in frame.to_numpy().tolist()]
    return packed({**asdict(baseline.header), "schema": VERSION_1, "columns": columns}, *rows)


def assert_same(loaded: Baseline, baseline: Baseline) -> None:
    assert replace(loaded.header, schema=SCHEMA) == baseline.header
    assert list(loaded.frames) == list(baseline.frames)
    for name, made in loaded.frames.items():
        assert made.columns.tolist() == baseline.frames[name].columns.tolist()
        assert made.to_numpy().tolist() == baseline.frames[name].to_numpy().tolist()
        assert made.index.tolist() == list(range(len(made)))
        assert set(map(str, made.dtypes)) <= {"object"}


@settings(max_examples=60)
@given(baselines())
def test_a_baseline_comes_back_exactly(baseline: Baseline) -> None:
    assert_same(load(dump(baseline), where="here"), baseline)


@settings(max_examples=60)
@given(baselines())
def test_a_baseline_of_the_first_version_is_still_read_and_written_as_this_one(baseline: Baseline) -> None:
    loaded = load(dumped_as_version_1(baseline), where="here")
    assert_same(loaded, baseline)
    assert loaded.header.schema == VERSION_1
    assert dump(loaded) == dump(baseline)
    assert new_id(loaded) == new_id(baseline)


def test_a_long_baseline_of_the_first_version_is_read_in_its_order() -> None:
    long = Baseline(
        header(), {"Customers": frame({"Code": [f"C{at}" for at in range(2345)], "Name": ["x" * 900] * 2345})}
    )
    assert_same(load(dumped_as_version_1(long), where="here"), long)


@pytest.mark.parametrize("rows", [1, 999, 1000, 1001, 2500])
@pytest.mark.parametrize("distinct", [1, 2, 92, 93, 400, 2500])
def test_columns_that_repeat_themselves_come_back_exactly(rows: int, distinct: int) -> None:
    values = [f"value {at * 7 % distinct}" for at in range(rows)]
    table = {"Repeated": values, "Other": values[::-1], "Own": [str(at) for at in range(rows)], "Blank": [""] * rows}
    made = Baseline(header(), {"Customers": frame(table)})
    assert_same(load(dump(made), where="here"), made)


def test_equal_values_are_one_object_once_they_are_read() -> None:
    """What a column repeats is kept once: else a base of 100,000 customers takes hundreds of megabytes."""
    few, many = [f"tier {at % 7}" for at in range(5000)], [f"town {at % 300}" for at in range(5000)]
    keys = [f"code {at}" for at in range(900)]
    frames = {"Customers": frame({"Few": few, "Many": many})}
    loaded = load(dump(Baseline(header(), frames)), where="here").frames["Customers"]
    assert [len({id(value) for value in loaded[name]}) for name in ("Few", "Many")] == [7, 300]
    block = pack({"Customers": {"Code": keys}, "Contacts": {"Parent": [each for each in keys for _ in "ab"]}})
    tables = Tables({"Customers": ["Code"], "Contacts": ["Parent"]}, block.rows)
    tables.add(inflated(block.packed).splitlines())
    assert len({id(value) for value in tables.frames()["Contacts"]["Parent"]}) == len(keys)


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
        packed({key: value for key, value in head().items() if key != "rows"}),
        packed(head()),  # no rows, though two are stated
        packed(head(rows={})),
        packed(head(rows={"Customers": 0})),
        packed(head(rows={"Customers": -1, "Contacts": 0})),
        packed(head(rows={"Customers": 0, "Contacts": 0, "Others": 0})),
        packed(head(rows={"Customers": 10**12, "Contacts": 0})),
        packed(head(), ["Nobody", 2, ["x", "y"]]),
        packed(head(), ["Customers", 2, ["only one"]]),
        packed(head(), ["Customers", 1, ["a", "b"]]),
        packed(head(), ["Customers", 3, ["a", "b"]]),
        packed(head(), ["Customers", 0, ["a", "b"]], ["Customers", 2, ["a", "b"]]),
        packed(head(), ["Customers", 2, [["a"], "b"]]),
        packed(head(), ["Customers", 2, [[], "b"]]),
        packed(head(), ["Customers", 2, [["a", "a", "a"], "b"]]),
        packed(head(), ["Customers", 2, [["a", None], "b"]]),
        packed(head(), ["Customers", 2, [["a", 5], "b"]]),
        packed(head(), ["Customers", 2, [{"of": ["a"], "at": "!"}, "b"]]),
        packed(head(), ["Customers", 2, [{"of": ["a"], "at": '!"'}, "b"]]),
        packed(head(), ["Customers", 2, [{"of": ["a"], "at": "!#"}, "b"]]),
        packed(head(), ["Customers", 2, [{"of": [], "at": "!!"}, "b"]]),
        packed(head(), ["Customers", 2, [{"of": ["a"], "at": "!é"}, "b"]]),
        packed(head(), ["Customers", 2, [{"of": ["a"]}, "b"]]),
        packed(head(), ["Customers", 2, ["a", "b"]], ["Customers", 1, ["a", "b"]]),
        packed(head(), ["Customers", 2, ["a", "b"]]) + b"trailing",
        packed(version_1(), ["Customers", ["a", "b"]])[:-3],
        packed(version_1(), ["Nobody", ["a", "b"]]),
        packed(version_1(), ["Customers", ["a"]]),
        packed(version_1(), ["Customers", ["a", None]]),
        packed(version_1(), ["Customers", 2, ["a", "b"]]),
    ],
)
def test_what_is_no_baseline_is_refused_by_name(content: bytes) -> None:
    with pytest.raises(FileError, match=r"here: .* damaged"):
        load(content, where="here")


@pytest.mark.parametrize("schema", ["bulkio.baseline/3", "", None, 1])
def test_a_baseline_of_another_version_says_so_whatever_its_lines_are(schema: object) -> None:
    with pytest.raises(FileError, match="another version"):
        load(packed(head(schema=schema), {"new": "shape"}), where="here")


def test_its_own_version_is_in_it() -> None:
    assert head()["schema"] == SCHEMA


def members(content: bytes) -> list[bytes]:
    """The members of a gzip file."""
    found = []
    while content:
        unpacker = zlib.decompressobj(31)
        unpacker.decompress(content)
        found.append(content[: len(content) - len(unpacker.unused_data)])
        content = unpacker.unused_data
    return found


def test_a_baseline_that_lacks_a_block_or_has_one_twice_is_refused() -> None:
    made = Baseline(header(), {"Customers": frame({"Code": [str(at) for at in range(2500)]})})
    first, *blocks = members(dump(made))
    assert len(blocks) == 3
    assert_same(load(b"".join([first, *blocks]), where="here"), made)
    for wrong in (blocks[:2], blocks[1:], [*blocks, blocks[2]], []):
        with pytest.raises(FileError, match=r"here: .* damaged"):
            load(b"".join([first, *wrong]), where="here")


@pytest.mark.parametrize("schema", [SCHEMA, VERSION_1])
def test_a_baseline_that_unpacks_to_more_than_any_export_is_refused(
    schema: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MAX_BYTES", 50_000)
    first = version_1() if schema == VERSION_1 else head(rows={"Customers": 60_000, "Contacts": 0})
    for bomb in (packed(first) + gzip.compress(b" " * 100_000), packed(first, "x" * 60_000)):
        with pytest.raises(FileError, match=r"here: .* damaged"):
            load(bomb, where="here")


def test_a_few_bytes_that_stand_for_more_cells_than_any_export_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MAX_CELLS", 1_000)
    blocks = [["Customers", 501, ["a", "b"]]]
    with pytest.raises(FileError, match=r"here: .* damaged"):
        load(packed(head(rows={"Customers": 501, "Contacts": 0}), *blocks), where="here")


def test_half_a_character_is_refused_by_name() -> None:
    with pytest.raises(FileError, match="Customers: half a character"):
        dump(Baseline(header(), {"Customers": frame({"Code": ["a\ud800"]})}))
