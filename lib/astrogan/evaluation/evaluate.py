"""Every metric of the report for one set of predictions, as one JSON-ready dictionary."""

from collections.abc import Callable, Collection, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from pytorch_fid.inception import InceptionV3

from astrogan.base import AstroganError
from astrogan.evaluation.distances import CORRECTED, PUBLISHED, image_sums, means
from astrogan.evaluation.distributions import Distance, inception_distances, wavelet_distance
from astrogan.evaluation.folders import read_folders
from astrogan.evaluation.intervals import Groups, bootstrap, groups_of, half_samples, percentiles
from astrogan.evaluation.perceptual import load_lpips, lpips_distances
from astrogan.evaluation.published import as_float16
from astrogan.evaluation.unavailable import Unavailable
from astrogan.models.weights import Find, resolve
from astrogan.tasks.predictions import Predictions

SCALARS = ("fid", "kid", "fwd", "lpips", "psnr", "ssim")
SKIPPABLE = ("fid", "kid", "fwd", "lpips")


def evaluate(
    predictions: Predictions,
    fast: bool = False,
    *,
    blocks: Sequence[str] | None = None,
    groups: Groups | None = None,
    without: Collection[str] = (),
    find: Find = resolve,
    inception: InceptionV3 | None = None,
    seed: int = 0,
    announce: Callable[[str], None] = lambda _step: None,
) -> dict[str, Any]:
    """All metrics with 95 % intervals; what cannot be computed is None, and `reasons` says why.

    Args:
        predictions: outputs and truth.
        fast: bfloat16 Inception where the hardware has it, and no interval for the wavelet distance.
        blocks: a spatial block a tile (N,), resampled where there are fewer than 8 observations.
        groups: what to resample instead of observations or `blocks`.
        without: distances to leave out, of `SKIPPABLE`.
        find: how to look the weights of FID and LPIPS up; offline by default.
        inception: a network to use instead of FID's own, for tests and benchmarks; its `fid` is then no FID.
        seed: of the draws; two rows with the same seed and groups pair up.
        announce: called with the name of each step before it starts.

    Returns:
        The keys of `SCALARS`; `n`; `corrected` (RGB on 0-255, ab in CIE units); `published`; `interval`, the same keys
        with [low, high]; `reasons`; `halves`, the values of distances over the halves that their intervals come from, which
        pair up between rows of equal groups; and `size` (px), `observations`, `groups`, `group_count`, `decidable`,
        `identical_pairs`, `methods` and `notes`.
    """
    if unknown := set(without) - set(SKIPPABLE):
        raise AstroganError(f"'{min(unknown)}' cannot be left out; 'without' takes {', '.join(SKIPPABLE)}")
    groups = groups or groups_of(predictions.observation, blocks)
    reasons = {name: "left out, as asked" for name in SKIPPABLE if name in without}
    methods: dict[str, str] = {}

    announce("pixel distances")
    sums = image_sums(predictions)
    if "lpips" not in reasons:
        announce("LPIPS")
        with _or_reason(reasons, "lpips"):
            sums["lpips"] = lpips_distances(load_lpips(find), predictions.truth, predictions.rounded)
            methods["lpips"] = "LPIPS 0.1, SqueezeNet 1.1"
    values = means({name: each.sum(axis=0) for name, each in sums.items()})
    intervals: dict[str, Any] = {}
    with _or_reason(reasons, "interval"):
        draws = bootstrap(sums, means, groups, seed=seed)
        intervals |= {name: np.stack(percentiles(each), axis=-1).tolist() for name, each in draws.items()}

    distances: dict[str, Distance] = {}
    halves: list[np.ndarray] = []
    with _or_reason(reasons, *(f"interval.{name}" for name in ("fid", "kid", "fwd") if name not in reasons)):
        halves = half_samples(groups, seed=seed)
    if wanted := [name for name in ("fid", "kid") if name not in reasons]:
        announce("Inception features")
        with _or_reason(reasons, *wanted):
            distances |= inception_distances(predictions, halves, wanted, fast, find, inception)
    if "fwd" not in reasons:
        announce("wavelet packets")
        with _or_reason(reasons, "fwd"):
            distances["fwd"] = wavelet_distance(predictions, [] if fast else halves)
            if fast and halves:
                reasons["interval.fwd"] = "left out by 'fast', because it takes most of the time"

    scalars = {name: distance.value for name, distance in distances.items()}
    scalars |= {name: float(values[name]) for name in ("lpips", "psnr", "ssim") if name in values}
    methods |= {name: distance.method for name, distance in distances.items()}
    intervals |= {name: distance.interval(groups) for name, distance in distances.items()}
    identical = int((sums["psnr_images"] == 0).sum())
    if identical == len(predictions):
        del scalars["psnr"], intervals["psnr"]
        reasons["psnr"] = "every pair is identical"
    if "ssim" not in scalars:
        reasons["ssim"] = f"its window does not fit into {predictions.size[1]} x {predictions.size[0]} px"
    values["l2_rgb"] = as_float16(values["l2_rgb"])
    return {
        "n": len(predictions),
        **{name: scalars.get(name) for name in SCALARS},
        "corrected": {name: values[name].tolist() for name in CORRECTED},
        "published": {name: values[name].tolist() for name in PUBLISHED},
        "interval": {
            **{name: intervals.get(name) for name in SCALARS},
            "corrected": {name: intervals.get(name) for name in CORRECTED},
            "published": {name: intervals.get(name) for name in PUBLISHED},
        },
        "reasons": reasons,
        "halves": {name: distance.halves.tolist() for name, distance in distances.items()},
        "size": predictions.size[0] if predictions.size[0] == predictions.size[1] else list(predictions.size),
        "observations": len(np.unique(predictions.observation)),
        "groups": groups.kind,
        "group_count": groups.count,
        "decidable": groups.decidable,
        "identical_pairs": identical,
        "methods": methods,
        "notes": [groups.note] if groups.note else [],
    }


def evaluate_folders(
    truth: Path | str, output: Path | str, groups_csv: Path | str | None = None, fast: bool = False, **options: Any
) -> dict[str, Any]:
    """`evaluate` for two folders of images matched by name; `options` are those of `evaluate`.

    Intervals are over images, or over the groups of `groups_csv` (columns `file` and `group`). The files stand for both
    readings of the output: corrected and as published.
    """
    predictions = read_folders(Path(truth), Path(output), Path(groups_csv) if groups_csv else None)
    groups = groups_of(predictions.observation, kind="groups" if groups_csv else "images")
    return evaluate(predictions, fast, groups=groups, **options)


@contextmanager
def _or_reason(reasons: dict[str, str], *names: str):
    """Note why the block could not be computed, under each name."""
    try:
        yield
    except Unavailable as reason:
        reasons.update(dict.fromkeys(names, str(reason)))
