"""The staged book: the prose of `book/` and one run's results, laid out as the source folder of a Sphinx build.

What a page asks for and the run does not hold is replaced by a placeholder that keeps its number and its label, says
what is missing and names the command that makes it.
"""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
import yaml
from nbformat import NotebookNode

from astrogan.base import AstroganError
from astrogan.book.generated import caution, values_of
from astrogan.book.placeholders import COMMAND, placeholder_figure, placeholder_table, why_missing
from astrogan.book.prose import FIGURE, TABLE, fill, items_named, uses_a_run
from astrogan.run import Run

NO_RUN = f"nothing has been run or published yet; {COMMAND} does it"
_TITLE = re.compile(r"^# .+\n", re.MULTILINE)
_WIDGET = "application/vnd.jupyter.widget-view+json"
_HEADING = re.compile(r"#{1,5} +(.+)")


def stage(results: Path | None, folder: Path, source: Path) -> Path:
    """Lay out the book in `folder` (made anew): `source`'s `_config.yml`, `_toc.yml` and `book/`, and `results`.

    `results` is a run folder or what was published from one; None stages placeholders alone. Returns `folder`.
    `AstroganError` when `source` holds no book, or a page has a hole that nothing can fill.
    """
    missing = [name for name in ("_config.yml", "_toc.yml", "book/index.md") if not (source / name).is_file()]
    if missing:
        raise AstroganError(
            f"{source.resolve()} has no {', '.join(missing)}. Give the repository's root as the source."
        )
    shutil.rmtree(folder, ignore_errors=True)
    prose, run, staged = source / "book", Run(results) if results else None, Run(folder)
    for part in ("figures", "tables"):
        made = staged.index_file(part).parent
        made.mkdir(parents=True)
        if run and (own := run.index_file(part).parent).is_dir():
            shutil.copytree(own, made, dirs_exist_ok=True)
    shutil.copytree(prose / "figures", staged.index_file("figures").parent, dirs_exist_ok=True)
    shutil.copytree(prose / "_static", folder / "_static")
    for file in (source / "_config.yml", prose / "references.bib"):
        shutil.copy(file, folder)

    opening = caution(run)
    notebooks = stage_notebooks(run, staged, opening)
    pages = {path.name: path.read_text(encoding="utf-8") for path in sorted(prose.glob("*.md"))}
    values = values_of(run, staged, notebooks, pages["audit.md"])
    for name, text in pages.items():
        try:
            (folder / name).write_text(_page(text, run, staged, values, opening), encoding="utf-8")
        except AstroganError as error:
            raise AstroganError(f"{prose / name}: {error}") from error
    toc = yaml.safe_load((source / "_toc.yml").read_text(encoding="utf-8"))
    (folder / "_toc.yml").write_text(yaml.safe_dump(_with_notebooks(toc, notebooks), sort_keys=False), encoding="utf-8")
    return folder


def stage_notebooks(run: Run | None, staged: Run, caution: str) -> list[str]:
    """Lay out the notebooks of a run as pages of the staged book; their names in order of execution, then of name.

    `AstroganError` names a notebook that cannot be read. A run without notebooks, or none, gives an empty list.
    """
    pages = []
    for file in sorted(run.notebook_file("*").parent.glob("*.ipynb")) if run else []:
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


def _page(text: str, run: Run | None, staged: Run, values: Mapping[str, Any], opening: str) -> str:
    """One page with its placeholders made, its holes filled, the caution after its title, and its dashes explained."""
    needs_caution = opening and (uses_a_run(text) or items_named(text))

    def figure(match: re.Match[str]) -> str:
        name = match["name"]
        if staged.figure_file(name).is_file():
            return match.group()
        drawn = placeholder_figure(name, why_missing(run, "figures", name))
        staged.figure_file(name).with_suffix(".svg").write_text(drawn, encoding="utf-8")
        return match.group().replace(":alt: ", ":alt: Not in this run. It would show: ", 1)

    text = FIGURE.sub(figure, text)
    for match in TABLE.finditer(text):
        file = staged.table_file(match["name"])
        if not file.is_file():
            file.write_text(placeholder_table(file.stem, why_missing(run, "tables", file.stem)), encoding="utf-8")
    text, reasons = fill(text, values, "" if run else NO_RUN)
    if needs_caution:
        text = _TITLE.sub(lambda title: f"{title.group()}\n{opening}", text, count=1)
    if reasons:
        text += f"\n```{{container}} dashes\nA dash stands where this run has no value: {'; '.join(reasons)}.\n```\n"
    return text


def _with_notebooks(toc: dict[str, Any], notebooks: list[str]) -> dict[str, Any]:
    chapter = next(page for part in toc["parts"] for page in part["chapters"] if page["file"] == "notebooks")
    if notebooks:
        chapter["sections"] = [{"file": f"notebooks/{name}", "title": name} for name in notebooks]
    return toc


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
