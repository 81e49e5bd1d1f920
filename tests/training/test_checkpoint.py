import subprocess
import sys

import pytest
import torch

from astrogan.base import AstroganError
from astrogan.training.checkpoint import FORMAT, load_checkpoint, load_weights, save_checkpoint

CONTENT = {"networks": {"generator": {"w": torch.arange(1000.0)}}, "epoch": 3, "notes": ["a"]}


@pytest.fixture
def saved(tmp_path):
    return save_checkpoint(tmp_path / "x.pt", CONTENT, {"size": 64, "task": "colour"})


def test_what_is_saved_comes_back_without_pickled_code(saved):
    torch.load(saved, weights_only=True)
    content = load_checkpoint(saved, expected={"size": 64})
    assert torch.equal(content["networks"]["generator"]["w"], torch.arange(1000.0))
    assert content["config"] == {"size": 64, "task": "colour"}


def test_another_configuration_is_named(saved):
    with pytest.raises(AstroganError, match=r"x\.pt belongs to another configuration: size is 64, expected 256"):
        load_checkpoint(saved, expected={"size": 256})


@pytest.mark.parametrize("keep", [0, 10, 500, -10])
def test_a_truncated_file_is_named(saved, keep):
    data = saved.read_bytes()
    saved.write_bytes(data[:keep])
    with pytest.raises(AstroganError, match=r"x\.pt cannot be read.*Delete it"):
        load_checkpoint(saved)


def test_a_missing_file_and_a_strangers_file(tmp_path):
    with pytest.raises(AstroganError, match="does not exist"):
        load_checkpoint(tmp_path / "none.pt")
    torch.save({"w": torch.ones(1)}, tmp_path / "other.pt")
    with pytest.raises(AstroganError, match="not of astrogan's format"):
        load_checkpoint(tmp_path / "other.pt")


def test_another_format_is_named_with_what_to_do(saved):
    content = torch.load(saved, weights_only=True)
    assert content["format"] == FORMAT == 2
    torch.save(content | {"format": 1}, saved)
    with pytest.raises(
        AstroganError, match=r"x\.pt is of format 1, this version reads 2: .*another version.*Train its phase again"
    ):
        load_checkpoint(saved)


def test_weights_of_another_network_are_refused(saved):
    state = load_checkpoint(saved)["networks"]["generator"]
    with pytest.raises(AstroganError, match=r"x\.pt does not hold the weights of the network that it names"):
        load_weights(torch.nn.Linear(2, 2), state, saved)


def test_a_full_disk_keeps_the_old_checkpoint(saved):
    script = """
import resource, signal, sys, torch
from astrogan.training.checkpoint import save_checkpoint
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
save_checkpoint(sys.argv[1], {"w": torch.zeros(100_000)}, {})
"""
    result = subprocess.run(
        [sys.executable, "-B", "-c", script, str(saved)], capture_output=True, text=True, timeout=120
    )
    assert "AstroganError" in result.stderr
    assert "could not be saved" in result.stderr
    assert load_checkpoint(saved)["epoch"] == 3
    assert [path.name for path in saved.parent.iterdir()] == ["x.pt"]
