"""Which networks."""

from typing import Literal, Self

from pydantic import Field, model_validator

from astrogan.base import Config

Space = Literal["lab", "rgb"]


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


class UpscaleNetworkConfig(Config):
    """A generator that up-scales four times (models/upscaler.py)."""

    generator: Literal["srresnet", "edsr", "wdsr"] = "srresnet"
    expansion: int = Field(6, ge=1, description="how much wider a WDSR block is before its ReLU; the others have none")
