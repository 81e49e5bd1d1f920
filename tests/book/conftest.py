"""The rendered book in a real browser. `make test-book` renders it and sets ASTROGAN_RENDERED_BOOK; else all is skipped.

One headless Chromium, the installed one, serves all tests; nothing is downloaded.
"""

import os
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from astrogan.book.pdf import NO_BROWSER, find_browser

RENDERED = "ASTROGAN_RENDERED_BOOK"
SKIPPED = "checks the rendered book in a browser: run make test-book (it needs Chromium, and renders _build/book/html)"
FAULTS = Path(__file__).with_name("faults.js").read_text(encoding="utf-8")
SETTINGS = [(scheme, width) for scheme in ("light", "dark") for width in (1280, 390)]
_NUMBERED = re.compile(r"(Figure|Table) (\d+)")


def pytest_generate_tests(metafunc):
    """A test of `file` runs for each page."""
    if "file" in metafunc.fixturenames:
        folder = Path(os.environ.get(RENDERED, "not-rendered"))
        files = [p.relative_to(folder) for p in folder.rglob("*.html") if "_static" not in p.relative_to(folder).parts]
        # without a page the fixture `html` skips or ends the run: an empty list would only skip
        metafunc.parametrize("file", sorted(files) or [Path("index.html")], ids=lambda p: p.with_suffix("").as_posix())


@pytest.fixture(scope="session")
def html() -> Path:
    """The folder of rendered pages."""
    if not os.environ.get(RENDERED):
        pytest.skip(SKIPPED)
    folder = Path(os.environ[RENDERED]).resolve()
    if not (folder / "index.html").is_file():
        pytest.exit(f"{folder} holds no index.html; make book renders it", returncode=1)
    return folder


@pytest.fixture(scope="session")
def browser(html):
    from playwright.sync_api import sync_playwright

    executable = find_browser()
    if executable is None:
        pytest.exit(NO_BROWSER, returncode=1)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable)
        yield browser
        browser.close()


@pytest.fixture(scope="session", params=SETTINGS, ids=lambda setting: f"{setting[0]}-{setting[1]}")
def setting(request) -> tuple[str, int]:
    """Colour scheme, and width in CSS pixels."""
    return request.param


@pytest.fixture(scope="session")
def window(browser):
    """One window for all pages, since a new one takes longer than a page."""
    window = browser.new_page()
    yield window
    window.close()


@pytest.fixture
def visit(window, setting) -> Callable:
    """Open a page: `window, faults = visit(path, root)`, where `root` is the folder that no request may leave."""
    scheme, width = setting
    # here and not once a session: a test file may have settings of its own
    window.set_viewport_size({"width": width, "height": 900})
    window.emulate_media(color_scheme=scheme)
    listeners = []

    def listen(event: str, listener: Callable) -> None:
        window.on(event, listener)
        listeners.append((event, listener))

    def visit(path: Path, root: Path):
        faults = []
        inside = f"{root.resolve().as_uri()}/"

        def request(request):
            if not request.url.startswith((inside, "data:", "blob:")):
                faults.append(f"a request leaves the book: {request.url}")

        listen("console", lambda message: message.type == "error" and faults.append(f"console: {message.text}"))
        listen("pageerror", lambda error: faults.append(f"a script fails: {error}"))
        listen("requestfailed", lambda request: faults.append(f"not loaded: {request.url}"))
        listen("request", request)
        window.goto(path.resolve().as_uri(), wait_until="load")
        found = window.evaluate(FAULTS)
        faults += found["faults"]
        faults += [fault for address, text in found["links"] for fault in _faults_of_link(address, text)]
        forget()
        return window, faults

    def forget() -> None:
        while listeners:
            window.remove_listener(*listeners.pop())

    yield visit
    forget()
    window.goto("about:blank")  # nothing of this page is left to disturb the next


def _faults_of_link(address: str, text: str) -> list[str]:
    """A link to a file leads to one, to a part of it that exists, and to the figure or table that it names."""
    parts = urlsplit(address)
    path, anchor = Path(unquote(parts.path)), unquote(parts.fragment)
    if not path.is_file():
        return [f"a link leads nowhere: {text} ({address})"]
    if anchor and anchor not in _ids(path):
        return [f"a link leads to no part of {path.name}: {text} (#{anchor})"]
    numbered = _NUMBERED.fullmatch(text)
    if (
        anchor
        and numbered
        and re.fullmatch(r"(figure|table)\d+", anchor)
        and anchor != "".join(numbered.groups()).lower()
    ):
        return [f"a link names {text} and leads to {anchor}"]
    return []


@cache
def _ids(path: Path) -> set[str]:
    return set(re.findall(r'\bid="([^"]+)"', path.read_text(encoding="utf-8")))


PAPER_WIDTH = 642  # CSS pixels: A4 less the margins of print.css
CUT = """() => [...document.querySelectorAll("article, article :is(div, pre, table, figure, mjx-container[display])")]
  .filter((box) => box.checkVisibility() && box.clientWidth && box.scrollWidth > box.clientWidth + 1)
  .map((box) => `${box.tagName}.${box.className}: ${box.scrollWidth} px in ${box.clientWidth}`)"""


@pytest.fixture
def cut_on_paper(browser) -> Callable:
    """Boxes of a page that hold more than their width on paper: `cut_on_paper(path)` is a list of sentences."""

    window = browser.new_page(viewport={"width": PAPER_WIDTH, "height": 900})
    window.emulate_media(media="print")

    def cut(path: Path) -> list[str]:
        window.goto(path.resolve().as_uri(), wait_until="load")
        window.evaluate("async () => { if (window.MathJax) await MathJax.startup.promise; }")
        return window.evaluate(CUT)

    yield cut
    window.close()


@pytest.fixture
def slider_faults() -> Callable:
    """What is wrong with the sliders of an open page: `slider_faults(page)` is a list of sentences."""
    return _slider_faults


def _slider_faults(page) -> list[str]:
    faults = []
    for number, block in enumerate(page.locator(".compare").all(), start=1):
        if block.locator('img[alt^="Not in this run"]').count():
            continue
        stage, handle, over = (block.locator(f".compare-{part}") for part in ("stage", "range", "over"))
        if not stage.count():
            faults.append(f"slider {number} was not made of its images")
            continue

        def shown(handle=handle, over=over) -> tuple[int, str]:
            return int(handle.input_value()), over.evaluate("image => getComputedStyle(image).clipPath")

        stage.evaluate("stage => stage.scrollIntoView({block: 'center', behavior: 'instant'})")
        box = stage.bounding_box()
        before = shown()
        page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
        page.mouse.down()
        page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.5 * box["height"], steps=4)
        page.mouse.up()
        dragged = shown()
        if abs(dragged[0] - 20) > 1 or dragged[1] == before[1]:
            faults.append(f"slider {number} does not follow the mouse: {before} became {dragged}")
        for key, step in (("ArrowRight", 1), ("ArrowLeft", -1)):
            before = shown()
            handle.focus()
            page.keyboard.press(key)
            after = shown()
            if after[0] != before[0] + step or after[1] == before[1]:
                faults.append(f"slider {number} does not follow {key}: {before} became {after}")
        for button in block.locator(".compare-pairs button").all():
            button.click()
            pressed = block.locator('button[aria-pressed="true"]')
            if pressed.count() != 1 or pressed.inner_text() != button.inner_text():
                faults.append(f"slider {number}: the button {button.inner_text()} is not pressed")
            if block.locator("img:visible").count() != 2:
                faults.append(f"slider {number}: {button.inner_text()} does not show two images")
    return faults


@pytest.fixture
def table_faults() -> Callable:
    """What is wrong with the tables of an open page: `table_faults(page)` is a list of sentences."""
    return _table_faults


_BOX = ".pst-scrollable-table-container"
_LOOK = """box => {
  const first = box.querySelector("tbody tr:last-child > :first-child");
  const edge = () => first.getBoundingClientRect().left - box.getBoundingClientRect().left;
  const before = edge();
  box.scrollLeft = box.scrollWidth;
  const found = {wide: box.scrollWidth > box.clientWidth + 1, moved: box.scrollLeft, shift: edge() - before,
                 room: box.clientWidth - first.offsetWidth, role: box.getAttribute("role"),
                 label: box.getAttribute("aria-label"), tab: box.tabIndex};
  box.scrollLeft = 0;
  return found;
}"""


def _table_faults(page) -> list[str]:
    from playwright.sync_api import TimeoutError as PlaywrightTimeout

    faults = []
    for number, box in enumerate(page.locator(_BOX).all(), start=1):
        if not box.is_visible():
            continue
        found = box.evaluate(_LOOK)
        if not found["wide"]:
            faults += [f"table {number} is no wide one, and a landmark"] if found["role"] else []
            continue
        if found["moved"] < 1:
            faults.append(f"table {number} is wide and does not scroll")
        if abs(found["shift"]) > 1:
            faults.append(f"table {number}: the first column moves by {found['shift']:.0f} px")
        if found["room"] < 100:
            faults.append(f"table {number}: the first column leaves {found['room']:.0f} px to the others")
        if found["role"] != "region" or not found["label"] or found["tab"] != 0:
            faults.append(f"table {number} is no region with a name that Tab reaches")
            continue
        box.focus()
        page.keyboard.press("ArrowRight")
        try:
            page.wait_for_function("box => box.scrollLeft > 0", arg=box.element_handle(), timeout=2000)
        except PlaywrightTimeout:
            faults.append(f"table {number} does not follow ArrowRight")
    return faults
