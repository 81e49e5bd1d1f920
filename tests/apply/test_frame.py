import numpy as np
import pytest
from astropy.visualization import AsinhStretch, ZScaleInterval

from astrogan.apply.frames.frame import FrameOptions, Stretch, choose_stretch
from astrogan.base import AstroganError

SKY = np.random.default_rng(0).normal(100, 4, 20_000)


def chosen(kind, extremes, **options):
    return choose_stretch(FrameOptions(stretch=kind, **options), SKY, extremes)


@pytest.mark.parametrize("kind", ["asinh", "linear", "zscale"])
def test_it_is_undone_exactly_within_its_limits(kind):
    stretch = chosen(kind, (-50.0, 60_000.0), whole_range=True)
    values = np.linspace(stretch.low, stretch.high, 10_001)
    shown = stretch.apply(values)
    assert shown[0] == 0
    assert shown[-1] == pytest.approx(1, abs=1e-15)
    assert (np.diff(shown) > 0).all()
    np.testing.assert_allclose(stretch.invert(shown), values, rtol=1e-12, atol=1e-9)


def test_asinh_from_black_is_astropys():
    stretch = Stretch("asinh", 10.0, 210.0, centre=10.0, softening=20.0)
    values = np.linspace(10, 210, 101)
    np.testing.assert_allclose(stretch.apply(values), AsinhStretch(a=0.1)((values - 10) / 200), atol=1e-12)


def test_zscale_takes_astropys_limits():
    stretch = chosen("zscale", (SKY.min(), SKY.max()), whole_range=False)
    assert (stretch.low, stretch.high) == ZScaleInterval().get_limits(SKY)


def test_limits_are_extremes_or_percentiles_or_as_given():
    assert chosen("linear", (1.0, 900.0), whole_range=True).high == 900
    assert chosen("linear", (1.0, 900.0), whole_range=False).high == np.percentile(SKY, 99.9)
    given = chosen("linear", (1.0, 900.0), whole_range=True, low=90.0, high=120.0)
    assert (given.low, given.high) == (90, 120)
    assert given.apply(np.array([0.0, 1e9])).tolist() == [0, 1]


def test_softening_is_three_sigma_of_the_sky():
    stretch = chosen("asinh", (0.0, 60_000.0), whole_range=True)
    assert stretch.softening == pytest.approx(12, rel=0.03)
    assert stretch.centre == pytest.approx(100, abs=0.2)


def test_limits_without_a_range_and_a_negative_softening_are_refused():
    with pytest.raises(AstroganError, match=r"no range.*--low below --high"):
        chosen("linear", (0.0, 1.0), whole_range=True, low=5.0, high=5.0)
    with pytest.raises(AstroganError, match="softening"):
        chosen("asinh", (0.0, 1.0), whole_range=True, softening=-1.0)
