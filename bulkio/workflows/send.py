"""One journaled send: the intent is on disk before the request leaves, and the answer when it has come."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from bulkio.connectors.protocol import rejected_fields
from bulkio.core.plan import Action
from bulkio.core.provisional import is_provisional
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

#: Readings, `settle_seconds` apart, before absence is believed for good.
READ_BACKS = 2

#: How often what was lost for certain is sent once more.
RESENDS = 1

NO_ANSWER = "the run ended before there was an answer"

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bulkio.connectors.protocol import Record, Reply
    from bulkio.core.plan import Step
    from bulkio.core.request import WriteRequest
    from bulkio.store.journal import Attempt
    from bulkio.workflows.run import Run


def send(  # noqa: PLR0913 what is sent, and what is known before it
    run: Run,
    step: Step,
    request: WriteRequest,
    *,
    before: Record | None,
    children_before: Sequence[str] = (),
    is_again: bool,
) -> Status:
    """Journal the intent, send, journal the answer. Exactly one request, and never one that is not journaled.

    Returns ACKED (done, says the ERP), UNKNOWN (whether it was executed cannot be told), or REJECTED, CONFLICT
    and NOT_SENT (at an end, journaled). What makes going on pointless aborts the run.

    Where the answer to an earlier attempt was lost (`is_again`), a refusal may only mean that the earlier one was
    executed after all: it is UNKNOWN as before.
    """
    operations = step.operations
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
        reply = _identified(step, run.link.writer.send(request))
    except RejectedError as exc:
        words = rejected_fields(exc.messages) or str(exc)
        if is_again:
            run.journal.answered(number, Status.UNKNOWN, http_status=exc.status, guid="", message=words)
            return Status.UNKNOWN
        run.journal.answered(number, Status.REJECTED, http_status=exc.status, guid="", message=words)
        run.end_all([(operation, Status.REJECTED, words, "") for operation in operations])
        return Status.REJECTED
    except (NotExecutedError, RateLimitError, CredentialsError, UsageError) as exc:
        status = Status.UNKNOWN if is_again else Status.NOT_SENT
        run.journal.answered(number, status, http_status=0, guid="", message=str(exc))
        run.abort(exc)
        if not is_again:
            run.end_all([(operation, status, str(exc), "") for operation in operations])
        return status
    except UnavailableError as exc:
        run.journal.answered(number, Status.UNKNOWN, http_status=0, guid="", message=str(exc))
        return Status.UNKNOWN
    # The reply's id is the root record's where only embedded children were changed.
    embedded = run.connector.catalogue.by_name[operations[0].entity].embedded
    guid = "" if embedded else reply.id
    if reply.status == HTTPStatus.CREATED and step.action is not Action.CREATE:
        words = "somebody deleted the record meanwhile, and the ERP made it anew from what was sent: look at it"
        run.journal.answered(number, Status.CONFLICT, http_status=reply.status, guid=guid, message=words)
        run.end_all([(operation, Status.CONFLICT, words, "") for operation in operations])
        return Status.CONFLICT
    run.journal.answered(number, Status.ACKED, http_status=reply.status, guid=guid, message="")
    return Status.ACKED


def _identified(step: Step, reply: Reply) -> Reply:
    """The reply, if it says under which id the record is whose id the ERP makes; else nothing can be made of it."""
    if is_provisional(step.root_guid) and not reply.id:
        msg = "the ERP said that it was done, and did not say under which id"
        raise UnavailableError(msg)
    return reply


def wait_settled(run: Run, step: Step, *, lost_at: float) -> Attempt:
    """Wait until a lost request must have taken effect or never will; the attempt that was lost.

    That is `settle_seconds` after the request can last have been under way: at `lost_at`, when its failure was seen or
    the process that sent it was gone, but not after its own deadline.
    """
    attempt = run.journal.last_attempt(step.operations[0].id)
    if attempt is None:
        raise KeyError(step.operations[0].id)
    until = min(attempt.deadline, lost_at) + run.settings.settle_seconds
    run.clock.wait(until - run.clock.now(), run.stop)
    return attempt
