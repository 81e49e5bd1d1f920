"""The paper's numbers: typed right, refused when typed wrong, and computed again from files in the form of the authors'."""

import re
from decimal import Decimal
from pathlib import Path

import nbformat
import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from astrogan.base import AstroganError
from astrogan.models.build import empty_generator
from astrogan.models.config import NetworkConfig
from astrogan.report.paper.evidence import BY_EYE, RECIPES, compare, recompute, report
from astrogan.report.paper.numbers import Code, Table, load, load_code

BASIC_NETWORK = NetworkConfig(generator="basic_unet", discriminator="vgg16_residual", space="rgb", grey="luma")
BASIC, RGB, LAB = "rgb-basic-adversarial", "rgb-resnet18-adversarial", "lab-resnet18-pretrain"


def _verdicts(folder):
    return {finding.key: finding.verdict for finding in compare(folder)}


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _save(path: Path, picture: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture.astype(np.uint8)).save(path)


def _notebook(path: Path, *texts: str) -> None:
    stream = nbformat.v4.new_output("stream", text=texts[0])
    result = [nbformat.v4.new_output("execute_result", {"text/plain": text}) for text in texts[1:]]
    cell = nbformat.v4.new_code_cell("run()", outputs=[stream, *result])
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# words"), cell]), path)


def _grey(level, side=8):
    return np.full((side, side, 3), level)


def test_the_seven_tables_have_the_papers_rows_and_columns():
    paper = load()
    assert list(paper.tables) == [f"table{n}" for n in range(1, 8)]
    assert [len(table.rows) for table in paper.tables.values()] == [4, 1, 2, 2, 3, 4, 4]


def test_table_1_is_the_channel_mean_of_table_4():
    """A slip of the keyboard in Table 4 would show here. Table 1's L1 is cut to 4 decimals, so 1e-4 either way."""
    paper = load()
    for row in ("lab-resnet18-pretrain", "lab-resnet18-finetune"):
        channels = paper.value("table4", row, "l1_rgb")
        assert float(sum(channels) / 3) == pytest.approx(float(paper.value("table1", row, "l1")), abs=1.01e-4)


def test_table_2_repeats_the_fine_tuned_row_of_table_4():
    paper = load()
    row = "lab-resnet18-finetune"
    for column in ("l1_rgb", "l2_rgb"):
        assert paper.value("table2", row, column) == paper.value("table4", row, column)


def test_l2_values_of_table_4_are_truncated_float16_numbers():
    """The audit's fingerprint, and a check of every digit typed: each is a float16 number cut to four decimals."""
    every_float16 = np.arange(0x3C00, 0x4500, dtype=np.uint16).view(np.float16).astype(float)
    cut = {f"{np.floor(value * 1e4) / 1e4:.4f}" for value in every_float16}
    for row in load().tables["table4"].rows.values():
        assert {str(value) for value in row.l2_rgb} <= cut
    assert len(cut) < 0.1 * 1e4 * 4, "a fingerprint that most numbers carry would prove nothing"


def test_printed_digits_survive():
    assert str(load().value("table4", "lab-resnet18-pretrain", "l2_rgb")[0]) == "3.2890"
    assert load().value("table7", "edsr-finetune", "fid") == Decimal("159.577")


def test_absent_row_is_none_and_unknown_names_are_errors():
    assert load().value("table1", "grey", "l1") is None
    with pytest.raises(AstroganError, match="no 'table8'"):
        load().value("table8", "grey", "l1")
    with pytest.raises(AstroganError, match="no column 'fid'"):
        load().value("table1", "grey", "fid")


def test_a_number_that_is_no_string_or_a_missing_cell_is_refused():
    row = {"label": "x", "space": "RGB", "l1": 1.5, "l2": "2"}
    with pytest.raises(ValidationError, match="digit for digit"):
        Table(title="t", section="4", columns=("l1", "l2"), rows={"a": row})
    with pytest.raises(ValidationError, match=r"the table has \['l1', 'l2'\]"):
        Table(title="t", section="4", columns=("l1", "l2"), rows={"a": {**row, "l1": "1", "l2": None}})


def test_every_number_of_the_evidence_has_a_recipe_or_a_reason():
    keys = [key for _, _, keys in RECIPES for key in keys]
    assert len(keys) == len(set(keys))
    assert {f"evidence.{name}" for name in load().evidence} == {k for k in [*keys, *BY_EYE] if k.startswith("evidence")}
    histories = {key.split(".")[1] for key in keys if key.startswith("histories")}
    assert histories == set(load().histories)


def test_what_is_not_at_hand_is_said_with_its_name(tmp_path):
    verdicts = _verdicts(tmp_path)
    for name in ("discriminator_least_possible", "random_wrapped_l1", "random_wrapped_l2"):
        assert verdicts.pop(f"evidence.{name}") == "agrees", "computed from nothing but the arithmetic"
    assert verdicts["evidence.white_share"] == f"file not at hand: outputs/{LAB}"
    assert verdicts["tables.table5.rows.lab-resnet18-finetune.fid"] == "file not at hand: FID.txt"
    assert verdicts["evidence.preview_epochs"].startswith("not recomputed: Figure 7")
    assert all(verdict.startswith(("file not at hand: ", "not recomputed: ")) for verdict in verdicts.values())
    text = report(tmp_path)
    assert text.endswith(f"3 agree, 0 differ, {len(verdicts)} not computed")
    assert len(text.splitlines()) == len(verdicts) + 4


def test_files_of_the_authors_form_and_size_give_every_number(authors_files):
    """Whole logs, Keras's and PyTorch's outputs, 256 px PNGs, a slide's JPEGs: what is planted is found."""
    folder, planted = authors_files
    verdicts, found = _verdicts(folder), recompute(folder)
    assert not [key for key, verdict in verdicts.items() if verdict.startswith("file not at hand")]
    told = [key for key in verdicts if key.startswith(("histories.", "tables."))]
    told += [f"evidence.{name}" for name in ("all_images", "training_images", "test_images", "patch_side", "basic_size",
             "discriminator_equilibrium", "first_test_number", "last_test_number")]  # fmt: skip
    assert {key: verdicts[key] for key in told} == dict.fromkeys(told, "agrees")
    for key, value in planted.items():
        assert found[key] == pytest.approx(value, abs=2e-3), key
    assert found["evidence.near_duplicates"] >= 3  # two copies and what they are of
    detail = [found[f"evidence.{name}_detail"] for name in ("sr_truth", "sr_finetuned", "sr_pretrained", "wdsr")]
    assert detail[0] > detail[1] > detail[2] == pytest.approx(detail[3])
    assert found["evidence.wrapped_error"] > found["evidence.unwrapped_error"] + 20
    assert ", 0 differ" not in report(folder), "made-up pictures have shares of their own"


def test_logs_agree_to_the_last_printed_digit_and_differ_beyond(tmp_path):
    generator = [10.8254, *[1.5] * 98, 1.2781]
    discriminator = [1.37021, 1.43399, *[1.389] * 48, *[1.3861, 1.3921] * 25]
    rows = [f"{n},{g},{d}" for n, (g, d) in enumerate(zip(generator, discriminator, strict=True))]
    log = tmp_path / "logs" / f"{BASIC}.csv"
    _write(log, "\n".join(["epoch,gen_loss,disc_loss", *rows]))
    verdicts = _verdicts(tmp_path)
    ours = [key for key in verdicts if BASIC in key and key.startswith("histories")]
    assert len(ours) == 9
    assert {verdicts[key] for key in ours} == {"agrees"}
    assert verdicts["evidence.discriminator_equilibrium"] == verdicts["evidence.discriminator_spread"] == "agrees"
    _write(log, log.read_text().replace("1.2781", "1.2795"))
    assert _verdicts(tmp_path)[f"histories.{BASIC}.generator.last"] == "differs"
    _write(log, "\n".join(log.read_text().splitlines()[:-1]))
    assert _verdicts(tmp_path)[f"histories.{BASIC}.rows"] == "differs", "a count agrees when equal, never nearly"


def test_notebooks_give_the_counts_and_the_map_of_answers(tmp_path):
    summary = "input (None, 256, 256, 1)\nlogit (None, 30, 30, 1)\ndense (None, 1)\n"
    _notebook(tmp_path / "notebooks/keras/Run_1/train.ipynb", "Found 500 images belonging to 1 classes.\n", summary)
    _notebook(tmp_path / "notebooks/keras/test.ipynb", "Found 4776 images belonging to 1 classes.\n")
    _notebook(tmp_path / "notebooks/torch/test.ipynb", "4276 500\nepoch 3 of 20\n")
    verdicts = _verdicts(tmp_path)
    names = ("all_images", "patch_side", "training_images", "test_images")
    assert {verdicts[f"evidence.{name}"] for name in names} == {"agrees"}


def test_the_fids_are_table_5s(tmp_path):
    _write(tmp_path / "FID.txt", "pre-trained 66.35681\nfine-tuned: 42.15929\nunet 152.72157\n")
    found = recompute(tmp_path)
    assert found[f"tables.table5.rows.{LAB}.fid"] == 66.35681
    assert {verdict for key, verdict in _verdicts(tmp_path).items() if "table5" in key} == {"agrees"}


def test_saved_outputs_show_wraps_corners_and_copies(tmp_path):
    speckled = _grey(20)
    speckled[0, 0] = (3, 2, 254)
    for number, picture in ((4234, speckled), (4237, _grey(30)), (4743, _grey(250))):
        _save(tmp_path / "outputs" / BASIC / f"image_{number}.png", picture)
    blue = _grey(40, side=64)
    blue[:32] = (30, 48, 205)
    _save(tmp_path / "outputs" / RGB / "image_4234.png", blue)
    noise = np.random.default_rng(0).integers(0, 200, (2, 64, 64, 3))
    white = noise[1].copy()
    white[:32, :32] = 255
    for number, picture in enumerate((noise[0], noise[0] // 2, noise[1], white), 4234):
        _save(tmp_path / "outputs" / LAB / f"image_{number}.png", picture)
    found = recompute(tmp_path)
    assert found["evidence.basic_size"] == 8
    assert found["evidence.speckled_basic_share"] == pytest.approx(1 / 3)
    assert (found["evidence.first_test_number"], found["evidence.last_test_number"]) == (4234, 4743)
    assert found["evidence.wrapped_blue_share"] == 0.5
    assert found["evidence.archive_share"] == found["evidence.near_duplicates"] / 8 == 1 / 4
    assert found["evidence.white_share"] == 1 / 16


def test_the_stand_in_has_the_lightness_of_one_output_and_the_colour_of_another(tmp_path):
    level, brighter = _grey(100, side=32), _grey(90)
    wrapped = level.copy()
    wrapped[..., 2] = 250
    wrapped[..., :2] = 90
    for number in (1, 2):
        _save(tmp_path / "outputs" / LAB / f"image_{number}.png", level)
        _save(tmp_path / "outputs" / BASIC / f"image_{number}.png", brighter)
    _save(tmp_path / "outputs" / RGB / "image_2.png", wrapped)
    found = recompute(tmp_path)
    assert found["evidence.wrapped_error"] == pytest.approx((10 + 10 + 150) / 3)
    assert found["evidence.unwrapped_error"] == pytest.approx((10 + 10 + 100) / 3)
    assert 0 <= found["evidence.grey_wrapped_l1"] <= 1, "the truth is grey: rounded against cut"


def test_the_slides_example_gives_detail_norms_and_specks(tmp_path):
    truth = np.random.default_rng(1).integers(100, 191, (32, 32, 3))
    truth[10] = 255
    overflown = truth.copy()
    overflown[10, :16] = 2
    pictures = {"truth": truth, "srgan-pretrained": truth + 1, "srgan-finetuned": truth - 2, "edsr": overflown}
    pictures["srgan-pretrained"][10] = 255
    for name, picture in {**pictures, "wdsr": _grey(77, side=32)}.items():
        _save(tmp_path / "example" / f"{name}.png", picture)
    found = recompute(tmp_path)
    assert found["evidence.sr_truth_detail"] > 10
    assert found["evidence.wdsr_detail"] == 0
    assert found["evidence.sr_example_pretrained_l1"] == pytest.approx(255 * 31 / 32)
    assert found["evidence.sr_example_finetuned_l1"] == found["evidence.sr_example_finetuned_l2"] == 2
    assert (found["evidence.sr_specks_low"], found["evidence.sr_specks_high"]) == (0, 1 / 64)


@pytest.mark.parametrize(
    ("name", "text"),
    [(f"logs/{RGB}.csv", "epoch,loss\n1,2\n"), ("FID.txt", "none"), ("notebooks/torch/a.ipynb", "{")],
)
def test_a_file_that_is_not_what_it_should_be_is_named(tmp_path, name, text):
    _write(tmp_path / name, text)
    with pytest.raises(AstroganError, match=name.split("/")[0]):
        compare(tmp_path)


def test_the_facts_of_the_code_are_typed_once_and_well():
    facts = load_code()
    assert facts["basic"]["trained_parameters"] + 2 * 4224 == facts["basic"]["parameters"]  # of its batch norms
    assert facts["lab"]["parameters"] == 31099672
    for name, network in (("basic", BASIC_NETWORK), ("lab", NetworkConfig())):
        generator = empty_generator(network, 64)
        ours = sum(parameter.numel() for parameter in generator.parameters())
        key = "trained_parameters" if name == "basic" else "parameters"
        assert facts[name][key] == ours
    with pytest.raises(ValidationError):
        Code.model_validate({"basic": {"slope": 0.3}})


def test_the_appendix_types_no_figure():
    """Decimals, thousands and numbers of three digits come from the data files; scales, sections and licences do not."""
    text = (Path(__file__).parents[2] / "book" / "authors.md").read_text()
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    text = re.sub(r"\{\{.*?\}\}|`[^`]*`|\(authors[^)]*\)|sections? \d\.\d( and \d\.\d)?", "", text)
    typed = set(re.findall(r"\d+\.\d+|\d{1,3}(?:,\d{3})+|\d{3,}", text))
    assert typed <= {"255", "256", "110", "0.5", "4.0", "2.0", "2021", "101"}


def test_an_empty_folder_of_outputs_and_none_at_all_are_errors(tmp_path):
    (tmp_path / "outputs" / LAB).mkdir(parents=True)
    with pytest.raises(AstroganError, match=LAB):
        recompute(tmp_path)
    with pytest.raises(AstroganError, match="is no folder"):
        report(tmp_path / "elsewhere")
