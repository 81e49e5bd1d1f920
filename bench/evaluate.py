"""`evaluate` beside the pytorch-fid command on the same folders and the same seeded random Inception weights.

    python bench/evaluate.py [--pairs 500] [--size 256] [--repeats 3] [--apart]

Three processes are timed, interpreter start included, in interleaved rounds: the pytorch-fid command (one FID), ours in
float32 and ours with --fast (all metrics but FWD and LPIPS, with intervals). Prints the environment, the medians, the
ratios and how far the distances deviate; processor seconds stand beside, because they tell a busy machine from a slow
program. `--apart` also times FWD and LPIPS.
"""

import argparse
import json
import os
import platform
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from skimage import data

_OURS = """
import json, sys, torch
from astrogan.evaluation.evaluate import evaluate_folders
from astrogan.evaluation.metrics.inception import random_inception
network = random_inception(0, calibration_images=1)
network.load_state_dict(torch.load(sys.argv[1], weights_only=True))
print(json.dumps(evaluate_folders(*sys.argv[2:4], fast=sys.argv[4] == "fast", network=network, without=["fwd",
"lpips"])))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=500)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--apart", action="store_true")
    options = parser.parse_args()
    print(_environment())
    with tempfile.TemporaryDirectory() as folder:
        truth, output = _write_pairs(Path(folder), options.pairs, options.size)
        weights = _write_weights(Path(folder))
        commands = {
            "pytorch-fid": [Path(__file__).parent / "pytorch_fid_seeded.py", weights, truth, output],
            "float32": ["-c", _OURS, weights, truth, output, "exact"],
            "--fast": ["-c", _OURS, weights, truth, output, "fast"],
        }
        seconds: dict[str, list[float]] = {name: [] for name in commands}
        busy: dict[str, list[float]] = {name: [] for name in commands}
        fid: dict[str, float] = {}
        for _ in range(options.repeats):
            for name, command in commands.items():
                elapsed, processor, text = _timed(command)
                seconds[name].append(elapsed)
                busy[name].append(processor)
                found = re.search(r"FID:\s+(\S+)", text)
                fid[name] = float(found[1]) if found else json.loads(text)["values"]["fid"]
        print(f"\n{options.pairs} pairs of {options.size} px, median of {options.repeats} interleaved rounds")
        base = statistics.median(seconds["pytorch-fid"])
        for name, times in seconds.items():
            median = statistics.median(times)
            deviation = fid[name] / fid["pytorch-fid"] - 1
            rounds = ", ".join(f"{each:.1f}" for each in times)
            print(
                f"{name:<12} {median:7.1f} s ({statistics.median(busy[name]):.1f} processor s; rounds {rounds})   "
                f"{base / median:5.2f} times pytorch-fid's speed   distance {fid[name]:.6f} ({deviation:+.1e})"
            )
        if options.apart:
            _time_apart(truth, output)


def _time_apart(truth: Path, output: Path) -> None:
    from torchvision.models import squeezenet1_1

    from astrogan.evaluation.folders import read_folders
    from astrogan.evaluation.metrics.perceptual import lpips_distances, with_trunk
    from astrogan.evaluation.metrics.wavelet import wavelet_values

    predictions = read_folders(truth, output)
    pair = predictions.truth, predictions.rounded
    network = with_trunk(squeezenet1_1(weights=None).state_dict())
    print("\napart, once each, in one process")
    for name, work in (
        ("FWD with interval", lambda: wavelet_values(*pair)),
        ("LPIPS", lambda: lpips_distances(network, *pair)),
    ):
        start = time.perf_counter()
        work()
        print(f"{name:<18} {time.perf_counter() - start:7.1f} s")


def _write_pairs(folder: Path, pairs: int, size: int) -> tuple[Path, Path]:
    """Crops of scikit-image's Hubble Deep Field, and the same with a cast, less contrast and noise, as PNG."""
    sky, rng = data.hubble_deep_field(), np.random.default_rng(0)
    paths = folder / "truth", folder / "output"
    for path in paths:
        path.mkdir()
    for index in range(pairs):
        row, column = (rng.integers(0, side - size) for side in sky.shape[:2])
        tile = np.rot90(sky[row : row + size, column : column + size], rng.integers(4))
        changed = tile * [1.05, 0.95, 0.85] * rng.uniform(0.8, 1) + rng.normal(0, 4, tile.shape)
        for path, image in zip(paths, (tile, np.clip(changed, 0, 255)), strict=True):
            Image.fromarray(np.ascontiguousarray(image).astype(np.uint8)).save(path / f"{index:04}.png")
    return paths


def _write_weights(folder: Path) -> Path:
    from astrogan.evaluation.metrics.inception import random_inception

    torch.save(random_inception(seed=0).state_dict(), folder / "weights.pt")
    return folder / "weights.pt"


def _timed(command: list) -> tuple[float, float, str]:
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, *map(str, command)], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - start, processor, done.stdout


def _environment() -> str:
    cpu = next(
        (line.split(":")[1].strip() for line in _cpuinfo().splitlines() if line.startswith("model name")),
        platform.processor(),
    )
    kinds = {"AMX": torch.cpu._is_amx_tile_supported(), "AVX512-BF16": torch.cpu._is_avx512_bf16_supported()}
    return (
        f"{cpu}, {len(os.sched_getaffinity(0))} cores, {', '.join(name for name, has in kinds.items() if has) or 'no bf16'}"
        f"; torch {torch.__version__}, {torch.get_num_threads()} threads; load {os.getloadavg()[0]:.1f}"
    )


def _cpuinfo() -> str:
    path = Path("/proc/cpuinfo")
    return path.read_text() if path.exists() else ""


if __name__ == "__main__":
    main()
