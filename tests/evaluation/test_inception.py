import numpy as np
import pytest
import torch
from pytorch_fid.inception import InceptionV3, fid_inception_v3

from astrogan.base import AstroganError
from astrogan.device import Precision
from astrogan.evaluation.metrics import Unavailable, networks
from astrogan.evaluation.metrics import inception as module
from astrogan.evaluation.metrics.distances import frechet_values
from astrogan.evaluation.metrics.inception import inception_features, load_inception, random_inception
from astrogan.evaluation.metrics.networks import fast_available
from astrogan.models.weights import KNOWN, WeightsFile

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (3, 32, 32, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def network():
    return random_inception(seed=1, calibration_images=2)


def test_features_are_those_of_pytorch_fid_s_network(network):
    with torch.no_grad():
        expected = network(torch.from_numpy(IMAGES).permute(0, 3, 1, 2).float() / 255)[0].flatten(1).numpy()
    found = inception_features(network, IMAGES)
    assert found.shape == (3, 2048)
    assert found.dtype == np.float64
    # folding batch norms rounds differently
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3 * expected.std())
    assert next(network.parameters()).dtype == torch.float32


def test_random_weights_are_seeded_and_tell_images_apart(network):
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    again = random_inception(seed=1, calibration_images=2)
    assert torch.rand(1) == expected  # the caller's random numbers are left alone
    features = inception_features(network, IMAGES)
    np.testing.assert_allclose(features, inception_features(again, IMAGES), rtol=1e-4, atol=1e-4)
    assert (features.std(axis=0) > 0).mean() > 0.9
    assert features.std(axis=0).mean() > 0.05 * features.mean()


def test_fast_features_lie_close(network, monkeypatch):
    monkeypatch.setattr(networks, "fast_available", lambda: True)
    exact, fast = (inception_features(network, IMAGES, fast) for fast in (False, True))
    assert frechet_values(exact, fast).mean() < 0.02 * frechet_values(exact, exact[::-1] + exact.std()).mean()
    assert not np.array_equal(exact, fast)


def test_fast_is_refused_where_it_does_not_pay(network, monkeypatch):
    slow = Precision(torch.device("cpu"), False, False, "no bfloat16")
    monkeypatch.setattr(networks, "choose_precision", lambda: slow)
    assert not fast_available()
    with pytest.raises(AstroganError, match="bfloat16"):
        inception_features(network, IMAGES, fast=True)


def test_published_weights_are_found_by_name_and_checked(tmp_path, monkeypatch):
    monkeypatch.setenv("ASTROGAN_WEIGHTS", str(tmp_path))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "hub"))
    with pytest.raises(Unavailable, match=r"pt_inception-2015-12-05-6726825d\.pth.*offline"):
        load_inception()
    path = tmp_path / KNOWN[module.WEIGHTS][0].filename
    path.write_bytes(b"not the weights")
    with pytest.raises(AstroganError, match="sha256"):
        load_inception()


def test_weights_of_pytorch_fid_s_layout_are_loaded(tmp_path, monkeypatch):
    """A file as pytorch-fid publishes it gives the network that pytorch-fid builds from it."""
    reference = {}

    def keep_initial(self, _state):
        reference.update(self.state_dict())

    with monkeypatch.context() as patched:
        patched.setattr("pytorch_fid.inception.load_state_dict_from_url", lambda *_args, **_options: {})
        patched.setattr("torchvision.models.inception.Inception3.load_state_dict", keep_initial)
        fid_inception_v3()
    torch.save(reference, tmp_path / "inception.pth")
    monkeypatch.setenv("ASTROGAN_WEIGHTS", str(tmp_path))
    monkeypatch.setitem(KNOWN, module.WEIGHTS, (WeightsFile("inception.pth", ""),))
    loaded = load_inception()
    assert isinstance(loaded, InceptionV3)
    assert not loaded.training
    first = loaded.blocks[0][0].conv.weight
    assert torch.equal(first, reference["Conv2d_1a_3x3.conv.weight"])
