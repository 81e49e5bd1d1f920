import numpy as np
import pytest
import torch
from PIL import Image
from scipy.ndimage import gaussian_filter

from astrogan.base import AstroganError
from astrogan.data.degradation import Telescope, _blur, crop_to_multiple, degrade, upscale_bicubic


@pytest.fixture
def sky() -> np.ndarray:
    """uint8 (96, 80, 3): a smooth field, noise, and hard stars, which make the kernel overshoot."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:96, :80]
    field = 90 + 60 * np.sin(x / 9)[..., None] * np.cos(y / 7)[..., None] + rng.normal(0, 15, (96, 80, 3))
    field[rng.random((96, 80)) < 0.02] = 255
    return field.clip(0, 255).astype(np.uint8)


def as_batch(image: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(image).permute(2, 0, 1).unsqueeze(0)


def as_array(batch: torch.Tensor) -> np.ndarray:
    return batch[0].permute(1, 2, 0).numpy()


def pillow_float(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Pillow's BICUBIC in float32, channel by channel; `size` is (width, height)."""
    planes = [
        Image.fromarray(image[..., c].astype(np.float32)).resize(size, Image.Resampling.BICUBIC) for c in range(3)
    ]
    return np.stack([np.asarray(plane) for plane in planes], axis=-1)


def test_equals_pillow_in_8_bit(sky):
    """Within one grey level: Pillow rounds to 8 bit between its two passes."""
    low = as_array(degrade(as_batch(sky)))
    pillow = np.asarray(Image.fromarray(sky).resize((20, 24), Image.Resampling.BICUBIC))
    assert low.dtype == np.uint8
    assert np.abs(low.astype(int) - pillow.astype(int)).max() <= 1
    assert (low == pillow).mean() > 0.8


def test_equals_pillow_in_float_but_for_the_rounding(sky):
    low = as_array(degrade(as_batch(sky).float() / 255)) * 255
    pillow = pillow_float(sky, (20, 24)).clip(0, 255)
    assert np.abs(low - pillow).max() <= 0.5 + 1e-3
    assert np.abs(low - low.round()).max() < 1e-4


def test_integer_and_float_images_give_the_same_frame(sky):
    from_bytes = degrade(as_batch(sky))
    from_floats = degrade(as_batch(sky).float() / 255)
    assert torch.equal(from_bytes, (from_floats * 255).round().to(torch.uint8))


def test_kernel_is_keys_with_a_minus_one_half():
    """The closed form, stretched four times: rows of weights at the low-resolution centres, normalised at the edges."""

    def keys(t: np.ndarray, a: float = -0.5) -> np.ndarray:
        t = np.abs(t)
        near = (a + 2) * t**3 - (a + 3) * t**2 + 1
        far = a * t**3 - 5 * a * t**2 + 8 * a * t - 4 * a
        return np.where(t < 1, near, np.where(t < 2, far, 0))

    centres = (np.arange(8) + 0.5) * 4 - 0.5
    weights = keys((np.arange(32)[None] - centres[:, None]) / 4)
    weights /= weights.sum(axis=1, keepdims=True)
    image = np.random.default_rng(0).random((1, 1, 32, 32)).astype(np.float32)
    expected = weights @ image[0, 0] @ weights.T
    low = degrade(torch.from_numpy(image))[0, 0].numpy()
    assert np.abs(low - expected.clip(0, 1)).max() <= 0.5 / 255 + 1e-5


def test_bicubic_baseline_equals_pillow(sky):
    batch = as_batch(sky)
    high = as_array(upscale_bicubic(batch.float() / 255)) * 255
    assert np.abs(high - pillow_float(sky, (320, 384)).clip(0, 255)).max() < 1e-2
    rounded = upscale_bicubic(batch)
    assert rounded.dtype == torch.uint8
    assert np.abs(as_array(rounded) - high).max() <= 0.5 + 1e-3


def test_out_of_range_is_clipped(sky):
    """A step from 0 to 1 overshoots on both sides before it is clipped."""
    step = torch.zeros(1, 1, 32, 32)
    step[..., 16:] = 1
    low = degrade(step)
    assert low.min() == 0
    assert low.max() == 1
    assert pillow_float(np.repeat(step[0, 0, :, :, None].numpy(), 3, -1), (8, 8)).min() < -0.01


def test_remainder_is_cropped_at_the_bottom_and_right(sky):
    batch = as_batch(sky)
    ragged = batch[..., :95, :79]
    assert degrade(ragged).shape == (1, 3, 23, 19)
    assert torch.equal(degrade(ragged), degrade(batch[..., :92, :76]))
    assert torch.equal(crop_to_multiple(ragged, 4), batch[..., :92, :76])


@pytest.mark.parametrize("channels", [1, 3])
def test_any_number_of_channels(channels):
    image = torch.full((2, channels, 16, 16), 51, dtype=torch.uint8)
    low = degrade(image)
    assert low.shape == (2, channels, 4, 4)
    assert (low == 51).all()


def test_blur_equals_scipy():
    image = np.random.default_rng(0).random((40, 30))
    blurred = _blur(torch.from_numpy(image)[None, None], fwhm=7.0)[0, 0].numpy()
    sigma = 7.0 / (2 * np.sqrt(2 * np.log(2)))
    expected = gaussian_filter(image, sigma, mode="nearest", radius=round(4 * sigma))
    # The width is given to five digits.
    assert np.abs(blurred - expected).max() < 1e-5


def test_telescope_noise_has_the_variance_of_photons_and_reading():
    """A flat field keeps its mean; variance = value / full well + (read noise / full well)^2 + rounding's 1 / 12."""
    telescope = Telescope(full_well=1000.0, read_noise=20.0)
    flat = torch.full((1, 3, 800, 800), 0.4)
    low = degrade(flat, "telescope", generator=torch.Generator().manual_seed(0), telescope=telescope)
    expected = 0.4 / 1000 + (20 / 1000) ** 2 + 1 / (12 * 255**2)
    # 120,000 pixels: the standard error of the variance is 0.4 %, of the mean 8e-5.
    assert low.var().item() == pytest.approx(expected, rel=0.02)
    assert low.mean().item() == pytest.approx(0.4, abs=4e-4)


def test_telescope_is_seeded(sky):
    def frame(seed: int) -> torch.Tensor:
        return degrade(as_batch(sky), "telescope", generator=torch.Generator().manual_seed(seed))

    assert torch.equal(frame(3), frame(3))
    assert not torch.equal(frame(3), frame(4))
    assert frame(3).dtype == torch.uint8


def test_telescope_blurs_more_than_bicubic(sky):
    quiet = Telescope(full_well=1e6, read_noise=0.0)
    blurred = degrade(as_batch(sky), "telescope", generator=torch.Generator().manual_seed(0), telescope=quiet)
    assert blurred.float().std() < 0.9 * degrade(as_batch(sky)).float().std()


@pytest.mark.parametrize(
    ("image", "name", "message"),
    [
        (torch.zeros(1, 3, 3, 16), "bicubic", "3 x 16 px cannot be shrunk 4 times"),
        (torch.zeros(3, 16, 16), "bicubic", r"shape \(B, C, H, W\)"),
        (torch.zeros(1, 3, 16, 16, dtype=torch.int32), "bicubic", "torch.int32.*65535"),
        (torch.zeros(1, 3, 16, 16), "nearest", "'nearest'; known are bicubic, telescope"),
        (torch.zeros(1, 3, 16, 16), "telescope", "seeded torch.Generator"),
    ],
)
def test_bad_input_is_refused(image, name, message):
    with pytest.raises(AstroganError, match=message):
        degrade(image, name)
