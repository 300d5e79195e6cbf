"""Who we are: refused without a trace of the secret, and told to nobody but the server that we mean."""

from __future__ import annotations

import traceback
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from desk import linked, settings_of
from relay import Answer, relaying

from bulkio.connectors.protocol import Query
from bulkio.errors import CredentialsError, UnavailableError, UsageError
from bulkio.sandbox import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desk import Desk
    from relay import Asked, Relay
    from subject import Subject

    from bulkio.connectors.protocol import WriteRequest

WRONG = "wr0ng-s3cret"


@pytest.fixture
def elsewhere() -> Iterator[Relay]:
    """A server that is not ours; whatever it is asked is a leak."""
    with relaying("") as made:
        yield made
        assert made.asked == []


def a_write(desk: Desk) -> WriteRequest:
    """A request that would change something."""
    sheet = desk.sheet()
    sheet.add("NEW-1")
    plan = desk.plan(sheet)
    return desk.request_of(plan, plan.operations[0])


def test_a_wrong_secret_is_an_error_of_the_credentials_that_does_not_show_it(desk: Desk) -> None:
    request = a_write(desk)
    for name in desk.subject.secrets:
        desk.relay.asked.clear()
        with linked(desk.subject, desk.relay.url, secrets={name: WRONG}) as link:
            for attempt in (
                lambda link=link: list(link.reader.pages(Query())),
                lambda link=link: link.writer.send(request),
            ):
                with pytest.raises(CredentialsError) as caught:
                    attempt()
                shown = "".join(traceback.format_exception(caught.value)) + caught.value.hint + repr(link)
                assert WRONG not in shown
        assert len(desk.relay.asked) == 2, "what is refused is not tried again"
        assert not any(WRONG in f"{each.path} {each.query} {each.body!r}" for each in desk.relay.asked)


def test_a_missing_secret_is_said_before_anything_is_sent(desk: Desk) -> None:
    settings = settings_of(desk.subject, desk.relay.url)
    for name in desk.subject.secrets:
        others = {each: secret for each, secret in settings.credentials.items() if each != name}
        with pytest.raises(CredentialsError):
            desk.subject.connector.connect(replace(settings, credentials=others))
    assert desk.relay.asked == []


@pytest.mark.parametrize("secret", ["line\nbreak", "Zoë", "a b"])
def test_a_secret_that_cannot_be_one_is_refused_and_not_shown(subject: Subject, secret: str) -> None:
    """A line break would be a header of its own; only what a header cannot hold has to be refused."""
    for name in subject.identifying or subject.secrets:
        with pytest.raises(CredentialsError) as caught:
            subject.connector.connect(settings_of(subject, "http://127.0.0.1:1", secrets={name: secret}))
        assert secret not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize("url", ["http://example.com", "https://user:word@example.com", "ftp://example.com", ""])
def test_no_secret_goes_to_an_address_that_is_not_safe(subject: Subject, url: str) -> None:
    with pytest.raises(UsageError) as caught:
        subject.connector.connect(settings_of(subject, url))
    assert "word" not in str(caught.value)


def test_redirects_are_not_followed(desk: Desk, elsewhere: Relay) -> None:
    request = a_write(desk)
    status = 0
    desk.relay.bend = lambda asked, _: Answer(status, {"location": f"{elsewhere.url}{asked.path}"}, b"")
    for status in (301, 302, 303, 307, 308):
        with pytest.raises(UnavailableError, match=str(status)):
            list(desk.reader.pages(Query()))
        with pytest.raises(UnavailableError, match=str(status)):
            desk.writer.send(request)


def test_links_to_other_servers_are_not_followed(crowded: Desk, elsewhere: Relay) -> None:
    """All addresses in replies lead elsewhere, those of next pages and of new records among them."""

    def bend(asked: Asked, answer: Answer) -> Answer:
        places = [crowded.server.url, f"http://{asked.headers['host']}"]
        body, headers = answer.body, dict(answer.headers)
        for place in places:
            body = body.replace(place.encode(), elsewhere.url.encode())
            headers = {name: value.replace(place, elsewhere.url) for name, value in headers.items()}
        return Answer(answer.status, headers, body)

    crowded.relay.bend = bend
    assert {key for page in crowded.reader.pages(Query(page_size=6)) for key in _keys(crowded, page.records)} == set(
        crowded.server.stored()
    )
    sheet = crowded.sheet()
    sheet.add("NEW-1")
    sheet.add_child("NEW-1")
    assert crowded.apply(sheet).is_good


def test_a_sign_in_page_is_no_answer(desk: Desk) -> None:
    request = a_write(desk)
    desk.server.faults.add(Fault(fault="html", count=None))
    with pytest.raises(UnavailableError):
        list(desk.reader.pages(Query()))
    with pytest.raises(UnavailableError):
        desk.writer.send(request)


def _keys(desk: Desk, records: object) -> list[str]:
    return [record[desk.subject.key] for record in records]  # type: ignore[attr-defined]
