"""Colour arithmetic: sRGB, L*a*b*, luma, gamut."""

from astrogan.color.lab import AB_SCALE, lab_to_rgb, luma, rgb_to_lab, scale_lab, unscale_lab

__all__ = ["AB_SCALE", "lab_to_rgb", "luma", "rgb_to_lab", "scale_lab", "unscale_lab"]
