import json
from dataclasses import replace

import pytest
import torch

from astrogan.apply.models import shipped
from astrogan.apply.models.cards import run_card
from astrogan.apply.models.catalogue import choose, find_cards, listing, seeds_of
from astrogan.apply.models.loaded import open_model
from astrogan.apply.models.shipped import ship, shipped_card, shipped_state
from astrogan.base import AstroganError

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def found(tmp_path):
    cards, faults = find_cards(tmp_path / "runs", tmp_path / "shipped")
    assert faults == []
    return cards


def test_a_card_says_what_the_runs_files_say(save_run, tmp_path):
    save_run("quick", "srgan", "finetune", "upscale", value=0.001)
    metrics = {"n": 5, "values": {"mae_rgb": 2.0, "mae_ab": 5.0, "psnr": 30.0, "fwd": None}}
    folder = tmp_path / "runs" / "quick" / "metrics"
    folder.mkdir()
    (folder / "srgan-finetune.json").write_text(json.dumps(metrics))
    (card,) = found(tmp_path)
    assert (card.name, card.task, card.profile, card.phase) == ("quick/srgan-finetune", "upscale", "quick", "finetune")
    assert card.validation["psnr"] == pytest.approx(30)
    assert (card.metrics["n"], card.metrics["mae_rgb"], card.metrics["mae_ab"]) == (5, 2, 5)
    assert "astronomy" in card.trained_on
    text = listing([card], ["x.pt is broken"], {"colour": None, "upscale": card})
    for part in (
        "quick/srgan-finetune   [default]",
        "PSNR 30.00 dB",
        "on 5 test tiles",
        "may be wrong",
        "x.pt is broken",
    ):
        assert part in text.replace("\n", " ").replace("  ", " ") or part in text


def test_a_card_tells_every_phase_that_its_weights_went_through(save_run, tmp_path):
    first = save_run("quick", "wdsr", "supervised", "upscale")
    save_run("quick", "sky", "supervised", "upscale", start_from=first)
    trained_on = next(card.trained_on for card in found(tmp_path) if card.experiment == "sky")
    phase = "astronomy (the images that the dependencies ship), tiles of 32 px, 1 x 8 images, best epoch 1"
    assert trained_on == f"{phase}; then {phase}"
    own = tmp_path / "runs" / "quick" / "history" / "sky-supervised.json"
    own.write_text(own.read_text().replace('"size": 32', '"size": 32, "exclude_prefixes": ["nasa-"]'))
    (tmp_path / "runs" / "quick" / "history" / "wdsr-supervised.json").unlink()
    trained_on = next(card.trained_on for card in found(tmp_path) if card.experiment == "sky")
    without = phase.replace("ship)", "ship without files named nasa-)")
    assert trained_on == f"unknown: its history is not beside it; then {without}"


def test_a_card_does_not_tell_phases_that_its_weights_never_saw(save_run, tmp_path):
    other = save_run("paper", "lab-resnet18", "pretrain")
    own = tmp_path / "runs" / "quick" / "checkpoints" / "lab-resnet18" / "finetune.pt"
    for start in (other, own):  # another run's, of a row that this run has too; and itself, written over
        save_run("quick", "lab-resnet18", "pretrain")
        save_run("quick", "lab-resnet18", "finetune", start_from=start)
        trained_on = choose("colour", found(tmp_path), "quick/lab-resnet18-finetune").trained_on
        assert trained_on.startswith(f"unknown: {start} is not of this run any more; then astronomy")
        assert trained_on.count("; then ") == 1


def test_colour_takes_the_fine_tuned_lab_model_of_the_highest_profile(save_run, tmp_path, colour_state):
    save_run("smoke", "lab-resnet18", "finetune")
    save_run("quick", "lab-resnet18", "pretrain", value=0.01)
    save_run("quick", "rgb-resnet18", "finetune", network=colour_state[0] | {"space": "rgb"})
    assert choose("colour", found(tmp_path)).name == "smoke/lab-resnet18-finetune"
    save_run("quick", "lab-resnet18", "finetune")
    save_run("mine", "lab-resnet18", "finetune")
    assert choose("colour", found(tmp_path)).name == "quick/lab-resnet18-finetune"
    save_run("paper", "lab-resnet18", "finetune")
    assert choose("colour", found(tmp_path)).name == "paper/lab-resnet18-finetune"


def test_upscale_takes_the_best_psnr_of_one_validation_set(save_run, tmp_path):
    save_run("quick", "srgan", "supervised", "upscale", tiles="photographs", value=1e-6)
    save_run("quick", "srgan", "finetune", "upscale", value=0.003)
    save_run("quick", "edsr", "finetune", "upscale", value=0.002)
    save_run("smoke", "wdsr", "finetune", "upscale", value=1e-5)
    assert choose("upscale", found(tmp_path)).name == "quick/edsr-finetune"
    save_run("quick", "wdsr", "finetune", "upscale", tiles="others", value=0.001)
    with pytest.raises(AstroganError, match=r"different sets.*--model"):
        choose("upscale", found(tmp_path))


def test_without_a_model_the_error_says_how_to_get_one(save_run, tmp_path):
    with pytest.raises(AstroganError, match=r"no model that colours.*make report.*--model"):
        choose("colour", found(tmp_path))
    save_run("quick", "lab-resnet18", "finetune")
    with pytest.raises(AstroganError, match="no model that up-scales"):
        choose("upscale", found(tmp_path))


def test_a_model_can_be_named_or_given_as_a_file(save_run, tmp_path):
    path = save_run("quick", "lab-resnet18", "adversarial")
    cards = found(tmp_path)
    assert choose("colour", cards, "quick/lab-resnet18-adversarial") == cards[0]
    assert choose("colour", cards, str(path)) == cards[0]
    moved = path.rename(tmp_path / "alone.pt")
    assert choose("colour", [], str(moved)).trained_on.startswith("unknown")
    with pytest.raises(AstroganError, match=r"alone.pt colours; `upscale` needs a model that up-scales"):
        choose("upscale", [], str(moved))
    with pytest.raises(AstroganError, match=r"no model 'absent'.*astrogan models"):
        choose("colour", [], "absent")


def test_the_same_model_with_other_seeds(save_run, tmp_path):
    for seed in (2, 0, 1):
        save_run("quick", "lab-resnet18" + (f"-seed{seed}" if seed else ""), "finetune", seed=seed)
    save_run("quick", "lab-other", "finetune", seed=5, tiles="others")
    save_run("smoke", "lab-resnet18", "finetune", seed=7)
    cards = found(tmp_path)
    first = choose("colour", cards)
    assert [first.seed, *(card.seed for card in seeds_of(first, cards))] == [0, 1, 2]


def test_its_network_is_loaded(save_run, tmp_path, upscale_state):
    path = save_run("quick", "edsr", "finetune", "upscale")
    model = open_model(run_card(path))
    assert not model.network.training
    assert all(torch.equal(value, upscale_state[1][key]) for key, value in model.network.state_dict().items())
    assert len(model.sha256) == 64


def test_weights_of_another_configuration_are_refused(save_run):
    path = save_run(
        "quick", "wrong", "finetune", "upscale", network={"generator": "wdsr", "expansion": 6, "discriminator": "srgan"}
    )
    with pytest.raises(AstroganError, match="another configuration"):
        open_model(run_card(path))
    path = save_run("quick", "odd", "finetune", "upscale", network={"generator": "other"})
    with pytest.raises(AstroganError, match="generator"):
        open_model(run_card(path))


def test_broken_checkpoints_are_listed_with_their_fault(save_run, tmp_path):
    path = save_run("quick", "lab-resnet18", "finetune")
    (path.parent / "pretrain.pt").write_bytes(path.read_bytes()[:1000])
    torch.save({"weights": torch.zeros(3)}, path.parent / "adversarial.pt")
    cards, faults = find_cards(tmp_path / "runs", tmp_path / "shipped")
    assert [card.phase for card in cards] == ["finetune"]
    assert len(faults) == 2
    assert all("lab-resnet18/" in fault for fault in faults)


@pytest.mark.parametrize("task", ["colour", "upscale"])
def test_shipped_models_come_back_with_card_and_weights(save_run, tmp_path, task, colour_state, upscale_state):
    card = run_card(save_run("cpu", "a", "finetune", task))
    state = (colour_state if task == "colour" else upscale_state)[1]
    written = ship(card, state, tmp_path / "shipped", "small")
    assert written == replace(card, name="shipped/small", path=tmp_path / "shipped" / "small.safetensors")
    assert shipped_card(written.path) == written
    for key, value in shipped_state(written.path).items():
        assert torch.equal(value, state[key].half().float() if value.is_floating_point() else state[key])
    (tmp_path / "runs").rename(tmp_path / "away")
    (only,) = found(tmp_path)
    assert choose(task, [only]) == only
    network = open_model(only).network
    assert next(network.parameters()).dtype == torch.float32
    assert only.path.stat().st_size < 2.2 * sum(value.numel() for value in state.values())


def test_damaged_shipped_files_are_refused(save_run, tmp_path, upscale_state):
    card = ship(run_card(save_run("cpu", "a", "finetune", "upscale")), upscale_state[1], tmp_path, "small")
    data = bytearray(card.path.read_bytes())
    data[-1] ^= 1
    card.path.write_bytes(data)
    with pytest.raises(AstroganError, match="damaged"):
        open_model(card)
    card.path.with_suffix(".json").write_text("{}")
    with pytest.raises(AstroganError, match="no card of format 1"):
        shipped_card(card.path)


def test_weights_that_float16_cannot_hold_are_not_shipped(save_run, tmp_path):
    card = run_card(save_run("cpu", "a", "finetune", "upscale"))
    with pytest.raises(AstroganError, match="does not fit into float16"):
        ship(card, {"x": torch.tensor([1e6])}, tmp_path, "small")


def test_what_the_package_ships_can_be_read():
    """Nothing yet, or cards whose weights load."""
    cards, faults = find_cards(shipped.FOLDER / "no runs here")
    assert faults == []
    for card in cards:
        open_model(card)
