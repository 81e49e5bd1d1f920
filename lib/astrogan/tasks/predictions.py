"""A model's outputs on the test tiles, with the truth beside them: what every metric and figure starts from.

Two readings of the same unclipped sRGB output x in about [0, 1] are kept: `floor` = floor(255 x), from which the
paper's wrapped numbers follow, and `rounded` = round(255 x) clipped to 0..255, which is what an image file should hold.
"""

import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from astrogan.base import AstroganError
from astrogan.color import lab_to_rgb, rgb_to_lab
from astrogan.files import write_atomic

BATCH = 8
"""Tiles that are predicted at once, for which a degradation draws its noise."""

_PIXELS_AT_ONCE = 2**17  # whose float32 copies stay in a processor's cache
_INT16 = np.iinfo(np.int16)


@dataclass(frozen=True, eq=False)
class Predictions:
    """N square or oblong tiles of one size; all arrays share N, H and W.

    Attributes:
        truth: uint8 (N, H, W, 3), sRGB.
        floor: int16 (N, H, W, 3), floor(255 x) of the unclipped sRGB output x; outside 0..255 where x left [0, 1].
        rounded: uint8 (N, H, W, 3), 255 x rounded and clipped.
        ab: float32 (N, H, W, 2), predicted a and b in CIE units.
        observation: str (N,), what each tile shows: an object, or a source image; the unit of the intervals.
        tile: str (N,), unique names.

    Raises:
        AstroganError: when an array has another type, size or count than the truth, or tile names repeat.
    """

    truth: NDArray[np.uint8]
    floor: NDArray[np.int16]
    rounded: NDArray[np.uint8]
    ab: NDArray[np.float32]
    observation: NDArray[np.str_]
    tile: NDArray[np.str_]

    def __post_init__(self) -> None:
        if problems := _problems(self):
            raise AstroganError("predictions do not fit their truth: " + "; ".join(problems) + ". Predict again.")

    def __len__(self) -> int:
        return len(self.truth)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of a tile, px."""
        return self.truth.shape[1], self.truth.shape[2]

    @property
    def unclipped_wrap(self) -> float:
        """The fraction of channel values outside 0..255, which a cast to uint8 wraps around."""
        return float(((self.floor < 0) | (self.floor > 255)).mean())

    def take(self, indices: Sequence[int] | NDArray[np.intp]) -> "Predictions":
        """Copies of the tiles at `indices`, one or more and none twice, in that order."""
        places = np.asarray(indices, np.intp)
        return Predictions(**{name: getattr(self, name)[places] for name in _names()})

    def save(self, path: Path | str) -> Path:
        """Write all arrays to an `.npz`, atomically."""
        return write_atomic(path, lambda file: np.savez(file, **{name: getattr(self, name) for name in _names()}))


def joined(parts: Sequence[Predictions]) -> Predictions:
    """All tiles of `parts` in their order; `AstroganError` where a tile comes twice, or sizes differ."""
    if len(parts) == 1:
        return parts[0]
    if len(sizes := {part.size for part in parts}) > 1:
        raise AstroganError(f"predictions of tiles of {sizes} px cannot be joined. Predict tiles of one size.")
    return Predictions(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in _names()})


def load_predictions(path: Path | str) -> Predictions:
    """Read what `Predictions.save` wrote; `AstroganError` when the file is missing, damaged or of another layout."""
    path = Path(path)
    try:
        # opened here, because numpy leaves the file open when it is no archive
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
            if missing := [name for name in _names() if name not in archive.files]:
                raise AstroganError(
                    f"{path} lacks {', '.join(missing)}: it is not a predictions file, or of an older version. "
                    "Run the stage that writes it again."
                )
            arrays = {name: archive[name] for name in _names()}
    except FileNotFoundError as error:
        raise AstroganError(f"{path} does not exist. Run the stage that writes it first.") from error
    except (OSError, EOFError, ValueError, AttributeError, zipfile.BadZipFile, zlib.error) as error:
        raise AstroganError(
            f"{path} cannot be read as predictions ({error}). Delete it and run the stage that writes it."
        ) from error
    try:
        return Predictions(**arrays)
    except AstroganError as error:
        raise AstroganError(f"{path}: {error}") from error


def from_lab(truth: np.ndarray, ab: np.ndarray, observation: np.ndarray, tile: np.ndarray) -> Predictions:
    """Predictions of an L*a*b* model: the true L of `truth` (uint8 (N, H, W, 3)) with the predicted `ab`.

    `ab` is (N, H, W, 2) in CIE units. The conversion to sRGB clips, as scikit-image's did in the authors' notebooks, so
    `floor` stays in 0..255.
    """
    truth, ab = _checked_truth(truth), np.asarray(ab, np.float32)
    _check_shape("ab", ab, (*truth.shape[:3], 2))
    floor, rounded = np.empty(truth.shape, np.int16), np.empty_like(truth)
    for part in _chunks(truth):
        lightness = rgb_to_lab(_to_tensor(truth[part]))[:, :1]
        colour = torch.from_numpy(np.ascontiguousarray(ab[part])).permute(0, 3, 1, 2)
        rgb = lab_to_rgb(torch.cat([lightness, colour], dim=1), clip=True).permute(0, 2, 3, 1).numpy()
        floor[part], rounded[part] = _readings(rgb)
    return Predictions(truth, floor, rounded, ab, _strings(observation), _strings(tile))


def from_rgb(truth: np.ndarray, rgb: np.ndarray, observation: np.ndarray, tile: np.ndarray) -> Predictions:
    """Predictions of an RGB model: `rgb` is its unclipped sRGB output, float (N, H, W, 3), nominally in [0, 1].

    `ab` is that of the clipped and rounded image.
    """
    truth, rgb = _checked_truth(truth), np.asarray(rgb)
    _check_shape("rgb", rgb, truth.shape)
    floor, rounded = np.empty(truth.shape, np.int16), np.empty_like(truth)
    for part in _chunks(truth):
        floor[part], rounded[part] = _readings(rgb[part])
    return Predictions(truth, floor, rounded, ab_of(rounded), _strings(observation), _strings(tile))


def from_uint8(truth: np.ndarray, output: np.ndarray, observation: np.ndarray, tile: np.ndarray) -> Predictions:
    """Predictions read back from image files: `output` uint8 (N, H, W, 3) stands for both readings."""
    truth, output = _checked_truth(truth), np.asarray(output)
    _check_shape("output", output, truth.shape)
    return Predictions(truth, output.astype(np.int16), output, ab_of(output), _strings(observation), _strings(tile))


def grey(truth: np.ndarray, observation: np.ndarray, tile: np.ndarray) -> Predictions:
    """The trivial baseline: the true L with a = b = 0."""
    truth = _checked_truth(truth)
    return from_lab(truth, np.zeros((*truth.shape[:3], 2), np.float32), observation, tile)


def ab_of(rgb: np.ndarray) -> NDArray[np.float32]:
    """a and b in CIE units, float32 (N, H, W, 2), of uint8 sRGB (N, H, W, 3)."""
    ab = np.empty((*rgb.shape[:3], 2), np.float32)
    for part in _chunks(rgb):
        ab[part] = rgb_to_lab(_to_tensor(rgb[part]))[:, 1:].permute(0, 2, 3, 1).numpy()
    return ab


def _readings(rgb: np.ndarray) -> tuple[NDArray[np.int16], NDArray[np.uint8]]:
    scaled = 255 * rgb
    if not np.isfinite(scaled).all():
        raise AstroganError("predictions hold NaN or infinite values. Look at the training curves; the model diverged.")
    floor = np.floor(scaled)
    if floor.min() < _INT16.min or floor.max() > _INT16.max:
        raise AstroganError(
            f"predictions reach from {rgb.min():.3g} to {rgb.max():.3g}, where sRGB in about [0, 1] was expected. "
            "The model diverged, or its output was not scaled to [0, 1]."
        )
    return floor.astype(np.int16), np.clip(np.rint(scaled), 0, 255).astype(np.uint8)


def _to_tensor(rgb: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(rgb)).permute(0, 3, 1, 2).float() / 255


def _chunks(images: np.ndarray) -> list[slice]:
    step = max(1, _PIXELS_AT_ONCE // (images.shape[1] * images.shape[2]))
    return [slice(start, start + step) for start in range(0, len(images), step)]


def _checked_truth(truth: np.ndarray) -> NDArray[np.uint8]:
    truth = np.asarray(truth)
    if truth.dtype != np.uint8 or truth.ndim != 4 or truth.shape[-1] != 3 or 0 in truth.shape:
        raise AstroganError(f"truth is {truth.dtype} {truth.shape}, expected uint8 (N, H, W, 3) with N >= 1")
    return truth


def _check_shape(name: str, array: np.ndarray, shape: tuple[int, ...]) -> None:
    if array.shape != shape:
        raise AstroganError(f"'{name}' is {array.shape}, where the truth asks for {shape}. Predict the same tiles.")


def _strings(values: np.ndarray) -> NDArray[np.str_]:
    return np.asarray(values, dtype=np.str_)


def _names() -> list[str]:
    return [field.name for field in fields(Predictions)]


def _problems(predictions: Predictions) -> list[str]:
    _checked_truth(predictions.truth)
    count, height, width, _ = predictions.truth.shape
    problems = []
    for name, kind, shape in (
        ("floor", np.int16, (count, height, width, 3)),
        ("rounded", np.uint8, (count, height, width, 3)),
        ("ab", np.float32, (count, height, width, 2)),
        ("observation", np.str_, (count,)),
        ("tile", np.str_, (count,)),
    ):
        array = getattr(predictions, name)
        if array.shape != shape or not np.issubdtype(array.dtype, kind):
            problems.append(f"'{name}' is {array.dtype} {array.shape}, expected {np.dtype(kind).name} {shape}")
    if predictions.ab.dtype == np.float32 and not np.isfinite(predictions.ab).all():
        problems.append("'ab' holds NaN or infinite values")
    if not problems and len(np.unique(predictions.tile)) != count:
        problems.append("tile names repeat")
    return problems
