"""Checkpoints that come with the package: fp16 weights as safetensors, and a card as JSON beside them.

`<name>.safetensors` holds the generator's state, floating-point tensors in float16, others as they are. `<name>.json` is the
card: the fields of `Card` but its path, with `format` and the `sha256` of the weights.
"""

from dataclasses import asdict, fields
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from astrogan.apply.models.cards import Card
from astrogan.base import AstroganError
from astrogan.files import read_json, sha256, write_atomic, write_json

FORMAT = 1
FOLDER = Path(__file__).parents[2] / "checkpoints"
"""Where the package keeps them."""


def ship(card: Card, state: dict[str, Tensor], folder: Path, name: str) -> Card:
    """Write `<name>.safetensors` and `<name>.json` into `folder`; returns the card of what was written.

    Raises:
        AstroganError: when a weight does not fit into float16, or the files cannot be written.
    """
    half = {}
    for key, tensor in state.items():
        stored = tensor.half() if tensor.is_floating_point() else tensor
        if not torch.isfinite(stored).all():
            raise AstroganError(f"{card.name}: the weight {key} does not fit into float16. Ship another model.")
        half[key] = stored.contiguous().cpu()
    path = folder / f"{name}.safetensors"
    data = save(half)
    write_atomic(path, lambda file: file.write(data))
    values = asdict(card) | {"name": f"shipped/{name}", "format": FORMAT, "sha256": sha256(path)}
    del values["path"]
    write_json(path.with_suffix(".json"), values)
    return shipped_card(path)


def shipped_card(path: Path) -> Card:
    """The card of a shipped checkpoint; `AstroganError` when it is missing or of another format."""
    values = read_json(path.with_suffix(".json"))
    names = {field.name for field in fields(Card)} - {"path"}
    if values.get("format") != FORMAT or not names <= values.keys():
        raise AstroganError(f"{path.with_suffix('.json')} is no card of format {FORMAT}. Install astrogan again.")
    return Card(path=path, **{name: values[name] for name in names})


def shipped_state(path: Path) -> dict[str, Tensor]:
    """The weights in float32; `AstroganError` when they are not those that the card was made for."""
    if sha256(path) != read_json(path.with_suffix(".json"))["sha256"]:
        raise AstroganError(f"{path} is damaged: its sha256 is not that of its card. Install astrogan again.")
    try:
        state = load(path.read_bytes())
    except SafetensorError as error:
        raise AstroganError(f"{path} cannot be read ({error}). Install astrogan again.") from error
    return {key: tensor.float() if tensor.is_floating_point() else tensor for key, tensor in state.items()}
