"""What each stage takes: frozen, typed, validated at the door, saved beside the result.

A notebook's parameters cell is a flat list of typed assignments; `from_notebook` turns the notebook's namespace into one
of these models and refuses names that it does not know.
"""

import os
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from astrogan.errors import AstroganError

_JUPYTER_NAMES = {"In", "Out", "exit", "quit", "get_ipython", "open"}

Space = Literal["lab", "rgb"]
Split = Literal["train", "valid", "test"]


class Config(BaseModel):
    """A frozen set of parameters; unknown names and wrong types are errors that list what is known."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    @classmethod
    def checked(cls, **values: Any) -> Self:
        """Validate `values`; `AstroganError` names each wrong parameter and what was expected."""
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            lines = []
            for item in error.errors():
                name = ".".join(str(part) for part in item["loc"])
                if not name:
                    lines.append(item["msg"].removeprefix("Value error, "))
                    continue
                if item["type"] == "extra_forbidden":
                    lines.append(f"'{name}' is not a parameter; known are {', '.join(sorted(cls.model_fields))}")
                else:
                    lines.append(f"'{name}' = {item['input']!r}: {item['msg']}")
            raise AstroganError(f"{cls.__name__}: " + "; ".join(lines)) from None

    @classmethod
    def from_notebook(cls, namespace: dict[str, Any]) -> Self:
        """The parameters of a notebook: every plain value its cells have assigned so far must be a field of this model."""
        values = {
            name: value
            for name, value in namespace.items()
            if not name.startswith("_")
            and name not in _JUPYTER_NAMES
            and not isinstance(value, ModuleType)
            and not callable(value)
        }
        return cls.checked(**values)


class TilesConfig(Config):
    """Which images are cut into which tiles, and how they are split (data/prepare.py)."""

    source: str = Field("sample", description="'sample', or 'folder:PATH' with $VARIABLES expanded")
    kind: Literal["astronomy", "photographs"] = "astronomy"
    size: int = Field(256, ge=16, description="side of a tile, px")
    tiles_per_observation: int | None = Field(None, ge=1, description="at most so many; None: all")
    held_out_tiles_per_observation: int | None = Field(None, ge=1, description="the same for validation and test")
    valid_fraction: float = Field(0.1, ge=0, lt=1, description="of the observations")
    test_fraction: float = Field(0.1, ge=0, lt=1, description="of the observations; 0 where nothing is tested")
    exclude_prefix: str = Field("", description="files whose name starts so are left out of training and validation")
    train_only_prefix: str = Field("", description="files whose name starts so never go to validation or test")
    split_seed: int = Field(0, ge=0, description="of the split; models with different seeds share one split")


class NetworkConfig(Config):
    """A generator and its discriminator (models/)."""

    generator: Literal["resnet18_unet", "resnet18_unet_rgb", "basic_unet"] = "resnet18_unet"
    encoder: Literal["resnet18", "mobilenet_v2", "mobilenet_v2_stride16"] = "resnet18"
    pretrained: bool = Field(True, description="start the encoder from ImageNet weights where they can be had")
    space: Space = Field("lab", description="what the generator predicts: 'lab' is ab from L, 'rgb' is RGB from grey")
    grey: Literal["L", "luma"] = Field("L", description="the grey input; the authors' RGB models took luma / 255")
    discriminator: Literal["patchgan", "resnet50_patch", "vgg16_residual"] = "patchgan"
    as_run: bool = Field(False, description="the authors' code where it differs from the paper's text")

    @model_validator(mode="after")
    def _encoder_belongs_to_its_generator(self) -> Self:
        if self.encoder != "resnet18" and self.generator != "resnet18_unet":
            raise ValueError(
                f"encoder '{self.encoder}' is an encoder of the generator 'resnet18_unet', not of '{self.generator}'"
            )
        if self.as_run and self.generator == "resnet18_unet_rgb":
            raise ValueError(
                "as_run froze the RGB generator's encoder at ImageNet weights, which do not exist in its layout"
            )
        return self

    @property
    def encoder_weights(self) -> str:
        """Name of the ImageNet weights that the encoder starts from: cut short or whole, they are the same file."""
        return self.encoder.removesuffix("_stride16")

    @property
    def weights_needed(self) -> set[str]:
        """Names of the pre-trained weights (models/weights.py) that this pair of networks starts from where they can be had."""
        if not self.pretrained:
            return set()
        names = {self.encoder_weights} if self.generator == "resnet18_unet" else set()
        return names | {"resnet50_patch": {"resnet50"}, "vgg16_residual": {"vgg16"}}.get(self.discriminator, set())


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


class UpscaleNetworkConfig(Config):
    """A generator that up-scales four times (models/upscaler.py)."""

    generator: Literal["srresnet", "edsr", "wdsr"] = "srresnet"
    expansion: int = Field(6, ge=1, description="how much wider a WDSR block is before its ReLU; the others have none")


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


class InRun(Config):
    """What every stage has: the run that it belongs to."""

    run: str = Field(
        "runs/interactive", description="folder of the run: checkpoints, histories, metrics, figures, tables"
    )

    @property
    def tiles_cache(self) -> Path:
        """The tile cache that all runs share."""
        return Path(self.run).parent / "tiles"

    def part(self, model: type[Config]) -> Any:
        """The fields of one parent model (`TilesConfig`, `NetworkConfig`, `PhaseConfig`, ...) as that model."""
        return model.checked(**{name: getattr(self, name) for name in model.model_fields})


class InPhase(InRun):
    """What every training stage has besides: its names, and what it starts from."""

    experiment: str = Field(pattern=r"^[a-z0-9-]+$", description="name under which results are kept")
    phase: str
    start_from: str = Field("", description="checkpoint whose networks this phase inherits; empty: none")
    weights: str = Field("", description="weights.json of the weights stage; empty: resolve now, offline")

    @property
    def row(self) -> str:
        """The id of this phase's row in tables and file names."""
        return f"{self.experiment}-{self.phase}"

    @property
    def checkpoint(self) -> Path:
        """Where the finished phase leaves its networks."""
        return Path(self.run) / "checkpoints" / self.experiment / f"{self.phase}.pt"

    @property
    def history(self) -> Path:
        """Where the finished phase leaves its losses."""
        return Path(self.run) / "history" / f"{self.row}.json"

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


class DataStage(TilesConfig, InRun):
    """What the data notebook takes."""

    name: str = Field("astronomy", description="name of the summary, data/<name>.json")


class ArchivesStage(InRun):
    """What the notebook of archives takes."""

    source: str = Field("sample", description="'sample', 'folder:PATH', or 'archive:PATH' with $VARIABLES expanded")
    overrides: str = Field("", description="CSV of a person's decisions: source,id,decision,reason; empty: none")
    min_side: int = Field(256, ge=1, description="images with a shorter side, px, are left out")


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


class ReportStage(InRun):
    """What the notebook of figures and tables takes."""

    rows: str = Field("", description="rows of the tables, separated by commas; empty: all that the run holds")
    decides: bool = Field(False, description="whether the run is large enough to judge a claim of the paper")


class ApplyStage(InRun):
    """What the notebook takes that colours and up-scales a reader's own frames."""

    frames: str = Field("sample", description="a file, folder or pattern (PNG, JPEG, TIFF, FITS); 'sample': a grey sky")
    tasks: str = Field("colour,upscale", description="what to do, separated by commas")
    colour_model: str = Field("", description="a checkpoint, or a name of `astrogan models`; empty: the default")
    upscale_model: str = Field("", description="the same for up-scaling")
    detail: int = Field(1, ge=1, le=16, description="colour at so many times the network's size, in blended tiles")
    uncertainty: bool = Field(True, description="map the spread over flips, rotations and seeds; 8 times the work")
    hdu: int | None = Field(None, ge=0, description="FITS extension; None: the first with an image")
    plane: int | None = Field(None, ge=0, description="plane of a FITS cube; None: it has one")
    stretch: Literal["asinh", "zscale", "linear"] | None = Field(None, description="None: asinh for FITS, else none")
    low: float | None = Field(None, description="black, in the frame's units; None: from the frame")
    high: float | None = Field(None, description="white, likewise")


def expand_source(source: str) -> str:
    """Expand `$NAME` in a source; `AstroganError` when the variable is not set."""
    expanded = os.path.expandvars(source)
    if "$" in expanded:
        raise AstroganError(
            f"source '{source}': the environment variable is not set. Set it to the folder of images "
            "(for example: export ASTROGAN_DATA=../shared/data), or use the source 'sample'."
        )
    return expanded


def weights_folder() -> Path | None:
    """The folder named by ASTROGAN_WEIGHTS, or None."""
    value = os.environ.get("ASTROGAN_WEIGHTS")
    return Path(value) if value else None
