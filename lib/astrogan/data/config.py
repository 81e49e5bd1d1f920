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
    scales: list[float] = Field(  # notebooks and files know no tuples
        [1.0, 2.0],
        min_length=2,
        max_length=2,
        description="shorter side of an image, in tile sides: drawn between the two in training; fixed tiles are cut at both",
    )
    native: bool = Field(False, description="cut tiles at the image's own resolution, and never scale")
    fixed: bool = Field(False, description="train on the fixed tiles, as native tiles are, not on windows drawn anew")
    tiles_per_observation: int | None = Field(
        None,
        ge=1,
        description="at most so many fixed tiles of an object; None: all; no limit to what training draws from whole images",
    )
    held_out_tiles_per_observation: int | None = Field(None, ge=1, description="the same for validation and test")
    valid_fraction: float = Field(0.1, ge=0, lt=1, description="of the objects that are not for training alone")
    test_fraction: float = Field(0.1, ge=0, lt=1, description="the same; 0 where nothing is tested")
    folds: int | None = Field(
        None, ge=2, description="the test is one of so many equal parts of the objects; None: test_fraction of them"
    )
    fold: int = Field(0, ge=0, description="which of the folds is the test, from 0")
    exclude_prefixes: list[str] = Field([], description="files whose names start so serve the test alone")
    train_only_prefixes: list[str] = Field([], description="files whose names start so serve training alone")
    split_seed: int = Field(0, ge=0, description="of the split; models with different seeds share one split")

    @model_validator(mode="after")
    def _is_a_range_and_a_fold(self) -> Self:
        low, high = self.scales
        if not 1 <= low <= high < math.inf:
            raise ValueError(f"'scales' = {self.scales}: expected two numbers, 1 <= first <= second")
        if self.fold >= (self.folds or 1):
            raise ValueError(f"'fold' = {self.fold}: there are {self.folds or 'no'} folds, counted from 0")
        return self

    @property
    def sides(self) -> tuple[int, ...]:
        """Shorter sides, px, to which an image is scaled down and then cut; none: it is cut as it is."""
        return () if self.native else tuple(dict.fromkeys(round(scale * self.size) for scale in self.scales))

    @property
    def tested(self) -> float:
        """Fraction of the objects that are tested."""
        return 1 / self.folds if self.folds else self.test_fraction

    def every_fold(self) -> list["TilesConfig"]:
        """One a fold, whose test splits are all objects together; without folds this one alone."""
        return [self.model_copy(update={"fold": fold}) for fold in range(self.folds)] if self.folds else [self]


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
