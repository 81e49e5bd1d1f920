"""Colour without a network: each baseline gives a tile a table from lightness to colour, and applies it to the tile's own L."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from astrogan.color import AB_SCALE, unscale_lab
from astrogan.color.table import BINS, ColourTable, lightness_histogram
from astrogan.data.tileset import TileSet
from astrogan.tasks.baselines.baseline import Fitted, Predict, sampled, training_sample

UNCHOSEN = 8
"""The number of neighbours where no validation tiles choose one."""
_FAINT = 1e-6  # of a tile's weight where it has no pixel, so that a bin that no neighbour has is a plain mean


def fit_grey(tiles: TileSet, seed: int) -> Fitted:
    """No colour."""
    return _one(ColourTable(np.zeros((1, 2))))


def fit_constant(tiles: TileSet, seed: int) -> Fitted:
    """The medians of a and of b over the training pixels: of all constants they have the least mean absolute error.

    (The means would have the least RMSE.)
    """
    lab = training_sample(tiles, seed)
    return _one(ColourTable.fit(lab[..., 0], lab[..., 1:], bins=1))


def fit_table(tiles: TileSet, seed: int) -> Fitted:
    """One table for all tiles, of 64 bins of L."""
    lab = training_sample(tiles, seed)
    return _one(ColourTable.fit(lab[..., 0], lab[..., 1:]))


def fit_random_palette(tiles: TileSet, seed: int) -> Fitted:
    """The control: the table of one training tile, drawn by the name of the tile that is coloured, and the seed, alone."""
    lab = training_sample(tiles, seed)

    def drawn(_: np.ndarray, name: str) -> ColourTable:
        palette = lab[int.from_bytes(sha256(f"{seed} {name}".encode()).digest()) % len(lab)]
        return ColourTable.fit(palette[:, 0], palette[:, 1:])

    return Fitted(_by_table(drawn))


def fit_neighbours(tiles: TileSet, seed: int) -> Fitted:
    """The k training tiles that are nearest to a tile by `Palettes`; k, a power of two, has the least error on validation."""
    palettes = Palettes.fit(training_sample(tiles, seed))
    counts = [2**power for power in range(len(palettes).bit_length())]
    valid = sampled(tiles, "valid", seed)
    if len(valid):
        errors = np.zeros(len(counts))
        for lab in valid:
            tables = palettes.nearest(lab[:, 0], counts)
            errors += [np.abs(table.apply(lab[:, 0]) - lab[:, 1:]).mean() for table in tables]
        count = counts[int(errors.argmin())]
        note = f"k = {count} of {', '.join(map(str, counts))}: least mean absolute error of (a, b) on validation tiles"
    else:
        count = min(UNCHOSEN, len(palettes))
        note = f"k = {count}, which no validation tiles chose: there are none"
    return Fitted(_by_table(lambda lightness, _: next(palettes.nearest(lightness, [count]))), (note,))


@dataclass(frozen=True, eq=False)
class Palettes:
    """Of N tiles the tables, a and b (N, bins, 2), and the shares of their pixels in each bin of lightness, (N, bins)."""

    tables: NDArray[np.float32]
    shares: NDArray[np.float64]

    @classmethod
    def fit(cls, lab: np.ndarray) -> "Palettes":
        """Of pixels (N, P, 3) of tiles, CIE units."""
        tables = [ColourTable.fit(each[:, 0], each[:, 1:], BINS).ab for each in lab]
        return cls(np.stack(tables), np.stack([lightness_histogram(each[:, 0], BINS) for each in lab]))

    def __len__(self) -> int:
        return len(self.tables)

    def nearest(self, lightness: np.ndarray, counts: Iterable[int]) -> Iterable[ColourTable]:
        """For each k of `counts` the mean of the tables of the k tiles whose lightness is spread most like `lightness` (...).

        Near is the earth mover's distance of the histograms of L: in one dimension the sum of the absolute differences of
        the cumulative histograms. In each bin a tile weighs as much as it has pixels there.
        """
        own = lightness_histogram(lightness, BINS).cumsum()[None]
        order = np.argsort(cdist(own, self.shares.cumsum(axis=1), "cityblock")[0], kind="stable")[: max(counts)]
        weights = self.shares[order][..., None] + _FAINT
        above, below = (each.cumsum(axis=0) for each in (weights * self.tables[order], weights))
        return (ColourTable(above[count - 1] / below[count - 1]) for count in counts)


def _one(table: ColourTable) -> Fitted:
    return Fitted(_by_table(lambda _lightness, _name: table))


def _by_table(choose: Callable[[np.ndarray, str], ColourTable]) -> Predict:
    """`choose` gives the table of a tile from its L (H, W) and its name; inputs and answers are an L*a*b* network's."""

    def predict(condition: torch.Tensor, names: Iterable[str]) -> torch.Tensor:
        lightness = unscale_lab(condition.float(), condition.float())[:, 0].numpy()
        ab = np.stack([choose(each, name).apply(each) for each, name in zip(lightness, names, strict=True)])
        return torch.from_numpy(ab).permute(0, 3, 1, 2) / AB_SCALE

    return predict
