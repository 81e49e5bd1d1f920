"""What the evaluation notebooks take."""

from typing import Literal

from pydantic import Field

from astrogan.data.config import TilesConfig
from astrogan.run import InRun


class EvaluateStage(TilesConfig, InRun):
    """What the evaluation notebook takes: the tiles of the test, and whose outputs on them."""

    experiment: str = Field("lab-resnet18", description="experiment whose checkpoints are evaluated, or a baseline")
    rows: str = Field("lab-resnet18-pretrain", description="rows of tables to make, separated by commas")
    split: Literal["test", "valid"] = Field("test", description="whose tiles; recipes are chosen on validation tiles")
    weights: str = Field("", description="weights.json of the weights stage; empty: resolve now, offline")


class UpscaleEvaluateStage(EvaluateStage):
    """The same for super-resolution."""

    size: int = Field(256, ge=16, multiple_of=4, description="side of a tile, the truth, px")
    experiment: str = Field("srgan", description="experiment whose checkpoints are evaluated, or a baseline")
    rows: str = Field("srgan-supervised", description="rows of tables to make, separated by commas")
    degradation: Literal["bicubic", "telescope"] = Field("bicubic", description="how a tile becomes the input")
