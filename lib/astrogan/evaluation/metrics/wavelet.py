"""The Frechet Wavelet Distance, which needs no learned network.

Veeramacheneni et al. (ICLR 2025): each image becomes wavelet packets (Haar, level 4: 256 of them), each packet's
coefficients over all channels are one feature vector, and the distance is the mean of the 256 Frechet distances. Images
are sRGB in [0, 1], arithmetic is float64. Values depend on the tile size and on N: compare only equal ones.

At level 4 the Haar packets of a 16 x 16 block are 256 numbers that depend on no other block: one orthogonal matrix,
taken here from ptwt's transform of the 256 unit images. Packets are then computed a few at a time, which bounds the
memory.
"""

from functools import cache

import numpy as np
import ptwt
import pywt
import torch
from numpy.typing import NDArray

from astrogan.evaluation.metrics.distances import frechet_values, in_parallel

LEVEL = 4
BLOCK = 2**LEVEL
PACKETS = 4**LEVEL
_BYTES = 2**28  # of float64 coefficients held at a time, a set
_IMAGES = 32


def wavelet_values(truth: np.ndarray, output: np.ndarray) -> NDArray[np.float64]:
    """Pseudo-values (N,) of the Frechet wavelet distance, the mean over packets (see `distances`); images as below."""
    return packet_values(truth, output).mean(axis=0)


def packet_values(
    truth: np.ndarray, output: np.ndarray, packets: NDArray[np.intp] | None = None
) -> NDArray[np.float64]:
    """Pseudo-values (256, N) of the Frechet distance of each packet, in ptwt's natural order.

    `truth` and `output` are uint8 (N, H, W, 3) with H and W divisible by 16. `packets` restricts the packets to some.
    """
    wanted = np.arange(PACKETS) if packets is None else packets
    at_once = max(1, _BYTES // (8 * truth.size // PACKETS))
    found = []
    for start in range(0, len(wanted), at_once):
        rows = packet_matrix()[wanted[start : start + at_once]]
        sets = packet_coefficients(truth, rows), packet_coefficients(output, rows)
        found += in_parallel(lambda pair: frechet_values(*pair), zip(*sets, strict=True))
    return np.array(found)


def packet_coefficients(images: np.ndarray, rows: np.ndarray) -> NDArray[np.float64]:
    """Coefficients (P, N, D) of uint8 `images` (N, H, W, 3) for P `rows` of `packet_matrix`; D = H W 3 / 256."""
    count, height, width, channels = images.shape
    found = np.empty((len(rows), count, images[0].size // PACKETS))
    for start in range(0, count, _IMAGES):
        part = images[start : start + _IMAGES].astype(np.float64) / 255
        blocks = part.reshape(len(part), height // BLOCK, BLOCK, width // BLOCK, BLOCK, channels)
        blocks = blocks.transpose(0, 5, 1, 3, 2, 4).reshape(-1, PACKETS)
        found[:, start : start + len(part)] = (rows @ blocks.T).reshape(len(rows), len(part), -1)
    return found


@cache
def packet_matrix() -> NDArray[np.float64]:
    """The orthogonal (256, 256) matrix from the pixels of a 16 x 16 block to its packets, ptwt's natural order."""
    units = torch.eye(PACKETS, dtype=torch.float64).reshape(PACKETS, 1, BLOCK, BLOCK)
    packets = ptwt.WaveletPacket2D(units, pywt.Wavelet("haar"), maxlevel=LEVEL)
    return torch.stack([packets[node].flatten() for node in packets.get_natural_order(LEVEL)]).numpy()
