"""One frame coloured, or up-scaled, from its file to the files that come of it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from astrogan.apply.colour_map import Painter, coloured_strips, predict_colour
from astrogan.apply.frames import Frame, FrameOptions, open_frame
from astrogan.apply.frames.fits import cube_of_rgb, scaled
from astrogan.apply.models.loaded import Model
from astrogan.apply.outputs.products import Request, Result, plan, write
from astrogan.apply.outputs.provenance import history, provenance
from astrogan.apply.tiled_upscaling import Upscaler, upscaled_strips
from astrogan.tasks import TASKS, TaskName

Advance = Callable[[float], object]
"""Told the share of a frame that was done since the last call."""


class _Work:
    """A task on frames; `models` are the one to use and, for the spread, the same with other seeds."""

    task: TaskName
    network: Callable[[Model], Any]
    """Places a model's network; the result has a `scale`."""

    def __init__(self, models: list[Model], request: Request):
        self.models, self.networks = models, [self.network(model) for model in models]
        self.scale = self.networks[0].scale
        self.request = replace(request, frame=options_for(self.task, request.frame))

    def __call__(self, path: Path, stem: str, advance: Advance = lambda share: None) -> tuple[list[Path], list[str]]:
        """Do one file; its outputs, and what is to be said about it.

        Raises:
            AstroganError: for a frame that cannot be worked on or an output that cannot be written; nothing is left behind.
        """
        words, request, model = TASKS[self.task].words, self.request, self.models[0]
        with open_frame(path, request.frame) as frame:
            products = plan(frame, stem, request, self.scale)
            pixels = frame.height * frame.width
            result, lines, more = self._result(frame, lambda done: advance(done / pixels))
            if result.header is not None:
                origin = (f"model {model.card.name}", f"sha256 {model.sha256}")
                result = replace(result, header=history(result.header, words.command, *origin, *lines))
            more["uncertainty"] = words.spread_stored if request.uncertainty else None
            cards = [each.card for each in self.models]
            write(
                products,
                replace(result, bits=frame.bits, spread_levels=words.spread_levels),
                provenance(words.command, frame, cards, model.sha256, products.all[:-1], **more),
            )
            return products.all, frame.notes

    def _result(self, frame: Frame, advance: Callable[[float], object]) -> tuple[Result, list[str], dict[str, Any]]:
        """What is written, lines of FITS history, what the sidecar says besides; `advance` is told of pixels."""
        raise NotImplementedError


class Colorizer(_Work):
    """Colours frames."""

    task, network = "colour", staticmethod(Painter)

    def _result(self, frame, advance):
        if frame.colour:
            frame.notes.append("an RGB picture: its lightness L is coloured anew, its own colours are dropped")

        def half(done: int) -> None:  # every pixel is read twice
            advance(done / 2)

        colour = predict_colour(frame, self.networks, self.request.detail, self.request.uncertainty, half)
        header = None if frame.header is None else cube_of_rgb(frame.header)
        return (
            Result(coloured_strips(frame, colour, half), frame.shape, 3, header=header),
            ["planes R, G, B in [0, 1]: sRGB display values, invented colour, no flux"],
            {"detail": self.request.detail, "colour_map": list(colour.ab.shape[:2])},
        )


class Enlarger(_Work):
    """Up-scales frames."""

    task, network = "upscale", staticmethod(lambda model: Upscaler(model.network))

    def _result(self, frame, advance):
        scale, channels = self.scale, 3 if frame.colour else 1
        result = Result(
            upscaled_strips(frame, self.networks, self.request.uncertainty, advance=advance),
            (frame.height * scale, frame.width * scale),
            channels,
        )
        if frame.header is not None:
            result = replace(result, header=scaled(frame.header, scale), in_units=frame.stretch.invert)
        lines = [
            f"{scale} times the pixels a side; stretch {frame.stretch}, inverted",
            f"values are per pixel of the input: divide by {scale**2} for flux per pixel",
        ]
        return result, lines, {"scale": scale}


WORK: dict[TaskName, type[_Work]] = {work.task: work for work in (Colorizer, Enlarger)}


def options_for(task: TaskName, options: FrameOptions) -> FrameOptions:
    """`options` with the limits that the task's stretch needs."""
    return replace(options, whole_range=TASKS[task].words.whole_range)
