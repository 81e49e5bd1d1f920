from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from fastai.data.core import DataLoaders

from astrogan.base import AstroganError
from astrogan.data.batches import CropLoader, TileLoader
from astrogan.data.config import Split
from astrogan.data.tileset import TileSet


def made(side: int, **counts: int) -> TileSet:
    splits = [split for split, count in counts.items() for _ in range(count)]
    pixels = np.random.default_rng(0).integers(0, 256, (len(splits), side, side, 3), dtype=np.uint8)
    table = pd.DataFrame({"tile": [str(i) for i in range(len(splits))], "split": splits})
    return TileSet(Path("."), pixels, table, "d", {}, [], "s", {})


@pytest.fixture
def tiles() -> TileSet:
    return made(16, train=20, valid=7, test=3)


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
    assert TileLoader(tiles, "train", 1, leak=True).counts() == {"train": 20, "valid": 0, "test": 3}
    assert TileLoader(tiles, "train", 1).counts() == {"train": 20, "valid": 0, "test": 0}


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


# Crops and views of the super-resolution loader: functions of (seed, epoch, index), and nothing else.


@pytest.fixture
def large() -> TileSet:
    return made(32, train=12, valid=8)


def crops(tiles: TileSet, split: Split = "train", **options) -> CropLoader:
    return CropLoader(tiles, split, 4, seed=3, **options)


def test_crops_are_cut_where_the_corners_say(large):
    mine = crops(large, crop=16)
    corners, order = mine.corners(0), mine.order(0)
    batches = list(mine)
    seen = np.concatenate([pixels.numpy() for pixels, _, _ in batches])
    for crop, row, (y, x) in zip(seen, order, corners, strict=True):
        np.testing.assert_array_equal(crop.transpose(1, 2, 0), large.pixels[row, y : y + 16, x : x + 16])
    assert corners.min() >= 0
    assert corners.max() <= 16
    assert len(np.unique(corners, axis=0)) > 8


def test_every_epoch_has_its_own_crops_and_the_same_again(large):
    first, again = crops(large, crop=16), crops(large, crop=16)
    np.testing.assert_array_equal(first.corners(2), again.corners(2))
    assert not np.array_equal(first.corners(2), first.corners(3))


def test_it_goes_on_in_the_middle_of_an_epoch(large):
    whole = list(crops(large, crop=16).position(1))
    rest = list(crops(large, crop=16).position(1, 2))
    for mine, theirs in zip(whole[2:], rest, strict=True):
        assert all((a == b).all() for a, b in zip(mine, theirs, strict=True))


def test_all_eight_views_occur(large):
    views = crops(large, images_per_epoch=400).flips(0)
    assert views.dtype == np.uint8
    # 50 expected of each; 5 standard deviations of a binomial are 33
    assert np.bincount(views, minlength=8).min() > 17
    assert len(np.bincount(views)) == 8
    assert not crops(large, flip=False).flips(0).any()


def test_whole_tiles_and_their_order_are_those_of_the_plain_crops(large):
    plain = list(TileLoader(large, "train", 4, seed=3))
    for (pixels, _, rows), (expected, _, same) in zip(crops(large), plain, strict=True):
        assert (pixels == expected).all()
        assert (rows == same).all()


def test_validation_is_neither_cropped_nor_turned(large):
    pixels, views, rows = next(iter(crops(large, "valid", crop=16)))
    assert pixels.shape == (4, 3, 32, 32)
    assert not views.any()
    np.testing.assert_array_equal(rows, [12, 13, 14, 15])


def test_a_crop_larger_than_a_tile_is_refused(large):
    with pytest.raises(AstroganError, match="crop of 36 px does not fit into tiles of 32 px"):
        crops(large, crop=36)
