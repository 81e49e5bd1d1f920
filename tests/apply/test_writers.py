"""Pillow, imagecodecs, tifffile and astropy read what was written in strips."""

import imagecodecs
import numpy as np
import pytest
import tifffile
from astropy.io import fits
from PIL import Image

from astrogan.apply.outputs import writers
from astrogan.apply.outputs.writers import FitsFile, PngFile, TiffFile

RNG = np.random.default_rng(0)


def fill(writer, values, rows=37):
    for start in range(0, len(values), rows):
        writer.write(values[start : start + rows])
    writer.close()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3])
def test_png(tmp_path, dtype, channels):
    shape = (100, 61) if channels == 1 else (100, 61, 3)
    values = RNG.integers(0, np.iinfo(dtype).max + 1, shape, dtype=dtype)
    fill(PngFile(tmp_path / "x.png", 100, 61, channels, dtype), values)
    assert (imagecodecs.png_decode((tmp_path / "x.png").read_bytes()) == values).all()
    with Image.open(tmp_path / "x.png") as image:
        image.load()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("height", [100, 256, 700])
def test_tiff(tmp_path, dtype, channels, height):
    shape = (height, 300) if channels == 1 else (height, 300, 3)
    values = (RNG.random(shape) * 200).astype(dtype)
    fill(TiffFile(tmp_path / "x.tiff", height, 300, channels, dtype), values)
    with tifffile.TiffFile(tmp_path / "x.tiff") as file:
        assert not file.is_bigtiff
        assert file.pages[0].is_tiled
        assert (file.asarray() == values).all()


def test_a_large_tiff_is_a_bigtiff(tmp_path, monkeypatch):
    monkeypatch.setattr(writers, "PNG_LIMIT", 1000)
    values = RNG.integers(0, 256, (50, 60), dtype=np.uint8)
    fill(TiffFile(tmp_path / "x.tiff", 50, 60, 1, np.uint8), values)
    with tifffile.TiffFile(tmp_path / "x.tiff") as file:
        assert file.is_bigtiff
        assert (file.asarray() == values).all()


def test_a_tiff_that_cannot_be_written_says_so_and_one_without_its_rows_can_be_abandoned(tmp_path):
    with pytest.raises(OSError, match="absent"):
        TiffFile(tmp_path / "absent" / "x.tiff", 50, 60, 1, np.uint8).write(np.zeros((50, 60), np.uint8))
    writer = TiffFile(tmp_path / "x.tiff", 700, 60, 1, np.uint8)
    writer.write(np.zeros((300, 60), np.uint8))
    writer.abandon()
    writer.abandon()
    assert writer._written.done()


@pytest.mark.parametrize("channels", [1, 3])
def test_fits(tmp_path, channels):
    shape = (100, 61) if channels == 1 else (100, 61, 3)
    values = RNG.random(shape).astype(np.float32)
    header = fits.Header([("OBJECT", "NOTHING")])
    header.add_history("made here")
    fill(FitsFile(tmp_path / "x.fits", 100, 61, channels, header), values)
    with fits.open(tmp_path / "x.fits", checksum=True) as hdus:
        hdus.verify("exception")
        assert hdus[0].header["OBJECT"] == "NOTHING"
        assert list(hdus[0].header["HISTORY"]) == ["made here"]
        wanted = values if channels == 1 else np.moveaxis(values, -1, 0)
        assert (hdus[0].data == wanted).all()
