"""The DAG: the stages of a profile, what each reads, writes and needs, and what besides files makes it run again."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from astrogan.data.config import TilesConfig
from astrogan.evaluation.cast import cast_row
from astrogan.experiments.catalogue import IMAGES, Sky, baselines_at, rows_in
from astrogan.experiments.profiles import Profile
from astrogan.experiments.stage import LIGHT, MEASURING, MEDIUM, TRAINING, Needs, Stage
from astrogan.fingerprint import digest_files, folder_seen, module_code, stage_code
from astrogan.rows import row_id, valid_row, whole
from astrogan.run import Run
from astrogan.tasks import Task
from astrogan.tasks.baselines import BASELINES
from astrogan.training.config import TrainStage

NOTEBOOKS = Path("notebooks")
METRIC_WEIGHTS = frozenset({"inception_fid", "squeezenet1_1", "efficientnet_lite0"})
"""What Fréchet and kernel distances and LPIPS need; every run looks them up once."""
PROSE = ("book/*.md", "book/*.bib", "book/figures/*", "book/_static/**/*", "_*.yml")


def plan_stages(profile: Profile, root: Path = Path()) -> dict[str, Stage]:
    """The stages of `profile` by name, in an order in which they could run; `book` is the last.

    `root` is the repository, whose notebooks, library and prose are digested.
    """
    run, trainings = profile.run, profile.all_trainings()
    data = {kind: run.data_file(kind) for kind in IMAGES if getattr(profile, kind)}
    stages = [_weights(profile, trainings)]
    for kind, summary in data.items():
        tiles = profile.tiles(kind)
        own = {"name": kind, **tiles.model_dump()}
        stages.append(_notebook(run, root, f"data-{kind}", "data", own, {"summary": summary}, [], _seen(tiles.source)))
    source = profile.astronomy.source
    curated = {"table": run.table_file("curation"), "figure": run.figure_file("curation")}
    stages.append(_notebook(run, root, "archives", "archives", {"source": source}, curated, [], _seen(source), LIGHT))

    stages += [
        _training(config, data[profile.images_of(whole(config.experiment), config.phase)], root) for config in trainings
    ]
    evaluations = list(_evaluations(profile, root))
    rows = [row for stage in evaluations for row in stage.parameters["rows"].split(",")]
    stages += evaluations

    shown = list(curated.values())
    if applied := _applied(profile):
        pictures = {
            f"{name}-{part}": run.figure_file(f"applied-{name}-{part}")
            for name in applied
            for part in ("before", "after")
        }
        inputs = [config.checkpoint for config in trainings]
        stages.append(
            _notebook(run, root, "apply", "apply", {"tasks": ",".join(applied)}, pictures, inputs, needs=MEASURING)
        )
        shown += pictures.values()

    inputs = [path for stage in evaluations for path in stage.results]
    inputs += [*(config.history for config in trainings), *data.values()]
    made = {part: run.index_file(part) for part in ("figures", "tables")}
    own = {"rows": ",".join(rows), "decides": profile.decides}
    stages.append(_notebook(run, root, "report", "report", own, made, inputs))
    shown += made.values()

    facts = {"facts": run.record_file("provenance"), "table": run.table_file("provenance")}
    command = ("provenance", "--run", str(run.path), "--profile", profile.name)
    stages.append(_command(command, facts, shown, "astrogan.report.provenance"))
    out, prose = Path("_build") / profile.name, [entry for pattern in PROSE for entry in digest_files(root, pattern)]
    command, index = ("book", "--results", str(run.path), "--out", str(out)), {"index": out / "html" / "index.html"}
    stages.append(_command(command, index, [*shown, facts["facts"]], "astrogan.book.build", prose))
    return {stage.name: stage for stage in stages}


def _weights(profile: Profile, trainings: list[TrainStage]) -> Stage:
    out = profile.run.record_file("weights")
    names = METRIC_WEIGHTS.union(*(config.all_weights for config in trainings))
    required = sorted(set().union(*(config.weights_required for config in trainings)))
    command = ["weights", "--out", str(out), *(["--offline"] if profile.offline else []), *sorted(names)]
    command += [argument for name in required for argument in ("--require", name)]
    # What is at hand is part of the question: other weights, another answer.
    folder = os.environ.get("ASTROGAN_WEIGHTS")
    seen = f"ASTROGAN_WEIGHTS:{folder_seen(Path(folder)) if folder else 'not set'}"
    return _command(command, {"found": out}, [], "astrogan.models.weights", [seen])


def _training(config: TrainStage, summary: Path, root: Path) -> Stage:
    inputs = [Path(config.weights), summary, *([Path(config.start_from)] if config.start_from else [])]
    outputs = {"checkpoint": config.checkpoint, "history": config.history}
    notebook = _notebook_of(config.task, config.phase, root)
    return _notebook(config.folder, root, config.row, notebook, config.parameters, outputs, inputs, needs=TRAINING)


class _Place(NamedTuple):
    """Where rows are measured."""

    sky: Sky
    split: str
    tiles: TilesConfig


def _evaluations(profile: Profile, root: Path) -> Iterator[Stage]:
    """One an experiment, and one of the baselines of each task wherever an experiment is measured: see `rows.PLACES`.

    Baselines of an extra have a stage of their own, where it is installed. On the second sky those are measured that stand
    in a table of it; on validation tiles and in folds those that stand in `recipes`.
    """
    for task in profile.tasks:
        usual = profile.tiles("astronomy")
        places = {"": _Place("astronomy", "test", usual)}
        for name, experiment in profile.experiments_of(task).items():
            place = _Place(experiment.sky, experiment.split, profile.tiles(experiment.sky, name))
            rows: dict[str, list[Path]] = {row_id(name, phase): [] for phase in experiment.phases}
            for config in profile.trainings(name):
                rows[whole(config.row)].append(config.checkpoint)
            yield _evaluation(profile, root, task, name, rows, place)
            if experiment.control:
                unseen = {valid_row(row): needed for row, needed in rows.items()}
                yield _evaluation(profile, root, task, valid_row(name), unseen, place._replace(split="valid"))
            if experiment.sky == "observatory":
                places.setdefault("-observatory", place._replace(tiles=profile.tiles("observatory")))
            elif experiment.split == "valid":
                places.setdefault("-valid", place._replace(tiles=usual))
            elif place.tiles.folds != usual.folds:
                places.setdefault("-folds", place._replace(tiles=usual.model_copy(update={"folds": place.tiles.folds})))
        for ending, place in places.items():
            extras: dict[str, dict[str, list[Path]]] = {}
            for name in baselines_at(task.name, ending):
                extras.setdefault(BASELINES[name].extra, {})[f"{name}{ending}"] = []
            for extra, rows in extras.items():
                yield _evaluation(profile, root, task, f"{task.name}-{extra or 'baselines'}{ending}", rows, place)


def _evaluation(
    profile: Profile, root: Path, task: Task, name: str, rows: dict[str, list[Path]], place: _Place
) -> Stage:
    """Of `rows`, each with the checkpoints that it needs: one, or one a fold."""
    run, weights = profile.run, profile.run.record_file("weights")
    once = [row for row, needed in rows.items() if place.tiles.folds and len(needed) == 1]
    casts = [row for row in rows if row in rows_in("casts")]
    outputs = {f"metrics of {row}": run.metrics_file(row) for row in (*rows, *map(cast_row, casts))}
    outputs |= {f"measures of {row}": run.measures_file(row) for row in rows}
    outputs |= {f"predictions of {row}": run.predictions_file(row) for row in rows}
    own = {"task": task.name, "rows": ",".join(rows), "casts": ",".join(casts)}
    own |= {"once": ",".join(once), "split": place.split, "weights": str(weights)} | profile.shared(task)
    own |= place.tiles.model_dump()
    inputs = [weights, run.data_file(place.sky), *(path for needed in rows.values() for path in needed)]
    notebook = _notebook_of(task.name, "evaluate", root)
    return _notebook(run, root, f"evaluate-{name}", notebook, own, outputs, inputs, needs=MEASURING)


def _applied(profile: Profile) -> list[str]:
    """The tasks whose models of this run `astrogan` would take by itself: those that were fine-tuned."""
    found: list[str] = []
    for task in profile.tasks:
        *_, last = task.phases
        if any(last in experiment.phases for experiment in profile.experiments_of(task).values()):
            found.append(task.name)
    return found


def _notebook(
    run: Run,
    root: Path,
    name: str,
    notebook: str,
    parameters: dict[str, Any],
    outputs: dict[str, Path],
    inputs: Iterable[Path],
    seen: Iterable[str] = (),
    needs: Needs = MEDIUM,
) -> Stage:
    path = NOTEBOOKS / f"{notebook}.ipynb"
    parameters = {"run": str(run.path), **parameters}
    outputs = {**outputs, "executed": run.notebook_file(name)}
    code = (*stage_code(root / path), *seen)
    return Stage(
        name=name, notebook=path, parameters=parameters, inputs=tuple(inputs), outputs=outputs, code=code, **needs
    )


def _notebook_of(task: str, part: str, root: Path) -> str:
    """The task's own notebook of `part`, where it has one, else that of all tasks."""
    own = f"{task}_{part}"
    return own if (root / NOTEBOOKS / f"{own}.ipynb").is_file() else part


def _command(
    command: Iterable[str], outputs: dict[str, Path], inputs: Iterable[Path], module: str, seen: Iterable[str] = ()
) -> Stage:
    """Of the command's first word; `module` holds what it runs."""
    name, *_ = command = tuple(command)
    code = (*module_code(module), *seen)
    return Stage(name=name, command=command, inputs=tuple(inputs), outputs=outputs, code=code, **LIGHT)


def _seen(source: str) -> list[str]:
    """What a folder of images holds now, so that other images are a reason to read it again."""
    kind, _, folder = os.path.expandvars(source).partition(":")
    return [f"{source}:{folder_seen(Path(folder))}"] if kind == "folder" else []
