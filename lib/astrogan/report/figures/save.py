"""Every figure that a run's predictions and histories allow, written under `<run>/figures/`."""

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from astrogan.base import AstroganError
from astrogan.color import lab_of
from astrogan.evaluation.results import Results
from astrogan.experiments.catalogue import rows_in
from astrogan.report.figures import colour as figures_color
from astrogan.report.figures import own as figures_own
from astrogan.report.figures import upscale as figures_sr
from astrogan.report.figures.curves import PHASES, figure5
from astrogan.report.figures.showcase import like, pictured, showcase
from astrogan.report.figures.style import enlarge, save_figure, save_picture
from astrogan.report.index import MADE
from astrogan.report.paper import rows
from astrogan.tasks.predictions import Predictions

_HISTOGRAM = (rows.PRETRAINED, rows.FINETUNED, rows.IMPROVED, rows.RGB, rows.BASIC)
SLIDERS = 4
_SLIDER_SIDE = 384
_ERROR_MAPS = 4
_BASIC_SAMPLES = 3
_CROPS = 3
_COMPARED = 6


def save_figures(run: Path | str) -> dict[str, str]:
    """Write `figures/<name>.png` for a run; figure name to "made", or to the reason why it is missing."""
    folder = Results.open(run)
    return {**_save_color(folder), **_save_curves(folder), **_save_sr(folder)}


def _save_color(run: Results) -> dict[str, str]:
    finetuned = (rows.FINETUNED,)
    needs: dict[str, tuple[str, ...]] = {
        "figure1": finetuned,
        "figure2": finetuned,
        "figure4": finetuned,
        "figure6": finetuned,
        "figure7": (rows.FINETUNED, rows.BASIC),
        "figure8": finetuned,
        "error-map": finetuned,
        "ab-histogram": finetuned,
        "slider": finetuned,
        "better": (rows.FINETUNED, rows.IMPROVED),
    }
    if not run.has_pixels(rows.FINETUNED):
        return _missing(run, needs)
    main = run.predictions(rows.FINETUNED)
    samples = showcase(main)
    best = _most_colourful(main, samples)
    # only the showcase tiles of each row are kept: all rows whole would not fit into memory
    shown = {row: _subset(run.predictions(row), main.tile[samples]) for row in rows_in("table1") if run.has_pixels(row)}
    shown = {row: value for row, value in shown.items() if value is not None}
    row, places = pictured(run.metrics), np.arange(len(samples))
    if row not in shown or len(shown[row]) != len(samples):
        raise AstroganError(f"{run.path}: {row} holds other tiles than {rows.FINETUNED}; evaluate both on one split.")
    model = shown[row]
    drawn: dict[str, Callable[[], Figure]] = {
        "figure1": lambda: figures_color.figure1(main, samples),
        "figure2": lambda: figures_color.figure2(main, best),
        "figure4": lambda: figures_color.figure4(main.truth[best]),
        "figure6": lambda: figures_color.figure6(shown, main, best),
        "figure8": lambda: figures_color.figure8(shown, main, samples),
        "error-map": lambda: figures_own.error_map(model, _spread(places, _ERROR_MAPS)),
        "ab-histogram": lambda: figures_own.ab_histogram(
            (row, run.predictions(row)) for row in _HISTOGRAM if run.has_pixels(row)
        ),
    }
    if row == rows.IMPROVED:
        compared = _spread(places, _COMPARED)
        drawn["better"] = lambda: figures_own.better(shown[rows.FINETUNED], model, compared)
    if rows.BASIC in shown:
        basic = shown[rows.BASIC]
        drawn["figure7"] = lambda: figures_color.figure7(basic, _spread(np.arange(len(basic)), _BASIC_SAMPLES))
    done = _save(run, drawn)
    _save_sliders(run, model, _spread(places, SLIDERS))
    return {**_missing(run, {name: row for name, row in needs.items() if name not in done}), **done, "slider": MADE}


def _save_curves(run: Results) -> dict[str, str]:
    experiment = rows.FINETUNED.rsplit("-", 1)[0]
    histories = {p: run.histories[f"{experiment}-{p}"] for p in PHASES if f"{experiment}-{p}" in run.histories}
    if not histories:
        return {"figure5": f"no history of {experiment} in this run"}
    return _save(run, {"figure5": lambda: figure5(histories)})


def _save_sr(run: Results) -> dict[str, str]:
    names = ("figure9", "figure10", "sr-crops", "sr-power-spectrum", "sr-flux")
    needs = dict.fromkeys(names, (rows.SRGAN_FINETUNED,))
    if not run.has_pixels(rows.SRGAN_FINETUNED):
        return _missing(run, needs)
    if rows.SRGAN_FINETUNED not in run.histories:
        return dict.fromkeys(names, f"no history of {rows.SRGAN_FINETUNED} in this run, which says how inputs are made")
    degradation = run.histories[rows.SRGAN_FINETUNED]["config"]["degradation"]
    main = run.predictions(rows.SRGAN_FINETUNED)
    inputs = figures_sr.network_inputs(main.truth, degradation)
    samples = showcase(main)
    best = _most_colourful(main, samples)
    held = [row for row in rows_in("table6") if run.has_pixels(row)]
    subsets = {row: _subset(run.predictions(row), main.tile[samples]) for row in held}
    shown = {row: value for row, value in subsets.items() if value is not None}
    return _save(
        run,
        {
            "figure9": lambda: figures_sr.figure9(shown, main, inputs, best),
            "figure10": lambda: figures_sr.figure10(main, inputs, samples),
            "sr-crops": lambda: figures_sr.crops(shown, main, inputs, _spread(samples, _CROPS)),
            "sr-power-spectrum": lambda: figures_sr.power_spectra(((row, run.predictions(row)) for row in held), main),
            "sr-flux": lambda: figures_sr.flux_conservation(((row, run.predictions(row)) for row in held), degradation),
        },
    )


def _save(run: Results, drawn: dict[str, Callable[[], Figure]]) -> dict[str, str]:
    for name, draw in drawn.items():
        save_figure(draw(), run.path / "figures" / f"{name}.png")
    return dict.fromkeys(drawn, MADE)


def _save_sliders(run: Results, model: Predictions, samples: Iterable[int]) -> None:
    """`figures/slider-<k>-{input,output,truth}.png`, k from 1: the page lays them over each other."""
    for number, sample in enumerate(samples, start=1):
        lab = lab_of(model.truth[[sample]])[0]
        grey = np.repeat(np.rint(lab[..., :1] / 100 * 255).astype(np.uint8), 3, axis=2)
        for part, picture in (("input", grey), ("output", model.rounded[sample]), ("truth", model.truth[sample])):
            save_picture(enlarge(picture, _SLIDER_SIDE), run.path / "figures" / f"slider-{number}-{part}.png")


def _missing(run: Results, needs: dict[str, tuple[str, ...]]) -> dict[str, str]:
    reasons = {}
    for name, needed in needs.items():
        absent = [row for row in needed if not run.has_pixels(row)] or list(needed)
        reasons[name] = f"no predictions of {', '.join(absent)} in this run"
    return reasons


def _subset(predictions: Predictions, tiles: np.ndarray) -> Predictions | None:
    """The named tiles alone, in their order; None when the row holds none of them (tiles of another size)."""
    places = [place for place in like(predictions, tiles) if place is not None]
    return predictions.take(places) if places else None


def _most_colourful(predictions: Predictions, samples: np.ndarray) -> int:
    chroma = [np.linalg.norm(lab_of(predictions.truth[[sample]])[..., 1:], axis=-1).mean() for sample in samples]
    return int(samples[int(np.argmax(chroma))])


def _spread(samples: np.ndarray, count: int) -> np.ndarray:
    """At most `count` of the samples, evenly spread."""
    return samples[np.unique(np.linspace(0, len(samples) - 1, count).round().astype(int))]
