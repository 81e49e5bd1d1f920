import numpy as np
import pandas as pd
import pytest

from astrogan.base import AstroganError
from astrogan.data.config import TilesConfig
from astrogan.data.split import left_out, split_groups


def files(count: int, prefix: str = "a-") -> pd.DataFrame:
    groups = [str(i) for i in range(count)]
    names = [f"{prefix}{name}.png" for name in groups]
    return pd.DataFrame({"name": names, "observation": groups, "train_only": False})


def sizes(assignment: dict) -> tuple[int, ...]:
    return tuple(list(assignment.values()).count(split) for split in ("train", "valid", "test"))


def test_counts_follow_the_fractions():
    assert sizes(split_groups(files(50), TilesConfig(valid_fraction=0.1, test_fraction=0.2))) == (35, 5, 10)
    assert sizes(split_groups(files(4), TilesConfig())) == (2, 1, 1)
    assert sizes(split_groups(files(3), TilesConfig(test_fraction=0.0))) == (2, 1, 0)


def test_order_of_files_does_not_matter_but_the_seed_does():
    table, config = files(40), TilesConfig()
    shuffled = table.sample(frac=1, random_state=0)
    assert split_groups(table, config) == split_groups(shuffled, config)
    assert split_groups(table, config) != split_groups(table, TilesConfig(split_seed=1))


def test_every_file_of_a_group_goes_together():
    assert len(split_groups(files(30).assign(observation=[str(i // 3) for i in range(30)]), TilesConfig())) == 10


def test_a_new_group_moves_few_others():
    config = TilesConfig(valid_fraction=0.2, test_fraction=0.2)
    for count in range(20, 60):
        before, after = split_groups(files(count), config), split_groups(files(count + 1), config)
        assert sum(before[name] != after[name] for name in before) <= 3


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_groups(count):
    with pytest.raises(AstroganError, match=rf"has {count} usable objects .* needs 1 for the test, 1 for validation"):
        split_groups(files(count), TilesConfig())


@pytest.mark.parametrize("by", ["prefix", "column"])
def test_images_for_training_alone_leave_their_object_to_the_test(by):
    """Groups 0 to 9 have an image of each kind, 10 to 19 one for training alone, 20 to 29 one of the other kind."""
    own = files(30, "deep/hubble-").iloc[[*range(10), *range(20, 30)]]
    table = pd.concat([files(20, "deep/nasa-"), own], ignore_index=True)
    config = TilesConfig(test_fraction=0.5, valid_fraction=0.2, train_only_prefixes=["jwst-", "nasa-"])
    if by == "column":
        config = config.model_copy(update={"train_only_prefixes": []})
        table["train_only"] = table["name"].str.contains("nasa-")
    assignment = split_groups(table, config)
    assert sizes(assignment) == (16, 4, 10)  # of the 20 that can be held out
    assert all(assignment[str(i)] == "train" for i in range(10, 20))
    assert {assignment[str(i)] for i in range(10)} == {"train", "valid", "test"}
    table["split"] = table["observation"].map(assignment)
    kept = table[~left_out(table, config)]
    assert not kept[kept.split != "train"]["name"].str.contains("nasa-").any()
    assert set(kept["observation"]) == set(table["observation"])
    held_out = table[table.split.ne("train") & table["name"].str.contains("nasa-")]
    assert len(table) - len(kept) == len(held_out) > 0
    alone = table.assign(train_only=True)
    with pytest.raises(AstroganError, match="has 30 usable objects \\(30 for training only"):
        split_groups(alone, config)


def test_excluded_prefixes_serve_the_test_only():
    other = files(20).assign(observation=[f"h{i}" for i in range(20)])
    table = pd.concat([files(20, "squeezed-"), other], ignore_index=True)
    config = TilesConfig(exclude_prefixes=["squeezed-"], test_fraction=0.25)
    assignment = split_groups(table, config)
    assert {assignment.get(str(i), "none") for i in range(20)} == {"test", "none"}
    assert sizes(assignment)[1:] == (4, 10)
    splits = table.assign(split=np.where(np.arange(40) < 5, "test", "train"))
    assert left_out(splits, config).sum() == 15
    assert left_out(splits, TilesConfig()).sum() == 0
    # rows of one table share their test, whatever they are trained on
    test = {name for name, split in split_groups(table, TilesConfig(test_fraction=0.25)).items() if split == "test"}
    assert test == {name for name, split in assignment.items() if split == "test"}


@pytest.mark.parametrize(("count", "folds"), [(110, 5), (23, 5), (4, 2), (7, 7)])
def test_each_group_is_tested_in_one_fold(count, folds):
    table = pd.concat([files(count), files(30, "nasa-").assign(train_only=True, observation="n")], ignore_index=True)
    config = TilesConfig(folds=folds, valid_fraction=0.1 if count > 10 else 0.0)
    tested = []
    for each in config.every_fold():
        assignment = split_groups(table, each)
        tested += [name for name, split in assignment.items() if split == "test"]
        train, valid, test = sizes(assignment)
        assert abs(test - count / folds) < 1
        assert valid == round(0.1 * count) * (count > 10)
        assert train + valid + test == count + 1
    assert sorted(tested) == sorted(map(str, range(count)))


def test_folds_that_cannot_be():
    with pytest.raises(AstroganError, match=r"needs 5 folds, 1 for validation"):
        split_groups(files(4), TilesConfig(folds=5))
    with pytest.raises(AstroganError, match=r"'fold' = 5: there are 5 folds, counted from 0"):
        TilesConfig.checked(folds=5, fold=5)
    with pytest.raises(AstroganError, match=r"'fold' = 1: there are no folds"):
        TilesConfig.checked(fold=1)
    assert TilesConfig().every_fold() == [TilesConfig()]
