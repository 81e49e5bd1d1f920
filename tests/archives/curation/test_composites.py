import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS

from astrogan.archives.curation.composites import compose, with_composites
from astrogan.base import AstroganError


def frame(path, data, shift=0.0):
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.crval, wcs.wcs.crpix, wcs.wcs.cdelt = [210.8, 54.35], [30 + shift, 20], [-1e-5, 1e-5]
    science = fits.ImageHDU(data.astype(np.float32), wcs.to_header(), name="SCI")
    fits.HDUList([fits.PrimaryHDU(), science]).writeto(path)
    return path


@pytest.fixture
def bands(tmp_path):
    """Three frames of one star each, sky at 10, and nothing observed in the last column."""
    paths = []
    for k, name in enumerate(("red", "green", "blue")):
        data = np.full((40, 60), 10.0) + np.random.default_rng(k).normal(0, 0.1, (40, 60))
        data[5, 10 + 10 * k] = 1000
        data[:, -1] = 0
        paths.append(frame(tmp_path / f"{name}.fits", data))
    return paths


def test_each_band_lights_its_channel_with_north_up(bands):
    rgb = compose(*bands)
    assert (rgb.shape, rgb.dtype) == ((40, 60, 3), np.uint8)
    for k in range(3):
        star = rgb[40 - 1 - 5, 10 + 10 * k].astype(int)  # the first row of a FITS image is the bottom one
        assert star.argmax() == k
        assert star[k] > 200
        assert np.delete(star, k).max() < 60
    assert rgb[:, -1].max() == 0


def test_bands_of_another_grid_are_refused(bands, tmp_path):
    with pytest.raises(AstroganError, match=r"moved\.fits .* is not on the pixel grid of red\.fits"):
        compose(bands[0], frame(tmp_path / "moved.fits", np.ones((40, 60)), shift=3), bands[2])
    with pytest.raises(AstroganError, match="is not on the pixel grid"):
        compose(bands[0], frame(tmp_path / "less.fits", np.ones((40, 50))), bands[2])


def test_what_is_no_fits_file_and_one_without_image(bands, tmp_path):
    (tmp_path / "cut.fits").write_bytes(bands[0].read_bytes()[:1000])
    fits.HDUList([fits.PrimaryHDU()]).writeto(tmp_path / "none.fits")
    for name, expected in {"cut": "no whole FITS file", "none": "no image of two dimensions"}.items():
        with pytest.raises(AstroganError, match=expected):
            compose(tmp_path / f"{name}.fits", bands[1], bands[2])


def test_three_bands_become_one_row(bands, row, tmp_path):
    values = {"source": "mast", "observation": "visit"}
    rows = [row(p.stem, file=p.name, part=p.stem, instruments=p.stem.upper(), **values) for p in reversed(bands)]
    lone = row("lone", part="red", file="red.fits", observation="other")
    plain = row("plain", file="x.png")
    found = list(with_composites([plain, *rows, lone], tmp_path))
    assert [r.id for r in found] == ["plain", "visit", "lone"]
    assert (found[1].file, found[1].part, found[1].width, found[1].height) == ("visit.png", "", 60, 40)
    assert found[1].instruments == "RED; GREEN; BLUE"
    assert (tmp_path / "visit.png").is_file()
    assert (found[2].decision, found[2].detail) == ("unusable", "no file of band green, blue")
