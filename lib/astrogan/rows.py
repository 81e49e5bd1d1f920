"""Names of rows: `<experiment>-<phase>`, one fold of it, and one in other places than the test of Hubble's images."""

import re

PLACES = ("valid", "folds", "observatory")
"""Where else a row is measured: on validation tiles; on all folds of Hubble's images; on the second sky."""


def row_id(experiment: str, phase: str) -> str:
    """The row of one phase of an experiment."""
    return f"{experiment}-{phase}"


def parts_of(row: str) -> tuple[str, str]:
    """Experiment and phase of a trained row; the phase of a baseline is empty."""
    experiment, _, phase = row.rpartition("-")
    return (experiment, phase) if experiment else (row, "")


def of_fold(experiment: str, fold: int | None) -> str:
    """The name of an experiment's training on one fold; None: of its only training."""
    return experiment if fold is None else f"{experiment}-fold{fold}"


def fold_of(row: str) -> int | None:
    """The fold of a row or an experiment; None where it is of none, or of all together."""
    found = re.search(r"-fold(\d+)(?=-|$)", row)
    return int(found[1]) if found else None


def whole(row: str) -> str:
    """The row, or the experiment, of all folds together."""
    return re.sub(r"-fold\d+(?=-|$)", "", row)


def valid_row(row: str) -> str:
    """The row as measured on validation tiles."""
    return f"{row}-valid"


def own_row(row: str) -> str:
    """The row's own name, without the place where it is measured."""
    return re.sub(rf"-({'|'.join(PLACES)})$", "", row)
