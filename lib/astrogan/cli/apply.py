"""`astrogan colorize`, `upscale`, `models` and `stitch`.

Heavy modules are imported inside the commands, so that --help does not wait for the networks.
"""

import json as json_module
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

Inputs = Annotated[
    list[str], typer.Argument(metavar="INPUT...", help="Files, folders or patterns: PNG, JPEG, TIFF, FITS.")
]
Out = Annotated[Path, typer.Option(metavar="DIR", help="Folder of the outputs.")]
ModelName = Annotated[
    str | None, typer.Option(metavar="CHECKPOINT", help="A file, or a name that `astrogan models` lists.")
]
Runs = Annotated[Path, typer.Option(metavar="DIR", help="Folder of the local runs.")]
Hdu = Annotated[int | None, typer.Option(metavar="N", help="FITS extension; by default the first with an image.")]
Plane = Annotated[int | None, typer.Option(metavar="N", help="Plane of a FITS cube, from 0.")]
Low = Annotated[float | None, typer.Option(help="Black, in the frame's units.")]
High = Annotated[float | None, typer.Option(help="White, in the frame's units.")]
Softening = Annotated[float | None, typer.Option(help="Asinh: where linear turns logarithmic, in the frame's units.")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite outputs that exist.")]
Uncertainty = Annotated[
    bool,
    typer.Option(
        "--uncertainty", help="Also map the spread over flips, rotations and the model's seeds (8 times the work)."
    ),
]


class Format(StrEnum):
    """Formats of pictures."""

    png = "png"
    tiff = "tiff"


class StretchKind(StrEnum):
    """How values become brightness."""

    asinh = "asinh"
    zscale = "zscale"
    linear = "linear"


Stretch = Annotated[
    StretchKind | None, typer.Option(help="FITS: asinh unless given; grey pictures: none unless given.")
]
Kind = Annotated[Format, typer.Option("--format", help="Of the picture; sizes above 8192 x 8192 px need tiff.")]


def colorize(
    inputs: Inputs,
    out: Out,
    model: ModelName = None,
    format: Kind = Format.png,
    detail: Annotated[
        int,
        typer.Option(metavar="N", help="Colour at N times the network's size along the longer side, in blended tiles."),
    ] = 1,
    uncertainty: Uncertainty = False,
    hdu: Hdu = None,
    plane: Plane = None,
    stretch: Stretch = None,
    low: Low = None,
    high: High = None,
    softening: Softening = None,
    force: Force = False,
    runs: Runs = Path("runs"),
) -> None:
    """Colour grey frames of any size; their lightness is kept up to rounding. The colours are invented.

    Writes <name>.png, a sidecar <name>.json that says how it was made, and, for FITS, <name>.fits with planes R, G, B.
    """
    from astrogan.apply.frames.frame import FrameOptions
    from astrogan.apply.work import Colorizer, Request

    options = FrameOptions(hdu, plane, stretch and stretch.value, low, high, softening)
    request = Request(out, format.value, detail, uncertainty, force, options)
    _run("colour", inputs, model, runs, request, Colorizer)


def upscale(
    inputs: Inputs,
    out: Out,
    model: ModelName = None,
    format: Kind = Format.png,
    uncertainty: Uncertainty = False,
    hdu: Hdu = None,
    plane: Plane = None,
    stretch: Stretch = None,
    low: Low = None,
    high: High = None,
    softening: Softening = None,
    force: Force = False,
    runs: Runs = Path("runs"),
) -> None:
    """Enlarge frames of any size four times a side; grey stays grey, RGB stays RGB. The finest detail is inferred.

    Writes <name>.png, a sidecar <name>.json, and, for FITS, <name>.fits in the units of the input, with its WCS scaled.
    """
    from astrogan.apply.frames.frame import FrameOptions
    from astrogan.apply.work import Enlarger, Request

    options = FrameOptions(hdu, plane, stretch and stretch.value, low, high, softening, whole_range=True)
    request = Request(out, format.value, uncertainty=uncertainty, force=force, frame=options)
    _run("upscale", inputs, model, runs, request, Enlarger)


def models(
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    runs: Runs = Path("runs"),
) -> None:
    """List the models of the local runs and those shipped: what they were trained on, their metrics, what they mean."""
    from astrogan.apply.models.choose import choose, find_cards
    from astrogan.apply.models.listing import listing
    from astrogan.base import AstroganError

    cards, faults = find_cards(runs)
    default = {}
    for task in ("colour", "upscale"):
        try:
            default[task] = choose(task, cards)
        except AstroganError:
            default[task] = None  # there is none to mark
    if json:
        values = [card.describe() | {"default": card == default[card.task]} for card in cards]
        typer.echo(json_module.dumps({"models": values, "faults": faults}, indent=2))
    else:
        typer.echo(listing(cards, faults, default))


def stitch(
    frames: Annotated[
        list[Path], typer.Argument(metavar="FRAME...", help="Coloured frames: FITS with a WCS, or pictures.")
    ],
    out: Annotated[Path, typer.Option(metavar="FILE", help="The mosaic: .fits, .png or .tiff.")],
    offsets: Annotated[
        Path | None, typer.Option(metavar="CSV", help="Columns file, x, y: places in px, in place of a WCS.")
    ] = None,
    force: Force = False,
) -> None:
    """Join overlapping frames into one, by their sky coordinates or by given places, without seams."""
    from astrogan.apply.mosaic.stitch import stitch_files

    written, memory = stitch_files(frames, out, offsets, force)
    typer.echo(f"{', '.join(map(str, written))}: {memory}")


def _run(task, inputs: list[str], wanted: str | None, runs: Path, request, make) -> None:
    from astrogan.apply.batch import run_batch
    from astrogan.apply.frames.inputs import expand
    from astrogan.apply.models.choose import choose, find_cards, open_model, seeds_of
    from astrogan.apply.outputs.products import check_folder

    cards, _ = find_cards(runs)
    card = choose(task, cards, wanted)
    check_folder(request.out)
    others = seeds_of(card, cards) if request.uncertainty else []
    score = ", ".join(f"validation {key} {value:.4g}" for key, value in card.validation.items())
    typer.echo(f"model: {card.name} ({score or 'no validation value'}), trained on {card.trained_on}", err=True)
    typer.echo(card.words, err=True)
    if request.uncertainty:
        typer.echo(f"uncertainty: 8 views, seeds {[card.seed, *(other.seed for other in others)]}", err=True)
    work = make([open_model(chosen) for chosen in (card, *others)], request)
    if run_batch(expand(inputs, request.out), work):
        sys.exit(1)
