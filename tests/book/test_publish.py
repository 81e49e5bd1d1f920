import base64
import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from astrogan.base import AstroganError
from astrogan.book import publish as module
from astrogan.book.publish import publish, scrub


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A finished run in a checkout at `tmp_path`, with heavy parts and paths of the machine in it."""
    monkeypatch.chdir(tmp_path)
    run = tmp_path / "runs" / "small"
    for name, text in {
        "provenance.json": json.dumps({"profile": "small", "folder": str(run)}),
        "weights.json": "{}",
        "metrics/row.json": "{}",
        "measures/row.csv": "tile,mae_rgb\na,1.0\n",
        "tables/table1.md": f"made in {tmp_path}/runs",
        "figures/figure1.png": "picture",
        "notebooks/pretrain.ipynb": json.dumps({"path": f"{tmp_path}/runs/small", "home": str(Path.home() / "x")}),
        "notebooks/broken.failed.ipynb": "{}",
        "notebooks/.hidden.partial.ipynb": "{}",
        "checkpoints/a/pretrain.pt": "heavy",
        "predictions/row.npz": "heavy",
        "progress/row.pt": "heavy",
    }.items():
        path = run / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return run


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_light_parts_are_copied_and_nothing_else(run, tmp_path):
    out = tmp_path / "book" / "results"
    publish(run, out)
    assert names(out) == [
        "figures/figure1.png",
        "measures/row.csv",
        "metrics/row.json",
        "notebooks/pretrain.ipynb",
        "provenance.json",
        "tables/table1.md",
        "weights.json",
    ]


def test_no_path_of_the_machine_is_published(run, tmp_path):
    out = tmp_path / "book" / "results"
    publish(run, out)
    for path in out.rglob("*.*"):
        assert str(tmp_path) not in path.read_text()
        assert str(Path.home()) not in path.read_text()
    assert (out / "tables/table1.md").read_text() == "made in ./runs"


def test_a_later_run_replaces_an_earlier_one(run, tmp_path):
    out = tmp_path / "book" / "results"
    publish(run, out)
    (run / "metrics" / "row.json").rename(run / "metrics" / "other.json")
    publish(run, out)
    assert "metrics/row.json" not in names(out)
    assert "metrics/other.json" in names(out)


def test_too_heavy_a_run_is_refused_and_the_published_one_kept(run, tmp_path, monkeypatch):
    out = tmp_path / "book" / "results"
    publish(run, out)
    monkeypatch.setattr(module, "MAX_FILE", 6)
    (run / "figures" / "figure1.png").write_text("new picture")
    with pytest.raises(AstroganError, match=r"too heavy.*figures/figure1\.png"):
        publish(run, out)
    assert (out / "figures" / "figure1.png").read_text() == "picture"


def test_an_unfinished_run_is_refused(run, tmp_path):
    (run / "provenance.json").unlink()
    with pytest.raises(AstroganError, match=r"not a finished run.*make report PROFILE=small"):
        publish(run, tmp_path / "out")


def test_large_pictures_of_notebooks_shrink_and_look_the_same(run, tmp_path):
    photograph = data.astronaut()
    plot = np.full((40, 40, 3), 255, np.uint8)

    def png(picture):
        buffer = io.BytesIO()
        Image.fromarray(picture).save(buffer, "PNG")
        return base64.b64encode(buffer.getvalue()).decode()

    outputs = [{"output_type": "display_data", "data": {"image/png": png(picture)}} for picture in (photograph, plot)]
    notebook = run / "notebooks" / "pretrain.ipynb"
    notebook.write_text(json.dumps({"cells": [{"cell_type": "code", "outputs": outputs}]}))
    publish(run, tmp_path / "out")
    kept = tmp_path / "out" / "notebooks" / "pretrain.ipynb"
    large, small = json.loads(kept.read_text())["cells"][0]["outputs"]
    assert small == outputs[1]
    assert list(large["data"]) == ["image/jpeg"]
    shown = np.asarray(Image.open(io.BytesIO(base64.b64decode(large["data"]["image/jpeg"]))))
    assert np.abs(shown.astype(int) - photograph).mean() < 3
    assert kept.stat().st_size < notebook.stat().st_size / 3


def test_scrubbing_leaves_other_text_alone(tmp_path):
    assert scrub("lr 1/2, a/b, https://example.org/lib", root=tmp_path) == "lr 1/2, a/b, https://example.org/lib"
    assert scrub("/opt/env/lib/python3.11/site-packages/x.py", root=tmp_path) == "lib/python3.11/site-packages/x.py"
