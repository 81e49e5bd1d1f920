"""The two halves of the paper, as two values of one type."""

from astrogan.tasks.colour import COLOUR
from astrogan.tasks.task import NOT_TRAINED, Conversion, Losses, Phase, Task, TaskName
from astrogan.tasks.upscale import UPSCALE

TASKS: dict[str, Task] = {task.name: task for task in (COLOUR, UPSCALE)}
"""By name."""

__all__ = ["COLOUR", "NOT_TRAINED", "TASKS", "UPSCALE", "Conversion", "Losses", "Phase", "Task", "TaskName"]
