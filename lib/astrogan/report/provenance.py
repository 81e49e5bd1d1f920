"""Where a run came from: commit, profile, data, weights, seeds, versions, hardware, and what each stage took."""

import importlib.metadata
import platform
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from astrogan.device import hardware
from astrogan.evaluation.results import Results
from astrogan.experiments.catalogue import workflow_folder
from astrogan.experiments.commit import commit
from astrogan.experiments.profiles import load_profile
from astrogan.files import read_json, write_json
from astrogan.report.tables.setup import provenance as provenance_tables

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
    "ptwt",
)


def provenance(run: Path, profile_name: str) -> dict[str, Any]:
    """Facts of a finished run, ready for JSON; nothing in it is an input of any stage."""
    profile = load_profile(workflow_folder() / "profiles" / f"{profile_name}.yaml")
    folder = Results.open(run)
    data = {kind: read_json(folder.data_file(kind)) for kind in ("astronomy", "photographs")}
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
    for table in provenance_tables(folder):
        table.save(folder.table_file(table.name).parent)
