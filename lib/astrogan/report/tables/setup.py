"""The set-up table (each experiment's settings, the paper's beside ours), unnumbered; and every table written."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from astrogan.evaluation import Results
from astrogan.experiments.catalogue import label, position
from astrogan.report.index import MADE
from astrogan.report.paper.consistency import assert_ours
from astrogan.report.paper.numbers import load
from astrogan.report.tables.cells import group, grouped
from astrogan.report.tables.layout import Line, Part, Table, Value, dash, text
from astrogan.report.tables.numbered import NAMES, numbered
from astrogan.report.tables.skies import skies
from astrogan.training.losses import LOSSES

_UNSEEN = ("Epochs", "Kept epoch", "Hours")
_QUARTER = 4
_EQUAL = 1e-9


def save_tables(run: Path | str) -> dict[str, str]:
    """Write Tables 1 to 7, `skies` and `setup` of a run; table name to "made".

    A row or metric that the run lacks is a dash with its reason. `AstroganError` when what Tables 1, 2 and 4 give as
    ours is not what the predictions give. The provenance table has a stage of its own, because it is about the finished
    run.
    """
    folder = Results.open(run)
    tables = {name: numbered(folder, name) for name in NAMES}
    assert_ours(folder, tables)
    for table in (*tables.values(), skies(folder), setup(folder)):
        table.save(folder)
    return dict.fromkeys([*NAMES, "skies", "setup"], MADE)


def setup(run: Results) -> Table:
    """Images seen, steps, batch, learning rate and end of the curve of every trained row; the paper's beside ours."""
    lines = []
    theirs = load().runs
    for row in grouped(sorted({**theirs, **run.histories}, key=position)):
        lines += [_their_line(row)] if row in theirs else []
        lines += [_our_line(row, run.histories[row])] if row in run.histories else []
    heads = ("Images seen", "Steps", "Kept step", "Batch", "Learning rate", "Curve at its end")
    return Table(
        "setup",
        "",
        (Part(("Experiment", "Source"), (*heads, *_UNSEEN), tuple(lines), unseen=_UNSEEN),),
        (
            "Images seen: those of an epoch times the epochs; a step is a batch of them. The kept step, whose weights "
            "every table uses, ends the epoch with the least validation L1; in super-resolution the one with the highest "
            "validation PSNR, or, in adversarial training, with the least content loss; where a note says so, the last.",
            f"The curve is that of the validation: a line through its last quarter, at least {_QUARTER} epochs. It falls or "
            "rises where that line changes by more than the epochs scatter about it (their standard deviation), by the "
            "share that is given, and is flat elsewhere. A learning rate that falls to zero flattens any curve.",
            f"The paper's hours are of {load().setup.gpu}, {load().setup.hours_photographs} for photographs "
            f"and {load().setup.hours_astronomy} for astronomy in all.",
        ),
    )


def end_of_curve(history: Mapping[str, Any]) -> Value:
    """`flat`, `falls, 1.2 %` or `rises, 1.2 %`: how the validation of a history changes over its last quarter.

    A straight line is fitted to the last quarter of the epochs, at least 4; its change from the first to the last of them
    is compared with the standard deviation of the residuals. A dash where there are fewer than twice as many epochs, or a
    value is not finite.
    """
    name = history["config"].get("criterion", "l1")
    values = np.array([epoch["valid"].get(name, np.nan) for epoch in history["epochs"]], float)
    quarter = max(_QUARTER, -(-len(values) // 4))
    if len(values) < 2 * _QUARTER:
        return dash(f"a curve of fewer than {2 * _QUARTER} epochs is too short to tell")
    if not np.isfinite(values).all():
        return dash(f"the validation has epochs without {name}")
    place = np.arange(quarter)
    line = np.polynomial.Polynomial.fit(place, values[-quarter:], 1)(place)
    noise = np.sqrt(np.sum((values[-quarter:] - line) ** 2) / (quarter - 2))
    change = line[-1] - line[0]
    if abs(change) <= max(noise, _EQUAL * abs(line[0])):
        return text("flat")
    return text(f"{'falls' if change < 0 else 'rises'}, {100 * abs(change / line[0]):.1f} %")


def _our_line(row: str, history: Mapping[str, Any]) -> Line:
    config, epochs = history["config"], len(history["epochs"])
    images, batch = history["images_per_epoch"], config["batch"]
    # histories of the first published run do not count by epoch, because all were alike
    seen = [(each.get("images", images), each.get("steps", images // batch)) for each in history["epochs"]]
    steps = [each for _, each in seen]
    counts = (sum(each for each, _ in seen), sum(steps), sum(steps[: history["best_epoch"]]), batch)
    hours = sum(epoch["seconds"] for epoch in history["epochs"]) / 3600
    values = (*map(_count, counts), text(f"{config['lr']:g}"), end_of_curve(history))
    stopped = [f"stopped after {epochs} of {config['epochs']} epochs"] if epochs < config["epochs"] else []
    notes = (*history.get("notes", ()), *_departures(config), *stopped)
    unseen = (_count(epochs), _count(history["best_epoch"]), Value(hours, digits=3))
    return Line((label(row), "ours"), (*values, *unseen), notes, group(row))


def _their_line(row: str) -> Line:
    theirs = load().runs[row]
    seen = theirs.epochs * theirs.images if theirs.epochs and theirs.images else None
    steps = seen // theirs.batch if seen and theirs.batch else None
    given = (seen, steps, None, theirs.batch, theirs.learning_rate, None, theirs.epochs, None, theirs.hours)
    values = (_count(each) if isinstance(each, int) else _printed(each) for each in given)
    return Line((label(row), "paper"), tuple(values), (f"{theirs.evidence}; {theirs.note}",), group(row))


def _printed(given: Decimal | None) -> Value:
    return dash("nothing public says") if given is None else text(f"{float(given):g}")


def _count(number: int) -> Value:
    return Value(number, digits=0)


def _departures(config: Mapping[str, Any]) -> list[str]:
    """What a row's training has that the published one has not, in words."""
    words = {
        "the rate falls from its value along half a cosine": config.get("cosine"),
        "a moving average of the weights is validated and kept": config.get("ema"),
        "the last epoch's weights are kept": config.get("keep") == "last",
        f"trained at {' px, then '.join(str(size['side']) for size in config.get('sizes', []))} px": config.get(
            "sizes"
        ),
    }
    # Of super-resolution the notes of the training name the content network.
    own = {name: weight for name, weight in config["losses"].items() if LOSSES[name].space == "lab"}
    return [said for said, holds in words.items() if holds] + [
        f"{LOSSES[name].what}, weight {weight:g}" for name, weight in own.items()
    ]
