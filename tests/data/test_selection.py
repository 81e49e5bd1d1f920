import numpy as np
import pandas as pd
import pytest

from astrogan.base import AstroganError
from astrogan.data.config import TilesConfig
from astrogan.data.selection import excluded, split_observations


def files(count: int, prefix: str = "a-") -> pd.DataFrame:
    observations = [str(i) for i in range(count)]
    return pd.DataFrame({"name": [f"{prefix}{name}.png" for name in observations], "observation": observations})


def sizes(assignment: dict) -> tuple[int, ...]:
    return tuple(list(assignment.values()).count(split) for split in ("train", "valid", "test"))


def test_counts_follow_the_fractions():
    assert sizes(split_observations(files(50), TilesConfig(valid_fraction=0.1, test_fraction=0.2))) == (35, 5, 10)
    assert sizes(split_observations(files(4), TilesConfig())) == (2, 1, 1)
    assert sizes(split_observations(files(3), TilesConfig(test_fraction=0.0))) == (2, 1, 0)


def test_order_of_files_does_not_matter_but_the_seed_does():
    table, config = files(40), TilesConfig()
    shuffled = table.sample(frac=1, random_state=0)
    assert split_observations(table, config) == split_observations(shuffled, config)
    assert split_observations(table, config) != split_observations(table, TilesConfig(split_seed=1))


def test_every_file_of_an_observation_goes_together():
    table = pd.DataFrame({"name": [f"{i}.png" for i in range(30)], "observation": [str(i // 3) for i in range(30)]})
    assert len(split_observations(table, TilesConfig())) == 10


def test_a_new_observation_moves_few_others():
    config = TilesConfig(valid_fraction=0.2, test_fraction=0.2)
    for count in range(20, 60):
        before, after = split_observations(files(count), config), split_observations(files(count + 1), config)
        assert sum(before[name] != after[name] for name in before) <= 3


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_observations(count):
    expected = rf"has {count} usable observations .* needs 1 for the test, 1 for validation"
    with pytest.raises(AstroganError, match=expected):
        split_observations(files(count), TilesConfig())


def test_train_only_prefix():
    other = files(10, "deep/hubble-").assign(observation=[f"h{i}" for i in range(10)])
    table = pd.concat([files(30, "deep/nasa-"), other], ignore_index=True)
    assignment = split_observations(table, TilesConfig(train_only_prefix="nasa-"))
    assert sizes(assignment) == (32, 4, 4)
    assert all(assignment[str(i)] == "train" for i in range(30))
    mixed = table.assign(observation=[str(i % 4) for i in range(40)])  # each observation has a file from NASA
    with pytest.raises(AstroganError, match="4 for training only"):
        split_observations(mixed, TilesConfig(train_only_prefix="nasa-"))


def test_exclude_prefix_serves_the_test_only():
    other = files(20).assign(observation=[f"h{i}" for i in range(20)])
    table = pd.concat([files(20, "squeezed-"), other], ignore_index=True)
    config = TilesConfig(exclude_prefix="squeezed-", test_fraction=0.25)
    assignment = split_observations(table, config)
    assert {assignment.get(str(i), "none") for i in range(20)} == {"test", "none"}
    assert sizes(assignment)[1:] == (4, 10)
    splits = pd.Series(np.where(np.arange(40) < 5, "test", "train"))
    assert excluded(table["name"], splits, config).sum() == 15
    assert excluded(table["name"], splits, TilesConfig()).sum() == 0
