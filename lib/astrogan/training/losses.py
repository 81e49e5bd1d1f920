"""The losses of the paper's section 3.3, and those of our own recipe, in float32."""

import math

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, binary_cross_entropy_with_logits, l1_loss

from astrogan.training.config import PhaseConfig

CELL = 8
DIRECTIONS = 8


def l1(output: Tensor, target: Tensor, chroma_weight: float = 0.0) -> Tensor:
    """Mean absolute difference, in the network's units.

    With `chroma_weight` k, for ab of shape (B, 2, H, W) and about [-1, 1], each pixel counts 1 + k C, C the chroma of the
    target: grey pixels, of which the sky is full, otherwise draw every colour towards them. A loss weighted for low
    saturation is future work of the paper (section 6); weights by the rarity of colours go back to Zhang et al. (2016).
    """
    output, target = output.float(), target.float()
    if not chroma_weight:
        return l1_loss(output, target)
    weight = 1 + chroma_weight * target.norm(dim=1, keepdim=True)
    return (weight * (output - target).abs()).mean()


def colour_distance(output: Tensor, target: Tensor) -> Tensor:
    """Sliced 1-Wasserstein distance between the colours of two batches of ab, (B, 2, H, W), in the network's units.

    What is compared is the means of 8 x 8 px cells of the whole batch, wherever they stand, along 8 directions of the a b
    plane, each by its sorted values (Bonneel et al., 2015). L1 asks for the median of the colours that a place might have;
    this asks for as many of each as the truth has. Rows and columns beyond a multiple of 8 px are left out.

    Returns:
        A scalar, float32, at least 0.

    Raises:
        RuntimeError: torch's, for batches of unlike shapes or with sides under 8 px.
    """
    angles = torch.arange(DIRECTIONS, device=output.device) * (math.pi / DIRECTIONS)
    directions = torch.stack([angles.cos(), angles.sin()])
    first, second = ((_cells(each) @ directions).sort(dim=0).values for each in (output, target))
    return l1_loss(first, second)


def _cells(ab: Tensor) -> Tensor:
    return avg_pool2d(ab.float(), CELL).permute(0, 2, 3, 1).reshape(-1, 2)


def colour_loss(output: Tensor, target: Tensor, phase: PhaseConfig) -> tuple[Tensor, dict[str, Tensor]]:
    """What a colour phase minimises beside the adversarial loss, and its terms by name: `l1`, and `colours` if it has weight.

    `output` and `target` are (B, 2 or 3, H, W) in the network's units; everything returned is a scalar, float32.
    """
    total = l1(output, target, phase.chroma_weight)
    terms = {"l1": total}
    if phase.colours_weight:
        terms["colours"] = colour_distance(output, target)
        total = total + phase.colours_weight * terms["colours"]
    return total, terms


def adversarial(logits: Tensor, real: bool) -> Tensor:
    """Binary cross-entropy of the discriminator's `logits` (any shape) against all-real or all-fake.

    Labels are exactly 1 and 0: no smoothing (dossier 1.4).
    """
    logits = logits.float()
    return binary_cross_entropy_with_logits(logits, torch.full_like(logits, float(real)))


def discriminator_loss(real_logits: Tensor, fake_logits: Tensor, halved: bool = True) -> Tensor:
    """(BCE(real, 1) + BCE(fake, 0)), halved for the L*a*b* models and not for the RGB ones (dossier 1.1, 1.2, 1.4).

    Its equilibrium, a discriminator that cannot tell, is ln 2 halved and 2 ln 2 otherwise.
    """
    total = adversarial(real_logits, True) + adversarial(fake_logits, False)
    return total / 2 if halved else total
