"""Values that name other records: known ones, and what follows when one member of a group changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bulkio.core.issues import IssueCode
from bulkio.core.references import resolve, resources_of

if TYPE_CHECKING:
    from bulkio.core.catalogue import Entity
    from bulkio.core.lookup import LookupTable

    Tables = dict[str, LookupTable | None]


@pytest.mark.parametrize(
    ("changed", "followers"),
    [
        ({}, {}),
        ({"Name": "anything"}, {}),
        ({"Currency.Code": "AUD"}, {"Currency.Guid": "g-aud"}),
        ({"Currency.Guid": "g-nzd"}, {"Currency.Code": "NZD"}),
        ({"Currency.Code": "AUD", "Currency.Guid": "g-aud"}, {}),
        ({"Currency.Code": ""}, {"Currency.Guid": ""}),
        ({"Currency.Code": "", "Currency.Guid": "g-nzd"}, {}),
        ({"Seller.Name": "Sam"}, {"Seller.Mail": "sam@example.com", "Seller.Guid": "g-sam"}),
        ({"Seller.Mail": "kim2@example.com"}, {"Seller.Name": "Kim", "Seller.Guid": "g-kim2"}),
        ({"Seller.Name": "Kim", "Seller.Mail": "kim1@example.com"}, {"Seller.Guid": "g-kim1"}),
        ({"Seller.Guid": ""}, {"Seller.Name": "", "Seller.Mail": ""}),
        ({"Term": "7 days"}, {}),
        ({"Term": ""}, {}),
    ],
)
def test_the_other_members_follow_the_one_that_changed(
    customers: Entity, tables: Tables, changed: dict[str, str], followers: dict[str, str]
) -> None:
    result = resolve(customers, changed, tables)
    assert result.followers == followers
    assert result.problems == []


@pytest.mark.parametrize(
    ("changed", "name", "code", "words"),
    [
        ({"Currency.Code": "NZ"}, "Currency.Code", IssueCode.UNKNOWN_VALUE, "'NZ' is not one of the ERP's Currencies"),
        ({"Currency.Code": "nzd"}, "Currency.Code", IssueCode.UNKNOWN_VALUE, "'nzd' is not one"),
        ({"Currency.Code": "NZD", "Currency.Guid": "g-aud"}, "Currency.Code", IssueCode.UNKNOWN_VALUE, "same entry"),
        ({"Currency.Code": "NZD", "Currency.Guid": "g-x"}, "Currency.Guid", IssueCode.UNKNOWN_VALUE, "'g-x' is not"),
        ({"Seller.Name": "Kim"}, "Seller.Name", IssueCode.AMBIGUOUS, "the name of 2 entries"),
        ({"Term": "30 dyas"}, "Term", IssueCode.UNKNOWN_VALUE, "'30 dyas' is not one"),
    ],
)
def test_a_value_that_the_erp_does_not_have_is_a_problem(  # noqa: PLR0913, PLR0917 a table's columns
    customers: Entity, tables: Tables, changed: dict[str, str], name: str, code: IssueCode, words: str
) -> None:
    ((field, found, text, hint),) = resolve(customers, changed, tables).problems
    assert (field, found) == (name, code)
    assert words in text
    assert hint


def test_a_near_miss_is_suggested(customers: Entity, tables: Tables) -> None:
    ((_, _, _, hint),) = resolve(customers, {"Term": "30 dyas"}, tables).problems
    assert hint == "Did you mean '30 days'?"


@pytest.mark.parametrize("missing", [{}, {"Currencies": None, "Sellers": None, "Terms": None}])
def test_a_list_that_could_not_be_read_judges_nothing(customers: Entity, missing: Tables) -> None:
    result = resolve(customers, {"Currency.Code": "XXX", "Term": "whenever", "Seller.Guid": "g-new"}, missing)
    assert result.problems == []
    assert result.followers == {"Currency.Guid": "", "Seller.Name": "", "Seller.Mail": ""}


def test_without_the_list_a_member_that_the_erp_insists_on_must_be_written(customers: Entity) -> None:
    ((name, code, text, hint),) = resolve(customers, {"Seller.Name": "Sam"}, {}).problems
    assert (name, code) == ("Seller.Name", IssueCode.AMBIGUOUS)
    assert "could not be read" in text
    assert "Seller.Guid" in hint


def test_only_the_lists_that_a_change_needs_are_asked_for(customers: Entity) -> None:
    assert resources_of(customers, {"Name"}) == set()
    assert resources_of(customers, {"Currency.Guid", "Term"}) == {"Currencies", "Terms"}


def test_a_lists_values_are_distinct_and_not_blank(tables: Tables) -> None:
    terms = tables["Terms"]
    assert terms is not None
    assert terms.values("Name") == ["30 days", "7 days"]
    assert terms.values("Nowhere") == []
    assert len(terms.matching({"Name": "30 days"})) == 2
    assert len(terms.matching({})) == 4
