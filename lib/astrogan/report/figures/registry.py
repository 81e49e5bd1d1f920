"""Every figure of the report, and the one loop that draws what a run allows."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from astrogan.evaluation.results import Results
from astrogan.report.figures import colour, upscale
from astrogan.report.figures.curves import figure5
from astrogan.report.figures.style import save_figure, save_picture
from astrogan.report.index import MADE, NotInRunError
from astrogan.report.paper.rows import BASIC, FINETUNED, IMPROVED, SRGAN_FINETUNED

Draw = Callable[[Results], Figure | Mapping[str, np.ndarray]]
"""A function from a run to a figure, or to bare pictures by name; `NotInRunError` when the run does not allow it."""

FIGURES: dict[str, tuple[Draw, tuple[str, ...]]] = {
    "figure1": (colour.figure1, (FINETUNED,)),
    "figure2": (colour.figure2, (FINETUNED,)),
    "figure4": (colour.figure4, (FINETUNED,)),
    "figure5": (figure5, ()),
    "figure6": (colour.figure6, (FINETUNED,)),
    "figure7": (colour.figure7, (FINETUNED, BASIC)),
    "figure8": (colour.figure8, (FINETUNED,)),
    "figure9": (upscale.figure9, (SRGAN_FINETUNED,)),
    "figure10": (upscale.figure10, (SRGAN_FINETUNED,)),
    "error-map": (colour.error_map, (FINETUNED,)),
    "ab-histogram": (colour.ab_histogram, (FINETUNED,)),
    "slider": (colour.sliders, (FINETUNED,)),
    "better": (colour.better, (FINETUNED, IMPROVED)),
    "sr-crops": (upscale.crops, (SRGAN_FINETUNED,)),
    "sr-power-spectrum": (upscale.power_spectra, (SRGAN_FINETUNED,)),
    "sr-flux": (upscale.flux_conservation, (SRGAN_FINETUNED,)),
}
"""Figure name to the function that draws it and the rows without whose predictions it cannot be drawn."""


def save_figures(run: Path | str, figures: Mapping[str, tuple[Draw, tuple[str, ...]]] = FIGURES) -> dict[str, str]:
    """Draw and write the figures of a run; figure name to "made", or to the reason why it is missing."""
    folder = Results.open(run)
    done = {}
    for name, (draw, needs) in figures.items():
        try:
            if absent := [row for row in needs if not folder.has_pixels(row)]:
                raise NotInRunError(f"no predictions of {', '.join(absent)} in this run")
            drawn = draw(folder)
        except NotInRunError as reason:
            done[name] = str(reason)
            continue
        if isinstance(drawn, Figure):
            save_figure(drawn, folder.figure_file(name))
        else:
            for part, picture in drawn.items():
                save_picture(picture, folder.figure_file(part))
        done[name] = MADE
    return done
