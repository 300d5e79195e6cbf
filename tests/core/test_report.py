"""Reports: every operation has one outcome, and the totals add up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bulkio.core.report import Outcome, Report, Status

ENDS = [status for status in Status if status not in (Status.PLANNED, Status.INTENT, Status.UNKNOWN)]
OUTCOMES = st.lists(st.sampled_from(ENDS)).map(
    lambda ends: tuple(Outcome(operation_id=str(at), status=status) for at, status in enumerate(ends))
)


def report(*outcomes: Outcome) -> Report:
    return Report(run_id="run", plan_id="plan", outcomes=outcomes, calls=7, files={"journal": "journal.db"})


@given(OUTCOMES)
def test_the_totals_add_up_to_the_plans_operations(outcomes: tuple[Outcome, ...]) -> None:
    summary = report(*outcomes).summary()
    assert summary.pop("calls") == 7
    assert sum(summary.values()) == len(outcomes)
    assert list(summary) == ["verified", "acked", "rejected", "conflict", "in_doubt", "skipped", "not_sent"]


@given(OUTCOMES)
def test_only_what_was_proved_is_good(outcomes: tuple[Outcome, ...]) -> None:
    made = report(*outcomes)
    assert made.is_good == all(outcome.status is Status.VERIFIED for outcome in outcomes)
    assert [outcome.status for outcome in made.failed()] == [
        outcome.status for outcome in outcomes if outcome.status is not Status.VERIFIED
    ]


def test_the_json_document_is_the_contracts() -> None:
    outcome = Outcome(operation_id="op", status=Status.REJECTED, guid="g", message="No.")
    document = report(outcome).to_dict()
    assert document["schema"] == "bulkio.run/1"
    assert document["outcomes"] == [{"operation_id": "op", "status": "rejected", "guid": "g", "message": "No."}]
    assert {"run_id", "plan_id", "summary", "outcomes", "files"} <= set(document)
