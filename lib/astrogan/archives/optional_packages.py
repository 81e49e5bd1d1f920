"""Packages that only archives need; they come with the extra `archives`."""

import importlib
from typing import Any

from astrogan.base import AstroganError


def optional(module: str) -> Any:
    """The imported module; `AstroganError` says how to install what is missing."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise AstroganError(
            f"the package {error.name} is not installed, and this source needs it. Run: pip install 'astrogan[archives]'"
        ) from error
