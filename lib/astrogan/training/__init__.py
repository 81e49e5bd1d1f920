"""Losses, the supervised and the adversarial phase, checkpoints."""
