"""What a page may name: the contents of a run, the paper's numbers, and texts that are made of them, all as MyST."""

from collections.abc import Iterable, Mapping
from typing import Any

from astrogan.book.placeholders import COMMAND
from astrogan.book.prose import FILES, Markdown, items_named
from astrogan.book.shown import averages, cutting, older
from astrogan.evaluation import Results
from astrogan.evaluation.intervals import DRAWS, ENOUGH_OBSERVATIONS
from astrogan.experiments.catalogue import IMAGES, label
from astrogan.report.audit.fingerprint import badges
from astrogan.report.figures.colour import SLIDERS
from astrogan.report.figures.showcase import pictured
from astrogan.report.paper import numbers as paper
from astrogan.report.paper import rows
from astrogan.report.tables.layout import Line, Part, Table, text
from astrogan.report.tables.layout import escape as plain
from astrogan.rows import parts_of, row_id
from astrogan.run import Run
from astrogan.tasks import COLOUR

MAX_CREDITS = 2
ELSEWHERE = {
    "astronomy": "NASA, ESA, STScI, and the teams that the data notebook lists",
    "photographs": "see the data notebook for their authors and licences",
}
_APPLIED = {
    "colour": ("The frame in grey", "The frame coloured, with invented colours"),
    "upscale": ("A part of the frame, enlarged four times by bicubic interpolation", "The same part, up-scaled"),
}


def values_of(run: Run | None, staged: Run, notebooks: list[str], audit: str) -> dict[str, Any]:
    """Root to values of the holes in the prose; empty for what a run would give where there is none.

    `staged` is the folder that the book is laid out in, `notebooks` the names of its pages, `audit` the audit page's text.
    """
    facts = paper.load().model_dump()
    tables = {name: table["rows"] for name, table in facts.pop("tables").items()}
    metrics = averages(Results(run.path)) if run else {}
    histories, data = (run.histories, run.data) if run else ({}, {})
    model = label(pictured(metrics))
    blocks = sliders(staged, model)
    return {
        "paper": facts | tables,
        "code": paper.load_code(),
        "metrics": metrics,
        "history": histories,
        "data": data,
        **{name: run.record(name) if run else {} for name in FILES},
        "credit": credit_lines(data),
        "generated": {
            "draws": DRAWS,
            "enough_observations": ENOUGH_OBSERVATIONS,
            "minutes": {
                "paper": _trained_for(rows.FINETUNED, histories),
                "improved": _trained_for(rows.IMPROVED, histories),
            },
            "model": model,
            "hero": hero(blocks, model),
            "sliders": side_by_side(blocks),
            "applied": side_by_side(applied(staged)),
            "counts": counts_table(data),
            "cutting": cutting(data),
            "older": older(data),
            "audit": further_audit(staged, audit),
            "wrap_grades": Markdown(badges()),
            "notebooks": notebook_list(notebooks),
        },
    }


def caution(run: Run | None) -> str:
    """What a page opens with when nothing may be concluded from it; empty for a run that may be read as results."""
    if run is None:
        words = f"These pages are the frame; a run fills them. `{COMMAND}` makes one and renders it, without downloads."
        return _admonition("Nothing has been run or published yet", words)
    provenance = run.record("provenance")
    if not provenance:
        words = "This run has no provenance yet. Nothing may be concluded from its pages."
        return _admonition("An unfinished run", words)
    sample = (provenance.get("data") or {}).get("astronomy") == "sample"
    if provenance.get("decides", False) and not sample:
        return ""
    main = run.metrics.get(rows.FINETUNED) or next(iter(run.metrics.values()), None)
    what = ["one dark field"] if sample else []
    if main:
        what.append(f"{main['n']} test tiles at {main['size']} px")
    if seconds := _seconds(run.histories.values()):
        what.append(f"{duration(seconds)} of training")
    if any("random" in note for row in run.metrics.values() for note in row.get("notes", [])):
        what.append("random weights")
    profile = provenance.get("profile", run.name)
    words = f"This run (profile *{profile}*) shows that the machinery works{': ' * bool(what)}{', '.join(what)}. "
    return _admonition("A test of the machinery", words + "No claim of the paper is judged by it.")


def credit_lines(data: Mapping[str, Any]) -> dict[str, Markdown]:
    """Credit lines: those the data stage names, if they fit into a caption, else where they are listed."""
    lines = {}
    for kind, what in (("astronomy", "Images"), ("photographs", "Photographs")):
        credits = data.get(kind, {}).get("credits") or []
        words = "; ".join(credits) if 0 < len(credits) <= MAX_CREDITS else ELSEWHERE[kind]
        lines[kind] = Markdown(f"{what}: {words.rstrip('.')}.")
    return lines


def duration(seconds: float) -> str:
    """Seconds in words, in the largest unit of which there are two: `90 seconds`, `25 minutes`, `40 hours`."""
    for unit, least in (("hours", 2 * 3600), ("minutes", 2 * 60)):
        if seconds >= least:
            return f"{seconds / (least / 2):.0f} {unit}"
    return f"{seconds:.0f} seconds"


def sliders(staged: Run, model: str) -> list[str]:
    """A before/after block for each slider of which all three pictures are there; `model` made the outputs."""
    alts = {"input": "Input", "output": f"Output of {plain(model)}", "truth": "Truth"}
    every = (
        {f"slider-{k}-{part}": f"{alt}, held-out tile {k}" for part, alt in alts.items()} for k in range(1, SLIDERS + 1)
    )
    return _compared(staged, every, "compare")


def applied(staged: Run) -> list[str]:
    """A before/after block for each task whose command was tried on a frame."""
    every = (
        {f"applied-{task}-{part}": alt for part, alt in zip(("before", "after"), alts, strict=True)}
        for task, alts in _APPLIED.items()
    )
    return _compared(staged, every, "compare compare-applied")


def hero(blocks: list[str], model: str) -> Markdown:
    """The first slider and what it shows, for the start page; nothing where there is none."""
    shown = f"A held-out tile in grey, and as *{plain(model)}* colours it. Drag the handle."
    return Markdown(f"{blocks[0]}\n\n{shown}" if blocks else "")


def side_by_side(blocks: list[str]) -> Markdown:
    """The sliders in a grid, or a sentence that there are none."""
    if not blocks:
        return Markdown(f"*There are no images to compare yet; `{COMMAND}` makes them.*")
    return Markdown("\n\n".join(["````{container} compare-set", *blocks, "````"]))


def counts_table(data: Mapping[str, Any]) -> Markdown:
    """What the data stage counted, a column a source: images, what was set aside, tiles and observations by split."""
    counted = {kind: _flat(data[kind]["counts"]) for kind in IMAGES if kind in data}
    if not counted:
        return Markdown("")
    names = dict.fromkeys(name for counts in counted.values() for name in counts)
    lines = [Line((name,), tuple(text(counts.get(name, 0)) for counts in counted.values())) for name in names]
    return Markdown(Table("counts", "", (Part(("Counted",), tuple(counted), tuple(lines)),)).fragment().rstrip())


def further_audit(staged: Run, audit: str) -> Markdown:
    """Audit tables and figures that the run holds and the audit page does not name."""
    shown = {
        staged.table_file("audit-*"): "```{{include}} {file}\n```",
        staged.figure_file("audit-*"): "![Demonstration {file.stem} of the audit]({file})",
    }
    parts = [
        words.format(file=file.relative_to(staged.path))
        for every, words in shown.items()
        for file in sorted(every.parent.glob(every.name))
        if file.stem not in items_named(audit)
    ]
    return Markdown("\n\n".join(["## Further demonstrations", *parts]) if parts else "")


def notebook_list(notebooks: list[str]) -> Markdown:
    """Links to the executed notebooks, or a sentence that there are none."""
    if not notebooks:
        return Markdown(f"*There is no executed notebook yet; `{COMMAND}` makes them.*")
    return Markdown("\n".join(f"- [{name}](notebooks/{name}.ipynb)" for name in notebooks))


def _admonition(title: str, words: str) -> str:
    return f"```{{admonition}} {title}\n:class: caution\n\n{words}\n```\n\n"


def _compared(staged: Run, every: Iterable[Mapping[str, str]], classes: str) -> list[str]:
    """A slider of each set of figures, by name with their alternative texts, of which all are there."""
    sets = ({staged.figure_file(name): alt for name, alt in alts.items()} for alts in every)
    whole = (files for files in sets if all(file.is_file() for file in files))
    images = ([f"![{alt}]({file.relative_to(staged.path)})" for file, alt in files.items()] for files in whole)
    return ["\n".join([f"```{{container}} {classes}", *lines, "```"]) for lines in images]


def _trained_for(row: str, histories: Mapping[str, Any]) -> str:
    """How long the phases of a row's experiment took in all, in words; a dash where the run has none."""
    phases = [row_id(parts_of(row)[0], phase) for phase in COLOUR.phases]
    own = [histories[phase] for phase in phases if phase in histories]
    return duration(_seconds(own)) if own else "– (not in this run)"


def _seconds(histories: Any) -> float:
    return sum(epoch["seconds"] for history in histories for epoch in history["epochs"])


def _flat(counts: Mapping[str, Any], prefix: str = "") -> dict[str, int]:
    """`{"tiles": {"train": 3}, "pairs": [..]}` as `{"tiles, train": 3, "pairs": 1}`."""
    flat: dict[str, int] = {}
    for name, value in counts.items():
        words = f"{prefix}{name.replace('_', ' ')}"
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{words}, ")
        else:
            flat[words] = len(value) if isinstance(value, list) else value
    return flat
