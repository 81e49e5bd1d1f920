"""Frames as they are read: any format, depth and size, in strips of rows."""

from astrogan.apply.frames.frame import Frame, FrameError, FrameOptions
from astrogan.apply.frames.inputs import Input, expand
from astrogan.apply.frames.read import open_frame
from astrogan.apply.frames.stretch import Stretch

__all__ = ["Frame", "FrameError", "FrameOptions", "Input", "Stretch", "expand", "open_frame"]
