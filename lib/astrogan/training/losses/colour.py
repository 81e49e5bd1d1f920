"""Losses of a and b, (B, 2, H, W) in the network's units, for our own recipe; float32."""

import math

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, l1_loss

CELL = 8
DIRECTIONS = 8


def chroma_l1(output: Tensor, target: Tensor) -> Tensor:
    """Mean absolute difference, each pixel times the chroma C of the target.

    Beside L1 with the weight k each pixel counts 1 + k C: grey pixels, of which the sky is full, otherwise draw every
    colour towards them. A loss weighted for low saturation is future work of the paper (section 6); weights by the rarity
    of colours go back to Zhang et al. (2016).
    """
    output, target = output.float(), target.float()
    return (target.norm(dim=1, keepdim=True) * (output - target).abs()).mean()


def colour_distance(output: Tensor, target: Tensor) -> Tensor:
    """Sliced 1-Wasserstein distance between the colours of two batches.

    What is compared is the means of 8 x 8 px cells of the whole batch, wherever they stand, along 8 directions of the a b
    plane, each by its sorted values (Bonneel et al., 2015). L1 asks for the median of the colours that a place might have;
    this asks for as many of each as the truth has. Rows and columns beyond a multiple of 8 px are left out.

    Returns:
        A scalar, at least 0.

    Raises:
        RuntimeError: torch's, for batches of unlike shapes or with sides under 8 px.
    """
    angles = torch.arange(DIRECTIONS, device=output.device) * (math.pi / DIRECTIONS)
    directions = torch.stack([angles.cos(), angles.sin()])
    first, second = ((_cells(each) @ directions).sort(dim=0).values for each in (output, target))
    return l1_loss(first, second)


def _cells(ab: Tensor) -> Tensor:
    return avg_pool2d(ab.float(), CELL).permute(0, 2, 3, 1).reshape(-1, 2)
