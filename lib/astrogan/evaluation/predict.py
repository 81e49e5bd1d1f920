"""A checkpoint's outputs on held-out tiles, as `Predictions`."""

from pathlib import Path

import numpy as np
import torch
from torch import nn

from astrogan.base import AstroganError
from astrogan.data.tileset import TileSet
from astrogan.device import find_device
from astrogan.models.build import build_generator
from astrogan.models.config import NetworkConfig
from astrogan.models.weights import nothing_at_hand
from astrogan.tasks.colour import ColourTask
from astrogan.tasks.predictions import Predictions, from_lab, from_rgb, grey
from astrogan.training.checkpoint import load_checkpoint

BATCH = 8


def load_generator(path: Path | str) -> tuple[nn.Module, NetworkConfig, dict]:
    """The generator of a colour checkpoint in eval mode on the CPU, its network's configuration, and the whole checkpoint."""
    content = load_checkpoint(path, expected={"task": "colour"})
    network = NetworkConfig.checked(**content["config"]["network"])
    find = nothing_at_hand("replaced by the checkpoint's")
    built = build_generator(network, content["config"]["size"], find)
    built.network.load_state_dict(content["networks"]["generator"])
    return built.network.eval(), network, content


@torch.inference_mode()
def predict(checkpoint: Path | str, tiles: TileSet, split: str = "test") -> tuple[Predictions, list[str], list[int]]:
    """Run a colour checkpoint over the tiles of `split`, in float32 and eval mode (batch norm by running statistics).

    Returns the predictions, the notes that the checkpoint carries for its table row, and the seed of its training.
    """
    generator, network, content = load_generator(checkpoint)
    if content["config"]["size"] != tiles.pixels.shape[1]:
        raise AstroganError(
            f"checkpoint {checkpoint} was trained at {content['config']['size']} px, the tiles are {tiles.pixels.shape[1]} px. "
            "Evaluate it on tiles of its own size."
        )
    device = find_device()
    generator, task = generator.to(device), ColourTask(network)
    truth, observation, names = truth_of(tiles, split)
    outputs = []
    for start in range(0, len(truth), BATCH):
        pixels = torch.from_numpy(truth[start : start + BATCH]).permute(0, 3, 1, 2).to(device)
        condition, _ = task.batch(pixels)
        outputs.append(generator(condition).float().permute(0, 2, 3, 1).cpu().numpy())
    output = np.concatenate(outputs)
    make = from_lab if network.space == "lab" else from_rgb
    scale = task.ab_scale if network.space == "lab" else 1.0
    return make(truth, output * np.float32(scale), observation, names), content["notes"], [content["config"]["seed"]]


def predict_grey(tiles: TileSet, split: str = "test") -> tuple[Predictions, list[str]]:
    """The baseline a = b = 0 on the same tiles."""
    return grey(*truth_of(tiles, split)), []


def truth_of(tiles: TileSet, split: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pixels uint8 (N, H, W, 3), observation (N,) and tile name (N,) of a split."""
    rows = tiles.indices(split)
    table = tiles.table.iloc[rows]
    return np.ascontiguousarray(tiles.pixels[rows]), table["observation"].to_numpy(str), table["tile"].to_numpy(str)
