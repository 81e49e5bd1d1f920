"""The DAG: the stages of a profile, what each reads and writes, and what besides files makes it run again."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from astrogan.experiments.profiles import Half, Profile
from astrogan.fingerprint import digest_files, folder_seen, module_code, stage_code

NOTEBOOKS = Path("notebooks")
METRIC_WEIGHTS = frozenset({"inception_fid", "squeezenet1_1"})
"""What FID, KID and LPIPS need; every run looks them up once."""


@dataclass(frozen=True)
class Stage:
    """One node: a notebook executed by Papermill, or a module of the library run as a program."""

    name: str
    outputs: list[str]
    inputs: list[str] = field(default_factory=list)
    notebook: str | None = None
    module: str | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    arguments: list[str] = field(default_factory=list)
    code: list[str] = field(default_factory=list)
    threads: int = 1


def stages(profile: Profile, root: Path = Path()) -> list[Stage]:
    """Every stage of `profile`, in an order in which they could run."""
    run = profile.run
    data = {kind: f"{run}/data/{kind}.json" for kind in ("astronomy", "photographs")}
    result = [_weights(profile)]

    for kind, summary in data.items():
        parameters = {"run": run, "name": kind, **profile.tiles(kind).model_dump()}
        seen = _source_seen(parameters["source"])
        result.append(_notebook(root, f"data-{kind}", "data", parameters, [], [summary], run, seen=seen))

    curated = [f"{run}/tables/curation.md", f"{run}/figures/curation.png"]
    parameters = {"run": run, "source": profile.tiles("astronomy").source}
    seen = _source_seen(parameters["source"])
    result.append(_notebook(root, "archives", "archives", parameters, [], curated, run, seen=seen))

    metrics = []
    for half in profile.halves:
        for name in half.experiments:
            rows, checkpoints = [], []
            for phase in half.phases(name):
                config = half.training(name, phase)
                inputs = [f"{run}/weights.json", data[config.kind]]
                inputs += [config.start_from] if config.start_from else []
                outputs = [str(config.checkpoint), str(config.history)]
                source = half.notebooks + phase
                result.append(_notebook(root, config.row, source, config.model_dump(), inputs, outputs, run, threads=2))
                rows.append(config.row)
                checkpoints.append(str(config.checkpoint))
            metrics += _evaluation(result, root, profile, half, name, rows, checkpoints, data)
        metrics += _evaluation(result, root, profile, half, half.baseline, [half.baseline], [], data)
        if any(experiment.split == "valid" for experiment in half.experiments.values()):
            rows = [f"{half.baseline}-valid"]
            metrics += _evaluation(result, root, profile, half, half.baseline, rows, [], data, split="valid")

    applied = _apply(result, profile, root)
    histories = [output for stage in result for output in stage.outputs if "/history/" in output]
    rows = [Path(output).stem for output in metrics if "/metrics/" in output]
    parameters = {"run": run, "rows": ",".join(rows), "decides": profile.decides}
    report_outputs = [f"{run}/figures/index.json", f"{run}/tables/index.json"]
    result.append(
        _notebook(root, "report", "report", parameters, [*metrics, *histories, *data.values()], report_outputs, run)
    )
    result.append(_provenance(profile, [*report_outputs, *curated, *applied]))
    result.append(_book(profile, root, [*report_outputs, *curated, *applied, f"{run}/provenance.json"]))
    return result


def _notebook(root, name, source, parameters, inputs, outputs, run, threads=1, seen=()) -> Stage:
    path = NOTEBOOKS / f"{source}.ipynb"
    executed = f"{run}/notebooks/{name}.ipynb"
    code = [*stage_code(root / path), *seen]
    return Stage(name, [*outputs, executed], inputs, str(path), None, parameters, [], code, threads)


def _source_seen(source: str) -> list[str]:
    """What a folder of images holds now, so that other images are a reason to read it again."""
    kind, _, folder = os.path.expandvars(source).partition(":")
    return [f"{source}:{folder_seen(Path(folder))}"] if kind == "folder" else []


def _evaluation(result, root, profile, half: Half, name, rows, checkpoints, data, split="test") -> list[str]:
    run, experiment = profile.run, half.experiments.get(name)
    tiles = profile.tiles("astronomy", experiment).model_dump()
    split = experiment.split if experiment else split
    names = {"run": run, "experiment": name, "rows": ",".join(rows), "split": split, "weights": f"{run}/weights.json"}
    parameters = names | tiles | half.evaluation
    outputs = [f"{run}/{kind}" for row in rows for kind in (f"metrics/{row}.json", f"predictions/{row}.npz")]
    inputs = [f"{run}/weights.json", data["astronomy"], *checkpoints]
    source = f"{half.notebooks}evaluate"
    stage = f"evaluate-{name}" if experiment or split == "test" else f"evaluate-{name}-{split}"
    result.append(_notebook(root, stage, source, parameters, inputs, outputs, run, threads=2))
    return outputs


def _apply(result: list[Stage], profile: Profile, root: Path) -> list[str]:
    """The stage that tries the run's own models on a frame, where it trains any that `astrogan` would take by itself."""
    colour, *upscale = profile.halves
    tasks = ["colour"] if any("finetune" in colour.phases(name) for name in colour.experiments) else []
    tasks += ["upscale"] if upscale else []
    if not tasks:
        return []
    checkpoints = [output for stage in result for output in stage.outputs if "/checkpoints/" in output]
    pictures = [f"{profile.run}/figures/applied-{task}-{part}.png" for task in tasks for part in ("before", "after")]
    parameters = {"run": profile.run, "tasks": ",".join(tasks)}
    result.append(_notebook(root, "apply", "apply", parameters, checkpoints, pictures, profile.run, threads=2))
    return pictures


def _weights(profile: Profile) -> Stage:
    configs = [half.training(n, phase) for half in profile.halves for n in half.experiments for phase in half.phases(n)]
    names = METRIC_WEIGHTS.union(*(config.weights_needed for config in configs))
    required = set().union(*(config.weights_required for config in configs))
    arguments = ["--out", f"{profile.run}/weights.json", *(["--offline"] if profile.offline else []), *sorted(names)]
    arguments += [argument for name in sorted(required) for argument in ("--require", name)]
    module = "astrogan.models.weights"
    # What is at hand is part of the question: other weights, another answer.
    folder = os.environ.get("ASTROGAN_WEIGHTS")
    code = [*module_code(module), f"ASTROGAN_WEIGHTS:{folder_seen(Path(folder)) if folder else 'not set'}"]
    return Stage("weights", [f"{profile.run}/weights.json"], [], None, module, {}, arguments, code)


def _provenance(profile: Profile, inputs: list[str]) -> Stage:
    module = "astrogan.report.provenance"
    outputs = [f"{profile.run}/provenance.json", f"{profile.run}/tables/provenance.md"]
    arguments = ["--run", profile.run, "--profile", profile.name]
    return Stage("provenance", outputs, inputs, None, module, {}, arguments, module_code(module))


def _book(profile: Profile, root: Path, inputs: list[str]) -> Stage:
    module = "astrogan.book.build"
    patterns = ("book/*.md", "book/*.bib", "book/figures/*", "book/_static/**/*", "_*.yml")
    prose = [entry for pattern in patterns for entry in digest_files(root, pattern)]
    arguments = ["--results", profile.run, "--out", f"_build/{profile.name}"]
    outputs = [f"_build/{profile.name}/html/index.html"]
    return Stage("book", outputs, inputs, None, module, {}, arguments, [*module_code(module), *prose])
