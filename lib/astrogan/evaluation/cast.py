"""What the cast without clipping does to a row: the same outputs scored as the files that the authors saved."""

from astrogan.evaluation.metrics import METRICS
from astrogan.evaluation.metrics.wrapped import wrap
from astrogan.tasks.predictions import Predictions, from_uint8

_ENDING = "-cast"

LEFT_OUT = {name: metric.not_of_casts for name, metric in METRICS.items() if metric.not_of_casts}
"""What is not measured on a cast, and why."""


def cast_row(row: str) -> str:
    """The id under which a row's unclipped cast is kept among a run's metrics."""
    return f"{row}{_ENDING}"


def uncast_row(row: str) -> str:
    """The row that a cast is of; any other row itself."""
    return row.removesuffix(_ENDING)


def as_cast(predictions: Predictions) -> Predictions:
    """The row's outputs as an unclipped cast to uint8 leaves them: floor(255 x) modulo 256."""
    cast = wrap(predictions.floor)
    return from_uint8(predictions.truth, cast, predictions.observation, predictions.tile)
