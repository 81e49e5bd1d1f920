"""Polite HTTP: a rate and robots.txt a host, retries with backoff and Retry-After, redirects within the host only."""

import email.utils
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from urllib.parse import urljoin, urlsplit
from urllib.robotparser import RobotFileParser

import httpx
from pydantic import Field
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from astrogan import __version__
from astrogan.base import AstroganError, Config

log = logging.getLogger(__name__)

AGENT = f"astrogan/{__version__} (research; reads robots.txt)"
REDIRECTS = 5
RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})
LISTING_BYTES = 200_000_000
"""The largest answer of a listing service that is read into memory."""


class FetchError(AstroganError):
    """A request that failed for good. The message is a reason that a report line can carry."""

    def __init__(self, message: str, code: int | None = None, after: float | None = None):
        """`code`: of HTTP, or None; `after`: seconds that the server asked to wait, or None."""
        super().__init__(message)
        self.code, self.after = code, after


class TransientError(FetchError):
    """A failure that may pass: it is retried."""


class Politeness(Config):
    """How hard a server may be asked."""

    rate: float = Field(2.0, gt=0, description="requests a second to one host")
    attempts: int = Field(5, ge=1, description="tries of a request that fails in passing")
    backoff: float = Field(1.0, ge=0, description="seconds before the first retry; each further one doubles it")
    longest_wait: float = Field(120.0, ge=0, description="seconds; a server that asks for longer is left alone")
    timeout: float = Field(30.0, gt=0, description="seconds without a byte before a request counts as failed")
    allowed_hosts: frozenset[str] = Field(frozenset(), description="hosts that a redirect may lead to besides its own")
    robots: bool = Field(True, description="heed robots.txt")


class Client(AbstractContextManager["Client"]):
    """Requests to any number of hosts from any number of threads; used in a `with`, which closes it."""

    def __init__(self, politeness: Politeness | None = None):
        self.politeness = politeness or Politeness()
        self._http = httpx.Client(headers={"User-Agent": AGENT}, timeout=self.politeness.timeout)
        self._lock = threading.Lock()
        self._next: dict[str, float] = {}
        self._robots: dict[str, RobotFileParser] = {}
        self.stop = threading.Event()

    def __exit__(self, *_: Any) -> None:
        self._http.close()

    def retrying(self) -> Retrying:
        """Tenacity's retries of one request: `client.retrying()(function, *arguments)`."""
        return Retrying(
            retry=retry_if_exception_type(TransientError),
            stop=stop_after_attempt(self.politeness.attempts),
            wait=self._wait,
            sleep=self._sleep,
            reraise=True,
        )

    @contextmanager
    def stream(self, url: str, headers: dict[str, str] | None = None) -> Iterator[httpx.Response]:
        """One GET whose answer is 200 or 206, redirects followed; `TransientError` or `FetchError` otherwise."""
        own = urlsplit(url).hostname
        for _ in range(REDIRECTS + 1):
            self._permitted(url)
            self._take_turn(url)
            try:
                with self._http.stream("GET", url, headers=headers) as response:
                    if not response.is_redirect:
                        _check_status(response)
                        yield response
                        return
                    url = self._redirected(url, own, response)
            except httpx.TransportError as error:
                raise TransientError(f"{type(error).__name__}: {error}") from error
            except httpx.InvalidURL as error:
                raise FetchError(f"'{url}' is not a URL ({error})") from error
        raise FetchError(f"more than {REDIRECTS} redirects")

    def get(self, url: str, limit: int = LISTING_BYTES) -> bytes:
        """The whole body of a listing, with retries; `FetchError` says why not, with the URL."""
        try:
            return self.retrying()(self._body, url, limit)
        except FetchError as error:
            raise FetchError(f"{url}: {error}") from error

    def _body(self, url: str, limit: int) -> bytes:
        body = bytearray()
        with self.stream(url) as response:
            for block in response.iter_bytes():
                body += block
                if len(body) > limit:
                    raise FetchError(f"more than {limit:,} bytes")
        return bytes(body)

    def _redirected(self, url: str, own: str | None, response: httpx.Response) -> str:
        target = urljoin(url, response.headers.get("location", ""))
        parts = urlsplit(target)
        if parts.scheme not in ("http", "https"):
            raise FetchError(f"redirected to '{target}', which is no web address")
        if urlsplit(url).scheme == "https" and parts.scheme == "http":
            raise FetchError(f"redirected from https to '{target}', which is not encrypted")
        if parts.hostname != own and parts.hostname not in self.politeness.allowed_hosts:
            raise FetchError(f"redirected to another host, {parts.hostname}; allow it if it belongs to the archive")
        return target

    def _permitted(self, url: str) -> None:
        """RFC 9309: no robots.txt, all is permitted; a server that fails, nothing is."""
        if not self.politeness.robots:
            return
        origin = _origin(url)
        with self._lock:
            if origin not in self._robots:
                self._robots[origin] = self._read_robots(origin)
        if not self._robots[origin].can_fetch(AGENT, url):
            raise FetchError("robots.txt of the host does not permit it")

    def _read_robots(self, origin: str) -> RobotFileParser:
        parser = RobotFileParser()
        try:
            response = self._http.get(f"{origin}/robots.txt", follow_redirects=True)
        except httpx.HTTPError as error:
            raise TransientError(f"robots.txt of the host cannot be read ({type(error).__name__})") from error
        if response.status_code >= 500 or response.status_code == 429:
            raise TransientError(f"robots.txt of the host cannot be read (HTTP {response.status_code})")
        parser.parse(response.text.splitlines() if response.is_success else [])
        return parser

    def _take_turn(self, url: str) -> None:
        host = urlsplit(url).netloc
        with self._lock:
            rules = self._robots.get(_origin(url))
            delay = float((rules and rules.crawl_delay(AGENT)) or 0)
            start = max(time.monotonic(), self._next.get(host, 0.0))
            self._next[host] = start + max(1 / self.politeness.rate, delay)
        self._sleep(start - time.monotonic())

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        after = getattr(error, "after", None)
        wait = after if after is not None else self.politeness.backoff * 2 ** (state.attempt_number - 1)
        if wait > self.politeness.longest_wait:
            raise FetchError(f"{error}; the server asks to wait {wait:.0f} s. Run again later") from error
        return wait

    def _sleep(self, seconds: float) -> None:
        if seconds > 0:
            self.stop.wait(seconds)
        if self.stop.is_set():
            raise FetchError("interrupted")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _check_status(response: httpx.Response) -> None:
    code = response.status_code
    if code in (200, 206):
        return
    message = f"HTTP {code} {response.reason_phrase}".strip()
    if code in RETRIED:
        raise TransientError(message, after=_retry_after(response.headers.get("retry-after")))
    raise FetchError(message, code)


def _retry_after(value: str | None) -> float | None:
    """Seconds to wait by a Retry-After header, in seconds or as a date; None where there is none."""
    if not value:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        log.warning("Retry-After '%s' is neither seconds nor a date", value)
        return None
