"""The audit of the pictures: casts made and unmade, in blue and in super-resolution; Figure 7's formula."""

from collections.abc import Mapping

import numpy as np

from astrogan.color import lab_of
from astrogan.evaluation import METRICS, Results
from astrogan.evaluation.cast import cast_row
from astrogan.evaluation.measures import measure
from astrogan.evaluation.metrics import COLOURS
from astrogan.evaluation.metrics.wrapped import clipped
from astrogan.experiments.catalogue import label, rows_in
from astrogan.report.audit import Item
from astrogan.report.figures.colour import washed_out
from astrogan.report.paper import rows
from astrogan.report.tables.cells import NOT_RUN, scores
from astrogan.report.tables.layout import Line, Part, Value, dash
from astrogan.tasks.predictions import Predictions

DARKENED = 8
"""Grey levels taken off a good model's blue, to make the cast where there was none."""

_CAST = {
    version: (*(f"{prefix}bias_{channel}" for channel in COLOURS), f"{prefix}blue_cast", f"{prefix}mae_rgb")
    for version, prefix in (("clipped", ""), ("cast", "wrapped_"))
}
"""The metrics that show a cast, of an output clipped and cast."""


def cast(run: Results) -> Item:
    """Bias by channel, clipped and cast; then a model without a cast is given one, which clipping unmakes."""
    lines = []
    for row in (rows.RGB, rows.BASIC):
        if row in run.metrics:
            lines += _cast_lines(label(row), run.metrics[row]["values"])
        else:
            lines.append(Line((label(row), "clipped and cast"), (dash(NOT_RUN),) * 6))
    if run.has_pixels(rows.FINETUNED):
        names = [name for names in _CAST.values() for name in names]
        made, _ = measure(darken_blue(run.predictions(rows.FINETUNED)), [*names, "wrapped_share"])
        means = {name: float(values.mean()) for name, values in made.items()}
        lines += _cast_lines(f"{label(rows.FINETUNED)}, blue darkened by {DARKENED}", means)
    heads = ("Bias, red", "Bias, green", "Bias, blue", "Blue cast", "MAE", "Values outside, %")
    return Item(
        "cast",
        "The RGB model is biased to blue, perhaps because gradients vanish",
        "Values a little under zero, cast to 8 bits without clipping, come back near 255; blue is lowest over dark sky, so "
        "the sky turns blue",
        "proven",
        (Part(("Model", "Version"), heads, tuple(lines)),),
        ("Output minus truth, 0-255 scale. Blue cast: the bias of blue over the mean bias of red and green.",),
    )


def darken_blue(predictions: Predictions, levels: int = DARKENED) -> Predictions:
    """The same predictions with `levels` grey levels taken off blue, as a model that errs dark would have them."""
    floor, rounded = predictions.floor.copy(), predictions.rounded.astype(np.int16)
    floor[..., 2] -= levels
    rounded[..., 2] -= levels
    rounded = np.clip(rounded, 0, 255).astype(np.uint8)
    ab = np.concatenate([lab_of(picture[None])[..., 1:] for picture in rounded])
    return Predictions(predictions.truth, floor, rounded, ab, predictions.observation, predictions.tile)


def display(run: Results) -> Item:
    """The Basic U-net's outputs as they are, and through the preview's formula 0.5 x + 0.5."""
    lines = []
    if run.has_pixels(rows.BASIC):
        predictions = run.predictions(rows.BASIC)
        right = [clipped(floor) for floor in predictions.floor]
        for words, pictures in (("correctly", right), ("as 0.5 x + 0.5", [washed_out(each) for each in right])):
            errors = [np.abs(p.astype(float) - t).mean() for p, t in zip(pictures, predictions.truth, strict=True)]
            level = np.mean([picture.mean() for picture in pictures])
            lines.append(Line((f"Shown {words}",), (Value(float(np.mean(errors))), Value(float(level)))))
        lines.append(Line(("Truth",), (Value(0.0), Value(float(predictions.truth.mean())))))
    else:
        lines.append(Line((label(rows.BASIC),), (dash(NOT_RUN),) * 2))
    return Item(
        "display",
        "Figure 7 shows the Basic U-net failing in brightness on samples different from the data set",
        "Both panels are training previews, drawn by a formula for outputs in [-1, 1] though the network was trained to "
        "[0, 1]",
        "proven",
        (Part(("Basic U-net",), ("MAE", "Mean level"), tuple(lines)),),
        ("0-255 scale, held-out tiles.",),
    )


def sr_cast(run: Results) -> Item:
    """EDSR and WDSR clipped, and cast without clipping: the same outputs."""
    lines = [
        Line(
            (label(row), version),
            (
                *scores(run, row, ("wrapped_share", f"{prefix}mae_rgb", f"{prefix}rmse_rgb")),
                *scores(run, of, ("fwd", "fid")),
            ),
        )
        for row in rows_in("table6")
        if row in rows_in("casts")
        for version, prefix, of in (("clipped", "", row), ("cast", "wrapped_", cast_row(row)))
    ]
    share, *distances = (METRICS[name].label for name in ("wrapped_share", "fwd", "fid"))
    return Item(
        "sr-cast",
        "ED-SRGAN and WD-SRGAN have the highest FID",
        "Their public examples hold specks of values that overflowed; what the cast alone does to ours is measured",
        "inferred",
        (Part(("Model", "Version"), (share, "MAE", "RMSE", *distances), tuple(lines)),),
    )


def _cast_lines(name: str, values: Mapping[str, float]) -> list[Line]:
    share = Value(100 * values["wrapped_share"])
    shown = {version: (*(Value(values[metric]) for metric in metrics), share) for version, metrics in _CAST.items()}
    return [Line((name, version), cells) for version, cells in shown.items()]
