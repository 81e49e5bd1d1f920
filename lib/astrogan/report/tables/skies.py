"""Can colour be learned? The same measures on images that many hands coloured and on those of one observatory, unnumbered."""

from collections.abc import Iterable

from astrogan.evaluation import Results, metrics_in
from astrogan.experiments.catalogue import baselines_at, position, rows_in
from astrogan.report.tables.cells import BOLD, conditions, grouped, measured_part, sides
from astrogan.report.tables.layout import Part, Table


def skies(run: Results) -> Table:
    """A part a sky: Hubble's test, all of Hubble's images in folds, and the observatory's in folds; those that were run."""
    folded = [f"{name}-folds" for name in baselines_at("colour", "-folds")]
    parts, said = [], []
    for title, rows in (
        ("Hubble's images, coloured by many hands: the test objects", rows_in("skies")),
        ("The same, every object tested once, in folds", [*rows_in("folds"), *folded]),
        ("One observatory's images, rendered alike: every object tested once, in folds", rows_in("observatory")),
    ):
        if part := _part(run, title, rows):
            parts.append(part)
            said.append(f"{title}: {conditions(run, tuple(rows))}")
    if not parts:
        return Table("skies", "", (), ("This profile measures no row of this table.",))
    return Table("skies", "", tuple(parts), (*said, f"{sides(metrics_in('skies'))} {BOLD}"))


def _part(run: Results, title: str, rows: Iterable[str]) -> Part | None:
    """None where the run has none of the rows."""
    held = grouped(sorted((row for row in rows if row in run.metrics), key=position))
    if not held:
        return None
    return measured_part(run, held, metrics_in("skies"), title)
