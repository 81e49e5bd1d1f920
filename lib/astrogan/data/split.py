"""Which images belong together, and which group of them goes to which split.

A group holds all images of an object, of an `observation` of the manifest, and their near-duplicates: it is what the split
keeps together, what limits on tiles count, and what intervals draw. Tables call it `observation`.
"""

import hashlib
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from astrogan.base import AstroganError
from astrogan.data.config import Split, TilesConfig
from astrogan.data.objects import natural


def group(
    objects: Sequence[Sequence[str]], observations: Sequence[str], pairs: Iterable[tuple[int, int]] = ()
) -> list[str]:
    """Each image's group, named by an object that it shows or, where none is known, by its smallest observation.

    Images join that share an object or an observation, and those of each pair (i, j) of `pairs`. Of several objects of a
    group the name is that which most of its images show, then the smallest.
    """
    shown = pd.Series([name for names in objects for name in names], dtype=object).value_counts()
    own = [[*map("object {}".format, names), f"file {name}"] for names, name in zip(objects, observations, strict=True)]
    names, codes = np.unique([name for each in own for name in each], return_inverse=True)
    images = np.repeat(np.arange(len(own)), [len(each) for each in own])
    links = np.concatenate([np.stack([images, len(own) + codes], axis=1), np.array(list(pairs), int).reshape(-1, 2)])
    size = len(own) + len(names)
    graph = coo_array((np.ones(len(links)), links.T), (size, size))
    groups = connected_components(graph, directed=False)[1]
    called: dict[int, tuple] = {}
    for code, name in zip(groups[len(own) :], names.tolist(), strict=True):
        kind, _, rest = name.partition(" ")
        rank = (kind == "file", -shown.get(rest, 0), natural(rest), rest)
        called[code] = min(called.get(code, rank), rank)
    return [called[code][-1] for code in groups[: len(own)]]


def split_groups(files: pd.DataFrame, config: TilesConfig) -> dict[str, Split]:
    """The split of each group of `files` (columns name, train_only, and observation, which names the group).

    What may be held out are the groups with an image that does not serve training alone. In the order of their seeded hash
    the first round(test_fraction * N) of these N go to the test, or with folds the k-th, the (k + folds)-th and so on, so
    that each is tested in one fold; the next round(valid_fraction * N) to validation; the rest, and all other groups, to
    training. A fraction over 0 gives at least one. A group whose usable images are all for the test alone
    (`exclude_prefixes`) is not used elsewhere.

    Raises:
        AstroganError: when there are too few.
    """
    free = files[~train_only(files, config)]
    barred = starts_with(files["name"], config.exclude_prefixes)
    order = sorted(set(free["observation"]), key=lambda name: seeded_key(config.split_seed, name))
    fractions = (config.tested, config.valid_fraction)
    tests, valids = (max(1, round(len(order) * fraction)) if fraction else 0 for fraction in fractions)
    test = order[config.fold :: config.folds] if config.folds else order[:tests]
    for_validation, for_training = set(free["observation"][~barred]), set(files["observation"][~barred])
    valid = [name for name in order if name in for_validation and name not in set(test)][:valids]
    train = sorted(for_training - set(test) - set(valid))
    if (
        len(test) < (1 if config.folds else tests)
        or len(valid) < valids
        or not train
        or len(order) < (config.folds or 0)
    ):
        total, alone = files["observation"].nunique(), files["observation"].nunique() - len(order)
        needed = f"{config.folds} folds" if config.folds else f"{tests} for the test"
        raise AstroganError(
            f"source '{config.source}' has {total} usable objects ({alone} for training only, "
            f"{total - len(for_training)} for the test only); the split needs {needed}, {valids} for validation and at "
            "least 1 for training. Add images, or lower folds, test_fraction and valid_fraction (0 leaves a split out)."
        )
    return {name: split for split, names in (("test", test), ("valid", valid), ("train", train)) for name in names}


def left_out(files: pd.DataFrame, config: TilesConfig) -> pd.Series:
    """bool: images that may not serve in the split of their group (column split).

    Those for the test alone where it is another, and those for training alone where the group is held out.
    """
    test, train = files["split"] == "test", files["split"] == "train"
    return starts_with(files["name"], config.exclude_prefixes) & ~test | train_only(files, config) & ~train


def train_only(files: pd.DataFrame, config: TilesConfig) -> pd.Series:
    """bool: images that serve training alone, by `train_only_prefixes` or the manifest (column train_only)."""
    return starts_with(files["name"], config.train_only_prefixes) | files["train_only"].astype(bool)


def starts_with(names: pd.Series, prefixes: Iterable[str]) -> pd.Series:
    """bool: whether a file's name, without its folders, starts with one of the prefixes; an empty one is none."""
    starts = tuple(filter(None, prefixes))
    return names.map(lambda name: name.rsplit("/", 1)[-1].startswith(starts)).astype(bool)


def seeded_key(seed: int, *parts: object) -> str:
    """A hex string that orders things by seed and name alone, whatever else there is."""
    return hashlib.sha256("\0".join(map(str, (seed, *parts))).encode()).hexdigest()
