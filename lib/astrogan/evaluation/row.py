"""One row of the report's tables: outputs on the tiles of a split, kept, and every metric of them."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd

from astrogan.base import AstroganError
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
from astrogan.rows import of_fold, own_row, parts_of, row_id
from astrogan.tasks import NOT_TRAINED
from astrogan.tasks.baselines import BASELINES
from astrogan.tasks.predictions import Predictions, joined


def evaluate_row(config: EvaluateStage, row: str, tiles: Sequence[TileSet]) -> dict[str, Any]:
    """Predict the tiles of a split, keep outputs, measures and metrics of the row in the run, and return its metrics.

    `row` is `<experiment>-<phase>`, or a baseline, which needs no checkpoint, and may end in the place where it is
    measured (`rows.PLACES`). Where `config.casts` names the row, its unclipped cast is scored beside it. `tiles` has one set, or one a
    fold: each is predicted by the network (or the baseline) of its own training tiles, and the row is of all of them
    together.
    """
    predictions, notes, seeds = _all_outputs(config, row, tiles)
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
    tiles: Sequence[TileSet],
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
        task=config.task,
        degradation=config.degradation,
    )
    save_measures(config.folder.measures_file(row), measures, predictions.tile, predictions.observation)
    own = {"row": row, "split": config.split, "seeds": seeds}
    own["trained"] = not any(note.startswith(NOT_TRAINED) for note in notes)
    record = own | record | {"notes": [*notes, *record["notes"]]}
    config.folder.write(config.folder.metrics_file(row), record)
    return record


def _all_outputs(config: EvaluateStage, row: str, tiles: Sequence[TileSet]) -> tuple[Predictions, list[str], list[int]]:
    """`_outputs` of every fold together; a note that is not of all folds says of which."""
    by_fold = bool(config.folds) and row not in config.once.split(",")
    parts = [_outputs(config, row, each, fold if by_fold else None) for fold, each in enumerate(tiles)]
    shared = [note for note in parts[0][1] if all(note in notes for _, notes, _ in parts)]
    own = [
        f"{note} (fold {fold + 1} of {len(parts)})"
        for fold, (_, notes, _) in enumerate(parts)
        for note in notes
        if note not in shared
    ]
    seeds = list(dict.fromkeys(seed for _, _, seeds in parts for seed in seeds))
    return joined([predictions for predictions, _, _ in parts]), [*shared, *own], seeds


def _outputs(
    config: EvaluateStage, row: str, tiles: TileSet, fold: int | None
) -> tuple[Predictions, list[str], list[int]]:
    """Outputs on the tiles of the split, the notes of the row, and the seed of its training."""
    baseline = own_row(row)
    if baseline in BASELINES:
        if BASELINES[baseline].task != config.task:
            raise AstroganError(f"'{row}' is a baseline of the task {BASELINES[baseline].task}, not of {config.task}")
        return predict_baseline(baseline, tiles, config.split, config.degradation)
    experiment, phase = parts_of(own_row(row))
    checkpoint = config.folder.checkpoint_file(row_id(of_fold(experiment, fold), phase))
    return predict(checkpoint, config.task, tiles, config.split, config.degradation)


def headline(records: dict[str, dict[str, Any]]) -> pd.DataFrame:
    """The headline numbers of rows, a line a row, for the notebook."""
    headlines = [metric for metric in METRICS.values() if metric.part == "headline"]
    shown = [metric for metric in headlines if any(metric.of(record["task"]) for record in records.values())]
    lines = {
        row: {"N": record["n"], **{metric.heading: record["values"][metric.name] for metric in shown}}
        for row, record in records.items()
    }
    return pd.DataFrame(lines).T
