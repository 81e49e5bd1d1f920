"""The U-net's encoders by name, cut for `DynamicUnet`, with one grey input channel. One line an encoder."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from torch import Tensor, nn

from astrogan.models.efficientnet_lite import EfficientNetLite0
from astrogan.models.stem import load_layout


@dataclass(frozen=True)
class Encoder:
    """A network whose stem sees RGB, and how much of it is taken.

    Attributes:
        network: builds it with random weights.
        weights: name of its ImageNet weights in models/weights.py.
        cut: what fastai's `create_body` keeps: so many children, or all but so many where it is negative.
        part: the sub-module that is cut, and the prefix of its keys in the weights; '' for the whole.
    """

    network: Callable[[], nn.Module]
    weights: str
    cut: int
    part: str = ""


def _torchvision(name: str) -> nn.Module:
    import torchvision.models as tv  # another second

    return getattr(tv, name)(weights=None)


ENCODERS = {
    # All four stages, as the authors ran it, though the paper's section 3.4 speaks of half.
    "resnet18": Encoder(partial(_torchvision, "resnet18"), "resnet18", cut=-2),
    "mobilenet_v2": Encoder(partial(_torchvision, "mobilenet_v2"), "mobilenet_v2", cut=18, part="features"),
    # Cut at stride 16, it leaves a U-net of 1.1 million parameters: small enough to ship.
    "mobilenet_v2_stride16": Encoder(partial(_torchvision, "mobilenet_v2"), "mobilenet_v2", cut=14, part="features"),
    # Its ImageNet weights come with a dependency, so that every machine has them; without its head, which only classifies.
    "efficientnet_lite0": Encoder(EfficientNetLite0, "efficientnet_lite0", cut=17, part="features"),
    "efficientnet_lite0_stride16": Encoder(EfficientNetLite0, "efficientnet_lite0", cut=12, part="features"),
}
"""By name; `NetworkConfig.encoder` is one of these."""


def build_encoder(name: str, weights: dict[str, Tensor] | None) -> nn.Sequential:
    """The convolutional body of `name`: (B, 1, H, W) grey to features at its stride, 32 or 16.

    With `weights`, an ImageNet state dict, the stem's three colour filters are summed into one (What the authors ran, 3); without,
    the initialisation is torchvision's random one.

    Raises:
        AstroganError: for weights of another network.
    """
    # two seconds, which those who only name an encoder need not wait
    from fastai.vision.learner import create_body

    entry = ENCODERS[name]
    network = entry.network()
    if entry.part:
        network = network.get_submodule(entry.part)
    if weights is not None:
        prefix = f"{entry.part}." if entry.part else ""
        own = {key.removeprefix(prefix): value for key, value in weights.items() if key.startswith(prefix)}
        load_layout(network, own)
    return create_body(network, n_in=1, pretrained=weights is not None, cut=entry.cut)


def folded_norms(encoder: nn.Module) -> list[nn.BatchNorm2d]:
    """The encoder's batch norms if they are identities with a bias, their statistics folded into the convolutions; else [].

    Such layers break in train mode, where batch statistics would undo the folding: they must stay in eval mode.
    """
    norms = [module for module in encoder.modules() if isinstance(module, nn.BatchNorm2d)]
    untouched = all(norm.running_mean.abs().max() == 0 and norm.running_var.sub(1).abs().max() < 1e-3 for norm in norms)
    # A freshly initialised network has mean 0 and variance 1 too; only folded weights carry biases beside them.
    return norms if untouched and any(norm.bias.abs().max() > 0 for norm in norms) else []
