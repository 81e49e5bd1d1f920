"""Each check can fail: pages that are wrong in one way, and one that is right."""

from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "book" / "_static"
PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
RIGHT = f"""<p id="here">Text, <code>??</code>, <a href="#here">a link</a>, <a href="#figure1">Figure 1</a></p>
<img src="{PIXEL}" alt="A pixel"><span class="math"><mjx-container><svg></svg></mjx-container></span>
<figure id="figure1"></figure><div style="overflow-x: auto"><p style="width: 3000px">wide</p></div>"""


@pytest.fixture(scope="session", params=[("light", 390)], ids=["light-390"])
def setting(request):
    """One is enough for pages that are wrong everywhere."""
    return request.param


def _write(folder: Path, body: str) -> Path:
    path = folder / "index.html"
    path.write_text(f'<!doctype html><html lang="en"><title>t</title><body style="margin: 0">{body}', encoding="utf-8")
    return path


def test_a_right_page_has_no_fault(tmp_path, visit):
    assert visit(_write(tmp_path, RIGHT), tmp_path)[1] == []


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ("<script>console.error('bad')</script>", "console: bad"),
        ("<script>throw new Error('bad')</script>", "a script fails: bad"),
        ("<script src='gone.js'></script>", "not loaded: file:"),
        ("<p style='width: 600px'>wide</p>", "600 px wide on a screen of 390 px: p. (wide)"),
        (f"<img src='{PIXEL}'>", "no alternative text: img."),
        ("<img src='gone.png' alt='gone'>", "an image does not load: img. (gone.png)"),
        ("<div class='math'>\\[x\\]</div>", "a formula is not drawn: div.math"),
        ("<g data-mml-node='merror'>\\bad</g>", "MathJax does not understand g. (\\bad)"),
        ("<p>see Figure ??</p>", "a reference shows as ??"),
        ("<span class='xref std std-numref'>figure99</span>", "a reference leads nowhere: span.xref"),
        ("<a href='gone.html'>there</a>", "a link leads nowhere: there"),
        ("<a href='#gone'>there</a>", "a link leads to no part of index.html: there (#gone)"),
        ("<a href='#figure1'>Figure 2</a>", "a link names Figure 2 and leads to figure1"),
        ("<script src='https://cdn.invalid/x.js'></script>", "a request leaves the book: https://cdn.invalid/x.js"),
        ("<img src='../outside.png' alt='outside'>", "a request leaves the book: file:"),
    ],
)
def test_a_wrong_page_is_found_out(tmp_path, visit, wrong, fault):
    faults = visit(_write(tmp_path, RIGHT + wrong), tmp_path)[1]
    assert any(found.startswith(fault) for found in faults), faults


def test_a_box_that_paper_cuts_is_found_out(tmp_path, cut_on_paper):
    box = "<article><div style='overflow-x: {}'><p style='width: {}px; margin: 0'>text</p></div></article>"
    assert cut_on_paper(_write(tmp_path, box.format("auto", 642))) == []
    assert cut_on_paper(_write(tmp_path, box.format("auto", 660))) == ["DIV.: 660 px in 642"]
    assert "DIV.: 660 px in 642" in cut_on_paper(_write(tmp_path, box.format("visible", 660)))


def _slider(folder: Path, old: str = "", new: str = "") -> Path:
    """A slider of three images by the book's own script, in which `old` is replaced by `new`."""
    script = (STATIC / "compare.js").read_text(encoding="utf-8")
    assert old in script
    style = (STATIC / "astrogan.css").read_text(encoding="utf-8")
    images = "".join(f'<img src="{PIXEL}" alt="image {n}">' for n in range(3))
    page = (
        f'<style>{style}</style><div class="compare"><p>{images}</p></div><script>{script.replace(old, new)}</script>'
    )
    return _write(folder, page)


def test_the_books_slider_has_no_fault(tmp_path, visit, slider_faults):
    page, faults = visit(_slider(tmp_path), tmp_path)
    assert faults == slider_faults(page) == []
    assert page.locator(".compare-stage").count() == 1


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("forEach(build)", "forEach(() => {})", "was not made of its images"),
        ('"pointermove"', '"nothing"', "does not follow the mouse"),
        ('setProperty("--cut"', 'setProperty("--nothing"', "does not follow the mouse"),
        ('"input", cut', '"nothing", cut', "does not follow ArrowRight"),
        ('"click"', '"nothing"', "is not pressed"),
        ("index === right)", "index === 9)", "does not show two images"),
    ],
)
def test_a_broken_slider_is_found_out(tmp_path, visit, slider_faults, old, new, fault):
    page, _ = visit(_slider(tmp_path, old, new), tmp_path)
    faults = slider_faults(page)
    assert any(fault in found for found in faults), faults


def _table(folder: Path, old: str = "", new: str = "") -> Path:
    """A wide table in the theme's box, by the book's own style and script, in which `old` is replaced by `new`."""
    files = ((STATIC / f"tables.{ending}").read_text(encoding="utf-8") for ending in ("css", "js"))
    style, script = (text.replace(old, new) if old else text for text in files)
    label = f"a long label with {'long' * 30} words"
    cells = "".join(f"<td>{number}</td>" for number in range(100))
    head, row = f"<tr>{'<th>head</th>' * 101}</tr>", f"<tr><td>{label}</td>{cells}</tr>"
    table = f'<table class="table" style="border-spacing: 0"><thead>{head}</thead><tbody>{row}</tbody></table>'
    box = f'<div class="pst-scrollable-table-container" style="overflow-x: auto">{table}</div>'
    return _write(folder, f'<style>{style}</style><article class="bd-article">{box}</article><script>{script}</script>')


def test_the_books_table_has_no_fault(tmp_path, visit, table_faults):
    page, faults = visit(_table(tmp_path), tmp_path)
    assert faults == table_faults(page) == []
    assert page.locator("[role=region]").get_attribute("aria-label").startswith("Table: head; head")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("left: 0; z-index", "left: auto; z-index", "the first column moves by"),
        ("min-width: 6.5rem; max-width: 8rem", "min-width: 330px", "to the others"),
        ('setAttribute("role"', 'setAttribute("data-role"', "is no region"),
        ("tabIndex = 0", "tabIndex = -1", "is no region with a name that Tab reaches"),
        ("function start() {", 'function start() { onkeydown = (event) => event.preventDefault();', "does not follow ArrowRight"),
    ],
)  # fmt: skip
def test_a_broken_table_is_found_out(tmp_path, visit, table_faults, old, new, fault):
    page, _ = visit(_table(tmp_path, old, new), tmp_path)
    assert any(fault in found for found in table_faults(page)), table_faults(page)
