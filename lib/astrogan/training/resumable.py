"""fastai's loop with positions in it: epochs and batches, losses summed on the device, and exact resumption."""

import time
from pathlib import Path
from typing import Any

import torch
from fastai.callback.core import TrainEvalCallback
from fastai.data.core import DataLoaders
from fastai.learner import Learner
from fastai.optimizer import OptimWrapper
from torch import Tensor, nn

from astrogan.base import AstroganError
from astrogan.device import Precision
from astrogan.tasks import Conversion
from astrogan.training.checkpoint import load_checkpoint, save_checkpoint
from astrogan.training.config import PhaseConfig
from astrogan.training.ema import MovingAverage
from astrogan.training.losses import l1


class ResumableLearner(Learner):
    """A training that can be stopped at any batch: `train()` runs it to its end, from wherever that was.

    Work in progress is networks, optimisers, average, best weights, patience, loss history, random states and the position
    in the epoch. Order and flips of the samples are functions of (seed, epoch, index), so on a CPU a phase that was killed
    and started again ends bit-equal to one that was not. Sums of losses stay on the device until an epoch ends.

    Best weights are those of the epoch with the lowest validation value called `phase.criterion`. The state before the
    first epoch does not compete. With `phase.keep` "last" the last epoch counts as the best, for losses that the criterion
    does not show, and a rate that falls to its end; nothing then stops early.
    """

    def __init__(
        self,
        task: Conversion,
        generator: nn.Module,
        loaders: tuple[Any, Any],
        phase: PhaseConfig,
        precision: Precision,
        average: nn.Module | None = None,
        progress_file: Path | None = None,
        save_every_s: float = 60.0,
        callbacks: tuple = (),
    ):
        """`task` turns batches into input and target; `loaders` are those of training and validation.

        `average` is a second generator for the moving average, needed when `phase.ema` is set. `progress_file` is the file
        that holds work in progress (None: not kept), saved at most every `save_every_s` seconds.
        """
        self.task, self.phase, self.precision = task, phase, precision
        self.progress_file, self.save_every_s = progress_file, save_every_s
        self.average = MovingAverage(precision.place(average), generator, phase.ema) if phase.ema else None
        self.history: list[dict] = []
        self.best: dict | None = None
        self.start_epoch, self.start_step = 0, 0
        self.sums: dict[str, Tensor] = {}
        self.saved_at = time.monotonic()
        super().__init__(
            DataLoaders(*loaders),
            precision.place(generator),
            loss_func=l1,
            lr=phase.lr,
            default_cbs=False,
            cbs=[TrainEvalCallback, *callbacks],
        )
        self.dls.device = precision.device

    # What a phase defines.

    def step(self, condition: Tensor, target: Tensor) -> dict[str, Tensor]:
        """One training step; the losses by name, detached, on the device."""
        raise NotImplementedError

    def validation(self, output: Tensor, target: Tensor) -> dict[str, Tensor]:
        """Values of a validation batch by name, means over its images, the criterion among them; lower is better."""
        raise NotImplementedError

    def rate(self, epoch: int) -> float:
        """The learning rate of an epoch, counted from 0."""
        raise NotImplementedError

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        """The optimisers by name, as they stand in checkpoints."""
        return {"generator": self.opt.opt}

    def networks(self) -> dict[str, nn.Module]:
        """The networks by name, as they stand in checkpoints."""
        return {"generator": self.model}

    # The public call.

    def train(self) -> "ResumableLearner":
        """Run the phase, from its saved progress if there is one, until its epochs are done or patience is spent."""
        if self.opt is None:
            self.create_opt()
        if self.progress_file is not None and self.progress_file.exists():
            self.restore(load_checkpoint(self.progress_file, expected=self._identity()))
        self.fit(self.phase.epochs)
        return self

    @property
    def exported(self) -> nn.Module:
        """The network that is validated and kept: the moving average where there is one, else the generator."""
        return self.average.network if self.average else self.model

    @property
    def stopped_early(self) -> bool:
        """Whether `patience` epochs went by without a better validation value; never with `phase.keep` "last"."""
        return self.best is not None and len(self.history) - self.best["epoch"] >= self.phase.patience

    def result(self) -> dict[str, Any]:
        """Networks of the best epoch, for the phase's checkpoint."""
        if self.best is None:
            raise AstroganError("nothing has been trained yet: call train() first")
        return {"criterion": self.phase.criterion, **self.best}

    # fastai's loop, with our positions in it.

    def create_opt(self):
        self.opt = OptimWrapper(opt=self.adam(self.model))

    def adam(self, network: nn.Module) -> torch.optim.Adam:
        """Adam with the phase's rate and betas."""
        betas = (self.phase.beta1, self.phase.beta2)
        return torch.optim.Adam(network.parameters(), lr=self.phase.lr, betas=betas, fused=True)

    def _do_fit(self):
        while self.start_epoch < self.n_epoch and not self.stopped_early:
            self.epoch = self.start_epoch
            self._with_events(self._do_epoch, "epoch", ())

    def _do_epoch(self):
        began = time.monotonic()
        for optimizer in self.optimizers().values():
            for group in optimizer.param_groups:
                group["lr"] = self.rate(self.epoch)
        super()._do_epoch()
        self._close_epoch(time.monotonic() - began)

    def all_batches(self):
        self.n_iter = len(self.dl)
        first = 0
        if self.training:
            first = self.start_step
            self.dl.position(self.epoch, first)
        else:
            self.sums = {name: value for name, value in self.sums.items() if not name.startswith("valid_")}
        for i, batch in enumerate(self.dl, start=first):
            self.one_batch(i, batch)

    def one_batch(self, i, b):
        self.iter = i
        pixels, flips, _ = b
        pixels = self.precision.place_batch(pixels)
        flips = flips.to(self.precision.device) if self.training else None
        with torch.no_grad():
            condition, target = self.task.batch(pixels, flips)
        self.xb, self.yb = (condition,), (target,)
        self._with_events(self._do_one_batch, "batch", ())
        if self.training:
            self.start_step = i + 1
            self._save_progress_if_due()

    def _do_one_batch(self):
        if self.training:
            for name, value in self.step(self.xb[0], self.yb[0]).items():
                self.sums[name] = self.sums.get(name, 0) + value
            if self.average:
                self.average.update(self.model)
        else:
            network = self.exported.eval()
            with self.precision.autocast():
                output = network(self.xb[0])
            values = self.validation(output, self.yb[0]) | {"n": torch.ones(())}
            for name, value in values.items():
                self.sums[f"valid_{name}"] = self.sums.get(f"valid_{name}", 0) + value * len(output)

    def _close_epoch(self, seconds: float) -> None:
        steps = len(self.dls.train)
        sums = {name: float(value) for name, value in self.sums.items()}
        images = sums.pop("valid_n")
        valid = {n.removeprefix("valid_"): value / images for n, value in sums.items() if n.startswith("valid_")}
        train = {name: value / steps for name, value in sums.items() if not name.startswith("valid_")}
        self.start_epoch, self.start_step, self.sums = self.epoch + 1, 0, {}
        if not all(torch.isfinite(torch.tensor([*valid.values(), *train.values()]))):
            raise AstroganError(
                f"epoch {self.start_epoch}: a loss is not a finite number (training {train}, validation {valid}). "
                "Lower lr, or set precision to float32."
            )
        seen = {"steps": steps, "images": steps * self.dls.train.batch, "seconds": round(seconds, 3)}
        self.history.append({"epoch": self.start_epoch, "train": train, "valid": valid, **seen})
        value = valid[self.phase.criterion]
        if self.best is None or self.phase.keep == "last" or value < self.best["value"]:
            networks = self.networks() | {"generator": self.exported}
            kept = {name: _copy(network) for name, network in networks.items()}
            self.best = {"epoch": self.start_epoch, "value": value, "networks": kept}
        self._save_progress_if_due()

    # Work in progress.

    def state(self) -> dict[str, Any]:
        """All that the rest of the phase depends on, as tensors, numbers and strings."""
        return {
            "networks": {name: network.state_dict() for name, network in self.networks().items()},
            "optimizers": {name: optimizer.state_dict() for name, optimizer in self.optimizers().items()},
            "average": self.average.network.state_dict() if self.average else None,
            "epoch": self.start_epoch,
            "step": self.start_step,
            "sums": self.sums,
            "best": self.best,
            "history": self.history,
            "seed": self.phase.seed,
            "rng": torch.get_rng_state(),
            "rng_cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Continue from a `state()`."""
        for name, network in self.networks().items():
            network.load_state_dict(state["networks"][name])
        for name, optimizer in self.optimizers().items():
            optimizer.load_state_dict(state["optimizers"][name])
        if self.average:
            self.average.network.load_state_dict(state["average"])
        self.start_epoch, self.start_step = state["epoch"], state["step"]
        self.sums = {name: value.to(self.precision.device) for name, value in state["sums"].items()}
        self.best, self.history = state["best"], state["history"]
        torch.set_rng_state(state["rng"])
        if state["rng_cuda"]:
            torch.cuda.set_rng_state_all(state["rng_cuda"])

    def _identity(self) -> dict[str, Any]:
        """What work in progress must have been made with to be continued."""
        arithmetic = {name: getattr(self.precision, name) for name in ("bfloat16", "channels_last")}
        return {"phase": self.phase.model_dump(), **arithmetic}

    def _save_progress_if_due(self) -> None:
        if self.progress_file is None or time.monotonic() - self.saved_at < self.save_every_s:
            return
        save_checkpoint(self.progress_file, self.state(), self._identity())
        self.saved_at = time.monotonic()


def _copy(network: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().to("cpu", copy=True) for name, value in network.state_dict().items()}
