"""`evaluate` beside the pytorch-fid command on the same folders and the same seeded random Inception weights.

    python bench/evaluate.py [--pairs 500] [--size 256] [--repeats 3] [--apart] [--before OTHER/lib]

Three processes are timed, interpreter start included, in interleaved rounds: the pytorch-fid command (one FID), ours in
float32 and ours with --fast (all metrics that need no other network, without FWD, with intervals). With `--before`, the
library of another checkout, the rounds are instead of all metrics of colour that the weights at hand allow, by it and by this one.
Prints the environment, the medians, the ratios and how far the distances deviate; processor seconds stand beside,
because they tell a busy machine from a slow program. `--apart` also prints the parts: each network's metric, FWD with its
interval, and the slowest metrics of pixels.
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

from astrogan.evaluation.metrics import Metric
from astrogan.models.weights import resolve
from astrogan.tasks.predictions import Predictions

_OURS = """
import json, sys, torch
from astrogan.evaluation.evaluate import evaluate_folders
from astrogan.evaluation.metrics.inception import random_inception
network = random_inception(0, calibration_images=1)
network.load_state_dict(torch.load(sys.argv[1], weights_only=True))
print(json.dumps(evaluate_folders(*sys.argv[2:4], fast=sys.argv[4] == "fast", networks={"fid": network}, without=["fwd",
"lpips", "fd_efficientnet", "fd_squeezenet"])))
"""
_ALL = """
import inspect, json, sys
from astrogan.evaluation.evaluate import evaluate, evaluate_folders
of_colour = {"task": "colour"} if "task" in inspect.signature(evaluate).parameters else {}
print(json.dumps(evaluate_folders(*sys.argv[1:3], without=sys.argv[3:], **of_colour)))
"""


_ROUNDING = 1e-5
_NEW = "fd_efficientnet", "fd_squeezenet"  # networks that `evaluate` did not have before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=500)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--apart", action="store_true")
    parser.add_argument("--before", type=Path, help="the folder lib of another checkout")
    options = parser.parse_args()
    print(_environment())
    with tempfile.TemporaryDirectory() as folder:
        truth, output = _write_pairs(Path(folder), options.pairs, options.size)
        if options.before:
            _compare_versions(truth, output, options.before, options.repeats)
        else:
            _compare_with_pytorch_fid(Path(folder), truth, output, options.repeats)
        if options.apart:
            _time_apart(truth, output)


def _compare_versions(truth: Path, output: Path, before: Path, repeats: int) -> None:
    own, command = Path(__file__).parents[1] / "lib", ["-c", _ALL, truth, output]
    runs = {"before": command, "now": command, f"now, without {' and '.join(_NEW)}": [*command, *_NEW]}
    found = _interleaved(runs, repeats, {name: before if name == "before" else own for name in runs})
    was, now, _ = (json.loads(text) for *_, text in found.values())
    base = [statistics.median(each) for each in found["before"][:2]]
    print(f"all metrics: {was['n']} pairs of {was['size']} px, median of {repeats} interleaved rounds")
    for name, (*times, _) in found.items():
        wall, processor = map(statistics.median, times)
        shares = f"{wall / base[0]:.2f} and {processor / base[1]:.2f} of the time before"
        print(f"{wall:7.1f} s, {processor:6.1f} processor s: {shares}   {name}")
    for name, value in now["values"].items():
        one = was["values"].get(name)
        if one and value and abs(value / one - 1) > _ROUNDING:
            print(f"  {name} moved from {one:.6g} to {value:.6g}")
    print(f"  only now: {', '.join(sorted(name for name in now['values'].keys() - was['values'].keys()))}")


def _compare_with_pytorch_fid(folder: Path, truth: Path, output: Path, repeats: int) -> None:
    weights = _write_weights(folder)
    found = _interleaved(
        {
            "pytorch-fid": [Path(__file__).parent / "pytorch_fid_seeded.py", weights, truth, output],
            "float32": ["-c", _OURS, weights, truth, output, "exact"],
            "--fast": ["-c", _OURS, weights, truth, output, "fast"],
        },
        repeats,
    )
    fid = {}
    for name, (*_, text) in found.items():
        printed = re.search(r"FID:\s+(\S+)", text)
        fid[name] = float(printed[1]) if printed else json.loads(text)["values"]["fid"]
    print(f"one FID, median of {repeats} interleaved rounds")
    base = statistics.median(found["pytorch-fid"][0])
    for name, (seconds, processor, _) in found.items():
        median = statistics.median(seconds)
        rounds = ", ".join(f"{each:.1f}" for each in seconds)
        print(
            f"{name:<12} {median:7.1f} s ({statistics.median(processor):.1f} processor s; rounds {rounds})   "
            f"{base / median:5.2f} times pytorch-fid's speed   distance {fid[name]:.6f} "
            f"({fid[name] / fid['pytorch-fid'] - 1:+.1e})"
        )


def _interleaved(
    commands: dict[str, list], repeats: int, libraries: dict[str, Path] | None = None
) -> dict[str, tuple[list[float], list[float], str]]:
    """Seconds and processor seconds of each round, and the last output, by command."""
    found: dict[str, tuple[list[float], list[float], str]] = {name: ([], [], "") for name in commands}
    for _ in range(repeats):
        for name, command in commands.items():
            elapsed, processor, text = _timed(command, (libraries or {}).get(name))
            found[name] = ([*found[name][0], elapsed], [*found[name][1], processor], text)
    return found


def _time_apart(truth: Path, output: Path) -> None:
    from astrogan.evaluation.folders import read_folders
    from astrogan.evaluation.metrics import METRICS, Pairs, Unavailable

    predictions = read_folders(truth, output)
    print("\napart, once each, in one process")
    for metric in METRICS.values():
        if not metric.skippable:
            continue
        start = time.perf_counter()
        try:
            _measure(metric, predictions)
        except Unavailable as reason:
            print(f"{metric.label:<24}       - ({reason})")
        else:
            print(f"{metric.label:<24} {time.perf_counter() - start:7.1f} s")
    spent: dict[str, float] = {}
    for start in range(0, len(predictions), 2):
        pairs = Pairs.of(predictions, slice(start, start + 2))
        for metric in METRICS.values():
            if metric.function and not metric.skippable:
                began = time.perf_counter()
                metric.function(pairs)
                spent[metric.name] = spent.get(metric.name, 0) + time.perf_counter() - began
    print(f"{'pixels, one thread':<24} {sum(spent.values()):7.1f} s")
    for name in sorted(spent, key=spent.__getitem__, reverse=True)[:8]:
        print(f"  {name:<22} {spent[name]:7.1f} s")


def _measure(metric: Metric, predictions: Predictions) -> None:
    from astrogan.evaluation.metrics import Pairs
    from astrogan.evaluation.populations import distances

    if metric.kind == "pair":
        metric.function(Pairs.of(predictions), metric.needs.network(resolve))
    else:
        distances([metric], predictions)


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


def _timed(command: list, library: Path | None = None) -> tuple[float, float, str]:
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = os.environ | ({"PYTHONPATH": str(library.resolve())} if library else {})
    done = subprocess.run([sys.executable, *map(str, command)], capture_output=True, text=True, env=environment)
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
