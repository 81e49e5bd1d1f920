"""One learner, the phases that it runs, losses, and checkpoints."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from astrogan.training.checkpoint import load_checkpoint, load_weights, save_checkpoint
from astrogan.training.config import PhaseConfig, TrainStage
from astrogan.training.losses import LOSSES, Loss, build_losses

if TYPE_CHECKING:
    from astrogan.training.history import history_frame, plot_history
    from astrogan.training.learner import PhaseLearner
    from astrogan.training.phase import PreparedPhase, prepare_training

_LATE = {
    "PhaseLearner": "learner",
    "PreparedPhase": "phase",
    "history_frame": "history",
    "plot_history": "history",
    "prepare_training": "phase",
}
"""Names and their modules, which import fastai and matplotlib: those who plan a training or read a checkpoint need not wait."""


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return getattr(import_module(f"{__name__}.{_LATE[name]}"), name)


__all__ = [
    "LOSSES",
    "Loss",
    "PhaseConfig",
    "PhaseLearner",
    "PreparedPhase",
    "TrainStage",
    "build_losses",
    "history_frame",
    "load_checkpoint",
    "load_weights",
    "plot_history",
    "prepare_training",
    "save_checkpoint",
]
