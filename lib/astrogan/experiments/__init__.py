"""Profiles -> stages -> executed notebooks: what the Snakefile runs, and when it must run again."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from astrogan.experiments.commit import commit
from astrogan.experiments.execute import run_stage
from astrogan.experiments.stage import Stage, read_stage, write_plan

if TYPE_CHECKING:
    from astrogan.experiments.catalogue import is_baseline, label, read_catalogue, rows_in, short, workflow_folder
    from astrogan.experiments.plan import plan_stages
    from astrogan.experiments.profiles import Profile, load_profile

_CATALOGUE = ("is_baseline", "label", "read_catalogue", "rows_in", "short", "workflow_folder")
_LATE = {"Profile": "profiles", "load_profile": "profiles", "plan_stages": "plan"} | dict.fromkeys(
    _CATALOGUE, "catalogue"
)
"""Names and their modules, which import the networks to check what is asked for; what runs a stage need not wait."""


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return getattr(import_module(f"{__name__}.{_LATE[name]}"), name)


__all__ = [
    "Profile", "Stage", "commit", "is_baseline", "label", "load_profile", "plan_stages", "read_catalogue", "read_stage",
    "rows_in", "run_stage", "short", "workflow_folder", "write_plan",
]  # fmt: skip
