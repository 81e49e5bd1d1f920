"""Which networks: a generator and its discriminator, by their names in the registries."""

from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from astrogan.base import AstroganError, Config
from astrogan.models.discriminators import DISCRIMINATORS
from astrogan.models.encoders import ENCODERS
from astrogan.models.generators import GENERATORS

Space = Literal["lab", "rgb"]
_REGISTRIES = {"generator": GENERATORS, "encoder": ENCODERS, "discriminator": DISCRIMINATORS}
FIELDS = {
    "colour": ("generator", "encoder", "pretrained", "space", "grey", "discriminator", "as_run"),
    "upscale": ("generator", "expansion", "back_projection", "discriminator"),
}
"""What tells two networks of a task apart; a checkpoint holds these."""


class NetworkConfig(Config):
    """A generator and its discriminator (models/)."""

    generator: str = Field("encoder_unet", description=f"which generator ({' | '.join(GENERATORS)})")
    encoder: str = Field("resnet18", description=f"encoder of an encoder_unet ({' | '.join(ENCODERS)})")
    pretrained: bool = Field(True, description="start the encoder from ImageNet weights where they can be had")
    space: Space = Field("lab", description="what the generator predicts: 'lab' is ab from L, 'rgb' is RGB from grey")
    grey: Literal["L", "luma"] = Field("L", description="the grey input; the authors' RGB models took luma / 255")
    discriminator: str = Field("patchgan", description=f"which discriminator ({' | '.join(DISCRIMINATORS)})")
    as_run: bool = Field(False, description="the authors' code where it differs from the paper's text")
    expansion: int = Field(6, ge=1, description="how much wider a WDSR block is before its ReLU; the others have none")
    back_projection: int = Field(
        0,
        ge=0,
        description="times that what an up-scaled image lost of its input is added to it; 0: never, as published",
    )

    @field_validator("generator", "encoder", "discriminator")
    @classmethod
    def _known(cls, name: str, info: Any) -> str:
        registry = _REGISTRIES[info.field_name]
        if name not in registry:
            raise ValueError(f"no {info.field_name} is called so; known are {', '.join(registry)}")
        return name

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        if self.encoder != "resnet18" and self.generator != "encoder_unet":
            raise ValueError(
                f"encoder '{self.encoder}' is an encoder of the generator 'encoder_unet', not of '{self.generator}'"
            )
        if self.as_run and self.generator == "preactivation_unet":
            raise ValueError(
                "as_run froze the RGB generator's encoder at ImageNet weights, which do not exist in its layout"
            )
        if DISCRIMINATORS[self.discriminator].task != self.network_task:
            raise ValueError(f"discriminator '{self.discriminator}' does not judge outputs of '{self.generator}'")
        return self

    @property
    def network_task(self) -> str:
        """Which half of the paper the generator belongs to."""
        return GENERATORS[self.generator].task

    @property
    def channels(self) -> int:
        """Channels of a colour generator's output."""
        return 2 if self.space == "lab" else 3

    @property
    def identity(self) -> dict[str, Any]:
        """What tells these networks from others of their task."""
        return {name: getattr(self, name) for name in FIELDS[self.network_task]}

    @property
    def weights_needed(self) -> set[str]:
        """Names of the pre-trained weights (models/weights.py) that this pair of networks starts from where they can be had."""
        if not self.pretrained:
            return set()
        return {*GENERATORS[self.generator].weights(self), *DISCRIMINATORS[self.discriminator].weights(self)}

    @classmethod
    def of_checkpoint(cls, identity: dict[str, Any], path: Path | str) -> Self:
        """The networks whose `identity` the checkpoint `path` holds; `AstroganError` where it names what is not known."""
        try:
            return cls.checked(**identity)
        except AstroganError as error:
            raise AstroganError(
                f"checkpoint {path} holds a network that this version does not know ({error}). Train its phase again, or use "
                "the version of astrogan that wrote it."
            ) from error
