"""Listings: every record once, complete, however the pages fall, and nothing lost without a word."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hands import Hands

from bulkio.connectors.protocol import ContactScope, Deletes, Query
from bulkio.core.plan import Action
from bulkio.core.records import canonical, identity

if TYPE_CHECKING:
    from collections.abc import Callable

    from desk import Desk
    from relay import Answer, Asked
    from subject import Document


def keys(desk: Desk, records: Any) -> list[str]:
    return [canonical(desk.subject.root, record, desk.subject.key) for record in records]


@pytest.mark.parametrize("size", [1, 7, 59, 60, 61, 10**6])
def test_pages_of_every_size_give_every_record_once(library: Desk, size: int) -> None:
    pages = list(library.reader.pages(Query(page_size=size, contacts=ContactScope.NONE)))
    assert sorted(key for page in pages for key in keys(library, page.records)) == sorted(library.server.stored())
    assert all(page.total == 60 for page in pages)
    assert [page.number for page in pages] == list(range(1, len(pages) + 1))
    assert all(len(page.records) <= size for page in pages)


def test_records_come_complete_with_all_their_children(library: Desk) -> None:
    stored = library.server.stored()
    listed = library.records()
    (busiest, *_) = sorted(stored, key=lambda key: -sum(map(len, children(library, stored[key]))))
    for key, record in [*listed.items(), (busiest, library.record(busiest))]:
        assert [len(each) for each in children(library, record)] == [
            len(each) for each in children(library, stored[key])
        ]
    for child in library.account.connector.catalogue.children:
        own = library.reader.children(child.name, identity(library.subject.root, listed[busiest]))
        assert {identity(child, each) for each in own} == {
            identity(child, each) for each in listed[busiest].get(child.record_path) or ()
        }


def children(desk: Desk, record: Document) -> list[list[Document]]:
    return [record.get(child.record_path) or [] for child in desk.account.connector.catalogue.children]


def test_a_record_read_by_itself_is_the_one_that_was_listed(library: Desk) -> None:
    listed = library.records()
    for key in list(listed)[:10]:
        assert library.record(key) == listed[key]


def test_single_records_are_found_by_id_and_by_key_and_others_are_left_out(library: Desk) -> None:
    root = library.subject.root
    listed = library.records()
    some = list(listed)[:3]
    ids = [identity(root, listed[key]) for key in some]
    unknown = ids[0].translate(str.maketrans("123456789", "999999999"))
    assert sorted(keys(library, library.reader.fetch([*ids, unknown, "no id at all", ""]))) == sorted(some)
    found = library.reader.find([*some, "no such key"])
    assert found is None or sorted(keys(library, found)) == sorted(some)


def test_a_filter_keeps_what_fits_and_names_what_it_leaves_out(library: Desk) -> None:
    root, flag = library.subject.root, library.subject.flag
    listed = library.records(contacts=ContactScope.NONE)
    wanted = {key for key, record in listed.items() if canonical(root, record, flag) == "true"}
    assert 0 < len(wanted) < len(listed)
    pages = list(library.reader.pages(Query(filters=((flag, "true"),), page_size=7)))
    assert {key for page in pages for key in keys(library, page.records)} == wanted
    left_out = {identifier for page in pages for identifier in page.left_out}
    assert left_out == {identity(root, record) for key, record in listed.items() if key not in wanted}


def test_a_record_made_meanwhile_costs_no_other(crowded: Desk) -> None:
    hands = Hands(crowded)
    before = set(crowded.server.stored())
    pages = crowded.reader.pages(Query(page_size=6))
    seen = keys(crowded, next(pages).records)
    for number, key in enumerate(("0 first", "ZZ last"), start=1):
        hands.make(key, number)
    for page in pages:
        seen += keys(crowded, page.records)
    assert before <= set(seen)
    assert set(seen) <= before | {"0 first", "ZZ last"}


def test_a_record_deleted_meanwhile_costs_no_other(crowded: Desk) -> None:
    if crowded.account.connector.capabilities.deletes is not Deletes.HARD:
        pytest.skip("nothing vanishes from a listing where nothing is deleted")
    hands = Hands(crowded)
    pages = crowded.reader.pages(Query(page_size=6))
    first = next(pages)
    seen = keys(crowded, first.records)
    gone = seen[1]
    hands.do(Action.DELETE, first.records[1])
    for page in pages:
        seen += keys(crowded, page.records)
    assert {*seen} == {*crowded.server.stored(), gone}


def listing_bent(desk: Desk, change: Callable[[Document], object]) -> Callable[[Asked, Answer], Answer]:
    """Do something to every listing of root records."""

    def bend(asked: Asked, answer: Answer) -> Answer:
        if asked.method != "GET" or not answer.is_json:
            return answer
        document = json.loads(answer.body)
        try:
            records = desk.subject.records_of(document)
        except (KeyError, TypeError):
            return answer  # no listing
        is_of_roots = isinstance(records, list) and records and desk.subject.key in records[0]
        if is_of_roots:
            change(document)
        return replace(answer, body=json.dumps(document).encode())

    return bend


def test_a_page_that_misstates_its_size_costs_no_record(crowded: Desk) -> None:
    crowded.relay.bend = listing_bent(crowded, crowded.subject.misstate)
    listed = [key for page in crowded.reader.pages(Query(page_size=6)) for key in keys(crowded, page.records)]
    assert set(listed) == set(crowded.server.stored())


def test_pages_that_hold_less_than_they_count_make_an_export_incomplete(crowded: Desk) -> None:
    lost: set[str] = set()

    def lose(document: Document) -> None:
        records = crowded.subject.records_of(document)
        lost.add(records.pop()[crowded.subject.key])

    crowded.relay.bend = listing_bent(crowded, lose)
    result = crowded.account.export(crowded.folder / "customers.jsonl")
    assert lost
    assert not result.is_complete
    assert result.missing == len(lost)
    assert result.counts[crowded.subject.root.name] == 20 - len(lost)


def test_a_record_that_two_pages_hold_is_exported_once(crowded: Desk) -> None:
    first: list[Document] = []

    def repeat(document: Document) -> None:
        records = crowded.subject.records_of(document)
        first.extend(records[:1] if not first else [])
        records.append(first[0])

    crowded.relay.bend = listing_bent(crowded, repeat)
    assert list(crowded.sheet().rows) == list(dict.fromkeys(crowded.sheet().rows))
    assert crowded.account.export(crowded.folder / "again.jsonl").counts[crowded.subject.root.name] == 20
