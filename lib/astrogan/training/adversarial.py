"""The adversarial phases: a conditional GAN with an L1 term (section 3.3), on photographs and then on astronomy."""

from typing import Any

import torch
from torch import Tensor, nn

from astrogan.training.learner import PhaseLearner
from astrogan.training.losses import adversarial, colour_loss, discriminator_loss


class AdversarialLearner(PhaseLearner):
    """Per batch: one generator forward, one discriminator step, one generator step, each net with an Adam of its own.

    The discriminator sees the condition beside the image. fastai's `GANLearner` is not used: it alternates batches under
    one optimiser, whose momentum moves the net that is meant to stand still, and it hides the condition from the critic.
    """

    def __init__(self, *args: Any, discriminator: nn.Module, halved: bool = True, **kwargs: Any):
        """`discriminator(condition, image)` returns logits; `halved` is the factor 1/2 of `discriminator_loss`."""
        super().__init__(*args, **kwargs)
        self.discriminator = self.precision.place(discriminator)
        self.halved = halved

    def create_opt(self):
        super().create_opt()
        self.discriminator_opt = self.adam(self.discriminator)

    def networks(self) -> dict[str, nn.Module]:
        return {"generator": self.model, "discriminator": self.discriminator}

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        return {"generator": self.opt.opt, "discriminator": self.discriminator_opt}

    def step(self, condition: Tensor, target: Tensor) -> dict[str, Tensor]:
        self.discriminator.train()
        with self.precision.autocast():
            output = self.model(condition)

        trainable = [p for p in self.discriminator.parameters() if p.requires_grad]
        with self.precision.autocast():
            fake = self.discriminator(condition, output.detach().to(target.dtype))
            real = self.discriminator(condition, target)
        d_loss = discriminator_loss(real, fake, self.halved)
        d_loss.backward()
        self.discriminator_opt.step()
        self.discriminator_opt.zero_grad()

        # The generator's step needs gradients through the discriminator, not of it.
        for parameter in trainable:
            parameter.requires_grad_(False)
        with self.precision.autocast():
            judged = self.discriminator(condition, output.to(target.dtype))
        losses = self.generator_losses(judged, output, target)
        losses["g"].backward()
        self.opt.step()
        self.opt.zero_grad()
        for parameter in trainable:
            parameter.requires_grad_(True)

        return {name: loss.detach() for name, loss in losses.items()} | {"d": d_loss.detach()}

    def generator_losses(self, judged: Tensor, output: Tensor, target: Tensor) -> dict[str, Tensor]:
        """What the generator minimises, `g`, and its terms by name; `judged` are the logits of `output`."""
        g_adversarial = adversarial(judged, True)
        g_colour, terms = colour_loss(output, target, self.phase)
        return terms | {"g_adversarial": g_adversarial, "g": g_adversarial + self.phase.lambda_l1 * g_colour}
