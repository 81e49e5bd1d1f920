"""Files of every kind, whole and broken."""

import gzip
import struct
import zlib

import imagecodecs
import numpy as np
import pytest
import tifffile
from astropy.io import fits
from PIL import Image

from astrogan.apply.frames import FrameError, FrameOptions, open_frame

RNG = np.random.default_rng(0)
GREY8 = RNG.integers(0, 256, (9, 13), dtype=np.uint8)
RGB8 = RNG.integers(0, 256, (9, 13, 3), dtype=np.uint8)
GREY16 = RNG.integers(0, 65536, (9, 13), dtype=np.uint16)
RGB16 = RNG.integers(0, 65536, (9, 13, 3), dtype=np.uint16)


@pytest.fixture(autouse=True)
def short_strips(monkeypatch):
    monkeypatch.setattr("astrogan.apply.frames.frame.STRIP_PX", 60)


def read(path, **options):
    with open_frame(path, FrameOptions(**options)) as frame:
        parts = [frame.display(start, stop) for start, stop in frame.strips()]
        values = np.concatenate([shown for shown, _ in parts])
        masks = [m if m is not None else np.zeros(s.shape[:2], bool) for s, m in parts]
        return frame, values, np.concatenate(masks)


def stored(path, white):
    return np.rint(read(path)[1] * white).astype(int)


@pytest.mark.parametrize("values", [GREY8, RGB8, GREY16, RGB16], ids=["grey8", "rgb8", "grey16", "rgb16"])
@pytest.mark.parametrize("kind", ["png", "tiff", "lzw"])
def test_every_depth_is_read_as_it_is(tmp_path, values, kind):
    path = tmp_path / "x.bin"
    if kind == "png":
        path.write_bytes(imagecodecs.png_encode(values))
    else:
        tifffile.imwrite(path, values, compression="lzw" if kind == "lzw" else None)
    frame, _, _ = read(path)
    white = np.iinfo(values.dtype).max
    assert frame.bits == values.dtype.itemsize * 8
    assert (stored(path, white) == values).all()


def test_transparency_is_laid_on_black_and_palettes_and_orientation_are_applied(tmp_path):
    Image.fromarray(np.dstack([RGB8, np.full((9, 13), 128, np.uint8)]), "RGBA").save(tmp_path / "a.png")
    assert np.abs(stored(tmp_path / "a.png", 255) - RGB8 * (128 / 255)).max() < 0.51
    Image.fromarray(GREY8).convert("P").save(tmp_path / "p.png")
    assert (stored(tmp_path / "p.png", 255) == GREY8[..., None]).all()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(GREY8).save(tmp_path / "e.jpg", exif=exif, quality=100)
    assert read(tmp_path / "e.jpg")[1].shape == (13, 9)


def test_tiff_palettes_white_is_zero_and_planes_apart(tmp_path):
    tifffile.imwrite(tmp_path / "w.tif", GREY8, photometric="miniswhite")
    assert (stored(tmp_path / "w.tif", 255) == 255 - GREY8.astype(int)).all()
    tifffile.imwrite(tmp_path / "s.tif", np.moveaxis(RGB16, -1, 0), photometric="rgb", planarconfig="separate")
    assert (stored(tmp_path / "s.tif", 65535) == RGB16).all()
    colours = np.stack([np.arange(256) * 257] * 3).astype(np.uint16)
    tifffile.imwrite(tmp_path / "p.tif", GREY8, photometric="palette", colormap=colours)
    assert (stored(tmp_path / "p.tif", 255) == GREY8[..., None]).all()


def test_fits_is_stretched_and_its_missing_and_saturated_pixels_are_counted(fits_file, field):
    with fits.open(fits_file, mode="update") as hdus:
        hdus[0].header["SATURATE"] = 2000.0
    frame, values, missing = read(fits_file)
    assert frame.counts == {"missing": 5, "saturated": int((field >= 2000).sum()), "negative": 0}
    assert frame.counts["saturated"] > 0
    assert missing.sum() == 5
    assert missing[3, 4:9].all()
    np.testing.assert_allclose(values[~missing], frame.stretch.apply(field)[~missing], atol=1e-6)
    assert values[3, 5] == pytest.approx(frame.stretch.apply(np.nanmedian(field)), abs=1e-3)


def test_unsigned_integers_blank_values_and_saturation_by_type(tmp_path):
    values = GREY16.copy()
    values[0, 0] = 65535
    fits.PrimaryHDU(values).writeto(tmp_path / "u.fits")
    frame, shown, _ = read(tmp_path / "u.fits", stretch="linear", low=0.0, high=65535.0)
    assert np.abs(shown * 65535 - values).max() < 0.01
    assert frame.counts["saturated"] == int((values == 65535).sum())
    hdu = fits.PrimaryHDU(GREY8.astype(np.int16))
    hdu.header["BLANK"] = int(GREY8[2, 2])
    hdu.writeto(tmp_path / "b.fits")
    _, _, missing = read(tmp_path / "b.fits")
    assert (missing == (GREY8[2, 2] == GREY8)).all()


def test_extensions_planes_and_compressed_files(tmp_path, field):
    images = [fits.ImageHDU(field), fits.ImageHDU(field * 2)]
    fits.HDUList([fits.PrimaryHDU(), *images]).writeto(tmp_path / "x.fits")
    assert read(tmp_path / "x.fits")[0].stretch.high == pytest.approx(np.percentile(field, 99.9), rel=1e-3)
    assert read(tmp_path / "x.fits", hdu=2)[0].stretch.centre == pytest.approx(2 * np.median(field), rel=1e-3)
    (tmp_path / "x.fits.gz").write_bytes(gzip.compress((tmp_path / "x.fits").read_bytes()))
    assert read(tmp_path / "x.fits.gz")[0].shape == field.shape
    fits.HDUList([fits.PrimaryHDU(), fits.CompImageHDU(field)]).writeto(tmp_path / "x.fits.fz")
    frame, shown, _ = read(tmp_path / "x.fits.fz")
    assert np.abs(frame.stretch.invert(shown) - field)[field < frame.stretch.high].max() < 3
    assert "ZBITPIX" not in frame.header
    cube = np.stack([field, field + 5])
    fits.PrimaryHDU(cube[None]).writeto(tmp_path / "c.fits")
    assert read(tmp_path / "c.fits", plane=1)[0].stretch.centre == pytest.approx(np.median(field) + 5, abs=0.1)


def test_a_stretch_of_a_picture_is_for_grey_ones(tmp_path):
    Image.fromarray(GREY16).save(tmp_path / "g.png")
    assert read(tmp_path / "g.png", low=0.0, high=100.0)[1].mean() > 0.9
    Image.fromarray(RGB8).save(tmp_path / "c.png")
    with pytest.raises(FrameError, match=r"RGB picture.*--stretch"):
        read(tmp_path / "c.png", stretch="asinh")


def _bomb():
    """A PNG that claims 60,000 x 60,000 px in a hundred bytes."""
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    chunk = b"IHDR" + head
    packed = b"IDAT" + zlib.compress(b"\0" * 100)
    parts = [struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in (chunk, packed, b"IEND")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _fits(values, **cards):
    header = fits.Header(list(cards.items()))
    hdu = fits.PrimaryHDU(values, header)
    return hdu


def broken_files(folder):
    """name -> what its message says."""
    png = imagecodecs.png_encode(RGB8)
    (folder / "truncated.png").write_bytes(png[: len(png) // 2])
    deep = imagecodecs.png_encode(RGB16)
    (folder / "truncated16.png").write_bytes(deep[: len(deep) // 2])
    (folder / "head.png").write_bytes(png[:20])
    Image.fromarray(RGB8).resize((300, 300)).save(folder / "whole.jpg")
    jpeg = (folder / "whole.jpg").read_bytes()
    (folder / "whole.jpg").unlink()
    (folder / "truncated.jpg").write_bytes(jpeg[: len(jpeg) // 2])
    tifffile.imwrite(folder / "whole.tif", RGB16)
    tiff = (folder / "whole.tif").read_bytes()
    (folder / "whole.tif").unlink()
    (folder / "truncated.tif").write_bytes(tiff[:400])
    (folder / "empty.png").write_bytes(b"")
    (folder / "text.fits").write_text("not an image at all")
    (folder / "bomb.png").write_bytes(_bomb())
    tifffile.imwrite(folder / "float.tif", GREY8.astype(np.float32))
    tifffile.imwrite(folder / "stack.tif", np.stack([GREY8] * 4), photometric="minisblack")
    Image.fromarray(np.zeros((1, 1), np.uint8)).save(folder / "one.png")
    Image.fromarray(np.full((9, 9), 7, np.uint8)).save(folder / "constant.png")
    _fits(np.full((9, 9), 3.5)).writeto(folder / "constant.fits")
    _fits(np.full((9, 9), np.nan)).writeto(folder / "nan.fits")
    _fits(-1 - RNG.random((9, 9))).writeto(folder / "negative.fits")
    _fits(RNG.random((4, 9, 9))).writeto(folder / "cube.fits")
    _fits(None).writeto(folder / "header.fits")
    table = fits.BinTableHDU.from_columns([fits.Column("x", "E", array=np.arange(3.0))])
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(folder / "table.fits")
    _fits(RNG.random((80, 90))).writeto(folder / "whole.fits")
    whole = (folder / "whole.fits").read_bytes()
    (folder / "whole.fits").unlink()
    (folder / "truncated.fits").write_bytes(whole[:8000])
    (folder / "truncated.fits.gz").write_bytes(gzip.compress(whole)[:3000])
    return {
        "truncated.png": "ends early", "truncated16.png": "ends early", "head.png": "ends early",
        "truncated.jpg": "ends early", "truncated.tif": "ends early", "empty.png": "0 bytes",
        "text.fits": "neither PNG, JPEG, TIFF nor FITS", "bomb.png": "over the limit", "float.tif": "type float32",
        "stack.tif": "4 pages", "one.png": "1 x 1 px", "constant.png": "every pixel has the value 7",
        "constant.fits": "every pixel has the value 3.5", "nan.fits": "no pixel has a finite value",
        "negative.fits": "no pixel is above zero.*--low and --high", "cube.fits": "cube of 4 x 9 x 9.*--plane 0 to --plane 3",
        "header.fits": "holds no image", "table.fits": "holds no image", "truncated.fits": "ends early",
        "truncated.fits.gz": "cannot be read|not a whole|ends early",
    }  # fmt: skip


def test_every_broken_file_is_an_error_that_names_it(tmp_path):
    for name, text in broken_files(tmp_path).items():
        with pytest.raises(FrameError, match=text) as raised:
            read(tmp_path / name)
        assert str(tmp_path / name) in str(raised.value)
    with pytest.raises(FrameError, match="no such file"):
        read(tmp_path / "absent.png")


def test_negative_frames_are_read_where_limits_are_given(tmp_path):
    fits.PrimaryHDU(-1 - RNG.random((9, 9))).writeto(tmp_path / "n.fits")
    frame, values, _ = read(tmp_path / "n.fits", low=-2.0, high=-1.0)
    assert frame.counts["negative"] == 81
    assert values.std() > 0.1


def test_an_extension_or_plane_that_is_not_there_is_refused(tmp_path, fits_file, grey_png):
    with pytest.raises(FrameError, match=r"extension 3 is no image.*from 0"):
        read(fits_file, hdu=3)
    with pytest.raises(FrameError, match="no plane 1"):
        read(fits_file, plane=1)
    with pytest.raises(FrameError, match="has no extensions"):
        read(grey_png, hdu=1)
