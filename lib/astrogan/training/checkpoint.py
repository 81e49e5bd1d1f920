"""Checkpoints: plain dicts of tensors, numbers and strings, written atomically and loadable with `weights_only=True`."""

import json
import pickle
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from astrogan.base import AstroganError
from astrogan.files import write_atomic

FORMAT = 2
"""Of checkpoints and work in progress. Raised when an older one can no longer be read; a reader then says so."""


def save_checkpoint(path: Path | str, content: dict[str, Any], config: dict[str, Any]) -> Path:
    """Save `content` (nested dicts and lists of tensors, numbers, strings) with the configuration that it belongs to.

    Raises:
        AstroganError: when it cannot be written, a full disk among the reasons; the old file stays as it was.
    """
    record = {"format": FORMAT, "config": json.dumps(config, sort_keys=True), **content}

    def write(file) -> None:
        try:
            torch.save(record, file)
        except RuntimeError as error:
            # torch's zip writer hides the operating system's reason behind a RuntimeError of its own.
            raise OSError(None, f"writing {path} failed ({str(error).splitlines()[0]})") from error

    return write_atomic(path, write)


def load_checkpoint(path: Path | str, expected: dict[str, Any] | None = None, mmap: bool = False) -> dict[str, Any]:
    """Load a checkpoint onto the CPU; `expected` names configuration values that it must have been made with.

    With `mmap`, tensors stay in the file until they are used: for a look at what it says of itself.

    Raises:
        AstroganError: when the file is missing, truncated, of another program or format, or of another configuration.
    """
    path = Path(path)
    if not path.is_file():
        raise AstroganError(f"checkpoint {path} does not exist. Run the phase that writes it first.")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True, mmap=mmap)
    except (RuntimeError, EOFError, pickle.UnpicklingError, OSError, ValueError) as error:
        raise AstroganError(
            f"checkpoint {path} cannot be read ({str(error).splitlines()[0] if str(error) else type(error).__name__}): it is "
            "truncated or not a checkpoint. Delete it and run the phase that writes it again."
        ) from error
    if not isinstance(content, dict) or "format" not in content:
        raise AstroganError(
            f"checkpoint {path} is not of astrogan's format {FORMAT}. Name one that a training phase wrote."
        )
    if content["format"] != FORMAT:
        raise AstroganError(
            f"checkpoint {path} is of format {content['format']}, this version reads {FORMAT}: it was written by another "
            "version of astrogan. Train its phase again, or use the version that wrote it."
        )
    content["config"] = json.loads(content["config"])
    differing = {
        name: (content["config"].get(name), value)
        for name, value in (expected or {}).items()
        if content["config"].get(name) != value
    }
    if differing:
        listed = "; ".join(f"{name} is {found!r}, expected {wanted!r}" for name, (found, wanted) in differing.items())
        raise AstroganError(
            f"checkpoint {path} belongs to another configuration: {listed}. Name a matching checkpoint or change the parameters."
        )
    return content


def load_weights(network: nn.Module, state: dict[str, Tensor], path: Path | str) -> None:
    """Load the `state` of a network of the checkpoint `path`; `AstroganError` when it is that of another."""
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        raise AstroganError(
            f"checkpoint {path} does not hold the weights of the network that it names. Delete it and run the phase that "
            "writes it again."
        ) from error
