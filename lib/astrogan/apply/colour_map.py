"""Colour for a whole frame at the network's size, and its joining to the frame's own lightness.

The frame's L is shrunk so that its longer side is `detail` times the network's size. At detail 1 one prediction covers it;
beyond, tiles of the network's size overlap by half, and a squared sine blends them, whose windows sum to one everywhere.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from astrogan.apply.frames import Frame, FrameError, Strip
from astrogan.apply.models.loaded import Model
from astrogan.apply.resample import Enlarged, Shrunk
from astrogan.apply.views import VIEWS, Spread, seen, unseen
from astrogan.color import gamut
from astrogan.device import find_device
from astrogan.models.config import NetworkConfig
from astrogan.tasks.colour import ColourConversion

BATCH = 4
MAX_DETAIL = 16
"""Colour maps stay below 16 x 256 px a side: 134 MB."""


class Painter:
    """A colour model as a function from L to a and b."""

    scale = 1
    """What it colours keeps its size."""

    def __init__(self, model: Model):
        self.size = model.card.size
        self.device = find_device()
        self._network = model.network.to(self.device)
        self._conversion = ColourConversion(NetworkConfig.checked(**model.card.network))

    @torch.inference_mode()
    def __call__(self, level: torch.Tensor) -> torch.Tensor:
        """L in [0, 100], (B, size, size), to a and b in CIE units, (B, 2, size, size), float32."""
        grey = gamut.grey_of_lightness(level.to(self.device))[:, None].expand(-1, 3, -1, -1)
        return self._conversion.to_ab(self._network(self._conversion.grey_input(grey))).cpu()


@dataclass(frozen=True)
class ColourMap:
    """Colour of a frame at a small size: `ab` float32 (h, w, 2) in CIE units, `spread` float32 (h, w) or None, the same unit."""

    ab: np.ndarray
    spread: np.ndarray | None


def predict_colour(
    frame: Frame,
    painters: Sequence[Painter],
    detail: int = 1,
    uncertainty: bool = False,
    advance: Callable[[int], object] = lambda px: None,
) -> ColourMap:
    """The colours of the first painter; their spread over eight views and all painters where `uncertainty` is wanted.

    `advance` is told how many pixels of the frame were read. The spread is the root of the variances of a and b, summed.

    Raises:
        FrameError: for a detail outside 1 to 16.
    """
    if not 1 <= detail <= MAX_DETAIL:
        raise FrameError(frame.path, f"detail {detail} is not offered", f"choose --detail from 1 to {MAX_DETAIL}")
    size = painters[0].size
    longer = max(frame.shape)
    side = size * min(detail, -(-longer // size))
    small = Shrunk(frame.shape, tuple(max(1, round(n * side / longer)) for n in frame.shape))
    for start, stop in frame.strips():
        display, _ = frame.display(start, stop)
        level = gamut.lightness(gamut.luminance(torch.from_numpy(display)))
        small.add(start, level.numpy())
        advance((stop - start) * frame.width)
    plane = torch.from_numpy(small.plane.clip(0, 100))
    ab = _paint(painters[0], plane, 0)
    if not uncertainty:
        return ColourMap(ab.permute(1, 2, 0).numpy(), None)
    spread = Spread()
    for index, painter in enumerate(painters):
        for view in range(VIEWS):
            spread.add(ab if index == view == 0 else _paint(painter, plane, view))
    return ColourMap(ab.permute(1, 2, 0).numpy(), spread.deviation()[..., None].numpy())


def coloured_strips(
    frame: Frame, colour: ColourMap, advance: Callable[[int], object] = lambda px: None
) -> Iterator[Strip]:
    """The frame's own lightness with these colours, sRGB in [0, 1]; `advance` as above."""
    ab = Enlarged(colour.ab, frame.shape)
    spread = None if colour.spread is None else Enlarged(colour.spread, frame.shape)
    for start, stop in frame.strips():
        display, missing = frame.display(start, stop)
        y = gamut.luminance(torch.from_numpy(display))
        yield Strip(
            gamut.join(y, torch.from_numpy(ab.rows(start, stop))).numpy(),
            missing,
            None if spread is None else spread.rows(start, stop)[..., 0].clip(0),
        )
        del display, missing, y  # not kept while the next is made
        advance((stop - start) * frame.width)


def _paint(painter: Painter, plane: torch.Tensor, view: int) -> torch.Tensor:
    """a and b (2, h, w) of L (h, w), predicted from one of the eight views."""
    if max(plane.shape) <= painter.size:
        square = _padded(plane, (0, painter.size - plane.shape[0]), (0, painter.size - plane.shape[1]))
        ab = unseen(painter(seen(square[None], view)), view)[0]
        return ab[:, : plane.shape[0], : plane.shape[1]]
    return _blended(painter, plane, view)


def _blended(painter: Painter, plane: torch.Tensor, view: int) -> torch.Tensor:
    size, hop = painter.size, painter.size // 2
    height, width = plane.shape
    rows, columns = (-(-n // hop) for n in (height, width))
    # Half a tile before and as much as it takes after, so that two windows in each direction cover every pixel.
    padded = _padded(plane, (hop, (rows + 1) * hop - height), (hop, (columns + 1) * hop - width))
    window = torch.sin(torch.pi * (torch.arange(2 * hop) + 0.5) / (2 * hop)) ** 2
    window = window[:, None] * window
    total = torch.zeros(2, *padded.shape)
    corners = [(i * hop, j * hop) for i in range(rows + 1) for j in range(columns + 1)]
    for first in range(0, len(corners), BATCH):
        some = corners[first : first + BATCH]
        tiles = torch.stack([padded[y : y + size, x : x + size] for y, x in some])
        for (y, x), ab in zip(some, unseen(painter(seen(tiles, view)), view), strict=True):
            total[:, y : y + size, x : x + size] += ab * window
    return total[:, hop : hop + height, hop : hop + width]


def _padded(plane: torch.Tensor, vertical: tuple[int, int], horizontal: tuple[int, int]) -> torch.Tensor:
    """Mirrored beyond its edges, as often as it takes."""
    return torch.from_numpy(np.pad(plane.numpy(), (vertical, horizontal), mode="symmetric"))
