"""A training killed at any moment and started again ends bit-equal to one that was never stopped."""

import os
import signal
import subprocess
import sys
import time

import pytest
import torch
from fastai.callback.core import Callback

from astrogan.base import AstroganError


class Stop(Callback):
    """Raises after a number of training batches, as a signal would."""

    def __init__(self, after):
        self.left = after

    def after_batch(self):
        if self.training:
            self.left -= 1
            if not self.left:
                raise KeyboardInterrupt


def outcome(learner):
    result = learner.result()
    losses = [{key: entry[key] for key in ("epoch", "train", "valid")} for entry in learner.history]
    return (
        result["epoch"],
        result["criterion"],
        result["value"],
        losses,
        result["networks"],
        learner.state()["networks"],
    )


def assert_equal(first, second):
    assert first[:4] == second[:4]
    for mine, theirs in zip(first[4:], second[4:], strict=True):
        for network in mine:
            for name, value in mine[network].items():
                assert torch.equal(value, theirs[network][name]), f"{network}.{name}"


@pytest.mark.parametrize("after", range(1, 9))
def test_stopped_after_any_batch(make, tmp_path, after):
    settings = {"bfloat16": after % 2 == 0, "ema": 0.9 if after % 3 == 0 else 0.0, "adversarial": after != 4}
    whole = make(**settings).train()
    progress = tmp_path / "progress.pt"
    with pytest.raises(KeyboardInterrupt):
        make(**settings, progress_file=progress, callbacks=(Stop(after),)).train()
    # The step that was interrupted had not been saved: the one before it had.
    assert progress.exists() == (after > 1)
    torch.manual_seed(99)
    resumed = make(**settings, progress_file=progress).train()
    assert_equal(outcome(whole), outcome(resumed))


@pytest.mark.parametrize("after", range(1, 9))
def test_super_resolution_stopped_after_any_batch(make, tmp_path, after):
    """With all that is random in it: order, crops, views, dropout, and the noise of the input."""
    settings = {
        "bfloat16": after % 2 == 0,
        "ema": 0.9 if after % 3 == 0 else 0.0,
        "adversarial": after != 4,
        "degradation": "telescope" if after % 2 else "bicubic",
        "crop": 16 if after % 3 else None,
        "drop_after": 1,
    }
    whole = make("upscale", **settings).train()
    progress = tmp_path / "progress.pt"
    with pytest.raises(KeyboardInterrupt):
        make("upscale", **settings, progress_file=progress, callbacks=(Stop(after),)).train()
    torch.manual_seed(99)
    resumed = make("upscale", **settings, progress_file=progress).train()
    assert_equal(outcome(whole), outcome(resumed))


def test_dropout_matters_here(make):
    """Were dropout's random state not restored, the equality above would fail."""
    first = make().train()
    second = make()
    torch.manual_seed(99)
    second.train()
    with pytest.raises(AssertionError):
        assert_equal(outcome(first), outcome(second))


def test_stopped_between_saves_goes_back_to_the_last(make, tmp_path):
    progress = tmp_path / "progress.pt"
    whole = make().train()
    with pytest.raises(KeyboardInterrupt):
        make(progress_file=progress, save_every_s=1e9, callbacks=(Stop(5),)).train()
    assert not progress.exists()
    assert_equal(outcome(whole), outcome(make(progress_file=progress).train()))


def test_finished_progress_trains_no_further(make, tmp_path):
    progress = tmp_path / "progress.pt"
    done = make(progress_file=progress).train()
    again = make(progress_file=progress, callbacks=(Stop(1),)).train()
    assert_equal(outcome(done), outcome(again))


def test_progress_of_other_parameters_is_refused(make, tmp_path):
    progress = tmp_path / "progress.pt"
    make(progress_file=progress).train()
    with pytest.raises(AstroganError, match="another configuration: phase"):
        make(progress_file=progress, lr=0.5).train()


SCRIPT = """
import sys, time
from pathlib import Path
import torch
from astrogan.training.config import TrainStage
from astrogan.training.phase import prepare_training
from astrogan.training.checkpoint import load_checkpoint

config = TrainStage(run=sys.argv[1], experiment="lab-resnet18", phase="adversarial", size=32, epochs=3, batch=4, images_per_epoch=12,
                    kind="photographs", test_fraction=0.0, valid_fraction=0.2, tiles_per_observation=4, encoder="mobilenet_v2")
training = prepare_training(config, save_every_s=0.0)
training.run()
"""


@pytest.mark.slow
def test_kill_minus_nine_in_the_middle(tmp_path):
    """The real thing: SIGKILL while checkpoints are being written, and again, then to the end."""
    environment = os.environ | {"OMP_NUM_THREADS": "1"}

    def start(run):
        command = [sys.executable, "-W", "ignore", "-c", SCRIPT, str(run)]
        return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    assert start(tmp_path / "a" / "whole").wait(timeout=240) == 0
    killed = tmp_path / "a" / "killed"
    for checkpoints in (1, 3):
        process = start(killed)
        changes, seen = 0, None
        while process.poll() is None and changes < checkpoints:
            files = list((killed / "progress").glob("lab*.pt")) if (killed / "progress").exists() else []
            stamp = files[0].stat().st_mtime_ns if files else None
            changes += stamp is not None and stamp != seen
            seen = stamp
            time.sleep(0.005)
        assert process.poll() is None, "it ended before it could be killed"
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert start(killed).wait(timeout=240) == 0
    relative = "checkpoints/lab-resnet18/adversarial.pt"
    first = torch.load(tmp_path / "a" / "whole" / relative, weights_only=True)
    second = torch.load(killed / relative, weights_only=True)
    for network in first["networks"]:
        for name, value in first["networks"][network].items():
            assert torch.equal(value, second["networks"][network][name]), f"{network}.{name}"
    assert first["value"] == second["value"]
    assert not list((killed / "progress").glob("*.pt"))
