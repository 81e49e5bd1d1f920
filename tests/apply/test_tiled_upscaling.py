import numpy as np
import pytest
import torch
from PIL import Image

from astrogan.apply.frames import FrameOptions, open_frame
from astrogan.apply.tiled_upscaling import Upscaler, upscaled_strips
from astrogan.models.generators.back_projection import BackProjected
from astrogan.models.generators.edsr import EDSR
from astrogan.models.generators.srresnet import SRResNet
from astrogan.models.generators.wdsr import WDSR


def trained(network, seed=0):
    """Random weights, with running statistics and slopes as training leaves them: not those of a fresh network."""
    torch.manual_seed(seed)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.3)
            module.running_var.uniform_(0.5, 2)
    return Upscaler(network.eval())


def rgb_file(folder, height, width):
    values = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    Image.fromarray(values).save(folder / "x.png")
    return folder / "x.png", torch.from_numpy(values).permute(2, 0, 1)[None].float() / 255


def tiled(path, upscaler, tile):
    with open_frame(path) as frame:
        strips = list(upscaled_strips(frame, [upscaler], tile=tile))
    assert len(strips) == -(-frame.height // tile)
    return torch.from_numpy(np.concatenate([strip.image for strip in strips]))


@pytest.mark.parametrize("make", [SRResNet, EDSR, WDSR])
def test_the_whole_network_tiled_equals_the_whole_image_to_the_last_bit(tmp_path, make):
    upscaler = trained(make())
    path, low = rgb_file(tmp_path, 60, 97)
    whole = upscaler(low)[0].permute(1, 2, 0)
    assert (tiled(path, upscaler, 64) - whole).abs().max() == 0


@pytest.mark.parametrize("make", [SRResNet, EDSR, WDSR])
@pytest.mark.parametrize(("size", "tile"), [((132, 85), 64), ((98, 101), 24), ((57, 110), 16), ((30, 30), 77)])
def test_no_size_of_image_or_tile_makes_a_difference(tmp_path, make, size, tile):
    """Few blocks, so that the sizes lie on both sides of torch's thresholds for its own kernels."""
    upscaler = trained(make(blocks=2))
    path, low = rgb_file(tmp_path, *size)
    assert (tiled(path, upscaler, tile) - upscaler(low)[0].permute(1, 2, 0)).abs().max() == 0


@pytest.mark.parametrize("steps", [1, 2])
@pytest.mark.parametrize(("size", "tile"), [((98, 101), 24), ((57, 110), 16)])
def test_back_projection_makes_no_difference_either(tmp_path, size, tile, steps):
    upscaler = trained(BackProjected(EDSR(blocks=1), steps))
    path, low = rgb_file(tmp_path, *size)
    assert (tiled(path, upscaler, tile) - upscaler(low)[0].permute(1, 2, 0)).abs().max() == 0
    upscaler.radius -= 3
    assert (tiled(path, upscaler, tile) - upscaler(low)[0].permute(1, 2, 0)).abs().max() > 0


@pytest.mark.parametrize("make", [SRResNet, EDSR, WDSR])
def test_half_the_context_would_show(tmp_path, make):
    """So the equality is no accident of weights that hardly reach beyond their pixel."""
    upscaler = trained(make(blocks=2))
    path, low = rgb_file(tmp_path, 60, 64)
    upscaler.radius //= 2
    assert (tiled(path, upscaler, 24) - upscaler(low)[0].permute(1, 2, 0)).abs().max() > 0


def test_the_result_is_the_plain_networks(tmp_path):
    network = EDSR(blocks=1).eval()
    _, low = rgb_file(tmp_path, 20, 30)
    with torch.no_grad():
        plain = network(low)
    np.testing.assert_allclose(Upscaler(network)(low), plain, atol=1e-6)


def test_grey_goes_in_as_three_channels_and_comes_out_as_one(grey_png, upscale_model):
    upscaler = Upscaler(upscale_model.network)
    low = torch.from_numpy(np.array(Image.open(grey_png))).float()[None, None].expand(1, 3, -1, -1) / 255
    with open_frame(grey_png) as frame:
        (strip,) = upscaled_strips(frame, [upscaler])
    np.testing.assert_array_equal(strip.image, upscaler(low).mean(dim=1)[0])


def test_missing_pixels_become_blocks_and_the_sky_stands_in_for_them(fits_file, field, upscale_model):
    with open_frame(fits_file, FrameOptions(whole_range=True)) as frame:
        strips = list(upscaled_strips(frame, [Upscaler(upscale_model.network)], tile=16))
    assert strips[1].missing is None or not strips[1].missing.any()
    assert (strips[0].missing == np.isnan(field[:16]).repeat(4, 0).repeat(4, 1)).all()
    assert np.isfinite(np.concatenate([strip.image for strip in strips])).all()


def test_spread_is_tiled_exactly_too_and_zero_for_a_model_without_preference(tmp_path, upscale_model):
    upscaler = Upscaler(upscale_model.network)
    path, _ = rgb_file(tmp_path, 40, 50)

    def spread(tile, *upscalers):
        with open_frame(path) as frame:
            return np.concatenate([s.spread for s in upscaled_strips(frame, upscalers, True, tile=tile)])

    whole = spread(64, upscaler)
    assert whole.shape == (160, 200)
    assert whole.mean() > 1e-4
    np.testing.assert_allclose(spread(16, upscaler), whole, atol=1e-6)

    class Nearest(torch.nn.Module):
        scale, receptive_radius = 4, 0

        def forward(self, low):
            return low.repeat_interleave(4, -1).repeat_interleave(4, -2)

    assert spread(64, Upscaler(Nearest())).max() < 1e-6
    torch.manual_seed(1)
    other = Upscaler(EDSR(blocks=1, filters=4).eval())
    assert spread(64, upscaler, other).mean() > whole.mean()
