"""What is known of a model: a card, read from a run's files or shipped beside its weights."""

import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from astrogan.base import AstroganError
from astrogan.evaluation.metrics import metrics_in
from astrogan.files import read_json
from astrogan.rows import row_id
from astrogan.run import Run
from astrogan.tasks import TASKS, TaskName
from astrogan.training.checkpoint import load_checkpoint

_SCORES = {"l1": "L1 {:.4f} in the network's units", "psnr": "PSNR {:.2f} dB"}


@dataclass(frozen=True)
class Card:
    """One model. `path` holds its weights: a run's checkpoint (.pt), or a shipped file (.safetensors)."""

    name: str
    """`<profile>/<experiment>-<phase>`; `shipped/<name>` for those that come with the package."""
    path: Path
    task: TaskName
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
        return TASKS[self.task].words.meaning

    @property
    def score(self) -> str:
        """Its validation values with their units; empty where there is none."""
        return ", ".join(_SCORES[key].format(value) for key, value in self.validation.items())

    @property
    def facts(self) -> dict[str, str]:
        """What a person is told of it beside its name and its file."""
        shown = (f"{key} {value}" for key, value in self.network.items() if key in ("generator", "encoder", "space"))
        facts = {
            "network": f"{', '.join(shown)}; tiles of {self.size} px; seed {self.seed}",
            "trained on": self.trained_on,
        }
        if self.validation:
            facts["validation"] = self.score
        if self.metrics:
            known = (f"{key} {value:.4g}" for key, value in self.metrics.items() if value is not None and key != "n")
            facts[f"on {self.metrics['n']} test tiles"] = ", ".join(known)
        return facts | ({"notes": "; ".join(self.notes)} if self.notes else {})

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
    if missing or config["task"] not in TASKS or "generator" not in content.get("networks", {}):
        raise AstroganError(
            f"checkpoint {path} holds no generator that astrogan could use ({sorted(missing) or 'task'})."
        )
    run = Run.of_checkpoint(path)
    experiment, phase = config.get("experiment", path.parent.name), config.get("phase", path.stem)
    row = row_id(experiment, phase)
    history = _record(run and run.history_file(row))
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
        metrics=_headline(_record(run and run.metrics_file(row))),
        notes=list(content.get("notes", [])),
        degradation=config.get("degradation"),
    )


def _record(path: Path | None) -> dict[str, Any]:
    return read_json(path) if path and path.is_file() else {}


def _trained_on(run: Run | None, row: str) -> str:
    """Every phase behind these weights, first to last, as far as the histories of this run tell."""
    phases: list[str] = []
    told: set[str] = set()
    while row:
        told.add(row)
        history = _record(run and run.history_file(row))
        phases.append(_phase(history) if history else "unknown: its history is not beside it")
        start = history["config"]["start_from"] if history else ""
        before = Path(start)
        row = row_id(before.parent.name, before.stem) if start else ""
        origin = Run.of_checkpoint(before)
        # written over by itself, or of another run, whose rows have the same names
        if row in told or (row and (origin is None or origin.name != run.name)):
            phases.append(f"unknown: {start} is not of this run any more")
            break
    return "; then ".join(reversed(phases))


def _phase(history: dict[str, Any]) -> str:
    config = history["config"]
    source = config["source"]
    what = "the images that the dependencies ship" if source == "sample" else source
    if prefixes := config.get("exclude_prefixes"):
        what += f" without files named {', '.join(prefixes)}"
    return (
        f"{config['kind']} ({what}), tiles of {config['size']} px, {len(history['epochs'])} x "
        f"{history['images_per_epoch']} images, {config.get('keep', 'best')} epoch {history['best_epoch']}"
    )


def _validation(content: dict[str, Any], history: dict[str, Any]) -> dict[str, float]:
    """`l1` (network units) of a colour model, `psnr` (dB) of an up-scaling one, at the epoch whose weights were kept."""
    values = {content["criterion"]: content["value"]} if "criterion" in content else {}
    if history:
        values |= next(entry for entry in history["epochs"] if entry["epoch"] == history["best_epoch"])["valid"]
    if mse := values.get("clipped_mse"):
        return {"psnr": -10 * math.log10(mse)}
    return {"l1": values["l1"]} if "l1" in values else {}


def _headline(metrics: dict[str, Any]) -> dict[str, Any]:
    """The numbers of a metrics file that fit on a card; of another version's file none."""
    if "values" not in metrics:
        return {}
    shown = metrics_in("card")
    return {"n": metrics["n"], **{metric.name: metrics["values"].get(metric.name) for metric in shown}}
