"""Which images are cut into which tiles, and how they are split."""

import math
import os
from typing import Literal, Self, get_args

from pydantic import Field, model_validator

from astrogan.base import AstroganError, Config
from astrogan.run import InRun

Split = Literal["train", "valid", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)


class TilesConfig(Config):
    """Which images are cut into which tiles, and how they are split (data/prepare.py)."""

    source: str = Field("sample", description="'sample', or 'folder:PATH' with $VARIABLES expanded")
    kind: Literal["astronomy", "photographs"] = Field("astronomy", description="what the images are")
    size: int = Field(256, ge=16, description="side of a tile, px")
    scales: tuple[float, float] = Field(
        (1.0, 2.0),
        strict=False,  # files and notebooks have lists
        description="shorter side of an image, in tile sides: drawn between the two in training; fixed tiles are cut at both",
    )
    native: bool = Field(False, description="cut tiles at the image's own resolution, and never scale")
    tiles_per_observation: int | None = Field(
        None,
        ge=1,
        description="at most so many fixed tiles; None: all; no limit to what training draws from whole images",
    )
    held_out_tiles_per_observation: int | None = Field(None, ge=1, description="the same for validation and test")
    valid_fraction: float = Field(0.1, ge=0, lt=1, description="of the observations")
    test_fraction: float = Field(0.1, ge=0, lt=1, description="of the observations; 0 where nothing is tested")
    exclude_prefix: str = Field("", description="files whose name starts so are left out of training and validation")
    train_only_prefix: str = Field("", description="files whose name starts so never go to validation or test")
    split_seed: int = Field(0, ge=0, description="of the split; models with different seeds share one split")

    @model_validator(mode="after")
    def _scales_are_a_range(self) -> Self:
        low, high = self.scales
        if not 1 <= low <= high < math.inf:
            raise ValueError(f"'scales' = {self.scales}: expected two numbers, 1 <= first <= second")
        return self

    @property
    def sides(self) -> tuple[int, ...]:
        """Shorter sides, px, to which an image is scaled down and then cut; none: it is cut as it is."""
        return () if self.native else tuple(dict.fromkeys(round(scale * self.size) for scale in self.scales))


class DataStage(TilesConfig, InRun):
    """What the data notebook takes."""

    name: str = Field("astronomy", description="name of the summary, data/<name>.json")


def expand_source(source: str) -> str:
    """Expand `$NAME` in a source; `AstroganError` when the variable is not set."""
    expanded = os.path.expandvars(source)
    if "$" in expanded:
        raise AstroganError(
            f"source '{source}': the environment variable is not set. Set it to the folder of images "
            "(for example: export ASTROGAN_DATA=../shared/data), or use the source 'sample'."
        )
    return expanded
