"""What an up-scaling network was given, made anew: its predictions hold the truth and the output alone."""

import numpy as np
import torch

from astrogan.evaluation.predict import BATCH
from astrogan.report.index import NotInRunError
from astrogan.run import Run
from astrogan.tasks.upscale import UpscaleConversion


def degradation_of(run: Run, row: str) -> str:
    """How the row's inputs were made, as its history says; `NotInRunError` when the run has none."""
    if row not in run.histories:
        raise NotInRunError(f"no history of {row} in this run, which says how inputs are made")
    return run.histories[row]["config"]["degradation"]


def network_inputs(truth: np.ndarray, degradation: str) -> np.ndarray:
    """What the networks were given for all tiles of a row: uint8 (N, H, W, 3) to uint8 (N, H / 4, W / 4, 3).

    In the evaluation's batches, so that a degradation that draws noise draws the same.
    """
    task, inputs = UpscaleConversion(degradation=degradation), []
    for start in range(0, len(truth), BATCH):
        small, _ = task.batch(torch.from_numpy(truth[start : start + BATCH]).permute(0, 3, 1, 2))
        inputs.append((small * 255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy())
    return np.concatenate(inputs)
