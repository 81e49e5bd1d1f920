"""How a phase is trained."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from astrogan.base import Config
from astrogan.data.config import TilesConfig
from astrogan.models.config import NetworkConfig, UpscaleNetworkConfig
from astrogan.run import InRun, row_id


class TrainingConfig(Config):
    """How a phase of either half of the paper is trained. Defaults are section 3.5's where it gives a number."""

    epochs: int = Field(20, ge=1)
    batch: int = Field(16, ge=1)
    lr: float = Field(2e-4, gt=0)
    beta1: float = Field(0.5, ge=0, lt=1)
    beta2: float = Field(0.999, ge=0, lt=1)
    keep: Literal["best", "last"] = Field(
        "best",
        description="whose weights: the best epoch's by its validation value, as published, or the last's, never early",
    )
    patience: int = Field(
        10, ge=1, description="epochs without a better validation value before stopping, with keep 'best'"
    )
    cosine: bool = Field(
        False, description="let the learning rate fall along half a cosine; false: constant, as published"
    )
    ema: float = Field(0.0, ge=0, lt=1, description="decay of the generator's moving average; 0: none")
    images_per_epoch: int | None = Field(None, ge=1, description="None: every training tile")
    flip: bool = Field(True, description="random horizontal flips")
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    seed: int = Field(0, ge=0)


class PhaseConfig(TrainingConfig):
    """One training phase of a colorization network."""

    lambda_l1: float = Field(100.0, ge=0, description="weight of L1 in the generator's adversarial loss")
    chroma_weight: float = Field(
        0.0, ge=0, description="how much more L1 counts where the truth has colour; L*a*b* only"
    )
    colours_weight: float = Field(
        0.0,
        ge=0,
        description="weight, beside L1 and times lambda_l1 as it is, of how far a batch's colours are from the truth's",
    )


class UpscalePhaseConfig(TrainingConfig):
    """One super-resolution phase. Defaults are those of the networks' authors (dossier 4); the paper gives none."""

    lr: float = Field(1e-4, gt=0)
    beta1: float = Field(0.9, ge=0, lt=1)
    drop_after: int | None = Field(None, ge=1, description="epochs after which the learning rate drops; None: never")
    drop_to: float = Field(0.1, gt=0, le=1, description="what the learning rate is then multiplied by")
    flip: bool = Field(True, description="random flips and quarter turns")
    crop: int | None = Field(
        None, ge=16, multiple_of=4, description="side of the random crop that a batch takes of a tile; None: all of it"
    )
    degradation: Literal["bicubic", "telescope"] = Field("bicubic", description="how a tile becomes its input")
    content: Literal["vgg19", "squeezenet", "mobilenet_v2", "pixel"] = Field(
        "vgg19",
        description="in whose features the adversarial phases compare output and truth; 'pixel' needs no weights",
    )
    lambda_adversarial: float = Field(1e-3, ge=0, description="weight of the adversarial loss beside the content loss")


class InPhase(InRun):
    """What every training stage has besides: its names, and what it starts from."""

    experiment: str = Field(pattern=r"^[a-z0-9-]+$", description="name under which results are kept")
    phase: str
    start_from: str = Field("", description="checkpoint whose networks this phase inherits; empty: none")
    weights: str = Field("", description="weights.json of the weights stage; empty: resolve now, offline")

    @property
    def row(self) -> str:
        """The id of this phase's row in tables and file names."""
        return row_id(self.experiment, self.phase)

    @property
    def checkpoint(self) -> Path:
        """Where the finished phase leaves its networks."""
        return self.folder.checkpoint_file(self.row)

    @property
    def history(self) -> Path:
        """Where the finished phase leaves its losses."""
        return self.folder.history_file(self.row)

    @property
    def weights_required(self) -> set[str]:
        """Names of the pre-trained weights without which this phase is not trained."""
        return set()


class ColourPhase(TilesConfig, NetworkConfig, PhaseConfig, InPhase):
    """What a colorization notebook takes, flat: tiles, network, phase, and where things are."""

    experiment: str = Field("lab-resnet18", pattern=r"^[a-z0-9-]+$", description="name under which results are kept")
    phase: Literal["pretrain", "adversarial", "finetune"] = "pretrain"
    leak_test: bool = Field(
        False, description="train on the test tiles too, as the authors' U-net did; marked as leaking"
    )

    @model_validator(mode="after")
    def _losses_of_ab_need_lab(self) -> Self:
        for name in ("chroma_weight", "colours_weight"):
            if getattr(self, name) and self.space != "lab":
                raise ValueError(f"{name} takes a and b of the target; it needs space 'lab'")
        return self


class UpscalePhase(TilesConfig, UpscaleNetworkConfig, UpscalePhaseConfig, InPhase):
    """What a super-resolution notebook takes, flat: tiles, network, phase, and where things are."""

    size: int = Field(256, ge=16, multiple_of=4, description="side of a tile, the truth, px")
    experiment: str = Field("srgan", pattern=r"^[a-z0-9-]+$", description="name under which results are kept")
    phase: Literal["supervised", "adversarial", "finetune"] = "supervised"

    @property
    def weights_needed(self) -> set[str]:
        """Names of the pre-trained weights (models/weights.py) of the content network, where this phase has one."""
        if self.phase == "supervised" or self.content == "pixel":
            return set()
        return {{"squeezenet": "squeezenet1_1"}.get(self.content, self.content)}

    @property
    def weights_required(self) -> set[str]:
        """All of them: random features are no measure of content."""
        return self.weights_needed
