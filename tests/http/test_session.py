"""What a session does when the network, or the server, does not behave. Every server here is real and on loopback."""

from __future__ import annotations

import gzip
import logging
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from bulkio.connectors.unleashed.catalogue import CUSTOMERS
from bulkio.connectors.unleashed.wire import decode_listing
from bulkio.errors import NotExecutedError, RateLimitError, UnavailableError, UsageError
from bulkio.http.retry import Patience
from bulkio.http.session import MAX_BODY, Session, check_base_url, translated
from bulkio.http.throttle import Throttle

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator
    from pathlib import Path

Serve = Callable[..., Any]
Open = Callable[..., Session]
Reply = Callable[..., bytes]


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port at which nobody listens, and that nobody else is given meanwhile."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        yield int(reserved.getsockname()[1])


# --- an ordinary exchange ---------------------------------------------------------------------------------------------


def test_a_reply_comes_with_its_status_body_type_and_the_servers_time(
    serve: Serve, open_session: Open, make_reply: Reply
) -> None:
    server = serve(
        make_reply(
            200, b'{"a": 1}', Content_Type="Application/JSON; charset=utf-8", Date="Sat, 31 Jan 2026 09:00:00 GMT"
        )
    )
    response = open_session(server.url).read("/Customers/1", "pageSize=500")
    assert (response.status, response.body, response.media_type) == (200, b'{"a": 1}', "application/json")
    assert response.server_time is not None
    assert response.server_time.isoformat() == "2026-01-31T09:00:00+00:00"
    assert response.is_success


def test_the_query_leaves_exactly_as_it_was_signed(serve: Serve, open_session: Open, make_reply: Reply) -> None:
    server = serve(make_reply())
    query = "modifiedSince=2024-01-02T03:04:05&pageSize=500"
    open_session(server.url).read("/Customers/1", query)
    assert server.requests[0].startswith(f"GET /Customers/1?{query} HTTP/1.1\r\n".encode())


@pytest.mark.parametrize("query", ["customerName=A B", "customerName=Ā", 'a="', "a=#b", "a=<b>"])
def test_a_query_that_would_be_rewritten_on_the_way_is_not_sent(
    serve: Serve, open_session: Open, make_reply: Reply, query: str
) -> None:
    server = serve(make_reply())
    with pytest.raises(UsageError):
        open_session(server.url).read("/Customers", query)
    assert server.requests == []


def test_a_path_in_the_base_url_is_kept(serve: Serve, open_session: Open, make_reply: Reply) -> None:
    server = serve(make_reply())
    open_session(f"{server.url}/gateway/").read("/Customers")
    assert server.requests[0].startswith(b"GET /gateway/Customers HTTP/1.1\r\n")


def test_a_write_carries_its_body_byte_by_byte(serve: Serve, open_session: Open, make_reply: Reply) -> None:
    server = serve(make_reply(201))
    body = '{"Notes":"Zürich\\r\\n","CreditLimit":0.0000}'
    assert open_session(server.url).write("POST", "/Customers/1", body).status == 201
    assert server.requests[0].endswith(b"\r\n\r\n" + body.encode())


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 422])
def test_refusals_are_for_the_connector_to_read(
    serve: Serve, open_session: Open, make_reply: Reply, status: int
) -> None:
    server = serve(make_reply(status, b'{"Description": "no"}'))
    session = open_session(server.url)
    assert session.read("/Customers").status == status
    assert session.write("POST", "/Customers", "{}").status == status
    assert len(server.requests) == 2


def test_every_attempt_is_told_with_its_path_and_without_its_query(
    serve: Serve, open_session: Open, make_reply: Reply
) -> None:
    server = serve(make_reply(503), b"", make_reply(200))
    told: list[tuple[str, str, int]] = []
    open_session(server.url, on_call=lambda *call: told.append(call)).read("/Customers", "pageSize=500")
    assert told == [("GET", "/Customers", 503), ("GET", "/Customers", 0), ("GET", "/Customers", 200)]


def test_sixteen_threads_share_one_session(serve: Serve, open_session: Open, make_reply: Reply) -> None:
    server = serve(make_reply(200, b"[]"))
    session = open_session(server.url)
    with ThreadPoolExecutor(16) as pool:
        bodies = list(pool.map(lambda number: session.read(f"/Customers/{number}").body, range(100)))
    assert bodies == [b"[]"] * 100


def test_a_connection_that_the_server_closed_meanwhile_is_not_used_for_a_write(
    serve: Serve, open_session: Open
) -> None:
    server = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")  # it promises to stay, and hangs up
    session = open_session(server.url)
    for _ in range(20):
        assert session.write("POST", "/Customers", "{}").status == 200
        assert server.hung_up.acquire(timeout=5)
    assert len(server.requests) == 20


# --- being asked to slow down -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["read", "write"])
def test_retry_after_in_seconds_is_waited_for_exactly(
    serve: Serve, open_session: Open, make_reply: Reply, clock: Any, verb: str
) -> None:
    server = serve(make_reply(429, Retry_After="7"), make_reply(200))
    assert _do(open_session(server.url), verb).status == 200
    assert clock.slept == [7]
    assert len(server.requests) == 2


def test_retry_after_as_a_date_is_held_against_the_servers_own_clock(
    serve: Serve, open_session: Open, make_reply: Reply, clock: Any
) -> None:
    dates = {"Date": "Mon, 01 Jan 2001 00:00:00 GMT", "Retry_After": "Mon, 01 Jan 2001 00:00:42 GMT"}
    server = serve(make_reply(429, **dates), make_reply(200))
    open_session(server.url).read("/Customers")
    assert clock.slept == [42]


@pytest.mark.parametrize("junk", ["", "soon", "-1", "0", "1e9"])
def test_a_useless_retry_after_means_our_own_delays(
    serve: Serve, open_session: Open, make_reply: Reply, clock: Any, junk: str
) -> None:
    server = serve(make_reply(429, Retry_After=junk), make_reply(429, Retry_After=junk), make_reply(200))
    open_session(server.url).read("/Customers")
    assert clock.slept == [0.5, 1]


@pytest.mark.parametrize("verb", ["read", "write"])
def test_a_wait_beyond_our_patience_ends_at_once_and_says_how_long_it_would_be(
    serve: Serve, open_session: Open, make_reply: Reply, clock: Any, verb: str
) -> None:
    server = serve(make_reply(429, Retry_After="315360000"))
    with pytest.raises(RateLimitError, match="429") as caught:
        _do(open_session(server.url, max_wait=120), verb)
    assert caught.value.retry_after == 315360000
    assert clock.slept == []
    assert len(server.requests) == 1


def test_waits_add_up_to_max_wait_and_no_further(
    serve: Serve, open_session: Open, make_reply: Reply, clock: Any
) -> None:
    server = serve(make_reply(429, Retry_After="50"))
    with pytest.raises(RateLimitError):
        open_session(server.url, max_wait=120).read("/Customers")
    assert clock.slept == [50, 50]


def test_a_storm_of_429_fails_nothing(serve: Serve, open_session: Open, make_reply: Reply, clock: Any) -> None:
    server = serve(*[make_reply(429, Retry_After="1")] * 1000, make_reply(200))
    assert open_session(server.url, max_wait=1200).write("POST", "/Customers", "{}").status == 200
    assert sum(clock.slept) == 1000


def test_all_threads_wait_when_one_is_told_to(serve: Serve, make_reply: Reply, clock: Any) -> None:
    server = serve(make_reply(429, Retry_After="9"), make_reply(200))
    throttle = Throttle(clock=clock, sleep=clock.sleep)
    with Session(server.url, lambda _: {}, throttle=throttle) as session:
        session.read("/Customers")
    assert clock.slept == [9]
    throttle.pause(0)  # the pause is the throttle's, which all threads share
    throttle.acquire()
    assert clock.slept == [9]


# --- a broken server --------------------------------------------------------------------------------------------------

BROKEN = {
    "500": lambda reply: reply(500),
    "502 with a page": lambda reply: reply(502, b"<html>Bad gateway</html>", Content_Type="text/html"),
    "503": lambda reply: reply(503),
    "504": lambda reply: reply(504),
    "408": lambda reply: reply(408),
    "closed without a word": lambda _: b"",
    "half a status line": lambda _: b"HTTP/1.1 2",
    "not HTTP": lambda _: b"SSH-2.0-OpenSSH_9.6\r\n",
    "body cut short": lambda _: b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"Items"',
    "chunks cut short": lambda _: b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{"Items"',
    "not gzip": lambda reply: reply(200, b"plain", Content_Encoding="gzip"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_read_is_tried_again_until_it_works(
    serve: Serve, open_session: Open, make_reply: Reply, clock: Any, how: str
) -> None:
    broken = BROKEN[how](make_reply)
    server = serve(broken, broken, make_reply(200))
    assert open_session(server.url).read("/Customers").status == 200
    assert clock.slept == [0.5, 1]


@pytest.mark.parametrize("how", BROKEN)
def test_a_read_gives_up_after_its_attempts(serve: Serve, open_session: Open, make_reply: Reply, how: str) -> None:
    server = serve(BROKEN[how](make_reply))
    with pytest.raises(UnavailableError) as caught:
        open_session(server.url, attempts=3).read("/Customers")
    assert not isinstance(caught.value, NotExecutedError | RateLimitError)
    assert len(server.requests) == 3


@pytest.mark.parametrize("how", BROKEN)
def test_a_write_whose_outcome_is_unknown_is_never_sent_again(
    serve: Serve, open_session: Open, make_reply: Reply, clock: Any, how: str
) -> None:
    server = serve(BROKEN[how](make_reply))
    with pytest.raises(UnavailableError) as caught:
        open_session(server.url).write("POST", "/Customers", "{}")
    assert not isinstance(caught.value, NotExecutedError | RateLimitError)
    assert len(server.requests) == 1
    assert clock.slept == []


PAGE = b'{"Pagination":null,"Items":[{"Guid":"g1","CustomerCode":"A"},{"Guid":"g2","CustomerCode":"B"}]}'
FRAMINGS = {
    "by its length": b"Content-Length: %d\r\n\r\n%s" % (len(PAGE), PAGE),
    "in chunks": b"Transfer-Encoding: chunked\r\n\r\n20\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n"
    % (PAGE[:32], len(PAGE) - 32, PAGE[32:]),
    "by the end of the connection": b"\r\n" + PAGE,
}


@pytest.mark.parametrize("framing", FRAMINGS)
def test_a_page_is_whole_or_none_wherever_it_is_cut(serve: Serve, open_session: Open, framing: str) -> None:
    whole = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n" + FRAMINGS[framing]
    server = serve(*(whole[:length] for length in range(len(whole) + 1)))
    session = open_session(server.url, attempts=1)
    for _ in range(len(whole)):
        with pytest.raises(UnavailableError):
            _page(session)
    assert _page(session) == ["A", "B"]


def _page(session: Session) -> list[str]:
    reply = session.read("/Customers/1")
    return [record["CustomerCode"] for record in decode_listing(reply.body, reply.media_type, CUSTOMERS).records]


@pytest.mark.parametrize("verb", ["read", "write"])
def test_silence_is_a_timeout(serve: Serve, open_session: Open, verb: str) -> None:
    server = serve(None)
    with pytest.raises(UnavailableError, match=r"did not answer within 0\.05 seconds"):
        _do(open_session(server.url, timeout=0.05, attempts=1), verb)
    assert len(server.requests) == 1


def test_a_reply_that_drips_for_ever_is_cut_off(serve: Serve, make_reply: Reply) -> None:
    server = serve(make_reply(200, b"x" * 1_000_000))
    ticks = iter(range(0, 10**6, 200))
    throttle = Throttle(clock=lambda: next(ticks), sleep=lambda _: None)
    with (
        Session(server.url, lambda _: {}, throttle=throttle, patience=Patience(attempts=1)) as session,
        pytest.raises(UnavailableError, match="did not answer"),
    ):
        session.read("/Customers")


def test_a_503_may_say_when_to_come_back(serve: Serve, open_session: Open, make_reply: Reply, clock: Any) -> None:
    server = serve(make_reply(503, Retry_After="11"), make_reply(200))
    open_session(server.url).read("/Customers")
    assert clock.slept == [11]


@pytest.mark.parametrize("status", [501, 505, 507])
def test_what_will_not_pass_is_not_tried_again(
    serve: Serve, open_session: Open, make_reply: Reply, status: int
) -> None:
    server = serve(make_reply(status))
    with pytest.raises(UnavailableError):
        open_session(server.url).read("/Customers")
    assert len(server.requests) == 1


@pytest.mark.parametrize("verb", ["read", "write"])
def test_a_closed_port_is_certainly_not_executed(open_session: Open, clock: Any, closed_port: int, verb: str) -> None:
    with pytest.raises(NotExecutedError, match="cannot connect to 127"):
        _do(open_session(f"http://127.0.0.1:{closed_port}", attempts=4), verb)
    assert clock.slept == [0.5, 1]  # a wrong address does not pass by itself


def test_a_bomb_is_not_unpacked(serve: Serve, open_session: Open, make_reply: Reply) -> None:
    bomb = gzip.compress(gzip.compress(b"\0" * (300 * 2**20), 9), 0)
    inner = gzip.decompress(bomb)
    assert len(inner) < 400_000
    server = serve(make_reply(200, inner, Content_Encoding="gzip"))
    with pytest.raises(UnavailableError, match=f"more than {MAX_BODY // 2**20} MiB"):
        open_session(server.url).read("/Customers")
    assert len(server.requests) == 1


# --- credentials stay where they belong -------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["read", "write"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_host_is_not_followed(
    serve: Serve, open_session: Open, make_reply: Reply, verb: str, status: int
) -> None:
    elsewhere = serve(make_reply(200))
    server = serve(make_reply(status, Location=f"{elsewhere.url}/steal"))
    with pytest.raises(UnavailableError, match="redirects are not followed"):
        _do(open_session(server.url), verb)
    assert elsewhere.connections == 0
    assert len(server.requests) == 1


def test_a_certificate_that_nobody_vouches_for_gets_no_request(
    serve: Serve, open_session: Open, make_reply: Reply, untrusted_tls: ssl.SSLContext
) -> None:
    server = serve(make_reply(200), context=untrusted_tls)
    with pytest.raises(NotExecutedError, match=r"(?i)certificate"):
        open_session(f"https://127.0.0.1:{server.port}").read("/Customers")
    assert server.requests == []
    assert server.connections == 1


def test_the_environment_can_neither_reroute_nor_add_credentials(
    serve: Serve, open_session: Open, make_reply: Reply, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    proxy = serve(make_reply(200))
    server = serve(make_reply(200))
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login nobody password nothing\n")
    netrc.chmod(0o600)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.url)
    monkeypatch.setenv("NETRC", str(netrc))
    open_session(server.url).read("/Customers")
    assert proxy.connections == 0
    assert b"authorization" not in server.requests[0].lower()


def test_cookies_are_not_kept(serve: Serve, open_session: Open, make_reply: Reply) -> None:
    server = serve(make_reply(200, Set_Cookie="session=1; Path=/"))
    session = open_session(server.url)
    session.read("/Customers")
    session.read("/Customers")
    assert b"cookie" not in server.requests[1].lower()


def test_a_line_break_in_a_header_is_not_sent(serve: Serve, make_reply: Reply) -> None:
    server = serve(make_reply(200))
    with (
        Session(server.url, lambda _: {"api-auth-id": "a\r\nX-Other: b"}, patience=Patience(attempts=1)) as session,
        pytest.raises(UnavailableError, match="cannot be sent") as caught,
    ):
        session.read("/Customers")
    assert server.requests == []
    assert "X-Other" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_no_log_line_and_no_message_has_the_query_or_the_signature(
    serve: Serve, open_session: Open, make_reply: Reply, caplog: pytest.LogCaptureFixture, secret: str
) -> None:
    server = serve(make_reply(503), b"", make_reply(429), make_reply(500, api_auth_signature=secret))
    with caplog.at_level(logging.DEBUG), pytest.raises(UnavailableError) as caught:
        open_session(server.url, attempts=5).read("/Customers", "contactEmail=person@example.com")
    logged = "\n".join(record.getMessage() for record in caplog.records)
    assert "trying again" in logged
    for text in (logged, str(caught.value), caught.value.hint):
        assert "person" not in text
        assert secret not in text


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.example.com",
        "ftp://api.example.com",
        "https://",
        "https://user:pw@api.example.com",
        "https://api.example.com?key=1",
        "https://api.example.com#there",
        "http://api.example.com",
        "http://192.168.0.10",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "https://exa mple.com:x",
        "https://api.example.com:99999999",
    ],
)
def test_an_address_that_would_leak_or_cannot_work_is_refused(url: str) -> None:
    with pytest.raises(UsageError):
        check_base_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com",
        " https://api.example.com/v1/ ",
        "http://127.0.0.1:8000",
        "http://127.8.8.8",
        "http://localhost:1",
        "http://[::1]:8000",
    ],
)
def test_https_anywhere_and_http_on_this_machine_are_fine(url: str) -> None:
    assert check_base_url(url).host


# --- httpx stays inside -----------------------------------------------------------------------------------------------


def _all_exceptions() -> list[type[Exception]]:
    named = [getattr(httpx, name) for name in httpx.__all__]
    return [each for each in named if isinstance(each, type) and issubclass(each, Exception)]


@pytest.mark.parametrize("kind", _all_exceptions(), ids=lambda kind: kind.__name__)
def test_every_exception_of_the_library_becomes_ours(kind: type[Exception]) -> None:
    error = kind.__new__(kind)
    Exception.__init__(error, "two\nlines")
    with pytest.raises(UnavailableError) as caught, translated("api.example.com", 60):
        raise error
    assert "api.example.com" in str(caught.value)
    assert "\n" not in str(caught.value)
    certain = kind.__name__ in ("ConnectError", "ConnectTimeout", "PoolTimeout", "UnsupportedProtocol")
    assert isinstance(caught.value, NotExecutedError) == certain


def _do(session: Session, verb: str) -> Any:
    return session.read("/Customers") if verb == "read" else session.write("POST", "/Customers", '{"a": 1}')


def test_two_sessions_do_not_wait_for_each_other(serve: Serve, open_session: Open, make_reply: Reply) -> None:
    slow, quick = serve(None), serve(make_reply(200))
    waiting = threading.Thread(target=_give_up, args=(open_session(slow.url, timeout=0.3, attempts=1),))
    waiting.start()
    assert open_session(quick.url).read("/Customers").status == 200
    waiting.join()


def _give_up(session: Session) -> None:
    with pytest.raises(UnavailableError):
        session.read("/Customers")
