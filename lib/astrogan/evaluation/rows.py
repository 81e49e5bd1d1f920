"""One row of the report's tables: outputs of a checkpoint on the test tiles, kept, and every metric of them."""

from pathlib import Path
from typing import Any

import pandas as pd

from astrogan.config import EvaluateStage
from astrogan.data.tileset import TileSet
from astrogan.evaluation.evaluate import evaluate
from astrogan.evaluation.predict import predict, predict_grey
from astrogan.files import write_json

BLOCK_TILES = 3
"""Side of a spatial block in tiles, the unit of intervals where there are too few observations."""


def evaluate_row(config: EvaluateStage, row: str, tiles: TileSet) -> dict[str, Any]:
    """Predict the test tiles, keep the outputs in `predictions/<row>.npz`, and write `metrics/<row>.json`; returns the latter.

    `row` is `<experiment>-<phase>`, or `grey` for the baseline.
    """
    run = Path(config.run)
    if row == "grey":
        predictions, notes, seeds = *predict_grey(tiles), []
    else:
        phase = row.removeprefix(f"{config.experiment}-")
        checkpoint = run / "checkpoints" / config.experiment / f"{phase}.pt"
        predictions, notes, seeds = predict(checkpoint, tiles)
    predictions.save(run / "predictions" / f"{row}.npz")
    metrics = evaluate(predictions, blocks=spatial_blocks(tiles))
    metrics |= {"row": row, "seeds": seeds, "notes": [*notes, *metrics["notes"]]}
    write_json(run / "metrics" / f"{row}.json", metrics)
    return metrics


def spatial_blocks(tiles: TileSet, split: str = "test") -> list[str]:
    """The block of each tile of `split`: tiles of one observation that lie within the same few tile sides."""
    table = tiles.table.iloc[tiles.indices(split)]
    side = BLOCK_TILES * tiles.pixels.shape[1]
    return [f"{row.observation}:{row.x // side}:{row.y // side}" for row in table.itertuples()]


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
