"""scikit-image is the oracle: the lightness of what comes out is that of what went in."""

import numpy as np
import pytest
import torch
from skimage.color import lab2rgb, rgb2lab

from astrogan.color import gamut

RNG = np.random.default_rng(0)


def joined(display, ab):
    y = gamut.luminance(torch.from_numpy(display.astype(np.float32)))
    return gamut.join(y, torch.from_numpy(ab.astype(np.float32))).numpy()


@pytest.fixture(scope="module")
def wild():
    """Grey of every brightness with colours of which most do not exist."""
    grey = np.concatenate([RNG.random(4000), np.linspace(0, 1, 96)]).reshape(64, 64)
    ab = RNG.normal(0, 60, (64, 64, 2))
    return grey, ab, joined(grey, ab)


def test_lightness_is_kept(wild):
    grey, _, rgb = wild
    before = rgb2lab(np.repeat(grey[..., None], 3, -1))[..., 0]
    assert rgb.min() >= 0
    assert rgb.max() <= 1
    assert np.abs(rgb2lab(rgb.astype(np.float64))[..., 0] - before).max() < 1e-3


@pytest.mark.parametrize("white", [255, 65535])
def test_after_rounding_lightness_is_off_by_the_rounding_alone(wild, white):
    grey, _, rgb = wild
    before = rgb2lab(np.repeat(grey[..., None], 3, -1))[..., 0]
    stored = np.rint(rgb.astype(np.float64) * white)
    # L grows with every channel, so half a level down and up in all three brackets what was rounded.
    low, high = (rgb2lab(np.clip(stored + half, 0, white) / white)[..., 0] for half in (-0.5, 0.5))
    assert (low - 1e-3 <= before).all()
    assert (before <= high + 1e-3).all()
    assert np.abs(rgb2lab(stored / white)[..., 0] - before).max() < {255: 0.25, 65535: 0.002}[white]


def test_hue_is_kept_and_chroma_only_gives_way(wild):
    _, ab, rgb = wild
    lab = rgb2lab(rgb.astype(np.float64))
    chroma, wanted = np.hypot(*np.moveaxis(lab[..., 1:], -1, 0)), np.hypot(*np.moveaxis(ab, -1, 0))
    assert (chroma <= wanted + 0.05).all()
    vivid = chroma > 2
    angle = np.angle((lab[..., 1] + 1j * lab[..., 2]) / (ab[..., 0] + 1j * ab[..., 1]))
    assert np.abs(angle[vivid]).max() < 0.01
    assert vivid.sum() > 1000
    reduced = (chroma < wanted - 0.5) & (chroma > 2)
    assert reduced.sum() > 1000
    # a little more of it would not exist
    share = (chroma / wanted)[..., None] * 1.02
    lab[..., 1:] = ab * share
    with np.errstate(all="ignore"):
        xyz_f = (lab[..., 0] + 16) / 116
        x, z = xyz_f + lab[..., 1] / 500, xyz_f - lab[..., 2] / 200
        xyz = np.stack([np.where(f > 0.2068966, f**3, (f - 16 / 116) / 7.787) for f in (x, xyz_f, z)], -1)
    linear = (xyz * [0.95047, 1, 1.08883]) @ np.linalg.inv(gamut._MATRIX.numpy()).T
    outside = (linear.min(-1) < -1e-5) | (linear.max(-1) > 1 + 1e-5)
    # at white points that differ in the fifth digit; beside yellow sRGB is not quite star-shaped
    assert outside[reduced].mean() > 0.99


def test_what_exists_is_scikit_images_colour():
    rgb = RNG.random((40, 40, 3)) * 0.9 + 0.05
    lab = rgb2lab(rgb)
    grey = lab2rgb(np.concatenate([lab[..., :1], np.zeros_like(lab[..., 1:])], -1)).mean(-1)
    np.testing.assert_allclose(joined(grey, lab[..., 1:]), rgb, atol=3e-4)


@pytest.mark.parametrize("white", [255, 65535])
def test_without_colour_every_grey_value_comes_back_itself(white):
    values = np.arange(white + 1).reshape(1, -1)
    rgb = joined(values / white, np.zeros((1, white + 1, 2)))
    assert (np.rint(rgb * np.float32(white)) == values[..., None]).all()


def test_black_and_white_have_no_colour():
    rgb = joined(np.array([[0.0, 1.0]]), np.full((1, 2, 2), 40.0))
    np.testing.assert_allclose(rgb, [[[0] * 3, [1] * 3]], atol=2e-4)


def test_lightness_and_its_grey_are_inverse():
    level = torch.linspace(0, 100, 301)
    found = gamut.lightness(gamut.luminance(gamut.grey_of_lightness(level)[None]))[0]
    np.testing.assert_allclose(found, level, atol=2e-4)
