"""The only module that knows httpx: one account's connection, its safety rules and its single layer of retries.

What may be tried again depends on what is certain, never on luck:

| what happened | a read | a write |
|---|---|---|
| no connection was made | again, then NotExecutedError | the same |
| 429 | waits as asked, within `max_wait`, then RateLimitError | the same |
| 408, 5xx, a timeout, a dropped or garbled reply | again, then UnavailableError | UnavailableError at once: unknown |
| 3xx | UnavailableError: never followed | the same |
| any other status | returned | returned |

It knows no ERP: what a 400 says, or what a 403 means, is the connector's business.
"""

from __future__ import annotations

import ipaddress
import logging
import re
import ssl
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from http import HTTPStatus
from http.client import responses
from queue import Empty, LifoQueue
from typing import TYPE_CHECKING, Self

import httpx

from bulkio.errors import NotExecutedError, RateLimitError, UnavailableError, UsageError
from bulkio.http.retry import Patience, parse_http_date, parse_retry_after
from bulkio.http.throttle import Throttle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_log = logging.getLogger(__name__)

#: A reply may not be larger than this, counted after decompression. A page of 1,000 customers is some 5 MB.
MAX_BODY = 64 * 1024 * 1024

#: One connection per worker; the dispatcher never has more than this many.
MAX_CONNECTIONS = 16

_HIGHEST_PORT = 65_535
_IDLE = 3.0  # seconds; servers commonly hang up after 5, and a write that meets a hang-up has an unknown outcome
_ONE = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=_IDLE)
_HEADERS = {"Accept": "*/*", "Accept-Encoding": "gzip, deflate", "Connection": "keep-alive", "User-Agent": "bulkio"}
_PLAIN = re.compile(r"(/[A-Za-z0-9_-]+)+(\?[A-Za-z0-9_&=:-]*)?")  # nothing that anybody spells in another way
_SLOWEST = 5  # a reply that drips may last this many times the timeout in all

# httpx logs the whole URL at INFO, and httpcore headers at DEBUG: neither may end in anybody's log file.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A complete reply. `headers` have lower-case names; `server_time` is its Date header; `elapsed` in seconds."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    server_time: datetime | None
    elapsed: float

    @property
    def media_type(self) -> str:
        """The Content-Type without its parameters, in lower case; blank if there is none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def is_success(self) -> bool:
        """Whether the server says that it did what was asked."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


class _Again(Enum):
    """Who may try again after a failure."""

    NOBODY = "it would fail the same way"
    READS = "it may have been executed"
    ANYBODY = "it was certainly not executed"


@dataclass(frozen=True, slots=True)
class _Failure:
    """One failed attempt; `wait` is what the server asked for, in seconds, None if it did not."""

    error: UnavailableError
    again: _Again
    wait: float | None = None


@dataclass(frozen=True, slots=True)
class _Call:
    method: str
    path: str
    query: str = ""
    body: bytes | None = None

    @property
    def is_read(self) -> bool:
        return self.body is None and self.method == "GET"


class Session:
    """Requests of one account to one origin. Thread-safe; close it, or use it as a context manager.

    `headers_for` gets the exact query string that will be sent and returns all headers of the request, secrets
    included; they go to the origin of `base_url` and nowhere else. `on_call` is told of every attempt: method, path
    without query, status (0 where no answer came). Environment variables for proxies and certificates are not read,
    cookies are not kept, TLS is always verified.
    """

    def __init__(
        self,
        base_url: str,
        headers_for: Callable[[str], Mapping[str, str]],
        *,
        throttle: Throttle | None = None,
        patience: Patience | None = None,
        on_call: Callable[[str, str, int], None] | None = None,
    ) -> None:
        """Raise UsageError where the address will not do."""
        self._base = check_base_url(base_url)
        self._headers_for = headers_for
        self._throttle = throttle or Throttle()
        self._patience = patience or Patience()
        self._on_call = on_call
        self._has_answered = False
        self._connections = _Connections(self._base)

    def read(self, path: str, query: str = "") -> Response:
        """GET, again and again within our patience. The query is sent exactly as given."""
        return self._exchange(_Call("GET", path, query))

    def write(self, method: str, path: str, body: str = "") -> Response:
        """Send a change once; again only where it is certain that the server did not execute it."""
        return self._exchange(_Call(method, path, body=body.encode()))

    def close(self) -> None:
        """Give the sockets back."""
        self._connections.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    # --- one request, as often as it takes ---

    def _exchange(self, call: _Call) -> Response:
        target, clock = self._target(call), self._throttle.clock
        attempt, spent = 0, 0.0
        while True:
            attempt += 1
            self._throttle.acquire()
            started = clock()
            outcome = self._attempt(call, target)
            if isinstance(outcome, Response):
                return outcome
            delay = outcome.wait or self._patience.delay(attempt)
            spent += (clock() - started) + delay
            if not self._may_repeat(call, outcome, attempt) or spent > self._patience.max_wait:
                raise outcome.error
            _log.warning("%s; trying again in %.1f s", outcome.error, delay)
            if isinstance(outcome.error, RateLimitError):
                self._throttle.pause(delay)  # all threads share the limit, so all of them wait
            else:
                self._throttle.sleep(delay)

    def _may_repeat(self, call: _Call, failure: _Failure, attempt: int) -> bool:
        if failure.again is _Again.NOBODY or (failure.again is _Again.READS and not call.is_read):
            return False
        if isinstance(failure.error.__cause__, httpx.ConnectError) and not self._has_answered:
            return attempt < self._patience.first_attempts
        return isinstance(failure.error, RateLimitError) or attempt < self._patience.attempts

    def _attempt(self, call: _Call, target: bytes) -> Response | _Failure:
        status = 0
        try:
            with translated(self._base.host, self._patience.timeout):
                response = self._send(call, target)
            status = response.status
            self._has_answered = True
        except NotExecutedError as error:
            untrusted = "CERTIFICATE" in str(error.__cause__).upper()
            return _Failure(error, _Again.NOBODY if untrusted else _Again.ANYBODY)
        except _OversizeError as error:
            return _Failure(error, _Again.NOBODY)
        except UnavailableError as error:
            return _Failure(error, _Again.READS)
        finally:
            if self._on_call:
                self._on_call(call.method, call.path, status)
        return self._failure(response) or response

    def _send(self, call: _Call, target: bytes) -> Response:
        timeout = self._patience.timeout
        request = httpx.Request(
            call.method,
            self._base,
            headers={**_HEADERS, **self._headers_for(call.query)},
            content=call.body or None,
            extensions={"timeout": httpx.Timeout(timeout).as_dict(), "target": target},
        )
        with self._connections.one(timeout) as connection:
            return self._answer(connection, request)

    def _answer(self, connection: httpx.HTTPTransport, request: httpx.Request) -> Response:
        started = self._throttle.clock()
        response = connection.handle_request(request)
        try:
            chunks, size = [], 0
            for chunk in response.iter_bytes(chunk_size=None):
                chunks.append(chunk)
                size += len(chunk)
                if size > MAX_BODY:
                    msg = f"{self._base.host} sent a reply of more than {MAX_BODY // 2**20} MiB, which is not read"
                    raise _OversizeError(msg)
                if self._throttle.clock() - started > self._patience.timeout * _SLOWEST:
                    msg = f"the reply of {self._base.host} did not end in time"
                    raise httpx.ReadTimeout(msg)
        finally:
            response.close()
        received = {name.lower(): value for name, value in response.headers.items()}
        return Response(
            status=response.status_code,
            headers=received,
            body=b"".join(chunks),
            server_time=parse_http_date(received.get("date")),
            elapsed=self._throttle.clock() - started,
        )

    def _target(self, call: _Call) -> bytes:
        """The path and query of a call, to the letter: a signature covers what we meant, so nothing else may leave."""
        target = self._base.raw_path.decode().rstrip("/") + call.path + (f"?{call.query}" if call.query else "")
        if _PLAIN.fullmatch(target):
            return target.encode()
        try:
            wanted = target.encode("ascii")
            url = self._base.copy_with(raw_path=wanted)
        except (UnicodeEncodeError, httpx.InvalidURL):
            wanted, url = b"", self._base
        if url.raw_path != wanted:
            msg = f"{call.path} or its query holds characters that cannot be sent as they are"
            raise UsageError(msg)
        return wanted

    def _failure(self, response: Response) -> _Failure | None:
        """What a status means for the connection; None where it is for the connector to read."""
        host, status = self._base.host, response.status
        wait = parse_retry_after(response.headers.get("retry-after"), response.server_time or datetime.now(UTC))
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            asked = f", and asks to try again in {wait:.0f} s" if wait else ""
            limit = RateLimitError(
                f"{host} answered 429: too many requests{asked}",
                retry_after=wait,
                hint="Send fewer requests a minute, or try again later.",
            )
            return _Failure(limit, _Again.ANYBODY, wait)
        if status < HTTPStatus.OK or HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
            moved = UnavailableError(
                f"{host} answered {status}: redirects are not followed, so that credentials go nowhere else",
                hint="Set the base URL to the API's own address.",
            )
            return _Failure(moved, _Again.NOBODY)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
            broken = UnavailableError(f"{host} answered {status} {responses.get(status, '')}".rstrip())
            return _Failure(broken, _Again.READS if status in _PASSING else _Again.NOBODY, wait)
        return None


class _Connections:
    """At most MAX_CONNECTIONS to one origin, the last used first; each is there for one request at a time.

    They are httpx's transports, of which each has one connection: among many, it looks at all of them for every
    request. Nothing above them is needed: no redirect is followed, no cookie kept, nothing read from the environment.
    """

    def __init__(self, base: httpx.URL) -> None:
        # Without TLS nobody has to be trusted, and it takes a while to read who could be.
        is_secure = base.scheme == "https"
        self._tls = httpx.create_ssl_context(trust_env=False) if is_secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._made: list[httpx.HTTPTransport] = []
        self._free: LifoQueue[httpx.HTTPTransport | None] = LifoQueue()
        for _ in range(MAX_CONNECTIONS):
            self._free.put(None)

    @contextmanager
    def one(self, timeout: float) -> Iterator[httpx.HTTPTransport]:
        """A connection that nobody else uses; it connects when it is used. Raises httpx.PoolTimeout."""
        try:
            connection = self._free.get(timeout=timeout)
        except Empty as error:
            msg = "all connections are in use"
            raise httpx.PoolTimeout(msg) from error
        try:
            if connection is None:
                connection = httpx.HTTPTransport(verify=self._tls, trust_env=False, limits=_ONE)
                self._made.append(connection)
            yield connection
        finally:
            self._free.put(connection)

    def close(self) -> None:
        """Give the sockets back."""
        for connection in self._made:
            connection.close()


#: Statuses that may pass by themselves.
_PASSING = frozenset((408, 500, 502, 503, 504))


class _OversizeError(UnavailableError):
    """The reply is larger than MAX_BODY."""


def check_base_url(base_url: str) -> httpx.URL:
    """The parsed address of an ERP. Raises UsageError unless it is https (or http on this machine), and bare.

    Credentials, a query or a fragment in it would be lost or leaked; http anywhere else would show the key to the
    network.
    """
    try:
        url = httpx.URL(base_url.strip())
    except httpx.InvalidURL as error:
        msg = f"the base URL cannot be read: {error}"
        raise UsageError(msg) from error
    hint = "Write it like https://api.example.com."
    if url.scheme not in ("https", "http") or not url.host or (url.port or 0) > _HIGHEST_PORT:
        msg = "the base URL needs https://, a host, and if any a port that exists"
        raise UsageError(msg, hint=hint)
    if url.userinfo or url.query or url.fragment:
        msg = "the base URL may hold neither credentials nor a query nor a fragment"
        raise UsageError(msg, hint=hint)
    if url.scheme == "http" and not is_loopback(url.host):
        msg = f"plain http is for this machine only, and {url.host} is another"
        raise UsageError(msg, hint=hint)
    return url


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by its name alone (nothing is looked up)."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@contextmanager
def translated(host: str, timeout: float) -> Iterator[None]:
    """Turn every exception of httpx into ours, with one line for the user.

    NotExecutedError only where the request cannot have left: no connection, or none free.
    """
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
        msg = f"cannot connect to {host}: {_reason(error)}"
        raise NotExecutedError(msg, hint="Check the base URL and the network.") from error
    except httpx.TimeoutException as error:
        msg = f"{host} did not answer within {timeout:g} seconds"
        raise UnavailableError(msg) from error
    except httpx.LocalProtocolError:  # its text may quote a header, and so a secret
        msg = f"the request to {host} has a header that cannot be sent"
        raise UnavailableError(msg) from None
    except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, httpx.CookieConflict) as error:
        msg = f"the connection to {host} failed: {_reason(error)}"
        raise UnavailableError(msg) from error


def _reason(error: Exception) -> str:
    """The library's words in one line, without addresses."""
    return " ".join(str(error).split())[:200] or type(error).__name__
