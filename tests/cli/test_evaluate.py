import json

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from astrogan.cli.app import app

RNG = np.random.default_rng(0)


@pytest.fixture
def folders(tmp_path, monkeypatch):
    monkeypatch.setenv("ASTROGAN_OFFLINE", "1")
    monkeypatch.setenv("ASTROGAN_WEIGHTS", str(tmp_path))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "hub"))
    for folder in ("truth", "pred"):
        (tmp_path / folder).mkdir()
        for index in range(9):
            Image.fromarray(RNG.integers(0, 256, (16, 16, 3), dtype=np.uint8)).save(tmp_path / folder / f"{index}.png")
    return tmp_path


def _run(*arguments):
    return CliRunner().invoke(app, ["evaluate", *map(str, arguments)])


def test_two_folders_give_a_table_and_json(folders):
    path = folders / "out" / "found.json"
    result = _run("--truth", folders / "truth", "--pred", folders / "pred", "--json", path)
    assert result.exit_code == 0, result.output
    assert "9 pairs of 16 px; 95 % intervals over 9 images" in result.stdout
    found = json.loads(path.read_text())
    assert next(iter(found)) == "n"
    assert {"fid", "kid", "fwd", "lpips", "psnr", "ssim"} < found["values"].keys()
    assert found["n"] == 9
    assert found["intervals"].keys() == found["values"].keys()
    assert found["values"]["fid"] is None
    assert "Inception" in found["reasons"]["fid"]
    truth, pred = (
        np.stack([np.asarray(Image.open(folders / name / f"{index}.png"), float) for index in range(9)])
        for name in ("truth", "pred")
    )
    bias, l1 = (
        [found["values"][f"{name}_{channel}"] for channel in ("red", "green", "blue")]
        for name in ("bias", "published_l1")
    )
    np.testing.assert_allclose(bias, (pred - truth).mean((0, 1, 2)))
    np.testing.assert_allclose(l1, ((truth - pred) % 256).mean((0, 1, 2)))


def test_groups_and_fast(folders):
    table = folders / "groups.csv"
    table.write_text("file,group\n" + "".join(f"{index}.png,g{index % 4}\n" for index in range(9)))
    result = _run("--truth", folders / "truth", "--pred", folders / "pred", "--groups", table, "--fast")
    assert result.exit_code == 0, result.output
    assert "intervals over 4 groups" in result.stdout
    assert "every claim stays undecided" in result.stdout


def test_a_task_restricts_the_metrics(folders):
    pair = ("--truth", folders / "truth", "--pred", folders / "pred")
    assert "Flux error" in _run(*pair).stdout
    colour, upscale = (_run(*pair, "--task", task) for task in ("colour", "upscale"))
    assert "Flux error" not in colour.stdout
    assert "improvement" not in colour.stdout
    assert "Flux error" in upscale.stdout
    assert "improvement: Improvement needs images of at least 36 x 36 px" in upscale.stdout
    wrong = _run(*pair, "--task", "sharpen")
    assert (wrong.exit_code, wrong.stdout) == (1, "")
    assert "known are colour, upscale" in wrong.stderr


def test_what_is_wrong_is_one_paragraph_on_stderr_and_status_1(folders):
    (folders / "pred" / "3.png").write_bytes(b"broken")
    (folders / "truth" / "8.png").unlink()
    result = _run("--truth", folders / "truth", "--pred", folders / "pred", "--json", folders / "found.json")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "pred/3.png" in result.stderr
    assert "pred/8.png has no partner" in result.stderr
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.stderr
    assert not (folders / "found.json").exists()


def test_a_wrong_option_is_a_usage_error():
    assert _run("--truth", "x").exit_code == 2
