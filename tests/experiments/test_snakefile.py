"""What makes a stage run again: asked of Snakemake itself, on a copy of the workflow whose outputs are all in place."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def command_line(folder, arguments, profile):
    environment = os.environ | {
        "PYTHONPATH": str(folder / "lib"),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    command = [sys.executable, "-m", "snakemake", "--snakefile", "workflow/Snakefile", "--cores", "1"]
    return [*command, *arguments, "--config", f"profile={profile}"], environment


def snakemake(folder, *arguments, profile="smoke"):
    command, environment = command_line(folder, arguments, profile)
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)


def start_snakemake(folder, *arguments):
    """In a process group of its own, to be killed as a whole."""
    command, environment = command_line(folder, arguments, "smoke")
    null = subprocess.DEVNULL
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=null, stderr=null, start_new_session=True)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A copy of the workflow and the library, its stages replaced by ones that only touch their outputs, and all run once."""
    folder = tmp_path_factory.mktemp("copy")
    for name in ("lib", "workflow", "notebooks", "book"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "results"))
    for name in ("_config.yml", "_toc.yml"):
        shutil.copy(ROOT / name, folder / name)
    snakefile = folder / "workflow" / "Snakefile"
    text, count = re.subn(r'"astrogan run stage .*"', '"touch {output}"', snakefile.read_text())
    assert count == 1
    snakefile.write_text(text)
    result = snakemake(folder, "--quiet", "all")
    assert result.returncode == 0, result.stderr
    return folder


@pytest.fixture
def world(done, tmp_path):
    """A private copy of the finished one."""
    folder = tmp_path / "world"
    shutil.copytree(done, folder, symlinks=True)
    return folder


def would_run(folder):
    """The stages that a dry run names, and its whole text."""
    result = snakemake(folder, "--dry-run")
    assert result.returncode == 0, result.stderr
    text = result.stdout + result.stderr
    return set(re.findall(r"^rule (\w+):", text, re.MULTILINE)) - {"all"}, text


COLOUR = {"lab_resnet18_pretrain", "lab_resnet18_adversarial", "lab_resnet18_finetune"}


def test_nothing_runs_when_nothing_changed(world):
    assert would_run(world)[0] == set()


def test_a_notebook_saved_in_jupyterlab_retrains_nothing(world):
    path = world / "notebooks" / "pretrain.ipynb"
    notebook = json.loads(path.read_text())
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["hello"]}]
            cell["execution_count"] = 3
    path.write_text(json.dumps(notebook))
    assert would_run(world)[0] == set()


def test_a_touched_file_and_a_commit_retrain_nothing(world):
    for path in [*(world / "lib").rglob("*.py"), *(world / "notebooks").glob("*.ipynb")]:
        path.touch()
    subprocess.run(["git", "init", "-q"], cwd=world, check=True)
    commit = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "x"]
    subprocess.run(commit, cwd=world, check=True)
    assert would_run(world)[0] == set()


def test_rewording_what_only_readers_need_retrains_nothing(world):
    """Descriptions of parameters, docstrings, comments, formatting, and the cells that repeat descriptions."""
    library = world / "lib" / "astrogan"
    for path, old, new in (
        (library / "training" / "config.py", "passes over images_per_epoch images", "how often a tile is seen"),
        (library / "training" / "learner.py", '"""', '"""Said otherwise. '),
        (library / "run.py", "\nfrom dataclasses", "\n# A comment.\nfrom dataclasses"),
        (library / "experiments" / "stage.py", "# 24 GB on the GPU.", "#   Much memory."),
        (library / "data" / "config.py", 'description="side of a tile, px"', 'description=("side, px")'),
        (world / "notebooks" / "pretrain.ipynb", "passes over images_per_epoch images", "how often a tile is seen"),
        (world / "workflow" / "experiments.yaml", "experiments:", "# A comment.\nexperiments:"),
        (world / "workflow" / "profiles" / "smoke.yaml", "phases:", "# A comment.\nphases:"),
    ):
        text = path.read_text()
        assert old in text, path
        path.write_text(text.replace(old, new, 1))
    assert would_run(world)[0] == set()


def test_a_notebooks_code_reruns_what_depends_on_it(world):
    path = world / "notebooks" / "finetune.ipynb"
    old = '"from astrogan.training.config import TrainStage'
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, f'"import math\\n{old[1:]}', 1))
    stages, text = would_run(world)
    assert {"lab_resnet18_finetune", "evaluate_lab_resnet18", "report", "book"} <= stages
    assert not stages & {"lab_resnet18_pretrain", "lab_resnet18_adversarial", "data_astronomy", "evaluate_grey"}
    assert "finetune.ipynb:" in text


def test_a_library_module_reruns_what_imports_it(world):
    path = world / "lib" / "astrogan" / "training" / "learner.py"
    path.write_text(path.read_text() + "\nCHANGED = 1\n")
    stages, text = would_run(world)
    assert stages >= COLOUR
    assert not stages & {"data_astronomy", "data_photographs", "weights"}
    assert "astrogan.training.learner:" in text


def test_a_new_experiment_is_one_entry_and_its_name_in_a_profile(world):
    experiments = world / "workflow" / "experiments.yaml"
    entry = """experiments:
  mine:
    task: colour
    network: {pretrained: false}
    start_from: lab-resnet18/adversarial
    images: {finetune: photographs}
    phases: {finetune: {lr: 0.0003}}
    rows: {finetune: {label: "Mine", short: mine, color: red, in: [table1]}}
"""
    experiments.write_text(experiments.read_text().replace("experiments:\n", entry, 1))
    profile = world / "workflow" / "profiles" / "smoke.yaml"
    profile.write_text(profile.read_text() + "  mine: {finetune: {epochs: 2}}\n")
    stages, _ = would_run(world)
    assert {"mine_finetune", "evaluate_mine", "report", "provenance", "book"} <= stages
    assert not stages - {"mine_finetune", "evaluate_mine", "apply", "report", "provenance", "book"}


def test_a_change_in_the_report_retrains_nothing(world):
    path = world / "lib" / "astrogan" / "report" / "figures" / "curves.py"
    path.write_text(path.read_text() + "\nCHANGED = 1\n")
    stages, _ = would_run(world)
    assert "report" in stages
    assert not {stage for stage in stages if not stage.startswith(("report", "provenance", "book"))}


def test_a_changed_parameter_reruns_its_phase_and_the_reason_is_printed(world):
    path = world / "workflow" / "profiles" / "smoke.yaml"
    text = path.read_text()
    changed = text.replace("  lab-resnet18:\n", "  lab-resnet18: {finetune: {epochs: 2}}\n", 1)
    assert changed != text
    path.write_text(changed)
    stages, output = would_run(world)
    assert "lab_resnet18_finetune" in stages
    assert not stages & {"lab_resnet18_pretrain", "lab_resnet18_adversarial"}
    assert "epochs=2" in output


def test_prose_rerenders_the_book_alone(world):
    path = world / "book" / "discussion.md"
    path.write_text(path.read_text() + "\nMore.\n")
    assert would_run(world)[0] == {"book"}


def test_an_unknown_profile_is_named(world):
    result = snakemake(world, "--dry-run", profile="fast")
    assert result.returncode != 0
    assert "no profile is called 'fast'; known are" in result.stdout + result.stderr


def test_a_profile_of_an_older_version_is_named_in_one_sentence(world):
    profile = world / "workflow" / "profiles" / "smoke.yaml"
    profile.write_text(profile.read_text() + "upscale: {phases: {}, experiments: {}}\n")
    result = snakemake(world, "--dry-run")
    assert result.returncode != 0
    assert re.search(r"smoke\.yaml is of an older version.*experiments\.yaml", result.stdout + result.stderr)


def test_a_run_that_was_killed_goes_on_where_it_was(done, tmp_path):
    """kill -9 of Snakemake in the middle of a stage; `make report` passes --rerun-incomplete."""
    folder = tmp_path / "world"
    shutil.copytree(done, folder, symlinks=True, ignore=shutil.ignore_patterns("runs", "_build", ".snakemake"))
    snakefile = folder / "workflow" / "Snakefile"
    slow = '"touch {output}; case {params.stage} in *-adversarial) test ! -e slow || sleep 30;; esac"'
    (folder / "slow").touch()
    snakefile.write_text(snakefile.read_text().replace('"touch {output}"', slow))
    process = start_snakemake(folder, "--quiet", "all")
    marker = folder / "runs/smoke/checkpoints/lab-resnet18/adversarial.pt"
    deadline = time.monotonic() + 60
    while not marker.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert marker.exists()
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()

    (folder / "slow").unlink()
    flags = ("--rerun-incomplete", "--nolock")
    for missing in flags:
        left = [flag for flag in flags if flag != missing]
        assert snakemake(folder, *left).returncode != 0, f"{missing} is needed"
    stamps = {phase: marker.with_stem(phase).stat().st_mtime_ns for phase in ("pretrain", "adversarial")}
    result = snakemake(folder, *flags)
    assert result.returncode == 0, result.stdout + result.stderr
    assert marker.stat().st_mtime_ns > stamps["adversarial"]
    assert marker.with_stem("pretrain").stat().st_mtime_ns == stamps["pretrain"]
    assert marker.with_stem("finetune").exists()
    assert all(flag in (ROOT / "Makefile").read_text() for flag in flags)
