import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from astrogan.base import AstroganError
from astrogan.evaluation import evaluate as module
from astrogan.evaluation.evaluate import evaluate as evaluate_all
from astrogan.evaluation.evaluate import evaluate_folders, summary
from astrogan.evaluation.intervals import groups_of
from astrogan.evaluation.metrics import METRICS
from astrogan.evaluation.metrics.distances import frechet_values
from astrogan.evaluation.metrics.wavelet import wavelet_values
from astrogan.tasks.predictions import from_uint8

RNG = np.random.default_rng(0)
TRUTH = RNG.integers(0, 256, (10, 16, 16, 3), dtype=np.uint8)
OUTPUT = np.clip(TRUTH + RNG.normal(4, 12, TRUTH.shape), 0, 255).astype(np.uint8)
TILES = np.array([f"t{index}" for index in range(10)])
CHANNELS = {"rgb": ("red", "green", "blue"), "ab": ("a", "b")}
CORRECTED = {"bias_rgb": 3, "mae_rgb": 3, "rmse_rgb": 3, "bias_ab": 2, "mae_ab": 2, "rmse_ab": 2}
PUBLISHED = {"l1_rgb": 3, "l2_rgb": 3, "l1_ab": 2, "l2_ab": 2}


def evaluate(*arguments, **options):
    return evaluate_all(*arguments, **options).record


def by_channel(found, name, part="values"):
    """The values or intervals of a metric by channel, as `published_l1_rgb`."""
    stem, space = name.rsplit("_", 1)
    return [found[part][f"{stem}_{channel}"] for channel in CHANNELS[space]]


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

    for name in ("fid", "kid"):
        monkeypatch.setitem(METRICS, name, replace(METRICS[name], features=features))
    return features


def _predictions(observation=TILES, output=OUTPUT):
    return from_uint8(TRUTH, output, np.asarray(observation), TILES)


def test_everything_that_needs_no_weights_is_there_with_intervals():
    found = evaluate(_predictions())
    json.dumps(found, allow_nan=False)
    assert found["n"] == 10
    assert found["values"]["fid"] is None
    assert found["values"]["kid"] is None
    assert found["values"]["lpips"] is None
    reasons = {name for name in found["reasons"] if METRICS[name].of("colour")}
    assert reasons == {"fid", "kid", "lpips", "fd_squeezenet"}
    assert "offline" in found["reasons"]["fid"]
    assert list(found["values"]) == list(found["intervals"]) == list(METRICS)
    for name in ("fwd", "psnr", "ssim", "psnr_y"):
        low, high = found["intervals"][name]
        assert low < found["values"][name] < high
    for prefix, names in (("", CORRECTED), ("published_", PUBLISHED)):
        for name, count in names.items():
            values = by_channel(found, prefix + name)
            assert len(values) == count
            for value, (low, high) in zip(values, by_channel(found, prefix + name, "intervals"), strict=True):
                assert low <= value <= high
    assert (found["size"], found["observations"], found["groups"]) == (16, 10, "observations")
    assert found["decidable"]
    assert found["notes"] == []


def test_values_are_those_of_the_parts(quick_features):
    found = evaluate(_predictions(), networks={"fid": Means()})
    error = OUTPUT.astype(float) - TRUTH
    np.testing.assert_allclose(by_channel(found, "bias_rgb"), error.mean((0, 1, 2)))
    np.testing.assert_allclose(by_channel(found, "published_l1_rgb"), ((-error) % 256).mean((0, 1, 2)))
    assert found["values"]["fid"] == pytest.approx(
        frechet_values(quick_features(None, TRUTH), quick_features(None, OUTPUT)).mean()
    )
    assert found["values"]["fwd"] == pytest.approx(wavelet_values(TRUTH, OUTPUT).mean())
    assert found["intervals"]["fid"][0] <= found["values"]["fid"] <= found["intervals"]["fid"][1]
    assert found["intervals"]["kid"][0] <= found["values"]["kid"] <= found["intervals"]["kid"][1]
    assert "no subsets" in found["methods"]["kid"]


def test_the_same_seed_gives_the_same_intervals():
    first, again, other = (evaluate(_predictions(), seed=seed)["intervals"] for seed in (1, 1, 2))
    assert first == again
    assert first["fwd"] != other["fwd"]
    assert first["psnr"] != other["psnr"]


def test_few_observations_are_resampled_by_blocks_with_the_note():
    predictions = _predictions(["hudf"] * 10)
    groups = groups_of(predictions.observation, [str(index // 2) for index in range(10)])
    found = evaluate(predictions, groups=groups)
    assert (found["groups"], found["group_count"], found["observations"]) == ("spatial blocks", 5, 1)
    assert not found["decidable"]
    assert "every claim stays undecided" in found["notes"][0]
    assert found["intervals"]["psnr"] is not None


def test_one_group_has_no_interval_and_the_reason():
    found = evaluate(_predictions(["hudf"] * 10))
    assert set(found["intervals"].values()) == {None}
    assert "two or more" in found["reasons"]["interval"]
    assert found["values"]["fwd"] > 0


def test_perfect_predictions():
    found = evaluate(_predictions(output=TRUTH))
    json.dumps(found, allow_nan=False)
    assert found["values"]["psnr"] is None
    assert found["intervals"]["psnr"] is None
    assert found["reasons"]["psnr"] == "every pair is identical"
    assert found["identical_pairs"] == 10
    assert found["values"]["ssim"] == pytest.approx(1)
    assert found["values"]["fwd"] == pytest.approx(0, abs=1e-9)
    assert by_channel(found, "published_l1_rgb") == [0, 0, 0]


def test_one_tiny_image_has_reasons_instead_of_distances():
    predictions = from_uint8(TRUTH[:1, :5, :6], OUTPUT[:1, :5, :6], TILES[:1], TILES[:1])
    found = evaluate(predictions)
    assert found["size"] == [5, 6]
    assert {found["values"][name] for name in ("fid", "kid", "fwd", "ssim", "psnr_y")} == {None}
    assert "6 x 5 px" in found["reasons"]["ssim"]
    assert found["values"]["psnr"] > 0
    assert "6 x 5 px" in summary(found)
    odd = from_uint8(TRUTH[:, :12], OUTPUT[:, :12], TILES, TILES)
    assert "divisible by 16" in evaluate(odd)["reasons"]["fwd"]


def test_fast_is_bfloat16_and_says_so(quick_features, monkeypatch):
    monkeypatch.setattr("astrogan.evaluation.populations.fast_available", lambda: True)
    found = evaluate(_predictions(), fast=True, networks={"fid": Means()})
    assert "bfloat16" in found["methods"]["fid"]
    assert found["intervals"]["fwd"] == evaluate(_predictions())["intervals"]["fwd"]


def test_the_distances_of_tiles_are_kept_beside_the_other_measures():
    record, measures = evaluate_all(_predictions())
    assert measures["fwd"].mean() == pytest.approx(record["values"]["fwd"])
    assert measures["fwd"].std() > 0


def test_distances_can_be_left_out():
    steps = []
    found = evaluate(
        _predictions(), without=[metric.name for metric in METRICS.values() if metric.skippable], announce=steps.append
    )
    assert steps == ["pixel distances"]
    assert found["reasons"]["fwd"] == "left out, as asked"
    assert found["values"]["ssim"] is not None
    with pytest.raises(AstroganError, match="'psnr' cannot be left out"):
        evaluate(_predictions(), without=["psnr"])


def test_lpips_is_averaged_where_its_weights_are_at_hand(monkeypatch):
    values = np.linspace(0.1, 0.9, 10)
    needs = replace(METRICS["lpips"].needs, network=lambda _find: None)
    monkeypatch.setitem(
        METRICS, "lpips", replace(METRICS["lpips"], needs=needs, function=lambda _pairs, _network: values)
    )
    found = evaluate(_predictions(), without=("fwd",))
    assert found["values"]["lpips"] == pytest.approx(0.5)
    assert found["intervals"]["lpips"][0] < 0.5 < found["intervals"]["lpips"][1]


def test_the_summary_shows_numbers_dashes_and_reasons():
    text = summary(evaluate(_predictions(["hudf"] * 10)))
    lines = text.splitlines()
    assert lines[0] == "10 pairs of 16 px; 95 % intervals over 1 observations"
    assert next(line for line in lines if line.startswith("FID")).split() == ["FID", "–"]
    assert any(line.startswith("  MAE b") for line in lines)
    assert any(line.startswith("  fid: the Inception weights") for line in lines)
    assert lines[-1].startswith("Note: 1 observation, fewer than 8")


def test_folders_are_grouped_by_image_or_by_table(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(module, "read_folders", lambda *paths: asked.append(paths) or _predictions())
    by_image = evaluate_folders("t", "p", without=("fwd",))
    by_table = evaluate_folders("t", "p", "g.csv", without=("fwd",))
    assert (by_image["groups"], by_table["groups"]) == ("images", "groups")
    assert [path.name if path else None for path in asked[1]] == ["t", "p", "g.csv"]
    assert by_image["values"] == by_table["values"]


def test_features_of_the_truth_are_made_once_where_they_are_kept(quick_features):
    kept, made = {}, []

    def keep(key, make):
        made.append(key)
        return kept.setdefault(key, make() if key not in kept else None)

    first = evaluate(_predictions(), networks={"fid": Means()}, keep=keep)
    again = evaluate(_predictions(), networks={"fid": Means()}, keep=keep)
    plain = evaluate(_predictions(), networks={"fid": Means()})
    # FID and KID share them; the other network's are EfficientNet-Lite0's
    assert len(made) == 4
    assert len(kept) == 2
    assert "float32" in made[0]
    assert first["values"] == again["values"] == plain["values"]
