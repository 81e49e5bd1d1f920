"""The staged book: a run's results where it has them, placeholders where not, and pages that say which."""

import json
import re
from pathlib import Path

import nbformat
import pytest
import yaml
from myst_nb.core.utils import coalesce_streams

from astrogan.base import AstroganError
from astrogan.book.generated import duration
from astrogan.book.prose import HOLE, RUN_ROOTS, fill
from astrogan.book.staging import as_page, stage, stage_notebooks
from astrogan.evaluation import metrics_in
from astrogan.evaluation.intervals import DRAWS, ENOUGH_OBSERVATIONS
from astrogan.experiments.catalogue import read_catalogue
from astrogan.report import better
from astrogan.report.claims.model import load_claims
from astrogan.report.paper import numbers as paper
from astrogan.run import Run

ROOT = Path(__file__).parents[2]
ROWS = [
    "lab-resnet18-pretrain", "lab-resnet18-adversarial", "lab-resnet18-finetune", "rgb-resnet18-adversarial",
    "rgb-basic-adversarial", "grey", "srgan-finetune", "edsr-finetune", "wdsr-finetune", "bicubic",
]  # fmt: skip
METRICS = {
    "n": 40, "size": 64, "observations": 1,
    "values": {
        "fid": None, "fwd": 12.5, "psnr": 30.0, "mae_rgb": 2.0, "bias_red": 1.0, "bias_green": -2.0, "bias_blue": 3.0,
        "published_l1_rgb": 61.0, "published_l2_rgb": 3.0,
    },
    "reasons": {"fid": "no weights"}, "notes": ["encoder: random weights"],
}  # fmt: skip
HISTORY = {
    "best_epoch": 3, "images_per_epoch": 400, "parameters": {"generator": 31099672},
    "config": {"epochs": 6, "losses": {"l1": 100.0, "chroma_l1": 8.0, "colours": 50.0}, "criterion": "pixel"},
}  # fmt: skip


@pytest.fixture
def run(tmp_path):
    """A small run folder of profile quick on the sample."""
    folder = tmp_path / "runs" / "quick"
    for name in ("figures", "tables", "metrics", "history", "notebooks"):
        (folder / name).mkdir(parents=True)
    for row in ROWS:
        (folder / "metrics" / f"{row}.json").write_text(json.dumps({"format": 2} | METRICS))
    for phase in ("pretrain", "adversarial", "finetune"):
        epochs = [{"seconds": 130.0}, {"seconds": 50.0}]
        (folder / "history" / f"lab-resnet18-{phase}.json").write_text(
            json.dumps({"format": 2, "best_epoch": 3, "epochs": epochs})
        )
    provenance = {"profile": "quick", "data": {"astronomy": "sample", "photographs": "sample"}}
    (folder / "provenance.json").write_text(json.dumps(provenance))
    (folder / "figures" / "figure1.png").write_bytes(b"png")
    (folder / "tables" / "table1.md").write_text("```{table} Ours\n:name: table1\n\n| a |\n|---|\n| 1 |\n```\n")
    (folder / "tables" / "audit-mine.md").write_text("mine\n")
    nbformat.write(_notebook(), folder / "notebooks" / "pretrain.ipynb")
    return folder


def _notebook():
    new = nbformat.v4
    outputs = [
        new.new_output("stream", name="stderr", text=" 0%\r 50%\r100%\nnext\r\n"),
        new.new_output("display_data", data={"application/vnd.jupyter.widget-view+json": {}, "text/plain": "w"}),
        new.new_output("display_data", data={"image/png": "iVBORw0KGgo=", "text/plain": "<Figure>"}),
    ]
    cells = [
        new.new_markdown_cell("# Pre-training\n\n```sh\n# a comment\n```"),
        new.new_code_cell("train()", outputs=outputs),
    ]
    return new.new_notebook(cells=cells)


def test_a_run_is_used_and_its_gaps_have_placeholders(run, tmp_path):
    folder = stage(run, tmp_path / "stage", ROOT)
    introduction = (folder / "introduction.md").read_text()
    first, second = re.findall(r":alt: (.*)", introduction)
    assert first.startswith("Two grids")
    assert second.startswith("Not in this run. It would show: ")
    assert not (folder / "figures" / "figure1.svg").exists()
    assert "Figure 2: not here yet" in (folder / "figures" / "figure2.svg").read_text()
    assert (folder / "tables" / "table1.md").read_text().startswith("```{table} Ours")
    assert "make report" in (folder / "tables" / "claims.md").read_text()
    assert "tables/audit-mine.md" in (folder / "audit.md").read_text()


def test_a_missing_table_shows_the_papers_numbers_and_dashes(run, tmp_path):
    folder = stage(run, tmp_path / "stage", ROOT)
    for number in range(2, 8):
        text = (folder / "tables" / f"table{number}.md").read_text()
        assert f":name: table{number}\n" in text
        assert "`" not in text.splitlines()[0].removeprefix("```"), "a backtick would end the fence"
        table = paper.load().tables[f"table{number}"]
        for row in table.rows.values():
            cells = [getattr(row, column) for column in table.columns]
            for value in (v for cell in cells for v in (cell if isinstance(cell, tuple) else (cell,))):
                assert f"| {value} |" in text
        assert text.count("{abbr}`– (") == len(table.rows)


def test_pages_of_a_quick_run_open_with_the_caution(run, tmp_path):
    folder = stage(run, tmp_path / "stage", ROOT)
    for name in ("index", "colourization", "claims", "provenance"):
        lines = (folder / f"{name}.md").read_text().splitlines()
        assert lines[0].startswith("# ")
        assert lines[2] == "```{admonition} A test of the machinery"
    text = (folder / "colourization.md").read_text()
    for words in (
        "one dark field",
        "40 test tiles at 64 px",
        "9 minutes of training",
        "random weights",
        "No claim of the paper is judged by it",
    ):
        assert words in text
    assert "machinery" not in (folder / "related-work.md").read_text()
    page = nbformat.read(folder / "notebooks" / "pretrain.ipynb", as_version=4)
    assert "A test of the machinery" in page.cells[0].source


def test_a_placeholder_gives_the_runs_own_reason(run, tmp_path):
    (run / "figures" / "index.json").write_text(
        json.dumps({"figure9": "no predictions of srgan-finetune", "better": "no predictions of ours"})
    )
    (run / "tables" / "index.json").write_text(
        json.dumps({"figure-audit-leak": "no row", "audit-leak": "made", "better": "made"})
    )
    figures = stage(run, tmp_path / "stage", ROOT) / "figures"
    for name, reason in (
        ("figure9", "No predictions of srgan-finetune"),
        ("audit-leak", "No row"),
        ("better", "No predictions of ours"),  # the figure's reason, though the table of its name was made
        ("figure10", "This run does not hold it"),
    ):
        assert f"{reason}; make report" in (figures / f"{name}.svg").read_text()


def test_the_data_page_shows_what_was_counted(run, tmp_path):
    assert "| Counted |" not in (stage(run, tmp_path / "stage", ROOT) / "data.md").read_text()
    (run / "data").mkdir()
    for kind, counts in (
        ("astronomy", {"blank_tiles": 9, "tiles": {"test": 40}, "duplicate_pairs": [["a", "b"]]}),
        ("photographs", {"tiles": {"train": 7}}),
    ):
        (run / "data" / f"{kind}.json").write_text(
            json.dumps({"format": 2, "counts": counts, "credits": ["Somebody."]})
        )
    text = (stage(run, tmp_path / "stage", ROOT) / "data.md").read_text()
    lines = text.splitlines()
    start = lines.index("| Counted | astronomy | photographs |")
    assert lines[start + 2 : start + 6] == [
        "| blank tiles | 9 | 0 |",
        "| tiles, test | 40 | 0 |",
        "| duplicate pairs | 1 | 0 |",
        "| tiles, train | 0 | 7 |",
    ]
    assert "Images: Somebody. Photographs: Somebody." in text


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"size": 128}, "split by observation (a file and its near-duplicates)"),  # older than the parameter
        ({"size": 64, "native": True}, "so that a tile shows a small part of an image."),
        ({"size": 128, "native": False, "scales": [1.0, 1.5]}, "a shorter side of 128 and 192 px"),
    ],
)
def test_the_data_page_says_how_tiles_were_cut(config, words, run, tmp_path):
    (run / "data").mkdir()
    record = {"format": 2, "counts": {}, "credits": [], "config": config}
    (run / "data" / "astronomy.json").write_text(json.dumps(record))
    assert words in (stage(run, tmp_path / "stage", ROOT) / "data.md").read_text()


def test_many_credits_are_pointed_to(run, tmp_path):
    (run / "data").mkdir()
    credits = {"counts": {}, "credits": ["A", "B", "C"]}
    (run / "data" / "astronomy.json").write_text(json.dumps({"format": 2} | credits))
    text = (stage(run, tmp_path / "stage", ROOT) / "introduction.md").read_text()
    assert text.count("Images: NASA, ESA, STScI, and the teams that the data notebook lists.") == 2


def test_sliders_stand_where_all_three_pictures_are(run, tmp_path):
    for part in ("input", "output", "truth"):
        (run / "figures" / f"slider-1-{part}.png").write_bytes(b"png")
    (run / "figures" / "slider-2-input.png").write_bytes(b"png")
    folder = stage(run, tmp_path / "stage", ROOT)
    for page in ("beyond", "index"):
        text = (folder / f"{page}.md").read_text()
        assert text.count("{container} compare\n") == 1
        assert "](figures/slider-1-truth.png)" in text
        assert "slider-2" not in text
        assert "![Output of ResNet-18 L\\*a\\*b\\*, fine-tuned, held-out tile 1](figures/slider-1-output.png)" in text
        assert text.count("*ResNet-18 L\\*a\\*b\\*, fine-tuned*") >= 1


def test_the_commands_page_has_a_slider_for_each_task_whose_pictures_are_there(run, tmp_path):
    def page():
        stage(run, tmp_path / "staged", ROOT)
        return (tmp_path / "staged" / "apply.md").read_text()

    assert "no images to compare yet" in page()
    for name in ("colour-before", "colour-after", "upscale-before"):
        (run / "figures" / f"applied-{name}.png").write_bytes(b"png")
    text = page()
    assert text.count("{container} compare compare-applied") == 1
    assert "![The frame coloured, with invented colours](figures/applied-colour-after.png)" in text


def test_a_run_that_decides_nothing_has_the_caution_whatever_its_name(run, tmp_path):
    provenance = {"profile": "mine", "decides": False, "data": {"astronomy": "folder:/i", "photographs": "folder:/p"}}
    (run / "provenance.json").write_text(json.dumps(provenance))
    text = (stage(run, tmp_path / "stage", ROOT) / "claims.md").read_text()
    assert "machinery works: 40 test tiles" in text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "0 seconds"),
        (119, "119 seconds"),
        (120, "2 minutes"),
        (7199, "120 minutes"),
        (7200, "2 hours"),
        (9e5, "250 hours"),
    ],
)
def test_durations_in_words(seconds, words):
    assert duration(seconds) == words


def test_the_caution_counts_what_there_is(run, tmp_path):
    for folder in ("history", "metrics"):
        for file in (run / folder).iterdir():
            file.unlink()
    (run / "metrics" / "grey.json").write_text(json.dumps({"format": 2} | METRICS | {"n": 7, "notes": []}))
    assert (
        "works: one dark field, 7 test tiles at 64 px. " in (stage(run, tmp_path / "a", ROOT) / "claims.md").read_text()
    )
    (run / "metrics" / "grey.json").unlink()
    assert "works: one dark field. " in (stage(run, tmp_path / "b", ROOT) / "claims.md").read_text()


def test_rows_that_the_run_no_longer_lists_fill_no_page(run, tmp_path):
    (run / "rows.json").write_text(json.dumps(["grey", "lab-resnet18-finetune"]))
    text = (stage(run, tmp_path / "stage", ROOT) / "super-resolution.md").read_text()
    assert "this run has no row srgan-finetune" in text
    assert "3 minutes of training" in text


def test_an_unfinished_run_says_so(run, tmp_path):
    (run / "provenance.json").unlink()
    assert "An unfinished run" in (stage(run, tmp_path / "stage", ROOT) / "claims.md").read_text()


def test_a_real_run_has_no_caution(run, tmp_path):
    provenance = {"profile": "paper", "decides": True, "data": {"astronomy": "folder:/i", "photographs": "folder:/p"}}
    (run / "provenance.json").write_text(json.dumps(provenance))
    folder = stage(run, tmp_path / "stage", ROOT)
    assert not any(":class: caution" in page.read_text() for page in folder.glob("*.md"))


def test_every_value_that_the_prose_names_exists_in_a_complete_run(run):
    """A misspelt key would show as a dash for ever; here it shows."""
    seeds = [f"lab-resnet18-seed{seed}-finetune" for seed in (1, 2)]
    root_values = {
        "metrics": {
            row: METRICS | {"values": METRICS["values"] | {"lpips": 0.1}}
            for row in [*read_catalogue().rows, "grey-valid", *seeds]
        },
        "history": dict.fromkeys(read_catalogue().rows, HISTORY),
        "better": {
            pair: {metric.name: {"value": -1.0, "low": -2.0, "high": -0.5, "verdict": "better"} for metric in metrics}
            for pair, metrics in [(p, metrics_in("better-colour")) for p in better.PAIRS]
            + [(better.UPSCALER_PAIR, metrics_in("better-upscale"))]
        }
        | {"best_upscaler": {"label": "WDSR"}},
        "claims": {claim.id: "holds" for claim in load_claims()}
        | {"count": {"holds": 1, "does not hold": 2, "undecided": 3, "untested": 4, "all": 10}},
        "provenance": json.loads((run / "provenance.json").read_text())
        | {"weights": dict.fromkeys(("resnet18", "resnet50", "vgg16", "inception_fid"), "none")},
    }
    holes = 0
    for page in sorted((ROOT / "book").glob("*.md")):
        for hole in HOLE.finditer(page.read_text()):
            if hole["path"].split(".")[0] in RUN_ROOTS:
                holes += 1
                text, reasons = fill(hole.group(), root_values)
                assert reasons == [], f"{page.name}: {hole.group()}"
                assert re.match(r"[\w.,+ -]+$", text)
    assert holes > 20


def test_the_toc_gains_the_notebooks(run, tmp_path):
    folder = stage(run, tmp_path / "stage", ROOT)
    toc = yaml.safe_load((folder / "_toc.yml").read_text())
    (chapter,) = [page for part in toc["parts"] for page in part["chapters"] if page["file"] == "notebooks"]
    assert chapter["sections"] == [{"file": "notebooks/pretrain", "title": "pretrain"}]
    assert "[pretrain](notebooks/pretrain.ipynb)" in (folder / "notebooks.md").read_text()
    assert "sections" not in (ROOT / "_toc.yml").read_text()


def test_a_notebook_becomes_a_page():
    page = as_page(_notebook(), "pretrain", "CAUTION")
    title, text, code = page.cells
    assert title.source == "# pretrain\n\nCAUTION"
    assert text.source == "## Pre-training\n\n```sh\n# a comment\n```"
    stream, picture = code.outputs
    # the renderer shows of a progress bar its last state
    assert yaml.safe_load((ROOT / "_config.yml").read_text())["sphinx"]["config"]["nb_merge_streams"]
    assert coalesce_streams([stream])[0].text.splitlines() == ["100%", "next"]
    assert "image/png" in picture.data
    assert "Pre-training" in code.metadata["mystnb"]["image"]["alt"]


def test_bad_input_is_named(run, tmp_path):
    (run / "notebooks" / "broken.ipynb").write_text("{")
    with pytest.raises(AstroganError, match=r"broken\.ipynb"):
        stage_notebooks(Run(run), Run(tmp_path / "pages"), "")
    (run / "notebooks" / "broken.ipynb").unlink()
    (run / "metrics" / "grey.json").write_text("{")
    with pytest.raises(AstroganError, match=r"grey\.json"):
        stage(run, tmp_path / "stage", ROOT)
    (run / "metrics" / "grey.json").write_text(json.dumps({"n": 1}))
    with pytest.raises(AstroganError, match=r"grey\.json is of format 1.*another version"):
        stage(run, tmp_path / "stage", ROOT)
    with pytest.raises(AstroganError, match=r"has no _config\.yml"):
        stage(None, tmp_path / "stage", tmp_path)


def test_the_method_page_gives_the_draws_of_the_code(run, tmp_path):
    text = " ".join((stage(run, tmp_path / "stage", ROOT) / "method.md").read_text().split())
    assert f"{DRAWS:,} bootstrap draws" in text
    assert f"fewer than {ENOUGH_OBSERVATIONS} objects" in text
