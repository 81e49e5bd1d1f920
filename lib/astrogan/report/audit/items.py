"""The audit: each inconsistency of the paper as a claim, a demonstration on this run's predictions, and a verdict."""

from collections.abc import Callable
from pathlib import Path

from astrogan.evaluation.results import Results
from astrogan.report.audit import demonstrations
from astrogan.report.audit import distances as audit_distances
from astrogan.report.audit import pictures as audit_pictures
from astrogan.report.audit import text as audit_text
from astrogan.report.audit import training as audit_training
from astrogan.report.audit import upscale as audit_sr
from astrogan.report.audit.item import Item
from astrogan.report.figures.registry import save_figures
from astrogan.report.index import MADE
from astrogan.report.paper import rows
from astrogan.report.tables.layout import Line, Part, Table, text

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

FIGURES = {
    "audit-wrap": (demonstrations.wrapped_against_honest, ()),
    "audit-discriminator": (demonstrations.discriminators, ()),
    "audit-cast": (demonstrations.cast_made_and_unmade, (rows.RGB, rows.FINETUNED)),
    "audit-leak": (demonstrations.leak, (rows.BASIC_AS_RUN, rows.BASIC_HELD_OUT)),
}
"""Figure name to the function that draws it and the rows without whose predictions it cannot be drawn."""

_GRADES = {"proven": "proven", "inferred": "inferred", "unknown": "cannot be known"}


def save_audit(run: Path | str) -> dict[str, str]:
    """Write `tables/audit-*.md` and `figures/audit-*.png` of a run; name to "made", or to the reason why it is missing.

    A row that the run lacks is a dash in a table; a figure that needs it is missing.
    """
    folder = Results.open(run)
    items = [item(folder) for item in ITEMS]
    for table in (*(item.table() for item in items), summary(items)):
        table.save(folder.index_file("tables").parent)
    made = {f"audit-{item.key}": MADE for item in items} | {"audit-summary": MADE}
    return made | {f"figure-{name}": said for name, said in save_figures(run, FIGURES).items()}


def summary(items: list[Item]) -> Table:
    """Every item in one table: what the paper states, what was found, and how sure one can be."""
    lines = tuple(Line((item.claim,), (text(item.verdict), text(_GRADES[item.grade]))) for item in items)
    return Table("audit-summary", "", (Part(("The paper",), ("Found", "Grade"), lines, words=True),))
