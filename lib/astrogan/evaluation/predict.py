"""A row's outputs on held-out tiles, as `Predictions`: a checkpoint's, or a baseline's."""

from pathlib import Path

import numpy as np
import torch
from torch import nn

from astrogan.base import AstroganError
from astrogan.data.tileset import TileSet
from astrogan.device import find_device
from astrogan.models.build import empty_generator
from astrogan.models.config import NetworkConfig
from astrogan.tasks import TASKS, Conversion
from astrogan.tasks.baselines import BASELINES
from astrogan.tasks.baselines.baseline import Predict
from astrogan.tasks.predictions import BATCH, Predictions
from astrogan.training.checkpoint import load_checkpoint, load_weights


def load_generator(path: Path | str, task: str) -> tuple[nn.Module, NetworkConfig, dict]:
    """The generator of a checkpoint of `task` in eval mode on the CPU, its network's configuration, and the whole checkpoint.

    Raises:
        AstroganError: for a checkpoint that is missing, damaged, of the other task, or of a network that is not known.
    """
    content = load_checkpoint(path, expected={"task": task})
    network = NetworkConfig.of_checkpoint(content["config"]["network"], path)
    generator = empty_generator(network, content["config"]["size"])
    load_weights(generator, content["networks"]["generator"], path)
    return generator.eval(), network, content


def predict(
    checkpoint: Path | str, task: str, tiles: TileSet, split: str = "test", degradation: str = "bicubic"
) -> tuple[Predictions, list[str], list[int]]:
    """Run a checkpoint over the tiles of `split`, in float32 and eval mode (batch norm by running statistics).

    Returns the predictions, the notes that the checkpoint carries for its table row, and the seed of its training.

    Raises:
        AstroganError: as `load_generator`, and for tiles of another size than the checkpoint's.
    """
    generator, network, content = load_generator(checkpoint, task)
    trained, side = content["config"], tiles.pixels.shape[1]
    if trained["size"] != side:
        # Some networks would run at any size, but tiles of another size may be split otherwise, and leak.
        raise AstroganError(
            f"checkpoint {checkpoint} was trained on tiles of {trained['size']} px, these are {side} px. "
            "Evaluate it on tiles of its own size."
        )
    notes = list(content["notes"])
    if trained.get("degradation", degradation) != degradation:
        notes.append(f"tested on the degradation {degradation}")
    device = find_device()
    conversion, generator = TASKS[task].conversion(network, degradation), generator.to(device)
    outputs = _predictions(lambda low, _: generator(low.to(device)), conversion, tiles, split)
    return outputs, notes, [trained["seed"]]


def predict_baseline(
    name: str, tiles: TileSet, split: str = "test", degradation: str = "bicubic", seed: int = 0
) -> tuple[Predictions, list[str], list[int]]:
    """A baseline, fitted with `seed` on the set's training tiles, over the tiles of `split`; its notes, and no seed of a training.

    Raises:
        AstroganError: when it needs an extra that is not installed, or there are no training tiles.
    """
    baseline = BASELINES[name]
    if baseline.absent:
        raise AstroganError(
            f"baseline {name}: {baseline.absent}. Install it: pip install 'astrogan[{baseline.extra}]'."
        )
    half, fitted = TASKS[baseline.task], baseline.fit(tiles, seed)
    conversion = half.conversion(NetworkConfig(), degradation)
    notes = [f"tested on the degradation {degradation}, x{half.multiple}"] if "degradation" in half.fields else []
    return _predictions(fitted.predict, conversion, tiles, split), [*notes, *fitted.notes], []


def truth_of(tiles: TileSet, split: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pixels uint8 (N, H, W, 3), observation (N,) and tile name (N,) of a split."""
    rows = tiles.indices(split)
    table = tiles.table.iloc[rows]
    return np.ascontiguousarray(tiles.pixels[rows]), table["observation"].to_numpy(str), table["tile"].to_numpy(str)


@torch.inference_mode()
def _predictions(network: Predict, conversion: Conversion, tiles: TileSet, split: str) -> Predictions:
    truth, observation, names = truth_of(tiles, split)
    outputs = []
    for start in range(0, len(truth), BATCH):
        pixels = torch.from_numpy(truth[start : start + BATCH]).permute(0, 3, 1, 2)
        # On the CPU wherever the network runs, so that noise is the same everywhere.
        condition, _ = conversion.batch(pixels)
        outputs.append(network(condition, names[start : start + BATCH]).float().permute(0, 2, 3, 1).cpu().numpy())
    return conversion.predictions(truth, np.concatenate(outputs), observation, names)
