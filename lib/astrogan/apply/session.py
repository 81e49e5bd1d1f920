"""What `apply.ipynb` calls, one call a step: frames, models, results, and pictures of them."""

from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from numpy.lib.stride_tricks import sliding_window_view
from PIL import Image

from astrogan.apply.batch import Input, expand, run_task
from astrogan.apply.config import ApplyStage
from astrogan.apply.frames import FrameOptions, open_frame
from astrogan.apply.models.cards import Card
from astrogan.apply.models.catalogue import choose, find_cards
from astrogan.apply.outputs.products import Request
from astrogan.apply.outputs.writers import save_png
from astrogan.apply.work import options_for
from astrogan.base import AstroganError
from astrogan.color import to_pictures, to_tensor
from astrogan.data.degradation import upscale_bicubic
from astrogan.tasks import TASKS, TaskName

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
            grey = np.asarray(image.convert("L").crop((left, top, left + SAMPLE_SIDE, top + SAMPLE_SIDE)))
        inputs = [Input(save_png(grey, results_folder(config) / "frames" / "sample.png"))]
    for entry in inputs:
        if entry.fault:
            raise entry.fault
    return inputs


def models_of(config: ApplyStage) -> dict[TaskName, Card]:
    """The model of each task that was asked for: the named one, else the default among this run's, else among all.

    Raises:
        AstroganError: when there is none; the message says how to get one.
    """
    cards, _ = find_cards(config.folder.path.parent)
    chosen = {}
    for task in config.tasks.split(","):
        if task not in TASKS:
            raise AstroganError(f"'{task}' is no task. Name 'colour', 'upscale', or both with a comma between them.")
        own = [card for card in cards if card.profile == config.folder.name and card.task == task]
        wanted = getattr(config, f"{task}_model")
        chosen[task] = choose(task, cards if wanted or not own else own, wanted)
    return chosen


def cards_table(models: dict[TaskName, Card]) -> pd.DataFrame:
    """What is known of the models, a column each."""
    facts = {task: {"model": card.name} | card.facts | {"what it means": card.words} for task, card in models.items()}
    return pd.DataFrame(facts).fillna("")


def apply_models(config: ApplyStage, models: dict[TaskName, Card], frames: list[Input]) -> dict[TaskName, Path]:
    """Do every task on every frame; the folder of each task's results.

    Raises:
        AstroganError: when a frame failed, after the others were done.
    """
    cards, _ = find_cards(config.folder.path.parent)
    folders, failed = {task: results_folder(config) / task for task in models}, []
    for task, card in models.items():
        options = FrameOptions.of(config)
        request = Request(folders[task], "png", config.detail, config.uncertainty, force=True, frame=options)
        failed += run_task(card, cards, frames, request)
    if failed:
        raise AstroganError(f"{', '.join(map(str, failed))} failed; what was wrong stands above.")
    return folders


def results_folder(config: ApplyStage) -> Path:
    """Where the notebook leaves its outputs, a folder a task."""
    return config.folder.applied_folder


def save_pairs(config: ApplyStage, frame: Input, folders: dict[TaskName, Path]) -> dict[str, Path]:
    """`figures/applied-<task>-{before,after}.png` of one frame, for the book's page."""
    saved = {}
    for task, pair in pictures(config, frame, folders).items():
        for name, picture in pair.items():
            saved[f"{task}-{name}"] = save_png(picture, config.folder.figure_file(f"applied-{task}-{name}"))
    return saved


def pictures(config: ApplyStage, frame: Input, folders: dict[TaskName, Path]) -> dict[TaskName, dict[str, np.ndarray]]:
    """uint8 RGB (H, W, 3) `before` and `after` of each task: the whole frame coloured, the brightest part of it enlarged."""
    found = {}
    for task, folder in folders.items():
        display = _displayed(frame.path, options_for(task, FrameOptions.of(config)))
        before, after = _bytes(display), _bytes(_displayed(folder / f"{frame.stem}.png"))
        if task == "colour":
            found[task] = {"before": _fit(before), "after": _fit(after)}
            continue
        scale, (y, x) = len(after) // len(before), _brightest(display)
        part = before[None, y : y + CROP_SIDE, x : x + CROP_SIDE]
        box = (slice(y * scale, (y + CROP_SIDE) * scale), slice(x * scale, (x + CROP_SIDE) * scale))
        found[task] = {"before": to_pictures(upscale_bicubic(to_tensor(part), scale))[0], "after": after[box]}
    return found


def show_pairs(pairs: dict[TaskName, dict[str, np.ndarray]]) -> None:
    """Draw before and after of each task, a row a task."""
    _, axes = plt.subplots(len(pairs), 2, figsize=(9, 4.6 * len(pairs)), layout="constrained", squeeze=False)
    for row, (task, pair) in zip(axes, pairs.items(), strict=True):
        for axis, title, picture in zip(row, TASKS[task].words.titles, pair.values(), strict=True):
            axis.imshow(picture)
            axis.set_title(title)
            axis.set_axis_off()


def show_uncertainty(frame: Input, folders: dict[TaskName, Path]) -> None:
    """Draw maps of the spread over flips, rotations and seeds, each with its scale."""
    figure, axes = plt.subplots(1, len(folders), figsize=(4.8 * len(folders), 4), layout="constrained", squeeze=False)
    for axis, (task, folder) in zip(axes[0], folders.items(), strict=True):
        with Image.open(folder / f"{frame.stem}-uncertainty.png") as image:
            levels = np.asarray(image)
        words = TASKS[task].words
        drawn = axis.imshow(levels / words.spread_levels, cmap="magma")
        axis.set_title(f"spread of the {words.spread_of}")
        axis.set_axis_off()
        figure.colorbar(drawn, ax=axis, label=words.spread_unit, shrink=0.8)


def _displayed(path: Path, options: FrameOptions | None = None) -> np.ndarray:
    with open_frame(path, options) as frame:
        return frame.display(0, frame.height)[0]


def _brightest(display: np.ndarray) -> tuple[int, int]:
    """Corner of the part with the most light, looked for in steps of half its side."""
    grey = display if display.ndim == 2 else display.mean(axis=2)
    part = tuple(min(CROP_SIDE, side) for side in grey.shape)
    light = sliding_window_view(grey, part)[:: CROP_SIDE // 2, :: CROP_SIDE // 2].mean(axis=(2, 3))
    y, x = np.unravel_index(light.argmax(), light.shape)
    return int(y) * CROP_SIDE // 2, int(x) * CROP_SIDE // 2


def _bytes(display: np.ndarray) -> np.ndarray:
    values = np.rint(display * 255).astype(np.uint8)
    return values if values.ndim == 3 else np.repeat(values[..., None], 3, axis=2)


def _fit(picture: np.ndarray) -> np.ndarray:
    image = Image.fromarray(picture)
    image.thumbnail((SHOWN_SIDE, SHOWN_SIDE), Image.Resampling.LANCZOS)
    return np.asarray(image)
