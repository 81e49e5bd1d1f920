"""Frames joined."""
