"""`astrogan data ...`: list, fetch, curate, verify and credit images of public archives.

What decodes images is imported where it is used, so that `--help` and `list` do not wait for torch.
"""

from collections import Counter
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from tqdm import tqdm

from astrogan.archives import CATALOGUE, MANIFEST, read_manifest, write_manifest
from astrogan.archives.client import Client, Politeness
from astrogan.archives.config import with_settings
from astrogan.archives.sources import SOURCES, query, source
from astrogan.base import AstroganError

if TYPE_CHECKING:
    from astrogan.archives.catalogue import Tally

app = typer.Typer(no_args_is_help=True, help="Images of public archives: list, fetch, curate, verify, credit.")

Rate = Annotated[float, typer.Option(min=0.01, help="Requests a second to one host.")]
Attempts = Annotated[int, typer.Option(min=1, help="Tries of a request that fails in passing.")]
Hosts = Annotated[list[str] | None, typer.Option("--allow-host", help="A redirect may lead to this host.")]
Robots = Annotated[
    bool, typer.Option("--robots/--no-robots", help="Heed robots.txt; without only on your own servers.")
]
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder that `astrogan data fetch` filled.")]


@app.command("list")
def list_(
    name: Annotated[str, typer.Argument(metavar="SOURCE", help=f"One of {', '.join(SOURCES)}.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="Manifest to write, .csv or .parquet.")],
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A parameter of the source.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many entries.")] = None,
    rate: Rate = 2.0,
    attempts: Attempts = 5,
    allow_host: Hosts = None,
    robots: Robots = True,
) -> None:
    """List a source's images into a manifest; nothing is fetched. Its parameters stand in the data chapter."""
    sought = query(name, settings or [])
    with Client(_politeness(rate, attempts, allow_host, robots)) as client:
        rows = islice(source(name).rows(client, sought), limit)
        write_manifest(out, tqdm(rows, unit=" entries", disable=None))
    counts = Counter(row.used for row in read_manifest(out))
    typer.echo(f"{counts.total():,} entries in {out}, {counts[False]:,} of them excluded by the archive's own words")


@app.command()
def fetch(
    manifest: Annotated[Path, typer.Argument(metavar="MANIFEST", help="Manifest that `astrogan data list` wrote.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the files, catalogue.csv and report.csv.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be fetched, ask no server.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Fetch again what differs from the manifest.")] = False,
    workers: Annotated[int, typer.Option(min=1, max=16, help="Files at once.")] = 4,
    max_bytes: Annotated[int | None, typer.Option(min=1, help="Of one file; without, 400 MB.")] = None,
    rate: Rate = 2.0,
    attempts: Attempts = 5,
    allow_host: Hosts = None,
    robots: Robots = True,
) -> None:
    """Fetch a manifest's files. Whole files are kept, partial ones continued; exit status 1 if any entry failed."""
    from astrogan.archives.catalogue import REPORT, fetch_folder

    counts = Counter(row.source for row in read_manifest(manifest))
    hosts = [*(allow_host or []), *(host for name in counts if name in SOURCES for host in SOURCES[name].hosts)]
    with (
        Client(_politeness(rate, attempts, hosts, robots)) as client,
        tqdm(total=counts.total(), unit=" files", disable=None) as bar,
    ):
        tally = fetch_folder(
            manifest, out, client, dry_run, replace, lambda _: bar.update(), workers=workers, max_bytes=max_bytes
        )
    _finish(tally, "" if dry_run else f"; see {out / REPORT}")


@app.command("curate")
def curate_(
    folder: Folder,
    overrides: Annotated[
        Path | None, typer.Option(metavar="CSV", help="Decisions of a person: source,id,decision,reason.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A threshold, such as min_side=128.")
    ] = None,
) -> None:
    """Exclude by rule what is no picture of the sky; afterwards `folder:DIR` is a source with the rest."""
    from astrogan.archives.curation import Thresholds, curate

    account = curate(folder, with_settings(Thresholds, settings or []), overrides)
    shown = {"name": "step", "removed": "removed", "images": "images", "observations": "observations", "tiles": "tiles"}
    for step in (shown, *account.steps):
        typer.echo("{name:<14}{removed:>9}{images:>9}{observations:>14}{tiles:>9}".format(**step))


@app.command()
def verify(folder: Folder) -> None:
    """Check that every used file is there with the hash of the catalogue; exit status 1 if one is not."""
    from astrogan.archives.catalogue import Tally, verify_folder

    tally = Tally()
    total = sum(row.used for row in read_manifest(folder / CATALOGUE))
    for row, reason in tqdm(verify_folder(folder), total=total, unit=" files", disable=None):
        tally.add(row.id, "wrong" if reason else "whole", reason, bool(reason))
    _finish(tally, "")


@app.command("credits")
def credits_(
    folder: Annotated[Path, typer.Argument(metavar="DIR|MANIFEST", help="A fetched folder, or a manifest.")],
) -> None:
    """Print the acknowledgements and credit lines that a report on these images needs."""
    from astrogan.archives.catalogue import credit_lines

    manifest = folder
    if folder.is_dir():
        manifest = folder / (MANIFEST if (folder / MANIFEST).is_file() else CATALOGUE)
    for line in credit_lines(manifest):
        typer.echo(line)


def _politeness(rate: float, attempts: int, hosts: list[str] | None, robots: bool) -> Politeness:
    return Politeness(rate=rate, attempts=attempts, allowed_hosts=frozenset(hosts or []), robots=robots)


def _finish(tally: "Tally", where: str) -> None:
    for name, reason in tally.faults:
        typer.echo(f"{name}: {reason}", err=True)
    typer.echo(", ".join(f"{count:,} {status}" for status, count in sorted(tally.counts.items())) or "no entries")
    if tally.failed:
        raise AstroganError(f"{tally.failed:,} faults{where}. Mend them or run again.")
