"""The set-up table (each experiment's settings, the paper's beside ours) and the provenance tables, unnumbered."""

import json
from collections.abc import Mapping
from typing import Any

from astrogan.evaluation.results import Results
from astrogan.experiments.catalogue import label, position
from astrogan.report.paper.numbers import load
from astrogan.report.tables.layout import Line, Part, Table, Value, dash, signed, text
from astrogan.training.losses import LOSSES

_UNKNOWN = "nothing public says"


def setup(run: Results) -> Table:
    """Epochs, batch, images, learning rate and hours of every trained row; the paper's beside ours where public."""
    lines = []
    theirs = load().runs
    order = sorted(run.histories, key=position)
    for row in order:
        history = run.histories[row]
        if row in theirs:
            lines.append(_their_line(row))
        config = history["config"]
        seconds = sum(epoch["seconds"] for epoch in history["epochs"])
        best = text(history["best_epoch"])
        lines.append(
            Line(
                (label(row), "ours"),
                (
                    text(f"{len(history['epochs'])} of {config['epochs']}"),
                    best,
                    text(config["batch"]),
                    text(history["images_per_epoch"]),
                    text(f"{config['lr']:g}"),
                    Value(seconds / 3600, digits=3),
                ),
                (*history.get("notes", ()), *_departures(config)),
            )
        )
    lines += [_their_line(row) for row in theirs if row not in run.histories]
    heads = ("Epochs", "Kept epoch", "Batch", "Images an epoch", "Learning rate", "Hours")
    return Table(
        "setup",
        "",
        (Part(("Experiment", "Source"), heads, tuple(lines)),),
        (
            "The kept epoch, whose weights every table uses, is the one with the least validation L1; in super-resolution "
            "the one with the highest validation PSNR, or, in adversarial training, with the least content loss; where a "
            "note says so, the last. "
            f"The paper's hours are of {load().setup.gpu}, {load().setup.hours_photographs} for photographs "
            f"and {load().setup.hours_astronomy} for astronomy in all.",
        ),
    )


def provenance(run: Results) -> list[Table]:
    """What made this run: the facts of `provenance.json`, then seconds and peak memory of each stage."""
    found = dict(run.record("provenance"))
    commits = found.pop("stages_by_commit", {})  # long names, which are values and not what is named
    found["stages by commit"] = [f"{count} at {commit}" for commit, count in commits.items()] or None
    facts = [Line((key,), (text(_shown(value)),)) for key, value in _items(found) if value is not None]
    stages = [
        Line(
            (stage,),
            tuple(
                Value(float(found[key]), digits=digits)
                if found.get(key) is not None
                else dash(f"{key} was not recorded")
                for key, digits in (("start_s", 1), ("work_s", 1), ("peak_mb", 0))
            ),
        )
        for stage, found in run.stages.items()
    ]
    total = sum(found.get("work_s") or 0 for found in run.stages.values())
    parts = (
        Part(("What",), ("Value",), tuple(facts), words=True),
        Part(("Stage",), ("Start, s", "Work, s", "Peak memory, MB"), tuple(stages), "Stages"),
    )
    return [Table("provenance", "", parts, (f"Work of all stages: {signed(total, 0)} s.",))]


def _their_line(row: str) -> Line:
    theirs = load().runs[row]
    values = (
        _known(theirs.epochs),
        dash(_UNKNOWN),
        _known(theirs.batch),
        _known(theirs.images),
        _known(theirs.learning_rate),
        _known(theirs.hours),
    )
    return Line((label(row), "paper"), values, (f"{theirs.evidence}; {theirs.note}",))


def _departures(config: Mapping[str, Any]) -> list[str]:
    """What a row's training has that the published one has not, in words."""
    words = []
    if config.get("cosine"):
        words.append("the rate falls from its value along half a cosine")
    if config.get("ema"):
        words.append("a moving average of the weights is validated and kept")
    if config.get("keep") == "last":
        words.append("the last epoch's weights are kept")
    # Of super-resolution the notes of the training name the content network.
    own = {name: weight for name, weight in config["losses"].items() if LOSSES[name].space == "lab"}
    return words + [f"{LOSSES[name].what}, weight {weight:g}" for name, weight in own.items()]


def _known(value: object) -> Value:
    return dash(_UNKNOWN) if value is None else text(value)


def _items(value: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    found = []
    for key, item in value.items():
        name = f"{prefix}{key}".replace("_", " ")
        found += _items(item, f"{name}: ") if isinstance(item, Mapping) else [(name, item)]
    return found


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
