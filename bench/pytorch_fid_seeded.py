"""The pytorch-fid command on given weights instead of its published ones: the peer of bench/evaluate.py.

    python bench/pytorch_fid_seeded.py WEIGHTS.pt DIR DIR

WEIGHTS.pt is the state dict of a `pytorch_fid.inception.InceptionV3`. Everything else is pytorch-fid's own.
"""

import sys
import warnings
from unittest.mock import patch

import pytorch_fid.fid_score as fid_score
import torch
from pytorch_fid.inception import InceptionV3
from torchvision.models.inception import Inception3


class _OnGivenWeights(InceptionV3):
    """pytorch-fid's network, with its download replaced by a file."""

    def __init__(self, blocks: list[int]) -> None:
        with (
            patch("pytorch_fid.inception.load_state_dict_from_url", lambda *_args, **_options: {}),
            patch.object(Inception3, "load_state_dict"),
        ):
            super().__init__(blocks)
        self.load_state_dict(torch.load(_WEIGHTS, weights_only=True))


if __name__ == "__main__":
    _WEIGHTS = sys.argv.pop(1)
    warnings.filterwarnings("ignore", category=DeprecationWarning)  # its sqrtm(disp=False), as SciPy sees it
    fid_score.InceptionV3 = _OnGivenWeights
    fid_score.main()
