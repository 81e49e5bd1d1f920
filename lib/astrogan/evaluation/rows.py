"""One row of the report's tables: outputs of a checkpoint on the test tiles, kept, and every metric of them."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from astrogan.data.tileset import TileSet
from astrogan.evaluation.config import EvaluateStage
from astrogan.evaluation.evaluate import evaluate
from astrogan.evaluation.intervals import spatial_blocks
from astrogan.evaluation.predict import predict, predict_grey
from astrogan.models.weights import recorded_weights
from astrogan.tasks.predictions import Predictions


def evaluate_row(config: EvaluateStage, row: str, tiles: TileSet) -> dict[str, Any]:
    """Predict the tiles of a split, keep the outputs in `predictions/<row>.npz`, write and return `metrics/<row>.json`.

    `row` is `<experiment>-<phase>`; the experiment `grey` is the baseline, which needs no checkpoint.
    """
    run = Path(config.run)
    if config.experiment == "grey":
        predictions, notes, seeds = *predict_grey(tiles, config.split), []
    else:
        phase = row.removeprefix(f"{config.experiment}-")
        checkpoint = run / "checkpoints" / config.experiment / f"{phase}.pt"
        predictions, notes, seeds = predict(checkpoint, tiles, config.split)
    return score_row(config, row, predictions, notes, seeds)


def score_row(
    config: EvaluateStage,
    row: str,
    predictions: Predictions,
    notes: list[str],
    seeds: list[int],
    more: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, Any]:
    """Keep the predictions of a row, evaluate them, and write and return its metrics.

    `more` are metrics of its own, with their `interval` and `reasons` as in `evaluate`.
    """
    predictions.save(config.folder.predictions_file(row))
    blocks = spatial_blocks(predictions.observation, predictions.tile, predictions.size[0])
    metrics = evaluate(predictions, blocks=blocks, find=recorded_weights(config.weights))
    for key, value in more.items():
        metrics[key] = metrics[key] | value if isinstance(value, dict) else value
    metrics |= {"row": row, "split": config.split, "seeds": seeds, "notes": [*notes, *metrics["notes"]]}
    config.folder.write(config.folder.metrics_file(row), metrics)
    return metrics


def summary_table(metrics: dict[str, dict[str, Any]]) -> pd.DataFrame:
    """The headline numbers of rows, for the notebook: corrected means over channels, and the distribution metrics."""
    rows = {}
    for name, values in metrics.items():
        corrected = values["corrected"]
        rows[name] = {
            "N": values["n"],
            "MAE RGB": sum(corrected["mae_rgb"]) / 3,
            "RMSE RGB": sum(corrected["rmse_rgb"]) / 3,
            "MAE ab": sum(corrected["mae_ab"]) / 2,
            **{key.upper(): values[key] for key in ("psnr", "ssim", "fwd", "lpips", "fid", "kid")},
        }
    return pd.DataFrame(rows).T
