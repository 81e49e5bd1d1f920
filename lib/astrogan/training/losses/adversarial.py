"""The adversarial losses of the paper's section 3.3, float32."""

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits


def adversarial(logits: Tensor, real: bool) -> Tensor:
    """Binary cross-entropy of the discriminator's `logits` (any shape) against all-real or all-fake.

    Labels are exactly 1 and 0: no smoothing (What the authors ran, 3).
    """
    logits = logits.float()
    return binary_cross_entropy_with_logits(logits, torch.full_like(logits, float(real)))


def discriminator_loss(real_logits: Tensor, fake_logits: Tensor, halved: bool = True) -> Tensor:
    """(BCE(real, 1) + BCE(fake, 0)), halved for the L*a*b* models and not for the RGB ones (What the authors ran, 1, 2, 3).

    Its equilibrium, a discriminator that cannot tell, is ln 2 halved and 2 ln 2 otherwise.
    """
    total = adversarial(real_logits, True) + adversarial(fake_logits, False)
    return total / 2 if halved else total
