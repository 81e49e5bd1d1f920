"""What is known of a model: a card, read from a run's files or shipped beside its weights."""

import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from astrogan.base import AstroganError
from astrogan.evaluation.metrics import metrics_in
from astrogan.files import read_json
from astrogan.training.checkpoint import load_checkpoint

Task = Literal["colour", "upscale"]
COLOUR_WORDS = (
    "Its colours are invented: learnt from press images, whose colours their makers chose, and put where brightness looks "
    "like theirs. They are no measurement of filters, temperature or composition. Lightness is the frame's own."
)
UPSCALE_WORDS = (
    "Detail finer than the frame's pixels is inferred from images that were shrunk artificially; it may be wrong. Measure "
    "positions, fluxes and shapes on the original frame."
)


@dataclass(frozen=True)
class Card:
    """One model. `path` holds its weights: a run's checkpoint (.pt), or a shipped file (.safetensors)."""

    name: str
    """`<profile>/<experiment>-<phase>`; `shipped/<name>` for those that come with the package."""
    path: Path
    task: Task
    profile: str
    experiment: str
    phase: str
    seed: int
    network: dict[str, Any]
    size: int
    """Side of the training tiles, px; colour is predicted at this size."""
    tiles: str
    """Digest of the tiles, whose validation part `validation` was measured on."""
    trained_on: str
    validation: dict[str, float] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    degradation: str | None = None

    @property
    def words(self) -> str:
        """What its outputs do and do not mean."""
        return COLOUR_WORDS if self.task == "colour" else UPSCALE_WORDS

    def describe(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self) | {"path": str(self.path), "words": self.words}


def run_card(path: Path) -> Card:
    """The card of a run's checkpoint, with what its history and metrics files say.

    Raises:
        AstroganError: when the checkpoint cannot be read or is no generator's.
    """
    content = load_checkpoint(path, mmap=True)
    config = content["config"]
    missing = {"task", "network", "size"} - config.keys()
    if missing or config["task"] not in ("colour", "upscale") or "generator" not in content.get("networks", {}):
        raise AstroganError(
            f"checkpoint {path} holds no generator that astrogan could use ({sorted(missing) or 'task'})."
        )
    run = path.parents[2] if len(path.parents) > 2 and path.parents[1].name == "checkpoints" else None
    experiment, phase = config.get("experiment", path.parent.name), config.get("phase", path.stem)
    row = f"{experiment}-{phase}"
    history = _json(run, "history", row)
    return Card(
        name=f"{run.name}/{row}" if run else str(path),
        path=path,
        task=config["task"],
        profile=run.name if run else "",
        experiment=experiment,
        phase=phase,
        seed=config.get("seed", 0),
        network=config["network"],
        size=config["size"],
        tiles=config.get("tiles", ""),
        trained_on=_trained_on(run, row),
        validation=_validation(content, history),
        metrics=_headline(_json(run, "metrics", row)),
        notes=list(content.get("notes", [])),
        degradation=config.get("degradation"),
    )


def _json(run: Path | None, part: str, row: str) -> dict[str, Any]:
    path = run / part / f"{row}.json" if run else None
    return read_json(path) if path and path.is_file() else {}


def _trained_on(run: Path | None, row: str) -> str:
    """Every phase behind these weights, first to last, as far as the histories of this run tell."""
    phases: list[str] = []
    told: set[str] = set()
    while row:
        told.add(row)
        history = _json(run, "history", row)
        phases.append(_phase(history) if history else "unknown: its history is not beside it")
        start = history["config"]["start_from"] if history else ""
        before = Path(start)
        row = f"{before.parent.name}-{before.stem}" if start else ""
        # written over by itself, or of another run, whose rows have the same names
        if row in told or (row and (len(before.parents) < 3 or before.parents[2].name != run.name)):
            phases.append(f"unknown: {start} is not of this run any more")
            break
    return "; then ".join(reversed(phases))


def _phase(history: dict[str, Any]) -> str:
    config = history["config"]
    source = config["source"]
    what = "the images that the dependencies ship" if source == "sample" else source
    if config.get("exclude_prefix"):
        what += f" without files named {config['exclude_prefix']}"
    return (
        f"{config['kind']} ({what}), tiles of {config['size']} px, {len(history['epochs'])} x "
        f"{history['images_per_epoch']} images, {config.get('keep', 'best')} epoch {history['best_epoch']}"
    )


def _validation(content: dict[str, Any], history: dict[str, Any]) -> dict[str, float]:
    """`l1` (network units) of a colour model, `psnr` (dB) of an up-scaling one, at the epoch whose weights were kept."""
    if "valid_l1" in content:
        return {"l1": content["valid_l1"]}
    mse = content.get("valid_mse")
    if mse is None and history:
        epoch = next(entry for entry in history["epochs"] if entry["epoch"] == history["best_epoch"])
        mse = epoch["valid"].get("mse")
    return {"psnr": -10 * math.log10(mse)} if mse else {}


def _headline(metrics: dict[str, Any]) -> dict[str, Any]:
    """The numbers of a metrics file that fit on a card; of another version's file none."""
    if "values" not in metrics:
        return {}
    shown = metrics_in("card")
    return {"n": metrics["n"], **{metric.name: metrics["values"].get(metric.name) for metric in shown}}
