"""What is predicted from what: batches of uint8 RGB become the network's input and target here, and nowhere else."""

import torch
from torch import Tensor

from astrogan.color import AB_SCALE, lab_to_rgb, luma, rgb_to_lab, scale_lab, unscale_lab
from astrogan.models.config import NetworkConfig


class ColourTask:
    """Conversion between pixels and the units of one colorization network.

    space `lab`: input L / 50 - 1, target ab / 110, both about [-1, 1] (dossier 1.4).
    space `rgb`: input grey in [0, 1], target RGB in [0, 1], although the networks end in tanh (dossier 1.1, 1.2): the
    authors' code, which the paper's text does not contradict. The grey is luma, as they ran it, or L / 100.
    """

    def __init__(self, network: NetworkConfig):
        self.space = network.space
        self.grey = network.grey
        self.n_out = 2 if network.space == "lab" else 3
        self.ab_scale = AB_SCALE

    def batch(self, pixels: Tensor, flips: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """uint8 RGB (B, 3, H, W), mirrored left to right where `flips` (B,) holds -> input (B, 1, H, W), target (B, n_out, H, W)."""
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
