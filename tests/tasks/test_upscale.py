import numpy as np
import torch

from astrogan.data.degradation import degrade
from astrogan.tasks.upscale import UpscaleConversion

PIXELS = torch.randint(0, 256, (8, 3, 16, 16), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


def test_input_and_target_are_rgb_in_zero_to_one():
    condition, target = UpscaleConversion().batch(PIXELS)
    torch.testing.assert_close(target, PIXELS / 255)
    assert condition.shape == (8, 3, 4, 4)
    # a stored frame: on the grid of 8 bit
    torch.testing.assert_close((condition * 255).round(), condition * 255, atol=1e-4, rtol=0)
    assert torch.equal((condition * 255).round().to(torch.uint8), degrade(PIXELS))


def test_the_eight_views_are_those_of_a_square():
    """Each view is one of NumPy's, all differ, and the input is made from the view, not turned after."""
    same = PIXELS[:1].expand(8, -1, -1, -1)
    condition, target = UpscaleConversion().batch(same, torch.arange(8, dtype=torch.uint8))
    image = np.moveaxis(PIXELS[0].numpy(), 0, -1)
    wanted = [np.rot90(side, k) for side in (image, image[:, ::-1]) for k in range(4)]
    seen = [np.moveaxis((view * 255).round().to(torch.uint8).numpy(), 0, -1) for view in target]
    matches = [[np.array_equal(view, expected) for expected in wanted] for view in seen]
    assert sorted(row.index(True) for row in matches) == list(range(8))
    np.testing.assert_array_equal(seen[0], image)
    np.testing.assert_array_equal(seen[1], image[:, ::-1])
    np.testing.assert_array_equal(seen[2], image[::-1])
    np.testing.assert_array_equal(seen[4], image.transpose(1, 0, 2))
    torch.testing.assert_close(condition, degrade(target))


def test_noise_is_the_same_in_each_evaluation_and_new_in_each_batch_of_training():
    conversion, flips = UpscaleConversion(degradation="telescope"), torch.zeros(8, dtype=torch.uint8)
    assert torch.equal(conversion.batch(PIXELS)[0], conversion.batch(PIXELS)[0])
    torch.manual_seed(1)
    first, second = (conversion.batch(PIXELS, flips)[0] for _ in range(2))
    assert not torch.equal(first, second)
    torch.manual_seed(1)
    assert torch.equal(conversion.batch(PIXELS, flips)[0], first)


def test_evaluation_leaves_the_random_state_alone():
    torch.manual_seed(1)
    before = torch.get_rng_state()
    UpscaleConversion(degradation="telescope").batch(PIXELS)
    assert torch.equal(torch.get_rng_state(), before)


def test_the_input_is_shown_as_squares():
    conversion = UpscaleConversion()
    condition, _ = conversion.batch(PIXELS)
    shown = conversion.input_rgb(condition)
    assert shown.shape == PIXELS.shape
    assert torch.equal(shown[..., ::4, ::4], condition)
    assert torch.equal(shown[..., 3::4, 3::4], condition)


def test_output_is_not_clipped():
    assert UpscaleConversion().to_rgb(torch.zeros(1, 3, 1, 1), torch.full((1, 3, 4, 4), 1.5)).max() == 1.5
