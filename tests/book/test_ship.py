import json

import pytest
import torch

from astrogan.apply.models.catalogue import choose, find_cards
from astrogan.apply.models.loaded import open_model
from astrogan.book import publish as ship
from astrogan.models.build import empty_generator
from astrogan.models.config import NetworkConfig
from astrogan.run import Run
from astrogan.training.checkpoint import save_checkpoint


def small_colour():
    network = NetworkConfig(encoder="mobilenet_v2_stride16", pretrained=False)
    return network, empty_generator(network, 64)


@pytest.fixture
def run(tmp_path):
    """A run with a light colour model, a heavy one, and two up-scalers, of which the supervised one is best."""
    torch.manual_seed(0)
    run = tmp_path / "runs" / "cpu"
    network, light = small_colour()
    upscaler = NetworkConfig(generator="wdsr", discriminator="srgan")
    for row, task, config, state in (
        ("lab-improved-finetune", "colour", network, light.state_dict()),
        (
            "srgan-finetune",
            "upscale",
            NetworkConfig(generator="srresnet", discriminator="srgan"),
            {"heavy": torch.zeros(3_000_000)},
        ),
        ("wdsr-finetune", "upscale", upscaler, empty_generator(upscaler, 64).state_dict()),
        ("wdsr-supervised", "upscale", upscaler, empty_generator(upscaler, 64).state_dict()),
    ):
        experiment, phase = row.rsplit("-", 1)
        identity = {"task": task, "network": config.identity, "size": 64, "experiment": experiment, "phase": phase}
        content = {"networks": {"generator": state}, "notes": [], "criterion": "l1", "value": 0.1, "epoch": 1}
        save_checkpoint(run / "checkpoints" / experiment / f"{phase}.pt", content, identity)
    (run / "provenance.json").write_text(json.dumps({"decides": True}))
    (run / "better.json").write_text(json.dumps({"best_upscaler": {"row": "wdsr-supervised"}}))
    return run


def test_light_models_are_shipped_and_old_ones_go(run, tmp_path, caplog):
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    for name in ("old.safetensors", "old.json", "README.md"):
        (folder / name).write_text("{}")
    cards = ship.ship_models(Run(run), folder)
    assert [card.name for card in cards] == [
        "shipped/lab-improved-finetune",
        "shipped/wdsr-finetune",
        "shipped/wdsr-supervised",
    ]
    assert "srgan-finetune is not shipped: 6.0 MB" in caplog.text
    assert sorted(path.name for path in folder.iterdir() if "wdsr" not in path.name) == [
        "README.md",
        "lab-improved-finetune.json",
        "lab-improved-finetune.safetensors",
    ]
    assert all(path.stat().st_size < ship.MAX_FILE for path in folder.iterdir())


def test_a_shipped_model_is_the_runs_and_the_default_of_a_fresh_clone(run, tmp_path):
    ship.ship_models(Run(run), tmp_path / "checkpoints")
    cards, faults = find_cards(tmp_path / "no runs", tmp_path / "checkpoints")
    assert not faults
    model = open_model(choose("colour", cards))
    torch.manual_seed(0)
    _, original = small_colour()
    frame = torch.rand(1, 1, 64, 64) * 2 - 1
    with torch.inference_mode():
        difference = (model.network(frame) - original.eval()(frame)).abs().max()
    assert difference < 0.01  # float16 keeps three digits


def test_a_run_that_decides_nothing_ships_nothing(run, tmp_path):
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    (folder / "old.safetensors").write_text("kept")
    (run / "provenance.json").write_text(json.dumps({"decides": False}))
    assert ship.ship_models(Run(run), folder) == []
    assert (folder / "old.safetensors").read_text() == "kept"
