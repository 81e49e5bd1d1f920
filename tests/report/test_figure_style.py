import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

from astrogan.base import AstroganError
from astrogan.report.figures.style import MAX_BYTES, enlarge, mosaic, new_figure, save_figure, show, styled


def test_mosaic_keeps_the_order_and_leaves_a_pale_square_for_a_missing_picture():
    red, blue = np.zeros((40, 40, 3), np.uint8), np.zeros((40, 40, 3), np.uint8)
    red[..., 0], blue[..., 2] = 255, 255
    grid = mosaic([red, None, blue, red], columns=2, side=40)
    half = grid.shape[0] // 2
    centres = [grid[y, x] for y in (half // 2, half + half // 2) for x in (half // 2, half + half // 2)]
    assert centres[0].tolist() == [255, 0, 0]
    assert centres[1].min() == centres[1].max() > 200
    assert centres[2].tolist() == [0, 0, 255]
    assert centres[3].tolist() == [255, 0, 0]
    with pytest.raises(AstroganError, match="at least one picture"):
        mosaic([None], 1)


def test_enlarging_repeats_pixels_by_a_whole_factor():
    picture = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    large = enlarge(picture, 5)
    assert large.shape == (6, 6, 3)
    assert (large[:3, :3] == picture[0, 0]).all()
    assert enlarge(picture, 1).shape == picture.shape


def test_a_figure_of_noise_stays_under_the_limit_on_an_opaque_white_ground(tmp_path):
    figure = new_figure(7, 7)
    show(figure.subplots(), np.random.default_rng(0).integers(0, 256, (1500, 1500, 3), np.uint8), "noise")
    path = save_figure(figure, tmp_path / "noise.png")
    assert path.stat().st_size <= MAX_BYTES
    image = Image.open(path).convert("RGBA")
    assert image.getpixel((0, 0)) == (255, 255, 255, 255)


def test_the_style_ends_with_the_figure():
    before = mpl.rcParams["axes.titlelocation"]
    seen = []

    @styled
    def draw():
        seen.append(mpl.rcParams["axes.titlelocation"])
        return new_figure(1, 1)

    draw()
    assert seen == ["left"]
    assert mpl.rcParams["axes.titlelocation"] == before
