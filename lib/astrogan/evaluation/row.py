"""One row of the report's tables: outputs on the tiles of a split, kept, and every metric of them."""

from functools import partial
from typing import Any

import pandas as pd

from astrogan.data.tileset import TileSet
from astrogan.evaluation.cast import LEFT_OUT, as_cast, cast_row
from astrogan.evaluation.config import EvaluateStage
from astrogan.evaluation.evaluate import evaluate
from astrogan.evaluation.intervals import tile_groups
from astrogan.evaluation.measures import save_measures
from astrogan.evaluation.metrics import METRICS
from astrogan.evaluation.populations import beside
from astrogan.evaluation.predict import predict, predict_baseline
from astrogan.models.weights import recorded_weights
from astrogan.tasks import NOT_TRAINED, TASKS
from astrogan.tasks.predictions import Predictions


def evaluate_row(config: EvaluateStage, row: str, tiles: TileSet) -> dict[str, Any]:
    """Predict the tiles of a split, keep outputs, measures and metrics of the row in the run, and return its metrics.

    `row` is `<experiment>-<phase>`, or a baseline, which needs no checkpoint. Where `config.casts` names the row, its
    unclipped cast is scored beside it.
    """
    predictions, notes, seeds = _outputs(config, row, tiles)
    predictions.save(config.folder.predictions_file(row))
    score = partial(score_row, config, notes=notes, seeds=seeds, tiles=tiles)
    if row in config.casts.split(","):
        score(cast_row(row), as_cast(predictions), without=LEFT_OUT)
    return score(row, predictions)


def score_row(
    config: EvaluateStage,
    row: str,
    predictions: Predictions,
    *,
    notes: list[str],
    seeds: list[int],
    tiles: TileSet,
    without: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Evaluate predictions of the tiles, write the row's measures and metrics, and return the metrics.

    `without` gives the metrics that are left out, and why. `trained` is false where the row's network does not beat the
    baseline on validation tiles.
    """
    record, measures = evaluate(
        predictions,
        groups=tile_groups(predictions.observation, predictions.tile, predictions.size[0]),
        without=without or {},
        find=recorded_weights(config.weights),
        keep=beside(tiles, config.split),
    )
    save_measures(config.folder.measures_file(row), measures, predictions.tile, predictions.observation)
    own = {"row": row, "split": config.split, "seeds": seeds}
    own["trained"] = not any(note.startswith(NOT_TRAINED) for note in notes)
    record = own | record | {"notes": [*notes, *record["notes"]]}
    config.folder.write(config.folder.metrics_file(row), record)
    return record


def _outputs(config: EvaluateStage, row: str, tiles: TileSet) -> tuple[Predictions, list[str], list[int]]:
    """Outputs on the tiles of the split, the notes of the row, and the seed of its training."""
    if config.experiment == TASKS[config.task].baseline:
        return predict_baseline(config.task, tiles, config.split, config.degradation)
    return predict(config.folder.checkpoint_file(row), config.task, tiles, config.split, config.degradation)


def headline(records: dict[str, dict[str, Any]]) -> pd.DataFrame:
    """The headline numbers of rows, a line a row, for the notebook."""
    shown = [metric for metric in METRICS.values() if metric.part == "headline"]
    lines = {
        row: {"N": record["n"], **{metric.heading: record["values"][metric.name] for metric in shown}}
        for row, record in records.items()
    }
    return pd.DataFrame(lines).T
