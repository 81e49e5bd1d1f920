import numpy as np
import pytest

from astrogan.base import AstroganError
from astrogan.evaluation.intervals import groups_of, interval, resampled_means


def test_the_bootstrap_spread_is_the_standard_error_over_groups():
    rng = np.random.default_rng(0)
    levels = rng.normal(size=200)
    values = np.repeat(levels, 5)  # five equal tiles an observation add nothing
    groups = groups_of(np.repeat(np.arange(200).astype(str), 5))
    whole, *draws = resampled_means({"value": values}, groups, draws=2500)["value"]
    assert whole == pytest.approx(values.mean())
    assert len(draws) == 2500
    assert np.std(draws) == pytest.approx(levels.std() / np.sqrt(200), rel=0.06)
    assert np.mean(draws) == pytest.approx(values.mean(), abs=3 * levels.std() / np.sqrt(200 * 2500))
    low, high = interval(np.array(draws))
    assert high - low == pytest.approx(2 * 1.96 * levels.std() / np.sqrt(200), rel=0.08)


def test_groups_of_unequal_size_are_drawn_whole():
    groups = groups_of(np.array(list("aaabcdefgh")))
    assert (groups.count, groups.decidable, groups.note) == (8, True, None)
    found = resampled_means({"of a": np.array([1.0] * 3 + [0.0] * 7)}, groups, draws=300)["of a"]
    # k times 'a' among 8 groups: 3 k of 8 + 2 k tiles
    possible = [3 * k / (8 + 2 * k) for k in range(9)]
    assert found[0] == 0.3
    assert all(min(abs(value - each) for each in possible) < 1e-12 for value in found)
    assert found.max() > 0.3


def test_the_same_seed_draws_the_same_images():
    groups = groups_of(np.arange(9).astype(str))
    values = dict(zip("ab", np.random.default_rng(1).normal(size=(2, 9)), strict=True))
    first, again, other = (resampled_means(values, groups, seed=seed) for seed in (3, 3, 4))
    assert all((first[name] == again[name]).all() for name in values)
    assert (first["a"] != other["a"])[1:].any()
    # whatever else is drawn beside it
    np.testing.assert_allclose(resampled_means({"b": values["b"]}, groups, seed=3)["b"], first["b"])


def test_each_measure_counts_its_own_tiles():
    groups = groups_of(np.arange(4).astype(str))
    found = resampled_means({"some": np.array([2.0, np.nan, 4.0, np.nan]), "none": np.full(4, np.nan)}, groups, 50)
    assert found["some"][0] == 3
    assert np.nanmin(found["some"]) == 2
    assert np.isnan(found["some"]).any()  # a draw of unmeasured tiles alone
    assert np.isnan(found["none"]).all()


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


def test_wrong_blocks_are_refused():
    with pytest.raises(AstroganError, match="2 spatial blocks were given for 3 tiles"):
        groups_of(np.array(list("abc")), blocks=["x", "y"])


def test_nan_draws_are_left_out():
    assert interval(np.array([np.nan, 1.0, 1.0])) == (1, 1)
    assert np.isnan(interval(np.full(4, np.nan))).all()
