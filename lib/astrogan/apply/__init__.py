"""An astronomer's own frames: read at any size, coloured, up-scaled, stitched, written whole or not at all.

Its packages have faces of their own; `apply.session` is what the notebook calls.
"""

from astrogan.apply.batch import run_task
from astrogan.apply.config import ApplyStage
from astrogan.apply.work import Colorizer, Enlarger

__all__ = ["ApplyStage", "Colorizer", "Enlarger", "run_task"]
