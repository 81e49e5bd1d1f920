"""Generators, discriminators and the pre-trained weights they start from."""
