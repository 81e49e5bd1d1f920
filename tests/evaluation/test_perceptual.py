import lpips
import numpy as np
import pytest
import torch
from torchvision.models import squeezenet1_1

from astrogan.evaluation.metrics import METRICS, Unavailable
from astrogan.evaluation.metrics.perceptual import load_lpips, lpips_distances, with_trunk

RNG = np.random.default_rng(0)
TRUTH = RNG.integers(0, 256, (3, 48, 40, 3), dtype=np.uint8)
OUTPUT = np.clip(TRUTH + RNG.normal(0, 30, TRUTH.shape), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def state():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return squeezenet1_1(weights=None).state_dict()


def test_equals_the_definition_on_the_same_trunk(state):
    """Zhang et al. (2018), equation 1, written out on torchvision's network and lpips' heads."""
    network = with_trunk(state)
    trunk = squeezenet1_1(weights=None).eval()
    trunk.load_state_dict(state)
    heads = torch.load(f"{lpips.__path__[0]}/weights/v0.1/squeeze.pth", weights_only=True, map_location="cpu")
    shift, scale = torch.tensor([-0.030, -0.088, -0.188]), torch.tensor([0.458, 0.448, 0.450])
    taps = (1, 4, 7, 9, 10, 11, 12)

    def activations(image):
        x, found = ((torch.from_numpy(image).float() / 127.5 - 1 - shift) / scale).permute(2, 0, 1)[None], []
        for index, layer in enumerate(trunk.features):
            x = layer(x)
            if index in taps:
                found.append(x / (x.square().sum(1, keepdim=True).sqrt() + 1e-10))
        return found

    expected = []
    with torch.no_grad():
        for pair in zip(TRUTH, OUTPUT, strict=True):
            layers = enumerate(zip(*map(activations, pair), strict=True))
            expected.append(
                sum(float(((a - b) ** 2 * heads[f"lin{k}.model.1.weight"]).sum(1).mean()) for k, (a, b) in layers)
            )
    np.testing.assert_allclose(lpips_distances(network, TRUTH, OUTPUT), expected, rtol=1e-4)
    np.testing.assert_allclose(lpips_distances(network, TRUTH, TRUTH), 0, atol=1e-7)


def test_the_trunk_is_the_given_one(state):
    assert torch.equal(with_trunk(state).net.slice3[1].squeeze.weight, state["features.6.squeeze.weight"])


def test_without_weights_or_with_tiny_images_the_reason_is_given(state, tmp_path, monkeypatch):
    monkeypatch.setenv("ASTROGAN_WEIGHTS", str(tmp_path))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "hub"))
    with pytest.raises(Unavailable, match=r"SqueezeNet 1\.1 weights of LPIPS .*b8a52dc0\.pth.*not at hand"):
        load_lpips()
    with pytest.raises(Unavailable, match="16 x 16 px"):
        METRICS["lpips"].needs.check("LPIPS", (8, 8))
