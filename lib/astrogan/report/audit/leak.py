"""The audit of the leak: one network trained with its test tiles and without, on those tiles and on tiles new to both."""

from typing import Any

from astrogan.base import AstroganError
from astrogan.evaluation import METRICS, Estimate, Results
from astrogan.experiments.catalogue import label
from astrogan.report.audit import Item, without_intervals
from astrogan.report.paper import rows
from astrogan.report.tables.cells import NOT_RUN, score, scores
from astrogan.report.tables.layout import Line, Part, Value, dash, text
from astrogan.rows import own_row, valid_row

LEAST_PASSES = 30
"""How often each training tile must have been seen for a network to know some by heart."""

ARMS = (rows.BASIC_AS_RUN, rows.BASIC_HELD_OUT)
_METRIC = "mae_rgb"
_TILES = {"test tiles, which the first arm was trained on": str, "validation tiles, new to both": valid_row}


def leak(run: Results) -> Item:
    """What each arm was trained on, both arms' errors on leaked and on new tiles, and what may be said of the difference."""
    arms = tuple(Line((label(row),), _trained(run.histories.get(row))) for row in ARMS)
    heads = ("Training tiles", "Of them test tiles", "Share", "Images", "Times each was seen", "L1, last epoch")
    shown = (*ARMS, *map(valid_row, ARMS), rows.BASIC, rows.FINETUNED)
    errors = tuple(
        Line((label(row), "test tiles" if row == own_row(row) else "validation tiles"), _scores(run, row))
        for row in shown
    )
    apart = tuple(Line((words,), _difference(run, *map(of, ARMS))) for words, of in _TILES.items())
    return Item(
        "leak",
        "The Basic U-net maps closest to the truth on an example",
        "It was trained on all images, those of the test among them",
        "verified",
        (
            Part(("Arm",), heads, arms),
            Part(("Model", "On"), ("MAE", "RMSE", "L1, wrapped", "Spread of the Laplacian"), errors, "Errors"),
            Part(("On",), ("MAE, with minus without", "Tiles"), apart, "The first arm against the second, in pairs"),
        ),
        (
            f"What leaking does here: {statement(run)}.",
            "The arms are one network, trained alike but for the test tiles; both keep their last epoch, as the authors did. "
            "L1 on training tiles, 0-255 scale. Basic U-net RGB, where it stands, follows the paper's text.",
        ),
    )


def statement(run: Results) -> str:
    """`undecided` and why, or what the two differences say."""
    if reason := too_little(run):
        return f"undecided, because {reason}"
    try:
        (leaked, enough), (new, enough_new) = (run.difference(*map(of, ARMS), _METRIC) for of in _TILES.values())
    except AstroganError as error:
        return f"undecided, because {error}"
    if not (enough and enough_new):
        return "undecided, because there are too few observations for a verdict"
    if not _below(leaked):
        return "undecided, because on the leaked tiles the interval of the difference does not lie below zero"
    if _below(new):
        return "undecided, because the arm that leaks is better on tiles that neither saw as well"
    return "it helps on the leaked tiles and not on others, so an error on such a test says nothing of new images"


def too_little(run: Results) -> str:
    """Why the two trainings cannot show what leaking does; empty where they can."""
    if missing := [label(row) for row in ARMS if row not in run.histories]:
        return f"this run has no history of {' and '.join(missing)}"
    leaking, clean = (run.histories[row] for row in ARMS)
    if not (leaking.get("tiles") and clean.get("tiles")):
        return "the histories do not say what tiles they drew from, as those of an earlier version"
    if clean["tiles"]["test"] or not leaking["tiles"]["test"]:
        return "the second arm saw test tiles" if clean["tiles"]["test"] else "the first arm saw no test tile"
    if _images(leaking) != _images(clean) or leaking["config"]["batch"] != clean["config"]["batch"]:
        return "the arms saw different numbers of images or took different steps"
    passes = min(_passes(leaking), _passes(clean))
    if passes < LEAST_PASSES:
        return (
            f"this run is too short: each training tile was seen {passes:.1f} times, and it takes {LEAST_PASSES} for a "
            "network to know tiles by heart"
        )
    return ""


def _images(history: dict[str, Any]) -> int:
    return len(history["epochs"]) * history["images_per_epoch"]


def _passes(history: dict[str, Any]) -> float:
    return _images(history) / sum(history["tiles"].values())


def _trained(history: dict[str, Any] | None) -> tuple[Value, ...]:
    if history is None:
        return (dash(NOT_RUN),) * 6
    tiles, last = history.get("tiles"), history["epochs"][-1]["train"]["l1"]
    counted = (dash("the history does not say what tiles it drew from"),) * 3
    seen = counted[0]
    if tiles:
        every = sum(tiles.values())
        counted = (text(every), text(tiles["test"]), text(f"{tiles['test'] / every:.1%}"))
        seen = Value(_passes(history), digits=1)
    return (*counted, text(_images(history)), seen, Value(255 * last))


def _scores(run: Results, row: str) -> tuple[Value, ...]:
    wrapped = without_intervals([score(run, row, "published_l1_rgb")])
    return (*scores(run, row, ("mae_rgb", "rmse_rgb")), *wrapped, score(run, row, "sharpness"))


def _difference(run: Results, first: str, second: str) -> tuple[Value, Value]:
    if not (run.holds(first) and run.holds(second)):
        return (dash("this run does not hold both arms on these tiles"),) * 2
    try:
        found, _ = run.difference(first, second, _METRIC)
    except AstroganError as error:
        return (dash(str(error)),) * 2
    return Value(found.value, found.low, found.high, METRICS[_METRIC].digits), text(
        len(run.paired(first, second)[0].tile)
    )


def _below(found: Estimate) -> bool:
    return found.high is not None and found.high < 0
