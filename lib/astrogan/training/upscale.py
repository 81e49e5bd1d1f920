"""The super-resolution learners: supervised on pixels, and adversarial beside a content loss (dossier 4)."""

from typing import Any

from torch import Tensor, nn
from torch.nn.functional import mse_loss

from astrogan.models.content_networks import content_loss
from astrogan.training.adversarial import AdversarialLearner
from astrogan.training.learner import PhaseLearner
from astrogan.training.losses import adversarial, l1

SUPERVISED_LOSS = {"srresnet": "mse", "edsr": "l1", "wdsr": "l1"}
"""What each generator's authors trained it on: Ledig et al. (2017), Lim et al. (2017), Yu et al. (2018)."""


class _Upscaling(PhaseLearner):
    """What both have in common: validation by mean squared error, of which PSNR is the logarithm, and a rate that drops."""

    criterion = "mse"

    def validation(self, output: Tensor, target: Tensor) -> dict[str, Tensor]:
        """`mse`: mean squared error on [0, 1] of the clipped output; PSNR is -10 lg of it."""
        return {"mse": mse_loss(output.float().clamp(0, 1), target)}

    def rate(self, epoch: int) -> float:
        """The learning rate of an epoch, counted from 0, as every phase's; it drops once, after `drop_after` epochs."""
        dropped = self.phase.drop_after is not None and epoch >= self.phase.drop_after
        return super().rate(epoch) * (self.phase.drop_to if dropped else 1)


class SupervisedUpscaler(_Upscaling):
    """Adam on the difference of pixels. Best weights are those of the epoch with the highest validation PSNR."""

    def __init__(self, *args: Any, loss: str, **kwargs: Any):
        """`loss`: 'mse' or 'l1'."""
        super().__init__(*args, **kwargs)
        self.loss_name, self.pixel_loss = loss, {"mse": mse_loss, "l1": l1}[loss]

    def step(self, condition: Tensor, target: Tensor) -> dict[str, Tensor]:
        with self.precision.autocast():
            output = self.model(condition)
        loss = self.pixel_loss(output.float(), target)
        loss.backward()
        self.opt.step()
        self.opt.zero_grad()
        return {self.loss_name: loss.detach()}


class AdversarialUpscaler(_Upscaling, AdversarialLearner):
    """Content loss plus a small adversarial one (Ledig et al. 2017, equation 3); the discriminator sees no input.

    Best weights are those of the epoch with the lowest content loss in validation. By PSNR the least adversarial
    epoch would win, since what the discriminator teaches costs PSNR; the content loss is what the phase lowers.
    """

    criterion = "content"

    def __init__(self, *args: Any, content: nn.Module, **kwargs: Any):
        """`content` is a network of models/content.py; the discriminator's two terms are added up, not halved."""
        super().__init__(*args, halved=False, **kwargs)
        self.content = self.precision.place(content)

    def generator_losses(self, judged: Tensor, output: Tensor, target: Tensor) -> dict[str, Tensor]:
        content, g_adversarial = self._content_loss(output, target), adversarial(judged, True)
        total = content + self.phase.lambda_adversarial * g_adversarial
        return {"content": content, "g_adversarial": g_adversarial, "g": total}

    def validation(self, output: Tensor, target: Tensor) -> dict[str, Tensor]:
        """`content`, in the units of its network, and `mse`."""
        return {"content": self._content_loss(output, target), **super().validation(output, target)}

    def _content_loss(self, output: Tensor, target: Tensor) -> Tensor:
        with self.precision.autocast():
            return content_loss(self.content, output.to(target.dtype), target)
