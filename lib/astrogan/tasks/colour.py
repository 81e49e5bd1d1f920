"""Colour: a and b (or RGB) from grey."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from astrogan.color import AB_SCALE, lab_to_rgb, luma, rgb_to_lab, scale_lab, unscale_lab
from astrogan.data.batches import TileLoader
from astrogan.models.config import NetworkConfig
from astrogan.tasks.predictions import Predictions, from_lab, from_rgb
from astrogan.tasks.task import Phase, Task, Words


class ColourConversion:
    """Conversion between pixels and the units of one colorization network.

    space `lab`: input L / 50 - 1, target ab / 110, both about [-1, 1] (What the authors ran, 3).
    space `rgb`: input grey in [0, 1], target RGB in [0, 1], although the networks end in tanh (What the authors ran, 1, 2): the
    authors' code, which the paper's text does not contradict. The grey is luma, as they ran it, or L / 100.
    """

    def __init__(self, network: NetworkConfig, degradation: str = ""):
        """`degradation` is the other task's."""
        self.space: str = network.space
        self.grey = network.grey
        self.halved = network.space == "lab"

    def batch(self, pixels: Tensor, flips: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """uint8 RGB (B, 3, H, W), mirrored left to right where `flips` (B,) holds -> input (B, 1, H, W), target (B, 2 or 3, H, W)."""
        if flips is not None:
            pixels = torch.where(flips.view(-1, 1, 1, 1), pixels.flip(-1), pixels)
        rgb = pixels.float() / 255
        if self.space == "lab":
            return scale_lab(rgb_to_lab(rgb))
        return self.grey_input(rgb), rgb

    def grey_input(self, rgb: Tensor) -> Tensor:
        """The network's input (B, 1, H, W) of sRGB in [0, 1]."""
        if self.space == "lab":
            return scale_lab(rgb_to_lab(rgb))[0]
        return luma(rgb) if self.grey == "luma" else rgb_to_lab(rgb)[:, :1] / 100

    def input_rgb(self, condition: Tensor) -> Tensor:
        """The network's input as a person may see it: grey as sRGB (B, 3, H, W) in [0, 1]."""
        grey = (condition.float() + 1) / 2 if self.space == "lab" else condition.float()
        return grey.expand(-1, 3, -1, -1)

    def to_rgb(self, condition: Tensor, output: Tensor) -> Tensor:
        """The network's output as float32 sRGB (B, 3, H, W): clipped by the conversion for `lab`, unclipped for `rgb`."""
        if self.space == "lab":
            return lab_to_rgb(unscale_lab(condition.float(), output.float()))
        return output.float()

    def to_ab(self, output: Tensor) -> Tensor:
        """a and b (B, 2, H, W) in CIE units of the network's output."""
        if self.space == "lab":
            return output.float() * AB_SCALE
        return rgb_to_lab(output.float().clamp(0, 1))[:, 1:]

    def baseline(self, condition: Tensor) -> Tensor:
        """No colour: a = b = 0, or grey of the input's own luma or lightness in RGB."""
        grey = torch.zeros_like(condition).expand(-1, 2, -1, -1)
        if self.space == "lab":
            return grey
        if self.grey == "luma":
            return condition.expand(-1, 3, -1, -1)
        return lab_to_rgb(torch.cat([100 * condition.float(), grey], dim=1))

    def predictions(
        self, truth: np.ndarray, output: np.ndarray, observation: np.ndarray, tile: np.ndarray
    ) -> Predictions:
        """Outputs (N, H, W, 2 or 3) of the network, float32, beside the truth: an L*a*b* network's with the true L."""
        if self.space == "lab":
            return from_lab(truth, output * np.float32(AB_SCALE), observation, tile)
        return from_rgb(truth, output, observation, tile)


LEAKED = "trained on its test tiles, as the authors' U-net was"


def _notes(config: Any) -> list[str]:
    return [LEAKED] if config.leak_test else []


_ADVERSARIAL = {"adversarial": 1.0, "l1": 100.0}

COLOUR = Task(
    name="colour",
    words=Words(
        title="Colourization",
        does="colours",
        command="colorize",
        meaning=(
            "Its colours are invented: learnt from press images, whose colours their makers chose, and put where "
            "brightness looks like theirs. They are no measurement of filters, temperature or composition. Lightness is "
            "the frame's own."
        ),
        heading="colour",
        titles=("frame", "coloured: invented"),
        spread_of="colour",
        spread_unit="CIE units of a and b",
        spread_levels=10.0,
        spread_stored="PNG: 10 levels a CIE unit of a and b; TIFF, FITS: CIE units",
        whole_range=False,
    ),
    phases={
        "pretrain": Phase("photographs", {"l1": 1.0}),
        "adversarial": Phase("photographs", _ADVERSARIAL),
        "finetune": Phase("astronomy", _ADVERSARIAL),
    },
    defaults={},
    fields=frozenset({"leak_test"}),
    baseline="grey",
    conversion=ColourConversion,
    loader=TileLoader,
    loader_options={"leak": "leak_test"},
    validated=("l1",),
    content_picks=False,
    multiple=1,
    notes=_notes,
    lasting=(LEAKED,),
)
