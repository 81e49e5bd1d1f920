"""One training step of every experiment of a profile, at its own size and batch: does it fit into one GPU of 24 GB?

    python bench/paper_step.py [PROFILE] [--only ROW ...]

Each step runs in a process of its own, on the sample images, with random weights where published ones are not at hand
(a content network's too: its memory is the same). Prints seconds and the peak memory of the process as JSON lines. On a
CPU the peak is that of the process, imports (about 0.7 GB) included; on a GPU that of torch's allocator.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch

from astrogan.device import hardware
from astrogan.experiments.profiles import load_profile
from astrogan.models.weights import Find
from astrogan.training import LOSSES, TrainStage, build_losses, phase
from astrogan.training.losses import Function
from astrogan.training.losses.content import CONTENT, ContentLoss

PROFILES = Path(__file__).parents[1] / "workflow" / "profiles"


def one_step(profile: str, experiment: str, name: str) -> dict:
    """Prepare the phase `name` on sample tiles and take one step."""
    config = load_profile(PROFILES / f"{profile}.yaml").training(experiment, name)
    phase.build_losses = _random_losses
    with tempfile.TemporaryDirectory() as folder:
        small = {"run": f"{folder}/run", "source": "sample", "weights": "", "start_from": "", "epochs": 1}
        small |= {"images_per_epoch": config.batch, "train_only_prefixes": []}
        config = TrainStage.checked(**(config.parameters | small))
        learner = phase.prepare_training(config).learner
        learner.create_opt()
        learner.model.train()
        pixels, flips, _ = next(iter(learner.dls.train))
        condition, target = learner.task.batch(
            learner.precision.place_batch(pixels), flips.to(learner.precision.device)
        )
        began = time.perf_counter()
        losses = {name: round(float(value), 4) for name, value in learner.step(condition, target).items()}
        seconds = time.perf_counter() - began
    cuda = torch.cuda.is_available()
    peak = torch.cuda.max_memory_allocated() if cuda else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {
        "row": config.row,
        "batch": config.batch,
        "input": list(condition.shape),
        "seconds": round(seconds, 2),
        "peak_gb": round(peak / 1e9, 2),
        "precision": str(learner.precision),
        "losses": losses,
    }


def _random_losses(names: list[str], find: Find) -> dict[str, Function]:
    content = {name for name in names if LOSSES[name].content}
    networks = {name: CONTENT[name].features().state_dict() for name in content}
    weights = {name: {f"features.{key}": value for key, value in state.items()} for name, state in networks.items()}
    plain = build_losses([name for name in names if name not in content], find)
    return plain | {name: ContentLoss(name, state) for name, state in weights.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("profile", nargs="?", default="paper")
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--step", nargs=2, metavar=("EXPERIMENT", "PHASE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.step:
        print(json.dumps(one_step(arguments.profile, *arguments.step)))
        return
    print(json.dumps({"profile": arguments.profile, "torch": torch.__version__, **hardware()}))
    profile = load_profile(PROFILES / f"{arguments.profile}.yaml")
    for config in (training for name in profile.experiments for training in profile.trainings(name)):
        if arguments.only and config.row not in arguments.only:
            continue
        step = ["--step", config.experiment, config.phase]
        command = [sys.executable, "-W", "ignore", __file__, arguments.profile, *step]
        print(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip(), flush=True)


if __name__ == "__main__":
    main()
