"""What the registries of generators and discriminators hold."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

if TYPE_CHECKING:
    from astrogan.models.config import NetworkConfig

Start = Callable[[str], dict[str, Tensor] | None]
"""Looks up ImageNet weights by name for a part of a network; None for a random start, which is then noted."""


@dataclass(frozen=True)
class Network:
    """One line of a registry.

    Attributes:
        task: which half of the paper it belongs to, `colour` or `upscale`.
        build: from the configuration, the side of its images in px, and a look-up of ImageNet weights to the network.
        weights: names of the ImageNet weights that `build` looks up.
        recipe: how its makers trained it: fields of `TrainStage` for the supervised phase.
        note: what has to be said of every such network that was wanted with ImageNet weights.
        sized: whether its weights depend on the side of its images.
    """

    task: str
    build: Callable[["NetworkConfig", int, Start], nn.Module]
    weights: Callable[["NetworkConfig"], frozenset[str]] = lambda config: frozenset()
    recipe: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    sized: bool = False
