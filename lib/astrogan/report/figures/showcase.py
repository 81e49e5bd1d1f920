"""The twelve samples that every picture grid of the report shows, in the same order, and the model that stands for colour.

They are chosen from the truth alone, before any model is looked at, so that no model is flattered.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from astrogan.color import lab_of
from astrogan.report.paper import rows
from astrogan.tasks.predictions import Predictions

SAMPLES = 12
SAMPLES_ACROSS = 4


def showcase(predictions: Predictions, count: int = SAMPLES) -> np.ndarray:
    """Indices of at most `count` tiles, ascending, int64.

    Deterministic: the first is the most colourful tile of some structure; each next one lies farthest from those
    already taken in (mean L, spread of L, mean a, mean b), among the observations used least so far.
    """
    traits = _traits(predictions.truth)
    observation = np.asarray(predictions.observation)
    rank = traits[:, 4] * np.minimum(traits[:, 1], 20)
    chosen = [int(np.argmax(rank))]
    while len(chosen) < min(count, len(observation)):
        uses = np.array([np.count_nonzero(observation[chosen] == name) for name in observation], float)
        uses[chosen] = np.inf
        distance = np.linalg.norm(traits[:, None, :4] - traits[None, chosen, :4], axis=2).min(axis=1)
        # among equally distant tiles (repeated fields) the more colourful one; a blank tile only when nothing is left
        merit = np.where(traits[:, 1] < 3, 0, 1) * (distance + 0.1 * traits[:, 4]) + 1e-3
        chosen.append(int(np.argmax(np.where(uses == uses.min(), merit, -1))))
    return np.sort(np.array(chosen))


def pictured(metrics: Mapping[str, Mapping[str, Any]]) -> str:
    """The row whose outputs the sliders and the error map show: ours if measured on as many tiles of the same size, else theirs.

    `metrics` are those of a run, by row.
    """
    ours, theirs = (metrics.get(row, {}) for row in (rows.IMPROVED, rows.FINETUNED))
    same = all(key in ours and ours[key] == theirs.get(key) for key in ("n", "size"))
    return rows.IMPROVED if same else rows.FINETUNED


def like(predictions: Predictions, tiles: np.ndarray) -> list[int | None]:
    """Where the named tiles stand in another row's predictions; None for those it does not hold."""
    place = {name: index for index, name in enumerate(predictions.tile)}
    return [place.get(name) for name in tiles]


def _traits(truth: np.ndarray) -> np.ndarray:
    """Per tile: mean L, spread of L, mean a, mean b, mean chroma, in CIE units; float64 (N, 5)."""
    rows = []
    for picture in truth:
        lightness, a, b = lab_of(picture[None])[0].reshape(-1, 3).T.astype(float)
        rows.append([lightness.mean(), lightness.std(), a.mean(), b.mean(), np.hypot(a, b).mean()])
    return np.array(rows)
