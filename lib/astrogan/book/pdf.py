"""The book on paper: render it as one page, print that with a headless Chromium, and say where the PDF is.

`book/_static/print.css` holds what differs on paper. The executed notebooks are left out: they would be some 180 pages
beside 50, and are read in the rendered pages.
"""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from astrogan.base import AstroganError
from astrogan.book.build import build

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NO_BROWSER = (
    f"no Chromium: none of {', '.join(BROWSERS)} is on PATH. "
    "Install one (Debian: apt-get install chromium; macOS: brew install --cask chromium)."
)
PDF = "astrogan.pdf"
WAIT_S = 300
# Virtual time stands still while the page works, so this is a bound on its timers, not a wait.
_VIRTUAL_MS = 60_000
_MATHS = re.compile(r'<(?:div|span)\b[^>]*\bclass="(?:[^"]* )?math[ "]')
_PICTURE_LINK = re.compile(r'(<a\b[^>]*?) href="_images/[^"]*"')


def find_browser() -> str | None:
    """Path of an installed Chromium or Chrome, or None."""
    return next((path for path in map(shutil.which, BROWSERS) if path), None)


def print_book(results: Path | None, out: Path, source: Path = Path()) -> Path:
    """Render the book of one run as one page below `out`, print it to `out/astrogan.pdf`, and return that path.

    `results` as in `astrogan.book.build.build`, whose errors are raised too. `AstroganError` also where there is no
    Chromium, or it prints nothing, or the page's formulas are not drawn; the PDF that was there before then stays.
    """
    browser = find_browser()
    if browser is None:
        raise AstroganError(NO_BROWSER)
    page = build(results, out, "singlehtml", source)
    # on paper a link from a picture to its file would only name a folder of the machine that printed
    page.write_text(_PICTURE_LINK.sub(r"\1", page.read_text(encoding="utf-8")), encoding="utf-8")
    pdf = print_page(page, out / PDF, browser)
    print(f"The PDF is {pdf.resolve()}")
    return pdf


def print_page(page: Path, pdf: Path, browser: str, wait_s: float = WAIT_S) -> Path:
    """Print the HTML file `page` to `pdf` with the Chromium at `browser`, after its scripts have run; returns `pdf`.

    `AstroganError` when nothing was printed within `wait_s` seconds, or a formula of the page was left as TeX.
    """
    with tempfile.TemporaryDirectory(dir=pdf.parent, prefix=".printing-") as scratch:
        printed = Path(scratch, "printed.pdf").resolve()
        command = [
            browser,
            "--headless",
            "--no-sandbox",  # our own pages; containers and root have no sandbox to offer
            "--disable-gpu",
            f"--user-data-dir={Path(scratch, 'profile').resolve()}",
            f"--virtual-time-budget={_VIRTUAL_MS}",
            "--no-pdf-header-footer",
            "--generate-pdf-document-outline",
            f"--print-to-pdf={printed}",
            "--dump-dom",
            page.resolve().as_uri(),
        ]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=wait_s)
        except subprocess.TimeoutExpired as error:
            raise AstroganError(f"{browser} did not print {page} within {wait_s:.0f} s. Try it again.") from error
        if done.returncode or not printed.is_file() or not printed.read_bytes().startswith(b"%PDF"):
            raise AstroganError(f"{browser} did not print {page} (exit {done.returncode}):\n{done.stderr[-2000:]}")
        maths, drawn = len(_MATHS.findall(done.stdout)), done.stdout.count("<mjx-container")
        if drawn < maths:
            raise AstroganError(
                f"{page} holds {maths} formulas and {drawn} were drawn: MathJax did not run. Rebuild it."
            )
        os.replace(printed, pdf)
    return pdf
