"""A model's network, ready to run."""

from dataclasses import dataclass

from torch import nn

from astrogan.apply.models import shipped
from astrogan.apply.models.cards import Card
from astrogan.base import AstroganError
from astrogan.files import sha256
from astrogan.models.build import empty_generator
from astrogan.models.config import NetworkConfig
from astrogan.training.checkpoint import load_checkpoint


@dataclass(frozen=True)
class Model:
    """A network in eval mode on the CPU, and where it came from."""

    card: Card
    network: nn.Module
    sha256: str


def open_model(card: Card) -> Model:
    """Load the network of a card.

    Raises:
        AstroganError: when the file is damaged, or its weights do not fit the network that it names.
    """
    if card.path.suffix == ".safetensors":
        state = shipped.shipped_state(card.path)
    else:
        state = load_checkpoint(card.path, expected={"task": card.task})["networks"]["generator"]
    network = empty_generator(NetworkConfig.of_checkpoint(card.network, card.path), card.size)
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        raise AstroganError(
            f"{card.path} does not hold the weights of the network that it names ({card.network}): it belongs to another "
            "configuration or version. Train it again, or name another with --model."
        ) from error
    return Model(card, network.eval(), sha256(card.path))
