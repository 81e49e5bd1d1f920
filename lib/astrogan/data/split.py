"""The split by observation: a seeded hash orders the observations, so that a new one moves at most a few others."""

import hashlib

import pandas as pd

from astrogan.base import AstroganError
from astrogan.data.config import Split, TilesConfig


def seeded_key(seed: int, *parts: object) -> str:
    """A hex string that orders things by seed and name alone, whatever else there is."""
    return hashlib.sha256("\0".join(map(str, (seed, *parts))).encode()).hexdigest()


def split_observations(files: pd.DataFrame, config: TilesConfig) -> dict[str, Split]:
    """Assign each observation of `files` (columns name, observation) to a split.

    In the order of their seeded hash, the first round(test_fraction * N) go to test, the next round(valid_fraction * N)
    to validation, the rest to training; a fraction over 0 gives at least one. An observation with a file that starts
    with `train_only_prefix` stays in training; one whose files all start with `exclude_prefix` may serve in the test
    split only, and its files are dropped elsewhere (`excluded`). `AstroganError` when there are too few.
    """
    observations = files["observation"]
    tied = set(observations[_starts_with(files["name"], config.train_only_prefix)])
    squeezed = set(observations) - set(observations[~_starts_with(files["name"], config.exclude_prefix)])
    order = sorted(set(observations), key=lambda observation: seeded_key(config.split_seed, observation))
    tests, valids = (_count(len(order), fraction) for fraction in (config.test_fraction, config.valid_fraction))
    test = [observation for observation in order if observation not in tied][:tests]
    usable = [observation for observation in order if observation not in squeezed and observation not in test]
    valid = [observation for observation in usable if observation not in tied][:valids]
    train = [observation for observation in usable if observation not in valid]
    if len(test) < tests or len(valid) < valids or not train:
        raise AstroganError(
            f"source '{config.source}' has {len(order)} usable observations ({len(tied)} for training only, "
            f"{len(squeezed)} for the test only); the split needs {tests} for the test, {valids} for validation and at "
            "least 1 for training. Add images, or lower test_fraction and valid_fraction (0 leaves a split out)."
        )
    return {name: split for split, names in (("test", test), ("valid", valid), ("train", train)) for name in names}


def excluded(names: pd.Series, splits: pd.Series, config: TilesConfig) -> pd.Series:
    """bool: files that start with `exclude_prefix` and are not in the test split."""
    return _starts_with(names, config.exclude_prefix) & (splits != "test")


def _count(total: int, fraction: float) -> int:
    return max(1, round(total * fraction)) if fraction else 0


def _starts_with(names: pd.Series, prefix: str) -> pd.Series:
    return names.map(lambda name: bool(prefix) and name.rsplit("/", 1)[-1].startswith(prefix)).astype(bool)
