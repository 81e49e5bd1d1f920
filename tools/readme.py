"""The README's picture and headline table, written between two marks from the published run: no number is typed there."""

import sys
from pathlib import Path

from astrogan.base import AstroganError
from astrogan.evaluation import Metric, Results, metrics_in
from astrogan.experiments.catalogue import TaskName, label, read_catalogue, rows_in
from astrogan.files import read_json, write_text
from astrogan.report.paper import rows
from astrogan.report.tables.cells import score, sides
from astrogan.rows import parts_of
from astrogan.tasks.baselines import BASELINES

BEGIN = "<!-- headline: written by `make publish` -->"
END = "<!-- headline: end -->"
_PICTURE = "better"
_TABLES: dict[TaskName, str] = {"colour": "Colour, held-out tiles", "upscale": "Four times larger"}


def write_headline(readme: Path, results: Path) -> None:
    """Replace what stands between the marks of `readme`; `AstroganError` when the marks are not there."""
    text = readme.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise AstroganError(f"{readme} has not the marks '{BEGIN}' and '{END}', once each, to put the results between.")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    write_text(readme, f"{before}{BEGIN}\n{headline(results, readme.parent)}{END}{after}")


def headline(results: Path, root: Path) -> str:
    """Markdown: the picture, a table for each half, and what run it is."""
    run = Results(results)
    facts = read_json(run.record_file("provenance"))
    blocks = []
    if run.figure_file(_PICTURE).is_file():
        path = run.figure_file(_PICTURE).resolve().relative_to(root.resolve())
        blocks.append(
            f"![Held-out tiles in four lines: truth, grey input, the paper's recipe, ours]({path})\n\n"
            "*Images: NASA, ESA, STScI. Tiles that neither network saw in training.*"
        )
    blocks += [_table(run, task) for task in _TABLES]
    shown = run.metrics[rows.GREY]
    metrics = tuple(metric for task in _TABLES for metric in _metrics(run, task))
    blocks.append(
        f"Profile `{facts['profile']}`: {shown['n']} tiles of {shown['size']} px from {shown['observations']} observations; "
        f"square brackets are 95 % intervals over observations. {sides(metrics)}"
    )
    return "\n\n".join(blocks) + "\n"


def _metrics(run: Results, task: TaskName) -> tuple[Metric, ...]:
    """The metrics of a half that some row has: no column is dashes alone."""
    records = run.metrics.values()
    return tuple(
        m for m in metrics_in(f"readme-{task}") if any(each["values"].get(m.name) is not None for each in records)
    )


def _table(run: Results, task: TaskName) -> str:
    """Baselines first, then the other rows and, of super-resolution, the best of ours."""
    catalogue = read_catalogue()
    tasks = {row: BASELINES[row].task for row in catalogue.baselines}
    wanted = [
        row for row in rows_in("readme") if (tasks.get(row) or catalogue.experiments[parts_of(row)[0]].task) == task
    ]
    wanted.sort(key=lambda row: row not in tasks)
    best = run.record("better").get("best_upscaler", {}).get("row")
    if task == "upscale" and best:
        wanted.append(best)
    held = list(dict.fromkeys(row for row in wanted if row in run.metrics))
    metrics = _metrics(run, task)
    heads = (_TABLES[task], *(metric.heading for metric in metrics))
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for row in held:
        cells = [score(run, row, metric.name).text() for metric in metrics]
        lines.append(f"| {label(row).replace('*', chr(92) + '*')} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    try:
        write_headline(Path("README.md"), Path("book/results"))
    except AstroganError as error:
        sys.exit(f"error: {error}")
