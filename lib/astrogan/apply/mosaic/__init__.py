"""Frames joined."""

from astrogan.apply.mosaic.stitch import stitch_files

__all__ = ["stitch_files"]
