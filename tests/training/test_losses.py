"""The registry of losses, and each against its closed form."""

import math

import pytest
import torch

from astrogan.base import AstroganError
from astrogan.training.config import TrainStage
from astrogan.training.losses import LOSSES, adversarial, discriminator_loss, l1
from astrogan.training.losses.colour import chroma_l1, colour_distance


def test_losses_have_their_closed_forms():
    torch.testing.assert_close(adversarial(torch.zeros(3), True), torch.tensor(math.log(2)))
    torch.testing.assert_close(discriminator_loss(torch.zeros(3), torch.zeros(3)), torch.tensor(math.log(2)))
    torch.testing.assert_close(
        discriminator_loss(torch.zeros(3), torch.zeros(3), halved=False), torch.tensor(2 * math.log(2))
    )
    torch.testing.assert_close(adversarial(torch.tensor([2.0]), False), torch.tensor(math.log(1 + math.exp(2))))
    assert l1(torch.tensor([1.0, -1.0]), torch.tensor([0.0, 0.0])) == 1


def test_chroma_weighs_coloured_pixels():
    """Two pixels, equally wrong by 0.1 in a: grey counts 1, chroma 0.5 counts 1 + 4 x 0.5 = 3."""
    target = torch.tensor([[0.0, 0.3], [0.0, 0.4]]).reshape(1, 2, 1, 2)
    output = target + torch.tensor([[0.1, 0.1], [0.0, 0.0]]).reshape(1, 2, 1, 2)
    torch.testing.assert_close(l1(output, target) + 4 * chroma_l1(output, target), torch.tensor(0.1 * (1 + 3) / 4))


def test_colours_are_compared_wherever_they_stand():
    """Moved cells are no distance; a shift of all by (d, 0) is d times the mean |cosine| of the 8 directions."""
    target = torch.randn(3, 2, 16, 16)
    moved = target.roll((8, 8), dims=(2, 3)).flip(0)
    assert colour_distance(moved, target) < 1e-6
    assert l1(moved, target) > 0.5
    shift = torch.tensor([0.2, 0.0]).reshape(1, 2, 1, 1)
    cosines = sum(abs(math.cos(k * math.pi / 8)) for k in range(8)) / 8
    torch.testing.assert_close(colour_distance(target + shift, target), torch.tensor(0.2 * cosines))
    fine = target + 0.5 * (-1.0) ** torch.arange(16)  # cells average over it
    torch.testing.assert_close(colour_distance(fine, target), torch.tensor(0.0), atol=1e-6, rtol=0)


@pytest.mark.parametrize("name", [name for name, loss in LOSSES.items() if loss.function])
def test_every_loss_is_a_float32_scalar_that_is_nothing_for_the_truth(name):
    channels = 2 if LOSSES[name].space == "lab" else 3
    target = torch.rand(2, channels, 16, 16)
    output = (target + 0.1).bfloat16().requires_grad_(True)
    value = LOSSES[name].function(output, target)
    assert (value.shape, value.dtype) == ((), torch.float32)
    value.backward()
    assert output.grad.abs().max() > 0
    assert LOSSES[name].function(target, target) == 0
    assert LOSSES[name].what


def test_pixel_is_four_times_the_mean_squared_error():
    """So that with it both criteria agree, but for the clipping."""
    output, target = torch.rand(2, 3, 8, 8), torch.rand(2, 3, 8, 8)
    values = {name: float(LOSSES[name].function(output, target)) for name in ("pixel", "mse", "clipped_mse")}
    assert values["pixel"] == pytest.approx(4 * values["mse"], rel=1e-5)
    assert math.isclose(values["clipped_mse"], float((output - target).square().mean()), rel_tol=1e-6)
    beyond = LOSSES["clipped_mse"].function(output + 2, torch.ones_like(output))
    assert beyond == 0


@pytest.mark.parametrize("name", [name for name, loss in LOSSES.items() if loss.space == "lab"])
def test_losses_of_a_and_b_need_lab(name):
    assert TrainStage.checked(losses={"l1": 1.0, name: 4.0}).losses[name] == 4.0
    with pytest.raises(AstroganError, match=rf"{name} compares a and b; it needs space 'lab'"):
        TrainStage.checked(losses={"l1": 1.0, name: 4.0}, space="rgb")
    with pytest.raises(AstroganError, match=rf"{name} compares a and b; it needs space 'lab'"):
        TrainStage.checked(task="upscale", losses={"l1": 1.0, name: 4.0})


@pytest.mark.parametrize("name", [name for name, loss in LOSSES.items() if loss.space == "rgb"])
def test_losses_of_rgb_need_rgb(name):
    assert TrainStage.checked(losses={name: 1.0}, space="rgb").losses == {name: 1.0}
    assert TrainStage.checked(task="upscale", losses={name: 1.0}).losses == {name: 1.0}
    with pytest.raises(AstroganError, match=rf"{name} compares RGB; it needs space 'rgb'"):
        TrainStage.checked(losses={name: 1.0})


@pytest.mark.parametrize(
    ("losses", "message"),
    [
        ({"l2": 1.0}, "no loss is called 'l2'; known are adversarial, l1, mse"),
        ({"adversarial": 1.0}, "one that compares the output with the target is needed"),
        ({}, "one that compares the output with the target is needed"),
        ({"l1": -1.0}, r"'losses.l1' = -1.0: Input should be greater than or equal to 0"),
        ({"l1": math.nan}, r"'losses.l1' = nan"),
        ({"l1": "1"}, r"'losses.l1' = '1': Input should be a valid number"),
        ("l1", "'losses' = 'l1': Input should be a valid dictionary"),
        ({1: 1.0}, r"Input should be a valid string"),
    ],
)
@pytest.mark.parametrize("phase", ["adversarial", "finetune"])
def test_wrong_losses_are_refused(losses, message, phase):
    with pytest.raises(AstroganError, match=message):
        TrainStage.checked(phase=phase, losses=losses)


def test_a_supervised_phase_has_no_adversary():
    for task, phase in (("colour", "pretrain"), ("upscale", "supervised")):
        with pytest.raises(AstroganError, match=rf"phase '{phase}' is supervised: its losses have no 'adversarial'"):
            TrainStage.checked(task=task, phase=phase, losses={"l1": 1.0, "adversarial": 1.0})
