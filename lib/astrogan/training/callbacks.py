"""What a person sees while a phase trains: a plain-text progress bar with losses, and samples that grow by epoch.

Plain text and pictures only: the state of ipywidgets would pull scripts from another host into the book.
"""

import io
import sys
import time

import numpy as np
import torch
from fastai.callback.core import Callback
from IPython import get_ipython
from IPython.display import DisplayHandle
from PIL import Image
from torch import Tensor

BAR_WIDTH = 30
ROWS_SHOWN = 10


class Progress(Callback):
    """One line an epoch with its losses, and a live bar below: updated in place in a notebook, on stderr elsewhere."""

    order = 50

    def __init__(self, every_s: float = 1.0):
        self.every_s, self.drawn_at = every_s, 0.0
        self.handle = DisplayHandle() if get_ipython() else None
        self.shown = False

    def after_batch(self):
        if self.training and time.monotonic() - self.drawn_at >= self.every_s:
            done, total = self.iter + 1, self.n_iter
            filled = round(BAR_WIDTH * done / total)
            self._draw(
                f"epoch {self.epoch + 1}/{self.n_epoch} [{'#' * filled}{'.' * (BAR_WIDTH - filled)}] {done}/{total}"
            )

    def after_fit(self):
        best = self.learn.best
        ending = "stopped early" if self.learn.stopped_early else "done"
        self._draw(
            f"{ending}: {self.learn.phase.keep} epoch {best['epoch']}, validation {self.learn.phase.criterion} {best['value']:.5f}",
            last=True,
        )

    def _draw(self, line: str, last: bool = False) -> None:
        self.drawn_at = time.monotonic()
        if self.handle is None:
            print(f"\r{line:<100}", end="\n" if last else "", file=sys.stderr, flush=True)
            return
        text = "\n".join([*_table(self.learn.history), line])
        show = self.handle.update if self.shown else self.handle.display
        show({"text/plain": text}, raw=True)
        self.shown = True


class SampleGrid(Callback):
    """The same fixed samples after every epoch: truth, input, then one row an epoch; the last rows where there are many."""

    order = 60

    def __init__(self, pixels: Tensor):
        """`pixels`: uint8 RGB (n, 3, H, W)."""
        self.pixels = pixels
        self.rows: list[tuple[str, np.ndarray]] = []
        self.handle = DisplayHandle() if get_ipython() else None

    def before_fit(self):
        condition, _ = self.learn.task.batch(self.pixels)
        self.first_rows = [_strip(self.pixels.float() / 255), _strip(self.learn.task.input_rgb(condition))]
        if self.handle:
            self.handle.display(self._picture())

    def after_epoch(self):
        condition, _ = self.learn.task.batch(self.pixels)
        network = self.learn.exported
        mode = network.training
        with torch.no_grad(), self.learn.precision.autocast():
            output = network.eval()(self.learn.precision.place_batch(condition))
        network.train(mode)
        self.rows.append(
            (f"epoch {self.epoch + 1}", _strip(self.learn.task.to_rgb(condition, output.cpu()).clamp(0, 1)))
        )
        if self.handle:
            self.handle.update(self._picture())

    def picture(self) -> Image.Image:
        """The grid as it stands."""
        return Image.fromarray(np.concatenate([*self.first_rows, *(row for _, row in self.rows[-ROWS_SHOWN:])]))

    def _picture(self):
        buffer = io.BytesIO()
        self.picture().save(buffer, format="png", optimize=True)
        from IPython.display import Image as Displayed

        return Displayed(data=buffer.getvalue())


def _strip(rgb: Tensor) -> np.ndarray:
    """(n, 3, H, W) in [0, 1] -> uint8 (H, n W, 3)."""
    pixels = (rgb.permute(2, 0, 3, 1) * 255).round().to(torch.uint8).numpy()
    height, count, width, _ = pixels.shape
    return pixels.reshape(height, count * width, 3)


def _table(history: list[dict]) -> list[str]:
    """The epochs so far as fixed-width lines."""
    if not history:
        return []
    names, valid = list(history[0]["train"]), list(history[0]["valid"])
    heads = [*names, *(f"validation {name}" for name in valid), "seconds"]
    lines = ["epoch " + "".join(f"{head:>20}" for head in heads)]
    for entry in history:
        values = [*(entry["train"][name] for name in names), *(entry["valid"][name] for name in valid)]
        lines.append(
            f"{entry['epoch']:5d} " + "".join(f"{value:20.5f}" for value in values) + f"{entry['seconds']:20.1f}"
        )
    return lines
