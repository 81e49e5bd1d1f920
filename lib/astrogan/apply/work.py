"""One frame coloured, or up-scaled, from its file to the files that come of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from astrogan.apply.colour import Painter, coloured_strips, predict_colour
from astrogan.apply.frames.frame import STRIP_PX, Frame, FrameOptions
from astrogan.apply.frames.read import open_frame
from astrogan.apply.frames.wcs import scaled
from astrogan.apply.models.choose import Model
from astrogan.apply.outputs.products import Format, Products, Strip, history, plan, provenance, write
from astrogan.apply.upscale import Upscaler, upscaled_strips

Advance = Callable[[float], object]
"""Told the share of a frame that was done since the last call."""
CHROMA_LEVELS = 10.0
"""Levels of an 8-bit map of spread for 1 CIE unit."""
DETAIL_LEVELS = 1000.0
"""Levels of an 8-bit map of spread for the range from black to white."""
CHROMA_UNIT = f"PNG: {CHROMA_LEVELS:g} levels a CIE unit of a and b; TIFF, FITS: CIE units"
DETAIL_UNIT = f"PNG: {DETAIL_LEVELS:g} levels from black to white; TIFF, FITS: 0 is black, 1 white, as stretched"


@dataclass(frozen=True)
class Request:
    """What is wanted of each frame."""

    out: Path
    format: Format = "png"
    detail: int = 1
    uncertainty: bool = False
    force: bool = False
    frame: FrameOptions = field(default_factory=FrameOptions)


@dataclass(frozen=True)
class Done:
    """What came of a frame: its outputs, and what is to be said about it."""

    products: Products
    notes: list[str]


class Colorizer:
    """Colours frames with one model; `models` are it and, for the spread, the same with other seeds."""

    def __init__(self, models: list[Model], request: Request):
        self.models, self.request = models, request
        self._painters = [Painter(model) for model in models]

    def __call__(self, path: Path, stem: str, advance: Advance = lambda share: None) -> Done:
        """Colour one file.

        Raises:
            AstroganError: for a frame that cannot be coloured or an output that cannot be written; nothing is left behind.
        """
        request, card, digest = self.request, self.models[0].card, self.models[0].sha256
        with open_frame(path, request.frame) as frame:
            products = plan(frame, stem, request.out, request.format, 1, request.uncertainty, request.force)
            if frame.colour:
                frame.notes.append("an RGB picture: its lightness L is coloured anew, its own colours are dropped")
            pixels = frame.height * frame.width
            colour = predict_colour(
                frame, self._painters, request.detail, request.uncertainty, lambda done: advance(done / pixels / 2)
            )
            header = None if frame.header is None else history(
                _three_planes(frame), "colorize", card, digest,
                "planes R, G, B in [0, 1]: sRGB display values, invented colour, no flux",
            )  # fmt: skip
            sidecar = provenance(
                "colorize", frame, [m.card for m in self.models], digest, products,
                detail=request.detail, colour_map=list(colour.ab.shape[:2]),
                uncertainty=CHROMA_UNIT if request.uncertainty else None,
            )  # fmt: skip
            strips = self._strips(frame, colour, advance)
            write(products, strips, frame.shape, frame.bits, 3, header, CHROMA_LEVELS, sidecar)
            return Done(products, frame.notes)

    def _strips(self, frame: Frame, colour, advance: Advance) -> Iterator[Strip]:
        for rgb, missing, spread in coloured_strips(frame, colour):
            yield Strip(rgb, missing, rgb, spread)
            advance(len(rgb) / frame.height / 2)


class Enlarger:
    """Up-scales frames; `models` as for `Colorizer`."""

    def __init__(self, models: list[Model], request: Request):
        self.models, self.request = models, request
        self._upscalers = [Upscaler.of(model) for model in models]
        self.scale = self._upscalers[0].scale

    def __call__(self, path: Path, stem: str, advance: Advance = lambda share: None) -> Done:
        """Up-scale one file; raises as `Colorizer` does."""
        request, card, digest, scale = self.request, self.models[0].card, self.models[0].sha256, self.scale
        with open_frame(path, request.frame) as frame:
            products = plan(frame, stem, request.out, request.format, scale, request.uncertainty, request.force)
            header = None if frame.header is None else history(
                scaled(frame.header, scale), "upscale", card, digest,
                f"{scale} times the pixels a side; stretch {frame.stretch}, inverted",
                f"values are per pixel of the input: divide by {scale**2} for flux per pixel",
            )  # fmt: skip
            sidecar = provenance(
                "upscale", frame, [m.card for m in self.models], digest, products,
                scale=scale,
                uncertainty=DETAIL_UNIT if request.uncertainty else None,
            )  # fmt: skip
            shape = (frame.height * scale, frame.width * scale)
            strips = self._strips(frame, advance)
            write(products, strips, shape, frame.bits, 3 if frame.colour else 1, header, DETAIL_LEVELS, sidecar)
            return Done(products, frame.notes)

    def _strips(self, frame: Frame, advance: Advance) -> Iterator[Strip]:
        pixels = frame.height * frame.width
        strips = upscaled_strips(
            frame, self._upscalers, self.request.uncertainty, advance=lambda done: advance(done / pixels)
        )
        rows = max(1, STRIP_PX // (frame.width * self.scale))
        for strip in strips:
            for start in range(0, len(strip.image), rows):
                some = slice(start, start + rows)
                image, missing, spread = (
                    None if x is None else x[some] for x in (strip.image, strip.missing, strip.spread)
                )
                yield Strip(image, missing, None if frame.header is None else frame.stretch.invert(image), spread)


def _three_planes(frame: Frame):
    """The header of a cube of R, G and B: a third axis where there are two of the sky."""
    header = frame.header.copy()
    if "CTYPE1" in header:
        header.update(WCSAXES=3) if "WCSAXES" in header else None
        header["CTYPE3"], header["CRPIX3"], header["CRVAL3"] = "RGB", 1.0, 1.0
        header["CD3_3" if "CD1_1" in header else "CDELT3"] = 1.0
    return header
