import math

import pytest
import torch
from fastai.callback.core import Callback

from astrogan.base import AstroganError
from astrogan.training.callbacks import SampleGrid


class Watch(Callback):
    """Keeps what a batch left behind."""

    def __init__(self):
        self.seen = []

    def after_batch(self):
        if self.training:
            parts = {
                name: [p.detach().clone() for p in net.parameters()] for name, net in self.learn.networks().items()
            }
            self.seen.append(parts)


def test_the_last_epoch_may_be_kept(make):
    best, last = (
        make(adversarial=False, epochs=6, lr=0.5, seed=1, patience=2, keep=keep).train() for keep in ("best", "last")
    )
    values = [epoch["valid"]["l1"] for epoch in last.history]
    assert min(values) < values[-1], "the case is no case"
    assert best.best["value"] == min(values[: len(best.history)])
    assert (last.result()["epoch"], last.result()["value"], last.stopped_early) == (6, values[-1], False)
    state = last.result()["networks"]["generator"]
    assert all(torch.equal(state[name], value) for name, value in last.exported.state_dict().items())


def test_the_rate_falls_along_half_a_cosine(make):
    constant, falling = (make(adversarial=False, epochs=4, cosine=cosine) for cosine in (False, True))
    assert [constant.rate(epoch) for epoch in range(4)] == [1e-2] * 4
    assert [falling.rate(epoch) for epoch in range(4)] == pytest.approx(
        [1e-2 * (1 + math.cos(math.pi * t)) / 2 for t in (0, 0.25, 0.5, 0.75)]
    )
    assert falling.train().opt.opt.param_groups[0]["lr"] == pytest.approx(falling.rate(3))


@pytest.mark.parametrize("task", ["colour", "upscale"])
def test_both_networks_move_in_every_batch(make, task):
    watch = Watch()
    make(task, epochs=1, callbacks=(watch,)).train()
    assert len(watch.seen) == 3
    for before, after in zip(watch.seen, watch.seen[1:], strict=False):
        for name in ("generator", "discriminator"):
            assert any(not torch.equal(p, q) for p, q in zip(before[name], after[name], strict=True))


def test_history_holds_the_means_of_an_epoch(make):
    learner = make(adversarial=False, epochs=2, lr=1e-9)
    learner.train()
    assert [entry["epoch"] for entry in learner.history] == [1, 2]
    learner.model.eval()
    errors = []
    for pixels, _, _ in learner.dls.valid:
        condition, target = learner.task.batch(pixels)
        errors += (learner.model(condition) - target).abs().mean(dim=(1, 2, 3)).tolist()
    assert learner.history[-1]["valid"]["l1"] == pytest.approx(sum(errors) / len(errors), rel=1e-5)


def test_best_weights_are_those_of_the_best_epoch(make):
    learner = make(adversarial=False, epochs=5, lr=0.3).train()
    curve = [entry["valid"]["l1"] for entry in learner.history]
    result = learner.result()
    assert result["epoch"] == curve.index(min(curve)) + 1
    assert result["value"] == min(curve)
    learner.model.load_state_dict(result["networks"]["generator"])
    learner._do_epoch_validate()
    assert float(learner.sums["valid_l1"] / learner.sums["valid_n"]) == pytest.approx(min(curve), rel=1e-6)


def test_patience_ends_a_phase(make):
    learner = make(adversarial=False, epochs=50, patience=2, lr=0.5).train()
    assert learner.stopped_early
    assert len(learner.history) == learner.best["epoch"] + 2 < 50


def test_a_moving_average_is_validated_and_kept(make):
    learner = make(adversarial=False, epochs=1, ema=0.5).train()
    kept = learner.result()["networks"]["generator"]
    assert all(torch.equal(kept[name], value) for name, value in learner.average.network.state_dict().items())
    assert any(not torch.equal(kept[name], value) for name, value in learner.model.state_dict().items())


def test_the_average_follows_its_formula(make):
    learner = make(adversarial=False, ema=0.9)
    before = [p.clone() for p in learner.average.network.parameters()]
    with torch.no_grad():
        for p in learner.model.parameters():
            p.add_(1)
    learner.average.update(learner.model)
    for old, new in zip(before, learner.average.network.parameters(), strict=True):
        torch.testing.assert_close(new, old + 0.1)


def test_divergence_is_an_error_that_says_what_to_do(make):
    learner = make(adversarial=False)
    with torch.no_grad():
        next(learner.model.parameters()).fill_(float("nan"))
    with pytest.raises(AstroganError, match=r"not a finite number.*Lower lr"):
        learner.train()


def test_results_before_training_are_an_error(make):
    with pytest.raises(AstroganError, match="nothing has been trained"):
        make().result()


# What a step does, in both halves of the paper.


def first_batch(learner):
    pixels, flips, _ = next(iter(learner.dls.train))
    return learner.task.batch(pixels, flips)


def assert_same(mine, theirs, but=()):
    """Equal parameters, but for a bias before batch norm: its gradient is rounding noise, which Adam makes a whole step."""
    for (name, one), other in zip(mine.named_parameters(), theirs.parameters(), strict=True):
        if name.removeprefix("layers.") not in but:
            torch.testing.assert_close(one, other)


def step_before(twin, learner, condition, target):
    """The losses of one step of the learner; its twin is left in training, at the same point of the random numbers."""
    learner.create_opt()
    for network in (learner.model, *twin.networks().values()):
        network.train()
    torch.manual_seed(5)
    losses = learner.step(condition, target)
    torch.manual_seed(5)
    return losses


@pytest.mark.parametrize("loss", ["mse", "l1"])
def test_a_supervised_step_is_the_textbooks(make, loss):
    learner, twin = (make("upscale", adversarial=False, losses={loss: 1.0}) for _ in range(2))
    condition, target = first_batch(learner)
    losses = step_before(twin, learner, condition, target)

    optimizer = torch.optim.Adam(twin.model.parameters(), lr=1e-2, betas=(0.9, 0.999))
    error = twin.model(condition) - target
    expected = error.square().mean() if loss == "mse" else error.abs().mean()
    expected.backward()
    optimizer.step()

    assert list(losses) == [loss]
    torch.testing.assert_close(losses[loss], expected.detach())
    assert_same(learner.model, twin.model, but={"0.bias"})


def test_an_adversarial_step_is_the_textbooks(make):
    """One step against the same step written out with plain torch."""
    learner = make(epochs=1, beta1=0.0)
    twin = make(epochs=1, beta1=0.0)
    pixels, flips, _ = next(iter(learner.dls.train))
    condition, target = learner.task.batch(pixels, flips)
    losses = step_before(twin, learner, condition, target)

    opt_g, opt_d = twin.adam(twin.model), twin.adam(twin.discriminator)
    bce = torch.nn.BCEWithLogitsLoss()
    output = twin.model(condition)
    fake, real = twin.discriminator(condition, output.detach()), twin.discriminator(condition, target)
    d = (bce(fake, torch.zeros_like(fake)) + bce(real, torch.ones_like(real))) / 2
    d.backward()
    opt_d.step()
    judged = twin.discriminator(condition, output)
    g = bce(judged, torch.ones_like(judged)) + 100 * (output - target).abs().mean()
    opt_g.zero_grad()
    g.backward()
    opt_g.step()

    torch.testing.assert_close(losses["d"], d.detach())
    torch.testing.assert_close(losses["g"], g.detach())
    for mine, theirs in zip(learner.model.parameters(), twin.model.parameters(), strict=True):
        torch.testing.assert_close(mine, theirs)
    for mine, theirs in zip(learner.discriminator.parameters(), twin.discriminator.parameters(), strict=True):
        torch.testing.assert_close(mine, theirs)
        assert mine.requires_grad
        assert mine.grad is None


def test_an_adversarial_step_of_super_resolution_is_the_textbooks(make):
    """Ledig et al.'s equation 3 with the discriminator's two terms added up; no L1, and no condition for D."""
    learner, twin = (make("upscale", losses={"pixel": 1.0, "adversarial": 0.02}) for _ in range(2))
    condition, target = first_batch(learner)
    losses = step_before(twin, learner, condition, target)

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

    for name, value in (("d", d), ("g", g), ("pixel", content), ("g_adversarial", deceived)):
        torch.testing.assert_close(losses[name], value.detach())
    assert set(losses) == {"d", "g", "pixel", "g_adversarial"}
    for name, network in learner.networks().items():
        assert_same(network, twin.networks()[name], but={"0.bias"})


@pytest.mark.parametrize("adversarial", [False, True])
def test_a_step_lowers_the_weighted_sum_of_its_losses(make, adversarial):
    own = {"l1": 100.0, "chroma_l1": 400.0, "colours": 50.0}
    learner = make(adversarial=adversarial, losses=own | ({"adversarial": 1.0} if adversarial else {}))
    condition, target = first_batch(learner)
    learner.create_opt()
    with torch.no_grad():
        output = learner.model(condition)
        judged = learner.discriminator(condition, output) if adversarial else None
        terms = learner.generator_losses(judged, output, target)
    whole = sum(weight * terms[name] for name, weight in own.items()) + terms.get("g_adversarial", 0)
    torch.testing.assert_close(terms["g"], whole)
    losses = learner.step(condition, target)
    assert all(losses[name] > 0 for name in own)
    assert set(losses) == {*own, *(("g_adversarial", "g", "d") if adversarial else ())}


def test_the_distance_of_colours_does_what_it_is_for(make):
    plain, weighted = (
        make(adversarial=False, losses={"l1": 1.0} | more, epochs=8).train() for more in ({}, {"colours": 5.0})
    )
    assert "colours" not in plain.history[0]["train"]
    condition, _ = first_batch(plain)
    output = [learner.exported.eval()(condition).std() for learner in (plain, weighted)]
    assert output[1] > output[0], "L1 alone asks for one middling colour"


def test_supervised_training_keeps_the_epoch_of_highest_psnr(make):
    """Of the clipped output, whatever the loss is."""
    learner = make("upscale", adversarial=False, losses={"l1": 1.0}, epochs=4, lr=0.1).train()
    curve = [entry["valid"]["clipped_mse"] for entry in learner.history]
    assert list(learner.history[0]["train"]) == ["l1"]
    result = learner.result()
    assert result["epoch"] == curve.index(min(curve)) + 1
    assert (result["criterion"], result["value"]) == ("clipped_mse", min(curve))
    learner.model.load_state_dict(result["networks"]["generator"])
    learner.model.eval()
    errors = []
    with torch.no_grad():
        for pixels, _, _ in learner.dls.valid:
            condition, target = learner.task.batch(pixels)
            errors.append((learner.model(condition).clamp(0, 1) - target).square().mean())
    assert float(torch.stack(errors).mean()) == pytest.approx(min(curve), rel=1e-5)


def test_adversarial_training_keeps_the_epoch_of_lowest_content_loss(make):
    learner = make("upscale", epochs=4, lr=0.1).train()
    curve = [entry["valid"]["pixel"] for entry in learner.history]
    assert learner.result()["epoch"] == curve.index(min(curve)) + 1
    assert (learner.result()["criterion"], learner.result()["value"]) == ("pixel", min(curve))
    assert set(learner.history[0]["valid"]) == {"pixel", "clipped_mse"}


@pytest.mark.parametrize("task", ["colour", "upscale"])
def test_the_rate_drops_once_and_for_both_networks(make, task):
    learner = make(task, epochs=3, drop_after=2, drop_to=0.25)
    assert [learner.rate(epoch) for epoch in range(4)] == pytest.approx([0.01, 0.01, 0.0025, 0.0025])
    learner.train()
    assert len(learner.optimizers()) == 2
    for optimizer in learner.optimizers().values():
        assert optimizer.param_groups[0]["lr"] == pytest.approx(0.0025)
    assert make(task).rate(1000) == 0.01


class Features(torch.nn.Module):
    """Stands for a content network."""

    def __init__(self):
        super().__init__()
        self.features = torch.nn.Conv2d(3, 4, 3).requires_grad_(False)

    def forward(self, output, target):
        return (self.features(output) - self.features(target)).square().mean()


def test_the_content_network_is_neither_trained_nor_kept(make):
    learner = make("upscale", epochs=1)
    network = Features()
    before = network.features.weight.clone()
    learner.losses["pixel"] = network
    learner.train()
    assert torch.equal(network.features.weight, before)
    assert set(learner.result()["networks"]) == {"generator", "discriminator"}


@pytest.mark.parametrize("task", ["colour", "upscale"])
def test_samples_show_truth_input_and_a_row_an_epoch(make, tiles, task):
    pixels = torch.from_numpy(tiles.pixels[12:16]).permute(0, 3, 1, 2)
    grid = SampleGrid(pixels)
    make(task, epochs=2, callbacks=(grid,)).train()
    picture = grid.picture()
    assert picture.size == (4 * 16, (2 + 2) * 16)
    assert picture.getpixel((17, 1)) == tuple(tiles.pixels[13, 1, 1])


@pytest.mark.parametrize("task", ["colour", "upscale"])
def test_without_an_adversary_no_discriminator_is_trained(make, task):
    learner = make(task, adversarial=False, epochs=1).train()
    assert learner.discriminator is None
    assert list(learner.networks()) == list(learner.optimizers()) == list(learner.result()["networks"]) == ["generator"]
