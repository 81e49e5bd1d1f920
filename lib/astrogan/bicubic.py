"""The project's one bicubic kernel: Keys' (1981) with a = -0.5, stretched by the scale when it shrinks an image.

So antialiased, as in Pillow's BICUBIC and in MATLAB's imresize, with which the field makes its data (DIV2K among them).
torch's own bicubic without antialiasing has a = -0.75 and folds what the coarse grid cannot hold back into the image.
"""

from torch import Tensor
from torch.nn.functional import interpolate


def resize(image: Tensor, times: int, over: int) -> Tensor:
    """Floating point (B, C, H, W) to (B, C, times * H // over, times * W // over), neither clipped nor rounded."""
    size = (image.shape[-2] * times // over, image.shape[-1] * times // over)
    return interpolate(image, size=size, mode="bicubic", antialias=True, align_corners=False)
