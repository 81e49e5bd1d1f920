"""One pass over a frame before any work: what is missing, saturated or negative, and the limits of its stretch."""

from dataclasses import dataclass, field

import numpy as np

from astrogan.apply.frames.frame import Frame, FrameError, FrameOptions
from astrogan.apply.frames.stretch import choose_stretch

SAMPLE_PX = 1_000_000
"""About so many pixels, on an even grid, stand for the frame where percentiles are taken."""


@dataclass
class Survey:
    """Counts and extremes of all pixels, and a sample of the usable ones."""

    minimum: float = np.inf
    maximum: float = -np.inf
    missing: int = 0
    saturated: int = 0
    negative: int = 0
    pixels: int = 0
    sample: list[np.ndarray] = field(default_factory=list)


def survey(frame: Frame, saturated_at: float | None) -> Survey:
    """Read the whole frame once, in strips."""
    found = Survey()
    step = max(1, int((frame.height * frame.width / SAMPLE_PX) ** 0.5))
    for start, stop in frame.strips():
        values = frame.values(start, stop)
        finite = np.isfinite(values)
        good = values if finite.all() else values[finite]
        found.pixels += finite.size
        found.missing += finite.size - good.size
        if good.size:
            found.minimum = min(found.minimum, float(good.min()))
            found.maximum = max(found.maximum, float(good.max()))
            found.negative += int(np.count_nonzero(good < 0))
        rows = values[-start % step :: step, ::step]
        usable = np.isfinite(rows)
        if saturated_at is not None:
            found.saturated += int(np.count_nonzero(good >= saturated_at))
            usable &= rows < saturated_at
        found.sample.append(rows[usable].astype(np.float64))
    return found


def prepare(frame: Frame, options: FrameOptions, saturated_at: float | None) -> Frame:
    """Survey `frame`, refuse what holds nothing, and give it the stretch that `options` ask for (None: none).

    Raises:
        FrameError: for planes without a finite value, constant frames, frames without a positive pixel whose limits
            were not given.
    """
    found = survey(frame, saturated_at)
    if found.missing == found.pixels:
        raise FrameError(frame.path, "no pixel has a finite value", "choose another plane or extension")
    if found.minimum == found.maximum:
        raise FrameError(
            frame.path,
            f"every pixel has the value {found.minimum:.6g}: there is nothing to see",
            "choose another frame, plane or extension",
        )
    frame.counts = {"missing": found.missing, "saturated": found.saturated, "negative": found.negative}
    if options.stretch is None:
        return frame
    if found.maximum <= 0 and (options.low is None or options.high is None):
        raise FrameError(
            frame.path,
            f"no pixel is above zero (the largest is {found.maximum:.6g}): inverted, or too much sky subtracted",
            "if it is meant so, give --low and --high in its units",
        )
    sample = np.concatenate(found.sample)
    if not sample.size:
        raise FrameError(frame.path, "every pixel on a sample grid is missing or saturated", "choose another plane")
    extremes = (found.minimum, found.maximum)
    chosen = choose_stretch(
        options.stretch, sample, extremes, options.whole_range, options.low, options.high, options.softening
    )
    frame.stretch = chosen
    frame.fill = float(chosen.apply(np.median(sample)))
    frame.notes.append(f"stretch: {chosen}")
    below, above = (int(np.count_nonzero(m)) for m in (sample < chosen.low, sample > chosen.high))
    if below or above:
        share = (below + above) / len(sample)
        frame.notes.append(f"about {share:.2%} of the pixels lie outside the limits and are clipped to them")
    for name, text in (("missing", "missing (not finite): black here, NaN in FITS"), ("saturated", "saturated: white")):
        if frame.counts[name]:
            frame.notes.append(f"{frame.counts[name]:,} px {text}")
    return frame
