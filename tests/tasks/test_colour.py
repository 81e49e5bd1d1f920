import torch

from astrogan.color import luma, rgb_to_lab
from astrogan.models.config import NetworkConfig
from astrogan.tasks.colour import ColourConversion

PIXELS = torch.randint(0, 256, (3, 3, 8, 8), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


def test_lab_is_scaled_as_the_authors_did():
    condition, target = ColourConversion(NetworkConfig(space="lab")).batch(PIXELS)
    lab = rgb_to_lab(PIXELS / 255)
    torch.testing.assert_close(condition, lab[:, :1] / 50 - 1)
    torch.testing.assert_close(target, lab[:, 1:] / 110)


def test_input_and_target_are_made_of_the_view_that_the_loader_drew():
    conversion = ColourConversion(NetworkConfig(space="rgb", grey="luma"))
    condition, target = conversion.batch(PIXELS, torch.tensor([1, 0, 6], dtype=torch.uint8))
    plain = PIXELS / 255
    torch.testing.assert_close(target[0], plain[0].flip(-1))
    torch.testing.assert_close(target[1], plain[1])
    torch.testing.assert_close(target[2], torch.rot90(plain[2], -1, (-2, -1)))
    torch.testing.assert_close(condition, luma(target))


def test_rgb_takes_luma_or_lightness():
    rgb = PIXELS / 255
    torch.testing.assert_close(ColourConversion(NetworkConfig(space="rgb", grey="luma")).batch(PIXELS)[0], luma(rgb))
    torch.testing.assert_close(
        ColourConversion(NetworkConfig(space="rgb", grey="L")).batch(PIXELS)[0], rgb_to_lab(rgb)[:, :1] / 100
    )


def test_truth_comes_back_through_lab():
    conversion = ColourConversion(NetworkConfig())
    condition, target = conversion.batch(PIXELS)
    torch.testing.assert_close(conversion.to_rgb(condition, target), PIXELS / 255, atol=1e-3, rtol=0)


def test_rgb_output_is_not_clipped():
    conversion = ColourConversion(NetworkConfig(space="rgb"))
    assert conversion.to_rgb(torch.zeros(1, 1, 2, 2), torch.full((1, 3, 2, 2), -0.5)).min() == -0.5
