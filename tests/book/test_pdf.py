"""Printing: a page's scripts run first, formulas must be drawn, and what fails leaves the last PDF in place."""

import re
from pathlib import Path

import pytest

from astrogan.base import AstroganError
from astrogan.book import pdf

BROWSER = pdf.find_browser()
with_chromium = pytest.mark.skipif(BROWSER is None, reason=pdf.NO_BROWSER)


def _browser(folder: Path, script: str) -> str:
    """A stand-in for Chromium; `$out` is the file that it is asked to print."""
    file = folder / "browser"
    find = 'for a in "$@"; do case $a in --print-to-pdf=*) out=${a#--print-to-pdf=};; esac; done'
    file.write_text(f"#!/bin/sh\n{find}\n{script}\n")
    file.chmod(0o755)
    return str(file)


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "index.html"
    path.write_text("<!doctype html><title>t</title><p>text</p>")
    return path


def test_without_chromium_the_error_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AstroganError, match=r"chromium, chromium-browser, google-chrome.*apt-get install chromium"):
        pdf.print_book(None, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_any_of_the_names_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    file = tmp_path / "google-chrome"
    file.write_text("#!/bin/sh\n")
    file.chmod(0o755)
    assert pdf.find_browser() == str(file)


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo broken >&2; exit 3", r"exit 3\):\nbroken"),
        ("exit 0", r"did not print .*index\.html"),
        ('echo "no PDF" > $out', "did not print"),
        ("sleep 20", "within 1 s"),
        (
            'echo %PDF > $out; echo \'<span class="math notranslate">x</span> <div class="math"><mjx-container>\'',
            "2 formulas and 1 were drawn",
        ),
    ],
)
def test_what_fails_leaves_the_last_pdf_in_place(tmp_path, page, script, message):
    out = tmp_path / "book.pdf"
    out.write_text("the last")
    wait_s = 1 if "sleep" in script else 20
    with pytest.raises(AstroganError, match=message):
        pdf.print_page(page, out, _browser(tmp_path, script), wait_s)
    assert out.read_text() == "the last"
    assert not list(tmp_path.glob(".printing-*"))


def test_the_book_is_printed_from_one_page_without_links_to_picture_files(tmp_path, page, monkeypatch, capsys):
    link = '<a class="image-reference" href="_images/a.svg"><img src="_images/a.svg" alt="a"></a><a href="#b">b</a>'
    page.write_text(link)

    def build(results, out, builder, source):
        assert (results, out, builder, source) == (None, tmp_path, "singlehtml", Path())
        return page

    monkeypatch.setattr(pdf, "build", build)
    monkeypatch.setattr(pdf, "find_browser", lambda: _browser(tmp_path, "echo %PDF > $out"))
    assert pdf.print_book(None, tmp_path) == tmp_path / "astrogan.pdf"
    assert (tmp_path / "astrogan.pdf").read_text() == "%PDF\n"
    assert page.read_text() == '<a class="image-reference"><img src="_images/a.svg" alt="a"></a><a href="#b">b</a>'
    assert f"The PDF is {(tmp_path / 'astrogan.pdf').resolve()}" in capsys.readouterr().out


@with_chromium
def test_chromium_waits_for_scripts_and_breaks_pages_as_css_says(tmp_path, page):
    """A formula that a script draws after five (virtual) seconds, and two page breaks."""
    page.write_text(
        '<!doctype html><title>t</title><span class="math">x</span><script>setTimeout(() => { document.querySelector('
        "'.math').innerHTML = '<mjx-container>x</mjx-container>'; }, 5000)</script>"
        '<p style="break-before: page">two<p style="break-before: page">three'
    )
    printed = pdf.print_page(page, tmp_path / "book.pdf", BROWSER).read_bytes()
    assert len(re.findall(rb"/Type /Page\b(?!s)", printed)) == 3


@with_chromium
def test_chromium_leaves_no_formula_as_tex(tmp_path, page):
    page.write_text('<!doctype html><title>t</title><div class="math notranslate">\\[x\\]</div>')
    with pytest.raises(AstroganError, match="1 formulas and 0 were drawn"):
        pdf.print_page(page, tmp_path / "book.pdf", BROWSER)
