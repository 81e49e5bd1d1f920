"""Up-scaling tile by tile, equal to the whole image's result to the last bit (float32, CPU).

Each tile is cut with as many pixels of context as an output pixel depends on (the generators' `receptive_radius`), and the
context's output is dropped. Equal in mathematics is equal in floating point only if every convolution adds up in the same
order whatever the height and width. torch on a CPU does not do so by itself: below 20,480 input values (kernels up to
3 x 3), and for 1 x 1 kernels on a single thread, it takes its own kernel, else oneDNN's, and the two differ by 1e-7. So every
convolution is given to oneDNN (`_shape_invariant`), whose order depends on channels alone; the tests assert a difference of
exactly 0 for each generator, at sizes on both sides of that threshold.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from astrogan.apply.frames import Frame, Strip
from astrogan.apply.views import VIEWS, Spread, seen, unseen
from astrogan.device import find_device

TILE = 256
"""Side of a tile without its context, low-resolution px. SRResNet's features of one then take 0.5 GB."""


class Upscaler:
    """A super-resolution model, placed and laid out for exact tiling."""

    def __init__(self, network: nn.Module):
        self.device = find_device()
        self._network = network.to(self.device, memory_format=torch.channels_last)
        if self.device.type == "cpu" and torch.backends.mkldnn.is_available():
            _shape_invariant(network)
        self.scale, self.radius = network.scale, network.receptive_radius

    @torch.inference_mode()
    def __call__(self, low: Tensor) -> Tensor:
        """RGB (1, 3, H, W) in [0, 1] to float32 (1, 3, scale H, scale W), unclipped."""
        return self._network(low.to(self.device).contiguous(memory_format=torch.channels_last)).float().cpu()


def upscaled_strips(
    frame: Frame,
    upscalers: Sequence[Upscaler],
    uncertainty: bool = False,
    tile: int = TILE,
    advance: Callable[[int], object] = lambda px: None,
) -> Iterator[Strip]:
    """Strips of the frame as the first up-scaler enlarges it; grey goes in as three equal channels and comes out as their mean.

    The spread, where `uncertainty` is wanted, is that over eight views and all up-scalers, in the unit of the image, its
    channels' variances averaged. `advance` is told how many pixels of the frame were done.
    """
    first = upscalers[0]
    scale = first.scale
    for top in range(0, frame.height, tile):
        bottom = min(top + tile, frame.height)
        above, below = max(0, top - first.radius), min(frame.height, bottom + first.radius)
        display, missing = frame.display(above, below)
        rgb = display if frame.colour else np.repeat(display[..., None], 3, axis=2)
        low = torch.from_numpy(rgb).permute(2, 0, 1)[None]
        pieces, spreads = [], []
        for left in range(0, frame.width, tile):
            right = min(left + tile, frame.width)
            before, after = max(0, left - first.radius), min(frame.width, right + first.radius)
            part = low[..., before:after]
            inside = (
                slice((top - above) * scale, (bottom - above) * scale),
                slice((left - before) * scale, (right - before) * scale),
            )
            output = _shown(first(part), frame.colour)
            pieces.append(output[(..., *inside)].clone())
            if uncertainty:
                spreads.append(_spread(upscalers, part, output, frame.colour)[inside].clone())
            advance((bottom - top) * (right - left))
        image = torch.cat(pieces, dim=-1)[0].permute(1, 2, 0).numpy()
        spread = torch.cat(spreads, dim=-1).numpy() if uncertainty else None
        if missing is not None:
            missing = missing[top - above : bottom - above].repeat(scale, 0).repeat(scale, 1)
        yield Strip(image if frame.colour else image[..., 0], missing, spread)


def _shape_invariant(network: nn.Module) -> None:
    """Let oneDNN do every convolution of `network`, whatever the size of its input."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            module.forward = partial(_onednn_convolution, module)


def _onednn_convolution(layer: nn.Conv2d, features: Tensor) -> Tensor:
    return torch.ops.aten.mkldnn_convolution(
        features.contiguous(memory_format=torch.channels_last),
        layer.weight, layer.bias, layer.padding, layer.stride, layer.dilation, layer.groups,
    )  # fmt: skip


def _shown(output: Tensor, colour: bool) -> Tensor:
    return output if colour else output.mean(dim=1, keepdim=True)


def _spread(upscalers: Sequence[Upscaler], part: Tensor, output: Tensor, colour: bool) -> Tensor:
    spread = Spread()
    for index, upscaler in enumerate(upscalers):
        for view in range(VIEWS):
            if index == view == 0:
                spread.add(output)
            else:
                spread.add(unseen(_shown(upscaler(seen(part, view)), colour), view))
    return (spread.deviation() / output.shape[1] ** 0.5)[0]
