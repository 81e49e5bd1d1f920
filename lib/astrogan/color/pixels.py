"""Between 8-bit pictures, channel-last, and the channel-first tensors that networks and colour arithmetic take."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from astrogan.color.constants import XYZ_FROM_RGB
from astrogan.color.lab import rgb_to_lab


def to_tensor(pictures: np.ndarray) -> Tensor:
    """uint8 sRGB (N, H, W, 3) as float32 (N, 3, H, W) in [0, 1]."""
    return torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2).float() / 255


def to_pictures(rgb: Tensor) -> NDArray[np.uint8]:
    """sRGB (N, 3, H, W), about [0, 1], as uint8 (N, H, W, 3): clipped and rounded."""
    return (rgb.clamp(0, 1) * 255).round().to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()


def lab_of(pictures: np.ndarray) -> NDArray[np.float32]:
    """L*a*b* in CIE units, float32 (N, H, W, 3), of uint8 sRGB (N, H, W, 3)."""
    return rgb_to_lab(to_tensor(pictures)).permute(0, 2, 3, 1).numpy()


def lightness_of(pictures: np.ndarray) -> NDArray[np.float32]:
    """CIE L (D65), float32 (...), of uint8 sRGB (..., 3), to 0.02: by tables, ten times faster than full L*a*b*."""
    luminance = sum(table[pictures[..., channel]] for channel, table in enumerate(_LUMINANCE))
    return _LIGHTNESS[luminance]


def luminance_of(pictures: np.ndarray) -> NDArray[np.float64]:
    """Relative luminance in linear light, 0 to 1, float64 (...), of uint8 sRGB (..., 3): what flux is measured on."""
    return _LINEAR[pictures] @ np.array(XYZ_FROM_RGB[1])


def _tables() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Linear light of each level, its luminance by channel in steps of 1/65,535, and L of each of these steps."""
    level = np.arange(256) / 255
    linear = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)
    luminance = np.rint(np.outer(XYZ_FROM_RGB[1], linear) * 65_535).astype(np.int32)
    y = np.arange(65_538) / 65_535  # rounding may take the sum of three a little over
    return linear, luminance, np.where(y > 0.008856, 116 * np.cbrt(y) - 16, 903.3 * y).astype(np.float32)


_LINEAR, _LUMINANCE, _LIGHTNESS = _tables()
