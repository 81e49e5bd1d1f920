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
import torchvision.models as tv

from astrogan.experiments.profiles import load_profile
from astrogan.models.content_networks import content_network
from astrogan.report.provenance import hardware
from astrogan.training import upscale_phase
from astrogan.training.phase import prepare_training

PROFILES = Path(__file__).parents[1] / "workflow" / "profiles"


def one_step(profile: str, experiment: str, phase: str) -> dict:
    """Prepare the phase on sample tiles and take one step."""
    half = next(half for half in load_profile(PROFILES / f"{profile}.yaml").halves if experiment in half.experiments)
    config = half.training(experiment, phase)
    with tempfile.TemporaryDirectory() as folder:
        small = {"run": f"{folder}/run", "source": "sample", "weights": "", "start_from": "", "epochs": 1}
        small |= {"images_per_epoch": config.batch, "train_only_prefix": ""}
        config = type(config).checked(**(config.model_dump() | small))
        if half.notebooks:
            upscale_phase._content = lambda config, find: _random_content(config.content)
            learner = upscale_phase.prepare_upscale(config).learner
        else:
            learner = prepare_training(config).learner
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


def _random_content(name: str) -> torch.nn.Module:
    networks = {"vgg19": tv.vgg19, "squeezenet": tv.squeezenet1_1, "mobilenet_v2": tv.mobilenet_v2}
    return content_network(name, networks[name](weights=None).state_dict() if name in networks else None)


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
    for half in load_profile(PROFILES / f"{arguments.profile}.yaml").halves:
        for experiment in half.experiments:
            for phase in half.phases(experiment):
                if arguments.only and f"{experiment}-{phase}" not in arguments.only:
                    continue
                command = [sys.executable, "-W", "ignore", __file__, arguments.profile, "--step", experiment, phase]
                print(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip(), flush=True)


if __name__ == "__main__":
    main()
