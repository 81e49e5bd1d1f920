"""Crops and views of the super-resolution loader: functions of (seed, epoch, index), and nothing else."""

from types import SimpleNamespace

import numpy as np
import pytest

from astrogan.base import AstroganError
from astrogan.data.batches import CropLoader, TileLoader


@pytest.fixture
def tiles():
    pixels = np.random.default_rng(0).integers(0, 256, (20, 32, 32, 3), dtype=np.uint8)
    split = np.array(["train"] * 12 + ["valid"] * 8)
    return SimpleNamespace(pixels=pixels, indices=lambda name: np.flatnonzero(split == name))


def loader(tiles, split="train", **options):
    return CropLoader(tiles, split, 4, seed=3, **options)


def test_crops_are_cut_where_the_corners_say(tiles):
    mine = loader(tiles, crop=16)
    corners, order = mine.corners(0), mine.order(0)
    batches = list(mine)
    seen = np.concatenate([pixels.numpy() for pixels, _, _ in batches])
    for crop, row, (y, x) in zip(seen, order, corners, strict=True):
        np.testing.assert_array_equal(crop.transpose(1, 2, 0), tiles.pixels[row, y : y + 16, x : x + 16])
    assert corners.min() >= 0
    assert corners.max() <= 16
    assert len(np.unique(corners, axis=0)) > 8


def test_every_epoch_has_its_own_crops_and_the_same_again(tiles):
    first, again = loader(tiles, crop=16), loader(tiles, crop=16)
    np.testing.assert_array_equal(first.corners(2), again.corners(2))
    assert not np.array_equal(first.corners(2), first.corners(3))


def test_it_goes_on_in_the_middle_of_an_epoch(tiles):
    whole = list(loader(tiles, crop=16).position(1))
    rest = list(loader(tiles, crop=16).position(1, 2))
    for mine, theirs in zip(whole[2:], rest, strict=True):
        assert all((a == b).all() for a, b in zip(mine, theirs, strict=True))


def test_all_eight_views_occur(tiles):
    views = loader(tiles, images_per_epoch=400).flips(0)
    assert views.dtype == np.uint8
    # 50 expected of each; 5 standard deviations of a binomial are 33
    assert np.bincount(views, minlength=8).min() > 17
    assert len(np.bincount(views)) == 8
    assert not loader(tiles, flip=False).flips(0).any()


def test_whole_tiles_and_their_order_are_those_of_the_plain_loader(tiles):
    plain = list(TileLoader(tiles, "train", 4, seed=3))
    for (pixels, _, rows), (expected, _, same) in zip(loader(tiles), plain, strict=True):
        assert (pixels == expected).all()
        assert (rows == same).all()


def test_validation_is_neither_cropped_nor_turned(tiles):
    pixels, views, rows = next(iter(loader(tiles, "valid", crop=16)))
    assert pixels.shape == (4, 3, 32, 32)
    assert not views.any()
    np.testing.assert_array_equal(rows, [12, 13, 14, 15])


def test_a_crop_larger_than_a_tile_is_refused(tiles):
    with pytest.raises(AstroganError, match="crop of 36 px does not fit into tiles of 32 px"):
        loader(tiles, crop=36)
