import numpy as np
import pytest

from astrogan.base import AstroganError
from astrogan.evaluation.intervals import (
    bootstrap,
    groups_of,
    half_sample_interval,
    half_samples,
    percentiles,
    spatial_blocks,
)
from astrogan.evaluation.metrics import Unavailable


def _ratio(sums):
    return {"mean": sums["value"] / sums["images"]}


def _sums(values):
    return {"value": values, "images": np.ones(len(values))}


def test_the_bootstrap_spread_is_the_standard_error_over_groups():
    rng = np.random.default_rng(0)
    levels = rng.normal(size=200)
    values = np.repeat(levels, 5)  # five equal tiles an observation add nothing
    groups = groups_of(np.repeat(np.arange(200).astype(str), 5))
    draws = bootstrap(_sums(values), _ratio, groups, draws=2000)["mean"]
    assert draws.std() == pytest.approx(levels.std() / np.sqrt(200), rel=0.06)
    assert draws.mean() == pytest.approx(values.mean(), abs=3 * levels.std() / np.sqrt(200 * 2000))
    low, high = percentiles(draws)
    assert high - low == pytest.approx(2 * 1.96 * levels.std() / np.sqrt(200), rel=0.08)


def test_groups_of_unequal_size_are_drawn_whole():
    groups = groups_of(np.array(list("aaabcdefgh")))
    assert (groups.count, groups.decidable, groups.note) == (8, True, None)
    draws = bootstrap({"images": np.ones(10)}, lambda sums: sums, groups, draws=300)["images"]
    # a draw holds 8 groups; each time 'a' is among them adds two more images
    assert set(np.unique(draws - 8) % 2) == {0}
    assert draws.max() > 10


def test_the_same_seed_draws_the_same_images():
    values, groups = np.random.default_rng(1).normal(size=(9, 2)), groups_of(np.arange(9).astype(str))
    sums = {"value": values, "images": np.ones((9, 1))}
    first, again, other = (bootstrap(sums, _ratio, groups, seed=seed)["mean"] for seed in (3, 3, 4))
    assert (first == again).all()
    assert (first != other).any()
    assert first.shape == (1000, 2)


def test_half_samples_are_halves_of_whole_groups():
    groups = groups_of(np.array(list("aabbccddeeffgghhi")))
    parts = half_samples(groups)
    assert len(parts) == 50
    for part in parts:
        chosen = groups.index[part]
        assert len(np.unique(chosen)) == 4
        assert np.isin(groups.index, chosen).sum() == len(part)
    assert len({tuple(part) for part in parts}) > 30


@pytest.mark.parametrize("count", [40, 41])
def test_half_sample_intervals_have_the_width_of_the_standard_error(count):
    rng = np.random.default_rng(2)
    values = rng.normal(size=count)
    groups = groups_of(np.arange(count).astype(str))
    draws = np.array([values[part].mean() for part in half_samples(groups, draws=4000)])
    low, high = half_sample_interval(values.mean(), draws, groups)
    assert high - low == pytest.approx(2 * 1.96 * values.std(ddof=1) / np.sqrt(count), rel=0.06)
    assert (low + high) / 2 == pytest.approx(values.mean(), abs=0.02)


def test_half_sample_intervals_lie_about_the_estimate_whatever_the_bias_of_halves():
    groups = groups_of(np.arange(20).astype(str))
    low, high = half_sample_interval(5.0, 9 + np.random.default_rng(3).normal(size=500), groups)
    assert low < 5 < high


def test_few_observations_fall_back_on_blocks_and_say_so():
    observation = np.array(["hudf"] * 12)
    alone = groups_of(observation)
    assert (alone.count, alone.kind, alone.decidable) == (1, "observations", False)
    assert "1 observation, fewer than 8: the interval understates; every claim stays undecided" in alone.note
    blocks = groups_of(observation, blocks=[str(index // 3) for index in range(12)])
    assert (blocks.count, blocks.kind, blocks.decidable) == (4, "spatial blocks", False)
    assert "4 spatial blocks: the interval understates; every claim stays undecided" in blocks.note
    enough = groups_of(np.arange(12).astype(str), blocks=["x"] * 12)
    assert (enough.count, enough.kind) == (12, "observations")


def test_a_block_is_three_tiles_or_three_windows_wide():
    native = ["a.png@0,0", "a.png@95,95", "a.png@96,0", "b.png@0,0"]
    assert spatial_blocks(["a", "a", "a", "b"], native, 32) == ["a:0:0", "a:0:0", "a:1:0", "b:0:0"]
    scaled = ["a@2,b.png@0,0,100", "a@2,b.png@299,0,100", "a@2,b.png@300,600,100", "a@2,b.png@300,600,50"]
    assert spatial_blocks(["a"] * 4, scaled, 32) == ["a:0:0", "a:0:0", "a:1:2", "a:2:4"]
    assert spatial_blocks(["a", "a"], ["whole.png", "other.png"], 32) == ["whole.png", "other.png"]


def test_too_few_groups_and_wrong_blocks_are_refused():
    with pytest.raises(Unavailable, match="two or more"):
        bootstrap(_sums(np.ones(3)), _ratio, groups_of(np.array(["a"] * 3)))
    with pytest.raises(Unavailable, match="at least 4"):
        half_samples(groups_of(np.array(list("abc"))))
    with pytest.raises(AstroganError, match="2 spatial blocks were given for 3 tiles"):
        groups_of(np.array(list("abc")), blocks=["x", "y"])


def test_nan_draws_are_left_out():
    low, high = percentiles(np.array([np.nan, 1.0, 1.0]))
    assert (low, high) == (1, 1)
    assert np.isnan(percentiles(np.full((4, 2), np.nan))).all()
