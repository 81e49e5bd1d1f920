import numpy as np
import pytest
from PIL import Image

from astrogan.apply.resample import Enlarged, Shrunk, cubic, weights

PLANE = np.random.default_rng(0).random((50, 71)).astype(np.float32)


def pillow(plane, size, method):
    return np.asarray(Image.fromarray(plane).resize((size[1], size[0]), method))


@pytest.mark.parametrize("size", [(13, 17), (50, 71), (64, 90)])
def test_shrinking_in_strips_is_pillows_bilinear(size):
    small = Shrunk(PLANE.shape, size)
    for start in range(0, 50, 16):
        small.add(start, PLANE[start : start + 16])
    # Pillow rounds its weights to 22 bits or so
    np.testing.assert_allclose(small.plane, pillow(PLANE, size, Image.Resampling.BILINEAR), atol=1e-5)


def test_enlarging_in_strips_is_pillows_bicubic():
    both = np.stack([PLANE, 1 - PLANE], axis=-1)
    large = Enlarged(both, (173, 240))
    found = np.concatenate([large.rows(start, min(start + 50, 173)) for start in range(0, 173, 50)])
    for channel in range(2):
        wanted = pillow(np.ascontiguousarray(both[..., channel]), (173, 240), Image.Resampling.BICUBIC)
        np.testing.assert_allclose(found[..., channel], wanted, atol=1e-5)


def test_rows_of_weights_sum_to_one():
    np.testing.assert_allclose(weights(1000, 7).sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(weights(1, 9, cubic).toarray(), np.ones((9, 1)))
