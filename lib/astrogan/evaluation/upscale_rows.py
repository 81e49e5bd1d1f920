"""One row of the super-resolution tables: outputs on the degraded test tiles, kept, and every metric of them."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from astrogan.data.tileset import TileSet
from astrogan.evaluation.config import UpscaleEvaluateStage
from astrogan.evaluation.intervals import bootstrap, groups_of, percentiles, spatial_blocks
from astrogan.evaluation.luma import psnr_y
from astrogan.evaluation.predict_upscale import predict_bicubic, predict_upscale
from astrogan.evaluation.rows import score_row, summary_table
from astrogan.evaluation.unavailable import Unavailable
from astrogan.tasks.predictions import Predictions


def evaluate_upscale_row(config: UpscaleEvaluateStage, row: str, tiles: TileSet) -> dict[str, Any]:
    """Predict the tiles of a split, keep the outputs in `predictions/<row>.npz`, write and return `metrics/<row>.json`.

    `row` is `<experiment>-<phase>`; the experiment `bicubic` is the baseline. Beside the metrics of colour stands `psnr_y`.
    """
    if config.experiment == "bicubic":
        predictions, notes, seeds = *predict_bicubic(tiles, config.degradation, config.split), []
    else:
        phase = row.removeprefix(f"{config.experiment}-")
        checkpoint = Path(config.run) / "checkpoints" / config.experiment / f"{phase}.pt"
        predictions, notes, seeds = predict_upscale(checkpoint, tiles, config.degradation, config.split)
    return score_row(config, row, predictions, notes, seeds, luma_psnr(predictions))


def luma_psnr(predictions: Predictions) -> dict[str, Any]:
    """`psnr_y`, the mean over tiles in dB without identical pairs, its `interval`, or None and the `reasons`.

    The interval is over what those of the other metrics are over: observations, or spatial blocks where these are few.
    """
    values = np.array([psnr_y(*pair) for pair in zip(predictions.truth, predictions.rounded, strict=True)])
    differs = np.isfinite(values)
    if not differs.any():
        return {"psnr_y": None, "interval": {"psnr_y": None}, "reasons": {"psnr_y": "every pair is identical"}}
    sums = {"psnr_y": np.where(differs, values, 0.0), "images": differs.astype(float)}

    def mean(totals: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        counted = totals["images"]
        return {"psnr_y": np.where(counted > 0, totals["psnr_y"] / np.maximum(counted, 1), np.nan)}

    found, interval, reasons = float(values[differs].mean()), None, {}
    blocks = spatial_blocks(predictions.observation, predictions.tile, predictions.size[0])
    try:
        draws = bootstrap(sums, mean, groups_of(predictions.observation, blocks))["psnr_y"]
        interval = [float(bound) for bound in percentiles(draws)]
    except Unavailable as reason:
        reasons["interval.psnr_y"] = str(reason)
    return {"psnr_y": found, "interval": {"psnr_y": interval}, "reasons": reasons}


def upscale_summary(metrics: dict[str, dict[str, Any]]) -> pd.DataFrame:
    """The headline numbers of rows, for the notebook: RGB errors on 0-255, PSNR in dB, and the distribution metrics."""
    table = summary_table(metrics).drop(columns="MAE ab")
    table.insert(table.columns.get_loc("PSNR") + 1, "PSNR-Y", [values["psnr_y"] for values in metrics.values()])
    return table
