"""The audit of super-resolution: whether EDSR and WDSR saw an adversary, and what the unclipped cast does to them."""

from astrogan.evaluation.results import Results
from astrogan.experiments.catalogue import label
from astrogan.report.audit.item import Item
from astrogan.report.casts import cast_row, score_cast
from astrogan.report.paper import rows
from astrogan.report.tables.cells import measured, score
from astrogan.report.tables.layout import Line, Part
from astrogan.report.tables.upscale import OVERFLOWING

_PAIRS = (
    (rows.SRGAN_SUPERVISED, rows.SRGAN_FINETUNED),
    (rows.EDSR_SUPERVISED, rows.EDSR),
    (rows.WDSR_SUPERVISED, rows.WDSR),
)


def adversarial(run: Results) -> Item:
    """Detail in the outputs of each network before and after adversarial training, beside the truth's."""
    lines = [
        Line(
            (label(row),),
            (measured(run, row, "sharpness"), measured(run, row, "truth_sharpness"), measured(run, row, "mae_rgb")),
        )
        for pair in _PAIRS
        for row in pair
    ]
    return Item(
        "sr-adversarial",
        "ED-SRGAN and WD-SRGAN were trained adversarially",
        "In the one public example their outputs are as smooth as those of a pixel loss",
        "inferred",
        (Part(("Model",), ("Detail", "Detail, truth", "MAE"), tuple(lines)),),
        ("Detail: standard deviation of the Laplacian of luma, 0-255 scale, mean over tiles.",),
    )


def cast(run: Results) -> Item:
    """EDSR and WDSR clipped, and cast without clipping: the same outputs."""
    lines = []
    for row in OVERFLOWING:
        score_cast(run, row)
        for version, prefix, of in (("clipped", "", row), ("cast", "wrapped_", cast_row(row))):
            lines.append(
                Line(
                    (label(row), version),
                    (
                        measured(run, row, "wrapped_share", digits=4),
                        measured(run, row, f"{prefix}mae_rgb"),
                        measured(run, row, f"{prefix}rgb_squared", root=True),
                        score(run, of, "fwd", digits=3),
                        score(run, of, "fid"),
                    ),
                )
            )
    return Item(
        "sr-cast",
        "ED-SRGAN and WD-SRGAN have the highest FID",
        "Their public examples hold specks of values that overflowed; what the cast alone does to ours is measured",
        "inferred",
        (Part(("Model", "Version"), ("Share outside 0-255", "MAE", "RMSE", "FWD", "FID"), tuple(lines)),),
    )


def swap(run: Results) -> Item:
    """Whether two rows of Table 6 were exchanged; our own order of the two is beside it."""
    lines = [
        Line(
            (label(row),),
            (
                measured(run, row, "published_l1_rgb"),
                measured(run, row, "published_l2_rgb", digits=3),
                measured(run, row, "mae_rgb"),
            ),
        )
        for row in (rows.SRGAN_PRETRAINED, rows.SRGAN_FINETUNED)
    ]
    return Item(
        "sr-swap",
        "In Table 6 the fine-tuned SRGAN is far nearer to the truth than the pre-trained one",
        "On the one public example the order is the reverse; Table 7 speaks for the printed order",
        "unknown",
        (Part(("This run",), ("L1, wrapped", "L2, wrapped", "MAE"), tuple(lines)),),
    )
