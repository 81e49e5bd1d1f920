import json

import numpy as np
import pytest
import torch

from astrogan.base import AstroganError
from astrogan.evaluation import evaluate as module
from astrogan.evaluation.evaluate import SCALARS, evaluate, evaluate_folders
from astrogan.evaluation.frechet import frechet_distance
from astrogan.evaluation.summary import summary
from astrogan.evaluation.wavelet import packet_distances
from astrogan.tasks.predictions import from_uint8

RNG = np.random.default_rng(0)
TRUTH = RNG.integers(0, 256, (10, 16, 16, 3), dtype=np.uint8)
OUTPUT = np.clip(TRUTH + RNG.normal(4, 12, TRUTH.shape), 0, 255).astype(np.uint8)
TILES = np.array([f"t{index}" for index in range(10)])
CORRECTED = {"bias_rgb": 3, "mae_rgb": 3, "rmse_rgb": 3, "bias_ab": 2, "mae_ab": 2, "rmse_ab": 2}
PUBLISHED = {"l1_rgb": 3, "l2_rgb": 3, "l1_ab": 2, "l2_ab": 2}


class Means(torch.nn.Module):
    """Stands in for Inception: features that are quick and known."""


@pytest.fixture(autouse=True)
def no_weights(tmp_path, monkeypatch):
    monkeypatch.setenv("ASTROGAN_WEIGHTS", str(tmp_path))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "hub"))


@pytest.fixture
def quick_features(monkeypatch):
    def features(_network, images, _fast=False):
        return images.reshape(len(images), -1)[:, ::40].astype(float)

    monkeypatch.setattr("astrogan.evaluation.distributions.inception_features", features)
    return features


def _predictions(observation=TILES, output=OUTPUT):
    return from_uint8(TRUTH, output, np.asarray(observation), TILES)


def test_everything_that_needs_no_weights_is_there_with_intervals():
    found = evaluate(_predictions())
    json.dumps(found, allow_nan=False)
    assert found["n"] == 10
    assert found["fid"] is None
    assert found["kid"] is None
    assert found["lpips"] is None
    assert set(found["reasons"]) == {"fid", "kid", "lpips"}
    assert "offline" in found["reasons"]["fid"]
    for name in ("fwd", "psnr", "ssim"):
        low, high = found["interval"][name]
        assert low < found[name] < high
    for kind, names in (("corrected", CORRECTED), ("published", PUBLISHED)):
        assert {name: len(values) for name, values in found[kind].items()} == names
        for name, values in found[kind].items():
            for value, (low, high) in zip(values, found["interval"][kind][name], strict=True):
                assert low <= value <= high
    assert (found["size"], found["observations"], found["groups"]) == (16, 10, "observations")
    assert found["decidable"]
    assert found["notes"] == []


def test_values_are_those_of_the_parts(quick_features):
    found = evaluate(_predictions(), inception=Means())
    error = OUTPUT.astype(float) - TRUTH
    np.testing.assert_allclose(found["corrected"]["bias_rgb"], error.mean((0, 1, 2)))
    np.testing.assert_allclose(found["published"]["l1_rgb"], ((-error) % 256).mean((0, 1, 2)))
    assert found["fid"] == pytest.approx(frechet_distance(quick_features(None, TRUTH), quick_features(None, OUTPUT)))
    assert found["fwd"] == pytest.approx(packet_distances(TRUTH, OUTPUT, [np.arange(10)]).mean())
    assert found["interval"]["fid"][0] <= found["fid"] <= found["interval"]["fid"][1]
    assert found["interval"]["kid"][0] <= found["kid"] <= found["interval"]["kid"][1]
    assert "no subsets" in found["methods"]["kid"]


def test_the_same_seed_gives_the_same_intervals():
    first, again, other = (evaluate(_predictions(), seed=seed)["interval"] for seed in (1, 1, 2))
    assert first == again
    assert first["fwd"] != other["fwd"]
    assert first["psnr"] != other["psnr"]


def test_few_observations_are_resampled_by_blocks_with_the_note():
    found = evaluate(_predictions(["hudf"] * 10), blocks=[str(index // 2) for index in range(10)])
    assert (found["groups"], found["group_count"], found["observations"]) == ("spatial blocks", 5, 1)
    assert not found["decidable"]
    assert "every claim stays undecided" in found["notes"][0]
    assert found["interval"]["psnr"] is not None


def test_one_group_has_no_interval_and_the_reason():
    found = evaluate(_predictions(["hudf"] * 10))
    assert set(found["interval"]["corrected"].values()) == {None}
    assert {found["interval"][name] for name in SCALARS} == {None}
    assert "two or more" in found["reasons"]["interval"]
    assert "at least 4" in found["reasons"]["interval.fwd"]
    assert found["fwd"] > 0


def test_perfect_predictions():
    found = evaluate(_predictions(output=TRUTH))
    json.dumps(found, allow_nan=False)
    assert found["psnr"] is None
    assert found["interval"]["psnr"] is None
    assert found["reasons"]["psnr"] == "every pair is identical"
    assert found["identical_pairs"] == 10
    assert found["ssim"] == pytest.approx(1)
    assert found["fwd"] == pytest.approx(0, abs=1e-9)
    assert found["published"]["l1_rgb"] == [0, 0, 0]


def test_one_tiny_image_has_reasons_instead_of_distances():
    predictions = from_uint8(TRUTH[:1, :5, :6], OUTPUT[:1, :5, :6], TILES[:1], TILES[:1])
    found = evaluate(predictions)
    assert found["size"] == [5, 6]
    assert {found[name] for name in ("fid", "kid", "fwd", "ssim")} == {None}
    assert "6 x 5 px" in found["reasons"]["ssim"]
    assert found["psnr"] > 0
    assert "6 x 5 px" in summary(found)
    odd = from_uint8(TRUTH[:, :12], OUTPUT[:, :12], TILES, TILES)
    assert "divisible by 16" in evaluate(odd)["reasons"]["fwd"]


def test_fast_leaves_the_wavelet_interval_out_and_says_so(quick_features, monkeypatch):
    monkeypatch.setattr("astrogan.evaluation.distributions.fast_available", lambda: True)
    found = evaluate(_predictions(), fast=True, inception=Means())
    assert found["interval"]["fwd"] is None
    assert "fast" in found["reasons"]["interval.fwd"]
    assert found["fwd"] == pytest.approx(evaluate(_predictions())["fwd"])
    assert "bfloat16" in found["methods"]["fid"]


def test_distances_can_be_left_out():
    steps = []
    found = evaluate(_predictions(), without=("fwd", "lpips", "fid", "kid"), announce=steps.append)
    assert steps == ["pixel distances"]
    assert found["reasons"]["fwd"] == "left out, as asked"
    assert found["ssim"] is not None
    with pytest.raises(AstroganError, match="'psnr' cannot be left out"):
        evaluate(_predictions(), without=["psnr"])


def test_lpips_is_averaged_where_its_weights_are_at_hand(monkeypatch):
    values = np.linspace(0.1, 0.9, 10)
    monkeypatch.setattr(module, "load_lpips", lambda find: None)
    monkeypatch.setattr(module, "lpips_distances", lambda _network, _truth, _output: values)
    found = evaluate(_predictions(), without=("fwd",))
    assert found["lpips"] == pytest.approx(0.5)
    assert found["interval"]["lpips"][0] < 0.5 < found["interval"]["lpips"][1]


def test_the_summary_shows_numbers_dashes_and_reasons():
    text = summary(evaluate(_predictions(["hudf"] * 10)))
    lines = text.splitlines()
    assert lines[0] == "10 pairs of 16 px; 95 % intervals over 1 observations"
    assert next(line for line in lines if line.startswith("FID")).split() == ["FID", "–"]
    assert any(line.startswith("  mae_ab b") for line in lines)
    assert any(line.startswith("  fid: the Inception weights") for line in lines)
    assert lines[-1].startswith("Note: 1 observation, fewer than 8")


def test_folders_are_grouped_by_image_or_by_table(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(module, "read_folders", lambda *paths: asked.append(paths) or _predictions())
    by_image = evaluate_folders("t", "p", without=("fwd",))
    by_table = evaluate_folders("t", "p", "g.csv", without=("fwd",))
    assert (by_image["groups"], by_table["groups"]) == ("images", "groups")
    assert [path.name if path else None for path in asked[1]] == ["t", "p", "g.csv"]
    assert by_image["corrected"] == by_table["corrected"]
