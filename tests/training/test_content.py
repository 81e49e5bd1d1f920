import pytest
import torch
import torchvision.models as tv
from torchvision.models.vgg import cfgs, make_layers
from torchvision.transforms.functional import normalize

from astrogan.base import AstroganError
from astrogan.models.weights import nothing_at_hand
from astrogan.training.losses import LOSSES, build_losses
from astrogan.training.losses.content import CONTENT, ContentLoss


@pytest.fixture(scope="module")
def weights() -> dict[str, dict[str, torch.Tensor]]:
    torch.manual_seed(0)
    vgg19 = {f"features.{key}": value for key, value in make_layers(cfgs["E"]).state_dict().items()}
    hed = {f"features.{key}": value for key, value in make_layers(cfgs["D"]).state_dict().items()}
    return {
        "vgg19": vgg19,
        "vgg16_hed_block3": hed,
        "vgg16_hed_block4": hed,
        "squeezenet": tv.squeezenet1_1(weights=None).state_dict(),
        "mobilenet_v2": tv.mobilenet_v2(weights=None).state_dict(),
    }


@pytest.mark.parametrize(
    ("name", "shape"), [("vgg19", (512, 6, 6)), ("squeezenet", (512, 5, 5)), ("mobilenet_v2", (96, 6, 6))]
)
def test_features_at_stride_16_of_the_normalised_image(weights, name, shape):
    network = ContentLoss(name, weights[name])
    image = torch.rand(2, 3, 96, 96)
    with torch.no_grad():
        features = network.content(image)
        direct = network.features(normalize(image, mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225]))
    assert features.shape == (2, *shape)
    assert torch.allclose(features * CONTENT[name].divisor, direct, rtol=1e-4, atol=1e-6)


def test_vgg19_is_cut_after_the_relu_of_the_last_convolution(weights):
    features = ContentLoss("vgg19", weights["vgg19"]).features
    assert sum(isinstance(layer, torch.nn.Conv2d) for layer in features) == 16
    assert isinstance(features[-1], torch.nn.ReLU)
    assert CONTENT["vgg19"].divisor == 12.75


@pytest.mark.parametrize(
    ("name", "convolutions", "shape"), [("vgg16_hed_block3", 7, (256, 24, 24)), ("vgg16_hed_block4", 10, (512, 12, 12))]
)
def test_heds_vgg_16_sees_bgr_without_its_mean_and_is_cut_after_the_relu_of_a_block(weights, name, convolutions, shape):
    network, image = ContentLoss(name, weights[name]), torch.rand(2, 3, 96, 96)
    assert sum(isinstance(layer, torch.nn.Conv2d) for layer in network.features) == convolutions
    assert isinstance(network.features[-1], torch.nn.ReLU)
    with torch.no_grad():
        blue, green, red = (255 * image[:, channel] for channel in (2, 1, 0))
        seen = torch.stack([blue - 103.939, green - 116.779, red - 123.68], dim=1)
        torch.testing.assert_close(
            network.content(image) * CONTENT[name].divisor, network.features(seen), rtol=1e-3, atol=1e-3
        )
        assert network.content(image).shape == (2, *shape)


@pytest.mark.parametrize("name", [*CONTENT, "pixel"])
def test_gradient_goes_to_the_image_and_nowhere_else(weights, name):
    loss = ContentLoss(name, weights[name]) if name in CONTENT else LOSSES[name].function
    output = torch.rand(1, 3, 64, 64, requires_grad=True)
    loss(output, torch.rand(1, 3, 64, 64)).backward()
    assert output.grad.abs().max() > 0
    assert name == "pixel" or not any(p.requires_grad for p in loss.parameters())
    assert loss(output, output.detach()).item() == 0


@pytest.mark.parametrize("name", CONTENT)
def test_the_loss_is_the_mean_squared_difference_of_the_features(weights, name):
    loss = ContentLoss(name, weights[name])
    output, truth = torch.rand(2, 3, 64, 64), torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        expected = (loss.content(output) - loss.content(truth)).square().mean()
        torch.testing.assert_close(loss(output, truth), expected)


def test_statistics_stay_as_they_are(weights):
    network = ContentLoss("mobilenet_v2", weights["mobilenet_v2"])
    network.train()
    before = {key: value.clone() for key, value in network.state_dict().items()}
    network(torch.rand(2, 3, 64, 64), torch.rand(2, 3, 64, 64))
    assert not any(module.training for module in network.modules())
    assert all(torch.equal(before[key], value) for key, value in network.state_dict().items())


def test_pixel_is_the_image_in_minus_one_to_one():
    """Ledig et al.'s MSE on [-1, 1] is four times that on [0, 1]."""
    output, truth = torch.rand(1, 3, 4, 4), torch.rand(1, 3, 4, 4)
    expected = 4 * (output - truth).square().mean().item()
    assert LOSSES["pixel"].function(output, truth).item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("name", ["vgg19", "squeezenet", "mobilenet_v2"])
def test_missing_weights_are_refused_with_the_choices(name):
    with pytest.raises(
        AstroganError, match=rf"'{name}'.*gone.*ASTROGAN_WEIGHTS.*vgg19, squeezenet.*; 'pixel' needs no"
    ):
        build_losses([name], nothing_at_hand("gone"))


def test_wrong_weights_are_refused(weights):
    with pytest.raises(AstroganError, match="do not fit"):
        ContentLoss("vgg19", weights["squeezenet"])
