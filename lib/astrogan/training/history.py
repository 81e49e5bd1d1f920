"""The losses of a finished phase, as a training notebook shows them."""

from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes

from astrogan.files import read_json


def history_frame(path: Path | str) -> pd.DataFrame:
    """One row an epoch: training losses by name, and `validation l1`, in the network's units."""
    epochs = read_json(path)["epochs"]
    rows = [{"epoch": e["epoch"], **e["train"], "validation l1": e["valid"]["l1"]} for e in epochs]
    return pd.DataFrame(rows).set_index("epoch")


def plot_history(path: Path | str) -> Axes:
    """L1 in training and validation, and the adversarial losses where there are any, each against the epoch."""
    frame = history_frame(path).drop(columns="g", errors="ignore")
    axes = frame.plot(subplots=[[c for c in frame if "l1" in c], *([["g_adversarial", "d"]] if "d" in frame else [])],
                      marker="o", figsize=(7, 3 if "d" not in frame else 5), xlabel="epoch", ylabel="loss")  # fmt: skip
    axes[0].figure.tight_layout()
    return axes[0]
