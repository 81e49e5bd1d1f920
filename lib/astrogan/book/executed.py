"""Executed notebooks as pages of the book: a title, a caution where one is due, alt text for pictures."""

import re

import nbformat
from nbformat import NotebookNode

from astrogan.base import AstroganError
from astrogan.run import Run

_WIDGET = "application/vnd.jupyter.widget-view+json"
_HEADING = re.compile(r"#{1,5} +(.+)")


def stage_notebooks(run: Run | None, staged: Run, caution: str) -> list[str]:
    """Lay out the notebooks of a run as pages of the staged book; their names in order of execution, then of name.

    `AstroganError` names a notebook that cannot be read. A run without notebooks, or none, gives an empty list.
    """
    every = run.notebook_file("*") if run else None
    pages = []
    for file in sorted(every.parent.glob(every.name)) if every else []:
        try:
            notebook = nbformat.read(file, as_version=4)
        except (ValueError, nbformat.ValidationError, nbformat.reader.NotJSONError) as error:
            raise AstroganError(
                f"{file} is not a notebook ({error}). Delete it and run the stage that writes it."
            ) from error
        started = notebook.metadata.get("papermill", {}).get("start_time") or ""
        pages.append((started, file.stem, as_page(notebook, file.stem, caution)))
    for _, name, page in pages:
        file = staged.notebook_file(name)
        file.parent.mkdir(exist_ok=True)
        nbformat.write(page, file)
    return [name for _, name, _ in sorted(pages, key=lambda page: page[:2])]


def as_page(notebook: NotebookNode, name: str, caution: str) -> NotebookNode:
    """The notebook, changed in place: under a title and `caution`, with alt texts and without widgets."""
    heading = name
    cells = [nbformat.v4.new_markdown_cell(f"# {name}\n\n{caution}")]
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            # the page's title is the file's name, which tells models apart; the notebook's own go one level down
            cell.source, found = _lowered(cell.source)
            heading = found[-1] if found else heading
        elif cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if _WIDGET not in output.get("data", {})]
            image = {"alt": f"Output of cell {number} of the notebook {name}, under the heading {heading}"}
            cell.metadata.setdefault("mystnb", {}).setdefault("image", image)
        cells.append(cell)
    notebook.cells = cells
    notebook.metadata.pop("widgets", None)
    return notebook


def _lowered(source: str) -> tuple[str, list[str]]:
    """The text with each heading one level down, and the headings; what stands in listings is no heading."""
    lines, headings, listing = [], [], False
    for line in source.splitlines():
        listing ^= line.lstrip().startswith("```")
        heading = None if listing else _HEADING.match(line)
        if heading:
            headings.append(heading[1])
        lines.append(f"#{line}" if heading else line)
    return "\n".join(lines), headings
