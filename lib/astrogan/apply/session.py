"""What `apply.ipynb` calls, one call a step: frames, models, results, and pictures of them."""

import io
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from matplotlib import pyplot as plt
from PIL import Image

from astrogan.apply.batch import run_batch
from astrogan.apply.config import ApplyStage
from astrogan.apply.frames.frame import FrameOptions
from astrogan.apply.frames.inputs import Input, expand
from astrogan.apply.frames.read import open_frame
from astrogan.apply.models.cards import Card, Task
from astrogan.apply.models.choose import choose, find_cards, open_model, seeds_of
from astrogan.apply.outputs.products import check_folder
from astrogan.apply.work import Colorizer, Enlarger, Request
from astrogan.base import AstroganError
from astrogan.data.degradation import upscale_bicubic
from astrogan.files import write_atomic

SAMPLE_CORNER, SAMPLE_SIDE = (560, 744), 256
"""(row, column) of the square of the sample image that stands for a reader's frame; its columns are beyond most training bands."""
SHOWN_SIDE = 512
"""Pictures of the book and of the notebook are at most so large, px."""
CROP_SIDE = 64
"""Side of the part of a frame that is shown enlarged, px."""


def frames_of(config: ApplyStage) -> list[Input]:
    """The frames to work on; the sample, a grey square of the Hubble deep field that scikit-image ships, is written first.

    Raises:
        AstroganError: when none of them can be used.
    """
    if config.frames != "sample":
        inputs = expand([config.frames], results_folder(config))
    else:
        with Image.open(str(files("skimage").joinpath("data/hubble_deep_field.jpg"))) as image:
            top, left = SAMPLE_CORNER
            grey = image.convert("L").crop((left, top, left + SAMPLE_SIDE, top + SAMPLE_SIDE))
        buffer = io.BytesIO()
        grey.save(buffer, "png")
        path = write_atomic(
            Path(config.run) / "applied" / "frames" / "sample.png", lambda file: file.write(buffer.getvalue())
        )
        inputs = [Input(path)]
    for entry in inputs:
        if entry.fault:
            raise entry.fault
    return inputs


def models_of(config: ApplyStage) -> dict[Task, Card]:
    """The model of each task that was asked for: the named one, else the default among this run's, else among all.

    Raises:
        AstroganError: when there is none; the message says how to get one.
    """
    cards, _ = find_cards(Path(config.run).parent)
    own = [card for card in cards if card.profile == Path(config.run).name]
    chosen = {}
    wanted = {"colour": config.colour_model, "upscale": config.upscale_model}
    for task in config.tasks.split(","):
        if task not in wanted:
            raise AstroganError(f"'{task}' is no task. Name 'colour', 'upscale', or both with a comma between them.")
        held = any(card.task == task for card in own)
        chosen[task] = choose(task, own if held and not wanted[task] else cards, wanted[task] or None)
    return chosen


def cards_table(models: dict[Task, Card]) -> pd.DataFrame:
    """What is known of the models, a column each."""
    return pd.DataFrame(
        {
            task: {
                "model": card.name,
                "trained on": card.trained_on,
                "validation": ", ".join(f"{key} {value:.4g}" for key, value in card.validation.items()),
                "notes": "; ".join(card.notes),
                "what it means": card.words,
            }
            for task, card in models.items()
        }
    )


def apply_models(config: ApplyStage, models: dict[Task, Card], frames: list[Input]) -> dict[Task, Path]:
    """Do every task on every frame; the folder of each task's results.

    Raises:
        AstroganError: when a frame failed, after the others were done.
    """
    cards, _ = find_cards(Path(config.run).parent)
    folders, failed = {}, []
    for task, card in models.items():
        folders[task] = results_folder(config) / task
        check_folder(folders[task])
        request = Request(
            folders[task], "png", config.detail, config.uncertainty, force=True, frame=_options(config, task)
        )
        others = seeds_of(card, cards) if config.uncertainty else []
        make = Colorizer if task == "colour" else Enlarger
        failed += run_batch(frames, make([open_model(one) for one in (card, *others)], request))
    if failed:
        raise AstroganError(f"{', '.join(map(str, failed))} failed; what was wrong stands above.")
    return folders


def results_folder(config: ApplyStage) -> Path:
    """Where the notebook leaves its outputs, a folder a task."""
    return Path(config.run) / "applied"


def save_pairs(config: ApplyStage, frame: Input, folders: dict[Task, Path]) -> dict[str, Path]:
    """`figures/applied-<task>-{before,after}.png` of one frame, for the book's page."""
    saved = {}
    for task, pair in pictures(config, frame, folders).items():
        for name, picture in pair.items():
            saved[f"{task}-{name}"] = _save(picture, Path(config.run) / "figures" / f"applied-{task}-{name}.png")
    return saved


def pictures(config: ApplyStage, frame: Input, folders: dict[Task, Path]) -> dict[Task, dict[str, np.ndarray]]:
    """uint8 RGB (H, W, 3) `before` and `after` of each task: the whole frame coloured, the brightest part of it enlarged."""
    found = {}
    if "colour" in folders:
        after = _read(folders["colour"] / f"{frame.stem}.png")
        found["colour"] = {"before": _fit(_bytes(_displayed(config, frame, "colour"))), "after": _fit(after)}
    if "upscale" in folders:
        display, after = _displayed(config, frame, "upscale"), _read(folders["upscale"] / f"{frame.stem}.png")
        scale = after.shape[0] // display.shape[0]
        y, x = _brightest(display)
        part = _bytes(display)[y : y + CROP_SIDE, x : x + CROP_SIDE]
        low = torch.from_numpy(part).permute(2, 0, 1)[None].float() / 255
        bicubic = upscale_bicubic(low, scale)[0].permute(1, 2, 0).numpy().clip(0, 1)
        box = (slice(y * scale, (y + CROP_SIDE) * scale), slice(x * scale, (x + CROP_SIDE) * scale))
        found["upscale"] = {"before": np.rint(bicubic * 255).astype(np.uint8), "after": after[box]}
    return found


def show_pairs(pairs: dict[Task, dict[str, np.ndarray]]) -> None:
    """Draw before and after of each task, a row a task."""
    titles = {
        ("colour", "before"): "frame", ("colour", "after"): "coloured: invented",
        ("upscale", "before"): "part of the frame, bicubic", ("upscale", "after"): "up-scaled: finest detail inferred",
    }  # fmt: skip
    _, axes = plt.subplots(len(pairs), 2, figsize=(9, 4.6 * len(pairs)), layout="constrained", squeeze=False)
    for row, (task, pair) in zip(axes, pairs.items(), strict=True):
        for axis, (name, picture) in zip(row, pair.items(), strict=True):
            axis.imshow(picture)
            axis.set_title(titles[task, name])
            axis.set_axis_off()


def show_uncertainty(frame: Input, folders: dict[Task, Path]) -> None:
    """Draw maps of the spread over flips, rotations and seeds, each with its scale."""
    units = {"colour": ("CIE units of a and b", 10), "upscale": ("share of the range from black to white", 1000)}
    figure, axes = plt.subplots(1, len(folders), figsize=(4.8 * len(folders), 4), layout="constrained", squeeze=False)
    for axis, (task, folder) in zip(axes[0], folders.items(), strict=True):
        with Image.open(folder / f"{frame.stem}-uncertainty.png") as image:
            levels = np.asarray(image)
        unit, scale = units[task]
        drawn = axis.imshow(levels / scale, cmap="magma")
        axis.set_title(f"spread of the {'colour' if task == 'colour' else 'enlarged frame'}")
        axis.set_axis_off()
        figure.colorbar(drawn, ax=axis, label=unit, shrink=0.8)


def _options(config: ApplyStage, task: Task) -> FrameOptions:
    whole = task == "upscale"
    return FrameOptions(config.hdu, config.plane, config.stretch, config.low, config.high, whole_range=whole)


def _displayed(config: ApplyStage, frame: Input, task: Task) -> np.ndarray:
    with open_frame(frame.path, _options(config, task)) as opened:
        return opened.display(0, opened.height)[0]


def _brightest(display: np.ndarray) -> tuple[int, int]:
    """Corner of the part with the most light, looked for in steps of half its side."""
    grey = display if display.ndim == 2 else display.mean(axis=2)
    corners = [
        (y, x)
        for y in range(0, max(1, grey.shape[0] - CROP_SIDE + 1), CROP_SIDE // 2)
        for x in range(0, max(1, grey.shape[1] - CROP_SIDE + 1), CROP_SIDE // 2)
    ]
    return max(corners, key=lambda c: float(grey[c[0] : c[0] + CROP_SIDE, c[1] : c[1] + CROP_SIDE].mean()))


def _bytes(display: np.ndarray) -> np.ndarray:
    values = np.rint(display * 255).astype(np.uint8)
    return values if values.ndim == 3 else np.repeat(values[..., None], 3, axis=2)


def _read(path: Path) -> np.ndarray:
    with open_frame(path) as frame:
        return _bytes(frame.display(0, frame.height)[0])


def _fit(picture: np.ndarray) -> np.ndarray:
    image = Image.fromarray(picture)
    image.thumbnail((SHOWN_SIDE, SHOWN_SIDE), Image.Resampling.LANCZOS)
    return np.asarray(image)


def _save(picture: np.ndarray, path: Path) -> Path:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "png", optimize=True)
    return write_atomic(path, lambda file: file.write(buffer.getvalue()))
