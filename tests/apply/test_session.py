import json

import numpy as np
import pytest
from astropy.io import fits
from matplotlib import pyplot as plt
from PIL import Image

from astrogan.apply.config import ApplyStage
from astrogan.apply.session import (
    apply_models,
    cards_table,
    frames_of,
    models_of,
    pictures,
    save_pairs,
    show_pairs,
    show_uncertainty,
)
from astrogan.base import AstroganError

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def run(tmp_path, save_run, monkeypatch):
    save_run("mine", "lab-resnet18", "finetune")
    save_run("mine", "edsr", "finetune", "upscale", value=0.01)
    save_run("paper", "lab-resnet18", "finetune")
    monkeypatch.setattr("astrogan.apply.models.shipped.FOLDER", tmp_path / "none")
    return str(tmp_path / "runs" / "mine")


def test_a_fits_frame_goes_through_every_step(run, fits_file, tmp_path):
    config = ApplyStage(run=run, frames=str(fits_file))
    frames, models = frames_of(config), models_of(config)
    assert {task: card.name for task, card in models.items()} == {
        "colour": "mine/lab-resnet18-finetune",
        "upscale": "mine/edsr-finetune",
    }
    assert "invented" in cards_table(models).loc["what it means", "colour"]
    folders = apply_models(config, models, frames)
    assert json.loads((folders["colour"] / "sky.json").read_text())["command"] == "colorize"
    assert fits.getdata(folders["upscale"] / "sky.fits").shape == (160, 208)
    pairs = pictures(config, frames[0], folders)
    assert all(pair["before"].shape == pair["after"].shape for pair in pairs.values())
    show_pairs(pairs)
    show_uncertainty(frames[0], folders)
    assert len(plt.get_fignums()) == 2
    plt.close("all")
    saved = save_pairs(config, frames[0], folders)
    assert sorted(saved) == ["colour-after", "colour-before", "upscale-after", "upscale-before"]
    with Image.open(tmp_path / "runs" / "mine" / "figures" / "applied-colour-after.png") as image:
        assert np.array_equal(np.asarray(image), pairs["colour"]["after"])


def test_the_sample_is_a_square_of_grey_sky(run):
    (frame,) = frames_of(ApplyStage(run=run))
    with Image.open(frame.path) as image:
        assert (image.mode, image.size) == ("L", (256, 256))
        assert np.asarray(image).std() > 5


def test_a_run_without_models_takes_the_highest_profiles_and_a_named_one_is_taken(run, tmp_path):
    other = str(tmp_path / "runs" / "empty")
    assert models_of(ApplyStage(run=other, tasks="colour"))["colour"].name == "paper/lab-resnet18-finetune"
    named = ApplyStage(run=run, tasks="colour", colour_model="paper/lab-resnet18-finetune")
    assert models_of(named)["colour"].profile == "paper"


def test_bad_input_is_an_error(run, tmp_path):
    with pytest.raises(AstroganError, match="no such file"):
        frames_of(ApplyStage(run=run, frames="absent.png"))
    with pytest.raises(AstroganError, match="'paint' is no task"):
        models_of(ApplyStage(run=run, tasks="paint"))
    (tmp_path / "bad.png").write_bytes(b"bad")
    config = ApplyStage(run=run, frames=str(tmp_path / "bad.png"), tasks="colour")
    with pytest.raises(AstroganError, match=r"bad\.png failed"):
        apply_models(config, models_of(config), frames_of(config))
