"""Super-resolved test tiles as `Predictions`: a checkpoint's outputs, or plain bicubic, from the same inputs."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from astrogan.base import AstroganError
from astrogan.data.degradation import upscale_bicubic
from astrogan.data.tileset import TileSet
from astrogan.device import find_device
from astrogan.evaluation.predict import BATCH, truth_of
from astrogan.models.config import UpscaleNetworkConfig
from astrogan.models.upscaler import build_upscaler
from astrogan.tasks.predictions import Predictions, from_rgb
from astrogan.tasks.upscale import UpscaleTask
from astrogan.training.checkpoint import load_checkpoint


def load_upscaler(path: Path | str) -> tuple[nn.Module, dict]:
    """The generator of a super-resolution checkpoint in eval mode on the CPU, and the whole checkpoint."""
    content = load_checkpoint(path, expected={"task": "upscale"})
    generator = build_upscaler(UpscaleNetworkConfig.checked(**content["config"]["network"]))
    generator.load_state_dict(content["networks"]["generator"])
    return generator.eval(), content


def predict_upscale(
    checkpoint: Path | str, tiles: TileSet, degradation: str, split: str = "test"
) -> tuple[Predictions, list[str], list[int]]:
    """Run a checkpoint over the degraded tiles of `split`, in float32 and eval mode; the output is not clipped.

    Returns the predictions, the notes of the row, and the seed of the training.
    """
    generator, content = load_upscaler(checkpoint)
    trained = content["config"]
    if trained["size"] != tiles.pixels.shape[1]:
        # The networks would run at any size, but tiles of another size may be split otherwise, and leak.
        raise AstroganError(
            f"checkpoint {checkpoint} was trained on tiles of {trained['size']} px, these are {tiles.pixels.shape[1]} px. "
            "Evaluate it on tiles of its own size."
        )
    notes = list(content["notes"])
    if trained["degradation"] != degradation:
        notes.append(f"tested on the degradation {degradation}")
    device = find_device()
    generator = generator.to(device)
    return _predictions(generator, tiles, degradation, split, device), notes, [trained["seed"]]


def predict_bicubic(tiles: TileSet, degradation: str, split: str = "test") -> tuple[Predictions, list[str]]:
    """The baseline: bicubic interpolation of the same inputs."""
    notes = [f"tested on the degradation {degradation}, x4"]
    return _predictions(upscale_bicubic, tiles, degradation, split, torch.device("cpu")), notes


@torch.inference_mode()
def _predictions(
    upscale: Callable[[Tensor], Tensor], tiles: TileSet, degradation: str, split: str, device: torch.device
) -> Predictions:
    truth, observation, names = truth_of(tiles, split)
    task, outputs = UpscaleTask(degradation), []
    for start in range(0, len(truth), BATCH):
        pixels = torch.from_numpy(truth[start : start + BATCH]).permute(0, 3, 1, 2)
        # On the CPU wherever the network runs, so that noise is the same everywhere.
        condition, _ = task.batch(pixels)
        outputs.append(upscale(condition.to(device)).float().permute(0, 2, 3, 1).cpu().numpy())
    return from_rgb(truth, np.concatenate(outputs), observation, names)
