"""Colour arithmetic, in one place: sRGB, L*a*b*, luma, and 8-bit pictures as tensors. `color.gamut` joins colour to lightness."""

from astrogan.color.constants import AB_SCALE, LUMA, LUMA_STUDIO
from astrogan.color.lab import lab_to_rgb, luma, rgb_to_lab, scale_lab, unscale_lab
from astrogan.color.pixels import lab_of, lightness_of, luminance_of, to_pictures, to_tensor

__all__ = [
    "AB_SCALE",
    "LUMA",
    "LUMA_STUDIO",
    "lab_of",
    "lab_to_rgb",
    "lightness_of",
    "luma",
    "luminance_of",
    "rgb_to_lab",
    "scale_lab",
    "to_pictures",
    "to_tensor",
    "unscale_lab",
]
