import numpy as np
import pytest
import torch

from astrogan.base import AstroganError
from astrogan.data.config import TilesConfig
from astrogan.data.prepare import prepare_tiles
from astrogan.evaluation.cast import as_cast, cast_row
from astrogan.evaluation.config import EvaluateStage
from astrogan.evaluation.evaluate import evaluate
from astrogan.evaluation.intervals import tile_groups
from astrogan.evaluation.measures import read_measures
from astrogan.evaluation.populations import beside
from astrogan.evaluation.predict import predict, predict_baseline
from astrogan.evaluation.results import Results
from astrogan.evaluation.row import evaluate_row, headline
from astrogan.files import read_json
from astrogan.models.build import empty_generator
from astrogan.models.config import NetworkConfig
from astrogan.tasks.predictions import from_uint8, joined, load_predictions
from astrogan.training.checkpoint import load_checkpoint, save_checkpoint

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
NETWORK = NetworkConfig(generator="edsr", discriminator="srgan")
ROW = "edsr-supervised"


@pytest.fixture(scope="module")
def tiles(tmp_path_factory):
    return prepare_tiles(
        TilesConfig(size=32, native=True, held_out_tiles_per_observation=10), tmp_path_factory.mktemp("tiles")
    )


@pytest.fixture
def config(tmp_path):
    """A run with a checkpoint of an EDSR whose output leaves [0, 1]."""
    torch.manual_seed(0)
    network = empty_generator(NETWORK, 32)
    with torch.no_grad():
        network.tail[-1].weight.mul_(3)
    content = {
        "networks": {"generator": network.state_dict()},
        "epoch": 1,
        "criterion": "clipped_mse",
        "value": 0.1,
        "notes": ["a note"],
    }
    identity = {"task": "upscale", "network": NETWORK.identity, "degradation": "bicubic", "size": 32, "seed": 3}
    config = EvaluateStage(run=str(tmp_path / "run"), task="upscale", rows=ROW, size=32, casts=ROW)
    save_checkpoint(config.folder.checkpoint_file(ROW), content, identity)
    return config


def test_a_row_is_kept_with_its_measures_and_intervals(tiles, config):
    found = {row: evaluate_row(config, row, [tiles]) for row in (ROW, "bicubic")}
    run = config.folder
    for row, metrics in found.items():
        assert read_json(run.metrics_file(row)) == {"format": 2} | metrics
        low, high = metrics["intervals"]["psnr_y"]
        assert low <= metrics["values"]["psnr_y"] <= high
        predictions = load_predictions(run.predictions_file(row))
        measures, tile, observation = read_measures(run.measures_file(row))
        assert len(predictions) == metrics["n"] == 10
        assert tile.tolist() == predictions.tile.tolist()
        assert observation.tolist() == predictions.observation.tolist()
        assert measures["psnr_y"].mean() == pytest.approx(metrics["values"]["psnr_y"])
    assert found["bicubic"]["values"]["psnr_y"] > found[ROW]["values"]["psnr_y"]
    assert (found[ROW]["seeds"], found["bicubic"]["seeds"]) == ([3], [])
    assert found[ROW]["notes"][0] == "a note"
    table = headline(found)
    assert table.loc["bicubic", "PSNR-Y, dB"] == found["bicubic"]["values"]["psnr_y"]
    valid = evaluate_row(config.model_copy(update={"split": "valid"}), ROW, [tiles])
    assert (valid["split"], found["bicubic"]["split"]) == ("valid", "test")
    kept = set(load_predictions(run.predictions_file(ROW)).tile)
    assert kept == set(tiles.table.tile[tiles.table.split == "valid"])


def test_a_baseline_of_the_other_task_is_refused(tiles, config):
    with pytest.raises(AstroganError, match="'grey-valid' is a baseline of the task colour, not of upscale"):
        evaluate_row(config, "grey-valid", [tiles])


def test_a_cast_is_measured_like_the_clipped_row_beside_it(tiles, config):
    clipped = evaluate_row(config, ROW, [tiles])
    run = Results(config.folder.path)
    cast = run.metrics[cast_row(ROW)]
    for key in ("groups", "group_count", "decidable", "observations", "n", "size", "seeds", "notes"):
        assert cast[key] == clipped[key]
    assert cast["groups"] == "spatial blocks"
    assert cast["methods"]["fwd"] == clipped["methods"]["fwd"]
    predictions = as_cast(run.predictions(ROW))
    groups = tile_groups(predictions.observation, predictions.tile, 32)
    expected = evaluate(predictions, groups=groups, task="upscale", without=("lpips",)).record
    assert cast["values"] == expected["values"]
    assert cast["intervals"] == expected["intervals"]
    assert cast["values"]["mae_rgb"] == pytest.approx(clipped["values"]["wrapped_mae_rgb"])
    assert cast["values"]["mae_rgb"] != clipped["values"]["mae_rgb"]
    assert cast["reasons"]["lpips"] == "LPIPS is measured on the clipped outputs only"
    assert run.holds(cast_row(ROW))
    config.folder.record_file("rows").write_text('["edsr-supervised"]')
    assert cast_row(ROW) in Results(config.folder.path).metrics


def test_sizes_that_no_enlargement_by_four_has_are_refused():
    with pytest.raises(AstroganError, match="multiple of 4"):
        EvaluateStage.checked(task="upscale", size=34)
    assert EvaluateStage.checked(task="colour", size=34).size == 34
    with pytest.raises(AstroganError, match="'degradation'"):
        EvaluateStage.checked(task="upscale", degradation="blur")


def test_features_of_the_truth_are_computed_once_a_split(tiles, caplog):
    count, made = len(tiles.indices("test")), []

    def make():
        made.append(1)
        return np.full((count, 2048), float(len(made)))

    keep = beside([tiles], "test")
    first, again, other = keep("weights float32", make), keep("weights float32", make), keep("weights bfloat16", make)
    assert len(made) == 2
    np.testing.assert_array_equal(first, again)
    assert (other == 2).all()
    (path,) = (p for p in tiles.folder.parent.glob("features-*.npy") if np.load(p)[0, 0] == 1)
    path.write_bytes(b"broken")
    assert (keep("weights float32", make) == 3).all()
    assert "is damaged" in caplog.text


def test_luma_psnr_leaves_identical_pairs_out():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 200, (9, 16, 16, 3), dtype=np.uint8)
    output = truth + np.arange(9, dtype=np.uint8)[:, None, None, None]
    names = np.array([f"t{k}" for k in range(9)])
    found = evaluate(from_uint8(truth, output, names, names)).record
    expected = np.mean([20 * np.log10(255 / (d * 219 / 255)) for d in range(1, 9)])
    assert found["values"]["psnr_y"] == pytest.approx(expected)
    low, high = found["intervals"]["psnr_y"]
    assert low < expected < high
    same = evaluate(from_uint8(truth, truth, names, names)).record
    assert same["values"]["psnr_y"] is None
    assert same["reasons"]["psnr_y"] == "every pair is identical"
    one_block = np.array([f"one@{k},0" for k in range(9)])
    observation = np.array(["one"] * 9)
    alone = evaluate(
        from_uint8(truth, output, observation, one_block), groups=tile_groups(observation, one_block, 16)
    ).record
    assert alone["intervals"]["psnr_y"] is None
    assert "two or more" in alone["reasons"]["interval"]


def test_folds_are_one_row_each_predicted_by_its_own_network(folder, tmp_path, config):
    """Three folds, three networks that differ in one bias: each tile's output is that of its own fold's."""
    root = folder(6, 64, 64)
    stage = config.model_copy(update={"folds": 3, "source": f"folder:{root}", "casts": ""})
    tiles = [prepare_tiles(each, stage.tiles_cache) for each in stage.part(TilesConfig).every_fold()]
    one = load_checkpoint(config.folder.checkpoint_file(ROW))
    weights, identity = one["networks"]["generator"], one.pop("config")
    expected = []
    for fold, each in enumerate(tiles):
        changed = {"networks": {"generator": weights | {"tail.2.bias": torch.zeros(3) + fold / 10}}}
        path = config.folder.checkpoint_file(f"edsr-fold{fold}-supervised")
        save_checkpoint(path, one | changed | {"notes": ["a note", f"of {fold}"]}, identity | {"seed": fold})
        expected.append(predict(path, "upscale", each)[0])
    record = evaluate_row(stage, ROW, tiles)
    found = load_predictions(config.folder.predictions_file(ROW))
    assert found.tile.tolist() == [name for part in expected for name in part.tile]
    np.testing.assert_array_equal(found.floor, np.concatenate([part.floor for part in expected]))
    assert sorted(set(found.observation)) == sorted(path.name for path in root.iterdir())
    assert (record["observations"], record["seeds"]) == (6, [0, 1, 2])
    assert record["notes"][:4] == ["a note", *(f"of {fold} (fold {fold + 1} of 3)" for fold in range(3))]
    # one training for all: its one checkpoint serves every fold
    once = evaluate_row(stage.model_copy(update={"once": ROW}), ROW, tiles)
    assert (once["seeds"], once["observations"]) == ([3], 6)
    assert once["values"]["psnr"] != record["values"]["psnr"]
    # the baseline goes the same way
    baseline = evaluate_row(stage, "bicubic-folds", tiles)
    whole = np.concatenate([predict_baseline("bicubic", each)[0].floor for each in tiles])
    np.testing.assert_array_equal(load_predictions(config.folder.predictions_file("bicubic-folds")).floor, whole)
    assert (baseline["n"], baseline["observations"]) == (len(whole), 6)
    with pytest.raises(AstroganError, match="tile names repeat"):
        joined([expected[0], expected[0]])
    with pytest.raises(AstroganError, match="folds share validation tiles"):
        EvaluateStage.checked(folds=3, split="valid")
