import hashlib
import io

import pytest
import torch
from safetensors.torch import save_file

from astrogan.base import AstroganError
from astrogan.models import weights
from astrogan.models.weights import Resolution, WeightsFile, load, resolve, resolve_all


@pytest.fixture
def published(tmp_path, monkeypatch):
    """A folder with one small file of weights, and a registry that knows its hash."""
    folder = tmp_path / "weights"
    folder.mkdir()
    save_file({"layer.weight": torch.arange(4).half()}, folder / "small.safetensors")
    digest = hashlib.sha256((folder / "small.safetensors").read_bytes()).hexdigest()
    monkeypatch.setitem(weights.KNOWN, "small", (WeightsFile("small.safetensors", digest[:8]),))
    monkeypatch.setenv("ASTROGAN_WEIGHTS", str(folder))
    return folder


def test_a_file_at_hand_is_found_verified_and_loaded_as_float32(published):
    found = resolve("small")
    assert (found.available, found.found_in, found.filename) == (True, "ASTROGAN_WEIGHTS", "small.safetensors")
    state = load(found)
    assert state["layer.weight"].dtype == torch.float32
    assert state["layer.weight"].tolist() == [0, 1, 2, 3]
    assert Resolution(**resolve_all(["small"])["small"]) == found


def test_torch_hubs_cache_is_searched_too(tmp_path, monkeypatch):
    folder = tmp_path / "torch" / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    buffer = io.BytesIO()
    torch.save({"w": torch.ones(2)}, buffer)
    (folder / "other.pth").write_bytes(buffer.getvalue())
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    known = (WeightsFile("other.pth", hashlib.sha256(buffer.getvalue()).hexdigest()),)
    monkeypatch.setitem(weights.KNOWN, "other", known)
    found = resolve("other")
    assert found.found_in == "torch hub's cache"
    assert load(found)["w"].tolist() == [1, 1]


def test_wrong_bytes_are_an_error_and_a_missing_file_a_reason(published):
    (published / "small.safetensors").write_bytes(b"something else")
    with pytest.raises(AstroganError, match=r"small\.safetensors: sha256 is .*expected"):
        resolve("small")
    missing = resolve("resnet18")
    assert not missing.available
    assert "offline" in missing.reason


def test_a_file_that_changed_since_is_refused(published):
    found = resolve("small")
    save_file({"layer.weight": torch.zeros(4)}, published / "small.safetensors")
    with pytest.raises(AstroganError, match="changed since"):
        load(found)
    (published / "small.safetensors").unlink()
    with pytest.raises(AstroganError, match="gone now"):
        load(found)


def test_online_without_a_network_is_a_reason_too():
    found = resolve("resnet18", offline=False)
    assert not found.available
    assert "did not answer" in found.reason


def test_an_unknown_name_lists_the_known():
    with pytest.raises(AstroganError, match=r"known are .*resnet18"):
        resolve("resnet19")


def test_what_a_profile_requires_is_missed_with_the_choices_named():
    record = resolve_all(["vgg19"])
    weights.require(record, [])
    with pytest.raises(AstroganError, match=r"'vgg19'.*vgg19-dcbb9e9d\.pth.*ASTROGAN_WEIGHTS.*losses.*pixel needs no"):
        weights.require(record, ["vgg19"])
