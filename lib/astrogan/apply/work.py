"""One frame coloured, or up-scaled, from its file to the files that come of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from astropy.io import fits

from astrogan.apply.colour_map import Painter, coloured_strips, predict_colour
from astrogan.apply.frames.frame import STRIP_PX, Frame, FrameOptions
from astrogan.apply.frames.read import open_frame
from astrogan.apply.frames.wcs import cube_of_rgb, scaled
from astrogan.apply.models.loaded import Model
from astrogan.apply.outputs.products import Products, Request, Strip, plan, write
from astrogan.apply.outputs.provenance import history, provenance
from astrogan.apply.tiled_upscaling import Upscaler, upscaled_strips
from astrogan.apply.words import WORDS, Task

Advance = Callable[[float], object]
"""Told the share of a frame that was done since the last call."""


@dataclass(frozen=True)
class Done:
    """What came of a frame: its outputs, and what is to be said about it."""

    products: Products
    notes: list[str]


class _Result(NamedTuple):
    """What a task makes of one frame: strips, their planes, its header, lines of history, what the sidecar says besides."""

    strips: Iterator[Strip]
    channels: int
    header: fits.Header | None
    history: list[str]
    sidecar: dict[str, Any]


class _Work:
    """A task on frames; `models` are the one to use and, for the spread, the same with other seeds."""

    task: Task
    scale = 1

    def __init__(self, models: list[Model], request: Request):
        self.models = models
        self.request = replace(request, frame=options_for(self.task, request.frame))

    def __call__(self, path: Path, stem: str, advance: Advance = lambda share: None) -> Done:
        """Do one file.

        Raises:
            AstroganError: for a frame that cannot be worked on or an output that cannot be written; nothing is left behind.
        """
        words, request, scale, model = WORDS[self.task], self.request, self.scale, self.models[0]
        with open_frame(path, request.frame) as frame:
            products = plan(frame, stem, request, scale)
            result = self._result(frame, advance)
            origin = (f"model {model.card.name}", f"sha256 {model.sha256}")
            header = result.header
            if header is not None:
                header = history(header, words.command, *origin, *result.history)
            sidecar = provenance(
                words.command, frame, [m.card for m in self.models], model.sha256, products.all[:-1],
                **result.sidecar, uncertainty=words.spread_stored if request.uncertainty else None,
            )  # fmt: skip
            shape = (frame.height * scale, frame.width * scale)
            write(products, result.strips, shape, frame.bits, result.channels, header, words.spread_levels, sidecar)
            return Done(products, frame.notes)

    def _result(self, frame: Frame, advance: Advance) -> _Result:
        raise NotImplementedError


class Colorizer(_Work):
    """Colours frames."""

    task = "colour"

    def __init__(self, models: list[Model], request: Request):
        super().__init__(models, request)
        self._painters = [Painter(model) for model in models]

    def _result(self, frame: Frame, advance: Advance) -> _Result:
        request, pixels = self.request, frame.height * frame.width
        if frame.colour:
            frame.notes.append("an RGB picture: its lightness L is coloured anew, its own colours are dropped")
        colour = predict_colour(
            frame, self._painters, request.detail, request.uncertainty, lambda done: advance(done / pixels / 2)
        )

        def strips() -> Iterator[Strip]:
            for rgb, missing, spread in coloured_strips(frame, colour):
                yield Strip(rgb, missing, rgb, spread)
                advance(len(rgb) / frame.height / 2)

        return _Result(
            strips(),
            3,
            None if frame.header is None else cube_of_rgb(frame.header),
            ["planes R, G, B in [0, 1]: sRGB display values, invented colour, no flux"],
            {"detail": request.detail, "colour_map": list(colour.ab.shape[:2])},
        )


class Enlarger(_Work):
    """Up-scales frames."""

    task = "upscale"

    def __init__(self, models: list[Model], request: Request):
        super().__init__(models, request)
        self._upscalers = [Upscaler(model.network) for model in models]
        self.scale = self._upscalers[0].scale

    def _result(self, frame: Frame, advance: Advance) -> _Result:
        scale = self.scale
        lines = [
            f"{scale} times the pixels a side; stretch {frame.stretch}, inverted",
            f"values are per pixel of the input: divide by {scale**2} for flux per pixel",
        ]
        header = None if frame.header is None else scaled(frame.header, scale)
        return _Result(self._strips(frame, advance), 3 if frame.colour else 1, header, lines, {"scale": scale})

    def _strips(self, frame: Frame, advance: Advance) -> Iterator[Strip]:
        pixels, rows = frame.height * frame.width, max(1, STRIP_PX // (frame.width * self.scale))
        for strip in upscaled_strips(
            frame, self._upscalers, self.request.uncertainty, advance=lambda done: advance(done / pixels)
        ):
            for start in range(0, len(strip.image), rows):
                some = slice(start, start + rows)
                image, missing, spread = (
                    None if x is None else x[some] for x in (strip.image, strip.missing, strip.spread)
                )
                yield Strip(image, missing, None if frame.header is None else frame.stretch.invert(image), spread)


WORK: dict[Task, type[_Work]] = {work.task: work for work in (Colorizer, Enlarger)}


def options_for(task: Task, options: FrameOptions) -> FrameOptions:
    """`options` with the limits that the task's stretch needs."""
    return replace(options, whole_range=WORDS[task].whole_range)
