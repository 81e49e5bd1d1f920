"""Claims about loss curves, from one run's history: differences between epochs, with intervals over epochs.

Epochs of one training depend on each other and there is one training, so these intervals understate. A stretch of fewer
than eight epochs decides nothing, as with any other groups.
"""

from typing import Any, Literal

import numpy as np

from astrogan.base import AstroganError
from astrogan.evaluation import comparison
from astrogan.evaluation.intervals import Groups, groups_of
from astrogan.report.claims.inference import Finding

Property = Literal["rises_then_settles", "late_spikes", "uninformative", "overfits"]


NEGLIGIBLE = 0.3
"""A correlation within this of zero counts as saying nothing."""

_FEWEST_EPOCHS = 16


def rises_then_settles(history: dict[str, Any], curve: str) -> list[Finding]:
    """The first quarter lies above the first epoch, and the second half scatters less than the first."""
    loss = _curve(history, curve)
    early = loss[1 : max(3, len(loss) // 4)] - loss[0]
    half = len(loss) // 2
    scatter = [np.abs(part - np.median(part)) for part in (loss[:half], loss[-half:])]
    first, halves = _epochs(len(early)), _epochs(half)
    return [
        Finding("rise over the first epoch", comparison.mean(early, first), first),
        Finding("scatter, first half minus second", comparison.difference_of_means(*scatter, halves), halves),
    ]


def late_spikes(history: dict[str, Any], curve: str) -> list[Finding]:
    """Upward steps from epoch to epoch are larger in the last quarter than in the quarter before it."""
    steps = np.maximum(np.diff(_curve(history, curve)), 0)
    quarter = len(steps) // 4
    last, before = steps[-quarter:], steps[-2 * quarter : -quarter]
    epochs = _epochs(quarter)
    words = "upward step, last quarter minus the one before"
    return [Finding(words, comparison.difference_of_means(last, before, epochs), epochs)]


def uninformative(history: dict[str, Any], curve: str) -> list[Finding]:
    """How far under `NEGLIGIBLE` the size of the correlation of the loss with validation L1 is (above zero: holds)."""
    loss = _curve(history, curve)
    valid = np.array([epoch["valid"]["l1"] for epoch in history["epochs"]])
    epochs = _epochs(len(loss))
    room = comparison.correlation(loss, valid, epochs, lambda value: NEGLIGIBLE - np.abs(value))
    return [Finding(f"{NEGLIGIBLE} minus the size of the correlation", room, epochs)]


def overfits(history: dict[str, Any], _curve: str) -> list[Finding]:
    """Validation L1 over training L1, less one, in the second half of training."""
    late = history["epochs"][len(history["epochs"]) // 2 :]
    gap = np.array([epoch["valid"]["l1"] / epoch["train"]["l1"] - 1 for epoch in late])
    epochs = _epochs(len(gap))
    return [Finding("validation over training L1, less one", comparison.mean(gap, epochs), epochs)]


PROPERTIES = {each.__name__: each for each in (rises_then_settles, late_spikes, uninformative, overfits)}


def check_length(history: dict[str, Any]) -> None:
    """`AstroganError` where the history has too few epochs for its quarters and halves to say anything."""
    count = len(history["epochs"])
    if count < _FEWEST_EPOCHS:
        raise AstroganError(f"{count} epochs are too few to judge a curve by; {_FEWEST_EPOCHS} or more are needed")


def _curve(history: dict[str, Any], curve: str) -> np.ndarray:
    return np.array([epoch["train"][curve] for epoch in history["epochs"]], float)


def _epochs(count: int) -> Groups:
    return groups_of(np.arange(count), kind="epochs")
