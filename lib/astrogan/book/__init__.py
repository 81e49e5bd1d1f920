"""The book: staging, rendering, printing, publishing."""

from astrogan.book.build import build
from astrogan.book.pdf import print_book
from astrogan.book.publish import publish_and_ship

__all__ = ["build", "print_book", "publish_and_ship"]
