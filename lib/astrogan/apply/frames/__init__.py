"""Frames as they are read."""
