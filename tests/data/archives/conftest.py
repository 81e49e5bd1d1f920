"""A real HTTP server on loopback that replays routes, with faults, and keeps what it was asked."""

import io
import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from PIL import Image

from astrogan.data.archives.client import Client, Politeness
from astrogan.data.archives.manifest import Row

Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Archive:
    """`routes`: path to an answer, a list of answers given in turn (the last one for ever), or a function of headers."""

    url: str = ""
    routes: dict = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)

    def count(self, path: str) -> int:
        return sum(asked == path for asked, _ in self.asked)

    def json(self, path: str, value) -> str:
        self.routes[path] = (200, {"Content-Type": "application/json"}, json.dumps(value).encode())
        return self.url + path

    def file(self, path: str, data: bytes, ranges: bool = False) -> str:
        self.routes[path] = ranged_answers(data) if ranges else (200, {}, data)
        return self.url + path


def ranged_answers(data: bytes, etag: str = '"v1"', cut: int | None = None) -> Callable[[dict[str, str]], Answer]:
    """A file of a server that knows Range and If-Range; its first answer ends after `cut` bytes."""
    state = {"cut": cut}

    def answer(headers: dict[str, str]) -> Answer:
        match = re.fullmatch(r"bytes=(\d+)-", headers.get("range", ""))
        start = int(match[1]) if match and headers.get("if-range") == etag else 0
        if match and start >= len(data):
            return 416, {}, b""
        body = data[start:]
        given = {"ETag": etag, "Content-Length": str(len(body))}
        if start:
            given["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        if state["cut"] is not None:
            body, state["cut"] = body[: state["cut"]], None
        return (206 if start else 200), given, body

    return answer


@pytest.fixture
def archive(monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    served = Archive()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            headers = {name.lower(): value for name, value in self.headers.items()}
            served.asked.append((self.path, headers))
            route = served.routes.get(self.path, served.routes.get(urlsplit(self.path).path, (404, {}, b"")))
            if isinstance(route, list):
                route = route.pop(0) if len(route) > 1 else route[0]
            status, given, body = route(headers) if callable(route) else route
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | given).items():
                if value is not None:
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self):
            served.bodies.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.do_GET()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    served.url = f"http://127.0.0.1:{server.server_port}"
    yield served
    server.shutdown()
    thread.join()
    server.server_close()


def quick(**values) -> Politeness:
    return Politeness(**({"rate": 1000.0, "attempts": 3, "backoff": 0.01, "timeout": 2.0} | values))


@pytest.fixture
def client():
    with Client(quick()) as opened:
        yield opened


@pytest.fixture
def polite():
    """Makes a politeness that does not slow a test down, with the given values changed."""
    return quick


@pytest.fixture
def jpeg(picture):
    """Makes the bytes of a JPEG of picture `seed`."""

    def make(seed: int = 0, height: int = 300, width: int = 320, quality: int = 90) -> bytes:
        file = io.BytesIO()
        Image.fromarray(picture(seed, height, width)).save(file, "jpeg", quality=quality)
        return file.getvalue()

    return make


@pytest.fixture
def row():
    """Makes a valid row with the given values changed."""

    def make(id: str = "a", url: str = "https://example.org/a.jpg", **values) -> Row:
        return Row(**({"source": "esahubble", "id": id, "observation": id, "url": url} | values))

    return make


@pytest.fixture
def ranged():
    """Makes the route of a file on a server that knows Range; see `ranged_answers`."""
    return ranged_answers
