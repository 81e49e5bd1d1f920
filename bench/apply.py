"""`astrogan colorize` and `astrogan upscale`: seconds, pixels per second and peak memory, each size in a process of its own.

    python bench/apply.py [--sizes 512 1024 2048 4096] [--large] [--threads 2] [--generator srresnet]

Networks have their full size and random weights (time and memory do not depend on them): the ResNet-18 U-net at 256 px, and
a super-resolution generator. Loading is not counted; reading, colouring or up-scaling, and writing a PNG are. The targets:
colorize 1024 x 1024 in under 5 s and up-scale 256 to 1024 px in under 3 s on 2 cores; with `--large`, colorize 8192 x 8192 and
up-scale 2048 to 8192 px, each with a peak under 3 GB. Colour is measured on square frames of `sizes`, up-scaling to `sizes`.
"""

import argparse
import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from astrogan.apply.models.cards import Card
from astrogan.apply.models.loaded import Model
from astrogan.apply.outputs.products import Request
from astrogan.apply.work import Colorizer, Enlarger
from astrogan.device import hardware
from astrogan.models.build import empty_generator
from astrogan.models.config import NetworkConfig

TARGETS = {("colorize", 1024): 5.0, ("upscale", 1024): 3.0}
PEAK_GB = 3.0
SCALE = 4


def model(task: str, generator: str) -> Model:
    """An untrained model of full size."""
    torch.manual_seed(0)
    chosen = {} if task == "colorize" else {"generator": generator, "discriminator": "srgan"}
    config = NetworkConfig(pretrained=False, **chosen)
    network = empty_generator(config, 256)
    kind = "colour" if task == "colorize" else "upscale"
    card = Card(
        "bench/x-finetune", Path("none"), kind, "bench", "x", "finetune", 0, config.identity, 256, "", "nothing"
    )
    return Model(card, network.eval(), "0" * 64)


def measure(task: str, size: int, generator: str, repeats: int) -> dict:
    """The best of `repeats` runs of one task at one size, in this process."""
    work_type = Colorizer if task == "colorize" else Enlarger
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder) / "frame.png", Path(folder) / "out"
        out.mkdir()
        side = size if task == "colorize" else size // SCALE
        _write_frame(path, side)
        work = work_type([model(task, generator)], Request(out, force=True))
        seconds = []
        for _ in range(repeats):
            began = time.perf_counter()
            work(path, "frame")
            seconds.append(time.perf_counter() - began)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    best = min(seconds)
    return {
        "task": task,
        "input_px": side,
        "output_px": size,
        "seconds": round(best, 2),
        "output_px_per_second": round(size * size / best),
        "peak_gb": round(peak, 2),
        "target_s": TARGETS.get((task, size)),
        "target_gb": PEAK_GB if size >= 8192 else None,
    }


def _write_frame(path: Path, side: int) -> None:
    """Noise and blobs, which compress about as badly as a real frame."""
    rng = np.random.default_rng(0)
    blobs = Image.fromarray(rng.integers(0, 200, (max(2, side // 40),) * 2, dtype=np.uint8)).resize((side, side))
    noise = rng.integers(0, 40, (side, side), dtype=np.uint8)
    Image.fromarray(np.asarray(blobs) + noise).save(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[512, 1024, 2048, 4096])
    parser.add_argument("--large", action="store_true", help="8192 px too: minutes, and some GB of memory")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--generator", choices=["srresnet", "edsr", "wdsr"], default="srresnet")
    parser.add_argument("--one", nargs=2, metavar=("TASK", "SIZE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    if arguments.one:
        task, size = arguments.one[0], int(arguments.one[1])
        print(json.dumps(measure(task, size, arguments.generator, 1 if size > 2048 else arguments.repeats)))
        return
    rows = []
    for size in [*arguments.sizes, *([8192] if arguments.large else [])]:
        for task in ("colorize", "upscale"):
            command = [sys.executable, __file__, "--one", task, str(size), "--threads", str(arguments.threads)]
            command += ["--repeats", str(arguments.repeats), "--generator", arguments.generator]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                sys.exit(done.stderr)
            rows.append(json.loads(done.stdout.splitlines()[-1]))
            print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
    print(
        json.dumps(
            {
                "benchmark": "apply",
                "rows": rows,
                "generator": arguments.generator,
                "threads": arguments.threads,
                "torch": torch.__version__,
                "python": platform.python_version(),
                **hardware(),
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
