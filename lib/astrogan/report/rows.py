"""The rows of the report: their order, their names in words, and the colour each keeps in every figure.

A row is `<experiment>-<phase>`; `grey` (a = b = 0) and `bicubic` are the trivial baselines.
"""

import re
from typing import NamedTuple

import seaborn as sns


class Row(NamedTuple):
    """How a row is called: `label` in tables, `short` in figures; `color` as an RGB triple in [0, 1]."""

    label: str
    short: str
    color: tuple[float, float, float]


PRETRAINED = "lab-resnet18-pretrain"
ADVERSARIAL = "lab-resnet18-adversarial"
FINETUNED = "lab-resnet18-finetune"
RGB = "rgb-resnet18-adversarial"
RGB_SUPERVISED = "rgb-resnet18-pretrain"
RGB_EQUAL = "rgb-equal-adversarial"
RGB_EQUAL_SUPERVISED = "rgb-equal-pretrain"
BASIC = "rgb-basic-adversarial"
BASIC_AS_RUN = "rgb-basic-asrun-adversarial"
BASIC_HELD_OUT = "rgb-basic-heldout-adversarial"
HUBBLE = "lab-resnet18-hubble-finetune"
IMPROVED = "lab-improved-finetune"
GREY = "grey"

SRGAN_SUPERVISED = "srgan-supervised"
SRGAN_PRETRAINED = "srgan-adversarial"
SRGAN_FINETUNED = "srgan-finetune"
EDSR_SUPERVISED = "edsr-supervised"
EDSR = "edsr-finetune"
WDSR_SUPERVISED = "wdsr-supervised"
WDSR = "wdsr-finetune"
WDSR_ASTRONOMY = "wdsr-astronomy-supervised"
WDSR_NARROW = "wdsr-expansion4-supervised"
BICUBIC = "bicubic"

_BLUE, _ORANGE, _GREEN, _RED, _PURPLE, _BROWN, _PINK, _GREY, _YELLOW, _SKY = sns.color_palette("colorblind", 10)
TRUTH_COLOR = (0.1, 0.1, 0.1)

ROWS: dict[str, Row] = {
    PRETRAINED: Row("ResNet-18 L*a*b*, pre-trained", "L*a*b* pre-trained", _SKY),
    ADVERSARIAL: Row("ResNet-18 L*a*b*, adversarial on photographs", "L*a*b* adversarial", _PURPLE),
    FINETUNED: Row("ResNet-18 L*a*b*, fine-tuned", "L*a*b* fine-tuned", _BLUE),
    RGB_SUPERVISED: Row("ResNet-18 RGB, supervised", "RGB supervised", _PINK),
    RGB: Row("ResNet-18 RGB, pre-trained", "RGB pre-trained", _RED),
    RGB_EQUAL_SUPERVISED: Row("The L*a*b* network in RGB, supervised", "equal RGB supervised", _YELLOW),
    RGB_EQUAL: Row("The L*a*b* network in RGB, adversarial on photographs", "equal RGB", _GREEN),
    BASIC: Row("Basic U-net RGB", "Basic U-net", _ORANGE),
    BASIC_AS_RUN: Row("Basic U-net RGB, as run (trained on its test tiles)", "Basic U-net, as run", _PINK),
    BASIC_HELD_OUT: Row("Basic U-net RGB, as run but without its test tiles", "as run, held out", _BROWN),
    HUBBLE: Row("ResNet-18 L*a*b*, fine-tuned on Hubble alone", "fine-tuned on Hubble", _SKY),
    "lab-improved-pretrain": Row("Ours, before the adversary", "ours, supervised", _PINK),
    IMPROVED: Row("Ours, MobileNetV2 L*a*b*", "ours", _GREEN),
    GREY: Row("Grey (a = b = 0)", "Grey (a = b = 0)", _GREY),
    "try-scratch-pretrain": Row("MobileNetV2 to stride 16, random start, L1", "random start", _SKY),
    "try-imagenet-pretrain": Row("MobileNetV2 to stride 16, ImageNet start, L1", "ImageNet start", _ORANGE),
    "try-larger-pretrain": Row("MobileNetV2 whole, ImageNet start, L1", "whole encoder", _PINK),
    "try-chroma-pretrain": Row("MobileNetV2 to stride 16, L1 weighted by chroma", "chroma-weighted", _PURPLE),
    "try-adversarial-finetune": Row("the same, then adversarial", "then adversarial", _BROWN),
    "try-hubble-pretrain": Row("MobileNetV2 to stride 16, L1, Hubble's tiles alone", "Hubble alone", _BLUE),
    "try-hubble-adversarial-finetune": Row(
        "the same, then adversarial, the last epoch kept", "then adversarial", _YELLOW
    ),
    "try-colours-finetune": Row("the same, with the colours of a batch compared", "colours compared", _RED),
    "grey-valid": Row("Grey (a = b = 0)", "Grey (a = b = 0)", _GREY),
    SRGAN_SUPERVISED: Row("SRResNet, supervised", "SRResNet", _SKY),
    SRGAN_PRETRAINED: Row("SRGAN, pre-trained", "SRGAN pre-trained", _PURPLE),
    SRGAN_FINETUNED: Row("SRGAN, fine-tuned", "SRGAN fine-tuned", _BLUE),
    EDSR_SUPERVISED: Row("EDSR, supervised", "EDSR", _YELLOW),
    EDSR: Row("ED-SRGAN, fine-tuned", "ED-SRGAN", _ORANGE),
    WDSR_SUPERVISED: Row("WDSR, supervised", "WDSR", _PINK),
    WDSR: Row("WD-SRGAN, fine-tuned", "WD-SRGAN", _GREEN),
    WDSR_ASTRONOMY: Row("Ours, WDSR supervised on astronomy", "WDSR on astronomy", _RED),
    WDSR_NARROW: Row("WDSR, expansion 4, supervised", "WDSR, expansion 4", _BROWN),
    BICUBIC: Row("Bicubic", "Bicubic", _GREY),
}

COLOUR_ROWS = (PRETRAINED, ADVERSARIAL, FINETUNED, HUBBLE, RGB, RGB_EQUAL, BASIC, IMPROVED, GREY)
"""The rows of Tables 1 to 5: the paper's in its order, ours, and the baseline last."""

SR_ROWS = (
    SRGAN_FINETUNED,
    SRGAN_PRETRAINED,
    SRGAN_SUPERVISED,
    EDSR_SUPERVISED,
    EDSR,
    WDSR_SUPERVISED,
    WDSR,
    WDSR_ASTRONOMY,
    BICUBIC,
)
"""The rows of Tables 6 and 7, in the paper's order; the baseline stands last."""

BASELINES = {GREY, BICUBIC}


def position(row: str) -> int:
    """Where the row stands among all that are listed; an unlisted row comes last."""
    return list(ROWS).index(row) if row in ROWS else len(ROWS)


def label(row: str) -> str:
    """The row's name in a table; a further seed is called after its row, another unlisted row keeps its id."""
    if seed := re.fullmatch(r"(.+)-seed(\d+)-(\w+)", row):
        return f"{label(f'{seed[1]}-{seed[3]}')}, seed {seed[2]}"
    return ROWS[row].label if row in ROWS else row


def short(row: str) -> str:
    """The row's name in a figure; an unlisted row keeps its id."""
    return ROWS[row].short if row in ROWS else row


def color(row: str) -> tuple[float, float, float]:
    """The row's colour in every figure; an unlisted row is brown."""
    return ROWS[row].color if row in ROWS else _BROWN
