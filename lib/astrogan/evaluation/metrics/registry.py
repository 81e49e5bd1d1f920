"""Every metric is its function and its entry: all that shows metrics follows from here."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from astrogan.color import AB_SCALE
from astrogan.evaluation.metrics import appearance, pixels
from astrogan.evaluation.metrics.distances import frechet_values, kernel_values
from astrogan.evaluation.metrics.inception import inception_features, load_inception
from astrogan.evaluation.metrics.metric import Metric, Needs, root
from astrogan.evaluation.metrics.perceptual import SMALLEST, load_lpips, lpips
from astrogan.evaluation.metrics.pixels import Pairs
from astrogan.evaluation.metrics.wavelet import BLOCK, PACKETS, wavelet_values
from astrogan.evaluation.metrics.wrapped import as_float16

COLOURS = ("red", "green", "blue")

_SHORT = {"red": "R", "green": "G", "blue": "B", "a": "a", "b": "b"}
_EQUAL = "every pair is identical"
_INCEPTION = {"kind": "population", "needs": Needs(network=load_inception), "features": inception_features}


def _mean(
    error: str, of: Callable[[np.ndarray], np.ndarray], index: int | None = None, unit: float = 1
) -> Callable[[Pairs], np.ndarray]:
    """The mean of errors, of one channel or over all, in some unit."""

    def function(pairs: Pairs) -> np.ndarray:
        errors = getattr(pairs, error)
        # channels first, as the mean over all is that of the channels' means
        means = of(errors).mean(axis=-1).mean(axis=1) if index is None else of(errors[:, index]).mean(axis=-1)
        return means / unit

    return function


def _rooted(column: str) -> dict[str, Any]:
    return {"columns": (column,), "combine": root(column)}


def _errors(prefix: str, words: str, error: str, channels: tuple[str, ...], part: str) -> Iterator[Metric]:
    """Bias (output minus truth), mean absolute and root mean square error of each channel."""
    kinds = (("bias", "Bias", np.asarray, None), ("mae", "MAE", np.abs, "lower"), ("rmse", "RMSE", np.square, "lower"))
    for index, name in enumerate(channels):
        for stem, label, of, better in kinds:
            options = _rooted(f"{prefix}{name}_squared") if stem == "rmse" else {}
            key, title = f"{prefix}{stem}_{name}", f"{words}{label} {_SHORT[name]}"
            yield Metric(key, title, _mean(error, of, index), better=better, part=part, **options)


def _published(prefix: str, words: str, norms: str, part: str) -> Iterator[Metric]:
    """L1 and L2 of the paper's arithmetic, of each channel of RGB and over all."""

    def entry(norm: str, name: str, short: str, of: Callable[[np.ndarray], np.ndarray], **options) -> Metric:
        key, label = f"{prefix}{norm}_{name}", f"{words}{norm.upper()} {short}"
        return Metric(key, label, lambda pairs: of(getattr(pairs, norms)[norm]), cut=4, part=part, **options)

    for norm, digits, finish in (("l1", 2, None), ("l2", 3, as_float16)):
        for index, name in enumerate(COLOURS):
            yield entry(norm, name, _SHORT[name], lambda values, index=index: values[:, index], finish=finish)
        yield entry(norm, "rgb", "RGB", lambda values: values.mean(axis=-1), digits=digits)


def _published_ab() -> Iterator[Metric]:
    """L1 (a signed mean, truth minus output) and L2 (the mean absolute error) of Table 3, in units of 110."""
    for index, name in enumerate("ab"):
        for norm, of in (("l1", np.negative), ("l2", np.abs)):
            mean = _mean("ab_error", of, index, AB_SCALE)
            yield Metric(f"published_{norm}_{name}", f"{norm.upper()} {name}", mean, digits=4, cut=5, part="published")


_HEADLINE = (
    Metric(
        "mae_rgb", "MAE, RGB", _mean("error", np.abs), better="lower", shown="readme-colour better-colour recipes card"
    ),
    Metric("rmse_rgb", "RMSE, RGB", _mean("error", np.square), better="lower", **_rooted("rgb_squared")),
    Metric("mae_ab", "MAE, ab", _mean("ab_error", np.abs), better="lower", shown="recipes card"),
    Metric("rmse_ab", "RMSE, ab", _mean("ab_error", np.square), better="lower", **_rooted("ab_squared")),
    Metric(
        "psnr",
        "PSNR",
        pixels.psnr,
        unit="dB",
        better="higher",
        nowhere=_EQUAL,
        shown="table1 table6 readme-upscale better-upscale card",
    ),
    Metric(
        "ssim",
        "SSIM",
        pixels.ssim,
        digits=3,
        better="higher",
        needs=Needs(side=pixels.WINDOW),
        shown="table1 table6 readme-upscale card",
    ),
    Metric(
        "psnr_y",
        "PSNR-Y",
        pixels.psnr_y,
        title=f"PSNR of luma, {pixels.SHAVE} px shaved off each side",
        unit="dB",
        better="higher",
        needs=Needs(side=2 * pixels.SHAVE + 1),
        nowhere=_EQUAL,
        shown="table6",
    ),
    Metric(
        "fwd",
        "FWD",
        wavelet_values,
        kind="population",
        title="Fréchet wavelet distance",
        digits=3,
        better="lower",
        needs=Needs(divisor=BLOCK),
        method=f"Haar, level 4, {PACKETS} packets; compare only at {{width}} x {{height}} px and N = {{n}}",
        shown="table5 table7 readme-colour better-colour better-upscale recipes card",
    ),
    Metric(
        "lpips",
        "LPIPS",
        lpips,
        title="LPIPS (SqueezeNet)",
        digits=3,
        better="lower",
        needs=Needs(side=SMALLEST, network=load_lpips),
        method="LPIPS 0.1, SqueezeNet 1.1",
        # a network for each pair is slow, and a cast is about distances between populations
        not_of_casts="LPIPS is measured on the clipped outputs only",
        shown="table5 table7 readme-colour readme-upscale better-colour better-upscale recipes card",
    ),
    Metric(
        "fid",
        "FID",
        frechet_values,
        title="Fréchet Inception distance",
        better="lower",
        method="pytorch-fid's Inception, {arithmetic}; compare only at N = {n}",
        shown="card",
        **_INCEPTION,
    ),
    Metric(
        "kid",
        "KID x 1000",
        kernel_values,
        title="Kernel Inception distance",
        better="lower",
        signed=True,
        scale=1000,
        method="the features of FID, {arithmetic}; cubic kernel, all {n} pairs at once, no subsets",
        **_INCEPTION,
    ),
)

_FURTHER = (
    ("wrapped_mae_rgb", "MAE of the cast", _mean("wrapped_error", np.abs), 2),
    ("bias_l", "Bias L", lambda pairs: pairs.lightness_error.mean(axis=-1), 2),
    ("mae_l", "MAE L", lambda pairs: np.abs(pairs.lightness_error).mean(axis=-1), 2),
    ("chroma", "Chroma", lambda pairs: pixels.chroma(pairs.output_ab), 2),
    ("truth_chroma", "Chroma, truth", lambda pairs: pixels.chroma(pairs.truth_lab[:, 1:]), 2),
    ("sharpness", "Detail", lambda pairs: pixels.sharpness(pairs.rounded), 2),
    ("truth_sharpness", "Detail, truth", lambda pairs: pixels.sharpness(pairs.truth), 2),
    ("red_blue", "Red and blue of the truth", pixels.red_blue, 2),
    ("blue_cast", "Blue cast", lambda pairs: pixels.blue_cast(pairs.error), 2),
    ("wrapped_blue_cast", "Blue cast of the cast", lambda pairs: pixels.blue_cast(pairs.wrapped_error), 2),
    ("wrapped_share", "Share outside 0-255", pixels.outside, 4),
    ("brighter", "P(T < O)", pixels.brighter, 3),
    ("true_l_mae_rgb", "MAE, RGB, with the truth's L", appearance.true_lightness_error, 2),
    ("noticed_chroma", "Chroma that is noticed", appearance.noticed_chroma, 2),
    ("sharpness_error", "Error of detail", appearance.sharpness_error, 2),
)


def _entries() -> Iterator[Metric]:
    yield from _HEADLINE
    yield from _errors("", "", "error", COLOURS, "corrected")
    yield from _errors("", "", "ab_error", ("a", "b"), "corrected")
    yield from _published("published_", "", "published", "published")
    yield from _published_ab()
    yield from _published("clipped_published_", "clipped ", "clipped_published", "further")
    yield from _errors("wrapped_", "cast ", "wrapped_error", COLOURS, "further")
    for name, label, function, digits in _FURTHER:
        yield Metric(name, label, function, digits=digits, part="further")
    squared = _rooted("wrapped_rgb_squared")
    yield Metric("wrapped_rmse_rgb", "RMSE of the cast", _mean("wrapped_error", np.square), part="further", **squared)


METRICS: dict[str, Metric] = {metric.name: metric for metric in _entries()}
"""Name to entry, in the order of columns."""


def metrics_in(item: str) -> tuple[Metric, ...]:
    """The metrics that stand in a table or list of that name, in order."""
    return tuple(metric for metric in METRICS.values() if item in metric.shown.split())
