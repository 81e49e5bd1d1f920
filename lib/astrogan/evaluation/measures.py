"""What is measured on each tile of a row: the values that tables average, claims compare and intervals resample.

Every measure is a float64 array (N,), one number a tile, so that two rows over the same tiles can be compared in pairs.
Squared measures end in `_squared`: the root is taken after averaging. RGB is on the 0-255 scale, L and ab in CIE units.
"""

from collections.abc import Callable

import numpy as np
import torch
from scipy import ndimage

from astrogan.color import lab_of, luma
from astrogan.evaluation.luma import psnr_y
from astrogan.evaluation.published import published_sums, wrap
from astrogan.tasks.predictions import Predictions

COLOURS = ("red", "green", "blue")

JUST_NOTICEABLE = 2.3
"""CIE76 difference that an observer just notices (Mahy, Van Eycken and Oosterlinck 1994)."""

Measures = dict[str, np.ndarray]


def clipped(floor: np.ndarray) -> np.ndarray:
    """int16 floor(255 x) clipped to 0..255, as uint8: the published arithmetic without its wrap-around."""
    return np.clip(floor, 0, 255).astype(np.uint8)


def measure(predictions: Predictions) -> Measures:
    """Every measure of every tile of a row; see `_tile` for the names."""
    tiles = [
        _tile(truth, floor, rounded, ab)
        for truth, floor, rounded, ab in zip(
            predictions.truth, predictions.floor, predictions.rounded, predictions.ab, strict=True
        )
    ]
    return {name: np.array([tile[name] for tile in tiles], float) for name in tiles[0]}


def compare(first: Predictions, second: Predictions, between: Callable[[np.ndarray, np.ndarray], float]) -> np.ndarray:
    """`between(rounded, rounded)` of each tile of two rows' clipped outputs, uint8 (H, W, 3) each; float64 (N,)."""
    pairs = zip(first.rounded, second.rounded, strict=True)
    return np.array([between(one, other) for one, other in pairs], float)


def colour_difference(one: np.ndarray, other: np.ndarray) -> float:
    """Mean CIE76 difference of two uint8 sRGB images (H, W, 3)."""
    return float(np.linalg.norm(lab_of(one[None]) - lab_of(other[None]), axis=-1).mean())


def sharpness(picture: np.ndarray) -> float:
    """Standard deviation of the Laplacian of the luma of a uint8 image (H, W, 3), 0-255 scale."""
    grey = luma(torch.from_numpy(picture.astype(np.float32)).permute(2, 0, 1)[None])[0, 0].numpy()
    return float(ndimage.laplace(grey, mode="nearest").std())


def _tile(truth: np.ndarray, floor: np.ndarray, rounded: np.ndarray, ab: np.ndarray) -> dict[str, float]:
    values: dict[str, float] = {}
    values |= _corrected("", truth, rounded)
    values |= _corrected("wrapped_", truth, wrap(floor))
    values |= _published("published_", truth, floor)
    values |= _published("clipped_published_", truth, clipped(floor))
    lab, output = lab_of(truth[None])[0].astype(float), lab_of(rounded[None])[0].astype(float)
    for index, name in enumerate("ab"):
        error = ab[..., index].astype(float) - lab[..., index + 1]
        values |= {f"bias_{name}": error.mean(), f"mae_{name}": np.abs(error).mean()}
        values[f"{name}_squared"] = (error**2).mean()
    values["mae_ab"] = (values["mae_a"] + values["mae_b"]) / 2
    values["ab_squared"] = (values["a_squared"] + values["b_squared"]) / 2
    values["bias_l"] = (output[..., 0] - lab[..., 0]).mean()
    values["mae_l"] = np.abs(output[..., 0] - lab[..., 0]).mean()
    values["chroma"] = np.linalg.norm(ab.astype(float), axis=-1).mean()
    values["truth_chroma"] = np.linalg.norm(lab[..., 1:], axis=-1).mean()
    values["sharpness"], values["truth_sharpness"] = sharpness(rounded), sharpness(truth)
    # how red and blue the truth is: what its red and blue exceed its green by, where they do
    values["red_blue"] = np.maximum(truth[..., [0, 2]].astype(float) - truth[..., [1]], 0).mean()
    # how far the output's blue leans out of its grey, beyond the truth's own lean
    values["blue_cast"] = values["bias_blue"] - (values["bias_red"] + values["bias_green"]) / 2
    values["wrapped_blue_cast"] = (
        values["wrapped_bias_blue"] - (values["wrapped_bias_red"] + values["wrapped_bias_green"]) / 2
    )
    values["psnr_y"] = psnr_y(truth, rounded)
    # of identical images infinite, and then left out of means
    values["psnr"] = 10 * np.log10(255**2 / values["rgb_squared"]) if values["rgb_squared"] else np.inf
    values["wrapped_share"] = ((floor < 0) | (floor > 255)).mean()
    values["brighter"] = (wrap(floor) > truth).mean()
    return values


def _corrected(prefix: str, truth: np.ndarray, output: np.ndarray) -> dict[str, float]:
    error = output.astype(float) - truth
    values = {}
    for index, name in enumerate(COLOURS):
        channel = error[..., index]
        values[f"{prefix}bias_{name}"] = channel.mean()
        values[f"{prefix}mae_{name}"] = np.abs(channel).mean()
        values[f"{prefix}{name}_squared"] = (channel**2).mean()
    values[f"{prefix}mae_rgb"] = np.abs(error).mean()
    values[f"{prefix}rgb_squared"] = (error**2).mean()
    return values


def _published(prefix: str, truth: np.ndarray, floor: np.ndarray) -> dict[str, float]:
    sums = published_sums(truth[None], floor[None])
    values = {}
    for norm in ("l1", "l2"):
        channels = sums[f"wrapped_{norm}"][0] / truth[..., 0].size
        values |= {f"{prefix}{norm}_{name}": channels[index] for index, name in enumerate(COLOURS)}
        values[f"{prefix}{norm}_rgb"] = channels.mean()
    return values
