"""What the cast without clipping does to a row: the same outputs scored as the files that the authors saved."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from astrogan.evaluation.evaluate import evaluate
from astrogan.evaluation.intervals import spatial_blocks
from astrogan.evaluation.published import wrap
from astrogan.evaluation.results import Results
from astrogan.report.recorded import weights_of
from astrogan.tasks.predictions import Predictions, from_uint8, load_predictions


def cast_row(row: str) -> str:
    """The id under which a row's unclipped cast is kept among a run's metrics."""
    return f"{row}-cast"


def as_cast(predictions: Predictions) -> Predictions:
    """The row's outputs as an unclipped cast to uint8 leaves them: floor(255 x) modulo 256."""
    cast = wrap(predictions.floor)
    return from_uint8(predictions.truth, cast, predictions.observation, predictions.tile)


def score_cast(run: Results, row: str) -> None:
    """Evaluate the row's cast outputs into `run.metrics` under `cast_row(row)`, once; nothing for a row not evaluated.

    It is measured like the clipped row beside it, in float32 and with intervals over the same groups. The distribution
    metrics are the point, so LPIPS is left out.
    """
    name = cast_row(row)
    if name in run.metrics or row not in run.metrics or not run.holds(row):
        return
    own = run.metrics[row]
    run.metrics[name] = {**_evaluated(*run.stamp(row)), "row": name, "seeds": own["seeds"], "notes": list(own["notes"])}


@lru_cache(maxsize=16)
def _evaluated(path: Path, _written: int) -> dict[str, Any]:
    cast = as_cast(load_predictions(path))
    blocks = spatial_blocks(cast.observation, cast.tile, cast.size[0])
    found = evaluate(cast, blocks=blocks, find=weights_of(path), without={"lpips"})
    found["reasons"]["lpips"] = "LPIPS is measured on the clipped outputs only"
    return found
