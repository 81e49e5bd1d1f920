from pathlib import Path

import numpy as np
import pytest
import tifffile
from astropy.io import fits
from astropy.wcs import WCS
from PIL import Image

from astrogan.apply.frames import FrameError
from astrogan.apply.mosaic import blend as mosaic
from astrogan.apply.mosaic.blend import Piece, read_offsets, read_piece, stitch_offsets, stitch_sky
from astrogan.apply.mosaic.stitch import stitch_files
from astrogan.base import AstroganError

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def smooth(height=60, width=90):
    y, x = np.mgrid[:height, :width]
    return np.stack([0.5 + 0.3 * np.sin(x / 11 + k) * np.cos(y / 9) for k in range(3)]).astype(np.float32)


def header(x0, y0):
    cards = [("CTYPE1", "RA---TAN"), ("CTYPE2", "DEC--TAN"), ("CRVAL1", 150.0), ("CRVAL2", 2.0)]
    cards += [("CRPIX1", 45.0 - x0), ("CRPIX2", 30.0 - y0), ("CDELT1", -1e-4), ("CDELT2", 1e-4)]
    return fits.Header(cards)


@pytest.fixture
def files(tmp_path):
    """A field cut into two overlapping frames of colour."""
    field = smooth()
    paths = []
    for name, x0, x1 in (("a", 0, 55), ("b", 35, 90)):
        path = tmp_path / f"{name}.fits"
        fits.PrimaryHDU(field[:, :, x0:x1], header(x0, 0)).writeto(path)
        paths.append(path)
    return field, paths


def test_frames_are_joined_by_their_sky(files):
    field, paths = files
    joined = stitch_sky([read_piece(path) for path in paths])
    y, x = np.mgrid[5:55:5, 5:85:5]
    sky = WCS(header(0, 0)).pixel_to_world(x, y)
    px, py = (np.rint(v).astype(int) for v in WCS(joined.header).world_to_pixel(sky))
    np.testing.assert_allclose(joined.planes[:, py, px], field[:, y, x], atol=0.02)
    assert np.isfinite(joined.planes).mean() > 0.95


def test_a_rotated_frame_lands_on_the_sky_where_it_was(files):
    field, paths = files
    turned = header(0, 0)
    # a quarter turn: axis 1 of the array runs along declination
    turned.update(CDELT1=1.0, CDELT2=1.0, PC1_1=0.0, PC1_2=1e-4, PC2_1=1e-4, PC2_2=0.0)
    w = WCS(turned)
    piece = Piece(paths[0], field, turned)
    joined = stitch_sky([piece, Piece(paths[0], field, turned)])
    y, x = np.mgrid[8:52:6, 8:82:6]
    px, py = (np.rint(v).astype(int) for v in WCS(joined.header).world_to_pixel(w.pixel_to_world(x, y)))
    np.testing.assert_allclose(joined.planes[:, py, px], field[:, y, x], atol=0.03)


def test_given_places_join_exactly():
    field = smooth()
    corners = {"a": (0, 0), "b": (40, 20), "c": (0, 20), "d": (40, 0)}
    pieces = [Piece(Path(name), field[:, y : y + 40, x : x + 50]) for name, (x, y) in corners.items()]
    joined = stitch_offsets(pieces, {name: (x + 7, y + 3) for name, (x, y) in corners.items()})
    assert joined.planes.shape == (3, 60, 90)
    np.testing.assert_allclose(joined.planes, field, atol=1e-6)


def test_parts_of_a_pixel_are_interpolated():
    ramp = np.tile(np.arange(20, dtype=np.float32) / 20, (1, 10, 1))
    joined = stitch_offsets([Piece(Path("a"), ramp), Piece(Path("b"), ramp)], {"a": (0, 0), "b": (0.5, 0)})
    covered = joined.planes[0, 5, 2:19]
    assert joined.planes.shape == (1, 10, 21)
    assert np.isfinite(covered).all()
    second = stitch_offsets([Piece(Path("a"), ramp), Piece(Path("b"), ramp)], {"a": (0, 0), "b": (30.5, 0)})
    np.testing.assert_allclose(second.planes[0, 5, 32:50], ramp[0, 5, 1:19] + 0.5 / 20, atol=1e-6)


def test_unequal_frames_leave_no_seam():
    """One frame is brighter: the step of 0.3 is spread over the overlap of 40 px."""
    pieces = [
        Piece(Path("a"), np.full((1, 50, 70), 0.3, np.float32)),
        Piece(Path("b"), np.full((1, 50, 70), 0.6, np.float32)),
    ]
    joined = stitch_offsets(pieces, {"a": (0, 0), "b": (30, 0)}).planes[0]
    steps = np.abs(np.diff(joined, axis=1))
    assert steps.max() < 0.3 / 40 * 3
    assert joined[25, 2] == pytest.approx(0.3)
    assert joined[25, 97] == pytest.approx(0.6)


def test_gaps_and_missing_pixels_stay_missing():
    part = np.full((1, 10, 10), 0.5, np.float32)
    part[0, 4, 4] = np.nan
    joined = stitch_offsets([Piece(Path("a"), part), Piece(Path("b"), part)], {"a": (0, 0), "b": (15, 0)}).planes[0]
    assert np.isnan(joined[:, 10:15]).all()
    assert np.isnan(joined[4, 4])
    assert np.isfinite(joined[:, :10]).sum() == 99


def test_files_are_written_together_and_not_overwritten(files, tmp_path):
    _, paths = files
    written, memory = stitch_files(paths, tmp_path / "out" / "m.fits")
    assert sorted(path.name for path in written) == ["m.fits", "m.json", "m.png"]
    assert "MB" in memory
    assert fits.getdata(tmp_path / "out" / "m.fits").shape[0] == 3
    with Image.open(tmp_path / "out" / "m.png") as image:
        image.load()
    with pytest.raises(AstroganError, match="--force"):
        stitch_files(paths, tmp_path / "out" / "m.fits")
    stitch_files(paths, tmp_path / "out" / "m.fits", force=True)


def test_pictures_are_joined_by_a_table(tmp_path):
    values = (smooth().transpose(1, 2, 0) * 255).astype(np.uint8)
    Image.fromarray(values[:, :60]).save(tmp_path / "a.png")
    Image.fromarray(values[:, 30:]).save(tmp_path / "b.png")
    (tmp_path / "places.csv").write_text("file,x,y\na.png,0,0\nb.png,30,0\n")
    paths = [tmp_path / "a.png", tmp_path / "b.png"]
    stitch_files(paths, tmp_path / "m.tiff", tmp_path / "places.csv")

    assert np.abs(tifffile.imread(tmp_path / "m.tiff") / 257 - values).max() < 0.51
    with pytest.raises(AstroganError, match="no celestial coordinates"):
        stitch_files(paths, tmp_path / "n.fits")


def test_grey_fits_frames_keep_their_units(files, tmp_path):
    field, _ = files
    for name, start in (("c", 0), ("d", 35)):
        fits.PrimaryHDU(field[0, :, start : start + 55] * 1000, header(start, 0)).writeto(tmp_path / f"{name}.fits")
    paths = [tmp_path / "c.fits", tmp_path / "d.fits"]
    written, _ = stitch_files(paths, tmp_path / "grey.fits")
    assert [path.name for path in written] == ["grey.fits", "grey.json"]
    assert np.nanmax(fits.getdata(tmp_path / "grey.fits")) == pytest.approx(field[0].max() * 1000, rel=0.01)
    with pytest.raises(AstroganError, match=r"units of their own.*\.fits"):
        stitch_files(paths, tmp_path / "grey.png")


def test_what_cannot_be_joined_is_refused(files, tmp_path, monkeypatch):
    _, paths = files
    pieces = [read_piece(path) for path in paths]
    with pytest.raises(AstroganError, match="at least two"):
        stitch_files(paths[:1], tmp_path / "m.fits")
    with pytest.raises(AstroganError, match=r"\.fits, \.png or \.tiff"):
        stitch_files(paths, tmp_path / "m.jpg")
    with pytest.raises(AstroganError, match="some are in colour"):
        stitch_sky([pieces[0], Piece(Path("g"), pieces[0].planes[:1], pieces[0].header)])
    with pytest.raises(AstroganError, match=r"no place of a\.fits"):
        stitch_offsets(pieces, {"b.fits": (0, 0)})
    (tmp_path / "bad.csv").write_text("name,x\na,1\n")
    with pytest.raises(AstroganError, match="columns file, x and y"):
        read_offsets(tmp_path / "bad.csv")
    fits.PrimaryHDU(np.zeros((2, 5, 5))).writeto(tmp_path / "two.fits")
    with pytest.raises(FrameError, match="neither one plane nor three"):
        read_piece(tmp_path / "two.fits")
    monkeypatch.setattr(mosaic, "PIXEL_LIMIT", 100)
    with pytest.raises(AstroganError, match=r"need .* GB"):
        stitch_sky(pieces)
