"""Sources of known place and flux are planted on a flat sky, and an output treats them in a known way."""

import numpy as np
import pytest
import sep
from skimage.color import rgb2xyz

from astrogan.color import luminance_of
from astrogan.evaluation.evaluate import evaluate
from astrogan.evaluation.measures import measure
from astrogan.evaluation.metrics import METRICS
from astrogan.evaluation.metrics.sources import Search, compare
from astrogan.tasks.predictions import from_uint8

PLACES = np.array([(20.3, 18.7), (60.0, 22.4), (100.8, 19.1), (21.6, 62.2), (63.4, 60.5), (99.2, 64.9), (40.5, 40.5)])
SKY = 0.02
NAMES = [name for name, metric in METRICS.items() if metric.tasks == ("upscale",)]


def render(peaks, places=PLACES, sky=SKY, sigma=1.6, size=(84, 120)):
    """uint8 sRGB of Gaussian sources (x, y), px, whose peaks are in linear light, on a flat sky."""
    y, x = np.indices(size)
    light = np.full(size, float(sky))
    for peak, (across, down) in zip(np.broadcast_to(peaks, len(places)), places, strict=True):
        light += peak * np.exp(-((x - across) ** 2 + (y - down) ** 2) / (2 * sigma**2))
    srgb = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light.clip(0) ** (1 / 2.4) - 0.055)
    return np.repeat((255 * srgb.clip(0, 1)).round().astype(np.uint8)[..., None], 3, axis=2)


TRUTH = render(0.6)


def metrics_of(truth, output):
    """Every metric of super-resolution, of the means over tiles (N, H, W, 3)."""
    tiles = np.array([str(number) for number in range(len(truth))])
    measures, reasons = measure(from_uint8(truth, output, tiles, tiles), NAMES)
    assert not reasons
    means = {name: np.nanmean(values) if np.isfinite(values).any() else np.nan for name, values in measures.items()}
    return {name: METRICS[name].of_means(means) for name in NAMES}


def test_luminance_is_scikit_images():
    values = np.random.default_rng(0).integers(0, 256, (9, 7, 3), np.uint8)
    np.testing.assert_allclose(luminance_of(values), rgb2xyz(values)[..., 1], atol=1e-12)


def test_an_identical_output_is_without_error():
    found = metrics_of(TRUTH[None], TRUTH[None])
    assert (found["sources"], found["sources_kept"]) == (7, 7)
    assert found["completeness"] == found["purity"] == 1
    for name in ("flux_error", "flux_bias", "position_error", "flux_failures", "search_failures", "background_error"):
        assert found[name] == 0


@pytest.mark.parametrize("share", [0.8, 1.25])
def test_the_flux_error_is_what_sources_were_dimmed_or_brightened_by(share):
    found = compare(TRUTH, render(0.6 * share))
    assert found["flux_error"] == pytest.approx(abs(share - 1), abs=0.005)
    assert found["flux_bias"] == pytest.approx(share - 1, abs=0.005)


def test_errors_of_either_sign_do_not_cancel_and_one_source_does_not_own_the_mean():
    mixed = compare(TRUTH, render([0.48, 0.72, 0.6, 0.6, 0.6, 0.6, 0.6]))
    assert mixed["flux_error"] == pytest.approx(0.4 / 7, abs=0.003)
    assert mixed["flux_bias"] == pytest.approx(0, abs=0.003)
    faint = render(0.06)
    found = compare(faint, render([0.9, *[0.06] * 6]))
    assert found["flux_error"] == pytest.approx(1 / 7, abs=0.003)  # fifteen times too bright counts as twice


def test_a_removed_source_lowers_completeness_and_an_added_one_purity():
    lost = metrics_of(TRUTH[None], render(0.6, PLACES[:-1])[None])
    assert (lost["completeness"], lost["purity"], lost["sources_lost"]) == (6 / 7, 1, 1)
    assert lost["flux_error"] == pytest.approx(1 / 7, abs=0.003)
    added = metrics_of(TRUTH[None], render(0.6, [*PLACES, (80.2, 41.3)])[None])
    assert (added["completeness"], added["purity"], added["sources_invented"]) == (1, 7 / 8, 1)
    assert added["flux_error"] == pytest.approx(0, abs=1e-3)


def test_ratios_are_of_sums_over_tiles():
    one, many = render(0.6, PLACES[:1]), TRUTH
    found = metrics_of(np.stack([one, many]), np.stack([render(0.6, PLACES[1:2]), many]))
    assert found["completeness"] == found["purity"] == 7 / 8


@pytest.mark.parametrize(("shift", "kept"), [(1, 7), (1.5, 7), (3, 0)])
def test_the_position_error_is_the_shift_within_the_radius(shift, kept):
    found = metrics_of(TRUTH[None], render(0.6, PLACES + np.array([shift, 0]))[None])
    assert found["sources_kept"] == kept
    assert found["sources_lost"] == found["sources_invented"] == 7 - kept
    assert found["position_error"] == pytest.approx(shift if kept else np.nan, abs=0.01, nan_ok=True)


def test_two_sources_that_merge_are_one_kept_and_one_lost():
    pair = render(0.6, [(40, 40), (43.8, 40)], sigma=0.8)
    found = compare(pair, render(1.0, [(41.85, 40)]))
    assert (found["sources"], found["sources_kept"], found["sources_lost"], found["sources_invented"]) == (2, 1, 1, 0)


def test_a_glow_leaves_fluxes_and_is_seen_in_the_background():
    found = compare(TRUTH, render(0.6, sky=SKY + 0.03))
    assert found["background_error"] == pytest.approx(0.03, abs=0.001)
    assert found["flux_error"] == pytest.approx(0, abs=0.01)
    assert found["sources_kept"] == 7
    assert METRICS["background_error"].scale == 1000


def test_an_aperture_over_the_edge_is_a_failure_and_in_no_mean():
    places = [*PLACES, (1.5, 40.0)]
    found = metrics_of(render(0.6, places)[None], render([0.6] * 7 + [0.3], places)[None])
    assert found["sources"] == 8
    assert found["flux_failures"] == 1 / 8
    assert found["flux_error"] == pytest.approx(0, abs=1e-3)


def test_a_hole_in_a_sources_place_is_a_failure_that_counts_in_full():
    found = compare(TRUTH, render([-0.02, *[0.6] * 6]))
    assert found["flux_failures"] == 1
    assert found["flux_error"] == pytest.approx(1 / 7, abs=0.003)
    assert found["flux_bias"] == pytest.approx(-1 / 7, abs=0.003)


def test_constant_tiles():
    flat = np.full_like(TRUTH, 40)
    empty = metrics_of(flat[None], flat[None])
    assert (empty["sources"], empty["sources_invented"], empty["search_failures"]) == (0, 0, 0)
    for name in ("flux_error", "flux_bias", "flux_failures", "completeness", "purity", "position_error"):
        assert np.isnan(empty[name])
    lost = metrics_of(TRUTH[None], flat[None])
    assert (lost["completeness"], lost["sources_lost"]) == (0, 7)
    assert lost["flux_error"] == pytest.approx(1, abs=1e-6)
    assert np.isnan(lost["purity"])
    invented = metrics_of(flat[None], TRUTH[None])
    assert (invented["purity"], invented["sources_invented"]) == (0, 7)
    assert np.isnan(invented["completeness"])
    assert np.isnan(invented["flux_error"])


def test_tiles_without_sources_are_left_out_of_the_mean_with_a_reason_where_none_has_one():
    flat, dimmed = np.full_like(TRUTH, 40), render(0.48)
    assert metrics_of(np.stack([TRUTH, flat]), np.stack([dimmed, flat]))["flux_error"] == pytest.approx(0.2, abs=0.005)
    pictures, tiles = np.repeat(flat[None, :80, :80], 4, axis=0), np.array(list("abcd"))
    record = evaluate(from_uint8(pictures, pictures, tiles, tiles), task="upscale").record
    assert record["values"]["flux_error"] is record["values"]["purity"] is None
    assert record["reasons"]["flux_error"] == record["reasons"]["purity"] == "no source to measure was found"
    assert record["values"]["sources"] == 0


def test_a_tile_smaller_than_the_aperture_and_one_smaller_than_a_mesh():
    small = render(0.6, [(8, 8)], sigma=2.5, size=(16, 16))
    found = compare(small, small, Search(extent=6.0))
    assert (found["sources"], found["flux_failures"], found["sources_kept"]) == (1, 1, 1)
    assert np.isnan(found["flux_error"])
    tiles = np.array(["a"])
    _, reasons = measure(from_uint8(small[None, :12], small[None, :12], tiles, tiles), ["flux_error", "purity"])
    assert reasons["flux_error"] == "Flux error needs images of at least 16 x 16 px, these are 16 x 12 px"
    assert reasons.keys() == {"flux_error", "purity"}


@pytest.fixture
def sub_object_limit():
    before = sep.get_sub_object_limit()
    yield sep.set_sub_object_limit
    sep.set_sub_object_limit(before)


def test_where_sep_gives_up_the_tile_is_counted_and_the_rest_kept(sub_object_limit):
    """An output of many blended sources entangles its deblending; the truth's few are found and measured."""
    places = np.stack(np.meshgrid(np.arange(15, 110, 6), np.arange(15, 72, 6)), axis=-1).reshape(-1, 2)
    entangled = render(0.5, places, sigma=2.5)
    sub_object_limit(2)
    found = compare(TRUTH, entangled)
    assert (found["search_failures"], found["sources"]) == (1, 7)
    assert np.isfinite(found["flux_error"])
    assert np.isnan(found["sources_kept"])
    assert np.isnan(found["sources_invented"])
    other = compare(entangled, TRUTH)
    assert other["search_failures"] == 1
    assert np.isnan([other[name] for name in ("sources", "flux_error", "flux_failures", "sources_lost")]).all()
    metrics = metrics_of(np.stack([TRUTH, TRUTH]), np.stack([TRUTH, entangled]))
    assert (metrics["search_failures"], metrics["completeness"], metrics["sources"]) == (0.5, 1, 7)


def test_any_other_error_of_sep_is_not_hidden(monkeypatch):
    def broken(*_args, **_options):
        raise ValueError("dtype not recognized")

    monkeypatch.setattr(sep, "extract", broken)
    with pytest.raises(ValueError, match="not recognized"):
        compare(TRUTH, TRUTH)


def test_the_buffer_grows_with_the_image():
    before = sep.get_extract_pixstack()
    try:
        sep.set_extract_pixstack(20)
        assert compare(TRUTH, TRUTH)["sources"] == 7
    finally:
        sep.set_extract_pixstack(before)


def test_the_search_can_be_changed():
    bright = render([0.6, 0.6, 0.6, 0.1, 0.1, 0.1, 0.1])
    noise = (
        (bright + np.random.default_rng(0).integers(-2, 3, bright.shape[:2])[..., None]).clip(0, 255).astype(np.uint8)
    )
    deep, shallow = (compare(noise, noise, Search(depth=depth))["sources"] for depth in (5.0, 100.0))
    assert (deep, shallow) == (7, 3)


def test_threads_find_what_one_call_finds():
    rng = np.random.default_rng(1)
    truth = np.stack([render(0.6, rng.uniform(12, 70, (5, 2))) for _ in range(12)])
    output = np.roll(truth, 1, axis=2)
    tiles = np.array([f"{number:02}" for number in range(12)])
    found, _ = measure(from_uint8(truth, output, tiles, tiles), ["flux_error"])
    for number in range(12):
        assert found["flux_error"][number] == compare(truth[number], output[number])["flux_error"]
