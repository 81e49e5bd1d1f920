import numpy as np
import pytest
from skimage.color import rgb2lab

from astrogan.color import lightness_of
from astrogan.data.tiles import cut, grid, measure, scale_for_tiles


def test_lightness_agrees_with_scikit_image():
    values = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    values[0] = values[0] // 50  # the dark end, where L is steep
    np.testing.assert_allclose(lightness_of(values), rgb2lab(values)[..., 0], atol=0.03)
    assert lightness_of(np.full(3, 255, np.uint8)) == pytest.approx(100, abs=0.01)


def test_statistics_agree_with_scikit_image(picture):
    pixels = picture(0, 130, 200)
    pixels[:40, :70] = 255
    found = measure(pixels, 64)
    for k, (x, y) in enumerate(zip(found.x, found.y, strict=True)):
        tile = pixels[y : y + 64, x : x + 64]
        lab = rgb2lab(tile)
        assert found.std[k] == pytest.approx(lab[..., 0].std(), abs=0.02)
        assert found.bright[k] == pytest.approx((lab[..., 0] > 20).mean(), abs=0.01)
        assert found.white[k] == pytest.approx((tile.min(axis=2) >= 250).mean())
        assert found.chroma[k] == pytest.approx(np.hypot(lab[::4, ::4, 1], lab[::4, ::4, 2]).mean(), abs=0.01)


def test_grid_is_centred_and_cut_takes_the_pixels(picture):
    assert grid(130, 200, 64) == [(4, 1), (68, 1), (132, 1), (4, 65), (68, 65), (132, 65)]
    assert grid(63, 200, 64) == []
    pixels = picture(0, 130, 200)
    tiles = cut(pixels, [(4, 1), (132, 65)], 64)
    np.testing.assert_array_equal(tiles[1], pixels[65:129, 132:196])
    assert cut(pixels, [], 64).shape == (0, 64, 64, 3)


def test_an_image_smaller_than_a_tile_has_none(picture):
    found = measure(picture(0, 50, 200), 64)
    assert len(found.x) == len(found.chroma) == 0


def test_blank_is_dark_and_even():
    image = np.zeros((64, 256, 3), np.uint8)
    image[:, :64] += np.random.default_rng(0).integers(0, 6, (64, 64, 1), dtype=np.uint8)  # dark, noise
    image[30:34, 80:84] = 255  # 0.4 % of the pixels, but a deviation over 3
    image[:, 128:192] = 120  # even, but not dark
    assert measure(image, 64).blank().tolist() == [True, False, False, True]


def test_white_border_is_dropped_from_the_sky_alone(picture):
    image = picture(0, 64, 192)
    image = np.minimum(image, 200)
    image[:, 64:80] = 254  # a quarter of the second tile
    image[:4, 128:140] = 255  # a star in the third
    found = measure(image, 64)
    assert found.border("astronomy").tolist() == [False, True, False]
    assert found.usable("astronomy").tolist() == [True, False, True]
    assert found.usable("photographs").all()


@pytest.mark.parametrize(
    ("shape", "size", "expected"),
    [
        ((512, 640), 64, (256, 320)),
        ((200, 300), 64, (200, 300)),
        ((600, 512), 320, (375, 320)),
        ((300, 1000), 320, (300, 1000)),
    ],
)
def test_photographs_are_scaled_down_never_up(shape, size, expected, picture):
    assert scale_for_tiles(picture(0, *shape), "photographs", size).shape[:2] == expected


def test_scaling_is_antialiased_and_the_sky_is_left_alone():
    lines = np.zeros((1024, 1024, 3), np.uint8)
    lines[:, ::2] = 255
    assert scale_for_tiles(lines, "photographs", 64).std() < 5
    assert scale_for_tiles(lines, "astronomy", 64) is lines
