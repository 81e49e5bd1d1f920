import numpy as np
import pytest
from PIL import Image
from skimage.color import rgb2lab

from astrogan.color import lightness_of
from astrogan.data.tiles import grid, is_usable, measure, scaled_down, scaled_shape, tiles_of


def test_lightness_agrees_with_scikit_image():
    values = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    values[0] = values[0] // 50  # the dark end, where L is steep
    np.testing.assert_allclose(lightness_of(values), rgb2lab(values)[..., 0], atol=0.03)
    assert lightness_of(np.full(3, 255, np.uint8)) == pytest.approx(100, abs=0.01)


def test_statistics_agree_with_scikit_image(picture):
    pixels = picture(0, 130, 200)
    pixels[:40, :70] = 255
    found = measure(tiles_of(pixels, 64))
    for k, (x, y) in enumerate(zip(found.x, found.y, strict=True)):
        tile = pixels[y : y + 64, x : x + 64]
        lab = rgb2lab(tile)
        assert found.std[k] == pytest.approx(lab[..., 0].std(), abs=0.02)
        assert found.bright[k] == pytest.approx((lab[..., 0] > 20).mean(), abs=0.01)
        assert found.white[k] == pytest.approx((tile.min(axis=2) >= 250).mean())
        assert found.chroma[k] == pytest.approx(np.hypot(lab[::4, ::4, 1], lab[::4, ::4, 2]).mean(), abs=0.01)


def test_grid_is_centred_and_native_tiles_are_its_pixels(picture):
    assert grid(130, 200, 64) == [(4, 1), (68, 1), (132, 1), (4, 65), (68, 65), (132, 65)]
    assert grid(63, 200, 64) == []
    pixels = picture(0, 130, 200)
    tiles = tiles_of(pixels, 64)
    assert [tile[:3] for tile in tiles] == [(x, y, 64) for x, y in grid(130, 200, 64)]
    np.testing.assert_array_equal(tiles[5].pixels, pixels[65:129, 132:196])


def test_an_image_smaller_than_a_tile_has_none(picture):
    found = measure(tiles_of(picture(0, 50, 200), 64))
    assert len(found.x) == len(found.chroma) == 0


def test_blank_is_dark_and_even():
    image = np.zeros((64, 256, 3), np.uint8)
    image[:, :64] += np.random.default_rng(0).integers(0, 6, (64, 64, 1), dtype=np.uint8)  # dark, noise
    image[30:34, 80:84] = 255  # 0.4 % of the pixels, but a deviation over 3
    image[:, 128:192] = 120  # even, but not dark
    assert measure(tiles_of(image, 64)).blank().tolist() == [True, False, False, True]


def test_white_border_is_dropped_from_the_sky_alone(picture):
    image = picture(0, 64, 192)
    image = np.minimum(image, 200)
    image[:, 64:80] = 254  # a quarter of the second tile
    image[:4, 128:140] = 255  # a star in the third
    found = measure(tiles_of(image, 64))
    assert found.border("astronomy").tolist() == [False, True, False]
    assert found.usable("astronomy").tolist() == [True, False, True]
    assert found.usable("photographs").all()


def test_scenes_are_cut_at_every_scale_that_an_image_has(picture):
    image = picture(0, 320, 480)
    tiles = tiles_of(image, 64, (64, 128))
    assert [tile[:3] for tile in tiles] == [
        (80, 0, 320),
        *[(x, y, 160) for y in (0, 160) for x in (0, 160, 320)],
    ]
    small = np.asarray(Image.fromarray(image).resize((96, 64), Image.Resampling.BICUBIC))
    np.testing.assert_array_equal(tiles[0].pixels, small[:, 16:80])
    for x, y, window, pixels in tiles:
        # what the place says is what the tile shows
        shown = image[y : y + window, x : x + window]
        np.testing.assert_allclose(pixels.mean(axis=(0, 1)), shown.mean(axis=(0, 1)), atol=1)


@pytest.mark.parametrize(
    ("shape", "sides", "windows"),
    [
        ((100, 150), (64, 128), {100}),  # the second scale would be up
        ((70, 140), (96, 128), {64}),  # neither: cut as it is
        ((63, 200), (64, 128), set()),
        ((128, 128), (64, 128), {128, 64}),
        ((300, 64), (), {64}),
    ],
)
def test_nothing_is_scaled_up(shape, sides, windows, picture):
    tiles = tiles_of(picture(0, *shape), 64, sides)
    assert {tile.window for tile in tiles} == windows
    assert all(tile.x + tile.window <= shape[1] and tile.y + tile.window <= shape[0] for tile in tiles)


def test_scaling_is_antialiased_and_leaves_a_small_image_alone():
    lines = np.zeros((1024, 1100, 3), np.uint8)
    lines[:, ::2] = 255
    assert scaled_down(lines, 64).shape == (64, round(1100 / 16), 3)
    assert scaled_down(lines, 64).std() < 5
    assert scaled_down(lines, 1024) is lines
    assert scaled_shape(1024, 1100, 64) == (64, 69)


def test_a_coarse_sample_tells_what_is_usable_as_all_pixels_do(picture):
    white, dark = picture(1, 256, 256), np.random.default_rng(0).integers(0, 6, (256, 256, 1), dtype=np.uint8)
    white[:, :64] = 255
    for image, sky, photograph in (
        (np.minimum(picture(0, 256, 256), 240), True, True),
        (white, False, True),
        (dark.repeat(3, axis=2), False, False),
    ):
        assert (is_usable(image, "astronomy"), is_usable(image, "photographs")) == (sky, photograph)
        whole = measure(tiles_of(image, 256))
        assert (whole.usable("astronomy")[0], whole.usable("photographs")[0]) == (sky, photograph)
