from pathlib import Path

import pytest
import yaml

from astrogan.experiments.plan import stages
from astrogan.experiments.profiles import load_profile

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["paper", "quick", "smoke"])
def test_training_alone_asks_for_a_gpu(name, monkeypatch, tmp_path):
    monkeypatch.setenv("ASTROGAN_DATA", str(tmp_path))
    monkeypatch.delenv("ASTROGAN_WEIGHTS", raising=False)
    slurm = yaml.safe_load((ROOT / "workflow" / "slurm" / "config.yaml").read_text())
    asked = {}
    for stage in stages(load_profile(ROOT / "workflow" / "profiles" / f"{name}.yaml"), ROOT):
        resources = slurm["default-resources"] | slurm["set-resources"].get(stage.name.replace("-", "_"), {})
        asked[stage.name] = (bool(resources["gpu"]), "phase" in stage.parameters)
    assert [stage for stage, (gpu, trains) in asked.items() if gpu != trains] == []
    assert {trains for _, trains in asked.values()} == {True, False}
