"""Apply: what stands in the way, a person's yes, and the run while it goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.routing import Route

from bulkio.account import ApplyOptions
from bulkio.core.rails import Hit, Rails, hits, permit
from bulkio.errors import BulkioError, UsageError
from bulkio.web.pages import Notice, back_to, page, say, session_of, to_step
from bulkio.web.wording import on_page

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.requests import Request
    from starlette.responses import Response

    from bulkio.core.plan import Plan
    from bulkio.web.jobs import Job
    from bulkio.web.session import Session

_MOST_CANARIES = 1000
_APPROVAL_BYTES = 10_000


async def show(request: Request) -> Response:
    """The page: what there is to say before a run, or the run itself."""
    session = session_of(request)
    plan = session.plan
    rails = hits(plan, Rails()) if plan else []
    unfinished = await run_in_threadpool(_unfinished, session)
    blocker = None
    if plan and not unfinished and not session.jobs.is_busy:
        blocker = await run_in_threadpool(_blocker, session, plan, rails)
    return page(
        request,
        "apply",
        plan=plan,
        rails=rails,
        blocker=on_page(str(blocker), session.folder.folder) if blocker else "",
        unfinished=unfinished,
        is_mine=bool(unfinished and plan and unfinished.plan_id == plan.plan_id),
        spent=session.spent_by,
        default_canary=min(3, len(plan.operations)) if plan else 0,
    )


def _unfinished(session: Session) -> Any:
    """The newest run, if it was paused or interrupted."""
    last = session.last_run
    return last if last and last.is_unfinished and not session.jobs.is_busy else None


def _blocker(session: Session, plan: Plan, rails: list[Hit]) -> BulkioError | None:
    """What would be refused however much is permitted; an approval that is still to come is asked for on the page."""
    permitted = permit(plan, Rails(), {hit.rail for hit in rails})
    try:
        session.account.refuse_unfit(plan, ApplyOptions(rails=permitted, approval=session.approval))
    except BulkioError as exc:
        return exc
    return None


@to_step("apply")
async def start(request: Request) -> Response:
    """Execute the plan, if everything that must be said was said."""
    session = session_of(request)
    plan = session.known_plan
    async with request.form() as form:
        _refuse_unconfirmed(session, form)
        options = ApplyOptions(
            canary=_canary(form),
            rails=permit(plan, Rails(), _permitted(plan, form.getlist("rail"))),
        )

    def work(job: Job) -> None:
        session.apply(job, options)

    job = session.jobs.start("apply", "Applying", work)
    job.count(0, len(plan.operations))
    return back_to("apply")


def _refuse_unconfirmed(session: Session, form: FormData) -> None:
    typed = str(form.get("confirm", "")).strip()
    if session.account.profile.is_live and typed not in (session.name, session.account.profile.name):
        msg = "the account's name was not typed as it is, so nothing was sent"
        raise UsageError(msg, hint=f"This writes to the live account {session.name!r}. Type its name.")


def _canary(form: FormData) -> int:
    if form.get("with_canary") != "yes":
        return 0
    text = str(form.get("canary", "")).strip()
    if not text.isdecimal() or not 0 < int(text) <= _MOST_CANARIES:
        msg = f"{text!r} is no number of customers to try first"
        raise UsageError(msg, hint=f"Write a number from 1 to {_MOST_CANARIES}.")
    return int(text)


def _permitted(plan: Plan, ticked: list[UploadFile | str]) -> Collection[str]:
    """The rails that the person said are meant. Raises UsageError while one was not."""
    names = {str(each) for each in ticked}
    if missing := [hit.saw for hit in hits(plan, Rails()) if hit.rail not in names]:
        msg = f"nothing was sent: {'; '.join(missing)}"
        raise UsageError(msg, hint="Tick it if that is meant.")
    return names


@to_step("apply")
async def approve(request: Request) -> Response:
    """Record an approval that is given here, or take one that was given elsewhere."""
    session = session_of(request)
    async with request.form(max_files=1) as form:
        upload = form.get("approval")
        if isinstance(upload, UploadFile) and upload.filename:
            session.take_approval(await upload.read(_APPROVAL_BYTES))
        else:
            await run_in_threadpool(session.approve, str(form.get("name", "")))
    if session.approval:
        say(request, Notice("good", f"Approved by {session.approval.name}."))
    return back_to("apply")


@to_step("apply")
async def pause(request: Request) -> Response:
    """Begin nothing new; what is in flight finishes, and the rest can be done later."""
    _halt(request, then="apply")
    return back_to("apply")


@to_step("apply")
async def stop(request: Request) -> Response:
    """The same, and on to the results of what was done."""
    _halt(request, then="results")
    return back_to("apply")


def _halt(request: Request, *, then: str) -> None:
    job = session_of(request).jobs.current
    if job and job.step == "apply":
        job.then = then
        job.halt()


@to_step("apply")
async def go_on(request: Request) -> Response:
    """A yes after the canary."""
    job = session_of(request).jobs.current
    if job:
        job.answer(is_yes=True)
    return back_to("apply")


@to_step("apply")
async def resume(request: Request) -> Response:
    """Finish a run that was paused or interrupted."""
    session = session_of(request)
    async with request.form() as form:
        run_id = str(form.get("run", ""))

    def work(job: Job) -> None:
        session.resume(job, run_id)

    session.jobs.start("apply", "Applying", work)
    return back_to("apply")


routes = [
    Route("/apply", show),
    Route("/apply/start", start, methods=["POST"]),
    Route("/apply/approve", approve, methods=["POST"]),
    Route("/apply/pause", pause, methods=["POST"]),
    Route("/apply/stop", stop, methods=["POST"]),
    Route("/apply/go-on", go_on, methods=["POST"]),
    Route("/apply/resume", resume, methods=["POST"]),
]
