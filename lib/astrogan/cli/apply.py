"""`astrogan colorize`, `upscale`, `models` and `stitch`.

Heavy modules are imported inside the commands, so that --help does not wait for the networks.
"""

import json as json_module
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from inspect import Signature, signature
from pathlib import Path
from typing import Annotated, Literal

import typer

Option = typer.Option
Format = Literal["png", "tiff"]
Stretch = Literal["asinh", "zscale", "linear"]
Units = float | None
Runs = Annotated[Path, Option(metavar="DIR", help="Folder of the local runs.")]
Force = Annotated[bool, Option("--force", help="Overwrite outputs that exist.")]


@dataclass(frozen=True)
class Options:
    """What `colorize` and `upscale` take, in the order of their help."""

    inputs: Annotated[
        list[str], typer.Argument(metavar="INPUT...", help="Files, folders or patterns: PNG, JPEG, TIFF, FITS.")
    ]
    out: Annotated[Path, Option(metavar="DIR", help="Folder of the outputs.")]
    model: Annotated[
        str | None, Option(metavar="CHECKPOINT", help="A file, or a name that `astrogan models` lists.")
    ] = None
    format: Annotated[Format, Option(help="Of the picture; sizes above 8192 x 8192 px need tiff.")] = "png"
    detail: Annotated[
        int, Option(metavar="N", help="Colour at N times the network's size along the longer side, in blended tiles.")
    ] = 1
    uncertainty: Annotated[
        bool,
        Option(
            "--uncertainty", help="Also map the spread over flips, rotations and the model's seeds (8 times the work)."
        ),
    ] = False
    hdu: Annotated[int | None, Option(metavar="N", help="FITS extension; by default the first with an image.")] = None
    plane: Annotated[int | None, Option(metavar="N", help="Plane of a FITS cube, from 0.")] = None
    stretch: Annotated[Stretch | None, Option(help="FITS: asinh unless given; grey pictures: none unless given.")] = (
        None
    )
    low: Annotated[Units, Option(help="Black, in the frame's units.")] = None
    high: Annotated[Units, Option(help="White, in the frame's units.")] = None
    softening: Annotated[Units, Option(help="Asinh: where linear turns logarithmic, in the frame's units.")] = None
    force: Force = False
    runs: Runs = Path("runs")


def _takes_options(*without: str) -> Callable[[Callable[[Options], None]], Callable[..., None]]:
    """Let typer read a command's parameters from `Options`, of which the command gets one."""

    def decorate(command: Callable[[Options], None]) -> Callable[..., None]:
        def called(**values) -> None:
            command(Options(**values))

        shown = [parameter for name, parameter in signature(Options).parameters.items() if name not in without]
        called.__name__, called.__doc__, called.__signature__ = command.__name__, command.__doc__, Signature(shown)
        return called

    return decorate


@_takes_options()
def colorize(options: Options) -> None:
    """Colour grey frames of any size; their lightness is kept up to rounding. The colours are invented.

    Writes <name>.png, a sidecar <name>.json that says how it was made, and, for FITS, <name>.fits with planes R, G, B.
    """
    _run("colour", options)


@_takes_options("detail")
def upscale(options: Options) -> None:
    """Enlarge frames of any size four times a side; grey stays grey, RGB stays RGB. The finest detail is inferred.

    Writes <name>.png, a sidecar <name>.json, and, for FITS, <name>.fits in the units of the input, with its WCS scaled.
    """
    _run("upscale", options)


def models(json: Annotated[bool, Option("--json", help="As JSON.")] = False, runs: Runs = Path("runs")) -> None:
    """List the models of the local runs and those shipped: what they were trained on, their metrics, what they mean."""
    from astrogan.apply.models import defaults, find_cards, listing

    cards, faults = find_cards(runs)
    default = defaults(cards)
    if json:
        values = [card.describe() | {"default": card == default[card.task]} for card in cards]
        typer.echo(json_module.dumps({"models": values, "faults": faults}, indent=2))
    else:
        typer.echo(listing(cards, faults, default))


def stitch(
    frames: Annotated[
        list[Path], typer.Argument(metavar="FRAME...", help="Coloured frames: FITS with a WCS, or pictures.")
    ],
    out: Annotated[Path, Option(metavar="FILE", help="The mosaic: .fits, .png or .tiff.")],
    offsets: Annotated[
        Path | None, Option(metavar="CSV", help="Columns file, x, y: places in px, in place of a WCS.")
    ] = None,
    force: Force = False,
) -> None:
    """Join overlapping frames into one, by their sky coordinates or by given places, without seams."""
    from astrogan.apply.mosaic import stitch_files

    written, memory = stitch_files(frames, out, offsets, force)
    typer.echo(f"{', '.join(map(str, written))}: {memory}")


def _run(task: Literal["colour", "upscale"], options: Options) -> None:
    from astrogan.apply.batch import expand, run_task
    from astrogan.apply.frames import FrameOptions
    from astrogan.apply.models import choose, find_cards
    from astrogan.apply.outputs import Request

    cards, _ = find_cards(options.runs)
    card = choose(task, cards, options.model)
    frame = FrameOptions.of(options)
    request = Request(options.out, options.format, options.detail, options.uncertainty, options.force, frame)
    if run_task(card, cards, expand(options.inputs, options.out), request, partial(typer.echo, err=True)):
        sys.exit(1)
