"""Colour joined to a given lightness, inside sRGB: chroma gives way, lightness and hue do not.

L*a*b* here is scikit-image's and kornia's (D65, 2 degrees) with the white point taken as the matrix's own image of white,
(0.950456, 1, 1.088754) in place of the rounded (0.95047, 1, 1.08883): L is the same, a and b differ by less than 0.02, and
a = b = 0 is exactly grey, which 16-bit output needs.
"""

import torch
from torch import Tensor

from astrogan.color.constants import XYZ_FROM_RGB

_MATRIX = torch.tensor(XYZ_FROM_RGB, dtype=torch.float64)
RGB_FROM_XYZ = torch.linalg.inv(_MATRIX)
WHITE = _MATRIX.sum(dim=1)
STEPS = 14
"""Halvings in the search for the largest chroma that fits: it is found to within 1/16,384 of the wanted one."""
SLACK = 1e-7
"""How far outside [0, 1] a linear value may lie and still count as inside: what float32 leaves of a round trip."""


def decode(values: Tensor) -> Tensor:
    """sRGB values in [0, 1] to linear light."""
    return torch.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055).clamp_min(0) ** 2.4)


def encode(linear: Tensor) -> Tensor:
    """Linear light in [0, 1] to sRGB values."""
    return torch.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear.clamp_min(0) ** (1 / 2.4) - 0.055)


def luminance(display: Tensor) -> Tensor:
    """Relative luminance Y (H, W) of a grey (H, W) or RGB (H, W, 3) image in [0, 1] sRGB."""
    if display.ndim == 2:
        return decode(display)
    return decode(display) @ _MATRIX[1].to(display)


def lightness(y: Tensor) -> Tensor:
    """CIE L in [0, 100] of relative luminance."""
    return 116 * _f(y) - 16


def grey_of_lightness(level: Tensor) -> Tensor:
    """The sRGB value in [0, 1] of a neutral pixel of lightness L in [0, 100]."""
    return encode(_f_inverse((level + 16) / 116))


def join(y: Tensor, ab: Tensor) -> Tensor:
    """sRGB (H, W, 3) in [0, 1] with relative luminance `y` (H, W) and chroma `ab` (H, W, 2) in CIE units, float32.

    Where that colour does not exist in sRGB, its chroma is scaled down, at constant hue, to the largest that does.
    """
    fy = _f(y)
    linear = _linear(y, fy, ab, None)
    outside = _outside(linear)
    if outside.any():
        linear[outside] = _fitted(y[outside], fy[outside], ab[outside])
    return encode(linear.clamp_(0, 1))


def _fitted(y: Tensor, fy: Tensor, ab: Tensor) -> Tensor:
    low, high = torch.zeros_like(y), torch.ones_like(y)
    for _ in range(STEPS):
        middle = (low + high) / 2
        fits = ~_outside(_linear(y, fy, ab, middle))
        low, high = torch.where(fits, middle, low), torch.where(fits, high, middle)
    return _linear(y, fy, ab, low)


def _linear(y: Tensor, fy: Tensor, ab: Tensor, share: Tensor | None) -> Tensor:
    a, b = (ab[..., 0], ab[..., 1]) if share is None else (ab[..., 0] * share, ab[..., 1] * share)
    x = float(WHITE[0]) * _f_inverse(fy + a / 500)
    z = float(WHITE[2]) * _f_inverse(fy - b / 200)
    m = RGB_FROM_XYZ.tolist()
    return torch.stack([row[0] * x + row[1] * y + row[2] * z for row in m], dim=-1)


def _outside(linear: Tensor) -> Tensor:
    return (linear.amin(-1) < -SLACK) | (linear.amax(-1) > 1 + SLACK)


def _f(t: Tensor) -> Tensor:
    return torch.where(t > 0.008856, t.clamp_min(0) ** (1 / 3), 7.787 * t + 16 / 116)


def _f_inverse(f: Tensor) -> Tensor:
    return torch.where(f > 0.2068966, f**3, (f - 16 / 116) / 7.787)
