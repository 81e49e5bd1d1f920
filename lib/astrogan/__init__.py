"""astrogan: colouring and up-scaling astronomical images with generative adversarial networks."""

__version__ = "0.1.0"
