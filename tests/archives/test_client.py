import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from astrogan.archives.client import AGENT, Client, FetchError


def test_the_body_of_a_listing(archive, client):
    archive.file("/list", b"[1]")
    assert client.get(archive.url + "/list") == b"[1]"
    assert dict(archive.asked)["/list"]["user-agent"] == AGENT


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_passing_failure_is_tried_again(archive, client, status):
    archive.routes["/list"] = [(status, {}, b""), (200, {}, b"good")]
    assert client.get(archive.url + "/list") == b"good"
    assert archive.count("/list") == 2


@pytest.mark.parametrize("status", [404, 403, 410])
def test_a_lasting_failure_is_not(archive, client, status):
    archive.routes["/list"] = (status, {}, b"")
    with pytest.raises(FetchError, match=f"/list: HTTP {status}"):
        client.get(archive.url + "/list")
    assert archive.count("/list") == 1


def test_attempts_end(archive, client):
    archive.routes["/list"] = (500, {}, b"")
    with pytest.raises(FetchError, match="HTTP 500"):
        client.get(archive.url + "/list")
    assert archive.count("/list") == 3


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_heeded(archive, client, form):
    # HTTP dates have whole seconds, so two of them leave at least one to wait
    value = "1" if form == "seconds" else format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    archive.routes["/list"] = [(429, {"Retry-After": value}, b""), (200, {}, b"good")]
    start = time.monotonic()
    assert client.get(archive.url + "/list") == b"good"
    assert 0.9 < time.monotonic() - start < 3


def test_a_server_that_asks_for_hours_is_left_alone(archive, client):
    archive.routes["/list"] = (429, {"Retry-After": "7200"}, b"")
    with pytest.raises(FetchError, match="asks to wait 7200 s"):
        client.get(archive.url + "/list")
    assert archive.count("/list") == 1


def test_a_server_that_says_nothing_times_out(archive, polite):
    archive.routes["/list"] = lambda headers: time.sleep(0.5) or (200, {}, b"late")
    with Client(polite(timeout=0.1, attempts=2)) as client, pytest.raises(FetchError, match="ReadTimeout"):
        client.get(archive.url + "/list")


def test_a_redirect_within_the_host_is_followed_and_one_to_another_refused(archive, client, polite):
    archive.file("/new", b"here")
    archive.routes["/old"] = (301, {"Location": "/new"}, b"")
    archive.routes["/away"] = (302, {"Location": archive.url.replace("127.0.0.1", "localhost") + "/new"}, b"")
    archive.routes["/file"] = (302, {"Location": "file:///etc/passwd"}, b"")
    archive.routes["/round"] = (302, {"Location": "/round"}, b"")
    assert client.get(archive.url + "/old") == b"here"
    for path, expected in {"away": "another host, localhost", "file": "no web address", "round": "more than 5"}.items():
        with pytest.raises(FetchError, match=expected):
            client.get(f"{archive.url}/{path}")
    assert archive.count("/new") == 1


def test_a_redirect_to_an_allowed_host(archive, polite):
    archive.file("/new", b"here")
    archive.routes["/away"] = (302, {"Location": archive.url.replace("127.0.0.1", "localhost") + "/new"}, b"")
    with Client(polite(allowed_hosts=frozenset({"localhost"}))) as client:
        assert client.get(archive.url + "/away") == b"here"


def test_robots_txt_is_heeded(archive, client, polite):
    archive.file("/robots.txt", b"User-agent: *\nDisallow: /private/\n")
    archive.file("/private/a", b"a")
    archive.file("/b", b"b")
    with pytest.raises(FetchError, match=r"robots\.txt"):
        client.get(archive.url + "/private/a")
    assert client.get(archive.url + "/b") == b"b"
    assert archive.count("/private/a") == 0
    assert archive.count("/robots.txt") == 1
    with Client(polite(robots=False)) as other:
        assert other.get(archive.url + "/private/a") == b"a"


def test_a_server_whose_robots_txt_fails_is_not_asked(archive, client):
    archive.routes["/robots.txt"] = (503, {}, b"")
    archive.file("/b", b"b")
    with pytest.raises(FetchError, match=r"robots.txt of the host cannot be read \(HTTP 503\)"):
        client.get(archive.url + "/b")
    assert archive.count("/b") == 0


@pytest.mark.parametrize("slowed_by", ["rate", "robots"])
def test_the_rate_is_kept(archive, polite, slowed_by):
    archive.file("/a", b"a")
    if slowed_by == "robots":
        archive.file("/robots.txt", b"User-agent: *\nCrawl-delay: 1\n")
    with Client(polite(rate=1.0 if slowed_by == "rate" else 1000.0)) as client:
        start = time.monotonic()
        client.get(archive.url + "/a")
        client.get(archive.url + "/a")
        assert 0.9 < time.monotonic() - start < 2


def test_a_listing_without_end_is_cut_off(archive, client):
    archive.file("/list", b"x" * 10_000)
    with pytest.raises(FetchError, match="more than 5,000 bytes"):
        client.get(archive.url + "/list", limit=5_000)
