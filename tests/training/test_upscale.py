"""The super-resolution learners against the same arithmetic written out."""

import math

import pytest
import torch

from astrogan.models.content_networks import content_network
from astrogan.training.callbacks import SampleGrid
from astrogan.training.upscale import AdversarialUpscaler


def first_batch(learner):
    pixels, flips, _ = next(iter(learner.dls.train))
    return learner.task.batch(pixels, flips)


def assert_same(mine, theirs):
    """Equal parameters, but for a bias before batch norm: its gradient is rounding noise, which Adam makes a whole step."""
    for (name, one), other in zip(mine.named_parameters(), theirs.parameters(), strict=True):
        if name.removeprefix("layers.") != "0.bias":
            torch.testing.assert_close(one, other)


@pytest.mark.parametrize("loss", ["mse", "l1"])
def test_a_supervised_step_is_the_textbooks(make_upscaler, loss):
    learner, twin = (make_upscaler(adversarial=False, loss=loss) for _ in range(2))
    condition, target = first_batch(learner)
    learner.create_opt()
    for network in (learner.model, twin.model):
        network.train()

    torch.manual_seed(5)
    losses = learner.step(condition, target)

    torch.manual_seed(5)
    optimizer = torch.optim.Adam(twin.model.parameters(), lr=1e-2, betas=(0.9, 0.999))
    error = twin.model(condition) - target
    expected = error.square().mean() if loss == "mse" else error.abs().mean()
    expected.backward()
    optimizer.step()

    assert list(losses) == [loss]
    torch.testing.assert_close(losses[loss], expected.detach())
    assert_same(learner.model, twin.model)


def test_an_adversarial_step_is_the_textbooks(make_upscaler):
    """Ledig et al.'s equation 3 with the discriminator's two terms added up; no L1, and no condition for D."""
    learner, twin = (make_upscaler(lambda_adversarial=0.02) for _ in range(2))
    condition, target = first_batch(learner)
    learner.create_opt()
    for network in (learner.model, twin.model, twin.discriminator):
        network.train()

    torch.manual_seed(5)
    losses = learner.step(condition, target)

    torch.manual_seed(5)
    opt_g, opt_d = (torch.optim.Adam(n.parameters(), lr=1e-2) for n in (twin.model, twin.discriminator))
    bce = torch.nn.BCEWithLogitsLoss()
    output = twin.model(condition)
    fake, real = twin.discriminator(None, output.detach()), twin.discriminator(None, target)
    d = bce(fake, torch.zeros_like(fake)) + bce(real, torch.ones_like(real))
    d.backward()
    opt_d.step()
    judged = twin.discriminator(None, output)
    content = (2 * output - 2 * target).square().mean()
    deceived = bce(judged, torch.ones_like(judged))
    g = content + 0.02 * deceived
    opt_g.zero_grad()
    g.backward()
    opt_g.step()

    for name, value in (("d", d), ("g", g), ("content", content), ("g_adversarial", deceived)):
        torch.testing.assert_close(losses[name], value.detach())
    assert set(losses) == {"d", "g", "content", "g_adversarial"}
    for name, network in learner.networks().items():
        assert_same(network, twin.networks()[name])


def test_supervised_training_keeps_the_epoch_of_highest_psnr(make_upscaler):
    """Of the clipped output, whatever the loss is."""
    learner = make_upscaler(adversarial=False, loss="l1", epochs=4, lr=0.1).train()
    curve = [entry["valid"]["mse"] for entry in learner.history]
    assert list(learner.history[0]["train"]) == ["l1"]
    result = learner.result()
    assert result["epoch"] == curve.index(min(curve)) + 1
    assert result["valid_mse"] == min(curve)
    learner.model.load_state_dict(result["networks"]["generator"])
    learner.model.eval()
    errors = []
    with torch.no_grad():
        for pixels, _, _ in learner.dls.valid:
            condition, target = learner.task.batch(pixels)
            errors.append((learner.model(condition).clamp(0, 1) - target).square().mean())
    assert float(torch.stack(errors).mean()) == pytest.approx(min(curve), rel=1e-5)


def test_adversarial_training_keeps_the_epoch_of_lowest_content_loss(make_upscaler):
    learner = make_upscaler(epochs=4, lr=0.1).train()
    curve = [entry["valid"]["content"] for entry in learner.history]
    assert learner.result()["epoch"] == curve.index(min(curve)) + 1
    assert learner.result()["valid_content"] == min(curve)
    assert set(learner.history[0]["valid"]) == {"content", "mse"}


def test_the_rate_drops_once_and_for_both_networks(make_upscaler):
    learner = make_upscaler(epochs=3, drop_after=2, drop_to=0.25)
    assert [learner.rate(epoch) for epoch in range(4)] == pytest.approx([0.01, 0.01, 0.0025, 0.0025])
    learner.train()
    for optimizer in learner.optimizers().values():
        assert optimizer.param_groups[0]["lr"] == pytest.approx(0.0025)
    assert make_upscaler().rate(1000) == 0.01


def test_the_content_network_is_neither_trained_nor_kept(make_upscaler, monkeypatch):
    learner = make_upscaler(epochs=1)
    network = torch.nn.Conv2d(3, 4, 3).requires_grad_(False)
    before = network.weight.clone()
    learner.content = network
    learner.train()
    assert torch.equal(network.weight, before)
    assert set(learner.result()["networks"]) == {"generator", "discriminator"}


def test_samples_show_truth_input_and_a_row_an_epoch(make_upscaler, tiles):
    pixels = torch.from_numpy(tiles.pixels[12:16]).permute(0, 3, 1, 2)
    grid = SampleGrid(pixels)
    make_upscaler(epochs=2, callbacks=(grid,)).train()
    picture = grid.picture()
    assert picture.size == (4 * 16, (2 + 2) * 16)
    assert picture.getpixel((17, 1)) == tuple(tiles.pixels[13, 1, 1])


def test_pixel_content_is_four_times_the_mean_squared_error(make_upscaler):
    """So that with it both criteria agree, but for the clipping."""
    learner = make_upscaler()
    output, target = torch.rand(2, 3, 8, 8), torch.rand(2, 3, 8, 8)
    values = AdversarialUpscaler.validation(learner, output, target)
    assert float(values["content"]) == pytest.approx(4 * float(values["mse"]), rel=1e-5)
    assert math.isclose(float(values["mse"]), float((output - target).square().mean()), rel_tol=1e-6)
    assert content_network("pixel")(output).min() >= -1
