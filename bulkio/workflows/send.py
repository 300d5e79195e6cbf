"""One journaled send: the intent is on disk before the request leaves, and the answer when it has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bulkio.connectors.protocol import rejected_fields
from bulkio.core.report import Status
from bulkio.errors import (
    CredentialsError,
    NotExecutedError,
    RateLimitError,
    RejectedError,
    UnavailableError,
    UsageError,
)
from bulkio.workflows.clock import iso

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bulkio.connectors.protocol import Record
    from bulkio.core.plan import Operation
    from bulkio.core.request import WriteRequest
    from bulkio.workflows.run import Run


def send(
    run: Run,
    operations: Sequence[Operation],
    request: WriteRequest,
    *,
    before: Record | None,
    children_before: Sequence[str] = (),
) -> Status:
    """Journal the intent, send, journal the answer. Exactly one request, and never one that is not journaled.

    Returns ACKED (the ERP says it is done), UNKNOWN (whether it was executed cannot be told), REJECTED or NOT_SENT (at
    an end, journaled). What makes going on pointless aborts the run.
    """
    now = run.clock.now()
    number = run.journal.intent(
        [operation.id for operation in operations],
        request,
        before=before,
        children_before=children_before,
        sent_at=iso(now),
        deadline=now + run.settings.request_timeout,
    )
    try:
        reply = run.link.writer.send(request)
    except RejectedError as exc:
        words = rejected_fields(exc.messages) or str(exc)
        run.journal.answered(number, Status.REJECTED, http_status=exc.status, guid="", message=words)
        run.end_all([(operation, Status.REJECTED, words, "") for operation in operations])
        return Status.REJECTED
    except (NotExecutedError, RateLimitError, CredentialsError, UsageError) as exc:
        run.journal.answered(number, Status.NOT_SENT, http_status=0, guid="", message=str(exc))
        run.end_all([(operation, Status.NOT_SENT, str(exc), "") for operation in operations])
        run.abort(exc)
        return Status.NOT_SENT
    except UnavailableError as exc:
        run.journal.answered(number, Status.UNKNOWN, http_status=0, guid="", message=str(exc))
        return Status.UNKNOWN
    # The reply's id is the root record's where only embedded children were changed.
    embedded = run.connector.catalogue.by_name[operations[0].entity].embedded
    guid = "" if embedded else reply.id
    run.journal.answered(number, Status.ACKED, http_status=reply.status, guid=guid, message="")
    return Status.ACKED


def wait_settled(run: Run, operation: Operation, *, again: bool) -> str:
    """Wait until a lost request must have taken effect or never will; returns what was said when it was lost.

    That is its own deadline and `settle_seconds` more; a request that failed before its deadline is settled so much
    later than its failure. `again`: only `settle_seconds` more.
    """
    attempt = run.journal.last_attempt(operation.id)
    if again or attempt is None:
        run.clock.wait(run.settings.settle_seconds, run.stop)
        return attempt.message if attempt else ""
    lost_at = run.clock.now() if attempt.result else attempt.deadline  # no result: we died while it was under way
    until = min(attempt.deadline, lost_at) + run.settings.settle_seconds
    run.clock.wait(until - run.clock.now(), run.stop)
    return attempt.message
