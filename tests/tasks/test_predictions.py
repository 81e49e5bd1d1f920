import errno

import numpy as np
import pytest
from skimage.color import lab2rgb, rgb2lab

from astrogan.base import AstroganError
from astrogan.tasks import predictions as module
from astrogan.tasks.predictions import ab_of, from_lab, from_rgb, from_uint8, grey, load_predictions

NAMES = {"observation": np.array(["m31", "m31", "m33"]), "tile": np.array(["a", "b", "c"])}


@pytest.fixture
def truth():
    return np.random.default_rng(0).integers(0, 256, (3, 8, 10, 3), dtype=np.uint8)


def test_lab_predictions_keep_the_true_lightness_and_agree_with_scikit_image(truth):
    ab = np.random.default_rng(1).normal(0, 20, (3, 8, 10, 2)).astype(np.float32)
    made = from_lab(truth, ab, **NAMES)
    expected = lab2rgb(np.concatenate([rgb2lab(truth)[..., :1], ab], axis=-1))
    # one grey level where float32 falls on the other side of a rounding boundary
    assert np.abs(made.rounded - 255 * expected).max() < 0.51
    assert np.abs(made.floor + 0.5 - 255 * expected).max() < 0.51
    assert (made.ab == ab).all()
    assert made.size == (8, 10)
    assert len(made) == 3


def test_the_true_ab_gives_the_truth_back(truth):
    made = from_lab(truth, ab_of(truth), **NAMES)
    assert (made.rounded == truth).all()
    # floor loses at most the one level that float32 puts just below the integer
    assert set(np.unique(truth.astype(int) - made.floor)) <= {0, 1}


def test_rgb_predictions_are_not_clipped_before_the_floor(truth):
    rgb = np.full(truth.shape, 0.5)
    rgb[0, 0, 0] = [-0.001, 1.2, 0.999]
    made = from_rgb(truth, rgb, **NAMES)
    assert made.floor[0, 0, 0].tolist() == [-1, 306, 254]
    assert made.rounded[0, 0, 0].tolist() == [0, 255, 255]
    assert made.floor[1, 0, 0].tolist() == [127] * 3
    assert made.rounded[1, 0, 0].tolist() == [128] * 3
    assert made.unclipped_wrap == pytest.approx(2 / truth.size)
    np.testing.assert_allclose(made.ab, rgb2lab(made.rounded)[..., 1:], atol=1e-4)


def test_grey_has_equal_channels(truth):
    made = grey(truth, **NAMES)
    assert np.ptp(made.rounded.astype(int), axis=-1).max() <= 1
    assert not made.ab.any()


def test_saving_and_loading_is_exact(truth, tmp_path):
    made = from_uint8(truth, truth[::-1].copy(), **NAMES)
    loaded = load_predictions(made.save(tmp_path / "row.npz"))
    for name in ("truth", "floor", "rounded", "ab", "observation", "tile"):
        assert (getattr(loaded, name) == getattr(made, name)).all()
        assert getattr(loaded, name).dtype == getattr(made, name).dtype


def test_taken_tiles_stand_in_the_order_asked_for(truth):
    made = from_uint8(truth, truth[::-1].copy(), **NAMES)
    some = made.take([2, 0])
    assert some.tile.tolist() == ["c", "a"]
    for name in ("truth", "floor", "rounded", "ab", "observation"):
        assert (getattr(some, name) == np.stack([getattr(made, name)[2], getattr(made, name)[0]])).all()
    some.rounded[:] = 0
    assert made.rounded.any()  # a copy
    with pytest.raises(AstroganError, match="repeat"):
        made.take([1, 1])
    with pytest.raises(AstroganError, match="N >= 1"):
        made.take([])


@pytest.mark.parametrize("shape", [(2, 8, 10, 3), (3, 8, 9, 3), (3, 8, 10, 4)])
def test_predictions_of_another_size_or_count_are_refused(truth, shape):
    with pytest.raises(AstroganError, match=r"\(3, 8, 10, 3\)"):
        from_rgb(truth, np.zeros(shape), **NAMES)


def test_repeated_tiles_missing_names_and_wrong_truth_are_refused(truth):
    with pytest.raises(AstroganError, match="repeat"):
        grey(truth, NAMES["observation"], np.array(["a", "a", "c"]))
    with pytest.raises(AstroganError, match="'tile'"):
        grey(truth, NAMES["observation"], np.array(["a"]))
    with pytest.raises(AstroganError, match="uint8"):
        grey(truth / 255, **NAMES)


@pytest.mark.parametrize(("value", "message"), [(np.nan, "NaN"), (300.0, "scaled")])
def test_diverged_outputs_are_refused(truth, value, message):
    with pytest.raises(AstroganError, match=message):
        from_rgb(truth, np.full(truth.shape, value), **NAMES)


def test_damaged_files_are_named(truth, tmp_path):
    path = tmp_path / "row.npz"
    with pytest.raises(AstroganError, match=r"row\.npz does not exist"):
        load_predictions(path)
    grey(truth, **NAMES).save(path)
    whole = path.read_bytes()
    for content in (b"", b"not an archive", whole[: len(whole) // 2]):
        path.write_bytes(content)
        with pytest.raises(AstroganError, match=r"row\.npz cannot be read"):
            load_predictions(path)
    np.savez(path, truth=truth)
    with pytest.raises(AstroganError, match="lacks floor, rounded"):
        load_predictions(path)


def test_a_full_disk_leaves_the_old_file(truth, tmp_path, monkeypatch):
    path = tmp_path / "row.npz"
    grey(truth, **NAMES).save(path)
    before = path.read_bytes()

    def full(*_args, **_arrays):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module.np, "savez", full)
    with pytest.raises(AstroganError, match="No space left"):
        from_uint8(truth, truth, **NAMES).save(path)
    assert path.read_bytes() == before
