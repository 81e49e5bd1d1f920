"""The audit of the casts: the same outputs cast to 8 bits without clipping, as the authors saved them, and clipped."""

from collections.abc import Iterable

from astrogan.evaluation import METRICS, Results, metrics_in
from astrogan.evaluation.cast import cast_row
from astrogan.evaluation.metrics import COLOURS, Metric
from astrogan.experiments.catalogue import experiment_of, label, rows_in
from astrogan.report.audit import Item, without_intervals
from astrogan.report.tables.cells import NOT_RUN, score, scores
from astrogan.report.tables.layout import Line, Part, Value, dash

_BIAS = (*(f"bias_{channel}" for channel in COLOURS), "blue_cast", "mae_rgb")


def casts(run: Results) -> Item:
    """Every row that is cast: the published distances, the errors and the distances between populations, both ways."""
    parts = []
    for task, of, item in (("colour", "Colourization", "table5"), ("upscale", "Super-resolution", "table7")):
        held = tuple(row for row in rows_in("casts") if experiment_of(row).task == task)
        published = ("L1, cast", "L1, clipped", "L2, cast", "L2, clipped")
        errors = ("MAE, cast", "MAE, clipped", "RMSE, cast", "RMSE, clipped", "Share outside 0-255")
        parts += [
            Part(("Model",), published, tuple(Line((label(row),), _published(run, row)) for row in held), of),
            Part(("Model",), errors, tuple(Line((label(row),), _errors(run, row)) for row in held), f"{of}: errors"),
        ]
        between = tuple(metric for metric in metrics_in(item) if not metric.not_of_casts)
        heads = tuple(f"{metric.heading}, {version}" for metric in between for version in ("cast", "clipped"))
        lines = tuple(Line((label(row),), tuple(_distances(run, row, between))) for row in held)
        parts.append(Part(("Model",), heads, lines, f"{of}: distances between populations"))
    return Item(
        "casts",
        "The saved outputs, from which the published distances come, are 8-bit images",
        "They were cast without clipping: what leaves 0 to 255 comes back at the other end. It moves every distance of a "
        "row whose outputs do that, and none of the others",
        "verified for the saved colour outputs; inferred for super-resolution",
        tuple(parts),
        (
            "L1 and L2 by the paper's arithmetic, whose differences wrap either way. Numbers that wrap have no intervals.",
        ),
    )


def blue(run: Results) -> Item:
    """Bias by channel of this run's RGB rows, clipped and cast, and whether the cast turned them blue."""
    lines, said = [], []
    for row in (each for each in rows_in("casts") if experiment_of(each).task == "colour"):
        if row not in run.metrics:
            lines.append(Line((label(row), "clipped and cast"), (dash(NOT_RUN),) * (len(_BIAS) + 1)))
            continue
        for version, prefix in (("clipped", ""), ("cast", "wrapped_")):
            shown = without_intervals(scores(run, row, tuple(f"{prefix}{name}" for name in _BIAS)))
            lines.append(Line((label(row), version), (*shown, _outside(run, row))))
        said.append(_said(run, row))
    heads = ("Bias, red", "Bias, green", "Bias, blue", "Blue cast", "MAE", "Values outside, %")
    return Item(
        "cast",
        "The RGB model is biased to blue, perhaps because gradients vanish",
        "Values a little under zero, cast to 8 bits without clipping, come back near 255; blue is lowest over dark sky, so "
        "the sky turns blue",
        "verified",
        (Part(("Model", "Version"), heads, tuple(lines)),),
        ("Output minus truth, 0-255 scale. Blue cast: the bias of blue over the mean bias of red and green.", *said),
    )


def specks(_run: Results) -> Item:
    """What the casts of EDSR and WDSR have to do with Table 7; the numbers are in the table of all casts."""
    return Item(
        "sr-cast",
        "ED-SRGAN and WD-SRGAN have the highest FID",
        "Their public examples hold specks of values that overflowed; what the cast alone does to ours is measured",
        "inferred",
    )


def _published(run: Results, row: str) -> tuple[Value, ...]:
    """The row's own measures are of the cast: the published arithmetic wraps outputs before it takes differences."""
    names = (f"{prefix}published_{norm}_rgb" for norm in ("l1", "l2") for prefix in ("", "clipped_"))
    return without_intervals(scores(run, row, tuple(names)))


def _errors(run: Results, row: str) -> tuple[Value, ...]:
    cells = []
    for name in ("mae_rgb", "rmse_rgb"):
        cells += [*without_intervals([score(run, row, f"wrapped_{name}")]), score(run, row, name)]
    return (*cells, score(run, row, "wrapped_share"))


def _distances(run: Results, row: str, metrics: Iterable[Metric]) -> Iterable[Value]:
    for metric in metrics:
        yield from without_intervals([score(run, cast_row(row), metric.name)])
        yield score(run, row, metric.name)


def _outside(run: Results, row: str) -> Value:
    share = score(run, row, "wrapped_share")
    return share if share.number is None else Value(100 * share.number)


def _said(run: Results, row: str) -> str:
    """What the cast did to the blue of a row, in words that follow from the numbers."""
    values = run.metrics[row]["values"]
    before, after, outside = (values[name] for name in ("blue_cast", "wrapped_blue_cast", "wrapped_share"))
    if None in (before, after, outside):
        return f"{label(row)}: this run does not say what the cast does to its blue."
    moved = Value(after - before).text()
    if outside < 10.0 ** -METRICS["wrapped_share"].digits:
        return f"{label(row)}: hardly a value leaves 0 to 255, so the cast changes nothing."
    if after <= before:
        return (
            f"{label(row)}: the cast moves blue by {moved} against red and green, so it does not turn this model blue."
        )
    return f"{label(row)}: the cast makes it bluer by {moved}."
