"""The U-net's encoders: ResNet-18 (the paper's) and MobileNetV2, cut for `DynamicUnet`, with one grey input channel.

MobileNetV2 comes whole, or cut at stride 16, which leaves a U-net of 1.1 million parameters: small enough to ship.
"""

import torchvision.models as tv
from fastai.vision.learner import create_body
from torch import Tensor, nn

_MOBILENET_CUT = {"mobilenet_v2": 18, "mobilenet_v2_stride16": 14}
ENCODERS = ("resnet18", *_MOBILENET_CUT)


def build_encoder(name: str, weights: dict[str, Tensor] | None) -> nn.Sequential:
    """The convolutional body of `name`: (B, 1, H, W) grey to features at stride 32, or 16.

    With `weights`, a torchvision ImageNet state dict, the stem's three colour filters are summed into one (dossier 1.4);
    without, the initialisation is torchvision's random one. All four stages of ResNet-18 are kept, as the authors ran it,
    though the paper's section 3.4 speaks of half.
    """
    if name == "resnet18":
        network = tv.resnet18(weights=None)
        if weights is not None:
            network.load_state_dict(weights)
        return create_body(network, n_in=1, pretrained=weights is not None, cut=-2)
    if name in _MOBILENET_CUT:
        network = tv.mobilenet_v2(weights=None)
        if weights is not None:
            features = {
                key.removeprefix("features."): value for key, value in weights.items() if key.startswith("features.")
            }
            network.features.load_state_dict(features)
        return create_body(network.features, n_in=1, pretrained=weights is not None, cut=_MOBILENET_CUT[name])
    raise ValueError(f"unknown encoder {name!r}; known are {', '.join(ENCODERS)}")


def folded_norms(encoder: nn.Module) -> list[nn.BatchNorm2d]:
    """The encoder's batch norms if they are identities with a bias, their statistics folded into the convolutions; else [].

    Such layers break in train mode, where batch statistics would undo the folding: they must stay in eval mode.
    """
    norms = [module for module in encoder.modules() if isinstance(module, nn.BatchNorm2d)]
    untouched = all(norm.running_mean.abs().max() == 0 and norm.running_var.sub(1).abs().max() < 1e-3 for norm in norms)
    # A freshly initialised network has mean 0 and variance 1 too; only folded weights carry biases beside them.
    return norms if untouched and any(norm.bias.abs().max() > 0 for norm in norms) else []
