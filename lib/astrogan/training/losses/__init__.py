"""Losses by name. One line a loss: a phase minimises their sum, weighted as its parameter `losses` says."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from torch import Tensor

from astrogan.base import AstroganError
from astrogan.models.weights import Find, load
from astrogan.training.losses.adversarial import adversarial, discriminator_loss
from astrogan.training.losses.colour import chroma_l1, colour_distance
from astrogan.training.losses.content import CONTENT, ContentLoss
from astrogan.training.losses.pixels import clipped_mse, l1, mse, pixel

Function = Callable[[Tensor, Tensor], Tensor]
"""(output, target), both (B, C, H, W) in the network's units, to a scalar, float32."""


@dataclass(frozen=True)
class Loss:
    """One line of the registry.

    Attributes:
        function: of output and target; None for the adversarial loss, which is the discriminator's.
        what: in words.
        content: name of the content network whose features are compared; '' for none.
        space: what it compares: `lab`, a and b; `rgb`; or '' for whatever a network gives.
    """

    function: Function | None
    what: str
    content: str = ""
    space: str = ""

    @property
    def weights(self) -> set[str]:
        """Names of the pre-trained weights without which it cannot be computed."""
        return {CONTENT[self.content].weights} if self.content else set()


LOSSES = {
    "adversarial": Loss(None, "cross-entropy of the discriminator's answer against 'real'"),
    "l1": Loss(l1, "mean absolute difference"),
    "mse": Loss(mse, "mean squared difference"),
    "clipped_mse": Loss(
        clipped_mse, "mean squared difference of the output clipped to [0, 1]; PSNR is -10 lg of it", space="rgb"
    ),
    "pixel": Loss(
        pixel, "pixels in [-1, 1] (Ledig et al.'s SRGAN-MSE), not VGG-19's features as in the paper", space="rgb"
    ),
    "chroma_l1": Loss(chroma_l1, "L1, each pixel times the chroma of the target", space="lab"),
    "colours": Loss(
        colour_distance, "how far a batch's colours are from the truth's, wherever they stand", space="lab"
    ),
} | {name: Loss(None, layer.what, content=name, space="rgb") for name, layer in CONTENT.items()}
"""`TrainStage.losses` names these."""


def check_losses(losses: Mapping[str, float], space: str) -> None:
    """`ValueError` for an unknown loss, one that compares what networks of `space` do not give, or none that compares."""
    for name in losses:
        if name not in LOSSES:
            raise ValueError(f"no loss is called '{name}'; known are {', '.join(LOSSES)}")
        if LOSSES[name].space not in ("", space):
            compared = {"lab": "a and b", "rgb": "RGB"}[LOSSES[name].space]
            raise ValueError(f"the loss {name} compares {compared}; it needs space '{LOSSES[name].space}'")
    if not set(losses) - {"adversarial"}:
        raise ValueError("losses: one that compares the output with the target is needed")


def build_losses(names: Iterable[str], find: Find) -> dict[str, Function]:
    """The functions of `names`, without the adversarial one.

    Raises:
        AstroganError: for a content network whose weights `find` does not have: random features measure nothing.
    """
    return {name: _build(LOSSES[name], find) for name in dict.fromkeys(names) if name != "adversarial"}


def _build(loss: Loss, find: Find) -> Function:
    if not loss.content:
        return loss.function
    (name,) = loss.weights
    if not (found := find(name)).available:
        raise AstroganError(
            f"content network '{loss.content}': its weights are {found.reason}, and random features are no measure "
            f"of content. Put {name}'s weights into the folder named by ASTROGAN_WEIGHTS and run the weights stage, or "
            f"take another of the losses {', '.join(CONTENT)}; 'pixel' needs no weights."
        )
    return ContentLoss(loss.content, load(found))


__all__ = ["LOSSES", "Function", "Loss", "adversarial", "build_losses", "check_losses", "discriminator_loss", "l1"]
