from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from fastai.data.core import DataLoaders

from astrogan.base import AstroganError
from astrogan.data.batches import TileLoader
from astrogan.data.tileset import TileSet


@pytest.fixture
def tiles() -> TileSet:
    pixels = np.random.default_rng(0).integers(0, 256, (30, 16, 16, 3), dtype=np.uint8)
    splits = ["train"] * 20 + ["valid"] * 7 + ["test"] * 3
    table = pd.DataFrame({"tile": [str(i) for i in range(30)], "split": splits})
    return TileSet(Path("."), pixels, table, "d", {}, [], "s", {})


def seen(loader: TileLoader) -> list[int]:
    return torch.cat([index for *_, index in loader]).tolist()


def test_batches_hold_the_pixels(tiles):
    loader = TileLoader(tiles, "train", 6)
    batches = list(loader)
    assert len(batches) == len(loader) == 3
    pixels, flips, index = batches[0]
    assert (pixels.dtype, flips.dtype, index.dtype) == (torch.uint8, torch.bool, torch.int64)
    assert pixels.shape == (6, 3, 16, 16)
    assert pixels.is_contiguous()
    np.testing.assert_array_equal(pixels.permute(0, 2, 3, 1).numpy(), tiles.pixels[index.numpy()])
    pixels.zero_()
    assert tiles.pixels.max() > 0


def test_an_epoch_is_a_permutation_and_the_next_another(tiles):
    loader = TileLoader(tiles, "train", 4)
    first, second = seen(loader), seen(loader)
    assert sorted(first) == sorted(second) == list(range(20))
    assert first != second
    assert seen(loader.position(0)) == first
    assert seen(TileLoader(tiles, "train", 4, seed=1)) != first


def test_resuming_mid_epoch_is_exact(tiles):
    whole = list(TileLoader(tiles, "train", 3, seed=5).position(2))
    rest = list(TileLoader(tiles, "train", 3, seed=5).position(2, 4))
    assert len(rest) == len(whole) - 4
    for a, b in zip(whole[4:], rest, strict=True):
        assert all(torch.equal(x, y) for x, y in zip(a, b, strict=True))


def test_order_is_the_same_on_every_machine(tiles):
    loader = TileLoader(tiles, "train", 4, seed=0)
    assert loader.order(0)[:6].tolist() == [2, 7, 16, 12, 11, 0]
    assert loader.flips(0)[:6].tolist() == [True, False, False, False, False, True]


def test_flips_are_about_half_and_can_be_left_out(tiles):
    loader = TileLoader(tiles, "train", 4, images_per_epoch=2000)
    assert 900 < loader.flips(0).sum() < 1100
    assert not TileLoader(tiles, "train", 4, flip=False).flips(0).any()
    assert not TileLoader(tiles, "valid", 4).flips(0).any()


def test_validation_keeps_order_and_every_tile(tiles):
    loader = TileLoader(tiles, "valid", 4)
    assert len(loader) == 2
    assert seen(loader) == seen(loader) == list(range(20, 27))


def test_few_tiles_repeat_in_further_permutations(tiles):
    order = TileLoader(tiles, "train", 10, images_per_epoch=50).order(0)
    assert sorted(order[:20]) == sorted(order[20:40]) == list(range(20))
    assert order[:20].tolist() != order[20:40].tolist()
    assert len(set(TileLoader(tiles, "train", 4, images_per_epoch=8).order(0))) == 8


def test_leaking_adds_the_test_tiles(tiles):
    assert sorted(seen(TileLoader(tiles, "train", 1, leak=True))) == [*range(20), 27, 28, 29]


def test_fits_fastai(tiles):
    loaders = DataLoaders(TileLoader(tiles, "train", 4), TileLoader(tiles, "valid", 4), device=torch.device("cpu"))
    assert loaders.n_inp == 1
    assert loaders.device == torch.device("cpu")
    assert loaders.train_ds is tiles
    assert len(loaders.train) == 5


def test_errors_say_what_to_do(tiles):
    with pytest.raises(AstroganError, match="an epoch of 20 images has no whole batch of 32"):
        TileLoader(tiles, "train", 32)
    with pytest.raises(AstroganError, match=r"step 9: expected .* 0 to 5"):
        TileLoader(tiles, "train", 4).position(0, 9)
    tiles.table.loc[tiles.table.split == "test", "split"] = "train"
    with pytest.raises(AstroganError, match="the test split has no tiles"):
        TileLoader(tiles, "test", 4)
