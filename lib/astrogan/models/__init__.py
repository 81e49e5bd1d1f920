"""Generators, discriminators and the pre-trained weights they start from."""

from astrogan.models.build import Built, build_discriminator, build_generator, empty_generator
from astrogan.models.config import NetworkConfig
from astrogan.models.discriminators import DISCRIMINATORS
from astrogan.models.encoders import ENCODERS, Encoder
from astrogan.models.generators import GENERATORS
from astrogan.models.network import Network

__all__ = [
    "DISCRIMINATORS",
    "ENCODERS",
    "GENERATORS",
    "Built",
    "Encoder",
    "Network",
    "NetworkConfig",
    "build_discriminator",
    "build_generator",
    "empty_generator",
]
