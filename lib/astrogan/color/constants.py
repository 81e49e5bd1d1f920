"""The numbers that colour is computed with, typed once."""

LUMA = (0.299, 0.587, 0.114)
"""Weights of sRGB's red, green and blue in the luma of ITU-R BT.601, the grey of the authors' RGB models."""

LUMA_STUDIO = (65.481, 128.553, 24.966)
"""The same luma in 16..235 of values in [0, 1], as MATLAB's rgb2ycbcr gives it; PSNR-Y is measured on it."""

XYZ_FROM_RGB = (
    (0.412453, 0.357580, 0.180423),
    (0.212671, 0.715160, 0.072169),
    (0.019334, 0.119193, 0.950227),
)
"""CIE XYZ (D65, 2 degree observer) of linear sRGB, as scikit-image and kornia have it; the second row is luminance."""

AB_SCALE = 110.0
"""CIE units of a and b per unit of a network's output."""
