"""What the cast without clipping does to a row: the same outputs scored as the files that the authors saved."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from astrogan.evaluation.evaluate import evaluate
from astrogan.evaluation.predictions import Predictions, from_uint8, load_predictions
from astrogan.evaluation.published import wrap
from astrogan.report.run_folder import RunFolder


def cast_row(row: str) -> str:
    """The id under which a row's unclipped cast is kept among a run's metrics."""
    return f"{row}-cast"


def as_cast(predictions: Predictions) -> Predictions:
    """The row's outputs as an unclipped cast to uint8 leaves them: floor(255 x) modulo 256."""
    cast = wrap(predictions.floor)
    return from_uint8(predictions.truth, cast, predictions.observation, predictions.tile)


def score_cast(run: RunFolder, row: str) -> None:
    """Evaluate the row's cast outputs into `run.metrics` under `cast_row(row)`, once; nothing for a row not evaluated.

    The distribution metrics are the point, so LPIPS is left out, as are the wavelet distance's intervals (its halves
    take most of the time).
    """
    name = cast_row(row)
    if name in run.metrics or row not in run.metrics or not run.holds(row):
        return
    own = run.metrics[row]
    run.metrics[name] = {**_evaluated(*run.stamp(row)), "row": name, "seeds": own["seeds"], "notes": list(own["notes"])}


@lru_cache(maxsize=16)
def _evaluated(path: Path, _written: int) -> dict[str, Any]:
    found = evaluate(as_cast(load_predictions(path)), fast=True, without={"lpips"})
    found["reasons"]["lpips"] = "LPIPS is measured on the clipped outputs only"
    return found
