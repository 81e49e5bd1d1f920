"""The twelve tiles that every picture grid of the report shows, in one order, and what each row makes of them.

They are chosen from the truth alone, before any model is looked at, so that no model is flattered.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from astrogan.color import lab_of
from astrogan.evaluation.metrics.wrapped import wrap
from astrogan.evaluation.results import Results
from astrogan.experiments.catalogue import experiment_of
from astrogan.report.index import NotInRunError
from astrogan.report.paper import rows
from astrogan.run import Run
from astrogan.tasks.predictions import Predictions, load_predictions
from astrogan.tasks.upscale import network_inputs

SAMPLES = 12
SAMPLES_ACROSS = 4


@dataclass(frozen=True, eq=False)
class Gallery:
    """The showcase of one row, n tiles of H x W px, and the same tiles by other rows. A place is an index from 0 to n - 1.

    Only these tiles are kept: all rows whole would not fit into memory.
    """

    run: Results  # whose rows they are
    own: Predictions  # the row's predictions of these tiles
    inputs: np.ndarray | None  # what an up-scaling network was given, uint8 (n, H / 4, W / 4, 3); None for a colour row

    @classmethod
    def open(cls, run: Results, row: str) -> "Gallery":
        """The showcase of a row that the run has; `NotInRunError` when nothing says how its inputs were made."""
        experiment = experiment_of(row)
        degradation = degradation_of(run, row) if experiment and experiment.task == "upscale" else ""
        return cls(run, *_chosen(degradation, *_stamp(run, row)))

    def __len__(self) -> int:
        return len(self.own)

    @property
    def truth(self) -> np.ndarray:
        """uint8 (n, H, W, 3)."""
        return self.own.truth

    @cached_property
    def lightness(self) -> np.ndarray:
        """The grey that colour networks see: L / 100 of the truth, (n, H, W)."""
        return lab_of(self.truth)[..., 0] / 100

    @cached_property
    def best(self) -> int:
        """The place of the most colourful truth."""
        chroma = [np.linalg.norm(lab_of(picture[None])[..., 1:], axis=-1).mean() for picture in self.truth]
        return int(np.argmax(chroma))

    def of(self, row: str) -> Predictions | None:
        """Another row's predictions of these tiles, of fewer where it lacks some; None where it has none of them."""
        return _named(tuple(self.own.tile), *_stamp(self.run, row)) if self.run.has_pixels(row) else None

    def outputs(self, row: str, cast: bool = False) -> list[np.ndarray | None]:
        """The row's pictures by place, uint8 (H, W, 3): rounded, or as the unclipped cast; None where it has no such tile."""
        predictions = self.of(row)
        if predictions is None:
            return [None] * len(self)
        pictures = wrap(predictions.floor) if cast else predictions.rounded
        return [None if at is None else pictures[at] for at in like(predictions, self.own.tile)]

    def shared(self, row: str) -> list[tuple[int, int]]:
        """Place here and place in `of(row)` of each tile that both have."""
        predictions = self.of(row)
        places = like(predictions, self.own.tile) if predictions else []
        return [(place, other) for place, other in enumerate(places) if other is not None]


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


def spread(count: int, wanted: int) -> np.ndarray:
    """At most `wanted` of the places from 0 to `count` - 1, evenly spread."""
    return np.unique(np.linspace(0, count - 1, wanted).round().astype(int))


def each(run: Results, names: Iterable[str]) -> Iterator[tuple[str, Predictions]]:
    """Those of the rows that the run has, with their predictions: one at a time, since all may not fit into memory."""
    return ((row, run.predictions(row)) for row in names if run.has_pixels(row))


def degradation_of(run: Run, row: str) -> str:
    """How the row's inputs were made, as its history says; `NotInRunError` when the run has none."""
    if row not in run.histories:
        raise NotInRunError(f"no history of {row} in this run, which says how inputs are made")
    return run.histories[row]["config"]["degradation"]


def _stamp(run: Results, row: str) -> tuple[Path, int]:
    """A row's predictions file and when it was written: what is chosen from it is chosen once."""
    path = run.predictions_file(row)
    return path, path.stat().st_mtime_ns


@lru_cache(maxsize=4)
def _chosen(degradation: str, path: Path, _written: int) -> tuple[Predictions, np.ndarray | None]:
    whole = load_predictions(path)
    samples = showcase(whole)
    inputs = network_inputs(whole.truth, degradation)[samples] if degradation else None
    return whole.take(samples), inputs


@lru_cache(maxsize=32)
def _named(tiles: tuple[str, ...], path: Path, _written: int) -> Predictions | None:
    predictions = load_predictions(path)
    places = [place for place in like(predictions, np.array(tiles)) if place is not None]
    return predictions.take(places) if places else None


def _traits(truth: np.ndarray) -> np.ndarray:
    """Per tile: mean L, spread of L, mean a, mean b, mean chroma, in CIE units; float64 (N, 5)."""
    rows = []
    for picture in truth:
        lightness, a, b = lab_of(picture[None])[0].reshape(-1, 3).T.astype(float)
        rows.append([lightness.mean(), lightness.std(), a.mean(), b.mean(), np.hypot(a, b).mean()])
    return np.array(rows)
