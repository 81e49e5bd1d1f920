"""Frames as they are read: any format, depth and size, in strips of rows."""

from astrogan.apply.frames.frame import STRIP_PX, Frame, FrameError, FrameOptions, Kind, Strip
from astrogan.apply.frames.read import SUFFIXES, kind_of, open_frame

__all__ = ["STRIP_PX", "SUFFIXES", "Frame", "FrameError", "FrameOptions", "Kind", "Strip", "kind_of", "open_frame"]
