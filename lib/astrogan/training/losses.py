"""The losses of the paper's section 3.3, in float32."""

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, l1_loss


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
