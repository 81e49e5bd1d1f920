"""astropy's WCS is the oracle: the same place of the sky, before and after."""

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS

from astrogan.apply.frames.fits import scaled

BASE = {"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": 150.0, "CRVAL2": 2.0, "CRPIX1": 10.0, "CRPIX2": 7.5}
CD = {"CD1_1": -1e-4, "CD1_2": 2e-5, "CD2_1": 1e-5, "CD2_2": 1e-4}
PC = {"CDELT1": -1e-4, "CDELT2": 1e-4, "PC1_1": 0.8, "PC1_2": -0.6, "PC2_1": 0.6, "PC2_2": 0.8}
SIP = {
    "CTYPE1": "RA---TAN-SIP", "CTYPE2": "DEC--TAN-SIP", "A_ORDER": 3, "B_ORDER": 2, "A_2_0": 1e-3, "A_1_1": -4e-4,
    "A_0_3": 2e-5, "B_0_2": 2e-3, "B_2_0": 1e-4,
}  # fmt: skip
BARE = {"PC1_1": -1e-4, "PC1_2": 0.0, "PC2_1": 0.0, "PC2_2": 1e-4}


@pytest.mark.parametrize("cards", [CD, PC, CD | SIP, BARE], ids=["cd", "pc", "sip", "pc alone"])
@pytest.mark.parametrize("scale", [2, 4])
def test_the_centre_of_each_block_is_where_its_pixel_was(cards, scale):
    header = fits.Header(list((BASE | cards).items()))
    before, after = WCS(header), WCS(scaled(header, scale))
    x, y = (grid.ravel().astype(float) for grid in np.mgrid[0:30:7, 0:20:6])
    there = after.all_pix2world(scale * x + (scale - 1) / 2, scale * y + (scale - 1) / 2, 0)
    np.testing.assert_allclose(there, before.all_pix2world(x, y, 0), atol=1e-9)


def test_other_cards_and_other_axes_stay():
    header = fits.Header([*(BASE | CD).items(), ("CRPIX3", 1.0), ("CDELT3", 2.0), ("EXPTIME", 30.0), ("CRPIX1A", 4.5)])
    found = scaled(header, 4)
    assert (found["CRPIX3"], found["CDELT3"], found["EXPTIME"]) == (1.0, 2.0, 30.0)
    assert found["CRPIX1A"] == 16.5
    assert header["CRPIX1A"] == 4.5
