from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from astrogan.base import AstroganError
from astrogan.data.degradation import degrade
from astrogan.evaluation.metrics.wrapped import wrap
from astrogan.evaluation.predict import BATCH
from astrogan.evaluation.results import Results
from astrogan.report.figures import save_figures
from astrogan.report.figures.colour import (
    ab_density,
    better,
    error_map,
    figure1,
    figure4,
    figure6,
    figure7,
    figure8,
    washed_out,
)
from astrogan.report.figures.curves import DOUBLE_SIGMOID_PLATEAU, HALVED_PLATEAU, curves, figure5
from astrogan.report.figures.showcase import Gallery, like, pictured, showcase
from astrogan.report.figures.style import MAX_BYTES
from astrogan.report.figures.upscale import busiest_window, flux_difference, log_bins, power_spectrum
from astrogan.report.index import MADE, NotInRunError
from astrogan.report.paper import rows
from astrogan.tasks.upscale import network_inputs

PICTURES = [
    "figure1",
    "figure2",
    "figure4",
    "figure6",
    "figure7",
    "figure8",
    "error-map",
    "ab-histogram",
    "better",
    "figure5",
]
SR = ["figure9", "figure10", "sr-crops", "sr-power-spectrum", "sr-flux"]


def _drawn(figure) -> dict[str, np.ndarray]:
    """The picture of each titled panel."""
    return {axes.get_title(loc="left"): axes.images[0].get_array() for axes in figure.axes if axes.images}


def test_every_figure_is_made_small_and_on_opaque_white(full_run):
    run = full_run
    made = save_figures(run)
    assert made == dict.fromkeys([*PICTURES, *SR, "slider"], MADE)
    for name in (*PICTURES, *SR):
        path = run / "figures" / f"{name}.png"
        assert path.stat().st_size <= MAX_BYTES
        image = Image.open(path)
        assert image.width > 600
        assert image.convert("RGBA").getpixel((0, 0)) == (255, 255, 255, 255)
    sliders = sorted(path.name for path in (run / "figures").glob("slider-*"))
    assert sliders == [f"slider-{k}-{part}.png" for k in range(1, 5) for part in ("input", "output", "truth")]


def test_a_run_without_a_model_says_why_a_figure_is_missing(make_run):
    made = save_figures(make_run(only=(rows.FINETUNED, rows.GREY)))
    assert made["figure1"] == MADE
    assert made["figure6"] == MADE  # its other panels hold a dash
    assert rows.BASIC in made["figure7"]
    assert rows.SRGAN_FINETUNED in made["figure9"]
    nothing = save_figures(make_run(only=()))
    assert MADE not in nothing.values()
    assert nothing.keys() == made.keys()


@pytest.fixture
def shown(tmp_path):
    """Write a run that holds these predictions alone: `shown(name, predictions by row)`."""

    def write(name, predictions) -> Results:
        run = Results(tmp_path / name)
        for row, value in predictions.items():
            value.save(run.predictions_file(row))
        return run

    return write


def test_rows_of_other_tiles_are_said_and_not_mixed(made_rows, shown):
    main, other = made_rows[rows.FINETUNED], made_rows[rows.BASIC]
    renamed = replace(other, tile=np.char.add("other-", other.tile))
    run = shown("run", {rows.FINETUNED: main, rows.BASIC: renamed, rows.IMPROVED: replace(main, tile=renamed.tile)})
    with pytest.raises(NotInRunError, match=f"{rows.FINETUNED} and {rows.BASIC} share no tile"):
        figure7(run)
    with pytest.raises(NotInRunError, match="not measured on the same tiles"):
        better(run)
    for row in (rows.FINETUNED, rows.IMPROVED):
        run.write(run.metrics_file(row), {"n": len(main), "size": 32})
    with pytest.raises(AstroganError, match="evaluate both on one split"):
        error_map(Results(run.path))


def test_a_run_of_another_format_is_refused_in_one_sentence(make_run):
    run = make_run(only=())
    (run / "history").mkdir(exist_ok=True)
    (run / "history" / f"{rows.FINETUNED}.json").write_text("{}")
    with pytest.raises(AstroganError, match=r"is of format 1.*another version of astrogan"):
        save_figures(run)


def test_figure_1_and_8_show_the_same_samples_in_the_same_order(made_rows, shown):
    main = made_rows[rows.FINETUNED]
    samples = showcase(main)
    straight = {row: made_rows[row] for row in (rows.BASIC, rows.PRETRAINED, rows.RGB)}
    shuffled = {row: _reversed(value) for row, value in straight.items()}
    runs = [shown(str(number), {rows.FINETUNED: main} | rest) for number, rest in enumerate((straight, shuffled))]
    first = figure1(runs[0])
    truth = _drawn(first)["(a) Truth"]
    # twelve tiles of 32 px, five times enlarged, four across with gaps of four px
    side, gap = 160, 4
    for number, sample in enumerate(samples):
        top, left = (number // 4) * (side + gap), (number % 4) * (side + gap)
        assert (truth[top : top + side : 5, left : left + side : 5] == main.truth[sample]).all()
    panels = [_drawn(figure8(run)) for run in runs]
    for title, picture in panels[0].items():
        assert (picture == panels[1][title]).all()


def _reversed(predictions):
    return predictions.take(range(len(predictions))[::-1])


def test_figure_6_shows_the_rgb_model_clipped_and_cast_and_a_dash_for_a_missing_one(made_rows, shown):
    run = shown("run", {row: made_rows[row] for row in (rows.RGB, rows.FINETUNED)})
    panels = _drawn(figure6(run))
    best = showcase(made_rows[rows.FINETUNED])[Gallery.open(run, rows.FINETUNED).best]
    assert (panels["RGB, clipped"] == made_rows[rows.RGB].rounded[best]).all()
    assert (panels["RGB, cast unclipped"] == wrap(made_rows[rows.RGB].floor[best])).all()
    assert np.ptp(panels["Basic U-net"]) == 0


def test_the_display_fault_lifts_black_to_grey():
    assert washed_out(np.array([0, 255], np.uint8)).tolist() == [127, 255]


def test_figure_4_splits_and_keeps_its_channels(full_run):
    panels = _drawn(figure4(Results.open(full_run)))
    gallery = Gallery.open(Results.open(full_run), rows.FINETUNED)
    picture = panels["(a) RGB image"]
    assert (picture == gallery.truth[gallery.best]).all()
    assert (panels["R"][..., 0] == picture[..., 0]).all()
    assert (panels["R"][..., 1:] == 0).all()
    assert panels["L"].ndim == 2


def test_colour_shares_add_to_one_and_grey_stands_at_the_origin():
    density = ab_density([np.zeros((1, 4, 4, 2))])
    assert density.sum() == pytest.approx(1)
    assert density[40, 40] == 1
    outside = ab_density([np.full((1, 2), 500.0)])
    assert outside[-1, -1] == 1


def test_curves_run_on_through_the_phases(made_histories, full_run):
    phases = {phase: made_histories[f"lab-resnet18-{phase}"] for phase in ("pretrain", "adversarial", "finetune")}
    table = curves(phases)
    assert table.epoch.max() == 60
    assert set(table[table.curve == "discriminator"].phase) == {"adversarial", "finetune"}
    first = table[(table.curve == "generator") & (table.epoch == 1)].loss.item()
    assert first == pytest.approx(100 * phases["pretrain"]["epochs"][0]["train"]["l1"])
    figure = figure5(Results.open(full_run))
    levels = {line.get_ydata()[0] for line in figure.axes[1].lines if len(set(line.get_ydata())) == 1}
    assert {DOUBLE_SIGMOID_PLATEAU, HALVED_PLATEAU} <= levels
    words = " ".join(text.get_text() for axes in figure.axes for text in axes.texts)
    assert "44 epochs" in words
    assert "1.4340" in words


def test_inputs_are_those_that_the_networks_were_given(made_rows):
    truth = made_rows[rows.BICUBIC].truth
    pillow = [np.asarray(Image.fromarray(tile).resize((8, 8), Image.Resampling.BICUBIC), int) for tile in truth]
    assert np.abs(network_inputs(truth, "bicubic") - pillow).max() <= 1
    noisy = network_inputs(truth, "telescope")
    random = torch.Generator().manual_seed(0)
    second = torch.from_numpy(truth[BATCH : 2 * BATCH]).permute(0, 3, 1, 2)
    expected = degrade(second, "telescope", 4, random).permute(0, 2, 3, 1).numpy()
    assert (noisy[BATCH : 2 * BATCH] == expected).all()
    assert (noisy != pillow).mean() > 0.5


def test_without_the_history_nothing_is_known_of_the_inputs(make_run, made_rows):
    run = make_run(only=())
    made_rows[rows.SRGAN_FINETUNED].save(run / "predictions" / f"{rows.SRGAN_FINETUNED}.npz")
    made = save_figures(run)
    assert {made[name] for name in SR} == {"no history of srgan-finetune in this run, which says how inputs are made"}


def test_flux_is_kept_by_a_right_output_and_raised_by_a_brighter_one(made_rows):
    # the input is a rounded bicubic reduction, so that the truth itself is off by a part of a grey level
    assert np.abs(flux_difference(made_rows[rows.BICUBIC], "bicubic")).max() < 3
    brighter = flux_difference(made_rows[rows.WDSR], "bicubic")
    assert np.median(brighter) == pytest.approx(15, abs=2)


def test_the_busiest_window_holds_the_star():
    picture = np.zeros((32, 32, 3), np.uint8)
    picture[21, 9] = 255
    top, left = busiest_window(picture)
    assert top.start <= 21 < top.stop
    assert left.start <= 9 < left.stop
    assert top.stop - top.start == 8


def test_white_noise_has_its_variance_at_every_frequency():
    rng = np.random.default_rng(0)
    powers = np.mean([power_spectrum(rng.normal(5, 3, (64, 64)))[1] for _ in range(60)], axis=0)
    # the mean that is taken off lowers the lowest ring
    assert powers[1:] == pytest.approx(9, rel=0.15)


def test_a_wave_stands_at_its_frequency():
    x = np.arange(64)
    frequency, power = power_spectrum(np.tile(np.sin(2 * np.pi * 16 / 64 * x), (64, 1)))
    assert frequency[np.argmax(power)] == pytest.approx(0.25)
    assert frequency[-1] == 0.5


def test_bins_average_and_keep_the_total_order():
    frequency = np.arange(1, 65) / 128
    binned, power = log_bins(frequency, np.full(64, 2.0))
    assert (np.diff(binned) > 0).all()
    assert power == pytest.approx(2.0)
    assert len(binned) < 64


def test_the_showcase_is_twelve_tiles_of_every_observation_whatever_the_model(made_rows):
    chosen = showcase(made_rows[rows.FINETUNED])
    assert len(chosen) == len(set(chosen.tolist())) == 12
    assert (np.diff(chosen) > 0).all()
    observation = made_rows[rows.FINETUNED].observation
    assert set(observation[chosen]) == set(observation)
    assert chosen.tolist() == showcase(made_rows[rows.BASIC]).tolist()


def test_fewer_tiles_than_asked_for_are_all_shown(made_rows):
    assert showcase(made_rows[rows.GREY], count=100).tolist() == list(range(16))


def test_tiles_are_found_by_name(made_rows):
    assert like(made_rows[rows.RGB], np.array(["tile3", "elsewhere", "tile0"])) == [3, None, 0]


def test_ours_is_pictured_where_it_stands_on_the_same_tiles():
    theirs = {"n": 40, "size": 64}
    assert pictured({rows.FINETUNED: theirs}) == rows.FINETUNED
    assert pictured({rows.FINETUNED: theirs, rows.IMPROVED: theirs | {"fwd": 1.0}}) == rows.IMPROVED
    for other in ({"n": 39}, {"size": 128}):
        assert pictured({rows.FINETUNED: theirs, rows.IMPROVED: theirs | other}) == rows.FINETUNED
    assert pictured({}) == rows.FINETUNED
