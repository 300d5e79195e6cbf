"""Issues: where, what was found, what to do; stable codes; their JSON form."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulkio.core.issues import Issue, IssueCode, Severity, count_by_severity

TEXT = st.text(max_size=8)
ISSUES = st.builds(
    Issue,
    code=st.sampled_from(IssueCode),
    severity=st.sampled_from(Severity),
    message=TEXT,
    sheet=TEXT,
    row=st.integers(0, 10**6),
    column=TEXT,
    cell=TEXT,
    found=TEXT,
    hint=TEXT,
)


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ({"sheet": "Customers", "row": 17, "cell": "D17", "column": "Credit"}, "Customers!D17  Credit  wrong  Fix it."),
        ({"sheet": "Customers", "row": 17, "column": "Credit"}, "Customers row 17  Credit  wrong  Fix it."),
        ({"sheet": "Customers"}, "Customers  wrong  Fix it."),
        ({}, "wrong  Fix it."),
    ],
)
def test_an_issue_is_one_line_with_place_message_and_hint(place: dict[str, object], line: str) -> None:
    issue = Issue(code=IssueCode.NOT_DECIMAL, severity=Severity.ERROR, message="wrong", hint="Fix it.", **place)  # type: ignore[arg-type]
    assert str(issue) == line


def test_codes_are_written_with_hyphens() -> None:
    assert [code for code in IssueCode if not re.fullmatch("[a-z]+(-[a-z]+)*", code.value)] == []


def test_all_severities_are_counted_zeros_included() -> None:
    issue = Issue(code=IssueCode.RULE, severity=Severity.WARNING, message="m")
    assert count_by_severity([issue, issue]) == {Severity.ERROR: 0, Severity.WARNING: 2, Severity.NOTICE: 0}
    assert sum(count_by_severity([]).values()) == 0


@given(ISSUES)
def test_an_issue_comes_back_from_its_json_form(issue: Issue) -> None:
    assert Issue.from_dict(issue.to_dict()) == issue  # type: ignore[arg-type]
