import numpy as np
import pytest
import torch
from PIL import Image
from skimage.color import rgb2lab
from torch import nn

from astrogan.apply.colour_map import Painter, coloured_strips, predict_colour
from astrogan.apply.frames import FrameError, open_frame
from astrogan.apply.models.loaded import Model
from astrogan.apply.views import VIEWS, Spread, seen, unseen
from astrogan.models.config import NetworkConfig


class Constant(nn.Module):
    def forward(self, condition):
        return torch.tensor([0.1, -0.2]).view(1, 2, 1, 1).expand(len(condition), 2, *condition.shape[-2:])


class Pointwise(nn.Module):
    """ab that follow L pixel by pixel."""

    def forward(self, condition):
        return torch.cat([condition / 4, -condition / 8], dim=1)


class Corner(nn.Module):
    """Colour that depends on where in the tile a pixel is, not on what it shows."""

    def forward(self, condition):
        ramp = torch.linspace(0, 0.5, condition.shape[-1]).expand(condition.shape[-2:])
        return torch.stack([ramp, ramp]).expand(len(condition), -1, -1, -1)


@pytest.fixture
def painter(card):
    return lambda module, **values: Painter(Model(card(**values), module, ""))


@pytest.fixture(autouse=True)
def short_strips(monkeypatch):
    monkeypatch.setattr("astrogan.apply.frames.frame.STRIP_PX", 300)


def coloured(path, *painters, **options):
    with open_frame(path) as frame:
        colour = predict_colour(frame, painters, **options)
        parts = list(coloured_strips(frame, colour))
    spread = np.concatenate([part.spread for part in parts]) if parts[0].spread is not None else None
    return np.concatenate([part.image for part in parts]), colour, spread


@pytest.mark.parametrize("detail", [1, 2, 3])
def test_lightness_of_the_frame_is_kept_at_every_detail(grey_png, colour_model, detail):
    rgb, colour, _ = coloured(grey_png, Painter(colour_model), detail=detail)
    grey = np.asarray(Image.open(grey_png)) / 255
    assert np.abs(rgb2lab(rgb.astype(float)) - rgb2lab(np.repeat(grey[..., None], 3, -1)))[..., 0].max() < 1e-3
    assert max(colour.ab.shape) == 16 * detail
    assert np.abs(colour.ab).max() > 0.1


@pytest.mark.parametrize("detail", [1, 2, 3])
def test_blended_tiles_of_one_colour_are_that_colour(grey_png, detail, painter):
    _, colour, _ = coloured(grey_png, painter(Constant()), detail=detail)
    np.testing.assert_allclose(colour.ab, np.broadcast_to([11, -22], colour.ab.shape), atol=1e-4)


def test_blended_tiles_of_a_pointwise_model_are_the_whole_frames(grey_png, painter):
    """The windows sum to one and every tile lands where it was cut."""
    _, tiled, _ = coloured(grey_png, painter(Pointwise()), detail=2)
    _, whole, _ = coloured(grey_png, painter(Pointwise(), size=32), detail=1)
    np.testing.assert_allclose(tiled.ab, whole.ab, atol=1e-3)


def test_tiles_that_disagree_are_blended_without_a_step(tmp_path, painter):
    Image.fromarray(np.tile(np.arange(96, dtype=np.uint8), (96, 1))).save(tmp_path / "x.png")
    _, colour, _ = coloured(tmp_path / "x.png", painter(Corner(), size=32), detail=3)
    # one tile falls back from 55 to 0 where the next begins; blended, no step is as much as an eighth of that
    assert np.abs(np.diff(colour.ab[..., 0], axis=1)).max() < 55 / 8


def test_an_rgb_model_gives_the_colour_of_its_output(grey_png, painter):
    class Red(nn.Module):
        def forward(self, condition):
            return torch.tensor([0.9, 0.2, 0.1]).view(1, 3, 1, 1).expand(len(condition), 3, *condition.shape[-2:])

    network = NetworkConfig(space="rgb", grey="luma").model_dump()
    _, colour, _ = coloured(grey_png, painter(Red(), network=network))
    np.testing.assert_allclose(colour.ab[3, 3], rgb2lab(np.array([[[0.9, 0.2, 0.1]]]))[0, 0, 1:], atol=1e-2)


def test_the_input_of_a_lab_model_is_the_frames_lightness(grey_png, painter):
    class Keeps(nn.Module):
        def forward(self, condition):
            self.seen = condition.clone()
            return torch.zeros(len(condition), 2, *condition.shape[-2:])

    keeps = Keeps()
    coloured(grey_png, painter(keeps, size=64))
    small = np.asarray(Image.open(grey_png).convert("L"))
    level = rgb2lab(np.repeat(small[..., None] / 255, 3, -1))[..., 0].astype(np.float32)
    wanted = np.asarray(Image.fromarray(level).resize((64, 44), Image.Resampling.BILINEAR))
    np.testing.assert_allclose(keeps.seen[0, 0, :44] * 50 + 50, wanted, atol=2e-2)


def test_an_rgb_frame_gives_its_lightness(tmp_path, colour_model):
    values = np.random.default_rng(0).integers(0, 256, (20, 24, 3), dtype=np.uint8)
    Image.fromarray(values).save(tmp_path / "x.png")
    rgb, _, _ = coloured(tmp_path / "x.png", Painter(colour_model))
    assert np.abs(rgb2lab(rgb.astype(float)) - rgb2lab(values / 255))[..., 0].max() < 1e-3


def test_spread_is_zero_where_every_view_agrees_and_not_where_they_differ(grey_png, painter):
    _, _, none = coloured(grey_png, painter(Pointwise()), uncertainty=True)
    assert none.max() < 1e-3
    _, _, some = coloured(grey_png, painter(Corner()), uncertainty=True)
    assert some.mean() > 5
    assert some.shape == (30, 44)


def test_spread_grows_with_seeds_that_disagree(grey_png, painter):
    class Other(nn.Module):
        def forward(self, condition):
            return -Constant()(condition)

    _, _, spread = coloured(grey_png, painter(Constant()), painter(Other(), seed=1), uncertainty=True)
    # half of the samples at (11, -22), half at (-11, 22)
    np.testing.assert_allclose(spread, np.hypot(11, 22), rtol=1e-4)


def test_spread_is_numpys(grey_png):
    samples = torch.from_numpy(np.random.default_rng(0).normal(5, 2, (8, 2, 4, 5)))
    spread = Spread()
    for sample in samples:
        spread.add(sample)
    np.testing.assert_allclose(spread.deviation(), np.sqrt(samples.numpy().var(axis=0).sum(axis=0)))


def test_views_are_eight_and_undone():
    image = torch.arange(12.0).reshape(1, 3, 4)
    views = [seen(image, view) for view in range(VIEWS)]
    assert len({(tuple(v.shape), tuple(v.flatten().tolist())) for v in views}) == 8
    assert all(torch.equal(unseen(v, view), image) for view, v in enumerate(views))


def test_a_detail_that_is_not_offered_is_refused(grey_png, colour_model):
    with pytest.raises(FrameError, match="--detail from 1 to 16"):
        coloured(grey_png, Painter(colour_model), detail=17)
