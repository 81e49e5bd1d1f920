from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from fastai.data.core import DataLoaders
from scipy.stats import kstest

from astrogan.base import AstroganError
from astrogan.data.batches import TRIES, TileLoader, drawn_grid, seen_from
from astrogan.data.tiles import is_usable
from astrogan.data.tileset import TileSet


def made(side: int, frames: list[np.ndarray] = (), kind: str = "astronomy", **counts: int) -> TileSet:
    """Tiles of noise, `counts` of each split, and `frames` to draw from."""
    splits = [split for split, count in counts.items() for _ in range(count)]
    pixels = np.random.default_rng(0).integers(0, 256, (len(splits), side, side, 3), dtype=np.uint8)
    table = pd.DataFrame({"tile": [str(i) for i in range(len(splits))], "split": splits})
    flat = np.concatenate([np.empty(0, np.uint8), *(frame.ravel() for frame in frames)])
    sizes = np.cumsum([0, *(frame.size for frame in frames)])[:-1]
    shapes = pd.DataFrame([frame.shape[:2] for frame in frames], columns=["height", "width"]).assign(offset=sizes)
    config = {"size": side, "kind": kind, "native": not frames}
    return TileSet(Path("."), pixels, table, "d", {}, [], "s", config, shapes, flat)


@pytest.fixture
def tiles() -> TileSet:
    return made(16, train=20, valid=7, test=3)


@pytest.fixture
def scenes(picture) -> TileSet:
    """Images of 64 px and less in their shorter side, to be drawn from at 32 px, and fixed tiles."""
    return made(
        32,
        [picture(i, *shape) for i, shape in enumerate([(64, 96), (80, 64), (40, 50), (32, 32)])],
        train=6,
        valid=5,
        test=3,
    )


def seen(loader: TileLoader) -> list[int]:
    return torch.cat([item for *_, item in loader]).tolist()


def same(first, second) -> bool:
    return all(torch.equal(x, y) for x, y in zip(first, second, strict=True))


def test_batches_hold_the_pixels(tiles):
    loader = TileLoader(tiles, "train", 6)
    batches = list(loader)
    assert len(batches) == len(loader) == 3
    pixels, flips, item = batches[0]
    assert (pixels.dtype, flips.dtype, item.dtype) == (torch.uint8, torch.uint8, torch.int64)
    assert pixels.shape == (6, 3, 16, 16)
    assert pixels.is_contiguous()
    np.testing.assert_array_equal(pixels.permute(0, 2, 3, 1).numpy(), tiles.pixels[item.numpy()])
    pixels.zero_()
    assert tiles.pixels.max() > 0


def test_an_epoch_is_a_permutation_and_the_next_another(tiles):
    loader = TileLoader(tiles, "train", 4)
    first, second = seen(loader), seen(loader)
    assert sorted(first) == sorted(second) == list(range(20))
    assert first != second
    assert seen(loader.position(0)) == first
    assert seen(TileLoader(tiles, "train", 4, seed=1)) != first


@pytest.mark.parametrize("options", [{}, {"crop": 16}, {"side": 8}])
def test_resuming_mid_epoch_is_exact(scenes, options):
    whole = list(TileLoader(scenes, "train", 3, 5, 30, **options).position(2))
    rest = list(TileLoader(scenes, "train", 3, 5, 30, **options).position(2, 4))
    assert len(rest) == len(whole) - 4 == 6
    assert all(map(same, whole[4:], rest))
    assert not same(whole[0], next(iter(TileLoader(scenes, "train", 3, 5, 30, **options).position(3))))


def test_draws_are_the_same_on_every_machine(tiles):
    loader = TileLoader(tiles, "train", 4, seed=0)
    assert loader.order(0)[:6].tolist() == [2, 7, 16, 12, 11, 0]
    assert loader.flips(0)[:6].tolist() == [0, 0, 1, 0, 3, 2]
    np.testing.assert_allclose(loader.draws(0)[0, 0], [0.563105, 0.749478, 0.690068], atol=1e-6)


def test_all_eight_views_occur_and_can_be_left_out(tiles):
    flips = TileLoader(tiles, "train", 4, images_per_epoch=400).flips(0)
    # 50 expected of each; 5 standard deviations of a binomial are 33
    assert np.bincount(flips, minlength=8).min() > 17
    assert len(np.bincount(flips)) == 8
    assert not TileLoader(tiles, "train", 4, flip=False).flips(0).any()
    assert not TileLoader(tiles, "valid", 4).flips(0).any()


def test_the_views_are_those_of_a_square():
    image = torch.arange(9).reshape(1, 1, 3, 3)
    found = seen_from(image.expand(8, -1, -1, -1), torch.arange(8, dtype=torch.uint8))[:, 0].numpy()
    turns = [np.rot90(side, k) for side in (image[0, 0].numpy(), image[0, 0].numpy()[:, ::-1]) for k in range(4)]
    assert {view.tobytes() for view in found} == {np.ascontiguousarray(view).tobytes() for view in turns}


def test_validation_keeps_order_and_every_tile(scenes):
    loader = TileLoader(scenes, "valid", 4, crop=16)
    assert len(loader) == 2
    assert seen(loader) == seen(loader) == list(range(6, 11))
    pixels = torch.cat([pixels for pixels, *_ in loader])
    np.testing.assert_array_equal(pixels.permute(0, 2, 3, 1).numpy(), scenes.pixels[6:11])


def test_few_images_repeat_in_further_permutations(tiles):
    order = TileLoader(tiles, "train", 10, images_per_epoch=50).order(0)
    assert sorted(order[:20]) == sorted(order[20:40]) == list(range(20))
    assert order[:20].tolist() != order[20:40].tolist()
    assert len(set(TileLoader(tiles, "train", 4, images_per_epoch=8).order(0))) == 8


def test_leaking_adds_the_test_tiles(tiles, scenes):
    assert sorted(seen(TileLoader(tiles, "train", 1, leak=True))) == [*range(20), 27, 28, 29]
    assert TileLoader(tiles, "train", 1, leak=True).counts() == {"train": 20, "valid": 0, "test": 3}
    assert TileLoader(tiles, "train", 1).counts() == {"train": 20, "valid": 0, "test": 0}
    loader = TileLoader(scenes, "train", 1, leak=True)
    batches = {int(item): pixels for pixels, _, item in loader}
    # 14 fixed tiles, of which the last three are the test's, then four images
    assert sorted(batches) == [*range(11, 14), *range(14, 18)]
    assert loader.counts() == {"train": 4, "valid": 0, "test": 3}
    np.testing.assert_array_equal(batches[12][0].permute(1, 2, 0).numpy(), scenes.pixels[12])


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
    with pytest.raises(AstroganError, match="crop of 20 px does not fit into tiles of 16 px"):
        TileLoader(tiles, "train", 4, crop=20)
    with pytest.raises(AstroganError, match="16 px is more than the 8 px of a window"):
        TileLoader(tiles, "train", 4, crop=8, side=16)
    tiles.table.loc[tiles.table.split == "test", "split"] = "train"
    with pytest.raises(AstroganError, match="the test split has no tiles"):
        TileLoader(tiles, "test", 4)


# Windows of whole images. The red of a map is its column, the green its row, so that a window tells where it lies.

OWN, LONGER, SIZE = 128, 200, 64


def located(loader: TileLoader, item: int) -> np.ndarray:
    """(images, 3): left, top and side of the windows of an epoch on a map, as their pixels tell."""
    found = []
    for draws in loader.draws(0):
        window = loader.window(item, draws).astype(float)
        assert np.ptp(window[..., 2]) == 0
        inner = np.arange(4, len(window) - 4)  # what the ends do to interpolation left out
        (step, left), (other, top) = (
            np.polyfit(inner + 0.5, values[inner], 1) for values in (window[0, :, 0], window[:, 0, 1])
        )
        assert step == pytest.approx(other, rel=0.02)
        found.append([left + 0.5, top + 0.5, step * len(window)])
    return np.array(found)


@pytest.fixture
def maps() -> TileSet:
    rows, columns = np.mgrid[:OWN, :LONGER]
    whole = np.stack([columns, rows, 99 + 0 * rows], axis=-1).astype(np.uint8)
    return made(SIZE, [whole, whole[:100]], train=1)


@pytest.mark.parametrize(("crop", "frame", "own"), [(None, 1, OWN), (32, 1, OWN), (None, 2, 100)])
def test_scale_and_place_are_uniform(maps, crop, frame, own):
    """The shorter side between one and two tile sides, or the image's own, in its logarithm; the place over all there is."""
    loader = TileLoader(maps, "train", 1, images_per_epoch=2000, crop=crop)
    left, top, shown = located(loader, frame).T
    shorter = own * (crop or SIZE) / shown
    assert (shorter.min() > SIZE * 0.97, shorter.max() < own * 1.03) == (True, True)
    # windows are of whole px, so that the rest is made up; 0.036 is the statistic's 99 % point, and drawing t itself gives 0.08
    exact = own * (crop or SIZE) / (shown.round() + np.random.default_rng(0).uniform(-0.5, 0.5, len(shown)))
    assert kstest(np.log(exact / SIZE) / np.log(own / SIZE), "uniform").statistic < 0.06
    for corner, side in ((left, LONGER), (top, own)):
        assert corner.min() > -1
        assert (corner + shown).max() < side + 1
        free = side - shown > 10
        assert kstest(corner[free] / (side - shown)[free], "uniform").statistic < 0.07


def test_the_same_field_of_view_is_served_at_every_side(maps):
    """As training at growing sides needs: only the pixels are larger."""
    batches = {side: next(iter(TileLoader(maps, "train", 2, 1, 40, side=side))) for side in (64, 32, 16)}
    assert [tuple(pixels.shape) for pixels, *_ in batches.values()] == [(2, 3, side, side) for side in batches]
    large = batches[64][0].float()
    for side, (pixels, flips, items) in batches.items():
        assert torch.equal(flips, batches[64][1])
        assert torch.equal(items, batches[64][2])
        means = torch.nn.functional.avg_pool2d(large, 64 // side)
        assert (pixels.float() - means).abs().mean() < 1
    default = next(iter(TileLoader(maps, "train", 2, 1, 40)))
    assert same(default, batches[64])
    assert next(iter(TileLoader(made(32, valid=2), "valid", 2, side=8)))[0].shape == (2, 3, 8, 8)


def test_what_is_not_scaled_is_copied(maps):
    """A crop of a native tile, and an image that is no larger than a tile."""
    native = made(32, train=1)
    crop = TileLoader(native, "train", 1, images_per_epoch=9, crop=16)
    corners = set()
    for draws in crop.draws(0):
        found = crop.window(0, draws)
        (place,) = [
            (y, x)
            for y in range(17)
            for x in range(17)
            if np.array_equal(found, native.pixels[0, y : y + 16, x : x + 16])
        ]
        corners.add(place)
    assert len(corners) > 5
    small = made(32, [native.pixels[0]], train=1)
    loader = TileLoader(small, "train", 1)
    np.testing.assert_array_equal(loader.window(1, loader.draws(0)[0]), native.pixels[0])


def empty_but(part: slice, fill: int, picture) -> np.ndarray:
    """An image of 64 x 512 px that is even but for some columns."""
    image = np.full((64, 512, 3), fill, np.uint8)
    image[:, part] = np.minimum(picture(0, 64, 512)[:, part], 240)
    return image


@pytest.mark.parametrize(
    ("fill", "kind", "redrawn"), [(0, "astronomy", True), (255, "astronomy", True), (255, "photographs", False)]
)
def test_a_window_that_shows_nothing_is_drawn_again(fill, kind, redrawn, picture):
    made_set = made(32, [empty_but(slice(0, 256), fill, picture)], kind, train=1)
    loader = TileLoader(made_set, "train", 4, images_per_epoch=400)
    first = np.mean([is_usable(loader.window(1, draws[:1]), "astronomy") for draws in loader.draws(0)])
    all_tries = np.mean([is_usable(loader.window(1, draws), "astronomy") for draws in loader.draws(0)])
    assert 0.3 < first < 0.7
    if redrawn:
        assert all_tries == pytest.approx(1 - (1 - first) ** TRIES, abs=0.04)
        assert loader.draws(0).shape == (400, TRIES, 3)
    else:
        assert all_tries == first
    again = TileLoader(made_set, "train", 4, images_per_epoch=400)
    assert all(map(same, loader, again))


def test_an_image_that_shows_nothing_is_taken_as_it_is():
    nothing = made(32, [np.zeros((64, 64, 3), np.uint8)], train=1)
    (batch,) = TileLoader(nothing, "train", 1)
    assert batch[0].shape == (1, 3, 32, 32)
    assert not batch[0].any()


def test_a_picture_of_what_training_sees(scenes, tiles):
    for made_set, item in ((scenes, 16), (tiles, 10)):
        shown = np.asarray(drawn_grid(made_set, columns=5, rows=3, side=24))
        assert shown.shape == (72, 120, 3)
        own = made_set.picture(item).mean(axis=(0, 1))
        np.testing.assert_allclose(shown.mean(axis=(0, 1)), own, atol=25)
