"""What the Makefile and the Snakefile call: `astrogan run`, hidden, because nobody else needs it."""

import subprocess
from pathlib import Path
from typing import Annotated, Literal

import typer

app = typer.Typer(no_args_is_help=True, help="Steps of the workflow.")

Results = Annotated[Path, typer.Option(help="A run folder, or what was published from one.")]
PUBLISHED = Path("book/results")


@app.command()
def stage(
    name: Annotated[str, typer.Argument(metavar="STAGE")],
    plan: Annotated[Path, typer.Option(envvar="ASTROGAN_PLAN", help="The stages, as the Snakefile wrote them.")],
) -> None:
    """Run one stage of a plan and say what it took."""
    from astrogan.experiments.execute import run_stage
    from astrogan.experiments.stage import read_stage
    from astrogan.run import Run

    try:
        record = run_stage(Run.of_plan(plan), read_stage(plan, name))
    except subprocess.CalledProcessError as error:
        raise typer.Exit(error.returncode) from None
    typer.echo(
        f"stage {name}: {record['seconds']:.1f} s (start {record['start_s']:.1f}, work {record['work_s']:.1f}), "
        f"peak memory {record['peak_mb']} MB"
    )


@app.command()
def weights(
    out: Annotated[Path, typer.Option()],
    names: Annotated[list[str] | None, typer.Argument()] = None,
    offline: Annotated[bool, typer.Option("--offline")] = False,
    required: Annotated[
        list[str] | None, typer.Option("--require", metavar="NAME", help="Fail when it is not at hand.")
    ] = None,
) -> None:
    """Look pre-trained weights up once and write what was found."""
    from astrogan.files import write_json
    from astrogan.models import weights

    record = weights.resolve_all([*(names or []), *(required or [])], offline)
    for name, found in record.items():
        typer.echo(f"weights {name}: {found['found_in'] or 'not available, ' + found['reason']}")
    weights.require(record, required or [])
    write_json(out, record)


@app.command()
def provenance(run: Annotated[Path, typer.Option()], profile: Annotated[str, typer.Option()]) -> None:
    """Write where a run came from, and its tables."""
    from astrogan.report.provenance import write_provenance

    write_provenance(run, profile)


@app.command()
def book(
    results: Results = PUBLISHED,
    out: Annotated[Path, typer.Option(help="Gets the pages and the staged sources.")] = Path("_build"),
    builder: Literal["html", "singlehtml"] = "html",
) -> None:
    """Render the book of a run and say where it is."""
    from astrogan.book.build import build

    build(results, out, builder)


@app.command()
def pdf(
    results: Results = PUBLISHED, out: Annotated[Path, typer.Option(help="Gets the PDF.")] = Path("_build")
) -> None:
    """Print the book of a run and say where it is."""
    from astrogan.book.pdf import print_book

    print_book(results, out)


@app.command()
def publish(run: Annotated[Path, typer.Option()], out: Annotated[Path, typer.Option()] = PUBLISHED) -> None:
    """Copy the light parts of a run, ship its light models, and say what was done."""
    from astrogan.book.publish import publish_and_ship

    publish_and_ship(run, out)
