"""Loopback is no secret: who does not come from the page that was opened gets nothing and changes nothing."""

from __future__ import annotations

import socket
import stat
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest
from web_kit import serving

from bulkio.errors import LockedError, UsageError
from bulkio.store.review import file_name
from bulkio.web.guard import MOST_BYTES
from bulkio.web.server import prepared

if TYPE_CHECKING:
    from collections.abc import Iterator

STEPS = ("/", "/file", "/check", "/changes", "/apply", "/results", "/events", "/changes/rows", "/changes/plan.json")
POSTS = ("/file/upload", "/file/forget", "/file/export", "/plan", "/changes/left", "/apply/start", "/results/undo")


@pytest.fixture
def url(desk: Any) -> Iterator[str]:
    with serving(desk.account) as opened:
        yield opened


def base_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


@pytest.fixture
def known(url: str) -> Iterator[httpx.Client]:
    """A browser with the cookie."""
    with httpx.Client(base_url=base_of(url), headers={"Origin": base_of(url)}) as client:
        assert client.get(url).status_code == 303
        yield client


@pytest.mark.parametrize("path", STEPS)
def test_without_the_cookie_nothing_is_shown(url: str, path: str) -> None:
    for cookies in ({}, {f"bulkio-review-{urlsplit(url).port}": "guess"}):
        answer = httpx.get(base_of(url) + path, cookies=cookies)
        assert answer.status_code == 403
        assert "Sandbox Wholesale" not in answer.text


def test_the_address_that_is_opened_works_once(url: str, known: httpx.Client) -> None:
    again = httpx.get(url)
    assert again.status_code == 403
    assert "set-cookie" not in again.headers
    assert known.get(url).headers["location"] == "/"  # the browser that has the cookie is at home
    assert httpx.get(f"{base_of(url)}/open?token=").status_code == 403


def test_the_cookie_is_of_this_site_alone(url: str) -> None:
    given = httpx.get(url).headers["set-cookie"]
    assert "HttpOnly" in given
    assert "SameSite=strict" in given
    assert urlsplit(url).query.removeprefix("token=") not in given


def test_it_answers_under_its_own_name_only(url: str, known: httpx.Client) -> None:
    port = urlsplit(url).port
    for host in ("evil.example", f"evil.example:{port}", f"127.0.0.1.evil.example:{port}", "127.0.0.1", ""):
        assert known.get("/file", headers={"Host": host}).status_code in {400, 421}
    assert urlsplit(url).hostname == "127.0.0.1"


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", ""])
def test_another_site_changes_nothing(desk: Any, known: httpx.Client, path: str, origin: str) -> None:
    assert known.post(path, headers={"Origin": origin}, data={"a": "b"}).status_code == 403
    assert desk.writes() == []


def test_another_site_reads_nothing(known: httpx.Client) -> None:
    assert known.get("/file", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert known.get("/file", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200


def test_every_answer_says_what_it_may_do(known: httpx.Client) -> None:
    for path in ("/file", "/nowhere", "/static/review.js", "/changes/rows"):
        headers = known.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'self'; ")
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert "server" not in headers


def test_pages_hold_no_scripts_or_styles_of_their_own_and_no_secret(known: httpx.Client, desk: Any) -> None:
    del desk
    for path in STEPS[1:6]:
        text = known.get(path).text
        assert "<style" not in text
        assert 'style="' not in text
        assert "onclick" not in text
        assert "API_KEY" not in text


def test_an_upload_has_a_limit(known: httpx.Client, url: str) -> None:
    """The size is judged by what the browser says; a server that took its word for less would close the connection."""
    parts = urlsplit(url)
    cookie = "; ".join(f"{name}={value}" for name, value in known.cookies.items())
    head = (
        f"POST /file/upload HTTP/1.1\r\nHost: {parts.netloc}\r\nOrigin: {base_of(url)}\r\nCookie: {cookie}\r\n"
        f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {MOST_BYTES + 1}\r\n\r\n"
    )
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        connection.sendall(head.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize("name", ["x.exe", "noname", ".xlsx", "x.html"])
def test_only_sheets_are_taken(known: httpx.Client, name: str) -> None:
    known.post("/file/upload", files={"file": (name, b"x")})
    assert "Save it as .xlsx" in known.get("/file").text


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_uploads_are_the_users_alone_whatever_they_are_called(desk: Any, known: httpx.Client) -> None:
    known.post("/file/upload", files={"file": ("../../../evil<b>|.csv", b"CustomerCode\nA\n")})
    (kept,) = desk.account.review_folder.folder.glob("uploads/*/*")
    assert kept.name == "evil_b__.csv"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    for folder in list(kept.parents)[:4]:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("customers.xlsx", "customers.xlsx"),
        ("C:\\Users\\x\\customers.xlsx", "customers.xlsx"),
        ("../../a/../b.csv", "b.csv"),
        ('a"<b>|\u202e.csv', "a__b___.csv"),
        ("x" * 500 + ".csv", "x" * 120 + ".csv"),
    ],
)
def test_names_stay_in_their_folder(given: str, kept: str) -> None:
    assert file_name(given) == kept


@pytest.mark.parametrize("given", ["", "..", "/", "...", "\x00"])
def test_what_is_no_name_is_refused(given: str) -> None:
    with pytest.raises(UsageError):
        file_name(given)


def test_an_account_has_one_page(desk: Any, url: str) -> None:
    del url
    with (
        pytest.raises(LockedError, match="open already"),
        prepared(desk.account, None, port=0, on_ready=print),
    ):
        pass


@pytest.mark.parametrize("path", ["/changes/left", "/changes/decide"])
@pytest.mark.parametrize("body", ["", "[]", "{}", '{"out": true, "rows": [["a"]]}', '{"place": 1, "winner": "sheet"}'])
def test_nonsense_is_told_so(known: httpx.Client, path: str, body: str) -> None:
    answer = known.post(path, content=body)
    assert answer.status_code in {400, 409}
    assert answer.json()["message"]


def test_forms_that_this_page_does_not_make_change_nothing(desk: Any, known: httpx.Client) -> None:
    for path, data in (
        ("/file/export", {"format": "exe"}),
        ("/file/export", {"modified_since": "yesterday"}),
        ("/file/reading", {"default_command": "DROP"}),
        ("/changes/again", {"blank": "perhaps"}),
        ("/apply/start", {}),
        ("/apply/resume", {"run": "../.."}),
        ("/results/undo", {"run": "nothing"}),
    ):
        assert known.post(path, data=data).status_code == 303, path
        assert known.get("/file").status_code == 200
    assert desk.writes() == []
