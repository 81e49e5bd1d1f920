"""The metrics that super-resolution alone has: what became of sources and of fine detail."""

from collections.abc import Iterator
from operator import itemgetter
from typing import Any

import numpy as np

from astrogan.evaluation.metrics import detail, sources
from astrogan.evaluation.metrics.detail import detail_measures
from astrogan.evaluation.metrics.metric import Means, Metric, Needs, root
from astrogan.evaluation.metrics.sources import source_measures
from astrogan.tasks.upscale import SCALE

_OF_SOURCES: dict[str, Any] = {"tasks": ("upscale",), "needs": Needs(side=sources.SMALLEST), "digits": 3}
_OF_DETAIL: dict[str, Any] = {
    "tasks": ("upscale",),
    "needs": Needs(side=detail.SMALLEST, divisor=SCALE, given=True),
    "part": "further",
    "shown": "detail",
}
_NO_SOURCE = "no source to measure was found"


def _share(part: str, *whole: str) -> dict[str, Any]:
    """A sum over tiles, of that of `whole`; NaN where there is nothing to share."""

    def combine(means: Means) -> np.ndarray:
        total = sum(means[name] for name in whole)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(total > 0, means[part] / total, np.nan)

    columns = tuple(dict.fromkeys((part, *whole)))
    return {"columns": columns, "combine": combine, "nowhere": _NO_SOURCE, **_OF_SOURCES}


def _entries() -> Iterator[Metric]:
    # the measures of all sources come with the first, those of detail with `improvement`
    yield Metric(
        "flux_error",
        "Flux error",
        source_measures,
        title="Relative flux error of sources",
        better="lower",
        method="linear light, ellipses of 3 a and 3 b of the truth's sources, each image's own background",
        nowhere=_NO_SOURCE,
        shown="table6 readme-upscale better-upscale",
        columns=sources.MEASURES,
        combine=itemgetter("flux_error"),
        **_OF_SOURCES,
    )
    for name, label, title, rest in (
        ("completeness", "Completeness", "Share of the truth's sources that are in the output", "sources_lost"),
        ("purity", "Purity", "Share of the output's sources that are in the truth", "sources_invented"),
    ):
        yield Metric(
            name,
            label,
            None,
            title=title,
            better="higher",
            shown="table6",
            **_share("sources_kept", "sources_kept", rest),
        )
    further: dict[str, Any] = {"part": "further", "shown": "detail"}
    yield Metric("flux_bias", "Flux bias", None, nowhere=_NO_SOURCE, **further, **_OF_SOURCES)
    failed = _share("flux_failures", "sources")
    yield Metric("flux_failures", "Share without flux", None, **further, **failed)
    glow: dict[str, Any] = {"unit": "thousandths of white", "scale": 1000, "better": "lower"}
    yield Metric("background_error", "Background error", None, **glow, **further, **_OF_SOURCES | {"digits": 2})
    yield Metric("search_failures", "Share of failed searches", None, **further, **_OF_SOURCES)
    squared: dict[str, Any] = {"columns": ("position_squared",), "combine": root("position_squared")}
    squared |= {"unit": "px", "better": "lower", "nowhere": "no source was kept"}
    yield Metric("position_error", "Position error", None, **squared, **further, **_OF_SOURCES)
    for name, label in (
        ("sources", "Sources a tile"),
        ("sources_kept", "Sources kept"),
        ("sources_lost", "Sources lost"),
        ("sources_invented", "Sources invented"),
    ):
        yield Metric(name, label, None, **further, **_OF_SOURCES | {"digits": 1})

    method = "opensr-test's arithmetic with L1, unaligned; inputs by the degradation {degradation}"
    yield Metric(
        "improvement",
        "Improvement",
        detail_measures,
        digits=3,
        better="higher",
        method=method,
        columns=detail.MEASURES,
        combine=itemgetter("improvement"),
        **_OF_DETAIL,
    )
    for name in ("omission", "hallucination"):
        yield Metric(name, name.capitalize(), None, digits=3, better="lower", **_OF_DETAIL)
    yield Metric("reflectance", "Reflectance", None, better="lower", **_OF_DETAIL)
    yield Metric("synthesis", "Synthesis", None, **_OF_DETAIL)


UPSCALE = tuple(_entries())
