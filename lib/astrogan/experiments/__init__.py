"""Profiles -> stages -> executed notebooks: what the Snakefile runs, and when it must run again."""

from astrogan.experiments.catalogue import is_baseline, label, read_catalogue, rows_in, short, workflow_folder
from astrogan.experiments.commit import commit
from astrogan.experiments.execute import run_stage
from astrogan.experiments.plan import Stage, plan
from astrogan.experiments.profiles import Profile, load_profile

__all__ = [
    "Profile", "Stage", "commit", "is_baseline", "label", "load_profile", "plan", "read_catalogue", "rows_in", "run_stage",
    "short", "workflow_folder",
]  # fmt: skip
