"""Pictures with structure at every scale, so that crops and copies can be told from other pictures."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


def make_picture(seed: int, height: int = 160, width: int = 200) -> np.ndarray:
    """uint8 (height, width, 3): coloured noise of all scales, the same for the same seed."""
    rng = np.random.default_rng(seed)
    total = np.zeros((height, width, 3))
    for cells in (3, 6, 12, 24, 48):
        noise = rng.integers(0, 256, (cells, cells, 3), dtype=np.uint8)
        layer = Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC)
        total += np.asarray(layer, float) - 128
    return np.clip(100 + total * 0.6, 0, 255).astype(np.uint8)


@pytest.fixture
def picture() -> Callable[..., np.ndarray]:
    return make_picture


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """Makes a folder of `count` PNG files, a.. different pictures."""

    def make(count: int = 6, height: int = 160, width: int = 200, name: str = "tree") -> Path:
        root = tmp_path / name
        root.mkdir(exist_ok=True)
        for seed in range(count):
            Image.fromarray(make_picture(seed, height, width)).save(root / f"image-{seed:02}.png")
        return root

    return make
