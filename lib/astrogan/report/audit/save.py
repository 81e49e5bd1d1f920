"""The audit: each inconsistency of the paper as a claim, a demonstration on this run's predictions, and a verdict."""

from collections.abc import Callable
from pathlib import Path

from astrogan.evaluation.results import Results
from astrogan.experiments.catalogue import rows_in
from astrogan.report.audit import distances as audit_distances
from astrogan.report.audit import figures as audit_demos
from astrogan.report.audit import pictures as audit_pictures
from astrogan.report.audit import text as audit_text
from astrogan.report.audit import training as audit_training
from astrogan.report.audit import upscale as audit_sr
from astrogan.report.audit.item import Item
from astrogan.report.figures.showcase import like, showcase
from astrogan.report.figures.style import save_figure
from astrogan.report.index import MADE
from astrogan.report.paper import rows
from astrogan.report.tables.layout import Line, Part, Table, text
from astrogan.tasks.predictions import Predictions

ITEMS: tuple[Callable[[Results], Item], ...] = (
    audit_distances.wrap,
    audit_distances.impossible,
    audit_distances.float16,
    audit_distances.signed_mean,
    audit_distances.grey,
    audit_text.sentences,
    audit_text.consistency,
    audit_pictures.cast,
    audit_pictures.display,
    audit_training.figure5,
    audit_training.discriminator,
    audit_training.leak,
    audit_sr.adversarial,
    audit_sr.cast,
    audit_sr.swap,
    audit_text.sr_order,
)

_SAMPLES = 3
_GRADES = {"proven": "proven", "inferred": "inferred", "unknown": "cannot be known"}


def save_audit(run: Path | str) -> dict[str, str]:
    """Write `tables/audit-*.md` and `figures/audit-*.png` of a run; name to "made", or to the reason why it is missing.

    A row that the run lacks is a dash in a table; a figure that needs it is missing.
    """
    folder = Results.open(run)
    items = [item(folder) for item in ITEMS]
    for table in (*(item.table() for item in items), summary(items)):
        table.save(folder.path / "tables")
    made = {f"audit-{item.key}": MADE for item in items} | {"audit-summary": MADE}
    return made | _save_figures(folder)


def summary(items: list[Item]) -> Table:
    """Every item in one table: what the paper states, what was found, and how sure one can be."""
    lines = tuple(Line((item.claim,), (text(item.verdict), text(_GRADES[item.grade]))) for item in items)
    return Table("audit-summary", "", (Part(("The paper",), ("Found", "Grade"), lines, words=True),))


def _save_figures(run: Results) -> dict[str, str]:
    held = [row for row in rows_in("table1") if run.holds(row)]
    histories = {
        row: run.histories[row]
        for row in (rows.BASIC_AS_RUN, rows.BASIC_HELD_OUT, rows.BASIC, rows.RGB, rows.FINETUNED)
        if row in run.histories
    }
    done = {}
    if held:
        figure = audit_demos.wrapped_against_honest({row: run.measured(row).values for row in held})
        done["figure-audit-wrap"] = _save(run, "audit-wrap", figure)
    else:
        done["figure-audit-wrap"] = "no predictions in this run"
    if histories:
        done["figure-audit-discriminator"] = _save(run, "audit-discriminator", audit_demos.discriminators(histories))
    else:
        done["figure-audit-discriminator"] = "no history of an adversarial phase in this run"
    for name, first, second, draw in (
        ("audit-cast", rows.RGB, rows.FINETUNED, audit_demos.cast_made_and_unmade),
        ("audit-leak", rows.BASIC_AS_RUN, rows.BASIC_HELD_OUT, audit_demos.leak),
    ):
        if missing := [row for row in (first, second) if not run.has_pixels(row)]:
            done[f"figure-{name}"] = f"no predictions of {', '.join(missing)} in this run"
            continue
        one, two = run.predictions(first), run.predictions(second)
        if samples := _shared_samples(one, two):
            done[f"figure-{name}"] = _save(run, name, draw(one, two, samples))
        else:
            done[f"figure-{name}"] = f"{first} and {second} share no tile"
    return done


def _shared_samples(one: Predictions, two: Predictions) -> list[tuple[int, int]]:
    chosen = showcase(one)
    pairs = [(int(i), j) for i, j in zip(chosen, like(two, one.tile[chosen]), strict=True) if j is not None]
    return pairs[:: max(1, len(pairs) // _SAMPLES)][:_SAMPLES]


def _save(run: Results, name: str, figure) -> str:
    save_figure(figure, run.path / "figures" / f"{name}.png")
    return MADE
