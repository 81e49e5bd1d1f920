"""Where networks run, in which arithmetic, and what the hardware is.

A training runs in bfloat16 autocast with channels_last, in float32 with channels_last, or in plain float32: whichever a
probe of one convolution finds faster, for a processor that has bfloat16 instructions need not be faster with them. Losses,
L*a*b* and metrics are float32 always.
"""

import os
import platform
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import psutil
import torch
from torch import nn

FASTER = 1.2
"""How many times as fast as plain float32 another arithmetic or layout must be to be taken."""
_SIDE, _CHANNELS, _BATCH = 48, 96, 2  # of the probe: 2.3 GFLOP, some 10 ms
_ROUNDS = 4


def find_device() -> torch.device:
    """The first CUDA device where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


@dataclass(frozen=True)
class Precision:
    """Arithmetic and memory format of forward passes on `device`, with the reason for the choice."""

    device: torch.device
    bfloat16: bool
    channels_last: bool
    reason: str

    def autocast(self):
        """A context for forward passes."""
        if self.bfloat16:
            return torch.autocast(self.device.type, dtype=torch.bfloat16)
        return nullcontext()

    def place(self, module: nn.Module) -> nn.Module:
        """Move `module` to the device, in the memory format."""
        module = module.to(self.device)
        return module.to(memory_format=torch.channels_last) if self.channels_last else module

    def place_batch(self, batch: torch.Tensor) -> torch.Tensor:
        """Move a (B, C, H, W) batch likewise."""
        batch = batch.to(self.device, non_blocking=True)
        return batch.contiguous(memory_format=torch.channels_last) if self.channels_last else batch

    def __str__(self) -> str:
        return f"{_kind(self.bfloat16, self.channels_last)} on {self.device} ({self.reason})"


def choose_precision(wanted: str = "auto", device: torch.device | None = None) -> Precision:
    """`auto`, `float32` or `bfloat16` as a `Precision` for `device` (CUDA where there is one)."""
    device = device or find_device()
    if wanted != "auto":
        return Precision(device, wanted == "bfloat16", wanted == "bfloat16", "as asked")
    rates = probe(device)
    plain = rates[False, False]
    best = max(rates, key=rates.__getitem__)
    bfloat16, channels_last = best if rates[best] >= FASTER * plain else (False, False)
    shown = ", ".join(f"{_kind(*kind)} {rate:.0f}" for kind, rate in rates.items())
    return Precision(device, bfloat16, channels_last, f"GFLOP/s of a convolution on one core: {shown}")


@cache
def probe(device: torch.device) -> dict[tuple[bool, bool], float]:
    """GFLOP/s of one 3 x 3 convolution, forward and backward, by (bfloat16, channels_last); measured once a process.

    On a processor it is the rate of one core in the time that the thread itself ran, so that a busy machine decides
    nothing. The best of a few interleaved rounds; what is three times slower than plain float32 at first, as emulated
    bfloat16 is, is not tried again.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return _rates(device)
    finally:
        torch.set_num_threads(threads)


def _rates(device: torch.device) -> dict[tuple[bool, bool], float]:
    work = {kind: _convolution(device, *kind) for kind in ((False, False), (False, True), (True, True))}
    for run in work.values():
        run()  # the first builds its kernels
    seconds = {kind: [_timed(run, device)] for kind, run in work.items()}
    limit = 3 * seconds[False, False][0]
    for _ in range(_ROUNDS - 1):
        for kind, run in work.items():
            if seconds[kind][0] < limit:
                seconds[kind].append(_timed(run, device))
    gflop = 3 * 2 * 9 * _CHANNELS**2 * _SIDE**2 * _BATCH / 1e9
    return {kind: gflop / min(times) for kind, times in seconds.items()}


def _convolution(device: torch.device, bfloat16: bool, channels_last: bool) -> Callable[[], None]:
    precision = Precision(device, bfloat16, channels_last, "probe")
    layer = precision.place(nn.Conv2d(_CHANNELS, _CHANNELS, 3, padding=1))
    batch = precision.place_batch(torch.ones(_BATCH, _CHANNELS, _SIDE, _SIDE)).requires_grad_()

    def run() -> None:
        with torch.enable_grad(), precision.autocast():
            output = layer(batch)
        output.float().sum().backward()

    return run


def _timed(run: Callable[[], None], device: torch.device) -> float:
    if device.type != "cuda":
        began = time.thread_time()
        run()
        return time.thread_time() - began
    began = time.perf_counter()
    run()
    torch.cuda.synchronize(device)
    return time.perf_counter() - began


def _kind(bfloat16: bool, channels_last: bool) -> str:
    return ("bfloat16" if bfloat16 else "float32") + (", channels_last" if channels_last else "")


def hardware() -> dict[str, Any]:
    """Processor, cores that may be used, memory, and the accelerator if there is one."""
    cuda = torch.cuda.get_device_name() if torch.cuda.is_available() else "none"
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9),
        "accelerator": cuda,
        "system": platform.system(),
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
