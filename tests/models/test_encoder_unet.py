import pytest
import torch

from astrogan.models.efficientnet_lite import EfficientNetLite0
from astrogan.models.encoders import ENCODERS, build_encoder, folded_norms
from astrogan.models.generators.encoder_unet import EncoderUnet
from astrogan.models.weights import load, resolve


def unet(size=256, n_out=2, encoder="resnet18", weights=None):
    return EncoderUnet(build_encoder(encoder, weights), n_out, size)


def count(module):
    return sum(p.numel() for p in module.parameters())


def test_parameters_are_the_authors():
    assert count(unet(size=256, n_out=2)) == 31_099_672
    assert count(build_encoder("resnet18", None)) == 11_170_240


def test_the_short_encoder_makes_a_network_that_can_be_shipped():
    """In 16-bit floats under 5 MB."""
    assert 2 * count(unet(128, 2, "mobilenet_v2_stride16")) < 2.5e6
    short, whole = (build_encoder(name, None) for name in ("mobilenet_v2_stride16", "mobilenet_v2"))
    assert short.eval()(torch.zeros(1, 1, 64, 64)).shape == (1, 96, 4, 4)
    assert set(short.state_dict()) < set(whole.state_dict())


@pytest.mark.parametrize(("encoder", "n_out"), [("resnet18", 3), *((encoder, 2) for encoder in ENCODERS)])
def test_output_has_the_inputs_size_and_every_part_a_gradient(encoder, n_out):
    torch.manual_seed(0)
    network = unet(64, n_out, encoder)
    output = network(torch.randn(2, 1, 64, 64))
    assert output.shape == (2, n_out, 64, 64)
    assert type(output) is torch.Tensor
    output.square().mean().backward()
    assert all(p.grad is not None for p in network.parameters())


def test_train_and_eval_reach_every_layer():
    network = unet(64)
    assert all(module.training for module in network.modules())
    network.eval()
    assert not any(module.training for module in network.modules())


def test_the_stems_filters_are_summed():
    torch.manual_seed(0)
    import torchvision

    weights = torchvision.models.resnet18(weights=None).state_dict()
    body = build_encoder("resnet18", weights)
    torch.testing.assert_close(body[0].weight, weights["conv1.weight"].sum(dim=1, keepdim=True))


@pytest.mark.parametrize(
    ("name", "channels", "stride"), [("efficientnet_lite0", 320, 32), ("efficientnet_lite0_stride16", 112, 16)]
)
def test_the_weights_that_a_dependency_ships_see_grey_as_they_would_in_colour(name, channels, stride, monkeypatch):
    """Offline and with nothing at hand: the summed filters give of grey what the network gives of three equal channels."""
    monkeypatch.delenv("ASTROGAN_WEIGHTS", raising=False)
    weights = load(resolve("efficientnet_lite0", offline=True))
    whole = EfficientNetLite0()
    whole.load_state_dict(weights)
    body, grey = build_encoder(name, weights).eval(), torch.rand(1, 1, 64, 96)
    found = body(grey)
    assert found.shape == (1, channels, 64 // stride, 96 // stride)
    torch.testing.assert_close(
        found, whole.eval().features[: len(body)](grey.expand(-1, 3, -1, -1)), rtol=1e-3, atol=1e-4
    )
    assert found.std() > 0.1
    assert folded_norms(body) == []


def test_folded_norms_stay_in_eval_mode_and_features_do_not_change():
    torch.manual_seed(0)
    import torchvision

    weights = torchvision.models.mobilenet_v2(weights=None).state_dict()
    for name in weights:
        if name.endswith(".bias"):
            weights[name] = torch.randn_like(weights[name])
    network = unet(64, 2, "mobilenet_v2", weights)
    assert len(network.frozen_norms) == len(folded_norms(network.layers[0])) > 0
    grey = torch.randn(2, 1, 64, 64)
    encoder = network.layers[0]
    in_eval = network.eval().layers[0](grey)
    in_train = network.train().layers[0](grey)
    torch.testing.assert_close(in_train, in_eval)
    # The same network restored from a checkpoint, without the published weights, knows it too.
    restored = unet(64, 2, "mobilenet_v2")
    assert restored.frozen_norms == []
    restored.load_state_dict(network.state_dict())
    assert len(restored.frozen_norms) == len(folded_norms(encoder))


def test_a_fresh_encoder_has_no_folded_norms():
    assert folded_norms(build_encoder("mobilenet_v2", None)) == []
