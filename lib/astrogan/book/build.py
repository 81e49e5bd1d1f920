"""The book: stage the prose with one run's results, render it with Jupyter Book, check it, and say where it is.

Every warning is an error. The pages need no network: MathJax is copied beside them from an installed package.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from html import unescape
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

from astrogan.base import AstroganError
from astrogan.book.staging import stage

PUBLISHED = Path("book/results")
NUMBERED = {"figure": 10, "table": 7}
"""How many figures and tables the paper has; their numbers are kept."""

MATHJAX_PACKAGE = "sphinx-mathjax-offline"
_MATHJAX = "mathjax/tex-svg.js"

_JUPYTER_BOOK = "from jupyter_book.cli.main import main; main()"
_CAPTION = re.compile(r'id="((?:figure|table)\d+)".*?caption-number">\s*(\w+ \d+)', re.DOTALL)
_LOADED = re.compile(r"<(?:script|img|iframe|source|video|audio|embed)\b[^>]*?\bsrc=[\"']([^\"']+)", re.IGNORECASE)
_LINKED = re.compile(r"<link\b(?![^>]*rel=[\"'](?:canonical|author|license))[^>]*?\bhref=[\"']([^\"']+)", re.IGNORECASE)


def build(results: Path | None, out: Path, builder: str = "html", source: Path = Path()) -> Path:
    """Render the book of one run into `out/<builder>` and return its `index.html`, which is printed too.

    `results` is a run folder or `book/results`; None, or a `book/results` that was never published, gives a book of
    placeholders. `builder` is `html` or `singlehtml`. `AstroganError` when anything is wrong: a folder that does not
    exist, a warning of Sphinx, a paper's figure or table with another number than the paper's, a page that would load
    something from another host. The book that was there before then stays.
    """
    results = _existing(results, source)
    out.mkdir(parents=True, exist_ok=True)
    staged = stage(results, out / "stage", source)
    with tempfile.TemporaryDirectory(dir=out, prefix=".rendering-") as scratch:
        log = _render(staged, Path(scratch), builder)
        (out / "book.log").write_text(log, encoding="utf-8")
        rendered = Path(scratch) / "_build" / builder
        _add_mathjax(rendered)
        check(rendered)
        shutil.rmtree(out / builder, ignore_errors=True)
        os.replace(rendered, out / builder)
    index = out / builder / "index.html"
    print(f"The report is at {index.resolve()}")
    return index


def check(html: Path) -> None:
    """Assert of rendered pages that the paper's items keep their numbers and that nothing is loaded from elsewhere."""
    shown: dict[str, set[str]] = {}
    wrong = []
    for page in sorted(set(html.rglob("*.html")) - set(html.glob("_static/**/*.html"))):  # the theme's templates
        text = page.read_text(encoding="utf-8")
        for name, label in _CAPTION.findall(text):
            shown.setdefault(name, set()).add(label)
        for address in (*_LOADED.findall(text), *_LINKED.findall(text)):
            if re.match(r"(?:[a-z]+:)?//", unescape(address), re.IGNORECASE):
                wrong.append(f"{page.relative_to(html)} loads {address}")
    for kind, number in ((kind, number) for kind, count in NUMBERED.items() for number in range(1, count + 1)):
        labels = shown.get(f"{kind}{number}")
        if labels is None:
            wrong.append(f"{kind}{number} is missing")
        elif labels != {f"{kind.capitalize()} {number}"}:
            wrong.append(f"{kind}{number} is shown as {', '.join(sorted(labels))}")
    if wrong:
        raise AstroganError("the rendered book is wrong: " + "; ".join(wrong))


def _existing(results: Path | None, source: Path) -> Path | None:
    if results is None or results.is_dir():
        return results if results and any(results.iterdir()) else None
    if results.resolve() == (source / PUBLISHED).resolve():
        return None
    raise AstroganError(
        f"{results} does not exist. Make it first (make report PROFILE={results.name}), or name another."
    )


def _render(staged: Path, scratch: Path, builder: str) -> str:
    arguments = ["build", staged, "--path-output", scratch, "--builder", builder, "-n", "-W", "--keep-going"]
    done = subprocess.run(
        [sys.executable, "-c", _JUPYTER_BOOK, *map(str, arguments)],
        text=True,
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONWARNINGS": "", "NO_COLOR": "1"},
    )
    log = re.sub(r"\x1b\[[\d;]*m", "", done.stdout + done.stderr)
    if done.returncode:
        lines = [line for line in log.splitlines() if re.search(r"WARNING|ERROR|Error|CRITICAL", line)]
        raise AstroganError("the book does not build without warnings:\n" + ("\n".join(lines) or log[-3000:]))
    return log


def _add_mathjax(html: Path) -> None:
    try:
        shipped = files(MATHJAX_PACKAGE) or []
    except PackageNotFoundError as error:
        raise AstroganError(f"the package {MATHJAX_PACKAGE} is not installed. Run make setup.") from error
    file = next((Path(str(item.locate())) for item in shipped if item.as_posix().endswith(_MATHJAX)), None)
    if file is None or not file.is_file():
        raise AstroganError(f"{MATHJAX_PACKAGE} holds no {_MATHJAX}. Install the locked version (make setup).")
    (html / "_static" / _MATHJAX).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(file, html / "_static" / _MATHJAX)
