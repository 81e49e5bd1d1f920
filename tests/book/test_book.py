"""The rendered book: builds before anything was ever run, keeps the paper's numbers, needs no network."""

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml

from astrogan.base import AstroganError
from astrogan.book.build import build, check

ROOT = Path(__file__).parents[2]


class Page(HTMLParser):
    """Images, what is loaded, links, and captions in order of appearance."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.images: list[dict] = []
        self.loaded: list[str] = []
        self.links: list[str] = []
        self.captions: list[tuple[str, str]] = []
        self._ids: list[str] = []
        self._caption = False
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag in ("figure", "table") and attributes.get("id"):
            self._ids.append(attributes["id"])
        self._caption = attributes.get("class") == "caption-number"
        if tag == "img":
            self.images.append(attributes)
        if tag in ("img", "script", "iframe", "source") and "src" in attributes:
            self.loaded.append(attributes["src"])
        if tag == "link" and attributes.get("rel") not in ("canonical", "index", "search", "next", "prev"):
            self.loaded.append(attributes["href"])
        if tag == "a" and "href" in attributes:
            self.links.append(attributes["href"])

    def handle_data(self, data):
        if self._caption:
            self.captions.append((self._ids[-1], data.strip()))
            self._caption = False


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    """The book of no results at all, placeholders everywhere, built with -n -W."""
    return build(None, tmp_path_factory.mktemp("book"), source=ROOT).parent


@pytest.fixture(scope="module")
def pages(html):
    """Every page; the theme's own templates under _static are none."""
    paths = [path for path in sorted(html.rglob("*.html")) if "_static" not in path.parts]
    return {path.relative_to(html).as_posix(): Page(path) for path in paths}


def _toc_order():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    return [toc["root"]] + [page["file"] for part in toc["parts"] for page in part["chapters"]]


def test_every_page_of_the_toc_is_there(pages):
    assert {f"{name}.html" for name in _toc_order()} <= set(pages)


def test_figures_and_tables_have_the_papers_numbers_in_order(pages):
    shown = [caption for name in _toc_order() for caption in pages[f"{name}.html"].captions]
    figures = [caption for caption in shown if caption[1].startswith("Figure")]
    tables = [caption for caption in shown if caption[1].startswith("Table")]
    assert figures[:10] == [(f"figure{n}", f"Figure {n}") for n in range(1, 11)]
    assert tables[:7] == [(f"table{n}", f"Table {n}") for n in range(1, 8)]


def test_every_image_is_there_and_has_alt_text(html, pages):
    count = 0
    for name, page in pages.items():
        for image in page.images:
            count += 1
            assert len(image.get("alt") or "") > 10, f"{name}: {image}"
            assert (html / name).parent.joinpath(image["src"]).is_file()
    assert count >= 10


def test_nothing_is_loaded_from_elsewhere(html, pages):
    for name, page in pages.items():
        for address in page.loaded:
            assert not re.match(r"(https?:)?//", address), f"{name} loads {address}"
            assert (html / name).parent.joinpath(re.sub(r"[?#].*", "", address)).is_file(), f"{name}: {address}"
        assert "thebe" not in (html / name).read_text().lower()
    assert (html / "_static" / "mathjax" / "tex-svg.js").stat().st_size > 1e6
    styles = "".join(path.read_text() for path in html.rglob("*.css"))
    assert not re.findall(r"(?:url\(|@import )[\"']?(?:https?:)?//", styles)


def test_links_inside_the_book_lead_somewhere(html, pages):
    for name, page in pages.items():
        for address in page.links:
            target, _, anchor = address.partition("#")
            if re.match(r"(https?|mailto):", address) or not target:
                continue
            path = (html / name).parent.joinpath(target)
            assert path.is_file(), f"{name}: {address}"
            assert not anchor or f'id="{anchor}"' in path.read_text(), f"{name}: {address}"


def test_the_start_page_leads_to_reading_rerunning_and_editing(pages):
    assert {"introduction.html", "reproducing.html", "reproducing.html#edit"} <= set(pages["index.html"].links)


def test_without_a_run_every_page_with_results_says_so(html):
    for name in ("index", "introduction", "colourization", "claims"):
        assert "Nothing has been run or published yet" in (html / f"{name}.html").read_text()


def test_a_warning_is_an_error_and_the_old_book_stays(tmp_path):
    for name in ("_config.yml", "_toc.yml"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "book", tmp_path / "book", ignore=shutil.ignore_patterns("results"))
    with (tmp_path / "book" / "claims.md").open("a") as page:
        page.write("\n{numref}`figure99`\n")
    old = tmp_path / "out" / "html" / "index.html"
    old.parent.mkdir(parents=True)
    old.write_text("old")
    with pytest.raises(AstroganError, match="figure99"):
        build(None, tmp_path / "out", source=tmp_path)
    assert old.read_text() == "old"


def test_results_that_do_not_exist_are_an_error(tmp_path):
    with pytest.raises(AstroganError, match="make report PROFILE=quikc"):
        build(tmp_path / "quikc", tmp_path, source=ROOT)


def _captions(skip: str = "", change: tuple[str, str] = ("", "")) -> str:
    items = [("figure", n) for n in range(1, 11)] + [("table", n) for n in range(1, 8)]
    lines = [
        f'<div id="{kind}{n}"><span class="caption-number">{kind.capitalize()} {n} </span></div>'
        for kind, n in items
        if f"{kind}{n}" != skip
    ]
    return "\n".join(lines).replace(*change)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (_captions(skip="table7"), "table7 is missing"),
        (_captions(change=(">Figure 4 ", ">Figure 5 ")), "figure4 is shown as Figure 5"),
        (_captions() + '<script src="https://cdn.example/x.js"></script>', r"loads https://cdn\.example/x\.js"),
        (_captions() + '<link rel="stylesheet" href="//fonts.example/f.css">', r"loads //fonts\.example/f\.css"),
    ],
)
def test_a_wrong_number_or_a_foreign_address_is_an_error(tmp_path, text, message):
    (tmp_path / "index.html").write_text(text)
    with pytest.raises(AstroganError, match=message):
        check(tmp_path)


def test_right_numbers_and_outward_links_pass(tmp_path):
    (tmp_path / "index.html").write_text(_captions() + '<a href="https://arxiv.org">x</a><img src="_images/a.png">')
    check(tmp_path)
