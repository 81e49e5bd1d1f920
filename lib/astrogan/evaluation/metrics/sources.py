"""Sources that a super-resolved image keeps, loses and invents, and the light in them.

`sep` (Barbary 2016), the C library of SExtractor (Bertin and Arnouts 1996), works on the linear luminance of 8-bit sRGB. The
stretch of a press image is not undone: flux is of the light that the image shows, not of the sky. It holds the
interpreter's lock in every call, so threads may share it.

- Found: on each image minus its own background, above the same brightness, `depth` times the noise of the truth's
  background, so that both are searched as deeply. That noise is at least one 8-bit level.
- Kept: a source of each image that are nearest to one another, within `radius`.
- Flux: forced photometry in ellipses of `extent` times the semi-axes a and b of the truth's sources (SExtractor's isophotal
  limit is about 3; its AUTO, a Kron ellipse, runs away in nebulae and clusters), on each image minus its own background.
  Minus the truth's, a glow that a network adds would make up for the light that it blurs out of the apertures: 8 levels on
  top of bicubic took a fifth off its flux error. So a glow has a measure of its own, the error of the background.
"""

from dataclasses import dataclass
from itertools import repeat

import numpy as np
import sep
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from astrogan.color import luminance_of
from astrogan.evaluation.metrics.pixels import Pairs

SMALLEST = 16
"""Side, px, under which a tile is smaller than one mesh of the background."""

_GREYS = luminance_of(np.arange(256, dtype=np.uint8)[:, None].repeat(3, axis=1))
MEASURES = (
    "flux_error",
    "flux_bias",
    "flux_failures",
    "sources",
    "sources_kept",
    "sources_lost",
    "sources_invented",
    "position_squared",
    "background_error",
    "search_failures",
)

_COUNTS = ("sources_kept", "sources_lost", "sources_invented")


@dataclass(frozen=True)
class Search:
    """How sources are found, measured and matched; the defaults were chosen by eye on 48 tiles of 256 px of Hubble images."""

    mesh: int = SMALLEST  # of the background, px
    depth: float = 5.0  # threshold, in units of the background's noise
    area: int = 5  # least pixels of a source
    thresholds: int = 16  # of deblending; SExtractor's 32 take half as long again and split 1 % more sources
    extent: float = 3.0  # semi-axes of an aperture, in units of the source's own
    least: float = 2.0  # least semi-axis of an aperture, px
    radius: float = 2.0  # within which sources are the same, px: half a pixel of an input that was shrunk four times


def source_measures(pairs: Pairs, search: Search = Search()) -> dict[str, NDArray[np.float64]]:
    """What `compare` finds on each pair, by measure, float64 (N,)."""
    found = list(map(compare, pairs.truth, pairs.rounded, repeat(search)))
    return {name: np.array([each[name] for each in found], float) for name in MEASURES}


def compare(truth: np.ndarray, output: np.ndarray, search: Search = Search()) -> dict[str, float]:
    """Sources and their flux in one pair of uint8 sRGB images (H, W, 3).

    Returns:
        `sources`, of the truth; `sources_kept`, `sources_lost`, `sources_invented`; `position_squared`, the mean squared
        distance between kept ones, px^2; `flux_error` and `flux_bias`, the means over sources of |f_out - f_truth| /
        f_truth and of the same with its sign, each source cut at 1, so that none owns the mean and a lost one counts in
        full; `flux_failures`, sources whose aperture leaves the image or holds no positive flux of the truth (they are in
        neither mean) or of the output (they are); `background_error`, the mean distance between the two backgrounds, white
        being 1; `search_failures`, 1 where `sep` gave up on either image.

        NaN: of fluxes and positions where there is no such source; of all that a failed search leaves unknown.
    """
    images = luminance_of(truth), luminance_of(output)
    skies = [sep.Background(image, bw=search.mesh, bh=search.mesh) for image in images]
    backgrounds = [sky.back() for sky in skies]
    lights = [image - background for image, background in zip(images, backgrounds, strict=True)]
    # sep's own global noise is 1 where no mesh has any, and that of the noisy ones alone where most have none
    threshold = search.depth * max(float(np.median(skies[0].rms())), _one_level(skies[0].globalback))
    own, theirs = (_found(light, threshold, search) for light in lights)
    measured = dict.fromkeys(MEASURES, np.nan)
    measured["background_error"] = float(np.abs(backgrounds[1] - backgrounds[0]).mean())
    measured["search_failures"] = float(own is None or theirs is None)
    if own is not None:
        measured |= {"sources": len(own)} | _fluxes(lights[0], lights[1], own, search)
    if own is not None and theirs is not None:
        measured |= _matches(own, theirs, search.radius)
    return measured


def _found(light: np.ndarray, threshold: float, search: Search) -> np.ndarray | None:
    """The catalogue of sources, or None where `sep` gave up: too many of them, or too entangled."""
    # its default holds 300,000 pixels above the threshold, fewer than a large image may have
    sep.set_extract_pixstack(max(sep.get_extract_pixstack(), light.size + 1))
    try:
        return sep.extract(light, threshold, minarea=search.area, deblend_nthresh=search.thresholds)
    except Exception as error:  # sep raises no narrower class
        if "overflow" in str(error) or "full" in str(error):
            return None
        raise


def _fluxes(before: np.ndarray, after: np.ndarray, sources: np.ndarray, search: Search) -> dict[str, float]:
    """Flux of the same apertures in both images, without background."""
    a, b = (np.maximum(search.extent * sources[axis], search.least) for axis in "ab")
    # rounding may take an angle a little over what sep accepts
    apertures = sources["x"], sources["y"], a, b, np.clip(sources["theta"], -np.pi / 2, np.pi / 2), 1.0
    (true, _, flags), (made, _, _) = (sep.sum_ellipse(image, *apertures, subpix=0) for image in (before, after))
    usable = (flags & sep.APER_TRUNC == 0) & (true > 0)
    failures = int((~usable | (made <= 0)).sum())
    if not usable.any():
        return {"flux_failures": failures}
    relative = np.clip(made[usable] / true[usable] - 1, -1, 1)
    return {
        "flux_error": float(np.abs(relative).mean()),
        "flux_bias": float(relative.mean()),
        "flux_failures": failures,
    }


def _matches(own: np.ndarray, theirs: np.ndarray, radius: float) -> dict[str, float]:
    """Sources of two catalogues that are each other's nearest, within `radius` px."""
    distances = np.empty(0)
    if len(own) and len(theirs):
        places, others = (np.column_stack([each["x"], each["y"]]) for each in (own, theirs))
        far, nearest = cKDTree(others).query(places)
        _, back = cKDTree(places).query(others)
        distances = far[(back[nearest] == np.arange(len(own))) & (far <= radius)]
    kept = len(distances)
    counts = dict(zip(_COUNTS, (kept, len(own) - kept, len(theirs) - kept), strict=True))
    return counts | ({"position_squared": float(np.square(distances).mean())} if kept else {})


def _one_level(luminance: float) -> float:
    """How much brighter the next grey of 8 bit is, in linear light."""
    level = min(int(np.searchsorted(_GREYS, luminance)), 254)
    return _GREYS[level + 1] - _GREYS[level]
