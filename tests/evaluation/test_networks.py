"""The features that Fréchet distances take, against torchvision's arithmetic and networks."""

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.models import squeezenet1_1
from torchvision.transforms import v2

from astrogan.evaluation.evaluate import evaluate
from astrogan.evaluation.metrics import METRICS, Unavailable
from astrogan.evaluation.metrics import networks as module
from astrogan.evaluation.metrics.networks import (
    efficientnet_features,
    folded,
    load_efficientnet,
    load_squeezenet,
    squeezenet_features,
)
from astrogan.models.efficientnet_lite import EfficientNetLite0
from astrogan.models.weights import nothing_at_hand, resolve
from astrogan.tasks.predictions import from_uint8

IMAGES = np.random.default_rng(0).integers(0, 256, (5, 300, 260, 3), dtype=np.uint8)
IMAGENET = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}


def prepared(mean: list[float], std: list[float]) -> torch.Tensor:
    """By torchvision's transforms."""
    steps = v2.Compose([v2.Resize((224, 224), antialias=True), v2.Normalize(mean, std)])
    return steps(torch.from_numpy(IMAGES).permute(0, 3, 1, 2).float() / 255)


@pytest.fixture(scope="module")
def squeezenet():
    torch.manual_seed(0)
    return squeezenet1_1(weights=None).eval()


def test_squeezenets_are_its_last_fire_module_s(squeezenet, monkeypatch):
    monkeypatch.setattr(module, "published", lambda *_args: squeezenet.state_dict())
    with torch.no_grad():
        expected = squeezenet.features(prepared(**IMAGENET)).mean(dim=(2, 3))
    found = squeezenet_features(load_squeezenet(), IMAGES)
    assert (found.shape, found.dtype) == ((5, 512), np.float64)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_efficientnets_are_what_its_classifier_sees():
    network = EfficientNetLite0().eval()
    network.load_state_dict(module.load(resolve("efficientnet_lite0")))
    seen = []
    network.classifier.register_forward_pre_hook(lambda _module, given: seen.append(given[0]))
    with torch.no_grad():
        network(prepared([127 / 255] * 3, [128 / 255] * 3))
    found = efficientnet_features(load_efficientnet(), IMAGES)
    assert found.shape == (5, 1280)
    np.testing.assert_allclose(found, seen[0], rtol=1e-3, atol=1e-5)


def test_features_do_not_depend_on_the_batch_or_the_threads(squeezenet):
    whole = squeezenet_features(squeezenet.features, IMAGES)
    each = np.concatenate([squeezenet_features(squeezenet.features, image[None]) for image in IMAGES])
    np.testing.assert_allclose(whole, each, rtol=1e-4, atol=1e-5)


def test_folding_changes_a_copy_and_no_output():
    torch.manual_seed(0)
    network = EfficientNetLite0()
    network(torch.rand(4, 3, 32, 32))  # so that the norms have something to fold
    network.eval()
    images = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(folded(network)(images), network(images), rtol=1e-3, atol=1e-4)
    assert not any(isinstance(each, torch.nn.BatchNorm2d) for each in folded(network).modules())
    assert any(isinstance(each, torch.nn.BatchNorm2d) for each in network.modules())


def test_distances_stand_under_their_names_and_see_a_loss_of_colour():
    from skimage import data

    tiles = np.stack([data.astronaut()[y : y + 96, x : x + 96] for y in (0, 128, 256) for x in (32, 160, 288)])
    names = np.array([f"t{index}" for index in range(len(tiles))])
    grey = np.repeat(np.array([Image.fromarray(tile).convert("L") for tile in tiles])[..., None], 3, axis=-1)
    left_out = {metric.name for metric in METRICS.values() if metric.skippable} - {"fd_efficientnet"}
    records = [evaluate(from_uint8(tiles, output, names, names), without=left_out).record for output in (tiles, grey)]
    same, faded = (record["values"]["fd_efficientnet"] for record in records)
    assert same == pytest.approx(0, abs=1e-6)
    assert faded > 1
    assert "1,280 features" in records[0]["methods"]["fd_efficientnet"]
    assert "N = 9" in records[0]["methods"]["fd_efficientnet"]
    assert METRICS["fd_efficientnet"].heading == "FD, EfficientNet-Lite0"


def test_without_weights_the_reason_names_metric_and_file():
    find = nothing_at_hand("this machine has none")
    for load, words in (
        (load_efficientnet, r"weights of EfficientNet-Lite0 \(efficientnet-lite0-57934424\.pth\)"),
        (load_squeezenet, r"weights of SqueezeNet 1\.1 \(.*b8a52dc0\.pth\)"),
    ):
        with pytest.raises(Unavailable, match=words + ".* this machine has none"):
            load(find)
