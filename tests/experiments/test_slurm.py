from pathlib import Path

import yaml

from astrogan.experiments import load_profile, plan_stages

ROOT = Path(__file__).parents[2]


def test_the_profile_for_slurm_names_no_stage_and_leaves_to_stages_what_they_need(monkeypatch, tmp_path):
    monkeypatch.setenv("ASTROGAN_DATA", str(tmp_path))
    text = (ROOT / "workflow" / "slurm" / "config.yaml").read_text()
    slurm = yaml.safe_load(text)
    assert "set-resources" not in slurm
    assert slurm["default-resources"] == {"gpu": 0}
    stages = plan_stages(load_profile(ROOT / "workflow" / "profiles" / "paper.yaml"), ROOT)
    assert not [name for name in stages if name in text.split() or name.replace("-", "_") in text.split()]
    snakefile = (ROOT / "workflow" / "Snakefile").read_text()
    assert all(f"{name}=stage.{name}" in snakefile for name in ("gpu", "mem_mb", "runtime"))
    assert "threads: stage.threads" in snakefile
