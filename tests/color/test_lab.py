import numpy as np
import pytest
import torch
from skimage.color import lab2rgb, rgb2lab

from astrogan.color import lab_to_rgb, luma, rgb_to_lab, scale_lab, unscale_lab


@pytest.fixture
def rgb():
    return torch.rand(4, 3, 16, 16, generator=torch.Generator().manual_seed(0))


def channels_last(tensor):
    return tensor.permute(0, 2, 3, 1).numpy()


def test_lab_equals_scikit_image(rgb):
    # kornia computes in float32, scikit-image was given float64.
    expected = rgb2lab(channels_last(rgb).astype(np.float64))
    np.testing.assert_allclose(channels_last(rgb_to_lab(rgb)), expected, atol=2e-4)


def test_rgb_equals_scikit_image(rgb):
    lab = rgb_to_lab(rgb)
    np.testing.assert_allclose(
        channels_last(lab_to_rgb(lab)), lab2rgb(channels_last(lab).astype(np.float64)), atol=1e-4
    )


def test_black_and_white_are_exact():
    ends = torch.stack([torch.zeros(3, 2, 2), torch.ones(3, 2, 2)])
    lab = rgb_to_lab(ends)
    torch.testing.assert_close(lab[0], torch.zeros(3, 2, 2))
    torch.testing.assert_close(lab[1, 0], torch.full((2, 2), 100.0), atol=1e-3, rtol=0)
    assert lab[1, 1:].abs().max() < 0.01


def test_scaling_is_the_papers_and_inverts(rgb):
    lab = rgb_to_lab(rgb)
    lightness, ab = scale_lab(lab)
    torch.testing.assert_close(lightness, lab[:, :1] / 50 - 1)
    torch.testing.assert_close(ab, lab[:, 1:] / 110)
    torch.testing.assert_close(unscale_lab(lightness, ab), lab, atol=1e-4, rtol=0)


def test_autocast_does_not_touch_colour(rgb):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        lab = rgb_to_lab(rgb)
        back = lab_to_rgb(lab)
    assert lab.dtype == back.dtype == torch.float32
    torch.testing.assert_close(back, rgb, atol=1e-4, rtol=0)


def test_luma_weights_sum_to_one():
    torch.testing.assert_close(luma(torch.full((1, 3, 2, 2), 0.5)), torch.full((1, 1, 2, 2), 0.5))
    torch.testing.assert_close(luma(torch.eye(3).view(3, 3, 1, 1)).flatten(), torch.tensor([0.299, 0.587, 0.114]))
