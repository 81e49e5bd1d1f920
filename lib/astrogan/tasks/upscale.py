"""Super-resolution: a tile from its four times smaller frame."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from astrogan.color import to_pictures
from astrogan.data.batches import seen_from
from astrogan.data.degradation import degrade, upscale_bicubic
from astrogan.models.config import NetworkConfig
from astrogan.tasks.predictions import BATCH, Predictions, from_rgb
from astrogan.tasks.task import Phase, Task, Words

SCALE = 4


class UpscaleConversion:
    """Conversion between tiles and the units of the super-resolution networks: RGB in [0, 1] on both sides.

    The target is the tile, the input its degradation, on the grid of 8 bit as a stored frame is. Tiles are RGB; a
    single-channel or 16-bit image has become that where it was decoded (data/images.py: equal channels, values / 257).
    """

    space = "rgb"
    halved = False

    def __init__(self, network: NetworkConfig | None = None, degradation: str = "bicubic"):
        """All networks of this task have the same units."""
        self.degradation = degradation

    def batch(self, pixels: Tensor, flips: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """uint8 RGB (B, 3, H, W) -> input (B, 3, H / 4, W / 4) and target (B, 3, H, W), H = W when there are `flips`.

        `flips` (B,), 0 to 7, are those of `seen_from`; None: tiles as they are, and, where the degradation draws noise,
        the same noise in each call, so that epochs and rows of tables are compared on the same inputs.
        """
        if flips is None:
            random = torch.Generator(pixels.device).manual_seed(0)
        else:
            pixels = seen_from(pixels, flips)
            # torch's own generator, because its state is kept with the work in progress
            random = _default_generator(pixels.device)
        target = pixels.float() / 255
        return degrade(target, self.degradation, SCALE, random), target

    def input_rgb(self, condition: Tensor) -> Tensor:
        """The network's input as a person may see it: sRGB (B, 3, 4 H, 4 W), each pixel a square."""
        return condition.float().repeat_interleave(SCALE, -1).repeat_interleave(SCALE, -2)

    def to_rgb(self, condition: Tensor, output: Tensor) -> Tensor:
        """The network's output as float32 sRGB (B, 3, H, W), unclipped."""
        return output.float()

    def untrained(self, condition: Tensor) -> Tensor:
        """Bicubic interpolation."""
        return upscale_bicubic(condition, SCALE)

    def predictions(
        self, truth: np.ndarray, output: np.ndarray, observation: np.ndarray, tile: np.ndarray
    ) -> Predictions:
        """Outputs (N, H, W, 3) of the network, float32 and unclipped, beside the truth."""
        return from_rgb(truth, output, observation, tile)


def network_inputs(truth: np.ndarray, degradation: str = "bicubic") -> NDArray[np.uint8]:
    """What the networks were given of uint8 tiles (N, H, W, 3): uint8 (N, H / 4, W / 4, 3), with the noise that they saw."""
    conversion = UpscaleConversion(degradation=degradation)
    batches = (torch.from_numpy(truth[start : start + BATCH]) for start in range(0, len(truth), BATCH))
    return np.concatenate([to_pictures(conversion.batch(batch.permute(0, 3, 1, 2))[0]) for batch in batches])


def _default_generator(device: torch.device) -> torch.Generator:
    if device.type == "cuda":
        return torch.cuda.default_generators[device.index or 0]
    return torch.default_generator


def _notes(config: Any) -> list[str]:
    when = "after" if "adversarial" in config.losses else "before"
    return [f"trained on the degradation {config.degradation}, x{SCALE}", f"{when} adversarial training"]


_ADVERSARIAL = {"vgg19": 1.0, "adversarial": 1e-3}

UPSCALE = Task(
    name="upscale",
    words=Words(
        title="Super-resolution",
        does="up-scales",
        command="upscale",
        meaning=(
            "Detail finer than the frame's pixels is inferred from images that were shrunk artificially; it may be wrong. "
            "Measure positions, fluxes and shapes on the original frame."
        ),
        heading="up-scale",
        titles=("part of the frame, bicubic", "up-scaled: finest detail inferred"),
        spread_of="enlarged frame",
        spread_unit="share of the range from black to white",
        spread_levels=1000.0,
        spread_stored="PNG: 1000 levels from black to white; TIFF, FITS: 0 is black, 1 white, as stretched",
        whole_range=True,
    ),
    phases={
        "supervised": Phase("photographs", None),
        "adversarial": Phase("photographs", _ADVERSARIAL),
        "finetune": Phase("astronomy", _ADVERSARIAL),
    },
    # The networks' authors' rates (What the authors ran, 4); the paper gives none.
    defaults={"generator": "srresnet", "discriminator": "srgan", "lr": 1e-4, "beta1": 0.9},
    fields=frozenset({"crop", "degradation"}),
    baseline="bicubic",
    conversion=UpscaleConversion,
    validated=("clipped_mse",),
    content_picks=True,
    multiple=SCALE,
    notes=_notes,
)
