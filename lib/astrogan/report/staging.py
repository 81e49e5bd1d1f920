"""The staged book: the prose of `book/` and one run's results, laid out as the source folder of a Sphinx build.

What a page asks for and the run does not hold is replaced by a placeholder that keeps its number and its label, says
what is missing and names the command that makes it.
"""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import yaml

from astrogan.errors import AstroganError
from astrogan.files import read_json
from astrogan.report import paper
from astrogan.report.executed import stage_notebooks
from astrogan.report.prose import Markdown, fill, uses_a_run

PICTURES = (".svg", ".png", ".jpg")
COMMAND = "make report"
NO_RUN = f"nothing has been run or published yet; {COMMAND} does it"

_FIGURE = re.compile(r"^```\{figure\} figures/(?P<name>[\w-]+)\.\*\n(?P<options>(?::.*\n)*)", re.MULTILINE)
_TABLE = re.compile(r"^```\{include\} tables/(?P<name>[\w-]+)\.md$", re.MULTILINE)
_TITLE = re.compile(r"^# .+\n", re.MULTILINE)
_COLUMNS = {"l1": "L1", "l2": "L2", "l1_rgb": "L1", "l2_rgb": "L2", "l1_ab": "L1", "l2_ab": "L2", "fid": "FID"}
_CHANNELS = {"rgb": "RGB", "ab": "ab"}


def stage(results: Path | None, folder: Path, source: Path) -> Path:
    """Lay out the book in `folder` (made anew): `source`'s `_config.yml`, `_toc.yml` and `book/`, and `results`.

    `results` is a run folder or what was published from one; None stages placeholders alone. Returns `folder`.
    `AstroganError` when `source` holds no book, or a page has a hole that nothing can fill.
    """
    prose = source / "book"
    missing = [name for name in ("_config.yml", "_toc.yml", "book/index.md") if not (source / name).is_file()]
    if missing:
        raise AstroganError(
            f"{source.resolve()} has no {', '.join(missing)}. Give the repository's root as the source."
        )
    shutil.rmtree(folder, ignore_errors=True)
    for part in ("figures", "tables"):
        (folder / part).mkdir(parents=True)
        if results and (results / part).is_dir():
            shutil.copytree(results / part, folder / part, dirs_exist_ok=True)
    for part in ("figures", "_static"):
        shutil.copytree(prose / part, folder / part, dirs_exist_ok=True)
    for file in (source / "_config.yml", prose / "references.bib"):
        shutil.copy(file, folder)

    values = _values(results)
    caution = _caution(results, values)
    notebooks = stage_notebooks(results / "notebooks" if results else None, folder / "notebooks", caution)
    values["generated"]["notebooks"] = _notebook_list(notebooks)
    pages = {path.name: path.read_text(encoding="utf-8") for path in sorted(prose.glob("*.md"))}
    values["generated"]["counts"] = _counts(values["data"])
    sliders = _sliders(folder)
    values["generated"]["hero"] = Markdown(sliders[0] if sliders else "")
    values["generated"]["sliders"] = _side_by_side(sliders)
    values["generated"]["audit"] = _further(folder, pages["audit.md"])
    for name, text in pages.items():
        try:
            (folder / name).write_text(_page(text, folder, results, values, caution), encoding="utf-8")
        except AstroganError as error:
            raise AstroganError(f"{prose / name}: {error}") from error
    toc = yaml.safe_load((source / "_toc.yml").read_text(encoding="utf-8"))
    (folder / "_toc.yml").write_text(yaml.safe_dump(_with_notebooks(toc, notebooks), sort_keys=False), encoding="utf-8")
    return folder


def _page(text: str, folder: Path, results: Path | None, values: Mapping[str, Any], caution: str) -> str:
    """One page with its placeholders made, its holes filled, the caution after its title, and its dashes explained."""
    needs_caution = caution and (uses_a_run(text) or _FIGURE.search(text) or _TABLE.search(text))

    def figure(match: re.Match[str]) -> str:
        if _picture(folder, match["name"]):
            return match.group()
        why = _why(folder / "figures", match["name"], results)
        (folder / "figures" / f"{match['name']}.svg").write_text(_placeholder(match["name"], why), encoding="utf-8")
        return match.group().replace(":alt: ", ":alt: Not in this run. It would show: ", 1)

    text = _FIGURE.sub(figure, text)
    for match in _TABLE.finditer(text):
        file = folder / "tables" / f"{match['name']}.md"
        if not file.is_file():
            why = _why(folder / "tables", match["name"], results)
            file.write_text(_placeholder_table(match["name"], why), encoding="utf-8")
    text, reasons = fill(text, values, "" if results else NO_RUN)
    if needs_caution:
        text = _TITLE.sub(lambda title: f"{title.group()}\n{caution}", text, count=1)
    if reasons:
        text += f"\n```{{container}} dashes\nA dash stands where this run has no value: {'; '.join(reasons)}.\n```\n"
    return text


def _why(part: Path, name: str, results: Path | None) -> str:
    """Why the run has no such item: what the run itself says in `<part>/index.json`, else that it has not."""
    if not results:
        return "Nothing has been run or published yet"
    index = read_json(part / "index.json") if (part / "index.json").is_file() else {}
    reason = index.get(name, "made")
    return "This run does not hold it" if reason == "made" else reason[0].upper() + reason[1:].replace("`", "")


def _values(results: Path | None) -> dict[str, Any]:
    facts = paper.load().model_dump()
    values: dict[str, Any] = {
        "paper": {**facts, **{name: table["rows"] for name, table in facts.pop("tables").items()}},
        "provenance": {},
        "generated": {},
    }
    for root in ("metrics", "history", "stages", "data"):
        files = sorted((results / root).glob("*.json")) if results else []
        values[root] = {file.stem: read_json(file) for file in files}
    if results and (results / "provenance.json").is_file():
        values["provenance"] = read_json(results / "provenance.json")
    values["credit"] = _credits(values["provenance"])
    return values


def _credits(provenance: Mapping[str, Any]) -> dict[str, Markdown]:
    data = provenance.get("data") or {}
    sample = "Image: Hubble Deep Field, R. Williams (STScI), the Hubble Deep Field Team and NASA/ESA."
    photographs = "Photographs: the sample images of scikit-image and scikit-learn."
    return {
        "astronomy": Markdown(sample if data.get("astronomy", "sample") == "sample" else "Images: NASA, ESA, STScI."),
        "photographs": Markdown(
            photographs
            if data.get("photographs", "sample") == "sample"
            else "Photographs: under their owners' terms; none is reproduced here."
        ),
    }


def _caution(results: Path | None, values: Mapping[str, Any]) -> str:
    """What a page opens with when nothing may be concluded from it; empty for a run that may be read as results."""
    if not results:
        text = f"These pages are the frame; a run fills them. `{COMMAND}` makes one and renders it, without downloads."
        return _admonition("Nothing has been run or published yet", text)
    provenance = values["provenance"]
    profile = provenance.get("profile", results.name)
    sample = (provenance.get("data") or {}).get("astronomy") == "sample"
    if not sample and provenance.get("decides", profile not in ("smoke", "quick")):
        return ""
    main = values["metrics"].get("lab-resnet18-finetune") or {}
    what = ["one dark field"] if sample else []
    what.append(f"{main['n']} test tiles at {main['size']} px" if "size" in main else "tens of small tiles")
    what.append("seconds of training")
    if any("random" in note for row in values["metrics"].values() for note in row.get("notes", [])):
        what.append("random weights")
    text = f"This run (profile *{profile}*) shows that the machinery works: {', '.join(what)}. "
    return _admonition("A test of the machinery", text + "No claim of the paper is judged by it.")


def _admonition(title: str, text: str) -> str:
    return f"```{{admonition}} {title}\n:class: caution\n\n{text}\n```\n\n"


def _placeholder(name: str, why: str) -> str:
    """An SVG in mid-tones that reads on a light and on a dark ground."""
    title = re.sub(r"^figure(\d+)$", r"Figure \1", name)
    lines = [f"{title}: not here yet", f"{why}; {COMMAND} makes it."]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="720" height="180" viewBox="0 0 720 180" '
        'font-family="system-ui, sans-serif" text-anchor="middle">'
        '<rect x="2" y="2" width="716" height="176" rx="10" fill="#59636e" stroke="#8b95a1" stroke-dasharray="9 7"/>'
        f'<text x="360" y="84" font-size="22" fill="#fff">{escape(lines[0])}</text>'
        f'<text x="360" y="118" font-size="16" fill="#fff">{escape(lines[1])}</text></svg>\n'
    )


def _placeholder_table(name: str, why: str) -> str:
    """The paper's own numbers with ours as dashes for Tables 1-7; one line for any other table."""
    table = paper.load().tables.get(name)
    if table is None:
        what = "Demonstration" if name.startswith("audit-") else f"Table *{name}*"
        return f"```{{container}} missing\n{what}: {why[0].lower()}{why[1:]}; `{COMMAND}` makes it.\n```\n"
    heads = ["Model", "Colour space"]
    for column in table.columns:
        channels = _CHANNELS.get(column.partition("_")[2], "")
        heads += [f"{_COLUMNS[column]} {channel} (paper)".replace("  ", " ") for channel in channels or [""]]
    title = table.title.replace("*", r"\*")
    lines = [
        f"```{{table}} {title}. {why}; {COMMAND} makes it.",
        f":name: {name}",
        "",
    ]  # a fence's title holds no backtick
    lines += [_line([*heads, "ours"]), _line(["---"] * 2 + ["---:"] * (len(heads) - 1))]
    for row in table.rows.values():
        cells = [getattr(row, column) for column in table.columns]
        printed = [str(value) for cell in cells for value in (cell if isinstance(cell, tuple) else (cell,))]
        lines.append(_line([row.label, row.space.replace("*", r"\*"), *printed, f"{{abbr}}`— ({why.lower()})`"]))
    return "\n".join([*lines, "```", ""])


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _picture(folder: Path, name: str) -> str | None:
    return next(
        (f"figures/{name}{ending}" for ending in PICTURES if (folder / "figures" / f"{name}{ending}").is_file()), None
    )


def _sliders(folder: Path) -> list[str]:
    """A before/after block for each `figures/slider-<k>-{input,output,truth}` of the run, colour first."""
    stems = {path.stem.rpartition("-")[0] for path in (folder / "figures").glob("slider-*-*")}
    blocks = []
    for stem in sorted(stems, key=lambda stem: (stem.count("-"), stem)):
        number = stem.rpartition("-")[2]
        alts = {"input": "Input", "output": "Output of the fine-tuned model", "truth": "Truth"}
        shown = {part: _picture(folder, f"{stem}-{part}") for part in alts}
        if all(shown.values()):
            images = [f"![{alt}, held-out tile {number}]({shown[part]})" for part, alt in alts.items()]
            blocks.append("\n".join(["```{container} compare", *images, "```"]))
    return blocks


def _side_by_side(sliders: list[str]) -> Markdown:
    if not sliders:
        return Markdown(f"*There are no images to compare yet; `{COMMAND}` makes them.*")
    return Markdown("\n\n".join(["````{container} compare-set", *sliders, "````"]))


def _counts(data: Mapping[str, Any]) -> Markdown:
    """What the data stage counted, a column a source: tiles and observations by split, frames set aside by reason."""
    kinds = [kind for kind in ("astronomy", "photographs") if data.get(kind, {}).get("counts")]
    if not kinds:
        return Markdown("")
    names = dict.fromkeys(name for kind in kinds for name in data[kind]["counts"])
    cells = [[name.replace("_", " "), *(data[kind]["counts"].get(name, 0) for kind in kinds)] for name in names]
    lines = [["Counted", *kinds], [":---", *["---:"] * len(kinds)], *cells]
    return Markdown("\n".join(_line([str(cell) for cell in line]) for line in lines))


def _further(folder: Path, audit: str) -> Markdown:
    """Audit tables and figures that the run holds and the audit page does not name."""
    named = {match["name"] for pattern in (_TABLE, _FIGURE) for match in pattern.finditer(audit)}
    parts = [
        f"```{{include}} tables/{file.name}\n```"
        for file in sorted((folder / "tables").glob("audit-*.md"))
        if file.stem not in named
    ]
    parts += [
        f"![Demonstration {file.stem} of the audit](figures/{file.name})"
        for file in sorted((folder / "figures").glob("audit-*"))
        if file.stem not in named
    ]
    return Markdown("\n\n".join(["## Further demonstrations", *parts]) if parts else "")


def _notebook_list(notebooks: list[str]) -> Markdown:
    if not notebooks:
        return Markdown(f"*There is no executed notebook yet; `{COMMAND}` makes them.*")
    return Markdown("\n".join(f"- [{name}](notebooks/{name}.ipynb)" for name in notebooks))


def _with_notebooks(toc: dict[str, Any], notebooks: list[str]) -> dict[str, Any]:
    chapter = next(page for part in toc["parts"] for page in part["chapters"] if page["file"] == "notebooks")
    if notebooks:
        chapter["sections"] = [{"file": f"notebooks/{name}", "title": name} for name in notebooks]
    return toc
