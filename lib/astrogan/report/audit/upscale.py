"""The audit of super-resolution: whether EDSR and WDSR saw an adversary, and what the unclipped cast does to them."""

from astrogan.evaluation import METRICS, Results
from astrogan.evaluation.cast import cast_row
from astrogan.experiments.catalogue import label, rows_in
from astrogan.report.audit.item import Item
from astrogan.report.paper import rows
from astrogan.report.tables.cells import grid, score, scores
from astrogan.report.tables.layout import Line, Part

_TRAINED = (
    rows.SRGAN_SUPERVISED,
    rows.SRGAN_FINETUNED,
    rows.EDSR_SUPERVISED,
    rows.EDSR,
    rows.WDSR_SUPERVISED,
    rows.WDSR,
)
"""Each network before and after adversarial training."""


def adversarial(run: Results) -> Item:
    """Detail in the outputs of each network before and after adversarial training, beside the truth's."""
    heads = ("Model", "Detail", "Detail, truth", "MAE")
    return Item(
        "sr-adversarial",
        "ED-SRGAN and WD-SRGAN were trained adversarially",
        "In the one public example their outputs are as smooth as those of a pixel loss",
        "inferred",
        (grid(run, heads, _TRAINED, ("sharpness", "truth_sharpness", "mae_rgb")),),
        ("Detail: standard deviation of the Laplacian of luma, 0-255 scale, mean over tiles.",),
    )


def cast(run: Results) -> Item:
    """EDSR and WDSR clipped, and cast without clipping: the same outputs."""
    lines = [
        Line(
            (label(row), version),
            (
                score(run, row, "wrapped_share"),
                *scores(run, row, (f"{prefix}mae_rgb", f"{prefix}rmse_rgb")),
                *scores(run, of, ("fwd", "fid")),
            ),
        )
        for row in rows_in("table6")
        if row in rows_in("casts")
        for version, prefix, of in (("clipped", "", row), ("cast", "wrapped_", cast_row(row)))
    ]
    heads = (METRICS["wrapped_share"].label, "MAE", "RMSE", METRICS["fwd"].label, METRICS["fid"].label)
    return Item(
        "sr-cast",
        "ED-SRGAN and WD-SRGAN have the highest FID",
        "Their public examples hold specks of values that overflowed; what the cast alone does to ours is measured",
        "inferred",
        (Part(("Model", "Version"), heads, tuple(lines)),),
    )


def swap(run: Results) -> Item:
    """Whether two rows of Table 6 were exchanged; our own order of the two is beside it."""
    heads = ("This run", "L1, wrapped", "L2, wrapped", "MAE")
    names = ("published_l1_rgb", "published_l2_rgb", "mae_rgb")
    return Item(
        "sr-swap",
        "In Table 6 the fine-tuned SRGAN is far nearer to the truth than the pre-trained one",
        "On the one public example the order is the reverse; Table 7 speaks for the printed order",
        "unknown",
        (grid(run, heads, (rows.SRGAN_PRETRAINED, rows.SRGAN_FINETUNED), names),),
    )
