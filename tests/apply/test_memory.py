"""Peak memory does not follow the frame's size: measured in a process of its own."""

import json
import subprocess
import sys

import pytest

SCRIPT = """
import json, resource, sys
from pathlib import Path
import numpy as np
import torch
from torch import nn
from astropy.io import fits
from astrogan.apply.models.cards import Card
from astrogan.apply.models.loaded import Model
from astrogan.apply.outputs.products import Request
from astrogan.apply.work import Colorizer, Enlarger
from astrogan.models.config import NetworkConfig
from astrogan.models.generators.edsr import EDSR

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

def frame(side):
    path = folder / f"{side}.fits"
    rng = np.random.default_rng(0)
    with open(path, "wb") as file:
        header = fits.PrimaryHDU(np.zeros((1, 1), np.float32)).header
        header["NAXIS1"] = header["NAXIS2"] = side
        file.write(header.tostring().encode())
        for _ in range(side):
            file.write(rng.normal(100, 5, side).astype(">f4").tobytes())
        file.write(bytes(-file.tell() % 2880))
    return path

task, small, large, folder = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
card = Card("x/a-finetune", Path("x.pt"), task, "x", "a", "finetune", 0, NetworkConfig().model_dump(), 32, "t", "noise")
torch.manual_seed(0)
if task == "colour":
    work = Colorizer([Model(card, nn.Conv2d(1, 2, 3, padding=1), "")], Request(folder / "out", "tiff"))
else:
    work = Enlarger([Model(card, EDSR(blocks=1, filters=16).eval(), "")], Request(folder / "out", "tiff"))
(folder / "out").mkdir()
work(frame(small), "warm")
before = peak()
work(frame(large), "large")
print(json.dumps({"growth": peak() - before}))
"""


@pytest.mark.parametrize(
    ("task", "small", "large", "limit"),
    # A frame of 2400 x 2400 px is 23 MB, its coloured planes are 69 MB; features of the whole up-scaled image would be 390 MB
    # each. Strips of the outputs grow with the frame's width.
    [("colour", 800, 2400, 40), ("upscale", 300, 620, 130)],
)
def test_peak_memory_grows_with_a_strip_and_not_with_the_frame(tmp_path, task, small, large, limit):
    command = [sys.executable, "-W", "ignore", "-c", SCRIPT, task, str(small), str(large), str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout.splitlines()[-1])["growth"] < limit
