"""The `astrogan` command. What a user can mend ends as one paragraph on stderr and exit status 1."""

import os
import sys
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from astrogan.base import AstroganError
from astrogan.cli import apply as commands
from astrogan.cli.data import app as data
from astrogan.cli.workflow import app as workflow


class _Commands(TyperGroup):
    """Commands whose `AstroganError` is a message, not a traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except AstroganError as error:
            typer.echo(f"astrogan: {' '.join(str(error).split())}", err=True)
            raise typer.Exit(1) from None


app = typer.Typer(cls=_Commands, no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)
app.add_typer(data, name="data")
app.add_typer(workflow, name="run", hidden=True)


@app.callback()
def _astrogan() -> None:
    """Colour and up-scale astronomical images, join them, and score what others made."""


@app.command()
def evaluate(
    truth: Annotated[Path, typer.Option(metavar="DIR", help="Folder of true images.")],
    pred: Annotated[Path, typer.Option(metavar="DIR", help="Folder of outputs, matched to the truth by name.")],
    groups: Annotated[
        Path | None,
        typer.Option(metavar="CSV", help="Columns 'file' and 'group': intervals over groups instead of images."),
    ] = None,
    json: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write the numbers to this file.")] = None,
    fast: Annotated[bool, typer.Option("--fast", help="Networks in bfloat16 where it pays.")] = False,
) -> None:
    """Every metric of the report for two folders of images, with N and 95 % intervals.

    Weights of networks come from the folder ASTROGAN_WEIGHTS, torch hub's cache, or, unless ASTROGAN_OFFLINE is set,
    the network; a metric that cannot be computed shows a dash and the reason.
    """
    # imported here, so that other commands and --help do not wait for the networks
    from astrogan.evaluation.evaluate import evaluate_folders, summary
    from astrogan.files import write_json
    from astrogan.models.weights import resolve

    find = partial(resolve, offline=bool(os.environ.get("ASTROGAN_OFFLINE")))
    found = evaluate_folders(truth, pred, groups, fast, find=find, announce=_announce)
    typer.echo(summary(found))
    if json:
        write_json(json, found)


def _announce(step: str) -> None:
    if sys.stderr.isatty():
        typer.echo(f"... {step}", err=True)


for _command in (commands.colorize, commands.upscale, commands.models, commands.stitch):
    app.command()(_command)
