"""From a high-resolution tile to the low-resolution frame that super-resolution starts from, and plain bicubic back.

What comes out is a frame as it would be stored: clipped and rounded to 8 bit. Sides that are no multiples of the scale
are cropped at the bottom and on the right, so that pixel (0, 0), and with it a world coordinate system, stays where it
was.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import conv2d, pad

from astrogan.base import AstroganError
from astrogan.bicubic import resize

DEGRADATIONS = ("bicubic", "telescope")
FWHM_PER_SIGMA = 2.3548
"""2 sqrt(2 ln 2): full width at half maximum of a Gaussian, in units of its sigma."""


@dataclass(frozen=True)
class Telescope:
    """A camera: a Gaussian point-spread function, photon noise, read noise.

    The width is given in pixels of the detector, the low-resolution frame: 2 is critical sampling. Pixel values are
    taken as proportional to flux, which the stretched pictures of a public archive are only roughly.
    """

    fwhm: float = 2.0
    full_well: float = 5000.0
    """Electrons that a value of 1 (255 in 8 bit) stands for: 5,000 give a signal to noise of 71 in white."""
    read_noise: float = 10.0
    """Standard deviation, electrons."""


def degrade(
    rgb: Tensor,
    name: str = "bicubic",
    scale: int = 4,
    generator: torch.Generator | None = None,
    telescope: Telescope = Telescope(),
) -> Tensor:
    """The low-resolution frame of `rgb`: (B, C, H, W) to (B, C, H // scale, W // scale), same dtype.

    uint8 in [0, 255] stays uint8; floating point in [0, 1] stays floating point, on the grid of 8 bit. `bicubic`
    shrinks only. `telescope` blurs, shrinks, and then adds noise, because the detector counts its photons on its own
    coarse grid; it draws from `generator`, on the image's device.

    Raises:
        AstroganError: for an unknown name, another dtype, an image smaller than `scale`, and for `telescope` without a
            generator.
    """
    image = _unit_range(crop_to_multiple(rgb, scale))
    if name == "bicubic":
        low = resize(image, 1, scale)
    elif name == "telescope":
        if generator is None:
            raise AstroganError("degradation 'telescope' draws noise: give it a seeded torch.Generator")
        low = _expose(resize(_blur(image, telescope.fwhm * scale), 1, scale), telescope, generator)
    else:
        raise AstroganError(f"no degradation is called '{name}'; known are {', '.join(DEGRADATIONS)}")
    return _stored(low, rgb.dtype)


def upscale_bicubic(rgb: Tensor, scale: int = 4) -> Tensor:
    """The baseline beside every network: (B, C, H, W) to (B, C, scale * H, scale * W), same dtype, clipped.

    The same kernel as in `degrade`. uint8 is rounded to uint8; floating point stays unrounded in [0, 1].
    """
    high = resize(_unit_range(rgb), scale, 1).clamp(0, 1)
    return _stored(high, rgb.dtype) if rgb.dtype == torch.uint8 else high.to(rgb.dtype)


def crop_to_multiple(rgb: Tensor, scale: int = 4) -> Tensor:
    """(B, C, H, W) without the last rows and columns that do not fill a low-resolution pixel.

    Raises:
        AstroganError: when nothing would be left.
    """
    if rgb.ndim != 4:
        raise AstroganError(f"images of shape (B, C, H, W) were expected, not {tuple(rgb.shape)}")
    height, width = rgb.shape[-2] // scale * scale, rgb.shape[-1] // scale * scale
    if not height or not width:
        raise AstroganError(
            f"an image of {rgb.shape[-2]} x {rgb.shape[-1]} px cannot be shrunk {scale} times; "
            f"it needs {scale} px a side"
        )
    return rgb[..., :height, :width]


def _unit_range(rgb: Tensor) -> Tensor:
    if rgb.dtype == torch.uint8:
        return rgb.float() / 255
    if rgb.is_floating_point():
        return rgb.float()
    raise AstroganError(
        f"images of {rgb.dtype} are not degraded: bring them to uint8, "
        "or to floating point in [0, 1] (16 bit: value / 65535)"
    )


def _stored(image: Tensor, dtype: torch.dtype) -> Tensor:
    levels = (image.clamp(0, 1) * 255).round()
    return levels.to(dtype) if dtype == torch.uint8 else (levels / 255).to(dtype)


def _blur(image: Tensor, fwhm: float) -> Tensor:
    """Convolve each channel with a Gaussian of `fwhm` px, cut at 4 sigma; edges are continued."""
    sigma = fwhm / FWHM_PER_SIGMA
    radius = max(1, round(4 * sigma))
    offsets = torch.arange(-radius, radius + 1, dtype=image.dtype, device=image.device)
    kernel = torch.exp(-(offsets**2) / (2 * sigma**2))
    kernel = (kernel / kernel.sum()).view(1, 1, 1, -1)
    planes = pad(image.flatten(0, 1).unsqueeze(1), (radius,) * 4, mode="replicate")
    with torch.autocast(image.device.type, enabled=False):
        return conv2d(conv2d(planes, kernel), kernel.transpose(2, 3)).squeeze(1).view_as(image)


def _expose(image: Tensor, telescope: Telescope, generator: torch.Generator) -> Tensor:
    photons = torch.poisson(image.clamp(min=0) * telescope.full_well, generator=generator)
    noise = torch.randn(image.shape, generator=generator, device=image.device, dtype=image.dtype)
    return (photons + noise * telescope.read_noise) / telescope.full_well
