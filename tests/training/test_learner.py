import math

import pytest
import torch
from fastai.callback.core import Callback

from astrogan.base import AstroganError
from astrogan.training.config import PhaseConfig
from astrogan.training.losses import adversarial, colour_distance, colour_loss, discriminator_loss, l1


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


def test_losses_have_their_closed_forms():
    torch.testing.assert_close(adversarial(torch.zeros(3), True), torch.tensor(math.log(2)))
    torch.testing.assert_close(discriminator_loss(torch.zeros(3), torch.zeros(3)), torch.tensor(math.log(2)))
    torch.testing.assert_close(
        discriminator_loss(torch.zeros(3), torch.zeros(3), halved=False), torch.tensor(2 * math.log(2))
    )
    torch.testing.assert_close(adversarial(torch.tensor([2.0]), False), torch.tensor(math.log(1 + math.exp(2))))
    assert l1(torch.tensor([1.0, -1.0]), torch.tensor([0.0, 0.0])) == 1


def test_chroma_weighs_coloured_pixels(make):
    """Two pixels, equally wrong by 0.1 in a: grey counts 1, chroma 0.5 counts 1 + 4 x 0.5 = 3."""
    target = torch.tensor([[0.0, 0.3], [0.0, 0.4]]).reshape(1, 2, 1, 2)
    output = target + torch.tensor([[0.1, 0.1], [0.0, 0.0]]).reshape(1, 2, 1, 2)
    torch.testing.assert_close(l1(output, target, chroma_weight=4.0), torch.tensor(0.1 * (1 + 3) / 4))
    for adversarial_phase in (False, True):
        plain, weighted = (make(adversarial=adversarial_phase, chroma_weight=k) for k in (0.0, 5.0))
        losses = []
        for learner in (plain, weighted):
            condition, target = learner.task.batch(next(iter(learner.dls.train))[0])
            learner.create_opt()
            torch.manual_seed(1)
            losses.append(learner.step(condition, target)["l1"])
        assert losses[1] > losses[0]


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


def test_a_phase_lowers_l1_and_the_weighted_distance_of_colours():
    output, target = torch.randn(2, 2, 2, 16, 16)
    total, terms = colour_loss(output, target, PhaseConfig(colours_weight=0.5, chroma_weight=4.0))
    torch.testing.assert_close(total, l1(output, target, 4.0) + 0.5 * colour_distance(output, target))
    assert set(terms) == {"l1", "colours"}
    assert colour_loss(output, target, PhaseConfig())[0] == l1(output, target)


def test_the_distance_of_colours_has_its_weight_in_both_phases(make):
    for adversarial_phase in (False, True):
        learner = make(adversarial=adversarial_phase, colours_weight=0.5)
        condition, target = learner.task.batch(next(iter(learner.dls.train))[0])
        learner.create_opt()
        losses = learner.step(condition, target)
        assert losses["colours"] > 0
        if adversarial_phase:
            whole = losses["g_adversarial"] + 100 * (losses["l1"] + 0.5 * losses["colours"])
            torch.testing.assert_close(losses["g"], whole)
        assert "colours" not in make(adversarial=adversarial_phase).train().history[0]["train"]
    plain, weighted = (make(adversarial=False, colours_weight=k, epochs=8).train() for k in (0.0, 5.0))
    output = [learner.exported.eval()(condition).std() for learner in (plain, weighted)]
    assert output[1] > output[0], "L1 alone asks for one middling colour"


def test_the_last_epoch_may_be_kept(make):
    best, last = (make(adversarial=False, epochs=6, lr=0.5, patience=2, keep=keep).train() for keep in ("best", "last"))
    values = [epoch["valid"]["l1"] for epoch in last.history]
    assert min(values) < values[-1], "the case is no case"
    assert best.best["value"] == min(values[: len(best.history)])
    assert (last.result()["epoch"], last.result()["valid_l1"], last.stopped_early) == (6, values[-1], False)
    state = last.result()["networks"]["generator"]
    assert all(torch.equal(state[name], value) for name, value in last.exported.state_dict().items())


def test_the_rate_falls_along_half_a_cosine(make):
    constant, falling = (make(adversarial=False, epochs=4, cosine=cosine) for cosine in (False, True))
    assert [constant.rate(epoch) for epoch in range(4)] == [1e-2] * 4
    assert [falling.rate(epoch) for epoch in range(4)] == pytest.approx(
        [1e-2 * (1 + math.cos(math.pi * t)) / 2 for t in (0, 0.25, 0.5, 0.75)]
    )
    assert falling.train().opt.opt.param_groups[0]["lr"] == pytest.approx(falling.rate(3))


def test_an_adversarial_step_is_the_textbooks(make):
    """One step against the same step written out with plain torch."""
    learner = make(epochs=1, beta1=0.0)
    twin = make(epochs=1, beta1=0.0)
    pixels, flips, _ = next(iter(learner.dls.train))
    condition, target = learner.task.batch(pixels, flips)
    learner.create_opt()
    for network in (learner.model, twin.model, twin.discriminator):
        network.train()

    torch.manual_seed(5)
    losses = learner.step(condition, target)

    torch.manual_seed(5)
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


def test_both_networks_move_in_every_batch(make):
    watch = Watch()
    make(epochs=1, callbacks=(watch,)).train()
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
    assert result["valid_l1"] == min(curve)
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
