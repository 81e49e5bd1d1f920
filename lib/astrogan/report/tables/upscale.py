"""Tables 6 and 7, super-resolution: the paper's numbers, ours by the paper's arithmetic, and ours corrected."""

from astrogan.evaluation.results import Results
from astrogan.experiments.catalogue import label, rows_in
from astrogan.report.paper import rows
from astrogan.report.tables.cells import conditions, count, measured, printed, row_notes, score, seeds
from astrogan.report.tables.colour import ARITHMETIC, HONEST, distributions, overall
from astrogan.report.tables.layout import Line, Part, Table, dash

OVERFLOWING = (rows.EDSR_SUPERVISED, rows.EDSR, rows.WDSR_SUPERVISED, rows.WDSR)
"""Rows whose linear output can leave 0..255; SRGAN's tanh cannot."""


def table6(run: Results) -> Table:
    """Overall distances; EDSR and WDSR before and after adversarial training, clipped and with the unclipped cast."""
    first, second, third = [], [], []
    for row in rows_in("table6"):
        notes = row_notes(run, row)
        paper = tuple(printed("table6", row, column) for column in ("l1", "l2"))
        cast = ", cast unclipped" if row in OVERFLOWING else ""
        first.append(Line((label(row) + cast,), (*paper, *overall(run, row, "published_")), notes))
        if row in OVERFLOWING:
            absent = dash("the paper's number stands beside the unclipped cast, as the audit infers")
            clipped = overall(run, row, "clipped_published_")
            first.append(Line((label(row) + ", clipped",), (absent, absent, *clipped), notes))
        honest = (measured(run, row, "mae_rgb"), measured(run, row, "rgb_squared", root=True))
        second.append(Line((label(row),), (*honest, count(run, row), seeds(run, row)), notes))
        ratios = (score(run, row, "psnr"), score(run, row, "ssim", digits=3), measured(run, row, "psnr_y"))
        third.append(Line((label(row),), ratios, notes))
    return Table(
        "table6",
        "Super-resolution: average distance between outputs and truth over all channels of RGB, the paper's and ours "
        "by the paper's arithmetic; below it, corrected",
        (
            Part(("Model",), ("L1, paper", "L2, paper", "L1, ours", "L2, ours"), tuple(first)),
            Part(("Model",), ("MAE", "RMSE", "N", "Seeds"), tuple(second), HONEST),
            Part(
                ("Model",),
                ("PSNR, dB", "SSIM", "PSNR-Y, dB"),
                tuple(third),
                "Corrected: ratios and similarity (PSNR-Y: luma, 4 px shaved off each side)",
            ),
        ),
        (conditions(run, rows_in("table6")), ARITHMETIC),
    )


def table7(run: Results) -> Table:
    """Distances between the distribution of outputs (clipped) and that of originals."""
    return distributions(
        run,
        "table7",
        "Super-resolution: Fréchet Inception distance between outputs and originals",
        rows_in("table6"),
        OVERFLOWING,
    )
