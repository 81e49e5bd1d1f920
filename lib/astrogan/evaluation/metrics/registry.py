"""Every metric is its function and its entry: all that shows metrics follows from here."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from astrogan.evaluation.metrics import appearance, colour, pixels
from astrogan.evaluation.metrics.channels import COLOURS, errors, mean, published, published_ab, rooted
from astrogan.evaluation.metrics.distances import frechet_values, kernel_values
from astrogan.evaluation.metrics.inception import inception_features, load_inception
from astrogan.evaluation.metrics.metric import Metric, Needs
from astrogan.evaluation.metrics.networks import (
    efficientnet_features,
    load_efficientnet,
    load_squeezenet,
    squeezenet_features,
)
from astrogan.evaluation.metrics.perceptual import SMALLEST, load_lpips, lpips
from astrogan.evaluation.metrics.upscaling import UPSCALE
from astrogan.evaluation.metrics.wavelet import BLOCK, PACKETS, wavelet_values

_EQUAL = "every pair is identical"
_COLOURFULNESS = ("colourfulness", "truth_colourfulness")
_FRECHET: dict[str, Any] = {"function": frechet_values, "kind": "population", "better": "lower"}
_INCEPTION: dict[str, Any] = {"needs": Needs(network=load_inception), "features": inception_features}
_POOLED = "features of ImageNet, images scaled to 224 x 224 px, {arithmetic}; compare only at N = {n}"


_HEADLINE = (
    Metric(
        "mae_ab",
        "MAE, ab",
        mean("ab_error", np.abs),
        better="lower",
        shown="skies table1 readme-colour better-colour recipes card",
    ),
    Metric("rmse_ab", "RMSE, ab", mean("ab_error", np.square), better="lower", shown="table1", **rooted("ab_squared")),
    Metric(
        "psnr_ab",
        "PSNR, ab",
        colour.psnr_ab,
        title=f"of a and b, the peak {colour.AB_PEAK} CIE units",
        unit="dB",
        better="higher",
        nowhere=_EQUAL,
        tasks=("colour",),
        shown="table1",
    ),
    Metric("ciede2000", "CIEDE2000", colour.ciede2000, better="lower", tasks=("colour",), shown="skies table1"),
    Metric("mae_rgb", "MAE, RGB", mean("error", np.abs), better="lower", shown="better-colour recipes card"),
    Metric("rmse_rgb", "RMSE, RGB", mean("error", np.square), better="lower", **rooted("rgb_squared")),
    Metric(
        "psnr",
        "PSNR",
        pixels.psnr,
        unit="dB",
        better="higher",
        nowhere=_EQUAL,
        shown="table6 readme-upscale better-upscale card",
    ),
    Metric(
        "ssim",
        "SSIM",
        pixels.ssim,
        digits=3,
        better="higher",
        needs=Needs(side=pixels.WINDOW),
        shown="table6 readme-upscale card",
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
        shown="skies table5 table7 readme-colour readme-upscale better-colour better-upscale recipes card",
    ),
    Metric(
        "r2_colour",
        "Colour R2",
        colour.mean_colours,
        title="R2 of a tile's mean a and b",
        better="higher",
        columns=("truth_mean_a", "truth_mean_b", "truth_mean_ab_square", "mean_ab_error_square"),
        combine=colour.r2_colour,
        nowhere="all tiles of the truth are of one colour",
        shown="skies table1 readme-colour better-colour recipes card",
        tasks=("colour",),
    ),
    Metric(
        "colourfulness_ratio",
        "Colourfulness ratio",
        colour.colourfulness_of_both,
        title="mean of the outputs over that of the truth, which is 1",
        columns=_COLOURFULNESS,
        combine=colour.colourfulness_ratio,
        nowhere="the truth is grey",
        shown="skies table1 readme-colour recipes card",
        tasks=("colour",),
    ),
    Metric(
        "colourfulness_difference",
        "Colourfulness",
        None,
        title="mean of the outputs minus that of the truth",
        columns=_COLOURFULNESS,
        combine=colour.colourfulness_difference,
        tasks=("colour",),
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
        "fd_efficientnet",
        "FD, EfficientNet-Lite0",
        features=efficientnet_features,
        needs=Needs(network=load_efficientnet),
        method=f"1,280 {_POOLED}",
        shown="table5 table7 card",
        **_FRECHET,
    ),
    Metric(
        "fd_squeezenet",
        "FD, SqueezeNet",
        features=squeezenet_features,
        needs=Needs(network=load_squeezenet),
        method=f"512 {_POOLED}",
        shown="table5 table7",
        **_FRECHET,
    ),
    Metric(
        "fid",
        "FID",
        title="Fréchet Inception distance",
        method="pytorch-fid's Inception, {arithmetic}; compare only at N = {n}",
        shown="card",
        **_FRECHET,
        **_INCEPTION,
    ),
    Metric(
        "kid",
        "KID x 1000",
        kernel_values,
        kind="population",
        title="Kernel Inception distance",
        better="lower",
        signed=True,
        scale=1000,
        method="the features of FID, {arithmetic}; cubic kernel, all {n} pairs at once, no subsets",
        **_INCEPTION,
    ),
)

_FURTHER = (
    ("wrapped_mae_rgb", "MAE of the cast", mean("wrapped_error", np.abs), 2),
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
    yield from UPSCALE
    yield from errors("", "", "error", COLOURS, "corrected")
    yield from errors("", "", "ab_error", ("a", "b"), "corrected")
    yield from published("published_", "", "published", "published")
    yield from published_ab()
    yield from published("clipped_published_", "clipped ", "clipped_published", "further")
    yield from errors("wrapped_", "cast ", "wrapped_error", COLOURS, "further")
    for name, label, function, digits in _FURTHER:
        yield Metric(name, label, function, digits=digits, part="further")
    squared = rooted("wrapped_rgb_squared")
    yield Metric("wrapped_rmse_rgb", "RMSE of the cast", mean("wrapped_error", np.square), part="further", **squared)


METRICS: dict[str, Metric] = {metric.name: metric for metric in _entries()}
"""Name to entry, in the order of columns."""


def metrics_in(item: str) -> tuple[Metric, ...]:
    """The metrics that stand in a table or list of that name, in order."""
    return tuple(metric for metric in METRICS.values() if item in metric.shown.split())
