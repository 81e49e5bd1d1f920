"""The `astrogan` command."""

from astrogan.cli.app import app

__all__ = ["app"]
