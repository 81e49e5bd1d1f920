import numpy as np
import pytest
import torch
from torch.nn.functional import interpolate

from astrogan.base import AstroganError
from astrogan.evaluation.evaluate import evaluate, summary
from astrogan.evaluation.measures import measure
from astrogan.evaluation.metrics import METRICS
from astrogan.evaluation.metrics.detail import class_shares, judge
from astrogan.tasks.predictions import from_uint8
from astrogan.tasks.upscale import UpscaleConversion, network_inputs

SURE = 1 / (1 + 2 * np.exp(-4))  # of a class at distance 0 with the two others at 1
TILES = np.array(list("abcdefghij"))


def test_the_distances_from_the_classes_are_the_papers():
    """By hand, d_im = 0.5 and d_om = 0.75 of d_ref: distances 0.50932, 0.75621 and 0.98142."""
    reference = np.array([[1.0, 2.0], [1.0, 1.0]])
    found = class_shares(reference, np.array([[0, 1.0], [0, 0]]), np.array([[1, 1.5], [1, 1.0]]))
    assert found == pytest.approx([0.65625984, 0.24444223, 0.09929792])


def test_pixels_at_or_under_the_quantile_of_the_reference_are_not_judged():
    reference = np.array([1.0, 2.0, 3.0, 4.0])  # three quarters of four pixels: 3
    unlike = np.array([9.0, 0, 0, 0])
    assert class_shares(reference, 0 * reference, reference) == pytest.approx([SURE, (1 - SURE) / 2, (1 - SURE) / 2])
    assert class_shares(reference, reference, 0 * reference) == pytest.approx([(1 - SURE) / 2, SURE, (1 - SURE) / 2])
    first = class_shares(reference, unlike, unlike)  # judged for its own error, though the input was right there
    assert first[2] > 0.4
    assert first.sum() == pytest.approx(1)


def test_a_change_where_the_input_is_right_is_hallucination():
    nothing, change = np.zeros((4, 4)), np.eye(4)
    assert class_shares(nothing, change, change).tolist() == [0, 0, 1]
    assert np.isnan(class_shares(nothing, nothing, nothing)).all()


def _case(seed):
    """A wavy picture, one of another contrast with noise, and the first shrunk: (96, 80, 3) twice and (24, 20, 3)."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:96, :80]
    waves = np.stack([120 + 80 * np.sin(x / (3 + c)) * np.cos(y / (4 + c)) for c in range(3)], axis=-1)
    truth = (waves + rng.normal(0, 8, waves.shape)).clip(0, 255).round().astype(np.uint8)
    output = (truth * 0.7 + 30 + rng.normal(0, 15, waves.shape)).clip(0, 255).round().astype(np.uint8)
    return truth, output, truth.reshape(24, 4, 20, 4, 3).mean((1, 3)).round().astype(np.uint8)


@pytest.mark.parametrize(
    ("seed", "expected"),
    [
        (0, (0.14002750555148638, 0.08887547677030692, 0.7710970176782068, 0.04745962078407751, 0.06548940726123746)),
        (1, (0.141187392287128, 0.08523458116180023, 0.7735780265510718, 0.048571572997688654, 0.06534498229698744)),
    ],
)
def test_numbers_are_those_of_opensr_test(seed, expected):
    """Of its version 1.3.3 with `correctness_distance="l1", harm_apply_spatial=False`, whose values are in [0, 1]."""
    found = judge(*_case(seed))
    names = ("improvement", "omission", "hallucination", "reflectance", "synthesis")
    scales = (1, 1, 1, 255, 255)
    assert [found[name] / scale for name, scale in zip(names, scales, strict=True)] == pytest.approx(expected, rel=1e-6)


def test_the_truth_the_input_and_invention_lead_in_their_classes():
    rng = np.random.default_rng(5)
    light = np.linspace(30, 220, 80)[None, :, None] + rng.normal(0, 12, (96, 80, 3))
    truth = light.clip(0, 255).round().astype(np.uint8)
    given = truth.reshape(24, 4, 20, 4, 3).mean((1, 3)).round().astype(np.uint8)
    small = torch.from_numpy(given).permute(2, 0, 1)[None].float()
    enlarged = interpolate(small, scale_factor=4, mode="bilinear")[0].permute(1, 2, 0).round().byte().numpy()
    invented = rng.permutation(truth.reshape(-1, 3)).reshape(truth.shape)
    for output, leads in ((truth, "improvement"), (enlarged, "omission"), (invented, "hallucination")):
        found = judge(truth, output, given)
        classes = {name: found[name] for name in ("improvement", "omission", "hallucination")}
        assert max(classes, key=classes.__getitem__) == leads
        assert sum(classes.values()) == pytest.approx(1)
    assert judge(truth, truth, given)["improvement"] == pytest.approx(SURE)


def test_constant_tiles_are_not_judged_and_borders_do_not_count():
    flat, given = np.full((48, 48, 3), 90, np.uint8), np.full((12, 12, 3), 90, np.uint8)
    found = judge(flat, flat, given)
    assert np.isnan(found["improvement"])
    assert (found["reflectance"], found["synthesis"]) == pytest.approx((0, 0), abs=1e-9)
    framed = flat.copy()
    framed[:16] = framed[-16:] = framed[:, :16] = framed[:, -16:] = 200
    assert judge(flat, framed, given)["reflectance"] == pytest.approx(0, abs=1e-9)
    assert judge(flat, flat + np.uint8(10), given)["reflectance"] == pytest.approx(10)


def _predictions():
    truth, output, _ = map(np.array, zip(*map(_case, range(10)), strict=True))
    return from_uint8(truth, output, TILES, TILES)


@pytest.mark.parametrize("degradation", ["bicubic", "telescope"])
def test_inputs_are_those_that_the_degradation_made_with_its_noise(degradation):
    predictions = _predictions()
    inputs = network_inputs(predictions.truth, degradation)
    assert inputs.shape == (10, 24, 20, 3)
    last = torch.from_numpy(predictions.truth[8:]).permute(0, 3, 1, 2)  # predictions are made of eight at a time
    given, _ = UpscaleConversion(degradation=degradation).batch(last)
    np.testing.assert_array_equal(inputs[8:], (255 * given).round().byte().permute(0, 2, 3, 1))
    measures, _ = measure(predictions, ["improvement"], degradation=degradation)
    expected = [
        judge(*each)["reflectance"] for each in zip(predictions.truth, predictions.rounded, inputs, strict=True)
    ]
    assert measures["reflectance"] == pytest.approx(expected)
    methods = evaluate(predictions, task="upscale", degradation=degradation).record["methods"]
    assert methods["improvement"].endswith(f"by the degradation {degradation}")


def test_tiles_that_are_too_small_or_do_not_divide_have_the_reason():
    for side, reason in ((32, "at least 36 x 36 px"), (42, "divisible by 4 px")):
        pictures = np.zeros((1, side, side, 3), np.uint8)
        measures, reasons = measure(from_uint8(pictures, pictures, TILES[:1], TILES[:1]), ["improvement", "omission"])
        assert reason in reasons["improvement"]
        assert reason in reasons["omission"]
        assert "omission" not in measures


def test_a_task_has_its_own_metrics_and_folders_without_one_have_all():
    predictions = _predictions()
    own = {name for name, metric in METRICS.items() if metric.tasks == ("upscale",)}
    assert {"flux_error", "completeness", "purity", "hallucination"} <= own
    colour = evaluate(predictions, task="colour")
    assert not own & colour.measures.keys()
    assert all(colour.record["values"][name] is None for name in own)
    assert colour.record["reasons"]["purity"] == "measured for the task upscale alone"
    assert "Flux error" not in summary(colour.record)
    assert "purity" not in summary(colour.record)
    for task in ("upscale", None):
        found = evaluate(predictions, task=task)
        assert found.record["values"]["hallucination"] > 0.5
        assert found.record["task"] == task
        assert "Flux error" in summary(found.record)
    with pytest.raises(AstroganError, match="'sharpen'; known are colour, upscale"):
        evaluate(predictions, task="sharpen")
