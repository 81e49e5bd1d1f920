"""Where networks run, in which arithmetic, and what the hardware is.

A training runs in bfloat16 autocast with channels_last where the hardware really has it, else in float32. On a processor
without bfloat16 instructions bf16 is emulated and slower than float32, and channels_last alone costs time at small tiles,
so both come together or not at all. Losses, L*a*b* and metrics are float32 always.
"""

import os
import platform
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import torch
from torch import nn

# oneDNN instruction-set caps (ONEDNN_MAX_CPU_ISA) that leave the bfloat16 instructions usable.
_CAPS_WITH_BF16 = {"ALL", "DEFAULT", "AVX512_CORE_BF16", "AVX512_CORE_FP16", "AVX512_CORE_AMX", "AVX512_CORE_AMX_FP16"}


def find_device() -> torch.device:
    """The first CUDA device where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


@dataclass(frozen=True)
class Precision:
    """Arithmetic of forward passes on `device`, with the reason for the choice."""

    device: torch.device
    bfloat16: bool
    reason: str

    def autocast(self):
        """A context for forward passes."""
        if self.bfloat16:
            return torch.autocast(self.device.type, dtype=torch.bfloat16)
        return nullcontext()

    def place(self, module: nn.Module) -> nn.Module:
        """Move `module` to the device, in the memory format that goes with the arithmetic."""
        module = module.to(self.device)
        return module.to(memory_format=torch.channels_last) if self.bfloat16 else module

    def place_batch(self, batch: torch.Tensor) -> torch.Tensor:
        """Move a (B, C, H, W) batch likewise."""
        batch = batch.to(self.device, non_blocking=True)
        return batch.contiguous(memory_format=torch.channels_last) if self.bfloat16 else batch

    def __str__(self) -> str:
        kind = "bfloat16, channels_last" if self.bfloat16 else "float32"
        return f"{kind} on {self.device} ({self.reason})"


def choose_precision(wanted: str = "auto", device: torch.device | None = None) -> Precision:
    """`auto`, `float32` or `bfloat16` as a `Precision` for `device` (CUDA where there is one)."""
    device = device or find_device()
    if wanted != "auto":
        return Precision(device, wanted == "bfloat16", "as asked")
    if device.type == "cuda":
        return Precision(device, torch.cuda.is_bf16_supported(), torch.cuda.get_device_name(device))
    return Precision(device, *_cpu_bfloat16())


def _cpu_bfloat16() -> tuple[bool, str]:
    cap = os.environ.get("ONEDNN_MAX_CPU_ISA", "ALL").upper()
    if cap not in _CAPS_WITH_BF16:
        return False, f"ONEDNN_MAX_CPU_ISA={cap}"
    if torch.cpu._is_amx_tile_supported():
        return True, "AMX"
    if torch.cpu._is_avx512_bf16_supported():
        return True, "AVX512-BF16"
    return False, "the processor has no bfloat16 instructions"


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
