"""The set-up table (each experiment's settings, the paper's beside ours), unnumbered; and every table written."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from astrogan.evaluation import Results
from astrogan.experiments.catalogue import label, position
from astrogan.report.index import MADE
from astrogan.report.paper.consistency import assert_ours
from astrogan.report.paper.numbers import load
from astrogan.report.tables.layout import Line, Part, Table, Value, dash, text
from astrogan.report.tables.numbered import NAMES, numbered
from astrogan.training.losses import LOSSES


def save_tables(run: Path | str) -> dict[str, str]:
    """Write Tables 1 to 7 and `setup` of a run; table name to "made".

    A row or metric that the run lacks is a dash with its reason. `AstroganError` when what Tables 1, 2 and 4 give as
    ours is not what the predictions give. The provenance table has a stage of its own, because it is about the finished
    run.
    """
    folder = Results.open(run)
    tables = {name: numbered(folder, name) for name in NAMES}
    assert_ours(folder, tables)
    for table in (*tables.values(), setup(folder)):
        table.save(folder)
    return dict.fromkeys([*NAMES, "setup"], MADE)


def setup(run: Results) -> Table:
    """Epochs, batch, images, learning rate and hours of every trained row; the paper's beside ours where public."""
    lines = []
    theirs = load().runs
    for row in sorted(run.histories, key=position):
        history = run.histories[row]
        config, epochs = history["config"], history["epochs"]
        if row in theirs:
            lines.append(_their_line(row))
        cells = (f"{len(epochs)} of {config['epochs']}", history["best_epoch"], config["batch"])
        further = (history["images_per_epoch"], f"{config['lr']:g}")
        hours = Value(sum(epoch["seconds"] for epoch in epochs) / 3600, digits=3)
        notes = (*history.get("notes", ()), *_departures(config))
        lines.append(Line((label(row), "ours"), (*map(text, (*cells, *further)), hours), notes))
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


def _their_line(row: str) -> Line:
    theirs = load().runs[row]
    given = (theirs.epochs, None, theirs.batch, theirs.images, theirs.learning_rate, theirs.hours)
    values = tuple(dash("nothing public says") if value is None else text(value) for value in given)
    return Line((label(row), "paper"), values, (f"{theirs.evidence}; {theirs.note}",))


def _departures(config: Mapping[str, Any]) -> list[str]:
    """What a row's training has that the published one has not, in words."""
    words = {
        "the rate falls from its value along half a cosine": config.get("cosine"),
        "a moving average of the weights is validated and kept": config.get("ema"),
        "the last epoch's weights are kept": config.get("keep") == "last",
    }
    # Of super-resolution the notes of the training name the content network.
    own = {name: weight for name, weight in config["losses"].items() if LOSSES[name].space == "lab"}
    return [said for said, holds in words.items() if holds] + [
        f"{LOSSES[name].what}, weight {weight:g}" for name, weight in own.items()
    ]
