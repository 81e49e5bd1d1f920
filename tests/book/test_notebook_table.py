"""A table that a notebook's cell shows: numbered in the book, found by references, as the fragments of today are."""

import re
import shutil
from pathlib import Path

import nbformat
from IPython.core.interactiveshell import InteractiveShell

from astrogan.book.build import _render
from astrogan.report.tables.layout import Line, Part, Table, Value

ROOT = Path(__file__).parents[2]


def test_a_cells_table_is_numbered_and_referred_to(tmp_path):
    line = Line(("L*a*b*",), (Value(9.5, 8.07, 11.07, best=True),), group="G")
    other = Line(("two",), (Value(10.25, digits=3),), ("a note",), group="H")
    table = Table("mine", "A caption of L*a*b*", (Part(("Model",), ("MAE",), (line, other)),))
    data, _ = InteractiveShell().display_formatter.format(table)
    assert {"text/html", "text/markdown"} <= data.keys()
    cells = [
        nbformat.v4.new_markdown_cell("# Title\n\nSee {numref}`mine`."),
        nbformat.v4.new_code_cell(
            "table1(run)",
            metadata={"mystnb": {"markdown_format": "myst"}},
            outputs=[nbformat.v4.new_output("execute_result", data=data, execution_count=1)],
        ),
    ]
    about = {"language_info": {"name": "python", "pygments_lexer": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=about), tmp_path / "index.ipynb")
    shutil.copy(ROOT / "_config.yml", tmp_path)
    shutil.copy(ROOT / "book" / "references.bib", tmp_path)
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: index\n")
    _render(tmp_path, tmp_path / "out", "html")
    page = (tmp_path / "out" / "_build" / "html" / "index.html").read_text()
    assert re.search(r'id="mine".*?caption-number">Table 1 ', page, re.DOTALL)
    assert re.search(r'href="#mine"><span class="std std-numref">Table 1<', page)
    assert '<strong>9.50</strong><span class="pad">\u2007</span> <span class="ci">[8.07,\u00a011.07]</span>' in page
    assert '<span class="group">G</span>' in page
    assert "10.250" in page
    assert "A note." in page
    assert "astrogan-table" not in page  # the HTML is for JupyterLab
