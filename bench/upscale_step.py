"""One supervised step of super-resolution, data loading included: ours against a plain loop.

    python bench/upscale_step.py [--size 96] [--batch 16] [--pairs 5] [--steps 4] [--generators srresnet edsr wdsr]

Both train the same network from the same weights on the same images in the same order, from a quarter of the size up.
The plain loop decodes each picture from its file, shrinks it with Pillow in worker processes, and runs in float32 in the
default memory format. Ours reads uint8 tiles from a memory map, shrinks them as a batch, and runs in the precision that
`choose_precision` finds. Timings are medians over interleaved pairs of runs of `--steps` steps; the loss after equal
steps is that of one batch, in float32, with batch norm by the batch.
"""

import argparse
import json
import platform
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from PIL import Image
from skimage import data
from torch.utils.data import DataLoader, Dataset

from astrogan.data.batches import TileLoader
from astrogan.data.tileset import TileSet
from astrogan.device import choose_precision, hardware
from astrogan.models import GENERATORS, NetworkConfig, empty_generator
from astrogan.models.weights import nothing_at_hand
from astrogan.tasks import UPSCALE
from astrogan.training import PhaseConfig, PhaseLearner, TrainStage, build_losses

LOSSES = {"mse": torch.nn.MSELoss(), "l1": torch.nn.L1Loss()}
LR = 1e-4
"""Of every generator, the WDSR's too, whose own rate is ten times as high: the losses after equal steps are compared."""
NAMES = [name for name, entry in GENERATORS.items() if entry.task == UPSCALE.name]


class Pictures(Dataset):
    """What a plain data set does for each picture: decode, shrink, scale to [0, 1]."""

    def __init__(self, paths: list[Path]):
        self.paths = paths

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        high = Image.open(self.paths[index]).convert("RGB")
        low = high.resize((high.width // 4, high.height // 4), Image.Resampling.BICUBIC)
        return tuple(torch.from_numpy(np.array(x)).permute(2, 0, 1).float() / 255 for x in (low, high))


class Order(list):
    """A sampler whose order is set anew for each run."""


class PlainLoop:
    """Float32, default memory format, the loss copied to the CPU at each step."""

    def __init__(self, generator: torch.nn.Module, loader: DataLoader, loss: str, device: torch.device):
        self.generator, self.loader, self.loss, self.device = generator.to(device), loader, LOSSES[loss], device
        self.optimizer = torch.optim.Adam(generator.parameters(), lr=LR)
        self.losses: list[float] = []

    def run(self) -> None:
        self.generator.train()
        for low, high in self.loader:
            self.optimizer.zero_grad()
            loss = self.loss(self.generator(low.to(self.device)), high.to(self.device))
            loss.backward()
            self.optimizer.step()
            self.losses.append(loss.item())


def crops(count: int, size: int, folder: Path) -> list[Path]:
    """PNG crops of the photographs that scikit-image ships."""
    rng = np.random.default_rng(0)
    sources = (data.astronaut(), data.coffee(), data.chelsea())
    paths = []
    for i in range(count):
        source = sources[i % len(sources)]
        top, left = (rng.integers(0, side - size) for side in source.shape[:2])
        paths.append(folder / f"{i}.png")
        Image.fromarray(source[top : top + size, left : left + size]).save(paths[-1])
    return paths


def compare(name: str, paths: list[Path], tiles: np.ndarray, arguments: argparse.Namespace) -> dict:
    """Seconds a step of both, their ratio, and both losses after equal steps."""
    batch = arguments.batch
    stage = TrainStage.checked(
        task="upscale", generator=name, size=arguments.size, lr=LR, epochs=arguments.pairs + 1, batch=batch, flip=False
    )
    network, phase = stage.part(NetworkConfig), stage.part(PhaseConfig)
    (loss,) = phase.losses
    torch.manual_seed(0)
    weights = empty_generator(network, arguments.size).state_dict()

    def generator() -> torch.nn.Module:
        made = empty_generator(network, arguments.size)
        made.load_state_dict(weights)
        return made

    table = pd.DataFrame({"split": ["train"] * len(tiles)})
    made = TileSet(Path(), tiles, table, "", {}, [], "", {"size": arguments.size, "native": True})
    mapped = TileLoader(made, "train", batch, flip=False)
    order, precision = Order(range(len(tiles))), choose_precision()
    loader = DataLoader(Pictures(paths), batch, sampler=order, num_workers=2, persistent_workers=True)
    plain = PlainLoop(generator(), loader, loss, precision.device)
    # validation is left out below
    ours = PhaseLearner(
        UPSCALE.conversion(network, stage.degradation),
        generator(),
        (mapped, mapped),
        phase,
        precision,
        losses=build_losses([loss], nothing_at_hand("not needed")),
    )
    ours.create_opt()
    ours.remove_cbs(list(ours.cbs))  # fastai's own need a fit around them
    ours.training, ours.dl = True, mapped

    def our_run(pair: int) -> None:
        ours.model.train()
        ours.epoch, ours.start_step = pair, 0
        ours.all_batches()

    times: dict[str, list[float]] = {"plain": [], "ours": []}
    for pair in range(arguments.pairs + 1):
        order[:] = mapped.order(pair)
        for who, run in (("plain", plain.run), ("ours", lambda pair=pair: our_run(pair))):
            began = time.perf_counter()
            run()
            if pair:  # the first pair warms up
                times[who].append((time.perf_counter() - began) / len(mapped))
    medians = {who: statistics.median(values) for who, values in times.items()}
    ratios = [plain / own for plain, own in zip(times["plain"], times["ours"], strict=True)]
    low, high = (torch.stack(part) for part in zip(*(Pictures(paths)[i] for i in range(batch)), strict=True))
    losses = {}
    for who, model in (("plain", plain.generator), ("ours", ours.model)):
        with torch.no_grad():
            losses[who] = float(LOSSES[loss](model.cpu().train()(low), high))
    return {
        "generator": name,
        "seconds_per_step": {who: round(value, 4) for who, value in medians.items()},
        "ratio": round(statistics.median(ratios), 2),
        "ratios": [round(ratio, 2) for ratio in ratios],
        f"{loss}_after_{(arguments.pairs + 1) * len(mapped)}_steps": {k: round(v, 6) for k, v in losses.items()},
        "loss_difference": f"{abs(losses['ours'] / losses['plain'] - 1):.2%}",
        "ours": str(precision),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--generators", nargs="+", choices=NAMES, default=NAMES)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        paths = crops(arguments.batch * arguments.steps, arguments.size, folder)
        shape = (len(paths), arguments.size, arguments.size, 3)
        tiles = np.memmap(folder / "tiles", np.uint8, "w+", shape=shape)
        for i, path in enumerate(paths):
            tiles[i] = np.asarray(Image.open(path))
        found = [compare(name, paths, tiles, arguments) for name in arguments.generators]
    environment = {
        "benchmark": "supervised super-resolution step",
        "size": f"{arguments.size // 4} to {arguments.size} px",
        "batch": arguments.batch,
        "pairs": arguments.pairs,
        "steps_per_run": arguments.steps,
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "python": platform.python_version(),
        **hardware(),
    }
    print(json.dumps(environment | {"results": found}, indent=2))


if __name__ == "__main__":
    main()
