"""The paper's main generator: fastai's `DynamicUnet` over an encoder (section 3.4; What the authors ran, 3)."""

from fastai.vision.models.unet import DynamicUnet
from torch import nn

from astrogan.models.encoders import folded_norms


class EncoderUnet(DynamicUnet):
    """Grey (B, 1, H, W) to (B, `n_out`, H, W), linear output; H and W are best multiples of 32.

    31,099,672 parameters with ResNet-18 and two outputs at 256 px. Two departures from fastai's class: the closing layer
    that re-wraps tensors is dropped (it does nothing for plain tensors and `torch.compile` recurses on it), and an encoder
    whose batch norms are folded keeps them in eval mode while it trains.
    """

    def __init__(self, encoder: nn.Sequential, n_out: int, size: int):
        super().__init__(encoder, n_out, (size, size))
        self.layers = self.layers[:-1]
        self.frozen_norms = folded_norms(encoder)
        # fastai builds some parts in eval and some in train mode; start from one state.
        self.train()

    def train(self, mode: bool = True):
        """Set the mode of every layer, but for folded batch norms, which stay in eval mode."""
        super().train(mode)
        for norm in self.frozen_norms:
            norm.eval()
        return self

    def load_state_dict(self, state_dict, strict: bool = True, assign: bool = False):
        """As torch's; whether the encoder's batch norms are folded is read anew from what was loaded."""
        result = super().load_state_dict(state_dict, strict=strict, assign=assign)
        self.frozen_norms = folded_norms(self.layers[0])
        return result
