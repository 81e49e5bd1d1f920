"""A header's world coordinates on a finer grid, and with a third axis."""

import re

from astropy.io import fits

_PIXEL = re.compile(r"CRPIX(\d)([A-Z]?)$")
_STEP = re.compile(r"(?:CDELT(\d)|CD\d_(\d))[A-Z]?$")
_SIP = re.compile(r"(?:A|B|AP|BP)_(\d)_(\d)$")


def scaled(header: fits.Header, scale: int) -> fits.Header:
    """A copy whose world coordinates are those of the same sky with `scale` times as many pixels a side.

    The outer edges stay where they were: pixel p of the frame covers pixels scale p to scale p + scale - 1 (from 0).
    CRPIX, CDELT or CD, and SIP polynomials are scaled, those of alternative coordinates (A to Z) too; PC, projection
    parameters and TPV are in units of the sky and stay.
    """
    result = header.copy()
    for key in header:
        if match := _PIXEL.match(key):
            if match[1] in "12":
                result[key] = (header[key] - 0.5) * scale + 0.5
        elif match := _STEP.match(key):
            if (match[1] or match[2]) in "12":
                result[key] = header[key] / scale
        elif match := _SIP.match(key):
            # f(u, v) is in pixels and so are u and v: f'(u') = s f(u' / s).
            result[key] = header[key] * float(scale) ** (1 - int(match[1]) - int(match[2]))
    if any(key.startswith("CRPIX") for key in header) and not any(
        key.startswith(("CD1_", "CD2_", "CDELT")) for key in header
    ):
        result["CDELT1"] = result["CDELT2"] = 1 / scale  # 1 where they are not given
    return result


def cube_of_rgb(header: fits.Header) -> fits.Header:
    """A copy for planes R, G and B: a third axis where there are two of the sky."""
    result = header.copy()
    if "CTYPE1" in result:
        if "WCSAXES" in result:
            result["WCSAXES"] = 3
        result["CTYPE3"], result["CRPIX3"], result["CRVAL3"] = "RGB", 1.0, 1.0
        result["CD3_3" if "CD1_1" in result else "CDELT3"] = 1.0
    return result
