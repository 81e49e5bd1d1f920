import numpy as np
from PIL import Image

from astrogan.report import curation
from astrogan.run import Run


def account(examples):
    steps = [("listed", "", 0, 10, 8, 40), ("chart", "says chart", 4, 6, 5, 30), ("small", "under 256 px", 1, 5, 5, 30)]
    names = ("name", "rule", "removed", "images", "observations", "tiles")
    return {"steps": [dict(zip(names, step, strict=True)) for step in steps], "examples": examples}


def test_the_table_has_a_line_a_step(tmp_path):
    curation.table(account({}), "esahubble").save(Run(tmp_path))
    text = Run(tmp_path).table_file("curation").read_text()
    assert ":name: curation" in text
    assert "esahubble" in text
    (line,) = [line for line in text.splitlines() if "says chart" in line]
    assert [cell.strip() for cell in line.strip("| ").split("|")] == ["chart", "says chart", "4", "6", "5", "30"]


def test_the_figure_shows_what_is_left():
    drawn = curation.figure(account({}))
    assert [axes.get_title(loc="left") for axes in drawn.axes] == ["images left", "observations left", "tiles left"]
    assert [bar.get_width() for bar in drawn.axes[0].patches] == [10, 6, 5]


def test_examples_are_pictures_that_went(tmp_path):
    Image.fromarray(np.zeros((300, 400, 3), np.uint8)).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"no image")
    removed = {"blank": [["a.png", "A", "97% even"]], "unusable": [["b.png", "B", "?"], ["", "C", "not fetched"]]}
    drawn = curation.examples(account(removed), tmp_path, "Images: NASA")
    assert [len(axes.images) for axes in drawn.axes] == [1, 0, 0, 0, 0, 0]
    assert drawn.axes[0].get_title(loc="left") == "blank\n97% even"
    assert curation.examples(account({}), tmp_path, "x") is None
