"""The learner of every phase: what one batch does to the networks."""

import math
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from astrogan.training.losses import Function, adversarial, discriminator_loss
from astrogan.training.resumable import ResumableLearner


class PhaseLearner(ResumableLearner):
    """One training phase of a generator.

    Without a discriminator a step lowers the sum of the phase's losses. With one (section 3.3) it is one generator
    forward, one discriminator step, one generator step, each network with an Adam of its own; the discriminator sees the
    condition beside the image. fastai's `GANLearner` is not used: it alternates batches under one optimiser, whose momentum
    moves the network that is meant to stand still, and it hides the condition from the discriminator.
    """

    def __init__(
        self,
        *args: Any,
        losses: Mapping[str, Function],
        validated: tuple[str, ...] = (),
        discriminator: nn.Module | None = None,
        **kwargs: Any,
    ):
        """`losses` holds the functions of `phase.losses`, of the criterion and of `validated`, which validation measures.

        `discriminator(condition, image)` returns logits; it is needed where `phase.losses` names `adversarial`. The other
        arguments are those of `ResumableLearner`.
        """
        super().__init__(*args, **kwargs)
        place = self.precision.place
        self.losses = {name: place(each) if isinstance(each, nn.Module) else each for name, each in losses.items()}
        self.measured = tuple(dict.fromkeys((self.phase.criterion, *validated)))
        self.discriminator = place(discriminator) if self.phase.adversarial else None

    def create_opt(self):
        super().create_opt()
        if self.discriminator is not None:
            self.discriminator_opt = self.adam(self.discriminator)

    # What a batch does.

    def step(self, condition: Tensor, target: Tensor) -> dict[str, Tensor]:
        with self.precision.autocast():
            output = self.model(condition)
        if self.discriminator is None:
            losses = self.generator_losses(None, output, target)
            losses.pop("g").backward()
            self._update(self.opt)
            return {name: loss.detach() for name, loss in losses.items()}

        self.discriminator.train()
        with self.precision.autocast():
            fake = self.discriminator(condition, output.detach().to(target.dtype))
            real = self.discriminator(condition, target)
        d_loss = discriminator_loss(real, fake, self.task.halved)
        d_loss.backward()
        self._update(self.discriminator_opt)
        # The generator's step needs gradients through the discriminator, not of it.
        trainable = [p for p in self.discriminator.parameters() if p.requires_grad]
        for parameter in trainable:
            parameter.requires_grad_(False)
        with self.precision.autocast():
            judged = self.discriminator(condition, output.to(target.dtype))
        losses = self.generator_losses(judged, output, target)
        losses["g"].backward()
        self._update(self.opt)
        for parameter in trainable:
            parameter.requires_grad_(True)
        return {name: loss.detach() for name, loss in losses.items()} | {"d": d_loss.detach()}

    def generator_losses(self, judged: Tensor | None, output: Tensor, target: Tensor) -> dict[str, Tensor]:
        """What the generator minimises, `g`, and its unweighted terms by name; `judged` are the logits of `output`."""
        terms: dict[str, Tensor] = {}
        total = None
        for name, weight in self.phase.losses.items():
            if name == "adversarial":
                key, term = "g_adversarial", adversarial(judged, True)
            else:
                key, term = name, self._loss(name, output, target)
            terms[key] = term
            part = term if weight == 1 else weight * term
            total = part if total is None else total + part
        return terms | {"g": total}

    def validation(self, output: Tensor, target: Tensor) -> dict[str, Tensor]:
        """Values of a validation batch by name, means over its images, the criterion among them; lower is better."""
        return {name: self._loss(name, output, target) for name in self.measured}

    @torch.inference_mode()
    def untrained(self) -> dict[str, float]:
        """The validation values of the task's baseline: of no colour, or of bicubic interpolation."""
        sums, images = dict.fromkeys(self.measured, 0.0), 0
        for pixels, _, _ in self.dls.valid:
            condition, target = self.task.batch(self.precision.place_batch(pixels))
            values = self.validation(self.task.untrained(condition), target)
            sums = {name: sums[name] + float(values[name]) * len(pixels) for name in sums}
            images += len(pixels)
        return {name: total / images for name, total in sums.items()}

    def rate(self, epoch: int) -> float:
        """The learning rate of an epoch, counted from 0.

        Constant throughout (section 3.5), or along half a cosine; it drops once, after `drop_after` epochs.
        """
        fall = (1 + math.cos(math.pi * epoch / self.phase.epochs)) / 2 if self.phase.cosine else 1
        dropped = self.phase.drop_after is not None and epoch >= self.phase.drop_after
        size = self.phase.size_at(epoch)
        lr = size.lr if size and size.lr else self.phase.lr
        return lr * fall * (self.phase.drop_to if dropped else 1)

    def _do_epoch(self):
        if size := self.phase.size_at(self.epoch):
            images = size.images_per_epoch or self.phase.images_per_epoch
            self.dls.train.serve(size.batch or self.phase.batch, images, size.side)
        super()._do_epoch()

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        own = super().optimizers()
        return own if self.discriminator is None else own | {"discriminator": self.discriminator_opt}

    def networks(self) -> dict[str, nn.Module]:
        own = super().networks()
        return own if self.discriminator is None else own | {"discriminator": self.discriminator}

    def _loss(self, name: str, output: Tensor, target: Tensor) -> Tensor:
        loss = self.losses[name]
        # Content networks run in the phase's arithmetic; differences of pixels are float32 always.
        with self.precision.autocast() if isinstance(loss, nn.Module) else nullcontext():
            return loss(output, target)

    @staticmethod
    def _update(optimizer: Any) -> None:
        optimizer.step()
        optimizer.zero_grad()
