"""Tables 1 to 5, colorization: the paper's numbers, ours by the paper's arithmetic, and ours corrected."""

from astrogan.evaluation.results import Results
from astrogan.experiments.catalogue import label, rows_in
from astrogan.report.casts import cast_row, score_cast
from astrogan.report.paper import rows
from astrogan.report.tables.cells import (
    NOT_IN_PAPER,
    conditions,
    count,
    measured,
    printed,
    row_notes,
    score,
    seeds,
    spread,
)
from astrogan.report.tables.layout import Line, Part, Table, Value, dash

RGB_ROWS = (rows.RGB, rows.RGB_EQUAL, rows.BASIC)
CAST, CLIPPED = ", cast unclipped", ", clipped"
_CHANNELS = ("Red", "Green", "Blue")
TABLE2_ROWS = (rows.FINETUNED, rows.IMPROVED, rows.GREY)
LAB_ROWS = (rows.PRETRAINED, rows.ADVERSARIAL, rows.FINETUNED, rows.IMPROVED, rows.GREY)
HONEST = "Corrected: clipped and rounded outputs, 0-255 scale"
ARITHMETIC = (
    "The paper's arithmetic: L1 is the mean of (truth - output) modulo 256, L2 the mean of the root of its square "
    "modulo 256; see the audit."
)


def table1(run: Results) -> Table:
    """Overall distances: the published pair, then MAE, RMSE, PSNR and SSIM; RGB models both cast and clipped."""
    first, second, third = [], [], []
    for row in rows_in("table1"):
        notes = row_notes(run, row)
        paper = tuple(printed("table1", row, column) for column in ("l1", "l2"))
        wraps = row in RGB_ROWS
        first.append(Line((label(row) + CAST * wraps,), (*paper, *overall(run, row, "published_")), notes))
        size = count(run, row), seeds(run, row)
        if wraps:
            absent = dash("the paper's number stands beside the unclipped cast")
            clipped = overall(run, row, "clipped_published_")
            first.append(Line((label(row) + CLIPPED,), (absent, absent, *clipped), notes))
            cast = (
                measured(run, row, "wrapped_mae_rgb"),
                measured(run, row, "wrapped_rgb_squared", root=True),
            )
            second.append(Line((label(row) + CAST,), (*cast, *size), notes))
        honest = (measured(run, row, "mae_rgb"), measured(run, row, "rgb_squared", root=True))
        second.append(Line((label(row) + CLIPPED * wraps,), (*honest, *size), notes))
        third.append(Line((label(row),), (score(run, row, "psnr"), score(run, row, "ssim", digits=3)), notes))
    over_seeds = spread(
        run,
        rows.FINETUNED,
        {"MAE": ("corrected.mae_rgb", 2), "PSNR": ("psnr", 2), "published L1": ("published.l1_rgb", 2)},
    )
    return Table(
        "table1",
        "Colourization: average distance between outputs and truth over all channels of RGB, the paper's and ours by "
        "the paper's arithmetic; below it, corrected",
        (
            Part(("Model",), ("L1, paper", "L2, paper", "L1, ours", "L2, ours"), tuple(first)),
            Part(("Model",), ("MAE", "RMSE", "N", "Seeds"), tuple(second), HONEST),
            Part(("Model",), ("PSNR, dB", "SSIM"), tuple(third), "Corrected: ratios and similarity"),
        ),
        tuple(remark for remark in (conditions(run, rows_in("table1")), ARITHMETIC, over_seeds) if remark),
    )


def table2(run: Results) -> Table:
    """The fine-tuned L*a*b* model by channel of RGB, with grey beside it."""
    return _by_channel(
        run,
        "table2",
        "The fine-tuned L*a*b* model by channel of RGB, the paper's and ours by the paper's arithmetic; "
        "below it, corrected",
        TABLE2_ROWS,
    )


def table3(run: Results) -> Table:
    """L*a*b* models by channel of ab: the signed mean and mean absolute error that the paper calls L1 and L2."""
    first, second = [], []
    for row in LAB_ROWS:
        notes = row_notes(run, row)
        for source in ("paper", "ours"):
            values = tuple(
                printed("table3", row, f"{norm}_ab", channel)
                if source == "paper"
                else score(run, row, f"published.{norm}_ab", channel, digits=4)
                for norm in ("l1", "l2")
                for channel in range(2)
            )
            if source == "ours" or values[0].reason != NOT_IN_PAPER:
                first.append(Line((label(row), source), values, notes if source == "ours" else ()))
        for words, key in (("Bias", "bias_ab"), ("MAE", "mae_ab"), ("RMSE", "rmse_ab")):
            values = tuple(score(run, row, f"corrected.{key}", channel) for channel in range(2))
            second.append(Line((label(row), words), (*values, count(run, row), seeds(run, row)), notes))
    return Table(
        "table3",
        "The L*a*b* models by channel of L*a*b*, in units of 110: the paper's L1 is the signed mean of truth minus "
        "output, its L2 the mean absolute error; below it, corrected",
        (
            Part(("Model", "Source"), ("L1, a", "L1, b", "L2, a", "L2, b"), tuple(first)),
            Part(
                ("Model", "Metric"), ("a", "b", "N", "Seeds"), tuple(second), "Corrected: CIE units, output minus truth"
            ),
        ),
        (conditions(run, LAB_ROWS),),
    )


def table4(run: Results) -> Table:
    """L*a*b* models by channel of RGB; its channel means are Table 1, and its fine-tuned row is Table 2."""
    return _by_channel(
        run,
        "table4",
        "The L*a*b* models by channel of RGB, the paper's and ours by the paper's arithmetic; below it, corrected",
        LAB_ROWS,
    )


def table5(run: Results) -> Table:
    """Distances between the distribution of outputs and that of originals."""
    return distributions(
        run,
        "table5",
        "Colourization: Fréchet Inception distance between outputs and originals",
        rows_in("table1"),
        RGB_ROWS,
    )


def distributions(run: Results, name: str, caption: str, of: tuple[str, ...], cast: tuple[str, ...]) -> Table:
    """FID (the paper's and ours) and KID; below, the wavelet distance and LPIPS, which need no Inception weights.

    The rows of `cast` stand twice: clipped, and with the unclipped cast, which is scored here.
    """
    first, second = [], []
    for row in of:
        versions = [(row, label(row), printed(name, row, "fid"))]
        if row in cast:
            score_cast(run, row)
            # the paper's files were cast without clipping, so its number stands beside the cast
            absent = dash("the paper's number stands beside the unclipped cast")
            versions = [
                (cast_row(row), label(row) + CAST, printed(name, row, "fid")),
                (row, label(row) + CLIPPED, absent),
            ]
        for shown, named, paper in versions:
            notes = row_notes(run, shown)
            values = (paper, score(run, shown, "fid"), score(run, shown, "kid", scale=1000))
            first.append(Line((named,), values, notes))
            others = (score(run, shown, "fwd", digits=3), score(run, shown, "lpips", digits=3))
            second.append(Line((named,), (*others, count(run, shown), seeds(run, shown)), notes))
    return Table(
        name,
        caption + "; below it, distances that need no Inception weights",
        (
            Part(("Model",), ("FID, paper", "FID, ours", "KID x 1000, ours"), tuple(first)),
            Part(
                ("Model",),
                ("FWD", "LPIPS", "N", "Seeds"),
                tuple(second),
                "Fréchet wavelet distance and LPIPS (SqueezeNet)",
            ),
        ),
        (
            conditions(run, of),
            "Fréchet distances depend on N and on the tile size: compare rows of one table, not tables of two runs.",
        ),
    )


def _by_channel(run: Results, name: str, caption: str, of: tuple[str, ...]) -> Table:
    first, second = [], []
    for row in of:
        notes = row_notes(run, row)
        for norm in ("l1", "l2"):
            paper = tuple(printed(name, row, f"{norm}_rgb", channel) for channel in range(3))
            if paper[0].reason != NOT_IN_PAPER:
                first.append(Line((label(row), f"{norm.upper()}, paper"), paper))
            ours = tuple(score(run, row, f"published.{norm}_rgb", channel) for channel in range(3))
            first.append(Line((label(row), f"{norm.upper()}, ours"), ours, notes))
        for words, key in (("Bias", "bias_rgb"), ("MAE", "mae_rgb"), ("RMSE", "rmse_rgb")):
            values = tuple(score(run, row, f"corrected.{key}", channel) for channel in range(3))
            second.append(Line((label(row), words), (*values, count(run, row), seeds(run, row)), notes))
    return Table(
        name,
        caption,
        (
            Part(("Model", "Distance"), _CHANNELS, tuple(first)),
            Part(("Model", "Metric"), (*_CHANNELS, "N", "Seeds"), tuple(second), f"{HONEST}, output minus truth"),
        ),
        (conditions(run, of), ARITHMETIC),
    )


def overall(run: Results, row: str, prefix: str) -> tuple[Value, Value]:
    """L1 and L2 over all channels by the paper's arithmetic; `prefix` is `published_` or `clipped_published_`."""
    return measured(run, row, f"{prefix}l1_rgb"), measured(run, row, f"{prefix}l2_rgb", digits=3)
