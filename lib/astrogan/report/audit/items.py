"""The items of the audit in the book's order, its figures, and the writing of both."""

from collections.abc import Callable
from pathlib import Path

from astrogan.evaluation.results import Results
from astrogan.report.audit import (
    Item,
    casts,
    demonstrations,
    distances,
    fingerprint,
    leak,
    pictures,
    statements,
    training,
)
from astrogan.report.figures.registry import save_figures
from astrogan.report.index import MADE
from astrogan.report.paper import rows
from astrogan.report.tables.layout import Line, Part, Table, text

ITEMS: tuple[Callable[[Results], Item], ...] = (
    distances.wrap,
    distances.impossible,
    fingerprint.float16,
    distances.signed_mean,
    distances.grey,
    statements.sentences,
    statements.consistency,
    casts.casts,
    casts.blue,
    pictures.display,
    training.figure5,
    training.discriminator,
    training.unconditional,
    training.collapse,
    training.batch_norm,
    leak.leak,
    training.sr_adversarial,
    casts.specks,
    statements.sr_swap,
    statements.sr_order,
)

FIGURES = {
    "audit-wrap": (demonstrations.wrapped_against_honest, ()),
    "audit-discriminator": (demonstrations.discriminators, ()),
    "audit-cast": (demonstrations.cast_made_and_unmade, (rows.RGB,)),
    "audit-leak": (demonstrations.leak, (rows.BASIC_AS_RUN, rows.BASIC_HELD_OUT)),
}
"""Figure name to the function that draws it and the rows without whose predictions it cannot be drawn."""


def save_audit(run: Path | str) -> dict[str, str]:
    """Write `tables/audit-*.md` and `figures/audit-*.png` of a run; name to "made", or to the reason why it is missing.

    A row that the run lacks is a dash in a table; a figure that needs it is missing. The summary has every item in one
    table: what the paper states, what was found, and how sure one can be.
    """
    folder = Results.open(run)
    items = [item(folder) for item in ITEMS]
    tables = [Table(f"audit-{item.key}", "", item.parts, item.remarks) for item in items if item.parts]
    lines = tuple(Line((item.claim,), (text(item.verdict), text(item.grade))) for item in items)
    tables.append(Table("audit-summary", "", (Part(("The paper",), ("Found", "Grade"), lines, words=True),)))
    for table in tables:
        table.save(folder)
    made = {table.name: MADE for table in tables}
    return made | {f"figure-{name}": said for name, said in save_figures(run, FIGURES).items()}
