"""The staged book: the prose of `book/` and one run's results, laid out as the source folder of a Sphinx build.

What a page asks for and the run does not hold is replaced by a placeholder that keeps its number and its label, says
what is missing and names the command that makes it.
"""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from astrogan.base import AstroganError
from astrogan.book.executed import stage_notebooks
from astrogan.book.fragments import (
    COMMAND,
    FIGURE,
    TABLE,
    admonition,
    applied,
    counts_table,
    credit_lines,
    duration,
    further_audit,
    hero,
    notebook_list,
    picture,
    placeholder_figure,
    placeholder_table,
    side_by_side,
    sliders,
)
from astrogan.book.prose import FILES, fill, uses_a_run
from astrogan.evaluation.intervals import BOOTSTRAP_DRAWS, ENOUGH_OBSERVATIONS, HALF_SAMPLES
from astrogan.experiments.catalogue import label
from astrogan.files import read_json
from astrogan.report.figures.showcase import pictured
from astrogan.report.index import MADE
from astrogan.report.paper import numbers as paper
from astrogan.run import Run
from astrogan.tasks import COLOUR

NO_RUN = f"nothing has been run or published yet; {COMMAND} does it"
_TITLE = re.compile(r"^# .+\n", re.MULTILINE)


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
    values["generated"]["notebooks"] = notebook_list(notebooks)
    pages = {path.name: path.read_text(encoding="utf-8") for path in sorted(prose.glob("*.md"))}
    values["generated"]["counts"] = counts_table(values["data"])
    model = label(pictured(values["metrics"]))
    values["generated"]["model"] = model
    blocks = sliders(folder, model)
    values["generated"]["hero"] = hero(blocks, model)
    values["generated"]["sliders"] = side_by_side(blocks)
    values["generated"]["applied"] = side_by_side(applied(folder))
    values["generated"]["audit"] = further_audit(folder, pages["audit.md"])
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
    needs_caution = caution and (uses_a_run(text) or FIGURE.search(text) or TABLE.search(text))

    def figure(match: re.Match[str]) -> str:
        if picture(folder, match["name"]):
            return match.group()
        why = _why(folder / "figures", match["name"], results)
        (folder / "figures" / f"{match['name']}.svg").write_text(
            placeholder_figure(match["name"], why), encoding="utf-8"
        )
        return match.group().replace(":alt: ", ":alt: Not in this run. It would show: ", 1)

    text = FIGURE.sub(figure, text)
    for match in TABLE.finditer(text):
        file = folder / "tables" / f"{match['name']}.md"
        if not file.is_file():
            why = _why(folder / "tables", match["name"], results)
            file.write_text(placeholder_table(match["name"], why), encoding="utf-8")
    text, reasons = fill(text, values, "" if results else NO_RUN)
    if needs_caution:
        text = _TITLE.sub(lambda title: f"{title.group()}\n{caution}", text, count=1)
    if reasons:
        text += f"\n```{{container}} dashes\nA dash stands where this run has no value: {'; '.join(reasons)}.\n```\n"
    return text


def _why(part: Path, name: str, results: Path | None) -> str:
    """Why the run has no such item: what the run itself says in its `index.json`, else that it has not."""
    if not results:
        return "Nothing has been run or published yet"
    indices = [part.parent / folder / "index.json" for folder in ("figures", "tables")]
    known = {key: value for index in indices if index.is_file() for key, value in read_json(index).items()}
    # the audit's figures stand in the tables' index, as "figure-<name>"
    reason = known.get(f"figure-{name}" if part.name == "figures" else name, known.get(name, MADE))
    return "This run does not hold it" if reason == MADE else reason[0].upper() + reason[1:].replace("`", "")


def _values(results: Path | None) -> dict[str, Any]:
    facts = paper.load().model_dump()
    values: dict[str, Any] = {
        "paper": {**facts, **{name: table["rows"] for name, table in facts.pop("tables").items()}},
        **{name: {} for name in FILES},
        "generated": {
            "bootstrap_draws": BOOTSTRAP_DRAWS,
            "half_samples": HALF_SAMPLES,
            "enough_observations": ENOUGH_OBSERVATIONS,
        },
    }
    run = Run(results) if results else None
    for root, part in (("metrics", "metrics"), ("history", "histories"), ("stages", "stages"), ("data", "data")):
        values[root] = getattr(run, part) if run else {}
    for name in FILES:
        if results and (results / f"{name}.json").is_file():
            values[name] = read_json(results / f"{name}.json")
    values["credit"] = credit_lines(values["data"])
    values["generated"]["minutes"] = {
        "paper": _trained_for("lab-resnet18", values["history"]),
        "improved": _trained_for("lab-improved", values["history"]),
    }
    return values


def _trained_for(experiment: str, histories: Mapping[str, Any]) -> str:
    """How long the phases of an experiment took in all, in words; a dash where the run has none."""
    phases = [f"{experiment}-{phase}" for phase in COLOUR.phases]
    own = [histories[phase] for phase in phases if phase in histories]
    seconds = sum(epoch["seconds"] for history in own for epoch in history["epochs"])
    return duration(seconds) if own else "– (not in this run)"


def _caution(results: Path | None, values: Mapping[str, Any]) -> str:
    """What a page opens with when nothing may be concluded from it; empty for a run that may be read as results."""
    if not results:
        text = f"These pages are the frame; a run fills them. `{COMMAND}` makes one and renders it, without downloads."
        return admonition("Nothing has been run or published yet", text)
    provenance = values["provenance"]
    if not provenance:
        return admonition(
            "An unfinished run", "This run has no provenance yet. Nothing may be concluded from its pages."
        )
    profile = provenance.get("profile", results.name)
    sample = (provenance.get("data") or {}).get("astronomy") == "sample"
    if not sample and provenance.get("decides", profile not in ("smoke", "quick")):
        return ""
    metrics = values["metrics"]
    main = metrics.get("lab-resnet18-finetune") or next(iter(metrics.values()), None)
    what = ["one dark field"] if sample else []
    if main:
        what.append(f"{main['n']} test tiles at {main['size']} px")
    seconds = sum(epoch["seconds"] for history in values["history"].values() for epoch in history["epochs"])
    if seconds:
        what.append(f"{duration(seconds)} of training")
    if any("random" in note for row in metrics.values() for note in row.get("notes", [])):
        what.append("random weights")
    text = f"This run (profile *{profile}*) shows that the machinery works{': ' * bool(what)}{', '.join(what)}. "
    return admonition("A test of the machinery", text + "No claim of the paper is judged by it.")


def _with_notebooks(toc: dict[str, Any], notebooks: list[str]) -> dict[str, Any]:
    chapter = next(page for part in toc["parts"] for page in part["chapters"] if page["file"] == "notebooks")
    if notebooks:
        chapter["sections"] = [{"file": f"notebooks/{name}", "title": name} for name in notebooks]
    return toc
