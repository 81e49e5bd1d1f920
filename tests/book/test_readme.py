import json
from pathlib import Path

import pytest

from astrogan.base import AstroganError
from astrogan.evaluation import METRICS
from astrogan.report.better import save_better
from astrogan.report.paper import rows
from tools.readme import BEGIN, END, headline, write_headline

ROOT = Path(__file__).parents[2]


@pytest.fixture
def results(make_run):
    run = make_run()
    (run / "provenance.json").write_text(json.dumps({"profile": "small"}))
    save_better(run)
    return run


def test_the_headline_is_that_of_the_metrics(results, tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text(f"# Title\n\n{BEGIN}\nold\n{END}\n\nThe rest.\n")
    write_headline(readme, results)
    text = readme.read_text()
    metrics = json.loads((results / "metrics" / f"{rows.IMPROVED}.json").read_text())
    values, intervals = metrics["values"], metrics["intervals"]
    shown = [
        f"{values[name]:.{digits}f} [{low:.{digits}f},\u00a0{high:.{digits}f}]"
        for name in ("mae_ab", "r2_colour", "colourfulness_ratio", "fwd")
        for digits in [METRICS[name].digits]
        for low, high in [intervals[name]]
    ]
    assert intervals["mae_ab"][0] < values["mae_ab"] < intervals["mae_ab"][1]
    assert f"| {' | '.join(shown)} |" in text
    assert "LPIPS" not in text  # no row has it, without its weights
    assert "| Flux error |" in text
    bicubic = json.loads((results / "metrics" / "bicubic.json").read_text())
    low, high = bicubic["intervals"]["psnr"]
    assert f"| Bicubic | {bicubic['values']['psnr']:.2f} [{low:.2f},\u00a0{high:.2f}] |" in text
    assert "16 tiles of 32 px from 8 observations" in text
    assert text.startswith("# Title\n")
    assert text.endswith("The rest.\n")
    assert "old" not in text
    write_headline(readme, results)
    assert readme.read_text() == text


def test_a_readme_without_marks_is_an_error(results, tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text(f"{END} {BEGIN}")
    with pytest.raises(AstroganError, match="has not the marks"):
        write_headline(readme, results)
    assert readme.read_text() == f"{END} {BEGIN}"


def test_the_repositorys_headline_is_that_of_the_published_run():
    text = (ROOT / "README.md").read_text()
    inside = text.split(BEGIN)[1].split(END)[0]
    assert inside == "\n" + headline(ROOT / "book" / "results", ROOT)
