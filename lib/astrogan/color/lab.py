"""sRGB <-> CIE L*a*b* on tensors, and the scaling of L and ab to about [-1, 1].

The conversion is kornia's (D65, 2 degree observer), in float32 whatever the autocast state; scikit-image is the oracle
in the tests. Tensors are channel-first.
"""

import torch
from kornia.color import lab_to_rgb as _lab_to_rgb
from kornia.color import rgb_to_lab as _rgb_to_lab
from torch import Tensor

from astrogan.color.constants import AB_SCALE, LUMA


def rgb_to_lab(rgb: Tensor) -> Tensor:
    """sRGB in [0, 1], (B, 3, H, W), to float32 L*a*b* of the same shape: L in [0, 100], a and b in CIE units."""
    with torch.autocast(rgb.device.type, enabled=False):
        return _rgb_to_lab(rgb.float())


def lab_to_rgb(lab: Tensor, clip: bool = True) -> Tensor:
    """L*a*b* (B, 3, H, W), L in [0, 100], to float32 sRGB; clipped to [0, 1] unless `clip` is False."""
    with torch.autocast(lab.device.type, enabled=False):
        return _lab_to_rgb(lab.float(), clip=clip)


def scale_lab(lab: Tensor) -> tuple[Tensor, Tensor]:
    """L*a*b* (B, 3, H, W) to the network's units: L / 50 - 1 of (B, 1, H, W) in [-1, 1], ab / 110 of (B, 2, H, W)."""
    return lab[:, :1] / 50 - 1, lab[:, 1:] / AB_SCALE


def unscale_lab(lightness: Tensor, ab: Tensor) -> Tensor:
    """The inverse of `scale_lab`: network units back to L*a*b* (B, 3, H, W)."""
    return torch.cat([(lightness + 1) * 50, ab * AB_SCALE], dim=1)


def luma(rgb: Tensor) -> Tensor:
    """ITU-R BT.601 luma of sRGB (B, 3, H, W) in [0, 1] as (B, 1, H, W), the grey of the authors' RGB models."""
    weights = rgb.new_tensor(LUMA).view(1, 3, 1, 1)
    return (rgb * weights).sum(dim=1, keepdim=True)
