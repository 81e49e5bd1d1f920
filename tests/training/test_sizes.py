"""A phase that grows from size to size: the same field of view, one learner, resumed at any batch."""

import numpy as np
import pytest
import torch
from torch.nn.functional import interpolate

from astrogan.base import AstroganError
from astrogan.training.config import TrainStage
from tests.fixtures.small_training import small_tiles
from tests.training.test_resume import Stop, assert_equal, outcome

GROWING = [
    {"side": 16, "epochs": 2, "batch": 2, "lr": 0.02},
    {"side": 32, "epochs": 1},
]


@pytest.fixture
def tiles():
    return small_tiles(32)


def test_one_size_is_the_same_training_to_the_last_bit(make):
    plain = outcome(make(epochs=3).train())
    sizes = [{"side": 32, "epochs": 2}, {"side": 32, "epochs": 1, "batch": 4, "lr": 1e-2}]
    assert_equal(plain, outcome(make(epochs=3, sizes=sizes).train()))


def test_each_size_has_its_side_its_batch_and_its_rate(make):
    seen = []
    learner = make(epochs=3, sizes=GROWING)
    step = learner.step
    learner.step = lambda condition, target: seen.append((len(target), target.shape[-1])) or step(condition, target)
    learner.train()
    assert seen == [(2, 16)] * 12 + [(4, 32)] * 3
    assert [(epoch["images"], epoch["steps"]) for epoch in learner.history] == [(12, 6), (12, 6), (12, 3)]
    assert [learner.rate(epoch) for epoch in range(3)] == [0.02, 0.02, 0.01]


def test_a_smaller_side_shows_the_same_windows(make):
    """Against an average over 2 x 2 pixels: far nearer than to any other window."""
    whole, small = make(epochs=1).dls.train, make(epochs=1).dls.train
    small.serve(4, None, 16)
    for (pixels, flips, items), (less, same_flips, same_items) in zip(whole, small, strict=True):
        assert torch.equal(flips, same_flips)
        assert torch.equal(items, same_items)
        apart = (
            (interpolate(pixels.float(), scale_factor=0.5, mode="area")[:, None] - less.float()).abs().mean((2, 3, 4))
        )
        assert (apart.argmin(dim=1) == torch.arange(len(less))).all()


@pytest.mark.parametrize("after", [5, 11, 12, 13, 15])
def test_stopped_on_either_side_of_a_border(make, tmp_path, after):
    whole = make(epochs=3, sizes=GROWING, ema=0.9).train()
    progress = tmp_path / "progress.pt"
    with pytest.raises(KeyboardInterrupt):
        make(epochs=3, sizes=GROWING, ema=0.9, progress_file=progress, callbacks=(Stop(after),)).train()
    resumed = make(epochs=3, sizes=GROWING, ema=0.9, progress_file=progress).train()
    assert_equal(outcome(whole), outcome(resumed))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"sizes": [{"side": 64, "epochs": 2}], "epochs": 3}, "'epochs' = 3: the sizes have 2 in all"),
        ({"sizes": [{"side": 60, "epochs": 2}], "epochs": 2}, "multiple of 16"),
        ({"sizes": [{"side": 512, "epochs": 2}], "epochs": 2}, "512 px is more than the 128 px"),
        ({"sizes": [{"epochs": 2}], "epochs": 2}, "'sizes.0.side'.*required"),
        ({"sizes": [{"side": 64, "epochs": 2, "crop": 3}], "epochs": 2}, "'sizes.0.crop' is not a parameter"),
        ({"task": "upscale", "crop": 96, "size": 128, "sizes": [{"side": 112, "epochs": 2}], "epochs": 2}, "96 px"),
        (
            {"task": "upscale", "phase": "finetune", "sizes": [{"side": 64, "epochs": 2}], "epochs": 2},
            "'srgan' judges images of one side",
        ),
    ],
)
def test_sizes_that_do_not_fit_are_refused(values, message):
    with pytest.raises(AstroganError, match=message):
        TrainStage.checked(**({"size": 128} | values))


def test_sizes_come_back_from_files_and_notebooks_as_they_were():
    config = TrainStage.checked(
        size=64, epochs=3, sizes=[{"side": 32, "epochs": 2, "batch": 8}, {"side": 64, "epochs": 1}]
    )
    assert TrainStage.checked(**config.parameters) == config
    assert [config.size_at(epoch).side for epoch in range(3)] == [32, 32, 64]
    assert np.isscalar(config.parameters["sizes"][0]["batch"])
