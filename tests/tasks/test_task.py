"""What both halves of the paper have, whichever it is."""

import numpy as np
import pytest
import torch

from astrogan.models.config import FIELDS, NetworkConfig
from astrogan.models.generators import GENERATORS
from astrogan.tasks import TASKS
from astrogan.training.config import TrainStage
from astrogan.training.losses import LOSSES

TRUTH = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 3), dtype=np.uint8)
NAMES = np.array(["a", "b"])


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_a_task_names_what_the_registries_and_the_stage_hold(task):
    assert task.fields | set(FIELDS[task.name]) | set(task.defaults) <= set(TrainStage.model_fields)
    assert set(task.loader_options.values()) <= task.fields
    assert {*task.validated, *(name for phase in task.phases.values() for name in phase.losses or {})} <= set(LOSSES)
    assert any(entry.task == task.name for entry in GENERATORS.values())


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_the_first_phase_alone_is_supervised(task):
    first, *others = task.phases.values()
    assert first.supervised
    assert not any(phase.supervised for phase in others)
    assert [phase.images for phase in task.phases.values()] == ["photographs", "photographs", "astronomy"]


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_the_baseline_stands_in_for_a_networks_output(task):
    conversion = task.conversion(NetworkConfig(), "bicubic")
    condition, target = conversion.batch(torch.from_numpy(TRUTH).permute(0, 3, 1, 2))
    output = conversion.baseline(condition)
    assert output.shape == target.shape
    made = conversion.predictions(TRUTH, output.permute(0, 2, 3, 1).numpy(), NAMES, NAMES)
    np.testing.assert_array_equal(made.truth, TRUTH)
    assert list(made.tile) == ["a", "b"]


@pytest.mark.parametrize("network", [{}, {"space": "rgb", "grey": "L"}, {"space": "rgb", "grey": "luma"}])
def test_no_colour_is_grey_in_either_space(network):
    conversion = TASKS["colour"].conversion(NetworkConfig(**network), "")
    condition, _ = conversion.batch(torch.from_numpy(TRUTH).permute(0, 3, 1, 2))
    rgb = conversion.to_rgb(condition, conversion.baseline(condition))
    np.testing.assert_allclose(rgb - rgb.mean(dim=1, keepdim=True), 0, atol=2e-3)
    np.testing.assert_allclose(conversion.grey_input(rgb), condition, atol=5e-3)


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_the_truth_as_output_is_the_truth(task):
    """To the rounding of the conversion there and back."""
    conversion = task.conversion(NetworkConfig(), "bicubic")
    _, target = conversion.batch(torch.from_numpy(TRUTH).permute(0, 3, 1, 2))
    made = conversion.predictions(TRUTH, target.permute(0, 2, 3, 1).numpy(), NAMES, NAMES)
    assert np.abs(made.rounded.astype(int) - TRUTH).max() <= 1


def test_an_adversarial_phase_is_kept_by_what_its_task_validates():
    adversarial = {"vgg19": 1.0, "adversarial": 1e-3}
    assert TASKS["upscale"].criterion(adversarial) == "vgg19"
    assert TASKS["upscale"].criterion({"l1": 1.0}) == "clipped_mse"
    assert TASKS["colour"].criterion({"adversarial": 1.0, "l1": 100.0, "colours": 1.0}) == "l1"
