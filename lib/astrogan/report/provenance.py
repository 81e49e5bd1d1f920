"""Where a run came from: commit, profile, data, weights, seeds, versions, hardware, and what each stage took."""

import argparse
import importlib.metadata
import platform
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from astrogan.base import AstroganError
from astrogan.device import hardware
from astrogan.evaluation.results import Results
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
PROFILES = Path("workflow/profiles")


def provenance(run: Path, profile_name: str) -> dict[str, Any]:
    """Facts of a finished run, ready for JSON; nothing in it is an input of any stage."""
    profile = load_profile(PROFILES / f"{profile_name}.yaml")
    data = {kind: read_json(run / "data" / f"{kind}.json") for kind in ("astronomy", "photographs")}
    stages = Results.open(run).stages
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
            for name, found in read_json(run / "weights.json").items()
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


def main() -> None:
    """The `provenance` stage: write `provenance.json` and its tables."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--profile", required=True)
    arguments = parser.parse_args()
    try:
        write_json(arguments.run / "provenance.json", provenance(arguments.run, arguments.profile))
        for table in provenance_tables(Results.open(arguments.run)):
            table.save(arguments.run / "tables")
    except AstroganError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
