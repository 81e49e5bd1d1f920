"""What is written, whole or not at all."""

from astrogan.apply.outputs.atomic import written_together
from astrogan.apply.outputs.products import Products, Request
from astrogan.apply.outputs.writers import save_png

__all__ = ["Products", "Request", "save_png", "written_together"]
