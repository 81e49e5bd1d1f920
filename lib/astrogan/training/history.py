"""The losses of a finished phase, as a training notebook shows them."""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from astrogan.files import read_json


def history_frame(path: Path | str) -> pd.DataFrame:
    """One row an epoch: training losses by name, and `validation <name>`, in the network's units.

    A validation mean squared error, on [0, 1], stands as `validation PSNR`, dB.
    """
    frame = pd.DataFrame([_row(entry) for entry in read_json(path)["epochs"]]).set_index("epoch")
    if "validation clipped_mse" in frame:
        frame["validation PSNR"] = -10 * np.log10(frame.pop("validation clipped_mse"))
    return frame


def plot_history(path: Path | str) -> Axes:
    """Each loss against the epoch, training beside validation; the two adversarial losses share the last panel."""
    frame = history_frame(path).drop(columns="g", errors="ignore")
    adversarial = [name for name in ("g_adversarial", "d") if name in frame]
    measures = dict.fromkeys(name.removeprefix("validation ") for name in frame if name not in adversarial)
    panels = [[name for name in (measure, f"validation {measure}") if name in frame] for measure in measures]
    panels += [adversarial] if adversarial else []
    axes = frame.plot(subplots=panels, marker="o", figsize=(7, 1 + 2 * len(panels)), xlabel="epoch", ylabel="loss")
    for panel, names in zip(axes, panels, strict=True):
        if names == ["validation PSNR"]:
            panel.set_ylabel("dB")
    axes[0].figure.tight_layout()
    return axes[0]


def _row(entry: dict) -> dict[str, float]:
    valid = {f"validation {name}": value for name, value in entry["valid"].items()}
    return {"epoch": entry["epoch"], **entry["train"], **valid}
