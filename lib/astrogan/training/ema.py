"""An exponential moving average of the generator, as a network of its own."""

import torch
from torch import nn


class MovingAverage:
    """Follows `source` with `average`, a second network of the same architecture.

    The average is a network built beside the first, not a deep copy: `DynamicUnet`'s hooks cannot be copied once it has run.
    """

    def __init__(self, average: nn.Module, source: nn.Module, decay: float):
        self.network = average.requires_grad_(False).eval()
        self.network.load_state_dict(source.state_dict())
        self.decay = decay

    @torch.no_grad()
    def update(self, source: nn.Module) -> None:
        """Move every parameter by (1 - decay) towards the source's; buffers (batch norm statistics) are taken as they are."""
        mine = list(self.network.parameters())
        torch._foreach_lerp_(
            mine, [p.to(q.dtype) for p, q in zip(source.parameters(), mine, strict=True)], 1 - self.decay
        )
        for buffer, new in zip(self.network.buffers(), source.buffers(), strict=True):
            buffer.copy_(new)
