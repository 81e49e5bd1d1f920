"""Each fault of a server or a manifest ends in an outcome with its reason, and the rest goes on."""

import hashlib
import socket
import threading
import time

import numpy as np
import pytest

from astrogan.archives.client import Client
from astrogan.archives.download import fetch


@pytest.fixture
def get(client, tmp_path):
    """Fetches rows into tmp_path; id to outcome."""

    def fetched(*rows, **options):
        return {outcome.row.id: outcome for outcome in fetch(rows, tmp_path, client, **options)}

    return fetched


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_files_come_with_what_they_turned_out_to_be(archive, get, row, jpeg, tmp_path):
    data = jpeg(0, 300, 320)
    (outcome,) = get(row("heic1", archive.file("/large/heic1.jpg", data))).values()
    assert (outcome.status, outcome.reason) == ("fetched", "")
    found = outcome.row
    assert (found.file, found.bytes, found.width, found.height) == ("esahubble/heic1.jpg", len(data), 320, 300)
    assert found.sha256 == hashlib.sha256(data).hexdigest()
    assert (tmp_path / found.file).read_bytes() == data
    assert files(tmp_path) == ["esahubble/heic1.jpg"]


def test_every_fault_is_an_outcome_and_the_rest_goes_on(archive, get, row, jpeg, tmp_path):
    good = jpeg(1)
    page = b"<!DOCTYPE html><html><body>We have moved</body></html>"
    archive.routes["/truncated.jpg"] = (200, {"Content-Length": str(len(good))}, good[:500])
    archive.routes["/robots.txt"] = (200, {}, b"User-agent: *\nDisallow: /private/\n")
    archive.routes["/away.jpg"] = (302, {"Location": "http://elsewhere.invalid/x.jpg"}, b"")
    archive.routes["/busy.jpg"] = (429, {"Retry-After": "9999"}, b"")
    archive.routes["/broken.jpg"] = (500, {}, b"")
    archive.routes["/html.jpg"] = (200, {"Content-Type": "text/html"}, page)
    for name in ("good", "late", "hash", "sum", "escape", "absolute", "windows"):
        archive.file(f"/{name}.jpg", good)
    archive.file("/other.jpg", b"\x89PNG\r\n\x1a\n" + good)
    archive.file("/noise.jpg", b"\xff\xd8\xff" + b"no JPEG after all")
    archive.file("/empty.jpg", b"")
    at = lambda name, **values: row(name, f"{archive.url}/{name}.jpg", **values)  # noqa: E731
    outcomes = get(
        *map(at, ["good", "missing", "truncated", "away", "busy", "broken", "html", "other", "noise", "empty"]),
        at("hash", sha256="0" * 64),
        at("sum", checksum="md5:" + "0" * 32),
        at("escape", file="../escape.jpg"),
        at("absolute", file="/tmp/absolute.jpg"),
        at("windows", file="C:\\windows.jpg"),
        row("private", f"{archive.url}/private/a.jpg"),
        row("script", f"{archive.url}/page.php"),
        at("left", decision="chart", detail="a plot"),
        at("late"),
    )
    expected = {
        "missing": "HTTP 404",
        "truncated": "RemoteProtocolError",
        "away": "another host, elsewhere.invalid",
        "busy": "asks to wait 9999 s",
        "broken": "HTTP 500",
        "html": "a web page came in place of the file",
        "hash": "the manifest has 000000000000",
        "sum": "its md5 is",
        "escape": "leaves the folder",
        "absolute": "leaves the folder",
        "windows": "leaves the folder",
        "other": "does not begin like .jpg",
        "noise": "cannot be opened as an image",
        "empty": "the file is empty",
        "private": "robots.txt",
        "script": "names no known kind of file",
    }
    assert {name for name, outcome in outcomes.items() if outcome.status == "failed"} == set(expected)
    for name, reason in expected.items():
        assert reason in outcomes[name].reason, (name, outcomes[name].reason)
    assert outcomes["good"].status == outcomes["late"].status == "fetched"
    assert (outcomes["left"].status, outcomes["left"].reason) == ("left out", "chart: a plot")
    # what came of the truncated file waits to be continued; nothing else is left
    left = (".truncated.jpg.partial", ".truncated.jpg.version", "good.jpg", "late.jpg")
    assert files(tmp_path) == [f"esahubble/{name}" for name in left]
    assert not (tmp_path.parent / "escape.jpg").exists()


def test_a_failure_that_passes_is_no_fault(archive, get, row, jpeg):
    archive.routes["/a.jpg"] = [(500, {}, b""), (429, {"Retry-After": "0"}, b""), (200, {}, jpeg())]
    assert get(row("a", archive.url + "/a.jpg"))["a"].status == "fetched"


def test_a_truncated_body_is_continued(archive, get, row, jpeg, tmp_path, ranged):
    data = jpeg(2)
    archive.routes["/a.jpg"] = ranged(data, cut=1000)
    assert get(row("a", archive.url + "/a.jpg"))["a"].status == "fetched"
    assert (tmp_path / "esahubble/a.jpg").read_bytes() == data
    assert [headers.get("range") for path, headers in archive.asked if path == "/a.jpg"] == [None, "bytes=1000-"]


@pytest.mark.parametrize("newer", [False, True])
def test_an_interrupted_fetch_goes_on_where_it_ended_unless_the_file_is_newer(
    archive, get, row, jpeg, tmp_path, polite, ranged, newer
):
    data, one = jpeg(2), row("a", archive.url + "/a.jpg")
    archive.routes["/a.jpg"] = ranged(data, cut=1000)
    with Client(polite(attempts=1)) as client:
        assert next(fetch([one], tmp_path, client)).status == "failed"
    if newer:
        data = jpeg(3)
        archive.routes["/a.jpg"] = ranged(data, etag='"v2"')
    assert get(one)["a"].status == "fetched"
    assert (tmp_path / "esahubble/a.jpg").read_bytes() == data
    assert archive.asked[-1][1]["range"] == "bytes=1000-"


def test_a_part_longer_than_the_file_begins_again(archive, get, row, jpeg, tmp_path, ranged):
    data = jpeg(2)
    folder = tmp_path / "esahubble"
    folder.mkdir()
    (folder / ".a.jpg.partial").write_bytes(data + b"more")
    (folder / ".a.jpg.version").write_text('"v1"')
    archive.routes["/a.jpg"] = ranged(data)
    assert get(row("a", archive.url + "/a.jpg"))["a"].status == "fetched"
    assert (folder / "a.jpg").read_bytes() == data


def test_a_whole_file_is_kept_and_a_changed_one_reported(archive, get, row, jpeg, tmp_path):
    archive.file("/a.jpg", jpeg(0))
    first = get(row("a", archive.url + "/a.jpg"))["a"].row
    assert get(first)["a"].status == "kept"
    assert archive.count("/a.jpg") == 1
    path = tmp_path / first.file
    path.write_bytes(jpeg(1))
    changed = get(first)["a"]
    assert changed.status == "changed"
    assert "on disk sha256 is" in changed.reason
    assert path.read_bytes() == jpeg(1)
    assert get(first, replace=True)["a"].status == "fetched"
    assert path.read_bytes() == jpeg(0)


def test_a_file_that_changed_at_the_archive_is_reported(archive, get, row, jpeg, tmp_path):
    archive.file("/a.jpg", jpeg(0))
    first = get(row("a", archive.url + "/a.jpg"))["a"].row
    (tmp_path / first.file).unlink()
    archive.file("/a.jpg", jpeg(1))
    outcome = get(first)["a"]
    assert (outcome.status, "its sha256 is" in outcome.reason) == ("failed", True)
    assert files(tmp_path) == []


@pytest.mark.parametrize("announced", [True, False])
def test_a_file_over_the_limit_is_not_written(archive, get, row, jpeg, tmp_path, announced):
    body = jpeg(0)
    given = {} if announced else {"Content-Length": None, "Connection": "close"}  # the body ends with the connection
    archive.routes["/a.jpg"] = (200, given, body)
    outcome = get(row("a", archive.url + "/a.jpg"), max_bytes=5_000)["a"]
    assert outcome.status == "failed"
    assert ("at most 5,000" if announced else "more than 5,000 bytes") in outcome.reason
    assert files(tmp_path) == []


def test_a_link_out_of_the_folder_is_not_followed(archive, get, row, jpeg, tmp_path):
    elsewhere = tmp_path.parent / f"{tmp_path.name}-elsewhere"
    elsewhere.mkdir()
    (tmp_path / "esahubble").symlink_to(elsewhere)
    archive.file("/a.jpg", jpeg())
    assert "leaves the folder by a link" in get(row("a", archive.url + "/a.jpg"))["a"].reason
    assert list(elsewhere.iterdir()) == []


def test_two_rows_never_share_a_file(archive, get, row, jpeg):
    archive.file("/a.jpg", jpeg())
    url = archive.url + "/a.jpg"
    outcomes = list(get(row("a", url), row("b", url, file="esahubble/a.jpg")).values())
    assert [outcome.status for outcome in outcomes] == ["fetched", "failed"]
    assert "has the file 'a.jpg' already" in outcomes[1].reason


def test_ids_that_are_no_file_names(archive, get, row, jpeg):
    archive.file("/a.jpg", jpeg())
    names = ["../../x", "a/b", "a b", "a_b", "é" * 200, ".hidden"]
    outcomes = get(*(row(name, archive.url + "/a.jpg") for name in names))
    places = [outcomes[name].row.file for name in names]
    assert all(outcomes[name].status == "fetched" for name in names)
    assert len({place.lower() for place in places}) == len(names)
    assert all(place.startswith("esahubble/") and place.count("/") == 1 for place in places)


def test_a_dry_run_asks_no_server(archive, get, row, tmp_path):
    assert get(row("a", archive.url + "/a.jpg"), dry_run=True)["a"].status == "would fetch"
    assert archive.asked == []
    assert files(tmp_path) == []


def test_a_full_disk_is_an_outcome(archive, get, row, jpeg, monkeypatch):
    archive.file("/a.jpg", jpeg())

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("astrogan.archives.download.os.fsync", full)
    assert "No space left" in get(row("a", archive.url + "/a.jpg"))["a"].reason


def test_workers_are_bounded_and_rows_taken_as_needed(archive, row, jpeg, tmp_path, client):
    busy, most, taken, lock = [0], [0], [0], threading.Lock()
    body = jpeg()

    def slow(headers):
        with lock:
            busy[0] += 1
            most[0] = max(most[0], busy[0])
        time.sleep(0.02)
        with lock:
            busy[0] -= 1
        return 200, {}, body

    def rows():
        for i in range(40):
            taken[0] += 1
            archive.routes[f"/{i}.jpg"] = slow
            yield row(str(i), f"{archive.url}/{i}.jpg")

    outcomes = fetch(rows(), tmp_path, client, workers=3)
    assert next(outcomes).row.id == "0"
    assert taken[0] <= 12
    assert [outcome.row.id for outcome in outcomes] == [str(i) for i in range(1, 40)]
    assert 2 <= most[0] <= 3


def test_ending_early_stops_the_workers_and_keeps_parts(archive, row, tmp_path, client):
    data = np.random.default_rng(0).bytes(3_000_000)
    archive.routes["/first.jpg"] = (404, {}, b"")

    def drip(headers):
        time.sleep(0.05)
        return 200, {"ETag": '"v1"'}, b"\xff\xd8\xff" + data

    for i in range(30):
        archive.routes[f"/{i}.jpg"] = drip
    rows = [row("first", archive.url + "/first.jpg"), *(row(str(i), f"{archive.url}/{i}.jpg") for i in range(30))]
    outcomes = fetch(rows, tmp_path, client, workers=2)
    next(outcomes)
    start = time.monotonic()
    outcomes.close()
    assert time.monotonic() - start < 2
    assert sum(archive.count(f"/{i}.jpg") for i in range(30)) < 10


def test_a_server_that_is_not_there(get, row):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    outcome = get(row("a", f"http://127.0.0.1:{port}/a.jpg"))["a"]
    assert outcome.status == "failed"
    assert "ConnectError" in outcome.reason
