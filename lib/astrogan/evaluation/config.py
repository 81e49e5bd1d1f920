"""What the evaluation notebooks take."""

from typing import Literal, Self

from pydantic import Field, model_validator

from astrogan.data.config import TilesConfig
from astrogan.run import InRun


class EvaluateStage(TilesConfig, InRun):
    """What the evaluation notebooks take: the tiles of the test, and whose outputs on them."""

    task: Literal["colour", "upscale"] = Field("colour", description="which half of the paper")
    experiment: str = Field("lab-resnet18", description="experiment whose checkpoints are evaluated, or a baseline")
    rows: str = Field("lab-resnet18-pretrain", description="rows of tables to make, separated by commas")
    casts: str = Field("", description="rows whose unclipped cast is scored too, separated by commas")
    split: Literal["test", "valid"] = Field("test", description="whose tiles; recipes are chosen on validation tiles")
    degradation: Literal["bicubic", "telescope"] = Field(
        "bicubic", description="how a tile becomes the input of super-resolution"
    )
    weights: str = Field("", description="weights.json of the weights stage; empty: resolve now, offline")

    @model_validator(mode="after")
    def _divides(self) -> Self:
        if self.task == "upscale" and self.size % 4:
            raise ValueError(f"'size' = {self.size}: super-resolution by 4 needs tiles whose side is a multiple of 4")
        return self
