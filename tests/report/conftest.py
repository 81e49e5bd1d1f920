"""A small run of made-up predictions with known faults: 16 tiles of 32 px from 8 observations, every row of the report."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from astrogan.evaluation.evaluate import evaluate
from astrogan.evaluation.predictions import Predictions, ab_of, from_lab, from_rgb, grey
from astrogan.report import rows

SIDE, OBSERVATIONS, PER_OBSERVATION = 32, 8, 2
PHASES = {
    "lab-resnet18": ("pretrain", "adversarial", "finetune"),
    "rgb-resnet18": ("adversarial",),
    "rgb-basic": ("adversarial",),
    "rgb-basic-asrun": ("adversarial",),
    "rgb-basic-heldout": ("adversarial",),
    "srgan": ("finetune",),
}


def _truth(rng: np.random.Generator) -> np.ndarray:
    """Smooth coloured fields with stars, uint8 (16, 32, 32, 3)."""
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE
    tiles = []
    for _ in range(OBSERVATIONS * PER_OBSERVATION):
        base = rng.uniform(0.05, 0.8, 3)
        slope = rng.uniform(-0.2, 0.2, (2, 3))
        tile = base + y[..., None] * slope[0] + x[..., None] * slope[1]
        for top, left in rng.integers(0, SIDE, (6, 2)):
            tile[top, left] = rng.uniform(0.7, 1, 3)
        tiles.append(tile)
    return np.rint(255 * np.clip(tiles, 0, 1)).astype(np.uint8)


@pytest.fixture(scope="session")
def made_rows() -> dict[str, Predictions]:
    """Predictions of every row. The RGB model's blue is 0.15 too low, so that it wraps; EDSR and WDSR overflow."""
    rng = np.random.default_rng(7)
    truth = _truth(rng)
    names = (
        np.repeat([f"field{i}" for i in range(OBSERVATIONS)], PER_OBSERVATION),
        np.array([f"tile{i}" for i in range(len(truth))]),
    )
    ab, x = ab_of(truth), truth / 255
    noise = rng.normal(0, 1, truth.shape)
    lab = {
        rows.PRETRAINED: ab * 0.3,
        rows.ADVERSARIAL: ab * 0.5 + noise[..., :2],
        rows.FINETUNED: ab * 0.8,
        rows.HUBBLE: ab * 0.8,
        rows.IMPROVED: ab * 0.95,
    }
    rgb = {
        rows.RGB: x - [0, 0, 0.15],
        rows.BASIC: x + 0.05 * noise,
        rows.BASIC_AS_RUN: x + 0.01 * noise,
        rows.BASIC_HELD_OUT: x + 0.06 * noise,
        rows.RGB_EQUAL: x + 0.07 * noise,
        rows.BICUBIC: x + 0.03 * noise,
        rows.SRGAN_SUPERVISED: np.clip(x + 0.02 * noise, 0, 1),
        rows.SRGAN_PRETRAINED: np.clip(x + 0.025 * noise, 0, 1),
        rows.SRGAN_FINETUNED: np.clip(x + 0.015 * noise, 0, 1),
        rows.EDSR_SUPERVISED: 1.3 * x,
        rows.EDSR: 1.25 * x,
        rows.WDSR_SUPERVISED: 1.2 * x,
        rows.WDSR: 1.15 * x,
    }
    return (
        {row: from_lab(truth, values, *names) for row, values in lab.items()}
        | {row: from_rgb(truth, values, *names) for row, values in rgb.items()}
        | {rows.GREY: grey(truth, *names)}
    )


@pytest.fixture(scope="session")
def made_histories() -> dict[str, dict]:
    """Histories of 20 epochs, by row: L1 falls, the discriminator's loss rises from 0.5 and settles at 0.69."""
    found = {}
    for experiment, phases in PHASES.items():
        for phase in phases:
            epochs = []
            for number in range(1, 21):
                l1 = 0.05 + 0.05 * np.exp(-number / 4)
                train = {"l1": l1}
                if phase != "pretrain":
                    wobble = 0.01 * (-1) ** number
                    d = 0.69 - 0.19 * np.exp(-(number - 1) / 2) + wobble
                    train |= {"g_adversarial": 0.7 + wobble, "g": 0.7 + wobble + 100 * l1, "d": d}
                epochs.append({"epoch": number, "train": train, "valid": {"l1": 1.2 * l1}, "seconds": 9.0})
            found[f"{experiment}-{phase}"] = {
                "experiment": experiment,
                "phase": phase,
                "config": {"epochs": 20, "batch": 16, "lr": 2e-4, "lambda_l1": 100.0, "degradation": "bicubic"},
                "images_per_epoch": 96,
                "epochs": epochs,
                "best_epoch": 20,
                "best_valid_l1": 0.06,
                "stopped_early": False,
                "notes": [],
            }
    return found


@pytest.fixture(scope="session")
def made_metrics(made_rows: dict[str, Predictions]) -> dict[str, dict]:
    """What `evaluate` says of every row, without the metrics that need weights."""
    found = {}
    for row, predictions in made_rows.items():
        values = evaluate(predictions, without={"fid", "kid", "lpips"})
        seeds = [] if row in rows.BASELINES else [0]
        found[row] = values | {"row": row, "seeds": seeds}
    found[rows.FINETUNED]["notes"] = ["encoder started from random weights"]
    return found


@pytest.fixture(scope="session")
def make_run(
    tmp_path_factory: pytest.TempPathFactory,
    made_rows: dict[str, Predictions],
    made_metrics: dict[str, dict],
    made_histories: dict[str, dict],
) -> Callable[..., Path]:
    """Write a new run folder; `only` restricts the rows it holds."""

    def make(only: tuple[str, ...] | None = None) -> Path:
        run = tmp_path_factory.mktemp("run")
        for folder in ("predictions", "metrics", "history", "stages"):
            (run / folder).mkdir(parents=True)
        for row, predictions in made_rows.items():
            if only is None or row in only:
                predictions.save(run / "predictions" / f"{row}.npz")
                (run / "metrics" / f"{row}.json").write_text(json.dumps(made_metrics[row]))
        for row, history in made_histories.items():
            if only is None or row in only:
                (run / "history" / f"{row}.json").write_text(json.dumps(history))
        return run

    return make


@pytest.fixture(scope="session")
def full_run(make_run: Callable[..., Path]) -> Path:
    """One run with every row; tests write into its figures and tables alone, so that its measures are taken once."""
    return make_run()
