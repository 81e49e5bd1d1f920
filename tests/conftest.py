"""Shared by all tests: offline, deterministic, and no weights but those that a test makes itself."""

import os

import pytest

pytest_plugins = [
    f"tests.fixtures.{name}" for name in ("archives", "authors_files", "frames", "images", "made_run", "small_training")
]

os.environ.setdefault("MPLBACKEND", "agg")


@pytest.fixture(autouse=True)
def _no_weights_at_hand(monkeypatch, tmp_path_factory):
    """Tests see neither ASTROGAN_WEIGHTS nor this machine's torch hub cache."""
    monkeypatch.delenv("ASTROGAN_WEIGHTS", raising=False)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path_factory.getbasetemp() / "torch"))
