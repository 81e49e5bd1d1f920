"""One look for every figure of the report: sizes in inches, readable labels, pictures without axes, one white ground.

A figure stands on an opaque white ground with a thin margin, so that it reads the same on a light and on a dark page
(place it with `:class: dark-light`, or the page's theme dims its colours in dark mode).
"""

import io
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

import matplotlib
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image
from skimage.util import montage

from astrogan.base import AstroganError
from astrogan.files import write_atomic

WIDTH = 7.2
"""Width of a full-width figure, inches: a text column of A4 or the book's page."""

DPI = 180
MAX_BYTES = 1_000_000
CREDIT = "Images: NASA, ESA, STScI"

Panel = tuple[str, np.ndarray | None]
"""A title and a picture as `show` takes it."""

_MARGIN = 0.06
_MISSING = 236


styled = matplotlib.rc_context(
    {
        **sns.axes_style("whitegrid"),
        **sns.plotting_context("paper", font_scale=1.05),
        "axes.prop_cycle": matplotlib.cycler(color=sns.color_palette("colorblind", 10)),
        "axes.titlesize": 9.5,
        "axes.titlelocation": "left",
        "axes.edgecolor": "0.4",
        "grid.color": "0.9",
        "legend.frameon": False,
        "figure.facecolor": "white",
        "savefig.facecolor": "white",
    }
)
"""Decorate a function that makes a figure so that it draws in the report's style: a white grid, colour-blind-safe, 9 pt."""


def new_figure(width: float, height: float) -> Figure:
    """A figure of the given size in inches that lays itself out; it belongs to no window and needs no closing."""
    return Figure(figsize=(width, height), layout="constrained")


def headed(titles: Sequence[str], lines: Sequence[Sequence[np.ndarray | None]]) -> list[list[Panel]]:
    """Lines of pictures as panels, of which the first line alone has titles."""
    heads = [titles, *[("",) * len(titles)] * (len(lines) - 1)]
    return [list(zip(head, line, strict=True)) for head, line in zip(heads, lines, strict=True)]


@styled
def picture_figure(
    size: tuple[float, float],
    lines: Sequence[Sequence[Panel]],
    blank: tuple[int, int] = (1, 1),
    title_size: float | None = None,
) -> Figure:
    """A credited grid of titled pictures, line by line, `size` (width and height) in inches, `title_size` in points.

    A missing picture leaves an empty panel of the proportions `blank` (height, width).
    """
    figure = new_figure(*size)
    grid = figure.subplots(len(lines), len(lines[0]), squeeze=False)
    for axes, (title, picture) in zip(grid.flat, chain.from_iterable(lines), strict=True):
        show(axes, picture, title, blank)
        if title_size:
            axes.set_title(title, fontsize=title_size)
    add_credit(figure)
    return figure


def draw_levels(axes: Axes, levels: Iterable[tuple[float, str]], zorder: float = 2) -> None:
    """Dashed horizontal lines across the axes, each with its meaning written over its left end."""
    for level, words in levels:
        axes.axhline(level, color="0.35", linewidth=0.9, linestyle=(0, (4, 3)), zorder=zorder)
        axes.annotate(
            words, (0.005, level), xycoords=("axes fraction", "data"), xytext=(0, 2), textcoords="offset points", size=7
        )


def show(axes: Axes, picture: np.ndarray | None, title: str = "", shape: tuple[int, int] = (1, 1)) -> None:
    """Draw a picture without axes: uint8 (H, W, 3) or (H, W), or floats in [0, 1].

    None is an empty panel of the proportions `shape` (height, width) with a dash.
    """
    if picture is None:
        picture = np.full((64 * shape[0], 64 * shape[1]), _MISSING, np.uint8)
        axes.text(0.5, 0.5, "–\nnot in this run", ha="center", va="center", color="0.35", transform=axes.transAxes)
    limits = {"cmap": "gray", "vmin": 0, "vmax": 255 if picture.dtype == np.uint8 else 1} if picture.ndim == 2 else {}
    axes.imshow(picture, **limits)
    axes.set_title(title)
    axes.set_axis_off()


def enlarge(picture: np.ndarray, side: int) -> np.ndarray:
    """Repeat pixels of (H, W, ...) by the smallest whole factor that makes both sides at least `side` px."""
    factor = max(1, -(-side // min(picture.shape[:2])))
    return picture.repeat(factor, axis=0).repeat(factor, axis=1)


def mosaic(pictures: Sequence[np.ndarray | None], columns: int, side: int = 160) -> np.ndarray:
    """Lay uint8 pictures (H, W, 3) of one size out row by row with white gaps; None leaves a pale square.

    Small pictures are enlarged by whole factors to at least `side` px, so that printing does not blur them.
    """
    present = [picture for picture in pictures if picture is not None]
    if not present:
        raise AstroganError("a mosaic needs at least one picture. Make the predictions first.")
    blank = np.full_like(present[0], _MISSING)
    tiles = [enlarge(blank if picture is None else picture, side) for picture in pictures]
    gap = max(2, tiles[0].shape[1] // 40)
    shape = (-(-len(tiles) // columns), columns)
    framed = montage(tiles, fill=(255, 255, 255), padding_width=gap, grid_shape=shape, channel_axis=-1)
    return framed[gap:-gap, gap:-gap]


def add_credit(figure: Figure, credit: str = CREDIT) -> None:
    """Write the images' credit under a figure."""
    figure.supxlabel(credit, fontsize=6.5, color="0.4", x=0.995, ha="right")


def save_figure(figure: Figure, path: Path) -> Path:
    """Write a figure as a PNG, pictures at a lower resolution where `MAX_BYTES` demands it (never under 80 dpi)."""
    for dpi in (DPI, 150, 125, 100, 80):
        data = _png(figure, dpi)
        if len(data) <= MAX_BYTES:
            break
    return write_atomic(path, lambda file: file.write(data))


def save_picture(picture: np.ndarray, path: Path) -> Path:
    """Write a bare uint8 picture (H, W, 3) as an optimised PNG."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "png", optimize=True)
    return write_atomic(path, lambda file: file.write(buffer.getvalue()))


def _png(figure: Figure, dpi: int) -> bytes:
    raw, small = io.BytesIO(), io.BytesIO()
    figure.savefig(raw, format="png", dpi=dpi, bbox_inches="tight", pad_inches=_MARGIN)
    image = Image.open(raw).convert("RGB")
    if image.getcolors(maxcolors=256):  # a plot of few colours loses nothing as a palette
        image = image.quantize(256, dither=Image.Dither.NONE)
    image.save(small, "png", optimize=True, dpi=(dpi, dpi))
    return small.getvalue()
